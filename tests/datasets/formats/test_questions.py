"""Files of questions as people have them: read as their makers mean them, or refused with what was recognised."""

import csv
import gzip
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.datasets.readers.questions import KINDS, Answer, Problem, Question
from utils.datasets.readers.squad import examine_questions, read_questions
from utils.datasets.readers.validate import has_questions, validate_questions

TEXT = "The mill at Orsk was built in 1790. It ground oats, and oats alone."
WHEN = TEXT.index("1790")
THAI = "แมวนั่งอยู่บนเสื่อสีแดง"
CHINESE = "老磨坊建于1790年，位于河边。"
JAPANESE = "古い水車小屋は川のそばに建てられた。"


def lines(*rows):
    return "\n".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows) + "\n"


def table(*rows, separator=","):
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue()


def row(**more):
    return {"question": "When was it built?", "context": TEXT, **more}


@pytest.fixture
def read(tmp_path):
    """Questions and problems of a file with this content."""

    def reading(content):
        path = tmp_path / "questions.any"
        content = content if isinstance(content, (str, bytes)) else json.dumps(content, indent=1)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        found = list(examine_questions(path))
        assert all(p.kind in KINDS for p in found if isinstance(p, Problem)) and has_questions(path) is not None
        return [f for f in found if isinstance(f, Question)], [f for f in found if isinstance(f, Problem)]

    return reading


IN_1790 = [("When was it built?", (Answer("1790", WHEN),))]
NONE = [("When was it built?", ())]
SPAN = {"text": "1790", "answer_start": WHEN}
NESTED = {"context": TEXT, "qas": [{"id": "a", "question": "When was it built?", "answers": [SPAN]}]}
HEAD = ["context", "question", "id", "answer_start", "text"]
HAYSTACK = {"id": "l1", "query": "When was it built?", "document": {"content": TEXT, "id": "d1", "meta": {}},
            "origin": "gold-label", "is_correct_answer": True}  # fmt: skip

READ = {  # name: content, questions with their answers
    "a list of rows": ([row(id=1, answer="1790", answer_start=WHEN)], IN_1790),
    "a list of rows, a row a line": ("[\n" + json.dumps(row(answer="1790")) + ",\n" + json.dumps(row(answer="1790"))
                                     + "\n]", IN_1790 * 2),
    "rows under data": ({"version": 1, "data": [row(answers=[SPAN])]}, IN_1790),
    "one row over several lines": (row(answer="1790"), IN_1790),
    "rows of the datasets library": (lines(row(id="a", title="", answers={"text": ["1790"], "answer_start": [WHEN]})),
                                     IN_1790),
    "the same without an answer": (lines(row(id="a", answers={"text": [], "answer_start": []})), NONE),
    "columns of the datasets library": ({"id": ["a"], "question": ["When was it built?"], "context": [TEXT],
                                         "answers": [{"text": ["1790"], "answer_start": [WHEN]}]}, IN_1790),
    "the datasets library under SQuAD's nesting": ({"data": [{"paragraphs": [{"context": TEXT, "qas": [
        {"id": "a", "question": "When was it built?", "answers": {"text": ["1790"], "answer_start": [WHEN]}}]}]}]},
        IN_1790),
    "a list of articles": ([{"title": "Mill", "paragraphs": [NESTED]}], IN_1790),
    "a list of passages": ([NESTED], IN_1790),
    "a passage a line": (lines(NESTED), IN_1790),
    "KorQuAD 2": ({"version": "KorQuAD_2.0", "data": [{"title": "Mill", "url": "x", "raw_html": "<p>", "context": TEXT,
        "qas": [{"id": "7", "question": "When was it built?", "answer": {**SPAN, "html_answer_start": 9,
        "html_answer_text": "<b>1790</b>"}}]}]}, IN_1790),
    "CMRC 2018": ([{"context_id": "D0", "context_text": CHINESE, "title": "磨坊", "qas": [{"query_id": "Q0",
        "query_text": "何时建成？", "answers": ["1790年", "1790"]}]}],
        [("何时建成？", (Answer("1790年", 5), Answer("1790", 5)))]),
    "MRQA": (lines({"header": {"dataset": "mill", "split": "dev"}}, {"id": "", "context": TEXT, "qas": [
        {"qid": "a", "question": "When was it built?", "question_tokens": [["When", 0]], "answers": ["1790"],
         "detected_answers": [{"text": "1790", "char_spans": [[WHEN, WHEN + 3]], "token_spans": [[7, 7]]}]}]}),
        IN_1790),
    "MRQA with two places and other spaces": (lines({"context": TEXT, "qas": [{"qid": "a", "question": "What?",
        "detected_answers": [{"text": "Oats", "char_spans": [[46, 49], [56, 59]]}]}]}),
        [("What?", (Answer("oats", 46), Answer("oats", 56)))]),
    "NewsQA": ({"version": "1", "data": [{"storyId": "s", "type": "dev", "text": TEXT, "questions": [
        {"q": "When was it built?", "consensus": {"s": WHEN - 1, "e": WHEN + 4}, "isQuestionBad": 0.0},
        {"q": "Who built it?", "consensus": {"noAnswer": True}}]}]}, [*IN_1790, ("Who built it?", ())]),
    "labels of Haystack": ([{**HAYSTACK, "answer": {"answer": "1790", "type": "extractive", "context": "in 1790",
        "offsets_in_document": [{"start": WHEN, "end": WHEN + 4}]}}, {**HAYSTACK, "id": "l2", "answer": None}],
        IN_1790 + NONE),
    "Haystack's and cdQA's annotators": ({"data": [{"title": "", "paragraphs": [{"document_id": 3, **NESTED}]}]},
                                         IN_1790),
    "KLUE": ({"data": [{"title": "Mill", "news_category": "x", "paragraphs": [{"context": TEXT, "qas": [
        {"guid": "g", "question": "When was it built?", "answers": [SPAN], "is_impossible": False}]}]}]}, IN_1790),
    "QuAC": ({"data": [{"paragraphs": [{"context": TEXT + " CANNOTANSWER", "qas": [{"id": "a", "question": "Who?",
        "answers": [{"text": "CANNOTANSWER", "answer_start": len(TEXT) + 1}]}]}]}]}, [("Who?", ())]),
    "no answer at -1": (lines(row(answers={"text": [""], "answer_start": [-1]})), NONE),
    "is_impossible as text": (lines(row(is_impossible="true")), NONE),
    "is_impossible as a number": (lines(row(is_impossible=1, answers=[])), NONE),
    "is_impossible as pandas has it": (lines(row(is_impossible=0.0, answer="1790", answer_start=float(WHEN))), IN_1790),
    "NaN of pandas": (lines(row(answer=float("nan"), answer_start=float("nan"), id=float("nan"))), NONE),
    "CSV": (table(HEAD, [TEXT, "When was it built?", "a", WHEN, "1790"]), IN_1790),
    "CSV with numbers of pandas": (table(HEAD, [TEXT, "When was it built?", "1.0", f"{WHEN}.0", "1790"],
                                         [TEXT, "When was it built?", "2.0", "nan", "nan"]), IN_1790 + NONE),
    "CSV of PostgreSQL": (table(HEAD, [TEXT, "When was it built?", "1", r"\N", r"\N"]), NONE),
    "CSV with is_impossible": (table(["question", "context", "answer", "is_impossible"],
        ["When was it built?", TEXT, "", "True"], ["When was it built?", TEXT, "1790", "0.0"]), NONE + IN_1790),
    "CSV with semicolons": (table(["question", "context", "answer"], ["When was it built?", TEXT, "1790"],
                                  separator=";"), IN_1790),
    "CSV with answers as Python prints them": (table(["id", "context", "question", "answers"],
        ["a", TEXT, "When was it built?", f"{{'text': ['1790'], 'answer_start': [{WHEN}]}}"]), IN_1790),
    "CSV with answers as NumPy prints them": (table(["id", "context", "question", "answers"], ["a", TEXT,
        "When was it built?", f"{{'text': array(['1790'], dtype=object), 'answer_start': array([{WHEN}], dtype=int32)}}"
        ]), IN_1790),
    "CSV with answers in JSON": (table(["context", "question", "answers"],
        [TEXT, "When was it built?", json.dumps({"text": ["1790"], "answer_start": [WHEN]})],
        [TEXT, "When was it built?", '["1790"]']), IN_1790 * 2),
    "pandas' normalised names": (table(["context", "question", "answers.text", "answers.answer_start"],
        [TEXT, "When was it built?", "['1790']", f"[{WHEN}]"]), IN_1790),
    "Thai": ([{"context": THAI, "qas": [{"id": "a", "question": "ที่ไหน", "answers": [
        {"text": "บนเสื่อ", "answer_start": THAI.index("บนเสื่อ")}]}]}],
        [("ที่ไหน", (Answer("บนเสื่อ", THAI.index("บนเสื่อ")),))]),
    "supporting facts beside a passage": (lines(row(answer="1790", supporting_facts=[0])), IN_1790),
    "an answer in brackets": (table(["question", "context", "answer"], ["Which?", "See [1] there.", "[1]"]),
                              [("Which?", (Answer("[1]", 4),))]),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("pack", [str, lambda text: gzip.compress(text.encode())], ids=["plain", "gzip"])
def test_what_is_unambiguous_is_read(name, pack, read):
    content, wanted = READ[name]
    content = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, indent=1)
    questions, problems = read(pack(content))
    assert [p for p in problems if not p.kept] == []
    assert [(q.question, q.answers) for q in questions] == wanted
    assert all(q.context[a.start :].startswith(a.text) for q in questions for a in q.answers)


REFUSED = {  # name: content, kind, words
    "answers under another key": (lines(row(response="1790")), "bad answer", "its keys are 'question', 'context', 're"),
    "the same in a list": ([row(gold="1790")], "bad answer", "'gold'"),
    "the same under SQuAD's nesting": ({"data": [{"paragraphs": [{"context": TEXT, "qas": [
        {"id": "a", "question": "When?", "reply": "1790"}]}]}]}, "bad answer", "'reply'"),
    "a CSV without answers": (table(["question", "context", "response"], ["When?", TEXT, "1790"]), "no answer",
                              "the header names 'question', 'context', 'response'"),
    "an impossible question with an answer": (lines(row(is_impossible="True", answer="1790")),
                                              "answer to an unanswerable question", "is_impossible"),
    "an answerable one without": (table(["question", "context", "answer", "is_impossible"], ["When?", TEXT, "", "0"]),
                                  "no answer", "is_impossible is false"),
    "is_impossible neither": (lines(row(is_impossible="maybe", answer="1790")), "bad is_impossible", "maybe"),
    "an answer twice there": (lines(row(answer="oats")), "answer in several places", "2 times"),
    "a start of letters": (table(HEAD, [TEXT, "When?", "a", "x7", "1790"]), "bad answer", "answer_start is 'x7'"),
    "a start with a half": (lines(row(answer="1790", answer_start=30.5)), "bad answer", "number of its first"),
    "an answer that is true": (lines(row(answer=True)), "bad answer", "an answer is true"),
    "HotpotQA": ([{"_id": "a", "question": "When?", "answer": "1790", "supporting_facts": [["Mill", 0]],
                   "context": [["Mill", [TEXT]]]}], "not SQuAD", "HotpotQA"),
    "CoQA": ({"data": [{"story": TEXT, "questions": [{"input_text": "When?"}], "answers": [{"input_text": "1790"}]}]},
             "not SQuAD", "CoQA"),
    "half a character asked": ('{"question": "\\ud83d?", "context": "a", "answer": "a"}', "bad question", "half"),
    "half a character read": ([{"question": "?", "context": "a \ud83d", "answer": "a"}], "bad context", "half"),
    "half a character in a key": ('[{"question": "?", "context": "a", "\\ud83d": "a"}]', "bad answer", "\\ud83d"),
    "DROP": ({"nfl_1": {"passage": TEXT, "qa_pairs": []}}, "not SQuAD", "DROP"),
    "TriviaQA": ({"Data": [{"EntityPages": [], "Question": "When?"}], "Domain": "Web"}, "not SQuAD", "TriviaQA"),
    "MS MARCO": (lines({"query": "When?", "passages": [], "answers": ["1790"]}), "not SQuAD", "MS MARCO"),
    "Natural Questions": (lines({"question_text": "When?", "annotations": []}), "not SQuAD", "Natural Questions"),
    "RACE": ({"article": TEXT, "questions": ["When?"], "options": [["a"]], "answers": ["A"]}, "not SQuAD", "RACE"),
    "lines of other things": (lines({"prompt": "When?"}, {"prompt": "Who?"}), "not SQuAD", "the keys are 'prompt'"),
    "NewsQA's table": (table(["story_id", "question", "answer_char_ranges", "is_question_bad"], ["s", "q", "1:2", "0"]),
                       "not SQuAD", "NewsQA"),
    "a table without passages": (table(["question", "answer"], ["When?", "1790"]), "not SQuAD", "no column with"),
    "a passage that is a list": (lines(row(answer="1790") | {"context": [TEXT]}), "bad context", "a list"),
    "a list of other things": ([{"name": "Mill"}], "not SQuAD", "objects with the keys 'name'"),
    "NewsQA without consensus": ({"data": [{"text": TEXT, "questions": [{"q": "When?", "answers": []}]}]},
                                 "bad answer", "no consensus"),
    "lists of unequal length": (lines(row(answers={"text": ["1790"], "answer_start": []})), "bad answer",
                                "do not go together"),
    "an open quote": ('question,context,answer\n"When?,' + TEXT + ",1790\n", "bad quotes", "Close the quotes"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_is_refused_in_one_line(name, read):
    content, kind, words = REFUSED[name]
    questions, problems = read(content)
    assert questions == [] and [p.kind for p in problems if not p.kept] == [kind]
    said = str(problems[0]).encode("utf-8").decode("utf-8")  # what cannot be written cannot be told
    assert words in said and "\n" not in said and problems[0].advice


def test_a_bad_question_of_newsqa_is_left_out_and_told(read):
    content = {"data": [{"text": TEXT, "questions": [{"q": "Huh?", "consensus": {"badQuestion": True}}]}]}
    questions, problems = read(content)
    assert questions == [] and [(p.kind, p.kept) for p in problems] == [("left out", True)]


def test_one_bad_row_costs_itself_alone(read):
    questions, problems = read([row(id="a", answer="1790"), 3, row(id="b", response=1), row(id="c", answer="1790")])
    assert [q.id for q in questions] == ["a", "c"] and [p.id for p in problems] == ["[1]", "b"]


def test_rows_of_one_passage_belong_together(read):
    questions, _ = read([row(answer="1790"), row(answer="1790", context=TEXT + " "), row(answer="Orsk")])
    assert [q.passage for q in questions] == [0, 1, 0]


def test_an_empty_passage_is_the_one_above_if_the_answer_stands_there(read):
    other = "Tea is hot."
    rows = [
        [TEXT, "When?", "1790"],
        ["", "Where?", "Orsk"],
        ["", "Who?", ""],
        [other, "What?", "Tea"],
        ["", "How?", "hot"],
    ]
    questions, problems = read(table(["context", "question", "answer"], *rows))
    assert [(q.context, q.passage, len(q.answers)) for q in questions] == [
        (TEXT, 0, 1), (TEXT, 0, 1), (TEXT, 0, 0), (other, 1, 1), (other, 1, 1)]  # fmt: skip
    assert [(p.kind, p.id, p.kept) for p in problems] == [("passage of a row above", "line 3", True)]
    assert problems[0].message.startswith("3 rows have an empty cell for the passage")


def test_an_empty_passage_is_missed_if_the_answer_does_not_stand_above(read):
    rows = [["", "Who?", ""], [TEXT, "When?", "1790"], ["", "Where?", "Omsk"], ["", "", "Orsk"]]
    questions, problems = read(table(["context", "question", "answer"], *rows))
    assert [q.id for q in questions] == ["line 3"]
    assert [(p.id, p.kept) for p in problems] == [("line 2", False), ("line 4", False), ("line 5", False)]


def test_the_line_is_named_in_a_file_over_several_lines(tmp_path):
    path = tmp_path / "list.json"
    path.write_text(json.dumps([row(qid="a", answer="1790"), row(qid="b", answer="1791")], indent=1))
    (defect,) = (d for d in validate_questions(path, progress=False) if not d.kept)
    assert defect.id == "b" and path.read_text().splitlines()[defect.line - 1].strip() == "{"
    assert '"qid": "b"' in "".join(path.read_text().splitlines()[defect.line : defect.line + 3])


@pytest.mark.parametrize("text", [THAI, CHINESE, JAPANESE, "ບ້ານຢູ່ໃກ້ນ້ຳ", "ផ្ទះនៅជិតទន្លេ", "အိမ်သည်မြစ်အနီး", "서울에서부산까지"])
def test_scripts_without_spaces_cut_no_word(text, tmp_path):
    path = tmp_path / "one.json"
    path.write_text(json.dumps([{"question": "?", "context": text, "answer": text[2:5], "answer_start": 2}]))
    assert "answer cuts a word" not in validate_questions(path, progress=False).counts
    path.write_text(json.dumps([{"question": "?", "context": "Übermorgen", "answer": "morgen", "answer_start": 4}]))
    assert "answer cuts a word" in validate_questions(path, progress=False).counts


# Round trip and fuzz -------------------------------------------------------------------------------

WORDS = st.text(st.sampled_from("abc é漢ก\n\",;'\t{}[]🌟"), min_size=1, max_size=20).filter(lambda t: t.strip() == t)


@st.composite
def asked(draw):
    context = " ".join(draw(st.lists(WORDS, min_size=1, max_size=4)))
    start = draw(st.integers(0, len(context) - 1))
    text = context[start : draw(st.integers(start + 1, len(context)))]
    answers = (Answer(text, start),) if draw(st.booleans()) and text.strip() == text else ()
    return Question("", draw(WORDS), context, answers)


def as_rows(questions):
    return [{"id": f"n{n}", "question": q.question, "context": q.context, "answers": {
        "text": [a.text for a in q.answers], "answer_start": [a.start for a in q.answers]}}
        for n, q in enumerate(questions)]  # fmt: skip


def as_csv(questions):
    rows = [[n, q.question, q.context, *(q.answers[0] if q.answers else ("", ""))] for n, q in enumerate(questions)]
    return table(["id", "question", "context", "answer", "answer_start"], *rows)


SHAPES = {
    "list": lambda qs: json.dumps(as_rows(qs), indent=1),
    "list on one line": lambda qs: json.dumps(as_rows(qs)),
    "lines": lambda qs: lines(*as_rows(qs)),
    "csv": as_csv,
    "nested": lambda qs: json.dumps({"data": [{"paragraphs": [
        {"context": r["context"], "qas": [r | {"is_impossible": not r["answers"]["text"]}]} for r in as_rows(qs)]}]}),
    "lines of passages": lambda qs: lines(*({"context": r["context"], "qas": [r]} for r in as_rows(qs))),
}  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(asked(), min_size=1, max_size=4), st.sampled_from(list(SHAPES)))
def test_what_is_written_is_read_again(tmp_path_factory, questions, shape):
    path = tmp_path_factory.mktemp("round") / "file"
    path.write_text(SHAPES[shape](questions), encoding="utf-8", newline="")
    found = read_questions(path)
    assert [(q.question, q.answers) for q in found] == [(q.question, q.answers) for q in questions]
    assert [q.context for q in found] == [q.context for q in questions]


KEYS = ["question", "context", "answer", "answers", "text", "answer_start", "is_impossible", "id", "qas", "paragraphs",
        "data", "consensus", "questions", "q", "detected_answers", "char_spans", "query", "content"]  # fmt: skip
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | st.sampled_from(["", "a", "a b", "nan", "true"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(JUNK, st.booleans())
def test_whatever_the_json_nothing_is_raised_and_nothing_is_silent(tmp_path_factory, content, in_lines):
    path = tmp_path_factory.mktemp("fuzz") / "file"
    path.write_text(
        lines({"question": "a", "context": "a", "answer": "a"}, content) if in_lines else json.dumps(content)
    )
    found = list(examine_questions(path))
    assert found and all(isinstance(f, Question) or (f.kind in KINDS and f.message and f.advice) for f in found)
    for question in (f for f in found if isinstance(f, Question)):
        assert all(question.context[a.start :].startswith(a.text) and a.text for a in question.answers)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(['question,context,answer', '"', ",", "\n", "a", "{", "}", "[", ":", '"question"',
                                 '"context"', "\t", ";", "\\", "é", "\x00", "\r"]), max_size=25))  # fmt: skip
def test_whatever_the_text_nothing_is_raised(tmp_path_factory, parts):
    path = tmp_path_factory.mktemp("fuzz") / "file"
    path.write_text("".join(parts), newline="")
    assert list(examine_questions(path))
