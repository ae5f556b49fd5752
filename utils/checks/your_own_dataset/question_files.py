"""The files that validate_questions is tried on: each function draws cases, the content of a file."""

from utils.checks.frame import case


def _qa(name, question, *answers, **more):
    return {"id": name, "question": question, "answers": [{"text": t, "answer_start": a} for t, a in answers], **more}


def _squad(*paragraphs):
    """One article for each list of paragraphs (context, *questions)."""
    articles = [{"paragraphs": [{"context": c, "qas": list(q)} for c, *q in article]} for article in paragraphs]
    return {"data": articles}


TALE = "Tom met Mia in Cork. Later Tom left Cork."
NEARLY = ("When and Who?", "Who?", "Who? ", "Who", "who?", "Who  met?", "Who met?", "met Who?")  # all of them others
ALIKE = ("q12", "q1", "Q1", " q1", "q2", "q1")  # of these ids one is there twice
PRICES = "Two at 3x50 each, three at 3.50 (old) or $5, and $5 more, then $5 again."  # signs that a pattern would read


def _also_under_other_ids(draw):
    """The cases, and one of them once more under ids by chance: those in question are not known beforehand."""

    def cases(rng):
        drawn, mark = draw(rng), f"-{rng.integers(1000, 10000)}"

        def under_others(content):
            if isinstance(content, list):
                return [under_others(part) for part in content]
            if not isinstance(content, dict):
                return content
            return {k: v + mark if k == "id" else under_others(v) for k, v in content.items()}

        return [*drawn, case(under_others(drawn[0].args[0]))]

    return cases


@_also_under_other_ids
def ids_twice(rng):
    """An id used twice, in one paragraph or far apart; and four times."""
    fine = ("Ada left.", _qa("a", "Who?", ("Ada", 0)), _qa("b", "Who left?", ("Ada", 0)))
    return [
        case(_squad([("Ada left.", _qa("a", "Who?", ("Ada", 0)), _qa("a", "And who?", ("Ada", 0)))])),
        case(_squad([fine, (TALE, _qa("a", "Who met?", ("Tom", 0)))], [("Bo.", _qa("b", "Who is it?", ("Bo", 0)))])),
        case(_squad([fine], [(TALE, _qa("c", "Who?", ("Tom", 0)), _qa("c", "Where?", ("Cork", 15)))])),
        case(_squad([fine, ("Al.", *[_qa("b", f"Who, {n}?", ("Al", 0)) for n in "123"])])),
        case(_squad([("Al left.", *[_qa(i, f"Who, {n}?", ("Al", 0)) for n, i in enumerate(ALIKE)])])),
    ]


@_also_under_other_ids
def impossible(rng):
    """With and without answers, marked impossible or not; and questions in a paragraph that none is asked of."""
    plain = _qa("a", "Who?", ("Tom", 0), is_impossible=False)
    return [
        case(_squad([(TALE, plain, _qa("b", "Who met?", ("Tom", 0), is_impossible=True))])),
        case({"data": []}),
        case(_squad([(TALE,), (TALE, _qa("a", "Why?", is_impossible=False))], [])),
        case(_squad([(TALE, _qa("a", "Who?", is_impossible=False), _qa("b", "Why?", is_impossible=True))])),
        case(_squad([(TALE, _qa("a", "Who?", ("Tom", 0), is_impossible=True), _qa("b", "Why?"))])),
        case(
            _squad(
                [
                    (TALE, _qa("a", "Who?", ("Tom", 0))),
                    ("Nobody.", _qa("b", "How?"), _qa("c", "Why?", is_impossible=True)),
                ]
            )
        ),
    ]


@_also_under_other_ids
def not_there(rng):
    """Answers that stand elsewhere, nearly there, or nowhere."""
    n = int(rng.integers(3, 9))
    return [
        case(_squad([(TALE, _qa("a", "Who?", ("Tom", 0)), _qa("b", "Where?", ("Cork", 14)))])),
        case(
            _squad(
                [
                    (
                        TALE,
                        _qa("a", "Who left?", ("Tom", 27)),
                        _qa("b", "Who?", ("tom", 0)),
                        _qa("c", "What?", ("Tom", 8)),
                        _qa("d", "Whom?", ("Mia", 20)),
                        _qa("e", "Who met?", ("Tim", 0)),
                        _qa("f", "In which town?", ("Cork", 16)),
                        _qa("g", "And last?", ("Cork.", 36)),
                    )
                ]
            )
        ),
        case(
            _squad(
                [
                    (
                        TALE,
                        _qa("a", "Where?", ("Cork", 15), ("Cork", 36 - n)),
                        _qa("b", "Where then?", ("Cork", 36 - n), ("Cork", 15)),
                        _qa("c", "When?", ("Later", 21), ("at last", 0)),
                    )
                ]
            )
        ),
        case(
            _squad(
                [
                    (
                        PRICES,
                        _qa("a", "What is each?", ("3.50", 7)),
                        _qa("b", "What are three?", ("3.50", 27)),
                        _qa("c", "Which price?", ("(old)", 32)),
                        _qa("d", "What more?", ("$5", PRICES.index("$5", 45))),  # neither the first nor the last
                        _qa("e", "What else?", ("$5", 0)),
                    )
                ]
            )
        ),
        case(
            _squad([(TALE, _qa("a", "Where last?", ("Cork.", 36), ("Cork", 36)), _qa("b", "What?", ("Cork. No", 36)))])
        ),
        case(
            _squad([(TALE, _qa("a", "Where?", ("Cork", -5)), _qa("b", "Nothing?", ("", n)), _qa("c", "?", ("", -1)))])
        ),
        case(
            _squad(
                [
                    (
                        TALE,
                        _qa("a", "Who left?", (" Tom", 26)),
                        _qa("b", "When?", ("Later ", 20)),
                        _qa("c", "Where?", (" Cork", 15)),
                    )
                ]
            )
        ),
        case(_squad([("aaaa left. ", _qa("a", "Who?", ("aa", 1)), _qa("b", "How?", ("left. ", 5)))])),
        case(_squad([(TALE, _qa("a", "Where?", ("Cork,", 15)), _qa("b", "Who?", ("Tom", 5), ("Mia", 0)))])),
        case(_squad([("Tom met Mia.", _qa("a", "Who?", ("Tom", 0))), ("Tom left.", _qa("b", "And who?", ("Mia", 8)))])),
        case(_squad([("\u212bsa left.", _qa("a", "Who?", ("\u00c5sa", 0)), _qa("b", "Who left?", ("\u212bsa", 0)))])),
        case(_squad([("  Zoë  met Åsa.", _qa("a", "Whom?", ("Åsa", 11)), _qa("b", "Who?", ("Åsa", 12)))])),
    ]


@_also_under_other_ids
def asked_twice(rng):
    """The same words in one paragraph and in several."""
    return [
        case(_squad([(TALE, _qa("a", "Who left?", ("Tom", 27)), _qa("b", "Who left?", ("Tom", 27)))])),
        case(
            _squad(
                [
                    (TALE, _qa("a", "Who?", ("Tom", 0)), _qa("b", "who?", ("Tom", 0))),
                    ("Bo.", _qa("c", "Who?", ("Bo", 0))),
                ]
            )
        ),
        case(
            _squad(
                [(TALE, _qa("a", "Who?", ("Tom", 5)), _qa("b", "Where?", ("Cork", 15)), _qa("c", "Who?", ("Tom", 0)))]
            )
        ),
        case(
            _squad(
                [(TALE, _qa("a", "Who?", ("Tom", 0)))],
                [("Bo left.", _qa("b", "Who?", ("Bo", 0)), _qa("d", "Who?", ("Bo", 0)))],
            )
        ),
        case(
            _squad(
                [
                    (TALE, _qa("a", "Why?", is_impossible=True), _qa("b", "Why?", is_impossible=True)),
                    ("Bo left.", _qa("c", "Who?", ("Bo", 0)), _qa("c", "Why?"), _qa("d", "Why?", is_impossible=True)),
                ]
            )
        ),
        case(_squad([(TALE, *[_qa(str(n), asked, ("Tom", 0)) for n, asked in enumerate(NEARLY)])])),
        case(_squad([(TALE, _qa("a", "Who?"), _qa("b", "Who?", ("Tom", 0)), _qa("c", "Who?", ("Mia", 0)))])),
        case(
            _squad(
                [
                    (
                        TALE,
                        _qa("a", "Who?", ("Tom", 0), is_impossible=True),
                        _qa("b", "Who?", ("Tom", 0)),
                        _qa("b", "Why?"),
                    )
                ]
            )
        ),
        case(
            _squad(
                [(TALE, _qa("a", "Who?", ("Tom", 5)), _qa("b", "Who?", ("Tom", 0)), _qa("c", "Where?", ("Cork", 3)))]
            )
        ),
    ]


def questions_of_all_sorts(rng):
    """All kinds in a file, several at a question."""
    items = [
        _qa("a", "Who?", ("Tom", 0)),
        _qa("b", "Where?", ("Cork", 3)),
        _qa("c", "Who?", ("Tom", 2), is_impossible=True),
        _qa("a", "Who?", ("Tom", 7)),
        _qa("d", "Why?"),
        _qa("e", "Who?", ("Mia", 9)),
        _qa("f", "Where?", ("Cork", 15)),
        _qa("g", "When?", is_impossible=True),
        _qa("d", "How?"),
        _qa("e", "When then?", ("Mia", 8), is_impossible=True),
        _qa("i", "Who?"),
    ]
    order = rng.permutation(len(items))
    return [
        case(_squad([(TALE, *items[:3])])),
        case(
            _squad([(TALE, *items)], [(TALE + " Bo too.", _qa("h", "Who?", ("Tom", 0)), _qa("b", "Who?", ("Tom", 1)))])
        ),
        case(_squad([(TALE, *[items[i] for i in order])])),
    ]


def misshapen(rng):
    """Questions that lack something, or have it in another type, among good ones; then files that are none."""
    good = [_qa(f"g{n}", f"Who was it, {n}?", ("Tom", 0)) for n in range(11)]
    bad = [
        {"id": "no answers", "question": "Who?"},
        {"id": "null", "question": "Who?", "answers": None, "is_impossible": True},
        {"id": "one answer", "question": "Who?", "answers": {"text": "Tom", "answer_start": 0}},
        {"id": "no place", "question": "Who?", "answers": [{"text": "Tom"}]},
        {"id": "place as text", "question": "Who?", "answers": [{"text": "Tom", "answer_start": "0"}]},
        {"id": "texts", "question": "Who?", "answers": ["Tom"]},
        {"id": "nothing asked", "answers": [{"text": "Tom", "answer_start": 0}]},
        {"question": "Who has no id?", "answers": [{"text": "Tom", "answer_start": 0}]},
        {"question": "Who has none either?", "answers": []},
        {"id": 7, "question": "Who has a number?", "answers": [{"text": "Tom", "answer_start": 0}]},
        {"id": "second", "question": "Who else?", "answers": [{"text": "Tom", "answer_start": 0}, {"text": "Tom"}]},
    ]
    order = rng.permutation(len(bad))
    mixed = [item for n in order for item in (bad[n], good[n])]
    files = [{}, {"data": None}, {"articles": []}, {"data": [{"paragraphs": [{"context": TALE, "qas": None}]}]}]
    files += [[1, 2], {"data": [{"paragraphs": [{"qas": []}]}]}, {"data": [{"title": "Tom"}]}]
    beside = _squad([(TALE, _qa("a", "Where?", ("Cork", 3)))])["data"]  # bad itself, and before what is none
    files += [
        {"data": [*beside, {"title": "Tom"}]},
        {"data": [{"paragraphs": beside[0]["paragraphs"] + [{"qas": []}]}]},
    ]
    files += [{"data": [{"paragraphs": [{"context": TALE, "qas": ["Who?"]}]}]}]
    files += [{"data": [{"paragraphs": [{"context": TALE, "qas": "Who?"}]}]}]
    more = _qa("a", "Who?", ("Tom", 0), plausible_answers=[], title="Tom")
    return [
        case(_squad([(TALE, good[0], bad[0], good[1])])),
        case(_squad([(TALE, more, _qa("b", "Who?"), {"id": "b"}, {"id": "c"})])),
        case(_squad([(TALE, *mixed[:7])], [(TALE, *mixed[7:])])),
        case(_squad([(TALE, {"id": "g1", "question": "Who met Mia?"}, good[1], _qa("b", "Who met Mia?", ("Tom", 0)))])),
        *(case(content) for content in files),
        case(_squad([(TALE, good[0], {"id": ["g1"], "question": "Whose is a list?", "answers": []}, good[1])])),
    ]
