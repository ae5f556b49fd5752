"""The exercise MultiHeadAttention: what must hold, and what each mistake looks like."""

import functools

import keras
import numpy as np
from keras import ops

from utils.checks.frame import Exercise, Property, case, register
from utils.checks.in_numpy import Projections, attended, layer_with, projected, split_heads, unchanged, weighed
from utils.checks.inputs import normal, random_mask
from utils.checks.multi_head_attention.mistakes import MISTAKES
from utils.checks.multi_head_attention.shared import (
    IN_NUMPY,
    NO_DICE,
    NO_GRADIENT,
    NO_NUMBERS,
    with_unknown_batch,
)
from utils.checks.multi_head_attention.variant import variant
from utils.layers.attention import MultiHeadAttention


def _with_weights(answer, inputs, draw, **arguments):
    """A layer of the answer's class for inputs of these widths; lengths do not matter, so that few are built."""
    return layer_with(answer, tuple((None, None, x.shape[-1]) for x in inputs if x is not None), draw, **arguments)


def _weights(seed, *shapes):
    rng = np.random.default_rng(seed)
    return [normal(rng, *shape) * np.float32(0.8 if len(shape) == 3 else 1.0) for shape in shapes]


def _made(answer, query, value, key, seed, **arguments):
    """A layer of the answer's class, with weights drawn from a seed: biases too, and none of them small."""

    def draw(weights):
        return _weights(seed, *(w.shape for w in weights))

    return _with_weights(answer, (query, value, key), draw, **arguments)


def _output(answer, query, value, key=None, attention_mask=None, seed=0, **arguments):
    options = {"attention_mask": attention_mask, "key": key}
    layer = _made(answer, query, value, key, seed, **arguments)
    result = layer(query, value, **{name: o for name, o in options.items() if o is not None})
    alone = isinstance(result, (tuple, list)) and len(result) == 1
    return (*result, "in a list of its own") if alone else result


def _where_seen(answer, query, value, attention_mask, **arguments):
    """The output; words that may look nowhere count as 0, as long as they are numbers."""
    output = _output(answer, query, value, attention_mask=attention_mask, **arguments)
    if isinstance(output, (tuple, list)) or attention_mask.ndim != 3:
        return output
    output = np.array(ops.convert_to_numpy(output))
    nowhere = np.broadcast_to(~attention_mask.any(axis=-1), output.shape[:2])
    output[nowhere & np.isfinite(output).all(axis=-1)] = 0
    return output


def _with_scores(answer, query, value, key=None, attention_mask=None, seed=0, **arguments):
    layer = _made(answer, query, value, key, seed, **arguments)
    options = {"attention_mask": attention_mask, "return_attention_scores": True}
    return layer(query, value, key, **options)


def _while_built(answer, query, value, attention_mask=None, seed=0, **arguments):
    layer = _made(answer, query, value, None, seed, **arguments)
    if arguments.get("dropout"):
        return _dropped_anew(layer, query, value)
    if not isinstance(layer, keras.layers.Layer):
        lacked = "" if layer.lacked == NO_DICE else layer.lacked
        return lacked or layer(query, value, attention_mask=attention_mask)
    result = with_unknown_batch(lambda q, v, m: layer(q, v, attention_mask=m), query, value, attention_mask)
    if isinstance(result, str):
        return NO_NUMBERS if result == IN_NUMPY else result
    return result if _learns(layer, query, value, attention_mask) else NO_GRADIENT


def _learns(layer, query, value, attention_mask) -> bool:
    """Whether a gradient flows back to query and value and to all weights."""
    import tensorflow as tf

    inputs = tf.constant(query), tf.constant(value)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        total = tf.reduce_sum(layer(*inputs, attention_mask=attention_mask))
    gradients = tape.gradient(total, [*inputs, *(w.value for w in layer.trainable_weights)])
    return all(g is not None and np.any(g) for g in gradients)


def _dropped_anew(layer, query, value):
    """In words whether a compiled layer drops other weights at each call."""
    anew, pair, pairs = "other weights are dropped at each call", "a pair, though the scores were not asked for", []
    if not isinstance(layer, keras.layers.Layer):
        if isinstance(layer(query, value, training=True), (tuple, list)):
            return pair
        return NO_DICE if layer.lacked and layer.lacked != NO_GRADIENT else anew
    keras.random.uniform(())  # makes Keras' own generator, which cannot be made while a function is compiled

    def trained(q, v):
        result = layer(q, v, training=True)
        pairs.append(isinstance(result, (tuple, list)))
        return result[0] if pairs[-1] else result

    results = with_unknown_batch(trained, query, value, times=2)
    if any(pairs):
        return pair
    return NO_DICE if isinstance(results, str) or np.allclose(*results) else anew


def _self_cases(rng):
    plain = {"use_bias": False}
    small, wide, long = normal(rng, 1, 3, 4), normal(rng, 2, 4, 5), normal(rng, 3, 6, 7)
    large = 8 * normal(rng, 2, 6, 5)
    return [
        case(small, small, num_heads=2, key_dim=2, seed=1, **plain),
        case(wide, wide, num_heads=2, key_dim=3, seed=2, **plain),
        case(long, long, num_heads=3, key_dim=2, seed=3, **plain),
        case(large, large, num_heads=2, key_dim=3, seed=25, **plain),  # the same layer, scores in the hundreds
    ]


def _cross_cases(rng):
    plain = {"use_bias": False}
    return [
        case(normal(rng, 1, 3, 4), normal(rng, 1, 3, 4), num_heads=2, key_dim=2, seed=4, **plain),
        case(normal(rng, 2, 3, 5), normal(rng, 2, 6, 5), num_heads=3, key_dim=2, value_dim=4, seed=5, **plain),
        case(normal(rng, 3, 5, 4), normal(rng, 3, 2, 4), num_heads=2, key_dim=5, value_dim=3, seed=6, **plain),
    ]


def _key_cases(rng):
    arguments = {"num_heads": 2, "key_dim": 3, "use_bias": False}
    return [
        case(normal(rng, 1, 2, 4), normal(rng, 1, 3, 4), key=normal(rng, 1, 3, 4), seed=7, **arguments),
        case(normal(rng, 2, 3, 6), normal(rng, 2, 5, 4), key=normal(rng, 2, 5, 7), value_dim=5, seed=8, **arguments),
    ]


def _bias_cases(rng):
    x = normal(rng, 1, 3, 4)
    return [
        case(x, x, num_heads=2, key_dim=2, seed=9),
        case(normal(rng, 2, 3, 5), normal(rng, 2, 4, 6), num_heads=3, key_dim=4, value_dim=2, seed=10),
    ]


def _mask_cases(rng, *shapes):
    """Random masks of the given shapes, for B=2, H=3, T=4, S=5."""
    query, value = normal(rng, 2, 4, 5), normal(rng, 2, 5, 6)
    arguments = {"num_heads": 3, "key_dim": 2, "use_bias": False}
    return [
        case(query, value, attention_mask=random_mask(rng, *shape), seed=11 + n, **arguments)
        for n, shape in enumerate(shapes)
    ]


def _nowhere_case(rng):
    """A word that may look nowhere, as a sentence of padding alone has them."""
    (c,) = _mask_cases(rng, (2, 4, 5))
    c.kwargs["attention_mask"][1, 2] = False
    return [c]


def _low_case(rng):
    """Scores near -2000 and 2000, those of a row near one another; each query may look at one key."""
    query, value, seed, H, K = normal(rng, 1, 4, 5), normal(rng, 1, 5, 6), 19, 2, 3
    key = normal(rng, 1, 1, 7) + np.float32(1e-4) * normal(rng, 1, 5, 7)
    w = Projections(_weights(seed, (5, H, K), (7, H, K), (6, H, K), (H, K, 5)))
    q, k = (split_heads(projected(x, *pair), H) for x, pair in ((query, w.query), (key, w.key)))
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(K)
    factor = np.float32(-2000 / scores.flat[np.abs(scores).argmax()])  # the score farthest from 0 becomes the lowest
    mask = np.eye(5, dtype=bool)[rng.integers(0, 5, (1, H, 4))]
    arguments = {"key": key, "num_heads": H, "key_dim": K, "use_bias": False}
    return [case(factor * query, value, attention_mask=mask, seed=seed, **arguments)]


def _look_ahead_case(rng):
    x, mask = normal(rng, 1, 3, 4), np.tril(np.ones((3, 3), bool))
    return [case(x, x, attention_mask=mask, num_heads=2, key_dim=2, use_bias=False, seed=20)]


def _batch_is_heads_case(rng):
    """As many sentences as heads: a mask (B, T, S) broadcast over the wrong axis fits here all the same."""
    query, value = normal(rng, 2, 3, 4), normal(rng, 2, 5, 4)
    return [
        case(query, value, attention_mask=random_mask(rng, 2, 3, 5), num_heads=2, key_dim=3, use_bias=False, seed=21),
    ]


def _score_cases(rng):
    query, value = normal(rng, 2, 3, 5), normal(rng, 2, 4, 6)
    arguments = {"num_heads": 3, "key_dim": 2, "value_dim": 5}
    return [
        case(normal(rng, 1, 2, 3), normal(rng, 1, 3, 3), num_heads=2, key_dim=2, seed=22),
        case(query, value, seed=23, **arguments),
        case(query, value, key=normal(rng, 2, 4, 7), seed=24, **arguments),
    ]


def _compiled_dropout_case(rng):
    return [case(normal(rng, 2, 4, 5), normal(rng, 2, 6, 5), dropout=0.4, num_heads=2, key_dim=3, use_bias=False)]


H_DROP, T_DROP, S_DROP = 2, 6, 5


@functools.lru_cache(maxsize=8)
def _dropout_inputs(seed):
    """Query, value, key, the layer's weights, and the scores that come of them.

    Values are one-hot and every head copies its weights twice into the output, so that the output shows which of
    them were dropped, and whether both copies went together.
    """
    rng = np.random.default_rng(seed)
    width = 2 * H_DROP * S_DROP
    query, key = normal(rng, 2, T_DROP, width), normal(rng, 2, S_DROP, 3)
    value = np.tile(np.eye(S_DROP, dtype="float32"), (2, 1, 1))
    weights = [
        np.float32(0.3) * normal(rng, width, H_DROP, 4),
        np.float32(0.3) * normal(rng, 3, H_DROP, 4),
        np.tile(np.eye(S_DROP, dtype="float32"), (1, 2 * H_DROP)).reshape(S_DROP, H_DROP, 2 * S_DROP),
        np.eye(width, dtype="float32").reshape(H_DROP, 2 * S_DROP, width),
    ]
    return (query, value, key), weights, attended(weights, query, value, None, unchanged, key)[1]


def _dropped(answer, rate, training, seed):
    """Output and scores of a layer with dropout."""
    inputs, weights, _ = _dropout_inputs(seed)
    arguments = {"num_heads": H_DROP, "key_dim": 4, "value_dim": 2 * S_DROP, "dropout": rate, "use_bias": False}
    layer = _with_weights(answer, inputs, lambda _: weights, **arguments)
    options = {} if training is None else {"training": training}
    results = layer(*inputs, return_attention_scores=True, **options)
    output, scores = (ops.convert_to_numpy(r) for r in results)
    return output, scores


def _what_was_dropped(results, rate, training, seed):
    """What dropout did, in words: (to the output, to the scores that came back)."""
    inputs, _, expected = _dropout_inputs(seed)
    output, scores = results
    if output.shape != inputs[0].shape:
        return f"an output of shape {output.shape}", ""
    copies = output.reshape(2, T_DROP, H_DROP, 2, S_DROP).transpose(3, 0, 2, 1, 4)  # (2, B, H, T, S)
    same = scores.shape == expected.shape and np.allclose(scores, expected, atol=1e-5)
    return _in_words(copies, expected, rate), "scores as without dropout" if same else "scores changed by dropout"


def _in_words(copies, weights, rate) -> str:
    ratio = copies / weights

    def only(*allowed):
        return np.isclose(ratio[..., None], allowed, atol=1e-3).any(axis=-1).all()

    if only(1):
        return "nothing dropped"
    together, sums = np.allclose(copies[0], copies[1], atol=1e-5), copies.sum(axis=-1)
    all_words = np.allclose(ratio, ratio[:, :, :, :1], atol=1e-3)
    if all_words and only(0, 1 / (1 - rate)):
        return "values dropped, the same for every word"
    zero = ratio < 1e-6
    if together and only(0, 1 / (1 - rate)) and (zero == zero[:, :1, :1]).all():
        return "the same weights dropped in all heads and sentences"
    if together and only(0, 1 / (1 - rate)) and rate < 0.3 and abs(zero.mean() - rate) > 0.25:
        return "as many weights dropped as should stay"
    if together and only(0, 1 / (1 - rate)):
        return "weights dropped, the others scaled up"
    if together and only(0, 1):
        return "weights dropped, the others not scaled up"
    if together and only(0, 1 / rate):
        return "weights dropped, the rate taken for the share to keep"
    if together and only(0, 1 / (1 - rate), 1 / (1 - rate) ** 2):
        return "weights dropped twice"
    if together and only(0, 1 / 0.9):
        return "weights dropped at the rate 0.1"
    if together and np.allclose(sums, 1, atol=1e-4) and not zero.any():
        return "something dropped before the softmax"
    if together and (np.isclose(sums, 1, atol=1e-4) | np.isclose(sums, 0, atol=1e-4)).all():
        return "weights dropped, the others made to sum to one"
    return "the output dropped, not the weights" if only(0, 1 / (1 - rate)) else "something else changed"


register(
    Exercise(
        name="MultiHeadAttention",
        notebook="05_multi_head_attention",
        reference=MultiHeadAttention,
        oracle=variant(weigh=weighed),
        properties=(
            Property("self-attention: query and value are the same", 2, _self_cases, run=_output),
            Property("cross-attention: T is not S, value_dim is not key_dim", 1, _cross_cases, run=_output),
            Property("a key of its own, where one is given", 1, _key_cases, run=_output),
            Property("the biases", 1, _bias_cases, run=_output),
            Property(
                "a mask (T, S), the same for all sentences",
                1,
                lambda rng: _look_ahead_case(rng) + _mask_cases(rng, (4, 5)),
                run=_output,
            ),
            Property(
                "masks of three and four axes",
                1,
                lambda rng: (
                    _batch_is_heads_case(rng)
                    + _mask_cases(rng, (2, 4, 5), (2, 1, 1, 5), (1, 1, 4, 5), (2, 3, 4, 5), (1, 3, 1, 5))
                    + _nowhere_case(rng)
                    + _low_case(rng)
                ),
                run=_where_seen,
            ),
            Property("the scores, one (T, S) for each head, where asked for", 1, _score_cases, run=_with_scores),
            Property(
                "dropout: on the weights, in training only",
                2,
                lambda rng: [
                    case(rate=0.25, training=True, seed=1),
                    case(rate=0.4, training=False, seed=2),
                    case(rate=0.4, training=True, seed=3),
                    case(rate=0.4, training=None, seed=4),
                ],
                run=_dropped,
                read=_what_was_dropped,
            ),
            Property(
                "also in a model that is being built, where the size of the batch is not known yet",
                1,
                lambda rng: _mask_cases(rng, (2, 1, 1, 5)) + _compiled_dropout_case(rng),
                run=_while_built,
            ),
        ),
        mistakes=MISTAKES,
        hints=(
            "Six steps: choose the key, project three times, split three times, attend, merge, project once more. "
            "Every step is a function that you already have.",
            "split_heads(project(query, self.query_weights), self.num_heads) gives q, (B, H, T, K); k and v "
            "likewise. scaled_dot_product_attention takes four axes and every mask.",
            "Dropout comes after the softmax: where self.dropout is set, self.dropout_layer(scores, training=training) "
            "replaces the weights in the sum over v. The scores given back stay as they were.",
        ),
    )
)
