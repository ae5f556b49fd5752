"""One step of learning over several devices, of one machine or of many, on Keras' JAX backend.

Weights lie whole on every device, a batch's rows are parted among them, and XLA adds the gradients up. The loss is the
mean over the whole batch, as on one device: not the mean of each device's mean. JAX is imported when it is needed.
"""

import zlib
from collections.abc import Callable, Sequence

import keras
import numpy as np
from keras import ops

from utils.training.checkpoint import named_variables

CLIP_NORM = 1.0  # as `utils.training.steps`, which needs TensorFlow's tape
WIDTH = 16  # batches are widened to a multiple of it: XLA compiles each width anew


def is_used() -> bool:
    """Whether Keras runs on JAX, and training takes this way."""
    return keras.backend.backend() == "jax"


def step_over_devices(model, optimizer, loss_of: Callable, split: Callable, fill: Sequence, targets: int,
                      width: int = 1) -> Callable:  # fmt: skip
    """A compiled step, called as run(*batch) -> loss, with the whole batch in every process.

    Args:
        model: a built Keras model.
        optimizer: its built optimizer.
        loss_of: (outputs, *targets) -> scalar, on `keras.ops`.
        split: batch -> (the model's arguments, targets).
        fill: for each array of a batch what fills it up to a multiple of `width`.
        targets: so many of a batch's last arrays are targets: rows added to part the batch evenly hold nothing there
            but what fills it up, so that they weigh nothing.
        width: see `fill`.
    """
    import jax

    mesh = jax.sharding.Mesh(np.array(jax.devices()), ("rows",))
    whole, rows = (jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(*part)) for part in ((), ("rows",)))
    groups = model.trainable_variables, model.non_trainable_variables, optimizer.variables

    def loss_and_state(trainable, others, batch):
        inputs, wanted = split(batch)
        outputs, others = model.stateless_call(trainable, others, *inputs, training=True)
        return loss_of(outputs, *wanted), others

    def update(trainable, others, state, batch):
        (loss, others), gradients = jax.value_and_grad(loss_and_state, has_aux=True)(trainable, others, batch)
        norm = ops.sqrt(sum(ops.sum(ops.square(g)) for g in gradients))
        gradients = [g * (CLIP_NORM / ops.maximum(norm, CLIP_NORM)) for g in gradients]
        trainable, state = optimizer.stateless_apply(state, gradients, trainable)
        return loss, (trainable, others, state)

    compiled = jax.jit(update, donate_argnums=(0, 1, 2), out_shardings=whole)

    def placed(value):
        if isinstance(value, jax.Array) and value.sharding.is_equivalent_to(whole, value.ndim):
            return value
        return spread(np.array(value), whole)

    def spread(array, sharding):  # each process copies out the rows of its own devices alone
        return jax.make_array_from_callback(array.shape, sharding, lambda part: array[part])

    def run(*batch):
        state = [[placed(variable.value) for variable in group] for group in groups]
        parts = even(batch, fill, targets, mesh.size, width)
        loss, state = compiled(*state, [spread(part, rows) for part in parts])
        for group, values in zip(groups, state, strict=True):
            for variable, value in zip(group, values, strict=True):
                variable.assign(value)
        return loss

    return run


def even(batch: Sequence[np.ndarray], fill: Sequence, targets: int, rows: int, width: int) -> list[np.ndarray]:
    """The batch with rows and columns added, so that both are multiples; what is added weighs nothing.

    Added rows stand last and are the first one over again, with nothing asked of them: what is random of the others
    stays as it was, and no row is without a token.
    """
    found = []
    for n, (array, value) in enumerate(zip(batch, fill, strict=True)):
        if array.ndim > 1:
            array = np.pad(array, ((0, 0), (0, -array.shape[1] % width)), constant_values=value)
        more = np.repeat(array[:1], -len(array) % rows, axis=0)
        if n >= len(batch) - targets:
            more = np.full_like(more, value)
        found.append(np.concatenate([array, more]))
    return found


def translation_step(model, optimizer, label_smoothing: float) -> Callable:
    """`train_step` over several devices; called as run(source_ids, target_inputs, labels) -> loss."""

    def loss_of(logits, labels):
        return smoothed_loss(labels, logits, model.pad_id, label_smoothing)

    def split(batch):
        return (tuple(batch[:2]),), batch[2:]

    optimizer.build(model.trainable_variables)
    return step_over_devices(model, optimizer, loss_of, split, [model.pad_id] * 3, targets=1)


def smoothed_loss(labels, logits, pad_id: int, label_smoothing: float):
    """`masked_loss` on `keras.ops`: (B, T), (B, T, V) -> a scalar in nats a token."""
    asked = ops.cast(ops.not_equal(labels, pad_id), "float32")
    log_p = ops.log_softmax(ops.cast(logits, "float32"))
    right = ops.take_along_axis(log_p, ops.expand_dims(labels, -1), axis=-1)[..., 0]
    losses = -(1 - label_smoothing) * right - label_smoothing * ops.mean(log_p, axis=-1)
    return mean_of(losses, asked)


def label_loss(logits, labels, ignored: int = -100):
    """`token_classification_loss` on `keras.ops`: (B, T, C), (B, T) -> a scalar in nats a label."""
    asked = ops.not_equal(labels, ignored)
    losses = ops.sparse_categorical_crossentropy(ops.where(asked, labels, 0), logits, from_logits=True)
    return mean_of(losses, ops.cast(asked, losses.dtype))


def span_loss(logits, start_positions, end_positions, ignored: int = -100):
    """`qa_loss` over the rows that are asked for something: start and end logits (B, T), positions (B,) -> a scalar."""
    asked, total = ops.not_equal(start_positions, ignored), 0.0
    for positions, scores in zip((start_positions, end_positions), logits, strict=True):
        total += ops.sparse_categorical_crossentropy(ops.where(asked, positions, 0), scores, from_logits=True)
    return mean_of(total / 2, ops.cast(asked, "float32"))


def mean_of(losses, weights):
    """The mean of those that weigh 1; 0 where none does."""
    return ops.sum(losses * weights) / ops.maximum(ops.sum(weights), 1.0)


# Between processes ---------------------------------------------------------------------------------


def as_the_first(model, optimizer) -> None:
    """Gives every process the variables of the first, which alone may have read a checkpoint."""
    import jax
    from jax.experimental.multihost_utils import broadcast_one_to_all

    if jax.process_count() == 1:
        return
    variables = list(named_variables(model, optimizer).values())
    values = broadcast_one_to_all([np.asarray(variable.value) for variable in variables])
    for variable, value in zip(variables, values, strict=True):
        variable.assign(np.asarray(value))


def gathered(text: str, room: int = 1 << 16) -> list[str]:
    """What each process passed, in the order of their numbers.

    Raises:
        ValueError: the text has more than `room` bytes.
    """
    from jax.experimental.multihost_utils import process_allgather

    content = text.encode()
    if len(content) > room:
        raise ValueError(f"There is room for {room} bytes. Received: {len(content)}")
    array = np.zeros(room, "uint8")
    array[: len(content)] = np.frombuffer(content, "uint8")
    found = np.asarray(process_allgather(array)).reshape(-1, room)
    return [bytes(row).rstrip(b"\0").decode() for row in found]


def weights_digest(model) -> str:
    """A number that changes with any bit of any weight."""
    code = 0
    for variable in named_variables(model).values():
        code = zlib.crc32(np.ascontiguousarray(variable.value).tobytes(), code)
    return f"{code:08x}"
