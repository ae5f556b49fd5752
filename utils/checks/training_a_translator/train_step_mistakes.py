"""What goes wrong in train_step: an answer for each mistake, with its name."""

import keras
import tensorflow as tf

from utils.checks.frame import Mistake
from utils.training.losses import masked_loss
from utils.training.steps import CLIP_NORM, train_step


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


def _outside(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    loss, _ = _right(model, source_ids, target_inputs, labels, label_smoothing)
    with tf.GradientTape() as tape:
        pass
    _apply(model, optimizer, tape.gradient(loss, model.trainable_variables))
    return loss


def _all_variables(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    with tf.GradientTape() as tape:
        loss, _ = _right(model, source_ids, target_inputs, labels, label_smoothing)
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.variables)]
    optimizer.apply_gradients(zip(tf.clip_by_global_norm(gradients, CLIP_NORM)[0], model.variables, strict=True))
    return loss


def _only(which):
    """A step of those weights only whose number `which` lets pass."""

    def move(optimizer, gradients, variables):
        optimizer.apply_gradients(
            [(g if which(n) else 0 * g, v) for n, (g, v) in enumerate(zip(gradients, variables, strict=True))]
        )

    return _moved_by(move)


def _sized(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    B, T = labels.shape
    return train_step(model, optimizer, source_ids, target_inputs, tf.reshape(labels, (B, T)), label_smoothing)


def _smoothing_for_padding(model, source_ids, target_inputs, labels, label_smoothing):
    loss = masked_loss(labels, model((source_ids, target_inputs), training=True), label_smoothing)
    return loss, loss


def _look_again(model, optimizer, source_ids, target_inputs, labels, label_smoothing=0.1):
    """A right step; the loss that comes back is another, of the model as it is when it translates."""
    logits = model((source_ids, target_inputs))
    train_step(model, optimizer, source_ids, target_inputs, labels, label_smoothing)
    return masked_loss(labels, logits, model.pad_id, label_smoothing)


def _applied(pairs, count=0):
    """A step whose pairs are made otherwise: pairs(gradients, variables, the optimizer's rate)."""

    def move(optimizer, gradients, variables):
        optimizer.apply_gradients(pairs(gradients, variables, optimizer.learning_rate))
        optimizer.iterations.assign_add(count)

    return _moved_by(move)


def _counted(model, optimizer, *args, **options):
    train_step(model, optimizer, *args, **options)
    return optimizer.iterations.value


def _as_number(model, optimizer, *args, **options):
    return float(train_step(model, optimizer, *args, **options))


MISTAKES = (
    Mistake(
        "it works number by number, but not compiled: float(…), .numpy(), `if` and print need a value, and "
        "inside tf.function there is none yet. Give the tensor back",
        _as_number,
    ),
    Mistake(
        "while the step is compiled a batch has no size, labels.shape holds None: leave the sizes alone",
        _sized,
    ),
    Mistake(
        "the tape saw nothing: the model, the loss and whatever is made of it belong inside the `with`",
        _outside,
    ),
    Mistake(
        "gradients of model.variables are asked for, and those that are not trained, such as dropout's, have "
        "none: model.trainable_variables",
        _all_variables,
    ),
    Mistake(
        "tf.clip_by_global_norm gives back a pair, and both were taken for gradients: keep the first result",
        _applied(lambda gradients, variables, rate: zip((gradients, 1.0), variables[:2], strict=True)),
    ),
    Mistake(
        "gradients and variables have changed places: the pairs are (gradient, variable)",
        _applied(lambda gradients, variables, rate: zip(variables, gradients, strict=True)),
    ),
    Mistake(
        "label_smoothing stands where masked_loss expects pad_id: masked_loss(labels, logits, model.pad_id, "
        "label_smoothing)",
        _walk(_smoothing_for_padding),
    ),
    Mistake(
        "the gradients are multiplied by the learning rate: the optimizer does that",
        _applied(lambda gradients, variables, rate: [(rate * g, v) for g, v in zip(gradients, variables, strict=True)]),
    ),
    Mistake(
        "the step is counted twice: apply_gradients has counted it already",
        _applied(lambda gradients, variables, rate: zip(gradients, variables, strict=True), count=1),
    ),
    Mistake("the number of steps came back, apply_gradients' result: the loss is asked for", _counted),
    Mistake(
        "the loss that came back is of a second look without dropout: return the one the step was made for",
        _look_again,
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
    *(
        Mistake("only some of the weights move: all trainable variables must, the embeddings too", _only(which))
        for which in (
            lambda n: n >= 2,
            lambda n: n < 2,
            lambda n: n > 0,
            lambda n: n < 3,
        )
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
        "the root is missing in the gradients' length: all are one vector, as long as the root of the sum of all "
        "squares, tf.linalg.global_norm",
        _wrong_step(lambda gs: [g * tf.minimum(1.0, CLIP_NORM / sum(tf.reduce_sum(g**2) for g in gs)) for g in gs]),
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
)
