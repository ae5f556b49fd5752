"""What the Keras model of a folder says, for a process that must not import Keras itself.

`python -m utils.tasks.keras_logits FOLDER BATCH.npz OUT.npz` reads token_ids, token_type_ids and padding_mask, and
writes start and end, (B, T) each.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]


def logits_of_keras(folder, token_ids, token_type_ids, padding_mask) -> tuple[np.ndarray, np.ndarray]:
    """Start and end logits (B, T) of the Keras model in a folder, computed in a process of its own.

    Args:
        folder: written by `save`, of either framework.
        token_ids: (B, T).
        token_type_ids: (B, T).
        padding_mask: bool (B, T), True = token.

    Raises:
        RuntimeError: the other process failed; the message is its own.
    """
    with tempfile.TemporaryDirectory() as scratch:
        batch, out = Path(scratch) / "batch.npz", Path(scratch) / "out.npz"
        np.savez(batch, token_ids=token_ids, token_type_ids=token_type_ids, padding_mask=padding_mask)
        command = [sys.executable, "-m", "utils.tasks.keras_logits", str(Path(folder).absolute()), str(batch), str(out)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"Keras could not read {folder}: {done.stderr.strip().splitlines()[-1]}")
        with np.load(out) as found:
            return found["start"], found["end"]


def main(folder: str, batch: str, out: str) -> None:
    """What the other process does."""
    from utils.notebook import quiet_import

    quiet_import("keras")
    from utils.tasks.question_answering import load

    with np.load(batch) as arrays:
        start, end = load(folder).logits(*(arrays[n] for n in ("token_ids", "token_type_ids", "padding_mask")))
    np.savez(out, start=start, end=end)


if __name__ == "__main__":
    main(*sys.argv[1:])
