"""Single words in the encoder's vocabulary: their pieces, and the vectors of its embedding table."""

import functools
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from safetensors import safe_open
from tokenizers import Tokenizer

from utils.pretrained.checkpoint import load_tokenizer
from utils.pretrained.download import fetch

WORD_EMBEDDINGS = "embeddings.word_embeddings.weight"  # (V, D) in model.safetensors


def word_pieces(words: Iterable[str], name: str = "minilm") -> list[list[str]]:
    """Split each of N words into the word pieces of the checkpoint's vocabulary.

    Returns:
        N lists of pieces, none empty; a piece that continues a word starts with ``##``.

    Raises:
        TypeError: ``words`` is a single string, or one of them is not a string.
        ValueError: a word gives no piece (it is empty, or only white space).
    """
    tokenizer = _tokenizer_of(fetch(name))
    return [[tokenizer.id_to_token(i) for i in ids] for ids in _piece_ids(words, tokenizer)]


def word_vectors(words: Iterable[str], name: str = "minilm") -> np.ndarray:
    """Look N words up in the checkpoint's table of word embeddings, of width D.

    A word of several pieces gets the mean of their rows. Context plays no part: these are the vectors
    that enter the first layer, before positions are added.

    Returns:
        (N, D) float32; (0, D) for no words.

    Raises:
        TypeError: ``words`` is a single string, or one of them is not a string.
        ValueError: a word gives no piece (it is empty, or only white space).
    """
    folder = fetch(name)
    ids_of_words = _piece_ids(words, _tokenizer_of(folder))
    with safe_open(folder / "model.safetensors", framework="numpy") as checkpoint:
        table = checkpoint.get_slice(WORD_EMBEDDINGS)  # (V, D), of which only the rows asked for are read
        vectors = np.empty((len(ids_of_words), table.get_shape()[1]), "float32")
        for vector, ids in zip(vectors, ids_of_words, strict=True):
            vector[:] = np.mean([table[i] for i in ids], axis=0)
    return vectors


def _tokenizer_of(folder: Path) -> Tokenizer:
    """The folder's tokenizer, kept, since reading it takes far longer than a word; read anew where its file changed."""
    return _kept_tokenizer(folder, (folder / "tokenizer.json").stat().st_mtime_ns)


@functools.lru_cache(maxsize=2)
def _kept_tokenizer(folder: Path, changed: int) -> Tokenizer:
    return load_tokenizer(folder)


def _piece_ids(words: Iterable[str], tokenizer: Tokenizer) -> list[list[int]]:
    if isinstance(words, (str, bytes)):
        raise TypeError(f"Pass a list of words, [{words!r}] for a single one. Received: words={words!r}.")
    ids_of_words = []
    for index, word in enumerate(words):
        if not isinstance(word, str):
            kind = type(word).__name__
            raise TypeError(f"Every word must be a str. Received: words[{index}]={word!r}, of type {kind}.")
        ids = tokenizer.encode(word, add_special_tokens=False).ids
        if not ids:
            raise ValueError(f"A word must have at least one piece. Received: words[{index}]={word!r}.")
        ids_of_words.append(ids)
    return ids_of_words
