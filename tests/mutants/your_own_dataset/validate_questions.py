"""Wrong answers to validate_questions."""


def walk(content, there, per_file=False, impossible=True, twice=True, ids_twice=True):
    out, ids, words = [], [], []
    for article in content["data"]:
        for par in article["paragraphs"]:
            if not per_file:
                words = []
            for q in par["qas"]:
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
    return walk({"data": content["data"][:1]}, exact)


def wrong_key(content):
    return walk({"data": content["articles"]}, exact)


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
]
