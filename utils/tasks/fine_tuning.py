"""What every task that is taught to a pre-trained encoder has in common: model, optimizer, step, loop."""

import contextlib
import gc
import weakref
import zlib
from collections.abc import Callable, Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from tokenizers import Encoding

from utils.layers import quick
from utils.layers.contract import check_positive, check_rate
from utils.layers.onnx import ExportsGelu
from utils.layers.pretrained_encoder import PretrainedEncoder
from utils.pretrained.encoder import named_weights
from utils.tasks.labels import IGNORED
from utils.text import pad_batch
from utils.text.buckets import Anew, EncodingBatches, OnDemand, in_epoch
from utils.training import cluster
from utils.training.adam import FusedAdamW, summed
from utils.training.loop import repeat
from utils.training.steps import CLIP_NORM

UNDECAYED = ["bias", "gamma", "beta"]  # weights that weight decay leaves alone, as BERT's own fine-tuning does


@keras.saving.register_keras_serializable(package="transformer_course")
class LinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """A straight line up for `warmup_steps` steps, then a straight line down to nothing at step `steps`.

    Keras counts from 0: the first update has the rate of step 1, the last one a step's worth above nothing.

    Args:
        peak: the highest rate.
        steps: of the whole training.
        warmup_steps: how many of them go up.
    """

    def __init__(self, peak, steps, warmup_steps=0):
        check_positive(steps=steps)
        if not 0 <= warmup_steps < steps:
            raise ValueError(f"Warm-up must end before training does. Received: {warmup_steps=} of {steps=}")
        self.peak, self.steps, self.warmup_steps = peak, steps, warmup_steps

    def __call__(self, step):
        """The learning rate of the update after `step` others, a float32 scalar."""
        step = ops.cast(step, "float32")
        up = (step + 1) / max(self.warmup_steps, 1)
        down = (self.steps - step) / (self.steps - self.warmup_steps)
        return self.peak * ops.clip(ops.minimum(up, down), 0.0, 1.0)

    def get_config(self):
        """What it was made with."""
        return {"peak": self.peak, "steps": self.steps, "warmup_steps": self.warmup_steps}


def make_optimizer(learning_rate: float, steps: int, warmup: float = 0.1,
                   weight_decay: float = 0.01) -> keras.optimizers.Optimizer:  # fmt: skip
    """AdamW with a linear decay, as BERT is fine-tuned (Devlin et al. 2018, appendix A.3).

    Args:
        learning_rate: the highest.
        steps: of the whole training.
        warmup: the share of steps in which the rate rises.
        weight_decay: of matrices and tables; biases and norms have none.
    """
    check_rate(warmup=warmup)
    schedule = LinearDecay(learning_rate, steps, int(warmup * steps))
    optimizer = FusedAdamW(schedule, weight_decay, beta_1=0.9, beta_2=0.999, epsilon=1e-8)
    optimizer.exclude_from_weight_decay(var_names=UNDECAYED)
    return optimizer


@keras.saving.register_keras_serializable(package="transformer_course")
class EncoderWithHead(ExportsGelu, keras.Model):
    """An encoder and one dense layer on each of its hidden states.

    Args:
        encoder: a `PretrainedEncoder`.
        num_outputs: C, numbers for each token: labels, or start and end.
        dropout_rate: between the two; None takes the encoder's.

    Call arguments:
        token_ids, token_type_ids, padding_mask: (B, T), as the encoder takes them. Returns logits (B, T, C).
    """

    def __init__(self, encoder: PretrainedEncoder, num_outputs: int, dropout_rate: float | None = None, **kwargs):
        super().__init__(**kwargs)
        check_positive(num_outputs=num_outputs)
        self.encoder, self.num_outputs = encoder, num_outputs
        self.dropout_layer = keras.layers.Dropout(encoder.dropout_rate if dropout_rate is None else dropout_rate)
        initializer = keras.initializers.TruncatedNormal(stddev=0.02)
        self.head = keras.layers.Dense(num_outputs, kernel_initializer=initializer, dtype="float32")

    def build(self, token_ids_shape):
        """Makes the weights that are not there yet."""
        if not self.encoder.built:
            self.encoder.build(token_ids_shape)
        self.head.build((*token_ids_shape, self.encoder.embedding_dim))

    def call(self, token_ids, token_type_ids=None, padding_mask=None, training=None):
        """Logits (B, T, C)."""
        x = self.encoder(token_ids, token_type_ids, padding_mask, training=training)  # (B, T, D)
        return self.head(self.dropout_layer(x, training=training))  # (B, T, C)

    def get_config(self):
        """What it was made with."""
        return {"encoder": self.encoder.get_config(), "num_outputs": self.num_outputs,
                "dropout_rate": self.dropout_layer.rate}  # fmt: skip

    @classmethod
    def from_config(cls, config):
        """The model that `get_config` described, with weights of its own."""
        return cls(**{**config, "encoder": PretrainedEncoder.from_config(config["encoder"])})

    def weights_by_path(self) -> dict[str, keras.Variable]:
        """Every weight: the encoder's under the paths of `map_weights`, then head/kernel (D, C), head/bias (C,)."""
        head = {"head/kernel": self.head.kernel, "head/bias": self.head.bias}
        return named_weights(self.encoder) | head

    def arrays_by_path(self) -> dict[str, np.ndarray]:
        """The same as arrays; the matrix of a multi-head projection is (D, D), as checkpoints have it."""
        D, arrays = self.encoder.embedding_dim, {}
        for path, weight in self.weights_by_path().items():
            array = np.asarray(weight.numpy(), "float32")
            if "self_attention" in path:
                array = array.reshape(-1) if path.endswith("bias") else array.reshape(D, D)
            arrays[path] = array
        return arrays

    def set_arrays(self, arrays: dict[str, np.ndarray]) -> None:
        """Gives every weight what `arrays_by_path` gave."""
        for path, weight in self.weights_by_path().items():
            weight.assign(arrays[path].reshape(weight.shape))


class TaskBatches(EncodingBatches):
    """Tokenized texts and what is to be said of them, in batches of about one length.

    Args:
        encodings: N tokenized texts, or whatever has `ids`, `type_ids` and a length; an `OnDemand` or
            `Anew` of such.
        targets: what is to be said, one or several: each N numbers, or N rows with a number for each token; an
            `OnDemand` or `Anew` of such.
        batch_size: rows of a batch.
        bucket_width: by how much two buckets differ in length.
        seed: of the order.
        pad_id: the id that fills short rows up; rows of targets are filled up with IGNORED.
    """

    def __init__(self, encodings: Sequence[Encoding], targets: Sequence[Sequence], batch_size: int = 16,
                 bucket_width: int = 8, seed: int = 0, pad_id: int = 0):  # fmt: skip
        super().__init__(encodings, batch_size, bucket_width, seed, pad_id)
        for target in targets:
            if len(target) != len(encodings):
                raise ValueError(f"Every text needs a target. Received: {len(encodings)} texts, {len(target)} targets")
        self.targets = targets

    def batch(self, step: int) -> tuple[np.ndarray, ...]:
        """Token ids, token types, padding mask (B, T), then each target, (B,) or (B, T), of step `step` from 0 on."""
        rows, inputs = super().batch(step)
        targets = [in_epoch(target, step // self.batches_per_epoch) for target in self.targets]
        chosen = [[target[i] for i in rows] for target in targets]
        flat = [np.asarray(c, "int32") if np.ndim(c[0]) == 0 else pad_batch(c, IGNORED) for c in chosen]
        return (*inputs, *flat)

    def tokens(self, batch: tuple) -> int:
        """How many tokens a batch has, padding left out."""
        return int(np.sum(batch[2]))

    def fingerprint(self) -> str:
        """A text that changes with the data and with the order: a checkpoint remembers it."""
        code = zlib.crc32(repr((self.batch_size, self.bucket_width, self.seed)).encode())
        for rows in (self.encodings, *self.targets):
            if isinstance(rows, (OnDemand, Anew)):
                code = zlib.crc32(rows.mark().encode(), code)
                continue
            for row in rows:
                code = zlib.crc32(np.asarray(getattr(row, "ids", row), "<i4").tobytes() + b"|", code)
        return f"{code:08x}"


def fine_tuning_step(model, optimizer, loss_of, batch) -> tf.Tensor:
    """Moves every weight a little so that the loss falls. Works eagerly and inside `tf.function`.

    Args:
        model: an `EncoderWithHead`.
        optimizer: a Keras optimizer.
        loss_of: (logits (B, T, C), *targets) -> scalar.
        batch: token ids, token types, padding mask, then the targets.

    Returns:
        The loss before the step, a scalar.
    """
    token_ids, token_type_ids, padding_mask, *targets = batch
    with tf.GradientTape() as tape:
        logits = model(token_ids, token_type_ids, padding_mask, training=True)
        loss = loss_of(logits, *targets)
    gradients = tape.gradient(loss, model.trainable_variables)
    gradients = [summed(g) for g in gradients]  # an embedding's come token by token; those of one row are added up
    gradients, _ = tf.clip_by_global_norm(gradients, CLIP_NORM)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss


def fine_tune(model: EncoderWithHead, batches: TaskBatches, loss_of: Callable, steps: int, learning_rate: float,
              warmup: float = 0.1, weight_decay: float = 0.01, folder=None, save_every: int = 200,
              on_step: Callable | None = None, progress: bool = True,
              matmul_precision: str = "float32") -> dict:  # fmt: skip
    """Trains model and head together; called again with the same arguments and folder, it goes on where it stopped.

    Args:
        model: what learns.
        batches: what it learns from.
        loss_of: (logits (B, T, C), *targets) -> scalar.
        steps: how many.
        learning_rate: the highest; see `make_optimizer`.
        warmup: see `make_optimizer`.
        weight_decay: see `make_optimizer`.
        folder: where a checkpoint is kept; None keeps none.
        save_every: how many steps lie between two.
        on_step: called after each step as on_step(step, loss).
        progress: show a bar.
        matmul_precision: "bfloat16" rounds what products multiply: see `utils.layers.quick`.

    Returns:
        {"loss": one for each step, "interrupted": bool}. Ctrl-C ends the training after the step at hand.

    Raises:
        CheckpointError: the folder cannot be written, or its checkpoint was made with other data or settings.
        ValueError: another precision than float32 or bfloat16, or bfloat16 on a cluster.
    """
    quick.check_precision(matmul_precision)
    if matmul_precision != "float32" and cluster.is_used():
        raise ValueError(f"On a cluster products are of float32. Received: {matmul_precision=}")
    if not model.built:
        model.build((None, None))
    optimizer = make_optimizer(learning_rate, steps, warmup, weight_decay)
    optimizer.build(model.trainable_variables)
    step = compiled(model, optimizer, loss_of, batches.batch(0), matmul_precision)
    dropout = model.encoder.dropout_rate, model.encoder.attention_dropout_rate
    other = () if matmul_precision == "float32" else (matmul_precision,)  # older checkpoints name none
    settings = (steps, learning_rate, warmup, weight_decay, *dropout, *other)
    marked = _Marked(batches, settings)
    return repeat(step, model, optimizer, marked, steps, folder, save_every, 1, on_step, progress)


def compiled(model, optimizer, loss_of: Callable, example: Sequence[np.ndarray],
             matmul_precision: str = "float32") -> Callable:  # fmt: skip
    """`fine_tuning_step` as one graph for batches of all sizes; called as step(*batch)."""
    if cluster.is_used():
        fill = [model.encoder.pad_id, 0, False, *[IGNORED] * (len(example) - 3)]
        split, targets = (lambda batch: (batch[:3], batch[3:])), len(example) - 3
        return cluster.step_over_devices(model, optimizer, loss_of, split, fill, targets, cluster.WIDTH)
    signature = [tf.TensorSpec([None] * array.ndim, array.dtype) for array in example]
    owners = weakref.ref(model), weakref.ref(optimizer)

    @tf.function(input_signature=signature, autograph=False)
    def run(*batch):
        model, optimizer = (owner() for owner in owners)
        with quick.layers_of(model, matmul_precision):
            return fine_tuning_step(model, optimizer, loss_of, batch)

    def step(*batch):
        with as_traced():
            if run.experimental_get_tracing_count():
                return run(*batch)
            collecting = gc.isenabled()
            gc.disable()  # tracing makes many objects, and with each search for garbage all that was read is looked at
            try:
                return run(*batch)
            finally:
                if collecting:
                    gc.enable()

    return step


@contextlib.contextmanager
def as_traced() -> Iterator[None]:
    """Within, graphs run as traced: TensorFlow rewrites them for 2 s of a first step, and no later step gains by it."""
    options, before = tf.config.optimizer, tf.config.optimizer.get_experimental_options()
    options.set_experimental_options({"disable_meta_optimizer": True})
    try:
        yield
    finally:
        options.set_experimental_options({"disable_meta_optimizer": before.get("disable_meta_optimizer", False)})


def compiled_logits(model, matmul_precision: str = "float32") -> Callable:
    """The model without dropout as one graph for batches of all sizes: (ids, types, mask) -> logits (B, T, C).

    Raises:
        ValueError: another precision than float32 or bfloat16.
    """
    quick.check_precision(matmul_precision)
    signature = [tf.TensorSpec((None, None), kind) for kind in ("int32", "int32", "bool")]
    owner = weakref.ref(model)

    @tf.function(input_signature=signature, autograph=False)
    def run(token_ids, token_type_ids, padding_mask):
        model = owner()
        with quick.layers_of(model, matmul_precision):
            return model(token_ids, token_type_ids, padding_mask, training=False)

    return run


class _Marked:
    """Batches whose fingerprint also tells the settings: with another schedule one cannot go on as if not stopped."""

    def __init__(self, batches: TaskBatches, settings: tuple):
        self.batch, self.tokens = batches.batch, batches.tokens
        self._mark, self._settings = batches.fingerprint, settings

    def fingerprint(self) -> str:
        return f"{self._mark()} {self._settings}"
