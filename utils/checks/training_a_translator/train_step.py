"""The exercise train_step: what must hold, and what each mistake looks like."""

import keras
import numpy as np
import tensorflow as tf

from utils.checks.frame import Exercise, Property, case, register
from utils.checks.training_a_translator.shared import NO_GRADIENT, random_labels, what_is_missing
from utils.checks.training_a_translator.train_step_mistakes import MISTAKES
from utils.training.steps import train_step

# What TensorFlow and Keras say where something else is meant.
TOLD = {
    "Shapes of all inputs must match": "a list of gradients where one belongs",
    "'_unique_id'": "variables where gradients belong",
    "Cannot convert 0.0 to EagerTensor of dtype int32": "a pad_id that is no whole number",
}


class Toy(keras.Model):
    """As small as a translator can be: the mean of the source plus the last word said, and scores for the next.

    With `moody` it is another model in training, as dropout makes it, but always the same one; and like dropout it has
    numbers of its own that are never trained.
    """

    def __init__(self, V, pad_id, moody, scale, seed):
        super().__init__()
        rng, self.pad_id, self.moody = np.random.default_rng(seed), pad_id, moody
        self.source, self.target, self.kernel, self.bias = (  # bare variables are quickly made
            keras.Variable((scale * rng.normal(size=shape)).astype("float32")) for shape in ((V, 3), (V, 3), (3, V), V)
        )
        self.dice = keras.Variable(np.zeros(2, "uint32"), trainable=False, dtype="uint32") if moody else None
        self.built = True

    def call(self, inputs, training=None):
        """Source ids (B, S) and target ids (B, T) to logits (B, T, V)."""
        source_ids, target_ids = inputs
        x = keras.ops.take(self.target, target_ids, axis=0)
        x = x + keras.ops.mean(keras.ops.take(self.source, source_ids, axis=0), axis=1, keepdims=True)
        return (x * 0.5 if self.moody and training else x) @ self.kernel + self.bias


class Rising(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that grows with every step that the optimizer has counted."""

    def __call__(self, step):
        """The rate after so many steps."""
        return 0.25 * (tf.cast(step, "float32") + 1)


def _stepped(answer, source_ids, target_inputs, labels, V=5, pad_id=0, moody=False, scale=0.05, seed=0, compiled=False,
             twice=False, **options):  # fmt: skip
    """(the loss that came back, every weight in a row) after a step of plain gradient descent.

    With `twice` after two, by an optimizer that remembers the first.
    """
    model = Toy(V, pad_id, moody, scale, seed)
    optimizer = keras.optimizers.SGD(Rising(), momentum=0.9) if twice else keras.optimizers.SGD(0.5)
    optimizer.build(model.trainable_variables)
    ids = [tf.constant(x) for x in (source_ids, target_inputs, labels)]

    def step(*ids):
        return answer(model, optimizer, *ids, **options)

    if compiled and answer is not train_step:  # what is expected is the same uncompiled
        try:
            loss = tf.function(step, input_signature=[tf.TensorSpec((None, None), "int32")] * 3, autograph=False)(*ids)
        except Exception as error:  # whatever the answer meets there has one of two reasons
            return what_is_missing(error)
    else:
        try:
            loss = step(*ids)
            loss = step(*ids) if twice else loss
        except (ValueError, TypeError, AttributeError, tf.errors.InvalidArgumentError) as error:
            if isinstance(error, ValueError) and ("None" in str(error) or "No gradients" in str(error)):
                return NO_GRADIENT
            if meant := next((meant for said, meant in TOLD.items() if said in str(error)), None):
                return meant
            raise
    if isinstance(loss, (tuple, list)):
        return "several results"
    weights = [keras.ops.convert_to_numpy(w).ravel() for w in (model.source, model.target, model.kernel, model.bias)]
    return None if loss is None else (loss, np.concatenate(weights))


def _loss_of(result, *args, **options):
    return result[0] if isinstance(result, tuple) else result


def _weights_of(result, *args, **options):
    return result[1] if isinstance(result, tuple) else result


def _both(result, *args, **options):
    """The loss and the weights in a row, where it is one number."""
    if not isinstance(result, tuple) or np.shape(result[0]) != ():
        return _loss_of(result)
    return np.append(result[0], result[1])


def _ids(rng, B, S, T, V, pad_id=0):
    """Source ids (B, S), target inputs (B, T) and labels (B, T), with padding."""
    source = random_labels(rng, B, S, V, pad_id)
    said = random_labels(rng, B, T + 1, V, pad_id)
    return source, said[:, :-1], said[:, 1:]


register(
    Exercise(
        name="train_step",
        notebook="08_training_a_translator",
        reference=train_step,
        properties=(
            Property(
                "the loss comes back",
                1,
                lambda rng: [
                    case(*_ids(rng, 1, 2, 2, 4), V=4, label_smoothing=0.0, seed=1),
                    case(*_ids(rng, 2, 3, 4, 5), label_smoothing=0.0, seed=2),
                ],
                run=_stepped,
                read=_loss_of,
            ),
            Property(
                "every weight goes a step downhill",
                1,
                lambda rng: [
                    case(*_ids(rng, 1, 2, 2, 4), V=4, label_smoothing=0.0, seed=1),
                    case(*_ids(rng, 3, 5, 2, 6), V=6, label_smoothing=0.0, seed=3),
                ],
                run=_stepped,
                read=_weights_of,
            ),
            Property(
                "it is the optimizer that takes it, with its own rate and memory: two steps in a row",
                1,
                lambda rng: [case(*_ids(rng, 2, 3, 4, 5), label_smoothing=0.0, seed=12, twice=True)],
                run=_stepped,
                read=_weights_of,
            ),
            Property(
                "dropout is on: the model is told that it is training",
                1,
                lambda rng: [case(*_ids(rng, 2, 3, 4, 5), moody=True, label_smoothing=0.0, scale=0.5, seed=4)],
                run=_stepped,
                read=_both,
            ),
            Property(
                "the model's padding and the label smoothing reach the loss",
                1,
                lambda rng: [
                    case(*_ids(rng, 2, 3, 4, 5, pad_id=2), pad_id=2, label_smoothing=0.0, seed=5),
                    case(*_ids(rng, 2, 3, 4, 5), label_smoothing=0.3, seed=6),
                    case(*_ids(rng, 3, 2, 5, 5, pad_id=3), pad_id=3, label_smoothing=0.2, seed=7),
                ],
                run=_stepped,
                read=_both,
            ),
            Property(
                "a gradient longer than 1 is shortened to 1, all of it by one factor",
                2,
                lambda rng: [
                    case(*_ids(rng, 2, 3, 4, 5), label_smoothing=0.0, scale=3.0, seed=8),
                    case(*_ids(rng, 2, 7, 6, 5), label_smoothing=0.0, scale=2.0, seed=9),
                    case(*_ids(rng, 4, 5, 3, 6), V=6, scale=30.0, seed=10),
                ],
                run=_stepped,
                read=_both,
            ),
            Property(
                "inside tf.function",
                1,
                lambda rng: [case(*_ids(rng, 2, 3, 4, 5), seed=11, compiled=True)],
                run=_stepped,
                read=_both,
            ),
        ),
        mistakes=MISTAKES,
        hints=(
            "Four stations: predict, compare, ask for the slope, go. The first two happen while a tape records.",
            "model((source_ids, target_inputs), training=True) gives logits; masked_loss also wants model.pad_id and "
            "label_smoothing; tape.gradient(loss, model.trainable_variables) gives one gradient a weight.",
            "tf.convert_to_tensor each gradient; tf.clip_by_global_norm(gradients, CLIP_NORM) returns a pair, of which "
            "the first counts; optimizer.apply_gradients takes pairs (gradient, variable).",
        ),
    )
)
