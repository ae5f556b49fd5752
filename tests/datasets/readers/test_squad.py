"""Reading SQuAD's format: what is good is read, what is not is named with its place and its mending."""

import copy
import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from utils.datasets.readers import squad
from utils.datasets.readers.broken_json import beginning_of
from utils.datasets.readers.squad import KINDS, Answer, Problem, Question, SquadError, examine_questions, read_questions
from utils.datasets.readers.validate import has_questions

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
CONTEXT = "Jane sailed to Zanzibar in September. The ship was called Étoile 🌟 and it was slow, very slow."
V1 = {
    "version": "1.1",
    "data": [
        {
            "title": "Jane",
            "paragraphs": [
                {
                    "context": CONTEXT,
                    "qas": [
                        {
                            "id": "a",
                            "question": " Where did Jane sail?",
                            "answers": [
                                {"text": "Zanzibar", "answer_start": 15},
                                {"text": "to Zanzibar", "answer_start": 12},
                            ],
                        },
                        {"id": 7, "question": "When?", "answers": [{"text": "September", "answer_start": 27}]},
                    ],
                }
            ],
        }
    ],
}
SLOW = CONTEXT.rindex("slow")


def changed(**changes):
    """The file with its first question changed."""
    content = copy.deepcopy(V1)
    content["data"][0]["paragraphs"][0]["qas"][0].update(changes)
    return content


def answered(text, start):
    return changed(answers=[{"text": text, "answer_start": start}])


@pytest.fixture
def put(tmp_path):
    def write(content, name="questions.json"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return write


GOOD = [
    Question("a", "Where did Jane sail?", CONTEXT, (Answer("Zanzibar", 15), Answer("to Zanzibar", 12)), "Jane", 0),
    Question("7", "When?", CONTEXT, (Answer("September", 27),), "Jane", 0),
]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda b: b"\xef\xbb\xbf" + b], ids=["plain", "gzip", "bom"])
def test_squad_1_1(put, pack):
    assert read_questions(put(pack(json.dumps(V1, indent=1).encode()))) == GOOD


@pytest.mark.parametrize("kind", [str, float])
def test_a_start_that_was_written_as_text_or_with_a_point(put, kind):
    content = json.loads(json.dumps(V1), object_hook=lambda o: o | {k: kind(o[k]) for k in o if k == "answer_start"})
    assert read_questions(put(content)) == GOOD


def test_squad_2_0_without_titles_and_version(put):
    content = {
        "data": [
            {
                "paragraphs": [
                    {
                        "context": CONTEXT,
                        "qas": [
                            {
                                "id": "no",
                                "question": "Who was the captain?",
                                "is_impossible": True,
                                "answers": [],
                                "plausible_answers": [{"text": "Jane", "answer_start": 0}],
                            },
                            {"id": "none", "question": "Who?", "is_impossible": True},
                            {"id": "empty", "question": "Who?", "answers": []},
                        ],
                    },
                    {"context": "Nothing.", "qas": []},
                    {"context": "It is.", "qas": [{"id": "y", "question": "Is it?", "answers": [], "extra": 1}]},
                ]
            }
        ]
    }
    questions = read_questions(put(content))
    assert [(q.id, q.answers, q.passage, q.title) for q in questions] == [
        ("no", (), 0, ""), ("none", (), 0, ""), ("empty", (), 0, ""), ("y", (), 2, ""),
    ]  # fmt: skip


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.json", json.dumps(V1))
    return buffer.getvalue()


PARAGRAPH = V1["data"][0]["paragraphs"][0]
FILES = [  # content, kind, words of message or advice
    (b"", "not JSON", "empty"),
    (b"  \n", "not JSON", "empty"),
    (b'{"data": [}', "not JSON", "line 1, column 11"),
    (json.dumps(V1)[:200].encode(), "not JSON", "line 1"),
    (b"[" * 100000, "not JSON", "not JSON"),
    (zipped(), "not text", "zip archive"),
    (b"%PDF-1.4 ...", "not text", "PDF"),
    (json.dumps(V1).encode("utf-16"), "not text", "save it as UTF-8"),
    ('{"data": "é"}'.encode("latin-1"), "not UTF-8", "0xe9 in line 1"),
    (gzip.compress(json.dumps(V1).encode(), mtime=0)[:60], "cannot be unpacked", "Fetch it again"),
    ([], "not SQuAD", "the file holds a list"),
    ("text", "not SQuAD", "the file holds a text"),
    ({"rows": []}, "not SQuAD", "without a list called data"),
    ({"data": []}, "no questions", "not one question"),
    ({"data": [{"paragraphs": [{"context": "It is.", "qas": []}]}]}, "no questions", "not one question"),
]


@pytest.mark.parametrize(("content", "kind", "words"), FILES)
def test_a_file_that_cannot_be_read_is_one_problem(put, content, kind, words):
    path = put(content)
    problem = list(examine_questions(path))[-1]
    assert (problem.kind, problem.id, problem.kept) == (kind, "", False)
    assert words.lower() in f"{problem.message} {problem.advice}".lower()
    for on_error in ("raise", "skip"):
        with pytest.raises(SquadError, match=path.name) as caught:
            read_questions(path, on_error)
        assert caught.value.problem == problem


def test_a_missing_file_and_a_folder(tmp_path):
    for path, words in ((tmp_path / "none.json", "there is no such file"), (tmp_path, "this is a folder")):
        with pytest.raises(SquadError, match=words):
            read_questions(path)


QUESTIONS = [  # file, kind, id, words
    (changed(question=None), "bad question", "a", "has no question"),
    (changed(question="  "), "bad question", "a", "its question is"),
    (changed(question=["Where?"]), "bad question", "a", "its question is"),
    (changed(answers=None), "bad answer", "a", "no list of answers"),
    (changed(answers={"text": ["Zanzibar"], "answer_start": []}), "bad answer", "a", "do not go together"),
    (changed(answers="Zanzibar"), "bad answer", "a", "answers are a text"),
    (changed(answers=["slow"]), "answer in several places", "a", "stands in the context 2 times"),
    (changed(answers=[3]), "bad answer", "a", "an answer is"),
    (changed(is_impossible="perhaps"), "bad is_impossible", "a", "neither yes nor no"),
    (changed(answers=[{"text": "Zanzibar"}]), "bad answer", "a", "number of its first character"),
    (answered("Zanzibar", "15th"), "bad answer", "a", "number of its first character"),
    (answered("Zanzibar", 15.5), "bad answer", "a", "number of its first character"),
    (answered("Zanzibar", True), "bad answer", "a", "number of its first character"),
    (answered("", 15), "empty answer", "a", "is_impossible true"),
    (answered(" \n", 14), "empty answer", "a", "is_impossible true"),
    (answered("Zanzibar", 25), "answer not there", "a", "It stands at 15"),
    (answered("Zanzibar", -1), "answer not there", "a", "-1 lies outside"),
    (answered("Zanzibar", 4000), "answer not there", "a", "4000 lies outside the context"),
    (answered("zanzibar", 15), "answer not there", "a", "in other letters"),
    (answered("Madagascar", 15), "answer not there", "a", "Copy it from the context"),
    (answered("in", 1), "answer not there", "a", "It stands at 24"),
    (changed(is_impossible=True), "answer to an unanswerable question", "a", "Set is_impossible to false"),
    (changed(is_impossible=False, answers=[]), "no answer", "a", "it has no answer"),
    ({"data": [*V1["data"], 3]}, "not SQuAD", "data[1]", "no list called paragraphs"),
    ({"data": [*V1["data"], {"paragraphs": [3]}]}, "not SQuAD", "data[1].paragraphs[0]", "is a number"),
    ({"data": [*V1["data"], {"paragraphs": [{"qas": []}]}]}, "bad context", "data[1].paragraphs[0]", "no context"),
    (
        {"data": [*V1["data"], {"paragraphs": [{"context": " ", "qas": []}]}]},
        "bad context",
        "data[1].paragraphs[0]",
        "its context is",
    ),
    ({"data": [*V1["data"], {"paragraphs": [{"context": "It."}]}]}, "not SQuAD", "data[1].paragraphs[0]", "qas"),
    (
        {"data": [*V1["data"], {"paragraphs": [{"context": "It.", "qas": [3]}]}]},
        "not SQuAD",
        "data[1].paragraphs[0].qas[0]",
        "is a number",
    ),
]


@pytest.mark.parametrize(("content", "kind", "name", "words"), QUESTIONS)
def test_a_question_that_cannot_be_used_is_named(put, content, kind, name, words):
    path = put(content)
    (problem,) = (item for item in examine_questions(path) if isinstance(item, Problem))
    assert (problem.kind, problem.id, problem.kept, problem.file) == (kind, name, False, str(path))
    assert words in f"{problem.message}. {problem.advice}" and kind in KINDS
    with pytest.raises(SquadError, match="skip") as caught:
        read_questions(path)
    assert caught.value.problem == problem
    problems = []
    left = read_questions(path, "skip", problems)
    assert problems == [problem] and GOOD[1] in left


def test_units_other_than_characters_are_told(put):
    utf16 = len(CONTEXT[:SLOW].encode("utf-16-le")) // 2
    utf8 = len(CONTEXT[:SLOW].encode())
    for start, words in ((utf16, "UTF-16 units"), (utf8, "bytes of UTF-8")):
        context = CONTEXT.replace("🌟", "🌟🌟🌟🌟🌟") if words == "UTF-16 units" else CONTEXT
        at = context.rindex("slow")
        start = len(context[:at].encode("utf-16-le")) // 2 if words == "UTF-16 units" else start
        content = {"data": [{"paragraphs": [{"context": context, "qas": [
            {"id": "x", "question": "How?", "answers": [{"text": "slow.", "answer_start": start}]}]}]}]}  # fmt: skip
        problem = next(iter(examine_questions(put(content))))
        assert problem.kind == "answer not there" and words in problem.advice and f"here {at}" in problem.advice


KEPT = [
    (changed(id=None), "bad id", "data[0].paragraphs[0].qas[0]", ("Zanzibar", 15)),
    (changed(id={}), "bad id", "data[0].paragraphs[0].qas[0]", ("Zanzibar", 15)),
    (answered(" Zanzibar ", 14), "space around the answer", "a", ("Zanzibar", 15)),
    (answered(" Zanzibar", 15), "answer a little aside", "a", ("Zanzibar", 15)),
    (answered("Zanzibar", 17), "answer a little aside", "a", ("Zanzibar", 15)),
    (answered("Jane", 3), "answer a little aside", "a", ("Jane", 0)),
]


@pytest.mark.parametrize(("content", "kind", "name", "answer"), KEPT)
def test_what_can_be_mended_is_kept_and_told(put, content, kind, name, answer):
    problems = []
    questions = read_questions(put(content), problems=problems)
    assert [(p.kind, p.id, p.kept) for p in problems] == [(kind, name, True)] and kind in KINDS
    assert questions[0].answers[0] == answer and len(questions) == 2


def test_an_id_used_twice_is_told(put):
    problems = []
    assert len(read_questions(put(changed(id="7")), problems=problems)) == 2
    assert [(p.kind, p.id) for p in problems] == [("id used twice", "7")]


def test_all_problems_are_counted(put):
    content = changed(answers="x")
    content["data"][0]["paragraphs"][0]["qas"][1]["question"] = ""
    with pytest.raises(SquadError, match="There are 1 more such problems") as caught:
        read_questions(put(content))
    assert len(caught.value.problems) == 2


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not there")
@pytest.mark.parametrize(("name", "number", "passages"), [("policyqa.dev", 3809, 574), ("covidqa", 1380, 98)])
def test_real_files(name, number, passages):
    questions = read_questions(SHARED / f"{name}.json.gz")
    assert len(questions) == number and questions[-1].passage == passages - 1
    assert all(q.context[a.start : a.start + len(a.text)] == a.text for q in questions for a in q.answers)


# Whether a large file holds questions --------------------------------------------------------------

PASSAGE = {"context": "Jane left Cork.", "qas": [{"question": "Who left?", "id": "1", "answers": []}]}
LABELLED = {"data": {"text": "Jane left Cork."}, "annotations": [{"result": []}]}


@pytest.mark.parametrize(
    ("content", "questions"),
    [
        ({"version": "1.1", "data": [{"title": "[", "paragraphs": [PASSAGE] * 2}] * 20}, True),
        ([PASSAGE | {"question": "Who left?"}] * 30, True),
        ([LABELLED] * 30, False),
        ({"a": {"b": 1, "c": [LABELLED] * 30}}, False),
    ],
)
def test_its_beginning_tells(tmp_path, content, questions, monkeypatch):
    monkeypatch.setattr(squad, "BEGINNING", 1000)
    monkeypatch.setattr(squad, "_load", None)  # what reads all of it
    path = tmp_path / "large.json"
    path.write_text(json.dumps(content))
    assert path.stat().st_size > squad.BEGINNING and has_questions(path) is questions


def test_where_the_beginning_does_not_tell_all_of_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(squad, "BEGINNING", 1000)
    columns = {"answers": [[]] * 300, "question": ["Who left?"] * 300, "context": ["Jane."] * 300}
    (tmp_path / "large.json").write_text(json.dumps(columns))
    assert has_questions(tmp_path / "large.json")
    for text in ("", "[", '{"a', '{"a": [{"b": 1', '[1, {"b": 2}, {', '[{"a": 1}]', '{"a": [{"b": 1}]}'):
        assert beginning_of(text) is None
    assert beginning_of('[{"a": 1}, {"b') == [{"a": 1}] and beginning_of('{"a": 1, "b": [{}, ') == {"a": 1, "b": [{}]}
