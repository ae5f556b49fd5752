"""JSON as programs write it: tables of pandas, strings of digits, padding, blank texts; and what 0 read says."""

import json

import pytest

from utils.datasets.readers.findings import Findings


@pytest.fixture
def read(tmp_path, read_entities_of):
    def of(*values, beside=""):
        path = tmp_path / "entities.json"
        path.write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
        if beside:
            (tmp_path / "labels.txt").write_text(beside, encoding="utf-8")
        return read_entities_of(path)

    return of


SPLIT = {"columns": ["id", "tokens", "ner_tags"], "index": [0, 1],
         "data": [[7, ["Ana", "left"], ["B-PER", "O"]], [8, ["It", "is"], ["O", "O"]]]}  # fmt: skip
COLUMNS = {"tokens": {"0": ["Ana", "left"], "1": ["It", "is"]}, "ner_tags": {"0": ["B-PER", "O"], "1": ["O", "O"]}}
SPANS = {"text": {"0": "Ana left", "1": "It is"}, "entities": {"0": [[0, 3, "PER"]], "1": []}}


@pytest.mark.parametrize("table", [SPLIT, COLUMNS, SPANS])
def test_a_table_of_pandas_is_read(read, table):
    texts, found, problems = read(table)
    assert texts == ["Ana left", "It is"] and found == [[("Ana", "PER")], []] and not problems


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ({"columns": ["x", "y"], "data": [[["Ana", "left"], ["B-PER", "O"]]]}, "columns, data"),
        ({"x": {"0": ["Ana", "left"]}, "y": {"0": ["B-PER", "O"]}}, "x, y"),
        ({"id2label": {"0": "O", "1": "B-PER"}}, "id2label"),
    ],
)
def test_names_of_labels_alone_are_no_text(read, value, key):
    texts, _, (problem,) = read(value)
    assert not texts and not problem.kept and problem.message.endswith(f"there: {key}")


def test_nothing_read_is_not_nothing_wrong():
    found = Findings(["x.json"])
    assert "nothing wrong" not in str(found) and "0 read" in str(found)
    found.checked = 1
    assert str(found) == "x.json: 1 read, nothing wrong."


def test_strings_of_digits_are_numbers_of_labels(read):
    first, second = ({"tokens": ["Ana", "left"], "ner_tags": tags} for tags in (["1", "0"], ["0", "0"]))
    texts, found, problems = read(first, second, beside="O\nB-PER\n")
    assert texts == ["Ana left"] * 2 and found == [[("Ana", "PER")], []] and all(p.kept for p in problems)


def test_strings_of_digits_without_names_are_refused_as_numbers(read):
    texts, _, problems = read({"tokens": ["Ana", "left"], "ner_tags": ["1", "0"]})
    assert not texts and "labels.txt" in problems[-1].advice


def test_a_nought_beside_names_is_a_word_for_o(read):
    _, found, problems = read({"tokens": ["Ana", "left"], "ner_tags": ["B-PER", "0"]},
                              {"tokens": ["It", "is"], "ner_tags": ["0", "0"]})  # fmt: skip
    assert found == [[("Ana", "PER")], []] and all(p.kept for p in problems)


@pytest.mark.parametrize("tags", [[-100, 1, 0], ["-100", "1", "0"]])
def test_padding_is_called_so(read, tags):
    _, _, problems = read({"tokens": ["[CLS]", "Ana", "left"], "ner_tags": tags}, beside="O\nB-PER\n")
    assert not problems[-1].kept and "-100" in problems[-1].message and "padding" in problems[-1].message


@pytest.mark.parametrize(
    "value", [["\r", {"entities": []}], {"text": "", "label": []}, {"text": " ", "entities": None}]
)
def test_a_blank_text_without_spans_is_passed_over(read, value):
    texts, _, (note,) = read(["Ana left", {"entities": [[0, 3, "PER"]]}], value)
    assert texts == ["Ana left"] and note.kept and note.line == 2 and "hold no text and no spans" in note.message


def test_a_blank_text_with_spans_is_refused(read):
    _, _, (problem,) = read(["Ana left", {"entities": [[0, 3, "PER"]]}], {"text": " ", "label": [[0, 1, "PER"]]})
    assert not problem.kept and problem.line == 2
