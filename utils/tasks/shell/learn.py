"""Trains a task on files that were looked through, and writes its report."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

from utils.tasks.shell.look import entity_options, new_pairs, pairs_of, stream_of


class Interrupted(Exception):
    """A training was stopped before its last step; the message says where, and how it goes on."""


def _whole(history: dict) -> None:
    """Raises Interrupted where a training did not come to its end: nothing is to be scored or reported then."""
    if history.get("interrupted"):
        raise Interrupted(f"Stopped after step {len(history['loss'])}. The same command goes on from there.")


def learn(options, findings) -> dict:
    """Trains, saves, scores and reports; returns what report.json holds."""
    return {"ner": _ner, "qa": _qa, "translate": _translate}[options.task](options, findings)


def _about(options, **more) -> dict:
    given = {"train": options.train, "dev": options.dev or "none", "test": options.test or "none"}
    return {**given, "seed": options.seed, **more}


def _encoder_options(options) -> dict:
    names = ("encoder", "steps", "batch_size", "learning_rate", "seed", "out", "matmul_precision")
    return {name: getattr(options, name) for name in names} | {"progress": not options.quiet}


def _scored_on(options) -> str:
    """The name of the split that the scores are of; "" where there is none."""
    return "test" if options.test else "dev" if options.dev else ""


def window_options(options) -> dict:
    """What was named of the settings of windows, of the parts that are learnt from, and of dropout."""
    named = {"max_windows": options.windows, "stride": options.stride, "max_answer_length": options.max_answer,
             "dropout": options.dropout}  # fmt: skip
    named = {name: value for name, value in named.items() if value is not None}
    return named if options.crop is None else named | {"crop": options.crop or None}


def _unseen(train: list, others: list, name: str) -> list:
    """Dev or test without what also stands in train: what was learnt by heart is no evidence."""
    from utils.datasets.readers.validate import without_leaks

    return _told(others, without_leaks(train, others), name)


def _told(before: list, left: list, name: str) -> list:
    if len(left) < len(before):
        where = "train" if name == "dev" else "train or dev"
        missing = len(before) - len(left)
        print(f"{missing} of {len(before)} in {name} also stand in {where}, and are left out of the scores.")
    return left


def _ner(options, findings) -> dict:
    from utils.datasets.readers.entity_files import read_entities
    from utils.tasks.report import entity_errors, write_report
    from utils.tasks.token_classification import fine_tune

    how = entity_options(options) | {"on_error": "skip"}
    train, dev, test = (read_entities(p, **how) if p else [] for p in (options.train, options.dev, options.test))
    dev = _unseen(train, dev, "dev")
    test = _unseen(train + dev, test, "test")
    asked, name = (test if options.test else dev), _scored_on(options)
    model = fine_tune(train, **_encoder_options(options))
    _whole(model.history)
    scores = model.evaluate(asked) if asked else {}
    classes = scores.pop("types", {})
    worst = entity_errors(asked, model.predict_labels(asked)) if asked else []
    about = _about(options, sentences=len(train), encoder=str(options.encoder), steps=len(model.history["loss"]))
    return write_report(options.out, "Named entities", scores, classes, worst, model.history["loss"], findings, about,
                        name)  # fmt: skip


def _qa(options, findings) -> dict:
    from utils.datasets.readers.squad import read_questions
    from utils.tasks.passages import scores_of
    from utils.tasks.question_answering import fine_tune
    from utils.tasks.report import answer_classes, answer_errors, write_report

    files = (options.train, options.dev, options.test)
    train, dev, test = (read_questions(p, on_error="skip") if p else [] for p in files)
    dev = _unseen(train, dev, "dev")
    test = _unseen(train + dev, test, "test")
    asked, name = (test if options.test else dev), _scored_on(options)
    model = fine_tune(train, dev or None, **_encoder_options(options), **window_options(options))
    _whole(model.history)
    answers = model.predict(asked) if asked else []
    scores = scores_of(answers, asked) if asked else {}
    classes, worst = (answer_classes(asked, answers), answer_errors(asked, answers)) if asked else ({}, [])
    about = _about(options, questions=len(train), encoder=str(options.encoder), steps=len(model.history["loss"]),
                   **_in_words(model.settings))  # fmt: skip
    note = _note(any(not q.answers for q in dev), any(not q.answers for q in train), name)
    return write_report(options.out, "Question answering", scores, classes, worst, model.history["loss"], findings,
                        about, name, note)  # fmt: skip


def _in_words(settings) -> dict:
    from utils.tasks.passages import NEVER

    threshold = "none: it always answers" if settings.threshold == NEVER else round(settings.threshold, 4)
    return {"threshold": threshold, "windows": settings.max_windows, "stride": settings.stride}


def _note(chosen_on_dev: bool, declines: bool, scored_on: str) -> str:
    """Where the threshold of declined questions comes from, and what that means for the scores."""
    if chosen_on_dev and scored_on == "dev":
        return (
            "The threshold under which a question is declined was chosen on dev, and these are scores of the same dev: "
            "they flatter a little. --test FILE measures on questions on which nothing was chosen."
        )
    if chosen_on_dev:
        return "The threshold under which a question is declined was chosen on dev; nothing was chosen on test."
    if declines:
        return "The threshold is 0: dev holds no question without an answer on which one could be chosen."
    return "It always answers: no question without an answer was there to learn from."


def _translate(options, findings) -> dict:
    from utils.tasks.report import translation_classes, translation_errors, write_report
    from utils.tasks.translation import Translator

    dev, test = (pairs_of(options, p) if p else [] for p in (options.dev, options.test))
    learnt = train_pairs(options)
    again = learnt if callable(learnt) else (lambda: learnt)
    dev = _told(dev, new_pairs(again(), dev), "dev")
    test = _told(test, new_pairs(chain(again(), dev), test), "test")
    asked, name = (test if options.test else dev), _scored_on(options)
    model = Translator.train(learnt, **translation_options(options))
    _whole(model.history)
    model.save(options.out)
    said = model([source for source, _ in asked]) if asked else []
    scores = translation_scores(said, asked) if asked else {}
    classes, worst = (translation_classes(asked, said), translation_errors(asked, said)) if asked else ({}, [])
    about = _about(options, pairs=sum(1 for _ in again()), steps=len(model.history["loss"]))
    return write_report(options.out, "Translation", scores, classes, worst, model.history["loss"], findings, about,
                        name)  # fmt: skip


def translation_options(options) -> dict:
    """What `Translator.train` is given besides the pairs."""
    steps = options.steps or 2000
    how = {"steps": steps, "seed": options.seed, "folder": Path(options.out) / "training",
           "warmup_steps": min(1000, max(1, steps // 4)), "progress": not options.quiet}  # fmt: skip
    if options.shards is None:
        return how
    own = f"process-{options.process}" if options.processes else ""  # several may share a disk
    return how | {"shards": Path(options.shards) / own}


def train_pairs(options) -> list[tuple[str, str]] | Callable[[], Iterator[tuple[str, str]]]:
    """The pairs to learn from: as a list, or where they are not to be held, as `Translator.train` takes them then."""
    return partial(stream_of, options, options.train) if options.shards else pairs_of(options, options.train)


def translation_scores(said: list[str], pairs: list[tuple[str, str]]) -> dict[str, float]:
    """The share that is right word for word, "exact", and sacreBLEU's "bleu"; both 0 to 1."""
    import sacrebleu

    right = [target for _, target in pairs]
    exact = sum(a == b for a, b in zip(said, right, strict=True)) / len(pairs)
    return {"exact": exact, "bleu": round(sacrebleu.corpus_bleu(said, [right]).score / 100, 6)}
