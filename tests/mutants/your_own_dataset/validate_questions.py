"""Wrong answers to validate_questions."""

import re

from utils.checks.your_own_dataset.shared import QUESTION, SQUAD, has_shape


def walk(content, there, per_file=False, impossible=True, twice=True, ids_twice=True, misshapen="wrong shape"):
    out, ids, words = [], [], []
    if not has_shape(content, SQUAD):
        return [(None, "wrong shape")]
    for article in content["data"]:
        for par in article["paragraphs"]:
            if not per_file:
                words = []
            for q in par["qas"]:
                if not has_shape(q, QUESTION):
                    out += [(q.get("id"), misshapen)] if misshapen else []
                    continue
                no = bool(q.get("is_impossible"))
                if ids_twice and q["id"] in ids:
                    out.append((q["id"], "id twice"))
                elif len(q["answers"]) == 0 and not no:
                    out.append((q["id"], "no answer"))
                elif impossible and len(q["answers"]) > 0 and no:
                    out.append((q["id"], "impossible"))
                elif not there(q["answers"], par["context"]):
                    out.append((q["id"], "not there"))
                elif twice and q["question"] in words:
                    out.append((q["id"], "asked twice"))
                ids.append(q["id"])
                words.append(q["question"])
    return out


def exact(answers, context):
    return all(0 <= a["answer_start"] and a["text"] and cut(a, context) == a["text"] for a in answers)


def cut(a, context):
    return context[a["answer_start"] : a["answer_start"] + len(a["text"])]


def as_a_pattern(content):
    def there(answers, context):
        return all(a["text"] and a["answer_start"] in [m.start() for m in found(a["text"], context)] for a in answers)

    def found(pattern, context):
        try:
            return list(re.finditer(pattern, context))
        except re.error:
            return []

    return walk(content, there)


def first_or_last(content):
    def there(answers, context):
        return all(
            a["text"] and a["answer_start"] in (context.find(a["text"]), context.rfind(a["text"])) for a in answers
        )

    return walk(content, there)


def anywhere_from_0_on(content):
    def found(a, context):
        return a["text"] and a["answer_start"] >= 0 and a["text"] in context

    return walk(content, lambda answers, context: all(found(a, context) for a in answers))


def anywhere(content):
    return walk(content, lambda answers, context: all(a["text"] in context for a in answers))


def by_find(content):
    return walk(content, lambda answers, c: all(c.find(a["text"]) == a["answer_start"] for a in answers))


def first_answer(content):
    return walk(content, lambda answers, context: exact(answers[:1], context))


def any_answer(content):
    return walk(content, lambda answers, context: not answers or any(exact([a], context) for a in answers))


def words_of_the_file(content):
    return walk(content, exact, per_file=True)


def ignores_impossible(content):
    return walk(content, exact, impossible=False)


def ids_may_repeat(content):
    return walk(content, exact, ids_twice=False)


def one_article(content):
    return walk({"data": content["data"][:1]} if has_shape(content, SQUAD) else content, exact)


def negative_too(content):
    return walk(content, lambda answers, context: all(a["text"] and cut(a, context) == a["text"] for a in answers))


def empty_too(content):
    return walk(
        content, lambda answers, c: all(c.find(a["text"], a["answer_start"]) == a["answer_start"] for a in answers)
    )


def trusts_slices(content):
    return walk(content, lambda answers, context: all(cut(a, context) == a["text"] for a in answers))


def strips_both(content):
    return walk(content, lambda answers, context: all(cut(a, context).strip() == a["text"].strip() for a in answers))


def behind_the_start(content):
    return walk(content, lambda answers, c: all(c.find(a["text"], a["answer_start"]) >= 0 for a in answers))


def from_one(content):
    return walk(content, lambda answers, c: exact([{**a, "answer_start": a["answer_start"] - 1} for a in answers], c))


def bytes_of_the_context(content):
    def there(answers, c):
        return exact([{**a, "text": a["text"].encode()} for a in answers], c.encode())

    return walk(content, there)


def stripped_context(content):
    return walk(content, lambda answers, context: exact(answers, context.strip()))


def by_id(content):
    return list({name: kind for name, kind in walk(content, exact)}.items())  # noqa: C416


def each_pair_once(content):
    out = []
    for pair in walk(content, exact):
        if pair not in out:
            out.append(pair)
    return out


def pops(content):
    if not has_shape(content, SQUAD):
        return [(None, "wrong shape")]
    found = walk(content, exact)
    for article in content["data"]:
        for par in article["paragraphs"]:
            for q in par["qas"]:
                q.pop("is_impossible", False)
    return found


def one_by_one(content):
    yield from walk(content, exact)


def doubles_in_silence(content):
    return [(name, kind) for name, kind in walk(content, exact) if kind != "id twice"]


def wrong_key(content):
    return [q["id"] for a in content["articles"] for p in a["paragraphs"] for q in p["qas"]]


def passes_misshapen(content):
    return walk(content, exact, misshapen="")


def no_answers_at_all(content):
    return walk(content, exact, misshapen="no answer")


def trusts_answers(content):
    out, ids = [], set()
    for article in content["data"]:
        for par in article["paragraphs"]:
            words = set()
            for q in par["qas"]:
                if q["id"] in ids:
                    out.append((q["id"], "id twice"))
                elif not q["answers"] and not q.get("is_impossible"):
                    out.append((q["id"], "no answer"))
                elif q["answers"] and q.get("is_impossible"):
                    out.append((q["id"], "impossible"))
                elif not exact(q["answers"], par["context"]):
                    out.append((q["id"], "not there"))
                elif q["question"] in words:
                    out.append((q["id"], "asked twice"))
                ids.add(q["id"])
                words.add(q["question"])
    return out


def trusts_the_file(content):
    found = walk({"data": content.get("data") or []} if isinstance(content, dict) else {"data": []}, exact)
    return [] if found == [(None, "wrong shape")] else found


def judged(q, context, ids, asked, impossible):
    """The kinds that hold, in the order of the table."""
    kinds = {
        "id twice": q["id"] in ids,
        "no answer": not q["answers"] and not impossible,
        "impossible": bool(q["answers"]) and bool(impossible),
        "not there": not exact(q["answers"], context),
        "asked twice": q["question"] in asked,
    }
    return [kind for kind, holds in kinds.items() if holds]


def walked(choose=lambda found, q, context: found[:1], marked=lambda q: q.get("is_impossible"), keep=lambda found: True,
           words=lambda text: text, name=lambda text: text, contexts=lambda content, article, context: context,
           fits=lambda q, ids: has_shape(q, QUESTION), file=lambda content: has_shape(content, SQUAD), cuts=(),
           last=False, before=False):  # fmt: skip
    """A walk through the file, one of whose steps is another's."""

    def validate(content):
        out, ids = [], []
        if not file(content):
            return [(None, "wrong shape")]
        for article in content["data"][cuts[0] if cuts else slice(None)]:
            for paragraph in article["paragraphs"][cuts[1] if cuts else slice(None)]:
                asked, context = [], contexts(content, article, paragraph["context"])
                for q in paragraph["qas"][cuts[2] if cuts else slice(None)]:
                    if not fits(q, ids):
                        out.append((q.get("id"), "wrong shape"))
                        continue
                    mine = {"answers": [], "question": None, **q, "id": name(q["id"])}
                    mine["question"] = mine["question"] if mine["question"] is None else words(mine["question"])
                    if before:
                        asked.append(mine["question"])
                    found = judged(mine, context, ids[-1:] if last else ids, asked, marked(q))
                    out += [(q["id"], kind) for kind in choose(found, q, context)]
                    ids.append(mine["id"])
                    if keep(found):
                        asked.append(mine["question"])
        return out

    return validate


def only_where_there_is(q):
    return "is_impossible" in q if q.get("answers") else q.get("is_impossible")


def an_order(*order):
    return walked(choose=lambda found, q, context: sorted(found, key=order.index)[:1])


def a_pair_an_answer(found, q, context):
    times = sum(not exact([a], context) for a in q["answers"]) if found[:1] == ["not there"] else 1
    return found[:1] * times


def none_empty(content):
    return has_shape(content, SQUAD) and content["data"] != []


def one_condemns_all(content):
    return has_shape(content, {"data": [{"paragraphs": [{"context": str, "qas": [QUESTION]}]}]})


def known_or_shaped(q, ids):
    return q.get("id") in ids or has_shape(q, QUESTION)


def all_places(content):
    def there(answers, context):
        found = [(a, [m.start() for m in re.finditer(re.escape(a["text"]), context)]) for a in answers]
        return all(a["text"] and a["answer_start"] in places for a, places in found)

    return walk(content, there)


def end_taken_off(content):
    return walk(content, lambda answers, context: exact(answers, context.rstrip()))


def stops_taken_off(content):
    def there(answers, context):
        return all(
            a["answer_start"] >= 0 and a["text"] and cut(a, context).strip(".,") == a["text"].strip(".,")
            for a in answers
        )

    return walk(content, there)


EVERY = slice(None)
FIRST = slice(1)


def remembers_all(content):
    out, ids = [], set()
    for par in (p for article in content["data"] for p in article["paragraphs"]) if has_shape(content, SQUAD) else ():
        asked = set()
        for q in par["qas"]:
            name, words, answers = q.get("id"), q.get("question"), q.get("answers")
            if not has_shape(q, QUESTION):
                out.append((name, "wrong shape"))
            elif name in ids:
                out.append((name, "id twice"))
            elif bool(answers) == bool(q.get("is_impossible")):
                out.append((name, "impossible" if answers else "no answer"))
            elif not exact(answers, par["context"]):
                out.append((name, "not there"))
            elif words in asked:
                out.append((name, "asked twice"))
            ids.add(repr(name) if isinstance(name, list) else name)
            asked.add(words)
    return out if has_shape(content, SQUAD) else [(None, "wrong shape")]


MUTANTS = [
    (remembers_all, "is no earlier one"),
    (anywhere_from_0_on, "finds it anywhere"),
    (anywhere, "finds it anywhere"),
    (as_a_pattern, "read as a pattern"),
    (first_or_last, "first and last place are tried"),
    (by_find, "gives the first place"),
    (first_answer, "only the first answer"),
    (any_answer, "one good answer is not enough"),
    (words_of_the_file, "a new set for each"),
    (ignores_impossible, "says it has none passes"),
    (ids_may_repeat, "ids used twice pass"),
    (one_article, "only the first article"),
    (negative_too, "negative answer_start passes"),
    (empty_too, "an empty answer passes"),
    (trusts_slices, "an empty answer and a negative"),
    (strips_both, "white space is taken off"),
    (behind_the_start, "anywhere behind answer_start"),
    (from_one, "counted from 1"),
    (bytes_of_the_context, "bytes are counted"),
    (stripped_context, "the context is changed"),
    (by_id, "keeps one kind for each id"),
    (each_pair_once, "equal pairs become one"),
    (pops, "it changes the dictionary"),
    (one_by_one, "no list of pairs"),
    (doubles_in_silence, "ids used twice pass"),
    (wrong_key, "KeyError"),
    (passes_misshapen, "pass in silence"),
    (no_answers_at_all, 'it is of the "wrong shape"'),
    (trusts_answers, "it raised KeyError: 'answers'"),
    (trusts_the_file, "a file of another shape"),
    (walked(marked=only_where_there_is), "look at its value"),
    (an_order("id twice", "no answer", "impossible", "asked twice", "not there"), "another order than the table"),
    (an_order("id twice", "no answer", "not there", "impossible", "asked twice"), "another order than the table"),
    (walked(choose=a_pair_an_answer), "a question has one pair"),
    (walked(words=str.strip), "questions are changed"),
    (walked(words=str.split), "questions are changed"),
    (walked(words=lambda text: set(text.split())), "questions are changed"),
    (walked(name=str.lower), "ids are the same where"),
    (walked(last=True), "with the one before only"),
    (walked(before=True), "whether its words were there"),
    (walked(keep=lambda found: found[:1] != ["no answer"]), "the words of a bad question are forgotten"),
    (walked(keep=lambda found: found[:1] != ["impossible"]), "the words of a bad question are forgotten"),
    (walked(file=none_empty), "a file without articles"),
    (walked(file=one_condemns_all), "condemns the whole file"),
    (walked(fits=known_or_shaped), "ask has_shape first of all"),
    (walked(contexts=lambda content, article, context: article["paragraphs"][0]["context"]), "its own paragraph's"),
    (walked(cuts=(EVERY, slice(-1, None), EVERY)), "only the last paragraph"),
    (walked(cuts=(slice(1, None), EVERY, EVERY)), "the first article is passed over"),
    (walked(cuts=(FIRST, FIRST, FIRST)), "only the first question of all"),
    (all_places, "places that overlap are missed"),
    (end_taken_off, "the context's end is taken off"),
    (stops_taken_off, "stops and commas are taken off"),
]
