"""Parallel text with other things in it: lines about the file, keys of a database, marks of a tool, no sentences."""

import pytest

from tests.datasets.formats.test_more_parallel import PAIRS, lines, reading, rows
from utils.datasets.readers.parallel import ParallelTextError


@pytest.fixture
def read(tmp_path):
    return reading(tmp_path)


def test_a_null_of_postgresql_is_no_sentence(read):
    pairs, said, _ = read("en\tfr\n" + rows("{0}\t{1}") + "Only here.\t\\N\n")
    assert pairs == PAIRS and "line 6: \\N stands where a sentence is wanted. The pair was left out" in said


@pytest.mark.parametrize("about", ["# A vocabulary\tmade by x\n# Date\t2024\n", "# made by x\n\n"])
def test_lines_about_the_file_before_its_rows_are_passed_over_and_told(read, about):
    pairs, said, problems = read(about + rows("{0}\t{1}\tverb"))
    assert pairs == PAIRS and not problems and f"begin with # and are passed over ({about.splitlines()[0]!r}" in said
    other = [("# 1 is best", "Le n° 1"), *PAIRS]
    assert read(rows("{0}\t{1}", other))[0] == other


def test_what_elasticsearch_puts_around_a_pair(read):
    found = read(lines(lambda a, b, n: {"_index": "x", "_id": str(n), "_source": {"en": a, "fr": b}}))
    assert found[0] == PAIRS and "en to fr" in found[1] and not found[2]


def test_keys_of_a_data_base_are_no_sides(read):
    with pytest.raises(ParallelTextError, match="which are no sentence and its translation"):
        read(lines(lambda a, b, n: {"_index": "x", "_id": str(n), "_score": 1.0}))


def test_rows_that_each_name_both_languages_have_no_header(read):
    pairs, said, problems = read(rows("English,French,{0},{1}"))
    assert (
        pairs == PAIRS and not problems and "each row names English and French; columns 3 and 4 are the sides" in said
    )
    with pytest.raises(ParallelTextError, match="the sentences stand in other columns"):
        read(rows("{n},English,French,{0},{1}"))
    assert read(rows("{0},{1}", [("English", "French"), *PAIRS]))[0] == PAIRS


def test_where_every_text_is_quoted_quotes_are_no_signs_of_it(read):
    assert read('"en"\t"fr"\n' + rows('"{0}"\t"{1}"'))[0] == PAIRS
    pairs, said, problems = read('"en"\t"fr"\n' + rows('"{n}"\t"{0}"\t"{1}"'))  # R counts rows, under no name
    assert pairs == PAIRS and "quoted as in CSV" in said and [p[:2] for p in problems] == ["1:"]
    spoken = [(f'"{a}"', f'"{b}"') for a, b in PAIRS]
    assert read("en\tfr\n" + rows("{0}\t{1}", spoken))[0] == spoken


TALKS = "<url>x</url>\n<keywords>tea</keywords>\n<talkid>1</talkid>\n"
BOOK = "\\id GEN\n\\c 1\n\\p\n"


@pytest.mark.parametrize(("before", "line", "said"), [
    ('<srcset setid="x" srclang="any">\n', "{}", "is XML or SGML"),
    (TALKS, "{}", "lines in tags about each talk"), (BOOK, "\\v {n} {}", "a book of the Bible with its marks"),
])  # fmt: skip
def test_two_files_that_hold_more_than_sentences(read, before, line, said):
    sides = [
        before + "".join(line.format(side, n=n) + "\n" for n, side in enumerate(one, 1))
        for one in zip(*PAIRS, strict=True)
    ]
    with pytest.raises(ParallelTextError, match=said):
        read(*sides)


def test_lines_of_markup_alone_in_two_files_are_passed_over_and_told(read):
    sides = [['<CHAPTER ID="1">', *one[:2], "<P>", *one[2:], "<range>"] for one in zip(*PAIRS, strict=True)]
    pairs, said, problems = read(*("\n".join(side) + "\n" for side in sides))
    assert pairs == PAIRS and not problems
    assert "line 1: markup alone in both files. It was passed over, and 2 more like it" in said
    pairs, said, _ = read("<name>\nHi <b>Al</b>.\n", "Al\nAllô <b>Al</b>.\n")
    assert pairs == [("<name>", "Al"), ("Hi <b>Al</b>.", "Allô <b>Al</b>.")] and not said


def test_one_of_two_files_that_holds_no_sentences(read):
    several = [(f"{a} It is {n} o'clock.", b) for n in range(3) for a, b in PAIRS]
    texts = "".join(a + "\n" for a, _ in several)
    for marks, what in (("GEN 1:{}", "verses"), ("{}", "numbers"), ("en/x{}.xml", "names of files")):
        other = "".join(marks.format(n) + "\n" for n in range(1, len(several) + 1))
        assert f"pairs1 holds {what}, and no sentences. Is that meant?" in read(texts, other)[1]
        assert f"pairs0 holds {what}, and no sentences. Is that meant?" in read(other, texts)[1]
    assert read(texts, "".join(b + "\n" for _, b in several))[1] == ""


def test_sides_that_are_the_same_in_one_file_are_told(read):
    several = [(f"{a} {n}", f"{b} {n}") for n in range(2) for a, b in PAIRS]
    same = [(a, a) for a, _ in several]
    pairs, said, _ = read(rows("{0}\t{1}", same))
    assert pairs == same and said.endswith("pairs0: both sides are the same in 8 of 8 pairs. Is that meant?")
    assert "are the same" not in read(rows("{0}\t{1}", same[:4] + several[4:]))[1]
