"""The word vectors that the fetched checkpoint holds, and the pieces of words."""

import numpy as np
import pytest
from safetensors import safe_open

from utils.pretrained import fetch, word_pieces, word_vectors
from utils.pretrained.words import WORD_EMBEDDINGS


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    """Of two vectors of width D."""
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


@pytest.fixture(scope="module")
def table():
    """The whole table of word embeddings, (V, D), and the piece each row belongs to."""
    folder = fetch()
    with safe_open(folder / "model.safetensors", framework="numpy") as checkpoint:
        rows = checkpoint.get_tensor(WORD_EMBEDDINGS)
    return rows, (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()


def test_word_vectors_are_the_rows_of_the_table(table):
    rows, vocabulary = table
    vectors = word_vectors(["station", "train"])
    assert vectors.shape == (2, 384) and vectors.dtype == np.float32 and np.isfinite(vectors).all()
    for word, vector in zip(["station", "train"], vectors, strict=True):
        np.testing.assert_array_equal(vector, rows[vocabulary.index(word)])


def test_a_word_of_several_pieces_is_their_mean(table):
    rows, vocabulary = table
    pieces = ["l", "'", "af", "##ri", "##que"]
    assert word_pieces(["l'Afrique", "station"]) == [pieces, ["station"]]
    mean = rows[[vocabulary.index(piece) for piece in pieces]].mean(axis=0)
    np.testing.assert_allclose(word_vectors(["station", "l'afrique"])[1], mean, rtol=1e-6, atol=1e-8)


def test_neither_truncation_nor_padding():
    assert len(word_pieces(["a-" * 200])[0]) == 400
    assert word_pieces(["on"]) == [["on"]]


def test_station_is_nearer_to_train_than_to_on():
    station, train, on = word_vectors(("station", "train", "on"))
    assert cosine(station, train) > cosine(station, on)


def test_no_words_at_all():
    assert word_vectors([]).shape == (0, 384) and word_pieces([]) == []


@pytest.mark.parametrize("function", [word_vectors, word_pieces])
@pytest.mark.parametrize(
    "words, error, said",
    [
        ("station", TypeError, r"Pass a list of words, \['station'\]"),
        (b"station", TypeError, "Pass a list of words"),
        (["station", 3], TypeError, r"words\[1\]=3, of type int"),
        (["station", None], TypeError, r"words\[1\]=None"),
        (["station", ""], ValueError, r"words\[1\]=''"),
        ([" \t"], ValueError, r"words\[0\]="),
    ],
)
def test_words_that_cannot_be_looked_up(function, words, error, said):
    with pytest.raises(error, match=said):
        function(words)
