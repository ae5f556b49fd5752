"""The exercise next_token_loss: what must hold, and what each mistake looks like."""

import warnings

import numpy as np
import tensorflow as tf
from keras import ops

from utils.checks.a_decoder_alone.loss_mistakes import MISTAKES
from utils.checks.frame import Exercise, Property, case, register
from utils.checks.inputs import normal
from utils.layers.language_model import next_token_loss

NO_GRADIENT = "no gradient"


def _slope(answer, token_ids, logits):
    """The loss and its gradient by the logits; in words where none comes back."""
    logits = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = answer(token_ids, logits)
    if not tf.is_tensor(loss) or (slope := tape.gradient(loss, logits)) is None:
        return NO_GRADIENT
    return ops.convert_to_numpy(loss), slope.numpy()


def _or_none(result, token_ids, logits):
    """Loss and gradient; where nothing is foretold, in words whether the gradient is NaN. It may be none at all."""
    if token_ids.any():
        return result
    return "NaN" if isinstance(result, tuple) and np.isnan(result[1]).any() else "no NaN"


def _broken(answer, token_ids, logits):
    """The loss of logits that are NaN."""
    try:
        return np.asarray(answer(token_ids, logits))
    except NotImplementedError:
        raise  # not started
    except Exception:  # noqa: BLE001 - it may refuse them
        return np.float32(np.nan)


def _hushed_up(result, *_, **__):
    """What became of it, in words."""
    return "a number" if np.isfinite(result).all() else "NaN"


def _aloud(answer, token_ids, logits):
    """The loss; in words, if Keras found that it was given a softmax's shares and took the logits instead."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        loss = answer(token_ids, logits)
    return RESCUED if any("does not represent logits" in str(w.message) for w in said) else loss


def _compiled(answer, token_ids, logits):
    """Two losses as the compiled training step takes them, where the ids have no numbers yet; or words."""
    step = tf.function(lambda ids, x: answer(ids, x), autograph=False)
    try:
        loss, other = (step(tf.constant(token_ids), tf.constant(x)) for x in (logits, 2 * logits))
    except tf.errors.OperatorNotAllowedInGraphError:
        return COMPILED  # an `if` or a loop over a tensor: the lesson's step reads it, where it may write files
    except (NotImplementedError, AttributeError, TypeError, ValueError) as error:
        if not error.args:
            raise  # not started
        return NOT_COMPILED
    if loss is None:
        return None
    return (loss, other) if tf.is_tensor(loss) else NOT_COMPILED


def _whether_compiled(losses, token_ids, logits):
    """In words; what the losses are is not asked, but that they are some."""
    if losses is None or isinstance(losses, str):
        return losses
    return "the same loss, whatever is given" if np.array_equal(*losses, equal_nan=True) else COMPILED


def _by_places(answer, token_ids, logits):
    """Of each text of two tokens alone."""
    losses = [answer(token_ids[n : n + 1], logits[n : n + 1]) for n in range(len(token_ids))]
    if any(loss is None for loss in losses):
        raise TypeError("nothing came back")
    return np.stack([ops.convert_to_numpy(x) if ops.is_tensor(x) else np.asarray(x) for x in losses])


def _or_cut_off(result, token_ids, logits):
    """The losses; in words where all beyond a certain one are the same, or of a longer text whether it is finite."""
    if result.dtype.kind != "f" or result.shape != token_ids.shape[:1]:
        return result
    if token_ids.shape[1] > 2:
        return "finite" if np.isfinite(result).all() else "not finite"
    right = np.log(np.exp(logits[:, 0] - logits[:, 0].max(-1, keepdims=True)).sum(-1)) + logits[:, 0].max(-1)
    right = right - np.take_along_axis(logits[:, 0], token_ids[:, 1:], axis=-1)[:, 0]
    below = (result < right + 1e-2).all() and np.abs(result[0] - right[0]) < 0.1
    return CUT_OFF if np.isfinite(result).all() and below and result[-1] - result[-2] < 1 else result


def _large(rng):
    """Texts of two tokens, the second ever unlikelier, with scores of which exp would overflow."""
    ids = rng.permuted(np.tile(np.arange(1, 5), (8, 1)), axis=1)[:, :2].astype("int32")
    logits = np.tile(normal(rng, 1, 2, 5) / 4, (8, 1, 1)).astype("float32")
    sizes = (np.array([0.5, 4, 12, 30, 60, 150, 400, 800]) * rng.uniform(0.95, 1.05, 8))[:, None]
    np.put_along_axis(logits[:, 0], ids[:, 1:], (-sizes / 2).astype("float32"), axis=-1)
    np.put_along_axis(logits[:, 0], ids[:, :1], (sizes / 2).astype("float32"), axis=-1)
    return case(ids, logits)


def _unlike(rng):
    """A text of three tokens whose places have scores of very different sizes."""
    sizes = np.array([0, 200, 0], "float32")[:, None]
    return case(rng.integers(1, 5, (1, 3)).astype("int32"), (normal(rng, 1, 3, 5) + sizes).astype("float32"))


RESCUED = "a softmax before from_logits=True"
COMPILED = "it can be compiled"
NOT_COMPILED = "it asks for numbers that are not there yet"
CUT_OFF = "beyond a certain one, all losses are the same"


def _texts(rng, *shape, V=7, padding=0, pad=0):
    ids = rng.integers(1, V, shape).astype("int32")
    ids[ids == pad] = (pad + 1) % V
    if padding:
        ids[-1, -padding:] = pad
    if pad:
        ids[0, 1:5] = 0, 0, pad - 1, pad + 1  # tokens like any other then
    return ids


register(
    Exercise(
        name="next_token_loss",
        notebook="16_a_decoder_alone",
        reference=next_token_loss,
        properties=(
            Property(
                "each place foretells the token after it",
                2,
                lambda rng: [
                    case(_texts(rng, 1, 3, V=4), normal(rng, 1, 3, 4)),
                    case(_texts(rng, 2, 5), 2 * normal(rng, 2, 5, 7)),
                ],
                run=_aloud,
                tolerance=1e-5,  # or a little too small a loss would pass for one that is cut off
            ),
            Property(
                "nobody is asked for padding",
                1,
                lambda rng: [
                    case(_texts(rng, 3, 6, padding=3), 2 * normal(rng, 3, 6, 7)),
                    case(_texts(rng, 2, 5, padding=2, pad=4), 2 * normal(rng, 2, 5, 7), pad_id=4),
                    case(np.zeros((2, 4), "int32"), normal(rng, 2, 4, 7)),
                ],
            ),
            Property(
                "a gradient finds its way back to the logits",
                1,
                lambda rng: [
                    case(_texts(rng, 2, 4, padding=1), normal(rng, 2, 4, 7)),
                    case(np.zeros((2, 4), "int32"), normal(rng, 2, 4, 7)),
                ],
                run=_slope,
                read=_or_none,
            ),
            Property(
                "scores of any size",
                1,
                lambda rng: [_large(rng), _unlike(rng)],
                run=_by_places,
                read=_or_cut_off,
            ),
            Property(
                "compiled, as in training",
                1,
                lambda rng: [case(_texts(rng, 2, 4, padding=1), normal(rng, 2, 4, 7))],
                run=_compiled,
                read=_whether_compiled,
            ),
            Property(
                "NaN stays NaN",
                1,
                lambda rng: [
                    case(_texts(rng, 2, 3), np.full((2, 3, 7), np.nan, "float32")),
                    case(_texts(rng, 2, 3), normal(rng, 2, 3, 7)),
                ],
                run=_broken,
                read=_hushed_up,
            ),
        ),
        mistakes=MISTAKES,
        hints=(
            "Which score belongs to which token? Write a text of four tokens down, and below each place what it is "
            "asked for. The last place is asked for nothing.",
            "following = token_ids[:, 1:] is what is asked for, logits[:, :-1] are the scores for it. "
            "ops.log_softmax makes log-probabilities, and ops.take_along_axis picks one in each row of V.",
            "Picking along V leaves an axis of length 1. Then a mask of those asked, a sum and a number, "
            "which may be 0.",
        ),
    )
)
