"""The exercise train_step: what must hold, and what each mistake looks like."""

import keras
import numpy as np
import tensorflow as tf

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.training_a_translator.shared import NO_GRADIENT, NOT_COMPILED, random_labels
from utils.training.losses import masked_loss
from utils.training.steps import CLIP_NORM, train_step


class Toy(keras.Model):
    """As small as a translator can be: the mean of the source plus the last word said, and scores for the next.

    With `moody` it is another model in training, as dropout makes it, but always the same one.
    """

    def __init__(self, V, pad_id, moody, scale, seed):
        super().__init__()
        rng, self.pad_id, self.moody = np.random.default_rng(seed), pad_id, moody
        self.source, self.target, self.kernel, self.bias = (  # bare variables are quickly made
            keras.Variable((scale * rng.normal(size=shape)).astype("float32")) for shape in ((V, 3), (V, 3), (3, V), V)
        )
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
        except Exception:  # whatever the answer meets there has one reason
            return NOT_COMPILED
    else:
        try:
            loss = step(*ids)
            loss = step(*ids) if twice else loss
        except ValueError as error:
            if "None" in str(error) or "No gradients" in str(error):
                return NO_GRADIENT
            raise
    if isinstance(loss, (tuple, list)):
        return "several results"
    return None if loss is None else (loss, np.concatenate([w.ravel() for w in model.get_weights()]))


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


def _walk(learn, twice=False):
    """A step of which `learn` is one part: learn(model, tape, ids, ε) -> (loss, gradients)."""

    def answer(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
        for _ in range(1 + twice):
            with tf.GradientTape() as tape:
                loss, returned = learn(model, source_ids, target_inputs, labels, label_smoothing)
            _apply(model, optimizer, tape.gradient(loss, model.trainable_variables))
        return returned

    return answer


def _apply(model, optimizer, gradients, clip=lambda gradients: tf.clip_by_global_norm(gradients, CLIP_NORM)[0]):
    gradients = clip([tf.convert_to_tensor(g) for g in gradients])
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))


def _wrong_loss(training=True, **changed):
    """A step whose loss is made otherwise; `changed` names of the five inputs which take another's place."""

    def learn(model, source_ids, target_inputs, labels, label_smoothing):
        given = {"source": source_ids, "inputs": target_inputs, "labels": labels, "pad_id": model.pad_id}
        given |= {"smoothing": label_smoothing}
        given |= {name: given.get(value, value) for name, value in changed.items()}
        logits = model((given["source"], given["inputs"]), training=training)
        loss = masked_loss(given["labels"], logits, given["pad_id"], given["smoothing"])
        return loss, loss

    return _walk(learn)


def _wrong_step(clip, raw=False):
    """A step whose gradients are treated otherwise."""

    def answer(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
        with tf.GradientTape() as tape:
            loss = masked_loss(labels, model((source_ids, target_inputs), training=True), model.pad_id, label_smoothing)
        gradients = tape.gradient(loss, model.trainable_variables)
        gradients = gradients if raw else [tf.convert_to_tensor(g) for g in gradients]
        optimizer.apply_gradients(zip(clip(gradients), model.trainable_variables, strict=True))
        return loss

    return answer


def _softmaxed(model, source_ids, target_inputs, labels, label_smoothing):
    p = tf.nn.softmax(model((source_ids, target_inputs), training=True))
    loss = masked_loss(labels, p, model.pad_id, label_smoothing)
    return loss, loss


def _right(model, source_ids, target_inputs, labels, label_smoothing):
    loss = masked_loss(labels, model((source_ids, target_inputs), training=True), model.pad_id, label_smoothing)
    return loss, loss


def _times_positions(model, source_ids, target_inputs, labels, label_smoothing):
    loss, _ = _right(model, source_ids, target_inputs, labels, label_smoothing)
    loss = loss * tf.cast(tf.size(labels), loss.dtype)
    return loss, loss


def _only_looked(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    return _right(model, source_ids, target_inputs, labels, label_smoothing)[0]


def _loss_after(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    train_step(model, optimizer, source_ids, target_inputs, labels, label_smoothing)
    return _right(model, source_ids, target_inputs, labels, label_smoothing)[0]


def _gives_back(what):
    """A right step of which something else comes back: what(loss, logits, labels, pad_id, the gradient's length)."""

    def answer(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
        with tf.GradientTape() as tape:
            logits = model((source_ids, target_inputs), training=True)
            loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
        gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
        gradients, length = tf.clip_by_global_norm(gradients, CLIP_NORM)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return what(loss, logits, labels, model.pad_id, length)

    return answer


def _moved_by(move):
    """A step whose weights are moved otherwise: move(optimizer, gradients, variables)."""

    def answer(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
        with tf.GradientTape() as tape:
            loss, _ = _right(model, source_ids, target_inputs, labels, label_smoothing)
        gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
        move(optimizer, tf.clip_by_global_norm(gradients, CLIP_NORM)[0], model.trainable_variables)
        return loss

    return answer


def _applied_twice(optimizer, gradients, variables):
    for _ in range(2):
        optimizer.apply_gradients(zip(gradients, variables, strict=True))


def _one_by_one(optimizer, gradients, variables):
    for gradient, variable in zip(gradients, variables, strict=True):
        optimizer.apply([gradient], [variable])


def _by_hand(optimizer, gradients, variables, rate=None):
    rate = optimizer.learning_rate if rate is None else rate
    for gradient, variable in zip(gradients, variables, strict=True):
        variable.assign_sub(rate * gradient)


def _shifted(change):
    """A right step of other targets: change(target inputs, labels) -> what the decoder reads, what it should say."""

    def learn(model, source_ids, target_inputs, labels, label_smoothing):
        return _right(model, source_ids, *change(target_inputs, labels), label_smoothing)

    return _walk(learn)


def _unmasked(model, source_ids, target_inputs, labels, label_smoothing):
    logits = model((source_ids, target_inputs), training=True)
    loss = masked_loss(labels, logits, -1, label_smoothing)
    return loss, loss


def _plain_loss(model, source_ids, target_inputs, labels, label_smoothing):
    logits = model((source_ids, target_inputs), training=True)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
    return loss, loss


def _gradients_back(model, optimizer, *args, **options):
    loss = train_step(model, optimizer, *args, **options)
    return loss, tf.constant(1.0)


def _head_only(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        loss, _ = _right(model, source_ids, target_inputs, labels, label_smoothing)
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
    gradients = tf.clip_by_global_norm(gradients, CLIP_NORM)[0]
    optimizer.apply_gradients(
        [(g if n >= 2 else 0 * g, v) for n, (g, v) in enumerate(zip(gradients, model.trainable_variables, strict=True))]
    )
    return loss


def _outside(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    loss, _ = _right(model, source_ids, target_inputs, labels, label_smoothing)
    with tf.GradientTape() as tape:
        pass
    _apply(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def _as_number(model, optimizer, *args, **options):
    return float(train_step(model, optimizer, *args, **options))


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
                lambda rng: [case(*_ids(rng, 2, 3, 4, 5), moody=True, label_smoothing=0.0, seed=4)],
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
        mistakes=(
            Mistake(
                "it works number by number, but not compiled: float(…), .numpy() and print need a value, and inside "
                "tf.function there is none yet. Give the tensor back",
                _as_number,
            ),
            Mistake(
                "the tape saw nothing: the model, the loss and whatever is made of it belong inside the `with`",
                _outside,
            ),
            Mistake("no weight has moved: the optimizer must apply the gradients", _only_looked),
            Mistake("the loss from after the step came back: return the one the step was made for", _loss_after),
            Mistake("a list, or several results, came back: the loss alone is asked for", _gradients_back),
            Mistake(
                "its exponential came back, the perplexity: return the loss itself",
                _walk(lambda *args: (_right(*args)[0], tf.exp(_right(*args)[0]))),
            ),
            Mistake("the logits came back: the loss is asked for", _gives_back(lambda loss, logits, *rest: logits)),
            Mistake(
                "the gradient's length came back, clip_by_global_norm's second result: the loss is asked for",
                _gives_back(lambda *given: given[-1]),
            ),
            Mistake(
                "the loss came back with its sign turned around",
                _gives_back(lambda loss, *rest: -loss),
            ),
            Mistake(
                "the loss that came back is without smoothing: return the one that the gradient was made of",
                _gives_back(lambda loss, logits, labels, pad_id, length: masked_loss(labels, logits, pad_id)),
            ),
            *(
                Mistake(
                    "another optimizer moves the weights, with a rate of its own: use the one that is given",
                    _moved_by(move),
                )
                for move in (
                    lambda optimizer, *given: keras.optimizers.Adam().apply(*given),
                    lambda optimizer, *given: keras.optimizers.SGD().apply(*given),
                    lambda optimizer, *given: _by_hand(optimizer, *given, rate=1e-3),
                )
            ),
            Mistake(
                "the weights are moved by hand, so the optimizer neither counts nor remembers the step: "
                "optimizer.apply_gradients",
                _moved_by(_by_hand),
            ),
            Mistake(
                "the optimizer counts a step for every weight: hand it all pairs at once",
                _moved_by(_one_by_one),
            ),
            Mistake("the gradients are applied twice: one step is asked for", _moved_by(_applied_twice)),
            *(
                Mistake(
                    "the targets are shifted once more: target_inputs and labels lie one place apart already",
                    _shifted(change),
                )
                for change in (
                    lambda inputs, labels: (inputs[:, :-1], labels[:, 1:]),
                    lambda inputs, labels: (labels[:, :-1], labels[:, 1:]),
                    lambda inputs, labels: (tf.pad(inputs[:, :-1], [[0, 0], [1, 0]], constant_values=1), labels),
                )
            ),
            *(
                Mistake("the loss counts padding too: masked_loss takes model.pad_id", _walk(learn))
                for learn in (_unmasked, _plain_loss)
            ),
            Mistake(
                "the loss is multiplied by the number of positions: masked_loss is a mean already",
                _walk(_times_positions),
            ),
            Mistake(
                "uphill: the gradients' sign is turned around",
                _wrong_step(lambda gs: [-g for g in tf.clip_by_global_norm(gs, CLIP_NORM)[0]]),
            ),
            Mistake("two steps were made: one is asked for", _walk(_right, twice=True)),
            Mistake(
                "only some of the weights move: all trainable variables must, the embeddings too",
                _head_only,
            ),
            Mistake("dropout is off: pass training=True to the model", _wrong_loss(training=False)),
            Mistake("dropout is off: pass training=True to the model", _wrong_loss(training=None)),
            Mistake(
                "the decoder reads the labels, which are the answer: it reads target_inputs",
                _wrong_loss(inputs="labels"),
            ),
            Mistake(
                "the loss compares with what the decoder has read: compare with labels, one word further on",
                _wrong_loss(labels="inputs"),
            ),
            Mistake(
                "source and target have changed places: the model takes (source_ids, target_inputs)",
                _wrong_loss(source="inputs", inputs="source"),
            ),
            Mistake("the encoder reads the target: it reads source_ids", _wrong_loss(source="inputs")),
            Mistake("two softmaxes: masked_loss takes the logits as they are", _walk(_softmaxed)),
            Mistake("`label_smoothing` does not reach the loss", _wrong_loss(smoothing=0.0)),
            Mistake("0.1 is taken for `label_smoothing`, whatever was passed", _wrong_loss(smoothing=0.1)),
            Mistake("the model's pad_id does not reach the loss", _wrong_loss(pad_id=0)),
            Mistake(
                "neither pad_id nor label_smoothing reaches the loss",
                _wrong_loss(pad_id=0, smoothing=0.0),
            ),
            Mistake("nothing is shortened: tf.clip_by_global_norm(gradients, CLIP_NORM)", _wrong_step(lambda gs: gs)),
            Mistake(
                "each gradient is shortened by itself, so the direction changes: one factor for all together",
                _wrong_step(lambda gs: [tf.clip_by_norm(g, CLIP_NORM) for g in gs]),
            ),
            Mistake(
                "numbers are cut off one by one, so the direction changes: one factor for all together",
                _wrong_step(lambda gs: [tf.clip_by_value(g, -CLIP_NORM, CLIP_NORM) for g in gs]),
            ),
            *(
                Mistake(
                    f"shortened to {length:g}: CLIP_NORM is {CLIP_NORM:g}",
                    _wrong_step(lambda gs, length=length: tf.clip_by_global_norm(gs, length)[0]),
                )
                for length in (0.1, 0.5, 2.0, 5.0, 10.0)
            ),
            Mistake(
                "short gradients are lengthened to 1: shorten only what is longer",
                _wrong_step(lambda gs: [g * CLIP_NORM / tf.linalg.global_norm(gs) for g in gs]),
            ),
            Mistake(
                "an embedding's gradient lies in rows, one each time a word occurs, and was measured so: "
                "tf.convert_to_tensor adds up what belongs to one word",
                _wrong_step(lambda gs: tf.clip_by_global_norm(gs, CLIP_NORM)[0], raw=True),
            ),
        ),
        hints=(
            "Four stations: predict, compare, ask for the slope, go. The first two happen while a tape records.",
            "model((source_ids, target_inputs), training=True) gives logits; masked_loss also wants model.pad_id and "
            "label_smoothing; tape.gradient(loss, model.trainable_variables) gives one gradient a weight.",
            "tf.convert_to_tensor each gradient; tf.clip_by_global_norm(gradients, CLIP_NORM) returns a pair, of which "
            "the first counts; optimizer.apply_gradients takes pairs (gradient, variable).",
        ),
    )
)
