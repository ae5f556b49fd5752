"""What is asked of a model: the form told from the content, a row for each line, every fault told."""

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.datasets.readers.entity_examples import Example
from utils.tasks.shell.rows import RowsError, form_of, read_rows

JANE = "Jane left Cork."


def rows_of(content, task="ner", form=None, **more):
    content = content.encode() if isinstance(content, str) else content
    said, rows = read_rows(enumerate(content.split(b"\n"), 1), task, form, **more)
    return said, list(rows)


@pytest.mark.parametrize(
    ("content", "task", "form"),
    [
        (JANE, "ner", "text"),
        (f"{JANE}\n\nTom stayed home.\n", "ner", "text"),
        ("Jane\nCork", "ner", "text"),  # two short texts: no blank line says that these are words
        ("Jane\nleft\n\nTom\nstayed\n", "ner", "conll"),
        ("Jane\tB-PER\nleft\tO\n\nTom\tB-PER\n", "ner", "conll"),
        ("Jane NNP B-NP B-PER\nleft VBD B-VP O\n", "ner", "conll"),
        ("Jane\nleft\n\nTom\nstayed\n", "translate", "text"),
        ('{"text": "Jane"}', "ner", "jsonl"),
        ('\n{"text": "Jane"}\n{', "translate", "jsonl"),
        ('{"question": "Who', "qa", "jsonl"),
        ("", "ner", "text"),
        ("{curly} is a word\nand so is this", "translate", "text"),
    ],
)
def test_the_form_is_told_from_the_content(content, task, form):
    assert form_of(content.split("\n"), task) == form


@pytest.mark.parametrize("path", ["CONTRIBUTING.md", "data/README.md", "data/entities/by_hand_dev.txt"])
def test_sentences_are_not_taken_for_columns(path):
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    found = [form_of(lines[n : n + size], "ner") for size in (5, 50, 200) for n in range(0, len(lines) - size, size)]
    assert set(found) == {"text"}


def test_a_table_of_words_is_read_as_training_reads_it():
    rows = rows_of("sentence,word,tag\n1,Jane,B-PER\n1,left,O\n2,Tom,B-PER\n")[1]
    assert [r.content.text for r in rows] == ["Jane left", "Tom"]
    assert form_of(["Jane, who left, came back."], "ner") == "text"


@pytest.mark.parametrize(("content", "task", "said"), [
    ('[\n{"text": "Jane"}\n]', "ner", "JSON over several lines"),
    ('[{"text": "Jane"}]', "ner", "JSON over several lines"),
    ('{\n"text": "Jane"\n}', "translate", "JSON over several lines"),
    ("Jane part.\tJane leaves.\nIl part.\tHe leaves.", "translate", "columns with a tab"),
    ('id,text\n1,"Jane left, then."\n2,Tom stayed.', "ner", "names of columns: 'id,text'"),
    ("id;lang;Sentence\n1;fr;Jane part.\n2;fr;Il part.", "translate", "names of columns"),
    ("id\ttext\n1\tJane left.\n2\tTom stayed.", "ner", "names of columns"),
    ("text, sentence\nJane left.\nTom stayed.", "ner", None),
    ("In this text, Jane left.\nTom, who stayed, came.", "ner", None),
    ("[Jane] left {Cork}", "ner", None),
    ("Jane\tpart.\nIl part.\nElle part.", "translate", None),
])  # fmt: skip
def test_what_would_be_read_wrong_as_text_is_refused(content, task, said):
    if said is None:
        assert rows_of(content, task)[1]
        return
    with pytest.raises(RowsError, match=said):
        rows_of(content, task)
    assert len(rows_of(content, task, "text")[1]) == content.count("\n") + 1


def test_a_comma_behind_each_object_is_no_part_of_it():
    said, rows = rows_of('{"text": "Jane left."},\n{"text": "Tom stayed."},\n{"text": "Mia"')
    assert "a line of JSON" in said and [row.content and row.content.text for row in rows] == [
        "Jane left.",
        "Tom stayed.",
        None,
    ]


def test_what_was_recognised_is_said():
    assert "a text a line (told from its content" in rows_of(JANE)[0]
    assert "as asked" in rows_of(JANE, form="conll")[0]
    assert "labels are passed over" in rows_of("Jane\tB-PER\nleft\tO\n")[0]


@pytest.mark.parametrize(("content", "task", "said"), [
    (JANE, "qa", "a question needs its passage"),
    ("Jane\n\nleft", "qa", "a question needs its passage"),
])  # fmt: skip
def test_a_task_that_cannot_be_asked_so(content, task, said):
    with pytest.raises(RowsError, match=said):
        rows_of(content, task)
    with pytest.raises(RowsError, match="columns of words are for models of entities"):
        rows_of(content, "translate", "conll")


@pytest.mark.parametrize(
    ("line", "task", "said"),
    [
        ("{", "ner", "the line is no JSON"),
        ("[1]", "ner", "an object is wanted"),
        ('{"txt": "Jane"}', "ner", "it has no \"text\"; its keys are 'txt'"),
        ('{"text": 3}', "translate", "'text' must be a text. Received: 3"),
        ('{"text": null}', "ner", "'text' must be a text. Received: null"),
        ('{"tokens": "Jane left"}', "ner", "'tokens' must be a list of words"),
        ('{"tokens": ["Jane", " "]}', "ner", "word 2 of 'tokens' is blank"),
        ('{"tokens": ["Jane", 3]}', "ner", "must be a list of words"),
        ('{"text": "\\ud83d"}', "ner", "half of a character"),
        ('{"tokens": ["\\udc00"]}', "ner", "half of a character"),
        ('{"question": "Who?"}', "qa", 'it has no "context"'),
        ('{"question": " ", "context": "Jane."}', "qa", "'question' must be a text that says something"),
        ('{"question": "Who?", "context": ["Jane."]}', "qa", "'context' must be a text"),
        ('{"question": "Who?", "context": "\\udfff"}', "qa", "half of a character"),
        ("[" * 100_000, "ner", "the line is no JSON"),
        ('{"id": "\\ud83d", "text": "Jane"}', "ner", "'id' must be a text or a whole number. Received: half of a"),
        ('{"id": 1.5, "text": "Jane"}', "ner", "'id' must be a text or a whole number. Received: 1.5"),
        ('{"id": NaN, "text": "Jane"}', "translate", "Received: NaN"),
        ('{"id": true, "text": "Jane"}', "ner", "Received: true"),
        ('{"text": "Jane", "text": "Tom"}', "ner", "the key 'text' stands twice"),
    ],
)
def test_a_line_that_cannot_be_read_says_why_and_where(line, task, said):
    good = '{"text": "Jane", "question": "Who?", "context": "Jane."}'
    rows = rows_of(f"{good}\n{line}\n{good}", task)[1]
    assert [bool(row.error) for row in rows] == [False, True, False]
    assert rows[1].line == 2 and said in rows[1].error and rows[1].content is None


def test_lines_stay_aligned_and_blank_ones_at_the_end_are_none():
    assert [r.line for r in rows_of("one\n\ntwo\n\n\n")[1]] == [1, 2, 3]
    assert [(r.line, r.error) for r in rows_of('{"text": "a"}\n\n{"text": "b"}\n\n')[1]] == [
        (1, ""), (2, "the line is blank"), (3, ""),
    ]  # fmt: skip
    assert rows_of("")[1] == []


def test_bytes_that_are_no_text_cost_their_line_alone():
    rows = rows_of(b"Jane\nCaf\xe9\nnul \0 byte\nTom")[1]
    assert [bool(r.error) for r in rows] == [False, True, True, False]
    assert "0xe9, is not UTF-8" in rows[1].error and "NUL byte" in rows[2].error


def test_words_that_are_given_stay_as_they_are():
    (row,) = rows_of('{"id": 7, "tokens": ["New York", "10\\u202f000", "fell."]}')[1]
    text, words = row.content.text, row.content.words
    assert [text[a:b] for a, b in words] == ["New York", "10\u202f000", "fell."] and row.id == 7 and row.words


def test_columns_by_the_reader_of_training_files_and_words_alone():
    labelled = rows_of("# sent_id = 1\nJane\tB-PER\nleft\tO\n\nTom\tB-PER\n")[1]
    alone = rows_of("Jane\nleft\n\nTom\n\n\n")[1]
    for rows, lines in ((labelled, [2, 5]), (alone, [1, 4])):
        assert [r.content.text for r in rows] == ["Jane left", "Tom"] and all(r.words for r in rows)
        assert [r.line for r in rows] == lines


def test_endless_input_is_read_as_it_comes():
    lines = ((n, b'{"text": "Jane"}') for n in itertools.count(1))
    rows = read_rows(lines, "ner")[1]
    assert [row.line for row in itertools.islice(rows, 1000)] == list(range(1, 1001))


@pytest.mark.parametrize(("form", "look"), [("jsonl", 200), ("text", 200), (None, 1)])
def test_where_lines_come_one_by_one_none_waits_for_another(form, look):
    read = []

    def lines():
        for n in range(1, 10):
            read.append(n)
            yield n, b'{"text": "Jane"}'

    rows = read_rows(lines(), "ner", form, look=look)[1]
    assert next(rows).line == 1 and read == [1]
    assert next(rows).line == 2 and read == [1, 2]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=30), st.text(max_size=20).map(str.encode))),
       st.sampled_from(["ner", "translate"]))  # fmt: skip
def test_whatever_the_bytes_each_line_has_its_row(lines, task):
    lines = [line.replace(b"\n", b" ").replace(b"\r", b" ") for line in lines]
    for form in ("text", "jsonl"):
        rows = list(read_rows(enumerate(lines, 1), task, form)[1])
        assert [row.line for row in rows] == list(range(1, len(rows) + 1))
        assert all(not line.decode("utf-8", "replace").strip() for line in lines[len(rows) :])


@settings(max_examples=60, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["text", "tokens", "id", "question", "context", "x"]), inner, max_size=4)),
       st.sampled_from(["ner", "qa", "translate"]))  # fmt: skip
def test_whatever_the_json_a_row_is_content_or_an_error(item, task):
    (row,) = read_rows([(1, json.dumps(item).encode())], task, "jsonl")[1]
    assert bool(row.error) == (row.content is None)
    assert not isinstance(row.content, Example) or all(a < b for a, b in row.content.words)
