"""The tasks from a shell: `python -m utils.tasks ner train.conll dev.conll --out DIR`; see --help."""

import argparse
import os
import sys
from functools import partial
from pathlib import Path

DESCRIPTION = """\
Teach a model on your own files. Each file is looked through first: what cannot be used is
named with its line and how to mend it, and nothing is trained until you mend it or pass
--skip-bad. The folder then holds the model, report.html (open it in a browser) and report.json.
A training that was stopped goes on where it was when the same command is given again.

  ner        find names: people, places, whatever your files label
  qa         find the answer to a question in a passage
  translate  from one language into another

`python -m utils.tasks ner --help` says which files each of them reads.
"""
NER = """\
Teach an encoder to find the entities that your sentences label.

Files, told by their content, plain or gzip:
  columns     a word and its label a line (tab or space), a blank line between sentences;
              BIO, IOB1, BIOES, types alone or letters alone; "-DOCSTART-" lines, comments (#)
              and columns of numbers are told from the file; --tag-column chooses the labels;
              or a sentence, a tab and its labels a line
  JSON        an object a line, an array, or objects around it, with
     spans    {"text": "Jane left", "entities": [{"start": 0, "end": 4, "label": "PER"}]}, also
              [0, 4, "PER"]; exports of Doccano, DataTurks, Prodigy, Label Studio; spaCy's data
     tokens   {"tokens": ["Jane", "left"], "ner_tags": ["B-PER", "O"]}, or spans over tokens
  CSV         with a header that names the columns: sentence, word, tag; or a sentence a row,
              its words and labels lists or parted by spaces

How offsets count (characters, UTF-16, bytes) is told from the file, and what was guessed is
printed. Of spans that overlap the outer is kept; --overlaps refuse leaves such texts out.

Example:
  python -m utils.tasks ner train.conll dev.conll --out names
"""
QA = """\
Teach an encoder to find answers in passages.

Files, told by their content, plain or gzip:
  SQuAD       JSON of SQuAD 1.1 or 2.0
  CSV         with a header: question, context, answer, and perhaps answer_start, id, title;
              an empty answer says that the passage does not answer
  JSON Lines  an object with the same keys a line

Example:
  python -m utils.tasks qa train.json dev.json --out answers
"""
TRANSLATE = """\
Teach a Transformer from scratch to translate.

Files, plain or gzip:
  columns     source and target with a tab between; columns of numbers (Tatoeba's, a score), of
              one language code, and a first row of names are told and passed over
  CSV         whose first row names both sides: source,target or en,fr
  JSON Lines  {"translation": {"en": "…", "fr": "…"}}, or {"source": "…", "target": "…"}
  TMX         of two languages
  two files   whose lines are translations of each other, joined by a comma: train.fr,train.en

What was guessed is printed. --columns 2,4 chooses, counted from 1; --reverse exchanges the sides.

Example:
  python -m utils.tasks translate train.tsv dev.tsv --out translator --steps 4000
  python -m utils.tasks translate fra.txt --reverse --out translator
"""


def parser() -> argparse.ArgumentParser:
    """What the command understands."""
    raw = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser("python -m utils.tasks", description=DESCRIPTION, formatter_class=raw)
    tasks = top.add_subparsers(dest="task", required=True, metavar="ner|qa|translate")
    for name, description in (("ner", NER), ("qa", QA), ("translate", TRANSLATE)):
        task = tasks.add_parser(name, description=description, formatter_class=raw)
        task.add_argument("train", help="the file to learn from")
        task.add_argument("dev", nargs="?", help="another file, which the report's scores are measured on")
        task.add_argument("--out", metavar="DIR", help="the folder for model and report, made if need be")
        task.add_argument("--steps", type=int, help="how many steps to train (default: "
                          + ("2000)" if name == "translate" else "what suits the file)"))  # fmt: skip
        task.add_argument("--seed", type=int, default=0, help="of everything random (default: 0)")
        task.add_argument("--skip-bad", action="store_true", help="leave out what cannot be used, and of dev what "
                          "also stands in train")  # fmt: skip
        task.add_argument("--check-only", action="store_true", help="look through the files and stop there")
        task.add_argument("--overwrite", action="store_true", help="train anew where --out holds a finished model")
        task.add_argument("--quiet", action="store_true", help="no bars")
        if name == "ner":
            task.add_argument("--tag-column", type=_number, metavar="N", help="of columns, which holds the labels, "
                              "counted from 1 (default: told from the file)")  # fmt: skip
            task.add_argument("--overlaps", choices=("outer", "refuse"), default="outer", help="of spans that overlap "
                              "keep the outer, or leave out the text (default: outer)")  # fmt: skip
        if name == "translate":
            task.add_argument("--columns", type=_two_numbers, metavar="N,M", help="which columns hold the two sides, "
                              "counted from 1 (default: told from the file)")  # fmt: skip
            task.add_argument("--reverse", action="store_true", help="the second side is the source")
        else:
            task.add_argument("--encoder", default="minilm", help='"minilm" (default), or the folder of a BERT or '
                              "DistilBERT")  # fmt: skip
            task.add_argument("--batch-size", type=int, help="texts a step (default: 16)")
            task.add_argument("--learning-rate", type=float, help="at its highest; it falls to 0 (default: what suits "
                              "the encoder)")  # fmt: skip
    return top


def _number(text: str) -> int:
    """Of "3" the column 2, from 0."""
    if not text.strip().isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a number is wanted, counted from 1, such as 3; not {text!r}")
    return int(text) - 1


def _two_numbers(text: str) -> tuple[int, int]:
    """Of "2,4" the columns 1 and 3, from 0."""
    parts = text.split(",")
    if len(parts) != 2 or parts[0].strip() == parts[1].strip():
        raise argparse.ArgumentTypeError(f"two numbers are wanted, counted from 1, such as 2,4; not {text!r}")
    return _number(parts[0]), _number(parts[1])


def main(arguments: list[str] | None = None) -> int:
    """Validates, trains, reports; 0 where all went well, 1 where the files must be mended first, 2 for a bad call."""
    options = parser().parse_args(arguments)
    if wrong := _wrong_folder(options):
        print(wrong, file=sys.stderr)
        return 2
    paths = [path for path in (options.train, options.dev) if path is not None]
    absent = [part for path in paths for part in _parts(options.task, path) if not Path(part).is_file()]
    if absent:
        folder = Path(absent[0]).is_dir()
        what = "is a folder: name a file in it" if folder else "is not there: check the spelling, and where you are"
        print(f"{absent[0]} {what}.", file=sys.stderr)
        return 2
    for path in paths:
        if other := _other_task(options.task, path):
            print(f"{path} looks like a file for {other}: python -m utils.tasks {other} --help", file=sys.stderr)
            return 2
    findings, unusable = _look_through(options, paths)
    if options.check_only:
        return 1 if unusable else 0
    if unusable and not options.skip_bad:
        what = "This must be mended" if unusable == 1 else f"These {unusable} must be mended"
        print(f"\n{what} before training. Or leave them out: --skip-bad", file=sys.stderr)
        return 1
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from utils.notebook import quiet_import

    quiet_import("keras")
    try:
        content = {"ner": _ner, "qa": _qa, "translate": _translate}[options.task](options, findings)
    except (ValueError, OSError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    from utils.tasks.report import in_words

    scores = ", ".join(f"{k} {v:.3f}" for k, v in in_words(content["scores"]).items() if isinstance(v, float))
    print(scores or "Without a dev file there are no scores.")
    print(f"Model and report are in {options.out}: open report.html there.")
    return 0


def _wrong_folder(options) -> str:
    """Why nothing may be written to --out, before anything is trained; "" where it may."""
    if options.check_only:
        return ""
    if options.out is None:
        return "Say where the model is to go: --out DIR. Or pass --check-only to look through the files alone."
    if Path(options.out).exists() and not Path(options.out).is_dir():
        return f"--out must be a folder, new or old. Received: {options.out}, which is a file"
    if (Path(options.out) / "report.json").is_file() and not options.overwrite:
        return f"{options.out} holds a finished model. Choose another --out, or pass --overwrite to train it anew."
    return ""


def _other_task(task: str, path: str) -> str:
    """The task whose files look like this one, where it is not the task at hand."""
    from utils.datasets.readers import entity_files, validate

    of_words = entity_files.format_of(path) in ("columns", "csv")  # told from the first lines, and by these alone
    if task == "qa" and of_words:
        return "ner"
    return "qa" if task == "ner" and not of_words and validate.has_questions(path) else ""


def _parts(task: str, path: str) -> list[str]:
    """The files that an argument names: two aligned ones may be joined by a comma."""
    return path.split(",") if task == "translate" and not Path(path).is_file() else [path]


def _look_through(options, paths: list[str]) -> tuple[list, int]:
    """Prints what the validator finds; returns it, and how much of it cannot be used."""
    from utils.datasets.readers.validate import find_leaks, validate_entities, validate_questions

    if options.task == "translate":
        reports = [_validate_pairs(_parts(options.task, path), options) for path in paths]
    else:
        validate = partial(validate_entities, **_tags(options)) if options.task == "ner" else validate_questions
        reports = [validate(path, progress=not options.quiet) for path in paths]
    for report in reports:
        print(report)
    if options.task != "translate" and len(paths) == 2 and all(report.checked for report in reports):
        leaks = find_leaks(paths, progress=not options.quiet)
        if leaks:
            print(leaks)
        reports.append(leaks)
    if options.task == "translate" and len(paths) == 2 and all(report.checked for report in reports):
        reports.append(_pair_leaks(options))
        if reports[-1]:
            print(reports[-1])
    return [defect for report in reports for defect in report], sum(report.unusable for report in reports)


def _tags(options) -> dict:
    return {"tag_column": options.tag_column, "overlaps": options.overlaps}


def _pair_leaks(options):
    """How many pairs of dev also stand in train, as a report."""
    from utils.datasets.readers.findings import Defect, Findings

    found = Findings([options.dev])
    train, dev = _pairs(options, options.train), _pairs(options, options.dev)
    if shared := len(dev) - len(_new_pairs(train, dev)):
        message = f"{shared} of {len(dev)} pairs also stand in train: what was learnt by heart is no evidence"
        found.add(Defect("leak", options.dev, 0, "", message, "Take them out of one of the two"))
    return found


def _pair_options(options) -> dict:
    return {"columns": options.columns, "reverse": options.reverse}


def _pairs(options, path: str) -> list[tuple[str, str]]:
    """The pairs that can be used; what was recognised was told when the files were looked through."""
    from utils.datasets.readers.parallel import read_pairs

    how = _pair_options(options) | {"on_error": "skip", "tell": lambda said: None}
    return list(read_pairs(_source(_parts("translate", path)), **how))


def _new_pairs(train: list, dev: list) -> list:
    """Of dev what does not stand in train, however it is spaced."""
    seen = {tuple(" ".join(side.split()) for side in pair) for pair in train}
    return [pair for pair in dev if tuple(" ".join(side.split()) for side in pair) not in seen]


def _validate_pairs(paths: list[str], options):
    """What is wrong with parallel text."""
    from utils.datasets.readers.findings import Defect, Findings
    from utils.datasets.readers.parallel import ParallelTextError, read_pairs

    found, problems = Findings(paths), []
    try:
        pairs = read_pairs(_source(paths), on_error="skip", problems=problems, **_pair_options(options))
        found.checked = sum(1 for _ in pairs)
    except (ParallelTextError, OSError) as error:
        found.add(Defect("not parallel text", paths[0], 0, "", str(error).rstrip("."), "See --help for what is read"))
    for problem in problems:
        found.add(Defect(problem.kind, problem.file, problem.line, "", problem.message, problem.advice))
    return found


def _source(paths: list[str]):
    return paths[0] if len(paths) == 1 else tuple(paths)


def _about(options, **more) -> dict:
    return {"train": options.train, "dev": options.dev or "none", "seed": options.seed, **more}


def _encoder_options(options) -> dict:
    names = ("encoder", "steps", "batch_size", "learning_rate", "seed", "out")
    return {name: getattr(options, name) for name in names} | {"progress": not options.quiet}


def _unseen(train: list, dev: list) -> list:
    """Dev without what also stands in train: what was learnt by heart is no evidence."""
    from utils.datasets.readers.validate import without_leaks

    left = without_leaks(train, dev)
    if len(left) < len(dev):
        print(f"{len(dev) - len(left)} of {len(dev)} in dev also stand in train, and are left out of the scores.")
    return left


def _ner(options, findings) -> dict:
    from utils.datasets.readers.entity_files import read_entities
    from utils.tasks.report import entity_errors, write_report
    from utils.tasks.token_classification import fine_tune

    how = _tags(options) | {"on_error": "skip"}
    train, dev = (read_entities(p, **how) if p else [] for p in (options.train, options.dev))
    dev = _unseen(train, dev)
    model = fine_tune(train, **_encoder_options(options))
    scores = model.evaluate(dev) if dev else {}
    classes = scores.pop("types", {})
    worst = entity_errors(dev, model.predict_labels(dev)) if dev else []
    about = _about(options, sentences=len(train), encoder=str(options.encoder), steps=len(model.history["loss"]))
    return write_report(options.out, "Named entities", scores, classes, worst, model.history["loss"], findings, about)


def _qa(options, findings) -> dict:
    from utils.datasets.readers.squad import read_questions
    from utils.tasks.passages import scores_of
    from utils.tasks.question_answering import fine_tune
    from utils.tasks.report import answer_classes, answer_errors, write_report

    train, dev = (read_questions(p, on_error="skip") if p else [] for p in (options.train, options.dev))
    dev = _unseen(train, dev)
    model = fine_tune(train, dev or None, **_encoder_options(options))
    answers = model.predict(dev) if dev else []
    scores = scores_of(answers, dev) if dev else {}
    classes, worst = (answer_classes(dev, answers), answer_errors(dev, answers)) if dev else ({}, [])
    about = _about(options, questions=len(train), encoder=str(options.encoder), steps=len(model.history["loss"]))
    return write_report(options.out, "Question answering", scores, classes, worst, model.history["loss"], findings,
                        about)  # fmt: skip


def _translate(options, findings) -> dict:
    from utils.tasks.report import translation_classes, translation_errors, write_report
    from utils.tasks.translation import Translator

    train, dev = (_pairs(options, path) if path else [] for path in (options.train, options.dev))
    if len(new := _new_pairs(train, dev)) < len(dev):
        print(f"{len(dev) - len(new)} of {len(dev)} in dev also stand in train, and are left out of the scores.")
        dev = new
    steps = options.steps or 2000
    model = Translator.train(train, steps, seed=options.seed, folder=Path(options.out) / "training",
                             warmup_steps=min(1000, max(1, steps // 4)), progress=not options.quiet)  # fmt: skip
    model.save(options.out)
    said = model([source for source, _ in dev]) if dev else []
    scores = {"exact": sum(s == t for s, (_, t) in zip(said, dev, strict=True)) / len(dev)} if dev else {}
    classes, worst = (translation_classes(dev, said), translation_errors(dev, said)) if dev else ({}, [])
    about = _about(options, pairs=len(train), steps=len(model.history["loss"]))
    return write_report(options.out, "Translation", scores, classes, worst, model.history["loss"], findings, about)


if __name__ == "__main__":
    sys.exit(main())
