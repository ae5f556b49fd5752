"""Sentences: none is lost, none is cut at a number or a title."""

import numpy as np
import pytest

from utils.text.sentences import sentences


def cut(text):
    return [text[start:end].strip() for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jane left. Omar stayed!  Why?", ["Jane left.", "Omar stayed!", "Why?"]),
        ("It costs 3.50 in the U.S.A today. No more.", ["It costs 3.50 in the U.S.A today.", "No more."]),
        ("Dr. J. Brown met Mrs. Ode. They spoke.", ["Dr. J. Brown met Mrs. Ode.", "They spoke."]),
        ('"Come in." She did (slowly.) Then', ['"Come in."', "She did (slowly.)", "Then"]),
        ("A heading\nand a line\n\nAnother", ["A heading", "and a line", "Another"]),
        ("wait... what", ["wait...", "what"]),
        ("彼は来た。彼女も来た。", ["彼は来た。", "彼女も来た。"]),
        ("no stop at all", ["no stop at all"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_where_sentences_end(text, expected):
    assert cut(text) == expected


def test_they_cover_every_text_in_order():
    rng = np.random.default_rng(0)
    for _ in range(200):
        text = "".join(rng.choice(list('ab .!?\n"D)')) for _ in range(rng.integers(1, 60)))
        spans = sentences(text)
        if not text.strip():
            assert spans == []
            continue
        assert spans[0][0] == 0 and spans[-1][1] == len(text)
        assert all(one[1] == other[0] for one, other in zip(spans, spans[1:], strict=False))
        assert all(text[start:end].strip() for start, end in spans)
