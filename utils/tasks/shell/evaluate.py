"""`evaluate`: the scores of a saved model on a labelled file, after what the validator says of the file."""

import contextlib
import json
import sys

from utils.tasks.shell.arguments import (
    RAW,
    add_precision,
    home_path,
    number,
    of_another_task,
    start_quietly,
    two_numbers,
)
from utils.tasks.shell.look import absent, other_task, pairs_of, saved_tokenizer, validate
from utils.tasks.shell.saved import TASKS, FolderError, Saved, load, task_of
from utils.tasks.shell.train import add_windows

DESCRIPTION = """\
Score a saved model on a labelled file. What the model was taught is told from the folder; FILE
is what that task learns from: see `python -m utils.tasks ner|qa|translate --help`.

The file is looked through first: what cannot be used is named with its line, and nothing is
scored until you mend it or pass --skip-bad. The scores are what they are called only where
nothing of the file was learnt from or chosen on.

  ner        precision, recall and F1 of whole entities, in all and of each type
  qa         exact match and F1 by SQuAD's rules; of questions without an answer, the share
             that is declined
  translate  the share that is right word for word, and BLEU (sacreBLEU, 0 to 1)

Example:
  python -m utils.tasks evaluate names test.conll
  python -m utils.tasks evaluate answers test.json --json > scores.json
"""
BATCH = 256  # translated at once


def add_to(commands) -> None:
    """Adds the command to the parser of `python -m utils.tasks`."""
    command = commands.add_parser("evaluate", description=DESCRIPTION, formatter_class=RAW)
    command.set_defaults(run=run)
    command.add_argument("folder", type=home_path, metavar="DIR", help="the --out of a training")
    command.add_argument(
        "file", type=home_path, metavar="FILE", help="labelled; of translations perhaps two, joined by a comma"
    )
    command.add_argument("--json", action="store_true", help="findings and scores as one object of JSON")
    command.add_argument("--skip-bad", action="store_true", help="leave out what cannot be used")
    command.add_argument("--quiet", action="store_true", help="no bars")
    add_windows(command, saved=True)
    add_precision(command, "entities' and answers' models")
    command.add_argument("--tag-column", type=number, metavar="N", help="of columns, which holds the labels, counted "
                         "from 1 (default: told from the file)")  # fmt: skip
    command.add_argument("--columns", type=two_numbers, metavar="N,M", help="of translations, which columns hold the "
                         "two sides, counted from 1 (default: told from the file)")  # fmt: skip
    command.add_argument("--reverse", action="store_true", help="of translations: the second side is the source")


def run(options) -> int:
    """Looks through the file and scores; 0 where all went well, 1 where the file must be mended, 2 for a bad call."""
    try:
        options.task = task_of(options.folder)
    except FolderError as error:
        print(error, file=sys.stderr)
        return 2
    closed = "Standard output is closed, and there is nowhere to write the scores" if sys.stdout is None else ""
    if wrong := closed or of_another_task(options, options.task) or absent(options.task, options.file):
        print(wrong, file=sys.stderr)
        return 2
    if other := other_task(options.task, options.file):
        found = f"{options.file} looks like a file for {other}, and {options.folder} is a model for "
        print(f"{found}{TASKS[options.task]}", file=sys.stderr)
        return 2
    with contextlib.redirect_stdout(sys.stderr if options.json else sys.stdout):
        options.tokenizer = saved_tokenizer(options)
        findings = validate(options, options.file)
        print(findings)
    if not findings.checked or (findings.unusable and not options.skip_bad):
        what = "Nothing in it can be used." if not findings.checked else "Mend it, or leave such lines out: --skip-bad"
        print(f"\nNothing was scored. {what}", file=sys.stderr)
        return 1
    start_quietly()
    named = {"max_windows": options.windows, "stride": options.stride, "max_answer_length": options.max_answer}
    settings = {key: value for key, value in named.items() if value is not None} if options.task == "qa" else {}
    try:
        saved = load(options.folder, options.task, matmul_precision=options.matmul_precision, **settings)
        scores = scores_of(saved, options)
    except (FolderError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    types, notes = scores.pop("types", {}), scores.pop("notes", [])
    if options.json:
        content = {"model": options.folder, "task": options.task, "file": options.file, "checked": findings.checked,
                   "findings": [d._asdict() for d in findings], "scores": scores, "types": types,
                   "notes": notes}  # fmt: skip
        print(json.dumps(content, indent=1, ensure_ascii=False, default=float))
    else:
        _print(scores, types, notes)
    return 0


def scores_of(saved: Saved, options) -> dict:
    """The task's scores; "types" holds those of each type of entity, "notes" what is to be known of them."""
    if saved.task == "ner":
        return _entity_scores(saved.model, options)
    if saved.task == "qa":
        from utils.datasets.readers.squad import read_questions

        return saved.model.evaluate(read_questions(options.file, on_error="skip"))
    from utils.tasks.shell.learn import translation_scores

    pairs = pairs_of(options, options.file)
    limit, read = saved.model.model.max_positional_encoding_input, saved.model.source_vocabulary.encode_all
    short = [pair for pair, ids in zip(pairs, read([s for s, _ in pairs]), strict=True) if len(ids) - 1 <= limit]
    notes = []
    if len(short) < len(pairs):
        notes.append(f"{len(pairs) - len(short)} of {len(pairs)} sources are longer than the {limit} pieces that the "
                     "model reads, and are left out of the scores.")  # fmt: skip
    if not short:
        raise ValueError(f"Every source is longer than the {limit} pieces that the model reads. Cut it into sentences")
    said = []
    for first in range(0, len(short), BATCH):
        said += saved.model([source for source, _ in short[first : first + BATCH]])
    return {**translation_scores(said, short), "pairs": len(short), "notes": notes}


def _entity_scores(model, options) -> dict:
    from utils.datasets.readers.entity_files import read_entities

    examples = read_entities(options.file, on_error="skip", tag_column=options.tag_column)
    known = {label.split("-", 1)[-1] for label in model.labels}
    there = {span.label for example in examples for span in example.spans}
    unknown = sorted(there - known)
    notes = [f"The model has never seen the type {kind!r}: all of that type count as missed." for kind in unknown]
    return {**model.evaluate(examples), "sentences": len(examples), "notes": notes}


def _print(scores: dict, types: dict, notes: list[str]) -> None:
    from utils.tasks.report import in_words

    print()
    for name, value in in_words(scores).items():
        shown = " to ".join(f"{v:.3f}" for v in value) if isinstance(value, (tuple, list)) else value
        print(f"{name:34} {f'{shown:.3f}' if isinstance(shown, float) else shown}")
    for kind, values in types.items():
        parts = (f"{n} {v:.3f}" if isinstance(v, float) else f"{n} {v}" for n, v in values.items())
        print(f"{kind:34} {', '.join(parts)}")
    for note in notes:
        print(note)
