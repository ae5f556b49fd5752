"""The pre-trained encoder: fetched (`download`), read from a folder (`checkpoint`), in our layers (`encoder`).

What needs Keras is imported when it is asked for: fetching and reading do without.
"""

import importlib
from typing import TYPE_CHECKING

from utils.pretrained.checkpoint import (
    EncoderError,
    load_tokenizer,
    map_weights,
    read_config,
    read_weights,
    wordpiece_tokenize,
)
from utils.pretrained.download import Checkpoint, CheckpointFile, FetchError, encoder_folder, fetch
from utils.pretrained.words import word_pieces, word_vectors

if TYPE_CHECKING:  # read by editors and by the build, never run
    from utils.pretrained.encoder import load_encoder, mean_pool, random_encoder

NEED_KERAS = ("load_encoder", "mean_pool", "random_encoder")

__all__ = [
    "Checkpoint",
    "CheckpointFile",
    "EncoderError",
    "FetchError",
    "encoder_folder",
    "fetch",
    "load_encoder",
    "load_tokenizer",
    "map_weights",
    "mean_pool",
    "random_encoder",
    "read_config",
    "read_weights",
    "word_pieces",
    "word_vectors",
    "wordpiece_tokenize",
]


def __getattr__(name: str):
    """Imports what needs Keras."""
    if name in NEED_KERAS:
        return getattr(importlib.import_module("utils.pretrained.encoder"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
