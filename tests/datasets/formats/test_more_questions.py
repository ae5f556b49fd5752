"""Questions as further tools write them: columns, the datasets server's rows, keys in capitals, labels marked wrong."""

import json

import pytest

from utils.datasets.readers.squad import Problem, Question, examine_questions

TEXT = "The mill at Orsk was built in 1790."
MILL = TEXT + " It ground oats, and oats alone."
ASKED = {"id": "a", "question": "When?", "context": MILL}
OATS = ASKED | {"question": "What?", "answers": ["oats"]}
NESTED = {"context": MILL, "qas": [{"id": "a", "question": "When?", "answers": [{"text": "1790", "answer_start": 30}]}]}
ROW = {"id": "a", "context": TEXT, "question": "When?", "answers": {"text": ["1790"], "answer_start": [30]}}
KINDS = {
    "an object of columns on one line": {key: [value, value] for key, value in ROW.items()} | {"id": ["a", "b"]},
    "columns of pandas": {key: {"0": value, "1": value} for key, value in ROW.items()} | {"id": {"0": "a", "1": "b"}},
    "rows of the datasets server": {"features": [], "rows": [{"row_idx": 0, "row": ROW}, {"row_idx": 1, "row": ROW}]},
    "keys in capitals": [{"Question": "When?", "Context": TEXT, "Answer Text": "1790"}] * 2,
}


def read(path, content):
    path.write_text(json.dumps(content), encoding="utf-8")
    items = list(examine_questions(path))
    return [i for i in items if isinstance(i, Question)], [i for i in items if isinstance(i, Problem)]


@pytest.mark.parametrize("name", KINDS)
def test_read_as_its_makers_mean_it(tmp_path, name):
    questions, problems = read(tmp_path / "file", KINDS[name])
    assert [(q.question, q.answers) for q in questions] == [("When?", (("1790", 30),))] * 2
    assert all(problem.kept for problem in problems)


def test_an_answer_marked_as_wrong_is_left_out_and_told(tmp_path):
    label = {"id": "l", "query": "When?", "document": {"content": TEXT}, "is_correct_answer": False,
             "answer": {"answer": "Orsk", "offsets_in_document": [{"start": 12, "end": 16}]}}  # fmt: skip
    questions, problems = read(tmp_path / "file", [label, label | {"is_correct_answer": True}])
    assert [q.answers[0].text for q in questions] == ["Orsk"]
    assert ("left out", True) in [(problem.kind, problem.kept) for problem in problems]


# Answers -------------------------------------------------------------------------------------------

WHEN, WHAT, NONE = ("1790", 30), ("oats", 46), ()
SPAN = {"text": "1790", "answer_start": 30}
SPANS = [{"start": [46], "end": [49]}]
ANSWERS = {  # a row, its answer
    "null beside an answer": (ASKED | {"answers": None, "answer": "1790", "answer_start": 30}, WHEN),
    "NaN beside an answer": (ASKED | {"answers": float("nan"), "answer": "1790"}, WHEN),
    "none beside a blank answer": (ASKED | {"answers": [], "answer": ""}, NONE),
    "MRQA as the hub has it": (OATS | {"detected_answers": {"text": ["oats"], "char_spans": SPANS}}, WHAT),
    "places in labels": (OATS | {"labels": SPANS}, WHAT),
    "labels of another kind": (OATS | {"answers": ["1790"], "labels": ["year"]}, WHEN),
    "another name of the text in columns": (ASKED | {"answers": {"answer_start": [30], "answer_text": ["1790"]}}, WHEN),
    "pairs of place and text": (ASKED | {"answers": [[30, "1790"]]}, WHEN),
    "pairs of text and place": (ASKED | {"answers": [["1790", 30]]}, WHEN),
    "columns in a list": (ASKED | {"answers": [{"text": ["1790"], "answer_start": [30]}]}, WHEN),
    "a place that is a text": (ASKED | {"answers": [{"text": "1790", "answer_start": "30"}]}, WHEN),
    "a place with a point": (ASKED | {"answers": [{"text": "1790", "answer_start": 30.0}]}, WHEN),
    "a number": (ASKED | {"answer": 1790, "answer_start": 30}, WHEN),
    "a number of pandas": (ASKED | {"answer": 1790.0, "answer_start": 30.0}, WHEN),
    "a number in a list": (ASKED | {"answers": [{"text": 1790, "answer_start": 30}]}, WHEN),
    "no text and no place": (ASKED | {"is_impossible": True, "answers": [{"text": None, "answer_start": None}]}, NONE),
    "words for none at -1": (ASKED | {"answers": [{"text": "No answer", "answer_start": -1}]}, NONE),
    "None at -1": (ASKED | {"answer": "None", "answer_start": -1, "is_impossible": True}, NONE),
    "words for none that stand there": (ASKED | {"context": "It says N/A.", "answer": "N/A"}, ("N/A", 8)),
    "printed by Python": (ASKED | {"answers": "{'text': ['1790'], 'answer_start': [30]}"}, WHEN),
    "JSON in a text": (ASKED | {"answers": json.dumps([SPAN])}, WHEN),
    "brackets that are the answer": (ASKED | {"context": "See [1] there.", "answer": "[1]"}, ("[1]", 4)),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_are_told_however_they_are_written(tmp_path, name):
    row, answer = ANSWERS[name]
    for content in (row, [row]):
        (question,), problems = read(tmp_path / "file", content)
        assert question.answers == ((answer,) if answer else ()) and not problems


def test_a_table_with_none_at_minus_1_and_a_mark_where_files_were_joined(tmp_path):
    path = tmp_path / "file"
    rows = f"id,context,question,answer,answer_start,is_impossible\na,{TEXT},Who?,None,-1,TRUE\n"
    path.write_text(rows + f"\ufeffb,{TEXT},When?,1790,30,FALSE\n", encoding="utf-8")
    none, when = examine_questions(path)
    assert (none.answers, when.answers, when.id) == ((), (WHEN,), "b")


WRONG = {  # a row, kind, words
    "none beside an answer": (ASKED | {"answers": [], "answer": "1790"}, "bad answer", "but under 'answer' stands"),
    "no columns beside one": (ASKED | {"answers": {"text": [], "answer_start": []}, "answer": "1790"}, "bad answer",
                              "its answers are empty"),
    "no text and no place of a possible one": (ASKED | {"answers": [{"text": None, "answer_start": None}]},
                                               "bad answer", "an answer is"),
    "a text at -1": (ASKED | {"answer": "YES", "answer_start": -1}, "answer not there", "-1 lies outside"),
    "a number that is not there": (ASKED | {"answer": 1791}, "answer not there", "1791"),
    "three things in a list": (ASKED | {"answers": [[30, "1790", 3]]}, "bad answer", "an answer is"),
    "places that do not fit": (OATS | {"labels": [{"start": [30], "end": [33]}]}, "answer not there", "It stands at"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_contradicts_itself_or_is_not_there_is_named(tmp_path, name):
    row, kind, words = WRONG[name]
    questions, (problem,) = read(tmp_path / "file", [row])
    assert questions == [] and problem.kind == kind and words in problem.message + problem.advice


# Files ---------------------------------------------------------------------------------------------

FULL = ASKED | {"answers": [SPAN]}
FILES = {
    "pandas, split": {"columns": list(FULL), "index": [0], "data": [list(FULL.values())]},
    "rows under a key": {"examples": [FULL]},
    "rows under train": {"version": "1", "train": [FULL]},
    "passages under a key": {"train": [NESTED]},
    "questions under a passage": [
        {"context": MILL, "questions": [{"id": "a", "question": "When?", "answers": [SPAN]}]}
    ],
    "qa under a passage": [{"title": "T", "context": MILL, "qa": [{"id": "a", "question": "When?", "answer": "1790"}]}],
    "a passage called text": {"data": [{"paragraphs": [{"text": MILL, "qas": NESTED["qas"]}]}]},
    "a flat row with other questions": [FULL | {"questions": ["Who?"]}],
}


@pytest.mark.parametrize("name", FILES)
def test_lists_of_questions_are_found(tmp_path, name):
    (question,), problems = read(tmp_path / "file", FILES[name])
    assert (question.id, question.question, question.context, question.answers) == ("a", "When?", MILL, (WHEN,))
    assert not problems


def test_several_lists_are_named(tmp_path):
    questions, (problem,) = read(tmp_path / "file", {"train": [FULL], "dev": [FULL]})
    assert questions == [] and "several lists of questions: train, dev" in problem.message
    assert len(read(tmp_path / "file", {"train": [FULL], "labels": ["a"]})[0]) == 1


TWICE = json.dumps(FULL).replace("}]}", '}], "answers": []}')


@pytest.mark.parametrize("content", [
    TWICE + "\n" + json.dumps(FULL | {"id": "b"}), f"[{TWICE}]",
    json.dumps({"data": [{"paragraphs": [NESTED]}]}).replace('"qas": [', '"qas": [], "qas": [')])  # fmt: skip
def test_a_key_that_stands_twice_is_named(tmp_path, content):
    path = tmp_path / "file"
    path.write_text(content)
    found = list(examine_questions(path))
    assert [one.id for one in found if isinstance(one, Question)] == ["b"] * ("\n" in content)
    assert "stands twice in one object" in found[0].message and not found[0].kept


def test_words_that_are_called_as_keys_are_no_keys_twice(tmp_path):
    row = FULL | {"question": 'Which "answers" are "answers"?', "kinds": ["answers", "answers", "qas", "question"]}
    for content in (row, [row]):
        (question,), problems = read(tmp_path / "file", content)
        assert question.answers == (WHEN,) and not problems
