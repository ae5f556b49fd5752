"""Parallel text in other layouts: read as its makers mean it, or refused with what was recognised; guesses are told."""

import json

import pytest

from utils.datasets.readers.parallel import ParallelTextError, read_pairs
from utils.tasks.__main__ import main

PAIRS = [
    ("Salut.", "Hi."),
    ("Cours !", "Run!"),
    ("Qui ?", "Who?"),
    ("Au feu !", "Fire!"),
    ("Il a 3 chats.", "He has 3."),
]


@pytest.fixture
def read(tmp_path):
    def of(content, **options):
        path = tmp_path / "pairs"
        path.write_text(content, encoding="utf-8")
        said = []
        return list(read_pairs(path, tell=said.append, **options)), " ".join(said)

    return of


def rows(form):
    return "".join(
        form.format(fr, en, n=1000 + 7 * n, m=2481 + n, s=1.25 - n / 10) + "\n" for n, (fr, en) in enumerate(PAIRS)
    )


@pytest.mark.parametrize(
    "form",
    [
        "{n}\t{0}\t{m}\t{1}",
        "{s}\t{0}\t{1}",
        "{s:.4e}\t{0}\t{1}",
        "{n}\tfra\t{0}\t{m}\teng\t{1}",
        "{0}\t{n}\t{1}",
        "fra\t{0}\teng\t{1}\t{s}",
    ],
)
def test_columns_of_numbers_and_codes_are_no_sentences(read, form):
    pairs, said = read(rows(form))
    assert pairs == PAIRS
    assert "the sides are columns" in said


def test_two_columns_are_taken_as_they_are_even_numbers(read):
    assert read("1\tone\n2\ttwo\n3\tthree\n") == ([("1", "one"), ("2", "two"), ("3", "three")], "")


@pytest.mark.parametrize("header", ["french\tenglish", "source\ttarget", "fr\ten", "sentence1\tsentence2"])
def test_a_first_row_of_names_is_passed_over_and_told(read, header):
    pairs, said = read(header + "\n" + rows("{0}\t{1}"))
    assert pairs == PAIRS and "names the columns" in said


def test_a_heading_over_columns_of_numbers(read):
    pairs, said = read("id\tfrench\tid2\tenglish\n" + rows("{n}\t{0}\t{m}\t{1}"))
    assert pairs == PAIRS and "names the columns" in said and "columns 2 and 4" in said


def test_sentences_that_are_words_of_headings_are_kept(read):
    pairs, said = read("Text\tBonjour\n" + rows("{0}\t{1}"))
    assert pairs[0] == ("Text", "Bonjour") and not said


def test_columns_chosen_are_taken(read):
    assert read(rows("{n}\t{0}\t{m}\t{1}"), columns=(0, 1))[0][0] == ("1000", "Salut.")


def test_columns_chosen_pass_over_a_heading(read):
    pairs, said = read("id\tfrench\tid2\tenglish\n" + rows("{n}\t{0}\t{m}\t{1}"), columns=(3, 1))
    assert pairs == [(en, fr) for fr, en in PAIRS] and "names the columns" in said


def test_columns_chosen_of_csv(read):
    content = rows('{n},"{1}","{0}"')
    pairs, said = read(content, columns=(2, 1))
    assert pairs == PAIRS and "CSV" in said
    assert read("number,english,french\n" + content, columns=(2, 1))[0] == PAIRS


def test_columns_chosen_where_there_are_none(read):
    with pytest.raises(ParallelTextError, match="JSON, which has no columns, and columns 1 and 2"):
        read('{"fr": "a", "en": "b"}\n', columns=(0, 1))
    with pytest.raises(ParallelTextError, match="TMX, which has no columns"):
        read('<tmx version="1.4"/>', columns=(0, 1))


def test_the_other_way_round(read):
    assert read(rows("{0}\t{1}\tCC-BY 2.0"), reverse=True)[0] == [(en, fr) for fr, en in PAIRS]


def test_one_column_of_text_is_refused(read):
    with pytest.raises(ParallelTextError, match=r"1 \(numbers\), 2 \(text\), 3 \(numbers\).*--columns"):
        read(rows("{n}\t{0}\t{m}"))


@pytest.mark.parametrize(
    "wrap",
    [
        lambda fr, en: {"translation": {"fr": fr, "en": en}},
        lambda fr, en: {"fr": fr, "en": en, "id": 4},
        lambda fr, en: {"target": en, "source": fr},
    ],
)
def test_json_lines(read, wrap):
    pairs, said = read("".join(json.dumps(wrap(*pair), ensure_ascii=False) + "\n" for pair in PAIRS))
    assert pairs == PAIRS and "JSON Lines" in said


def test_json_lines_with_another_key_or_no_json_name_the_line(read):
    content = '{"fr": "a", "en": "b"}\n{"fr": "a", "de": "b"}\n{"fr": \n'
    problems = []
    assert read(content, on_error="skip", problems=problems)[0] == [("a", "b")]
    assert [(p.line, p.kind) for p in problems] == [(2, "missing column"), (3, "not JSON")]
    assert "there is ['fr', 'de']" in problems[0].message
    with pytest.raises(ParallelTextError, match="cannot be told"):
        read('{"a": "x", "b": "y", "c": "z"}\n')


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_csv_that_names_both_sides(read, delimiter):
    body = "".join(delimiter.join(f'"{side}"' for side in (str(n), fr, en)) + "\n" for n, (fr, en) in enumerate(PAIRS))
    pairs, said = read(delimiter.join(("id", "fr", "en")) + "\n" + body)
    assert pairs == PAIRS and "CSV" in said


def test_a_comma_alone_is_no_csv(read):
    with pytest.raises(ParallelTextError, match="no line has a tab"):
        read("Oui, Jane\nNon, Jane\n")


def test_an_open_quote_is_refused_with_its_line(read):
    with pytest.raises(ParallelTextError, match="line 3: a quote is opened"):
        read('source,target\n"a","b"\n"c,"d\n"e","f"\n')


TMX = """<?xml version="1.0"?><tmx version="1.4"><header srclang="fr"/><body>
<tu><tuv xml:lang="en"><seg>Hi <b>there</b>.</seg></tuv><tuv xml:lang="fr"><seg>Salut.</seg></tuv></tu>
<tu><tuv xml:lang="en"><seg>Run!</seg></tuv><tuv xml:lang="fr"><seg></seg></tuv></tu>
<tu><tuv xml:lang="en"><seg>Who?</seg></tuv><tuv xml:lang="fr"><seg>Qui ?</seg></tuv></tu>{more}</body></tmx>"""


def test_tmx(read):
    problems = []
    pairs, said = read(TMX.format(more=""), on_error="skip", problems=problems)
    assert pairs == [("Salut.", "Hi there."), ("Qui ?", "Who?")] and "TMX, fr to en" in said
    assert "unit 2 has nothing in fr" in problems[0].message
    third = '<tu><tuv xml:lang="de"><seg>Wer?</seg></tuv></tu>'
    with pytest.raises(ParallelTextError, match="two languages are wanted"):
        read(TMX.format(more=third))
    with pytest.raises(ParallelTextError, match="not well-formed XML"):
        read(TMX.format(more="<tu>"))


def test_the_shell_chooses_columns_tells_guesses_and_names_leaks(tmp_path, capsys):
    train, dev = tmp_path / "train.tsv", tmp_path / "dev.tsv"
    train.write_text(rows("{n}\t{1}\t{m}\t{0}"), encoding="utf-8")
    dev.write_text("1\tHi.\t2\tSalut.\n1\tHello.\t2\tBonjour.\n", encoding="utf-8")
    assert main(["translate", str(train), str(dev), "--check-only", "--reverse"]) == 1
    said = capsys.readouterr().out
    assert "the sides are columns 2 and 4" in said and "1 of 2 pairs also stand in train" in said
    assert main(["translate", str(train), "--check-only", "--columns", "2,4"]) == 0
    with pytest.raises(SystemExit):
        main(["translate", str(train), "--check-only", "--columns", "0,4"])
    assert "counted from 1" in capsys.readouterr().err
