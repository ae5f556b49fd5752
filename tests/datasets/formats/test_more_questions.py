"""Questions as further tools write them: columns, the datasets server's rows, keys in capitals, labels marked wrong."""

import json

import pytest

from utils.datasets.readers.squad import Problem, Question, examine_questions

TEXT = "The mill at Orsk was built in 1790."
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
