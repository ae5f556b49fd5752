"""Words of many scripts, and CSV of words: where quotes open, what a quote is between tabs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.datasets.readers.entity_examples import WORD, split_words
from utils.datasets.readers.entity_files import EntityFileError, Problem, examine_entities, read_entities

# CSV -----------------------------------------------------------------------------------------------

HEAD = "Sentence #,Word,POS,Tag\nS1,Ana,N,B-PER\n"


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (',"said,V,O\n,hi,V,O\n', 3),
        (',x,V,O\n,"said,V,O\n,hi,V,O\nS2,"hello",V,O\n', 4),
        (',"said,V,O\n,hi",V,O\nS2,x,V,O\n', 3),
        (',",",P,O\n,"",P,O\n,""",P,O\n,hi,V,O\n', 5),
    ],
)
def test_an_open_quote_is_refused_where_it_opens(tmp_path, rows, line):
    path = tmp_path / "x.csv"
    path.write_text(HEAD + rows)
    problems = [item for item in examine_entities(path) if isinstance(item, Problem)]
    (problem,) = [p for p in problems if p.kind == "bad quotes"]
    assert problem.line == line and not problem.kept and '""""' in problem.advice
    with pytest.raises(EntityFileError, match=f"line {line}"):
        read_entities(path)


def test_between_tabs_a_quote_is_a_sign(tmp_path):
    path = tmp_path / "x.tsv"
    path.write_text('word\ttag\n"\tO\nAna\tB-PER\n"\tO\n5"\tO\n')
    (example,) = read_entities(path)
    assert example.text == '" Ana " 5"' and len(example.spans) == 1
    path.write_text('word\ttag\n""""\tO\nAna\tB-PER\n')
    assert read_entities(path)[0].text == '" Ana'


# Words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("李明在上海 met Al", "李 明 在 上 海 met Al"),
        ("東京タワーへ", "東 京 タ ワ ー へ"),
        ("Zoe\u0308 left!", "Zoe\u0308 left !"),
        ("हिन्दी भाषा", "हिन्दी भाषा"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("co\u00adoperate", "co\u00adoperate"),
        ("\u200bAna\u200b left \u0301 \u2060.", "Ana left ."),
        ("กา", "ก า"),
        ("한국 10\u00a0000 é🙂a", "한국 10 000 é 🙂 a"),
    ],
)
def test_words_of_many_scripts(text, words):
    assert [text[a:b] for a, b in split_words(text)] == words.split(" ")


@settings(deadline=None, max_examples=200)
@given(st.text("ab1_ é.,!\n\tß-’🙂"))
def test_words_without_marks_are_as_they_were(text):
    assert split_words(text) == [found.span() for found in WORD.finditer(text)]


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=40))
def test_words_of_any_text_are_apart_and_hold_every_letter(text):
    words, place = split_words(text), 0
    for start, end in words:
        assert place <= start < end
        place = end
    held = {n for start, end in words for n in range(start, end)}
    assert all(n in held for n, character in enumerate(text) if character.isalnum())
