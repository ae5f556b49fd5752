"""The loop around the step: it shows where it stands, keeps checkpoints, and can be stopped at any time."""

import contextlib
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from utils.layers.contract import check_positive
from utils.training import cluster
from utils.training.batches import BucketedBatches
from utils.training.checkpoint import (
    CheckpointError,
    list_checkpoints,
    load_checkpoint,
    read_checkpoint,
    save_checkpoint,
)
from utils.training.losses import masked_accuracy, masked_loss
from utils.training.schedules import WarmupSchedule
from utils.training.steps import train_step


def make_optimizer(d_model: int, warmup_steps: int = 4000) -> keras.optimizers.Optimizer:
    """Adam with the paper's settings and schedule (section 5.3)."""
    return keras.optimizers.Adam(WarmupSchedule(d_model, warmup_steps), beta_1=0.9, beta_2=0.98, epsilon=1e-9)


def fit(model, optimizer, batches: BucketedBatches, steps: int, label_smoothing: float = 0.1, folder=None,
        save_every: int = 500, keep: int = 1, on_step: Callable | None = None,
        progress: bool = True) -> dict:  # fmt: skip
    """Trains up to step number `steps`, from wherever the optimizer, or the folder's last checkpoint, stands.

    Ctrl-C ends it after the step at hand: what was learnt stays in the model, a checkpoint is written, the
    history is returned.

    Args:
        model: a `Transformer`.
        optimizer: a Keras optimizer.
        batches: what to learn from.
        steps: the number of the last step, counted from the first training on.
        label_smoothing: see `masked_loss`.
        folder: where checkpoints go; None writes none.
        save_every: how many steps lie between two.
        keep: how many stay.
        on_step: called after each step as on_step(step, loss).
        progress: show a bar with loss, tokens a second and the time left.

    Returns:
        {"loss": float32 (steps,), one for each step ever made, "interrupted": bool}.

    Raises:
        CheckpointError: see `save_checkpoint`, or the checkpoint was made with other data.
    """
    if not model.built:
        model.build(((None, None), (None, None)))
    run = compiled_train_step(model, optimizer, label_smoothing)
    return repeat(run, model, optimizer, batches, steps, folder, save_every, keep, on_step, progress)


def repeat(run: Callable, model, optimizer, batches, steps: int, folder=None, save_every: int = 500, keep: int = 1,
           on_step: Callable | None = None, progress: bool = True) -> dict:  # fmt: skip
    """The loop of `fit` around a step of any kind.

    Args:
        run: what one step does, run(*batch) -> loss; it must apply the optimizer once.
        model: any built Keras model.
        optimizer: a Keras optimizer.
        batches: its `batch(step)` is a tuple of arrays, `tokens(batch)` their number, `fingerprint()` a text that
            changes with the data.
        steps: the number of the last step, counted from the first training on.
        folder: where checkpoints go; None writes none.
        save_every: how many steps lie between two.
        keep: how many stay.
        on_step: called after each step as on_step(step, loss).
        progress: show a bar.

    Returns, raises: see `fit`.
    """
    check_positive(steps=steps, save_every=save_every, keep=keep)
    losses = resume(model, optimizer, batches, folder)
    if cluster.is_used():
        cluster.as_the_first(model, optimizer)
    step = int(optimizer.iterations)
    losses = [*losses, *[np.nan] * (step - len(losses))]  # trained before without a folder: not known here
    saved, about = step, {} if folder is None else {"data": batches.fingerprint()}
    with show_progress(steps, step, progress) as show, stop_on_ctrl_c() as stop:
        while step < steps and not stop.is_set():
            batch = batches.batch(step)
            losses.append(float(run(*batch)))
            step += 1
            show(losses[-1], batches.tokens(batch))
            if on_step is not None:
                on_step(step, losses[-1])
            if folder is not None and step % save_every == 0:
                save_checkpoint(folder, model, optimizer, losses, about, keep)
                saved = step
        if folder is not None and saved < step:
            save_checkpoint(folder, model, optimizer, losses, about, keep)
    return {"loss": np.array(losses, "float32"), "interrupted": step < steps}


def resume(model, optimizer, batches, folder) -> np.ndarray:
    """Loads the folder's last checkpoint where it is further than the optimizer; returns the losses so far."""
    if not optimizer.built:
        optimizer.build(model.trainable_variables)
    paths = [] if folder is None else list_checkpoints(folder)
    if not paths or int(paths[-1].stem.split("-")[1]) < int(optimizer.iterations):
        return np.empty(0, "float32")
    if read_checkpoint(paths[-1])[1].get("data") != batches.fingerprint():
        raise CheckpointError(
            f"{paths[-1]} was made with other data, another seed or another size of batch, and cannot be gone on "
            "with as if it had not stopped. Choose another folder, or remove it to begin anew"
        )
    return load_checkpoint(paths[-1], model, optimizer)[0]


_STEPS = weakref.WeakKeyDictionary()  # optimizer -> its compiled steps; they go with it


def compiled_train_step(model, optimizer, label_smoothing: float) -> Callable:
    """`train_step` as one graph for all shapes, traced once for this model and optimizer however often asked."""
    if cluster.is_used():
        return cluster.translation_step(model, optimizer, label_smoothing)
    made = _STEPS.setdefault(optimizer, {})
    key = (weakref.ref(model), label_smoothing)
    if key not in made:
        owners = weakref.ref(model), weakref.ref(optimizer)
        ids = tf.TensorSpec((None, None), "int32")

        @tf.function(input_signature=(ids, ids, ids), autograph=False)
        def run(source_ids, target_inputs, labels):
            return train_step(*(owner() for owner in owners), source_ids, target_inputs, labels, label_smoothing)

        made[key] = run
    return made[key]


def evaluate(model, batches: BucketedBatches) -> dict[str, float]:
    """Loss (without smoothing, nats a token) and accuracy over one epoch: {"loss": …, "accuracy": …}."""
    ids, totals = tf.TensorSpec((None, None), "int32"), np.zeros(3)

    @tf.function(input_signature=(ids, ids, ids), autograph=False)
    def measure(source_ids, target_inputs, labels):
        logits = model((source_ids, target_inputs), training=False)
        return masked_loss(labels, logits, model.pad_id), masked_accuracy(labels, logits, model.pad_id)

    for step in range(batches.batches_per_epoch):
        batch = batches.batch(step)
        totals += np.array([*map(float, measure(*batch)), 1.0]) * np.sum(batch[2] != model.pad_id)
    return {"loss": totals[0] / totals[2], "accuracy": totals[1] / totals[2]}


@contextlib.contextmanager
def show_progress(steps: int, start: int, shown: bool) -> Iterator[Callable]:
    """A bar on standard output; call what it yields with the loss and the number of tokens of each step."""
    with tqdm(total=steps, initial=start, unit="step", file=sys.stdout, disable=not shown, mininterval=0.5) as bar:
        begun, tokens, smooth = time.monotonic(), 0, None

        def show(loss: float, count: int) -> None:
            nonlocal tokens, smooth
            tokens, smooth = tokens + count, loss if smooth is None else 0.95 * smooth + 0.05 * loss
            rate = tokens / max(time.monotonic() - begun, 1e-9)
            bar.set_postfix_str(f"loss {smooth:.3f}, {rate:,.0f} tokens/s", refresh=False)
            bar.update()

        yield show


@contextlib.contextmanager
def stop_on_ctrl_c() -> Iterator[threading.Event]:
    """Inside, the first Ctrl-C only sets the event, so that no step is cut in two; the second one interrupts."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop  # signals reach the main thread only
        return

    def handle(number, frame):
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
