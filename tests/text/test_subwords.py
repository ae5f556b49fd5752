"""The vocabulary: text comes back, the same text gives the same pieces, and nothing is undefined."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.text import SubwordVocabulary, pad_batch

TEXTS = [
    "Jane visite l'Afrique en septembre.",
    "Où est-ce que nous allons ? Nous n'allons pas au Portugal !",
    "She doesn't visit the old house in June; does he?",
    "L’été, les cœurs légers chantent : « ça va ».",
] * 5
VOCABULARY = SubwordVocabulary.train(TEXTS, 140)


@pytest.mark.parametrize("text", TEXTS[:4])
def test_text_comes_back(text):
    ids = VOCABULARY.encode(text)
    assert ids.dtype == np.int32 and ids[0] == 1 and ids[-1] == 2 and 3 not in ids
    assert VOCABULARY.decode(ids) == text
    assert VOCABULARY.decode(np.concatenate([ids[1:], [0, 0, 9]])) == text  # what follows the end is not said


@given(st.text(alphabet=sorted(set("".join(TEXTS)) | set("\n\t")), max_size=40))
def test_any_text_of_known_characters_comes_back(text):
    assert VOCABULARY.decode(VOCABULARY.encode(text)) == " ".join(text.split())


@given(st.text(max_size=30))
def test_any_text_at_all_has_a_defined_result(text):
    ids = VOCABULARY.encode(text)
    known = set("".join(TEXTS))
    folded = " ".join(unicodedata.normalize("NFC", text).replace("▁", " ").split())
    assert ids[0] == 1 and ids[-1] == 2 and ids.max() < len(VOCABULARY)
    assert len(folded) == 0 or (3 in ids) == bool(set(folded) - known - {" "}) or "▁" in text


def test_unknown_characters_are_one_unknown_token_each():
    ids = VOCABULARY.encode("visite 北京")
    assert (ids == VOCABULARY.unknown_id).sum() == 2
    assert VOCABULARY.decode(ids) == "visite ��"


def test_names_of_special_tokens_are_text():
    ids = SubwordVocabulary.train([*TEXTS, "<end> <pad>"], 200).encode("<end>")
    assert (ids == 2).sum() == 1 and len(ids) > 3


def test_empty_text_is_start_and_end():
    assert VOCABULARY.encode("").tolist() == VOCABULARY.encode("  \n").tolist() == [1, 2]
    assert VOCABULARY.decode([]) == VOCABULARY.decode([1, 2]) == ""


def test_pieces_do_not_reach_across_words_and_elisions():
    pieces = SubwordVocabulary.train(TEXTS, 200).pieces("l'Afrique, septembre.")
    assert pieces == ["▁l'", "Afrique", ",", "▁septembre", "."]


def test_same_texts_same_vocabulary(tmp_path):
    VOCABULARY.save(tmp_path / "tokenizer.json")
    SubwordVocabulary.train(list(TEXTS), 140).save(tmp_path / "again.json")
    assert (tmp_path / "tokenizer.json").read_bytes() == (tmp_path / "again.json").read_bytes()
    loaded = SubwordVocabulary.load(tmp_path / "tokenizer.json")
    assert all(np.array_equal(loaded.encode(t), VOCABULARY.encode(t)) for t in [*TEXTS, "<end>", "北"])
    assert len(loaded) == len(VOCABULARY) == 140


def test_composed_and_lower_case():
    assert VOCABULARY.encode("e\N{COMBINING ACUTE ACCENT}te").tolist() == VOCABULARY.encode("éte").tolist()
    lower = SubwordVocabulary.train(TEXTS, 200, lowercase=True)
    assert lower.decode(lower.encode("JANE Visite")) == "jane visite"


def test_what_cannot_be_done_says_why(tmp_path):
    for wrong, error in ((["", " "], ValueError), ("text", TypeError), ([3], TypeError)):
        with pytest.raises(error, match="Received"):
            SubwordVocabulary.train(wrong)
    with pytest.raises(ValueError, match="id 140"):
        VOCABULARY.decode([1, 140])
    with pytest.raises(FileNotFoundError, match="no vocabulary"):
        SubwordVocabulary.load(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(ValueError, match="is not a tokenizer.json"):
        SubwordVocabulary.load(tmp_path / "bad.json")


def test_rows_are_padded_to_the_longest_or_further():
    rows = [np.array([5, 6, 7]), np.array([8])]
    assert pad_batch(rows).tolist() == [[5, 6, 7], [8, 0, 0]]
    assert pad_batch(rows, length=4).shape == (2, 4) and pad_batch([]).shape == (0, 0)
