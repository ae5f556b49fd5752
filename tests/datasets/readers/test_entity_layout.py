"""Columns as people have them: comments, numbers, several label columns; read as meant, and guesses are told."""

import pytest

from utils.datasets.readers.entity_files import format_of, read_entities
from utils.tasks.__main__ import main


@pytest.fixture
def read(tmp_path, read_entities_of):
    def of(content, **options):
        path = tmp_path / "entities.txt"
        path.write_text(content, encoding="utf-8")
        return read_entities_of(path, **options)

    return of


def kinds(problems):
    return [problem.kind for problem in problems]


@pytest.mark.parametrize(
    "content",
    [
        "# newdoc\nAna\tB-PER\nleft\tO\n",
        "# sent_id = s1\nAna NNP B-NP B-PER\nleft VBD B-VP O\n",
        "# text = Ana left\n# sent_id = 4\nAna\tNNP\tB-PER\nleft\tVBD\tO\n",
        "# id 7b\nAna B-PER\nleft O\n\n# id 7c O\nAna B-PER\nleft O\n",
        "#\thttp://example.org [2009-10-17]\n1\tAna\tB-PER\tO\n2\tleft\tO\tO\n",
        "#begin document (x)\nAna B-PER\nleft O\n#end document\n",
    ],
)
def test_comments_are_told_from_the_whole_file(read, content):
    texts, found, problems = read(content)
    assert set(texts) == {"Ana left"} and found[0] == [("Ana", "PER")]
    assert "lines that begin with # are comments" in " ".join(p.message for p in problems)


def test_a_number_sign_may_be_a_word(read):
    assert read("#\tO\n1\tO\nAna\tB-PER\n")[0] == ["# 1 Ana"]
    texts, found, _ = read("#Ana B-PER\nleft O\n# O\n5 O\n")
    assert texts == ["#Ana left # 5"] and found == [[("#Ana", "PER")]]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("0\tAna\tB-PER\n1\tleft\tO\n2\tRye\tB-LOC\n", "Ana left Rye"),
        ("1\tAna\tB-PER\n\n1\tShe\tO\n2\tleft\tO\n", "Ana"),
        ("1 Ana NNP B-PER\n2 left VBD O\n", "Ana left"),
        ("19 0 Ana NNP B-PER\n19 1 left VBD O\n\n20 0 Ana NNP B-PER\n", "Ana left"),
    ],
)
def test_numbers_in_front_are_decided_for_the_file(read, content, text):
    texts, found, problems = read(content)
    assert texts[0] == text and found[0][0] == ("Ana", "PER")
    assert "numbered words" in kinds(problems)


def test_ranges_and_empty_nodes_are_passed_over(read):
    texts, found, problems = read("1\tAna\tB-PER\n2-3\tau\tO\n2\tà\tO\n3\tle\tO\n3.1\tgone\tO\n4\tRye\tB-LOC\n")
    assert texts == ["Ana à le Rye"] and found == [[("Ana", "PER"), ("Rye", "LOC")]]
    (passed,) = [p for p in problems if p.kind == "rows passed over"]
    assert passed.line == 2 and "2 rows" in passed.message and passed.kept


@pytest.mark.parametrize(
    "content",
    [
        "1\tAna\tB-PER\n1\tleft\tO\n2\tBo\tB-PER\n2\tcame\tO\n",
        "1\t1\tAna\tB-PER\n1\t2\tleft\tO\n2\t1\tBo\tB-PER\n2\t2\tcame\tO\n",
        "19 Ana NNP B-PER\n19 left VBD O\n\n20 Bo NNP B-PER\n20 came VBD O\n",
    ],
)
def test_numbers_of_sentences(read, content):
    texts, found, problems = read(content)
    assert texts == ["Ana left", "Bo came"] and found == [[("Ana", "PER")], [("Bo", "PER")]]
    assert "column 1 numbers the sentences" in " ".join(p.message for p in problems)


def test_a_word_with_a_space_between_spaces_is_kept_whole_and_told(read):
    texts, found, problems = read("Ana NNP B-PER\nleft VBD O\nNew York NNP B-LOC\n")
    assert found == [[("Ana", "PER"), ("New York", "LOC")]] and texts == ["Ana left New York"]
    assert "1 row has more columns" in problems[-1].message and problems[-1].line == 3


def test_a_column_too_many_between_tabs_is_refused(read):
    texts, _, problems = read("Ana\tB-PER\nleft\tO\nBo\tB-PER\tseen\n")
    assert texts == [] and [(p.kind, p.line) for p in problems] == [("other number of columns", 3)]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("Ana\tb-per\nBell\ti-per\nleft\to\n", ("Ana Bell", "per")),
        ("Ana\tPER-B\nBell\tPER-I\nleft\tO\n", ("Ana Bell", "PER")),
        ("Ana\tPER\nBell\tPER\nleft\t_\n", ("Ana Bell", "PER")),
        ("Ana\tB\nBell\tI\n", ("Ana Bell", "ENTITY")),
        ("Ana\tW-PER\nleft\tO\n", ("Ana", "PER")),
        ("Moon\tart-music\n", ("Moon", "art-music")),
        ("Shirt\tM\nof\tO\nwool\tO\n", ("Shirt", "M")),
    ],
)
def test_labels_of_other_forms(read, content, found):
    assert read(content)[1] == [[found]]


@pytest.mark.parametrize("tag", ["B-PER|B-LOC", "B-PER;I-LOC", "B-PER,O"])
def test_two_labels_of_one_word_are_refused(read, tag):
    texts, _, problems = read(f"Ana\t{tag}\nleft\tO\n")
    assert texts == [] and "two labels" in problems[0].message


def test_treebanks_keep_labels_in_their_last_column(read):
    rows = ["1\tAna\tana\tPROPN\tX\t_\t2\tnsubj\t_\tSpaceAfter=No|NER=B-PER\n",
            "2-3\tau\t_\t_\t_\t_\t_\t_\t_\t_\n", "2\tleft\tgo\tVERB\tX\t_\t0\troot\t_\tNER=O\n"]  # fmt: skip
    texts, found, problems = read("# text = Ana left\n" + "".join(rows))
    assert texts == ["Ana left"] and found == [[("Ana", "PER")]]
    assert "NER=…" in problems[0].message and "rows passed over" in kinds(problems)


def test_numbers_that_are_words_stay_words(read):
    assert read("2024 CD B-DATE\n\nin IN O\nMay NNP B-DATE\n")[0] == ["2024", "in May"]
    assert read("1\tO\n2\tO\n3\tB-NUM\n")[0] == ["1 2 3"]


def test_of_two_label_columns_the_outer_is_taken_and_told(read):
    content = "1\tder\tO\tO\n2\tTSV\tB-ORG\tO\n3\tRye\tI-ORG\tB-LOC\n"
    texts, found, problems = read(content)
    assert texts == ["der TSV Rye"] and found == [[("TSV Rye", "ORG")]]
    assert "columns 3 and 4 hold labels, and the first was taken" in " ".join(p.message for p in problems)
    assert read(content, tag_column=3)[1] == [[("Rye", "LOC")]]


@pytest.mark.parametrize("after", ["\t-\tx", "\tanna\t0", "\t0"])
def test_columns_after_the_label(read, after):
    texts, found, problems = read(f"in\tO{after}\nRye\tB-LOC{after}\n")
    assert texts == ["in Rye"] and found == [[("Rye", "LOC")]]
    assert "label = 2" in " ".join(p.message for p in problems)


def test_phrases_are_no_entities(read):
    assert read("Ana NNP B-NP B-PER\nleft VBD B-VP O\n")[1] == [[("Ana", "PER")]]


def test_letters_without_types(read):
    texts, found, problems = read("left\tO\nkidney\tB\nstones\tI\nlung\tB\n")
    assert found == [[("kidney stones", "ENTITY"), ("lung", "ENTITY")]]
    assert "all entities are ENTITY" in " ".join(p.message for p in problems) and all(p.kept for p in problems)


def test_types_with_signs_and_no_prefixes(read):
    texts, found, _ = read("Moon\tart-music\nis\tO\nby\tO\nAna\tperson-artist/author\n")
    assert found == [[("Moon", "art-music"), ("Ana", "person-artist/author")]]


@pytest.mark.parametrize(
    "content",
    [
        "B-Rating\ttwo\nI-Rating\tstar\nO\tplease\n",
        "B-Rating 0 3 two\nI-Rating 4 8 star\nO 9 15 please\n",
    ],
)
def test_the_label_first(read, content):
    texts, found, problems = read(content)
    assert texts == ["two star please"] and found == [[("two star", "Rating")]]
    assert "label = 1" in problems[0].message and problems[0].kept


def test_a_space_of_another_kind_stays_in_its_word(read):
    assert read("Saint\u202fLouis I-ORG\n10\u00a0000 O\n")[1] == [[("Saint\u202fLouis", "ORG")]]
    assert read("New York\tB-LOC\nis\tO\n")[1] == [[("New York", "LOC")]]


def test_a_label_without_a_word_is_named(read):
    _, _, problems = read("Ana\tB-PER\n\tO\nleft\tO\n")
    assert problems[0].line == 2 and "a label and no word" in problems[0].message and not problems[0].kept


@pytest.mark.parametrize("content", ["Jane left Cork\nIt was late\nNobody saw her\n", "a b\nc d\n"])
def test_text_is_no_columns(tmp_path, content):
    path = tmp_path / "text"
    path.write_text(content, encoding="utf-8")
    assert format_of(path) is None


def test_the_shell_chooses_the_column_of_labels(tmp_path, capsys):
    path = tmp_path / "nested.tsv"
    path.write_text("1\tder\tO\tO\n2\tTSV\tB-ORG\tO\n3\tRye\tI-ORG\tB-LOC\n", encoding="utf-8")
    assert main(["ner", str(path), "--check-only"]) == 0
    assert "the first was taken" in capsys.readouterr().out
    assert main(["ner", str(path), "--check-only", "--tag-column", "4"]) == 0
    said = capsys.readouterr().out
    assert "nested.tsv: 1" in said and "the first was taken" not in said and "label = 4" not in said
    assert main(["ner", str(path), "--check-only", "--tag-column", "9"]) == 1
    with pytest.raises(SystemExit):
        main(["ner", str(path), "--check-only", "--tag-column", "0"])
    assert "counted from 1" in capsys.readouterr().err


def test_a_column_of_labels_named_for_a_file_without_columns(tmp_path, capsys):
    path = tmp_path / "x.jsonl"
    path.write_text('{"tokens": ["Ana"], "tags": ["B-PER"]}\n', encoding="utf-8")
    assert main(["ner", str(path), "--check-only", "--tag-column", "2"]) == 0
    assert "has no such columns" in capsys.readouterr().out


def test_a_column_of_labels_that_is_not_there(tmp_path):
    path = tmp_path / "x"
    path.write_text("Ana\tB-PER\n", encoding="utf-8")
    for column in (4, -1):
        with pytest.raises(ValueError, match=f"no column {column + 1} of labels"):
            read_entities(path, tag_column=column)
