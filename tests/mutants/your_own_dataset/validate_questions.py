"""Wrong answers to validate_questions."""

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
    return all(context[a["answer_start"] :][: len(a["text"])] == a["text"] for a in answers)


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


MUTANTS = [
    (anywhere, "finds it anywhere"),
    (by_find, "gives the first place"),
    (first_answer, "only the first answer"),
    (any_answer, "one good answer is not enough"),
    (words_of_the_file, "a new set for each"),
    (ignores_impossible, "says it has none passes"),
    (ids_may_repeat, "ids used twice pass"),
    (one_article, "only the first article"),
    (wrong_key, "KeyError"),
    (passes_misshapen, "pass in silence"),
    (no_answers_at_all, 'it is of the "wrong shape"'),
    (trusts_answers, "it raised KeyError: 'answers'"),
    (trusts_the_file, "a file of another shape"),
]
