"""Slips in files of questions: quotes between tabs, blank answers, letters composed otherwise, line ends, commas."""

import json
import re

import pytest

from utils.datasets.readers.question_defects import Habits
from utils.datasets.readers.questions import KINDS, Answer, Question
from utils.datasets.readers.squad import SquadError, examine_questions, read_questions
from utils.datasets.readers.validate import validate_questions

HEAD = "question\tcontext\tanswer\n"
CRLF = "Ana left.\nBo.\nCy.\nDee.\nEd.\nRye is small."


@pytest.fixture
def read(tmp_path):
    """Questions and problems of a file with this content."""

    def of(content):
        path = tmp_path / "file"
        path.write_bytes((content if isinstance(content, str) else json.dumps(content)).encode())
        items = list(examine_questions(path))
        problems = [item for item in items if not isinstance(item, Question)]
        assert all(problem.kind in KINDS for problem in problems)
        return [item for item in items if isinstance(item, Question)], problems

    return of


def nested(context, *asked):
    qas = [{"id": str(n), "question": "Who?", **one} for n, one in enumerate(asked)]
    return {"data": [{"title": "T", "paragraphs": [{"context": context, "qas": qas}]}]}


def spans(questions):
    assert all(q.context.startswith(a.text, a.start) for q in questions for a in q.answers)
    return [[tuple(answer) for answer in q.answers] for q in questions]


# Quotes --------------------------------------------------------------------------------------------


def test_between_tabs_a_quote_that_is_a_sign_of_the_text_swallows_no_row(read):
    questions, problems = read(HEAD + 'Who?\t"Ana left Rye.\tAna\nWho came?\tBo came."\tBo\n')
    assert [(q.question, q.context) for q in questions] == [("Who?", '"Ana left Rye.'), ("Who came?", 'Bo came."')]
    assert spans(questions) == [[("Ana", 1)], [("Bo", 0)]] and not problems


def test_between_tabs_a_word_in_quotes_may_begin_a_cell(read):
    questions, problems = read(HEAD + 'What?\t"hi" said Ana\thi\nWho?\tBo came.\tBo\n')
    assert spans(questions) == [[("hi", 1)], [("Bo", 0)]] and not problems
    assert questions[0].context == '"hi" said Ana'


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
def test_a_quoted_cell_over_several_lines_is_one_cell(read, separator):
    rows = ["question,context,answer", 'Who?,"Ana left Rye.\nShe ""sailed"".\n""So"" be it.",Ana', 'Who?,"Bo came.",Bo']
    questions, problems = read("\n".join(rows).replace(",", separator) + "\n")
    assert [q.context.count("\n") for q in questions] == [2, 0] and not problems
    assert spans(questions) == [[("Ana", 0)], [("Bo", 0)]]


def test_commas_of_prose_over_several_lines_are_no_rows(read):
    context = "Ana left, and Bo,\nCy, Dee came, so.\nIn 1,790 it was,so."
    questions, problems = read(f'question,context,answer\nWho?,"{context}",Dee\nWho?,"a,b\nc,d",c\n')
    assert [q.context for q in questions] == [context, "a,b\nc,d"] and not problems


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_quote_that_swallows_rows_is_named_with_both_lines(read, separator):
    rows = ["question,context,answer", "When?,Cy left.,", 'Who?,"Ana left Rye.,Ana', 'Who came?,Bo came.",Bo']
    questions, (problem,) = read("\n".join(rows).replace(",", separator) + "\n")
    assert [q.question for q in questions] == ["When?"] and (problem.kind, problem.id) == ("bad quotes", "line 3")
    assert "closed in line 4 only" in problem.message and "what follows was not read" in problem.advice


def test_behind_the_lines_looked_at_tabs_tell_the_same(read):
    more = "Who?\tBo came.\tBo\n" * 300
    questions, (problem,) = read(HEAD + more + 'Who?\t"Ana left Rye.\tAna\nWho came?\tBo came."\tBo\n')
    assert len(questions) == 300 and (problem.kind, problem.id) == ("bad quotes", "line 302")


# Answers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [0, -1, 5, None])
def test_a_blank_answer_to_an_impossible_question_is_none(read, start):
    blank = {"answers": [{"text": "", "answer_start": start}], "is_impossible": True}
    questions, problems = read(nested("Ana left.", blank))
    assert spans(questions) == [[]] and not problems


def test_a_blank_answer_to_a_possible_one_stays_a_fault(read):
    blank = {"answers": [{"text": "", "answer_start": 0}]}
    questions, problems = read(nested("Ana left.", blank, blank | {"is_impossible": False}))
    assert questions == [] and [p.kind for p in problems] == ["empty answer"] * 2
    both = {"answers": [*blank["answers"], {"text": "Ana", "answer_start": 0}], "is_impossible": True}
    assert [p.kind for p in read(nested("Ana left.", both))[1]] == ["answer to an unanswerable question"]


LOOK = {  # context, answer, start, what stands there, how it differs
    "decomposed": ("Then Zo\u00eb left.", "Zoe\u0308", 5, "Zo\u00eb", "the same letters, composed otherwise"),
    "composed": ("Then Zoe\u0308 left.", "Zo\u00eb", 5, "Zoe\u0308", "the same letters, composed otherwise"),
    "no-break space": ("In 5\u00a0km.", "5 km", 3, "5\u00a0km", "other white space"),
    "two spaces": ("Ana  Roe left.", "Ana Roe", 0, "Ana  Roe", "other white space"),
    "a line end": ("Ana\nRoe left.", "Ana Roe", 0, "Ana\nRoe", "other white space"),
    "an apostrophe": ("See Ana\u2019s mill.", "Ana's", 4, "Ana\u2019s", "another apostrophe"),
}


@pytest.mark.parametrize("name", LOOK)
def test_what_looks_the_same_at_its_place_is_read_as_the_context_writes_it(read, name):
    context, text, start, there, how = LOOK[name]
    questions, (problem,) = read(nested(context, {"answers": [{"text": text, "answer_start": start}]}))
    assert spans(questions) == [[(there, start)]]
    assert problem.kept and problem.kind == "answer written otherwise" and problem.message.endswith(f": {how}")


@pytest.mark.parametrize("name", LOOK)
def test_what_looks_the_same_elsewhere_is_told_apart(read, name):
    context, text, _, _, how = LOOK[name]
    for answer in ({"text": text, "answer_start": len(context) - 2}, text):
        questions, (problem,) = read(nested(context, {"answers": [answer]}))
        assert questions == [] and problem.kind == "answer not there" and how in problem.advice


def test_no_letter_is_cut_from_its_accent(read):
    answer = {"text": "Ana Zoe", "answer_start": 0}
    questions, (problem,) = read(nested("Ana  Zoe\u0308 left.", {"answers": [answer]}))
    assert questions == [] and problem.kind == "answer not there"


def test_offsets_that_count_cr_lf_as_two_are_read_so_and_told_once(read):
    start = CRLF.replace("\n", "\r\n").index("Rye")
    rows = f'Where?,"{CRLF}",Rye is,{start}\nWho?,"{CRLF}",Ed,{start - 5}\n'
    questions, (problem,) = read(f"question,context,answer,answer_start\n{rows}".replace("\n", "\r\n"))
    assert spans(questions) == [[("Rye is", start - 5)], [("Ed", start - 9)]]
    assert problem.kept and "answer_start counts CR LF as two" in problem.message


def test_offsets_that_count_it_as_one_are_read_as_they_are(read):
    context = "Ana.\nAna.\nAna.\nRye."
    asked = [{"answers": [{"text": "Ana", "answer_start": start}]} for start in (0, 5, 10)]
    questions, problems = read(nested(context, *asked))
    assert spans(questions) == [[("Ana", 0)], [("Ana", 5)], [("Ana", 10)]] and not problems


def test_an_answer_without_a_start_is_shown_as_the_file_has_it(read):
    _, (problem,) = read(nested("Ana left.", {"answers": [{"text": "Ana", "offset": 0}]}))
    assert problem.kind == "bad answer" and '{"text": "Ana", "offset": 0}' in problem.message


@pytest.mark.parametrize("title", ["T", "one, ] two", "x" * 3000])
def test_a_comma_before_a_bracket_is_named_with_its_line(read, title):
    text = json.dumps(nested("Ana left.", {"answers": [{"text": "Ana", "answer_start": 0}]}) | {"title": title})
    begin, cut, rest = text.partition("}]}]}]")
    _, (problem,) = read(f'{{"title":{json.dumps(title)},\n{begin[1:]}{cut[:2]},\n}}]}}]{rest}')
    assert problem.kind == "not JSON" and "a comma stands before a closing bracket in line 2" in problem.message


# Whether there is an answer ------------------------------------------------------------------------

MILL = "In 1790 a mill was built. It burned in 1790."
NONE, SOME = {"text": [], "answer_start": []}, {"text": ["burned"], "answer_start": [29]}
SAYS_NO = ["isImpossible", "impossible", "unanswerable", "is_unanswerable", "no_answer"]
SAYS_YES = ["answerable", "is_answerable", "isAnswerable", "has_answer"]


def row(**more):
    return {"id": "a", "question": "When?", "context": MILL, **more}


def lines(*rows):
    return "".join(json.dumps(one) + "\n" for one in rows)


@pytest.mark.parametrize(("yes", "no"), [(True, False), ("true", "False"), (1, 0), ("yes", "no")])
@pytest.mark.parametrize("key", SAYS_NO + SAYS_YES)
def test_other_names_of_is_impossible_are_obeyed(read, key, yes, no):
    none, some = (no, yes) if key in SAYS_YES else (yes, no)
    good = lines(row(answers=NONE, **{key: none}), row(id="b", **{key: none}), row(id="c", answers=SOME, **{key: some}))
    questions, problems = read(good)
    assert spans(questions) == [[], [], [("burned", 29)]] and not problems
    questions, problems = read(lines(row(answers=SOME, **{key: none}), row(id="b", answers=NONE, **{key: some})))
    assert not questions and [p.kind for p in problems] == ["answer to an unanswerable question", "no answer"]
    assert all(key in p.message and key in p.advice for p in problems)
    assert f"{key} is {'false' if key in SAYS_YES else 'true'}, but it has an answer" in problems[0].message


def test_so_are_they_in_a_table_and_under_a_passage(read):
    table = "question,context,answer,Answerable\nWhen?,Built in 1790.,1790,False\nWho?,Built in 1790.,,False\n"
    questions, problems = read(table)
    assert spans(questions) == [[]] and problems[0].message == "answerable is false, but it has an answer"
    questions, problems = read(nested(MILL, {"answers": [{"text": "burned", "answer_start": 29}], "no_answer": True}))
    assert not questions and problems[0].message == "no_answer is true, but it has an answer"


def test_what_says_neither_is_of_another_kind(read):
    questions, problems = read(lines(row(answers=SOME, impossible="a choice", no_answer=None)))
    assert spans(questions) == [[("burned", 29)]] and not problems


# Starts beside a list of texts ---------------------------------------------------------------------


@pytest.mark.parametrize("start", [39, "39", 39.0, [39], "[39]", "array([39])", "[39,]"])
@pytest.mark.parametrize("answer", ["1790", ["1790"]])
def test_a_start_beside_a_list_says_which_place(read, answer, start):
    questions, problems = read(lines(row(answer=answer, answer_start=start)))
    assert spans(questions) == [[("1790", 39)]] and not problems


@pytest.mark.parametrize("starts", [[29, 0], "[29, 0]", "[29  0]", "array([29, 0])"])
def test_as_many_starts_as_texts(read, starts):
    questions, problems = read(lines(row(answers=["burned", "In"], answer_start=starts)))
    assert spans(questions) == [[("burned", 29), ("In", 0)]] and not problems


@pytest.mark.parametrize("start", [None, "", "nan", [], "[]"])
def test_no_start_leaves_the_only_place(read, start):
    questions, problems = read(lines(row(answers=["burned", "In"], answer_start=start)))
    assert spans(questions) == [[("burned", 29), ("In", 0)]] and not problems


@pytest.mark.parametrize("start", [29, "29", [29], [29, 0, 3], "[29 0 3]"])
def test_other_numbers_of_starts_and_texts_are_named(read, start):
    questions, problems = read(lines(row(answers=["burned", "In"], answer_start=start)))
    assert not questions and "do not go together" in problems[0].message


def test_a_start_beside_a_list_that_is_wrong_is_named(read):
    questions, problems = read(lines(row(answers=["burned"], answer_start=20)))
    assert not questions and problems[0].kind == "answer not there"


# Whole objects -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["question", "context", "is_impossible"])
def test_a_key_that_stands_twice_hides_nothing(read, key):
    text = json.dumps(row(answers=SOME, is_impossible=False))
    doubled = text.replace(f'"{key}":', f'"{key}": "other", "{key}":')
    for content in (doubled + "\n" + lines(row(id="b", answers=SOME)), f"[{doubled}]"):
        questions, problems = read(content)
        assert "a" not in [q.id for q in questions]
        assert f'"{key}" stands twice' in problems[0].message


def test_rows_under_their_names_and_rows_of_a_server(read):
    rows = [row(answers=SOME), row(id="b", question="What?", answers=NONE)]
    served = [{"row_idx": n, "row": one, "truncated_cells": []} for n, one in enumerate(rows)]
    for content in (json.dumps({"0": rows[0], "1": rows[1]}), lines(*served)):
        questions, problems = read(content)
        assert [q.id for q in questions] == ["a", "b"] and spans(questions) == [[("burned", 29)], []] and not problems


CHOICES = {
    "a list": {"choices": ["Anna", "Bob"], "answer": "A"},
    "an object": {"options": {"A": "Anna", "B": "Bob"}, "answer": "(B)"},
    "columns": {"A": "Anna", "B": "Bob", "answer": "B"},
    "numbered columns": {"option1": "Anna", "option2": "Bob", "answer": "1"},
}


@pytest.mark.parametrize("name", CHOICES)
def test_the_letter_of_a_choice_is_no_answer(read, name):
    asked = {"question": "Who left?", "context": "B, A and 1 left.", **CHOICES[name]}
    questions, (problem,) = read(lines(asked))
    assert not questions and "names one of the choices beside it" in problem.message
    for more in ({"answer": "left"}, {"answer": "A", "answer_start": 3}, {"answer": "A", "choices": ["A", "B"]}):
        questions, problems = read(lines(asked | {"options": None} | more))
        assert len(questions) == 1 and not problems, more
    (cell,) = read('question,context,answer,a,b\nWho left?,"B, A left.",A,Anna,Bob\n')[1]
    assert "names one of the choices" in cell.message


# What answer_start counts --------------------------------------------------------------------------


EMOJI = "🎉 Anna left Rye. 🎉🎉🎉🎉 Über Bob ran."


def counted_in(code, size, *more):
    """A file whose answers say where they stand in units of so many bytes of a code."""
    starts = [len(EMOJI[: EMOJI.index(name)].encode(code)) // size for name in ("Anna", "Rye", "Bob ran")]
    names = zip(("Anna", "Rye", "Bob ran"), starts, strict=True)
    return nested(EMOJI, *({"answers": [{"text": t, "answer_start": n}]} for t, n in [*names, *more]))


@pytest.mark.parametrize(
    ("code", "size", "says"),
    [("utf-16-le", 2, "UTF-16 units, as JavaScript does, in all"), ("utf-8", 1, "bytes of UTF-8, in all")],
)
def test_a_file_that_counts_other_units_is_told_so_with_what_mends_it(tmp_path, code, size, says):
    content = counted_in(code, size)
    (tmp_path / "file").write_text(json.dumps(content))
    (told,) = [one for one in validate_questions(tmp_path / "file", progress=False) if one.kind == "other units"]
    assert says in told.message and "all 3 misplaced answers" in told.message and told.line == 0
    mend = re.search(r"start = (len\(.*\))$", told.advice)[1]
    for asked in content["data"][0]["paragraphs"][0]["qas"]:
        answer = asked["answers"][0]
        answer["answer_start"] = eval(mend, {"context": EMOJI, "start": answer["answer_start"], "len": len})
    (tmp_path / "mended").write_text(json.dumps(content))
    found = validate_questions(tmp_path / "mended", progress=False)
    assert found.checked == 3 and not found.unusable and "aside" not in str(found)


def test_reading_such_a_file_says_it_of_the_whole_first(tmp_path):
    (tmp_path / "file").write_text(json.dumps(counted_in("utf-16-le", 2)))
    with pytest.raises(SquadError, match=r"counts UTF-16 .* all of this file.*Mend each, in Python.*question ") as told:
        read_questions(tmp_path / "file")
    assert told.value.problem.id and str(told.value).count("Mend each") == 1
    (tmp_path / "right").write_text(json.dumps(counted_in("utf-16-le", 2, ("Bob", EMOJI.index("Bob")))))
    problems = []
    assert len(read_questions(tmp_path / "right", "skip", problems)) == 2  # one is but a little aside
    assert "other units" not in {problem.kind for problem in problems}


def test_half_a_character_in_a_passage_is_no_error_where_units_are_counted(tmp_path):
    cut = "\N{PARTY POPPER} \ud83d Anna left."  # as JSON may hold one that was cut
    habits = Habits("file")
    habits.watch(Question("a", "Who?", cut, (Answer("Anna", 4),)))
    assert set(habits.right.values()) == {1}
    content = counted_in("utf-16-le", 2)
    passages = content["data"][0]["paragraphs"]
    passages.append({"context": cut, "qas": [{**passages[0]["qas"][0], "id": "cut"}]})
    (tmp_path / "file").write_text(json.dumps(content))
    found = validate_questions(tmp_path / "file", progress=False)
    assert {"bad context", "other units"} <= {one.kind for one in found}


@pytest.mark.parametrize("more", [("Bob", EMOJI.index("Bob")), ("Rye", 0)])  # right in characters; right in neither
def test_no_file_is_said_to_count_other_units_where_one_answer_speaks_against_it(tmp_path, more):
    (tmp_path / "file").write_text(json.dumps(counted_in("utf-16-le", 2, more)))
    assert "other units" not in {one.kind for one in validate_questions(tmp_path / "file", progress=False)}


@pytest.mark.parametrize(("text", "stands"), [("left Rye!", '"."'), ("left Ryo", '"e"')])
def test_of_an_answer_with_another_last_character_that_one_is_named(read, text, stands):
    _, (problem,) = read(nested("Ana left Rye. She ran.", {"answers": [{"text": text, "answer_start": 4}]}))
    assert f'Only its last character, "{text[-1]}", differs: there stands {stands}' in problem.advice
