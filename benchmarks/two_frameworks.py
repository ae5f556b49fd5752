"""Lesson 13's side by side: Keras goes on with the training of a model that PyTorch saved, and says what it says.

`python -m benchmarks.two_frameworks FOLDER BATCHES.npz OUT.npz`, which `keras_goes_on` calls, reads the model, writes
the logits that it gives for the first batch and the shape of a weight, then takes a step on every batch, without
dropout, and writes each loss.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]


QUERY = "encoder_layers/0/self_attention/query_kernel"


def keras_goes_on(folder, batches, learning_rate: float) -> dict[str, np.ndarray]:
    """What Keras says of a saved model, and how its training goes on, in a process of its own.

    Args:
        folder: written by `save`, of either framework.
        batches: N of them: token_ids, token_type_ids, padding_mask (B, T), start_positions, end_positions (B,).
        learning_rate: see `utils.tasks.fine_tuning.make_optimizer`, whose optimizer takes the N steps.

    Returns:
        "logits": start and end (2, B, T) of the first batch, before any step; "losses": before each step, (N,);
        "query_kernel": its shape in Keras.

    Raises:
        RuntimeError: the other process failed; the message is its own.
    """
    with tempfile.TemporaryDirectory() as scratch:
        given, out = Path(scratch) / "batches.npz", Path(scratch) / "out.npz"
        arrays = {f"{n}/{part}": array for n, batch in enumerate(batches) for part, array in enumerate(batch)}
        np.savez(given, learning_rate=learning_rate, **arrays)
        command = [
            sys.executable,
            "-m",
            "benchmarks.two_frameworks",
            str(Path(folder).absolute()),
            str(given),
            str(out),
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"Keras could not go on with {folder}: {done.stderr.strip().splitlines()[-1]}")
        with np.load(out) as found:
            return dict(found)


def main(folder: str, given: str, out: str) -> None:
    """What the other process does."""
    from utils.notebook import quiet_import

    quiet_import("keras")
    import tensorflow as tf

    from utils.tasks import fine_tuning
    from utils.tasks.question_answering import load, qa_loss

    with np.load(given) as arrays:
        rate, number = float(arrays["learning_rate"]), sum(name.endswith("/0") for name in arrays.files)
        batches = [[arrays[f"{n}/{part}"] for part in range(5)] for n in range(number)]
    reader = load(folder)
    logits = np.stack(reader.logits(*batches[0][:3]))
    model, optimizer = reader.model, fine_tuning.make_optimizer(rate, number)

    @tf.function(input_signature=[tf.TensorSpec([None] * a.ndim, a.dtype) for a in batches[0]], autograph=False)
    def step(*batch):
        with tf.GradientTape() as tape:
            loss = qa_loss(*batch[3:], *model(*batch[:3], training=False))
        gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
        gradients, _ = tf.clip_by_global_norm(gradients, fine_tuning.CLIP_NORM)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    optimizer.build(model.trainable_variables)
    losses = np.array([float(step(*batch)) for batch in batches])
    np.savez(out, logits=logits, losses=losses, query_kernel=model.weights_by_path()[QUERY].shape)


if __name__ == "__main__":
    main(*sys.argv[1:])
