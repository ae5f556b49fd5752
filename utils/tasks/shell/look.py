"""Looks through the files of any task before a model reads them."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from utils.datasets.readers.findings import Defect, Findings
from utils.datasets.readers.foreign_files import of_folder
from utils.datasets.readers.questions import has_half
from utils.files import is_special


def absent(task: str, path: str) -> str:
    """What keeps a path from being a file, or one of two joined files; "" where nothing does."""
    for part in parts(task, path):
        if not part.strip():
            received = f"of {path!r} one" if part != path else "an empty name"
            return f"A file has no name. Received: {received}. Name the file, and of two joined ones both."
        if has_half(part):
            return f"The name of {part!r} is not UTF-8, and could not be told in the report: rename the file."
        if Path(part).is_dir():
            return of_folder(Path(part))
        if part == "-" and not Path(part).exists() or is_special(Path(part)):
            what = "Standard input" if part == "-" else f"{part} is a pipe or a device, which"
            return f"{what} can be read but once, and here files are read again. Put it into one, and name that."
        if os.path.islink(part) and not Path(part).exists():
            return f"{part} is a link to {os.readlink(part)}, which is not there: point it to the file."
        if not Path(part).is_file():
            return f"{part} is not there: check the spelling, and where you are."
        if not os.access(part, os.R_OK):
            return f"{part} may not be read: it is not yours. See `ls -l`."
    return ""


def parts(task: str, path: str) -> list[str]:
    """The files that an argument names: two aligned ones may be joined by a comma."""
    return path.split(",") if task == "translate" and not Path(path).is_file() else [path]


def other_task(task: str, path: str) -> str:
    """The task whose files look like this one, where it is not the task at hand."""
    from utils.datasets.readers import entity_files, validate

    of_words = entity_files.format_of(path) in ("columns", "csv")  # told from the first lines, and by these alone
    if task == "qa" and of_words:
        return "ner"
    return "qa" if task == "ner" and not of_words and validate.has_questions(path) else ""


def validate(options, path: str) -> Findings:
    """What the validator of the task finds in one file."""
    from utils.datasets.readers.validate import validate_entities, validate_questions

    if options.task == "translate":
        return _validate_pairs(parts(options.task, path), options)
    how = {"progress": not options.quiet, "tokenizer": getattr(options, "tokenizer", None)}
    if options.task == "ner":
        return validate_entities(path, **how, **entity_options(options))
    return validate_questions(path, **how)


def entity_options(options) -> dict:
    """How files of entities are to be read; nothing for the other tasks."""
    names = ("tag_column", "overlaps") if options.task == "ner" else ()
    return {name: getattr(options, name) for name in names if hasattr(options, name)}


def unusable_encoder(options) -> tuple[object, str, int]:
    """Reads the encoder before any data: its tokenizer, why it cannot be learnt from, "" where it can, and the status.

    There is no tokenizer where the task has no encoder. Nothing is downloaded where files are only looked through.
    """
    from utils.pretrained import EncoderError, encoder_folder
    from utils.pretrained.checkpoint import load_tokenizer, read_config, read_weights
    from utils.pretrained.download import CHECKPOINTS, FetchError, is_here

    encoder = getattr(options, "encoder", None)
    if encoder is None or (options.check_only and encoder in CHECKPOINTS and not is_here(encoder)):
        return None, "", 0
    if not encoder.strip():
        return None, "--encoder needs a name or a folder. Received: an empty name", 2
    try:
        folder = encoder_folder(encoder)
        config, tokenizer = read_config(folder), load_tokenizer(folder)
        read_weights(folder, config)
        if options.task == "qa":
            from utils.tasks.reader import settings_for

            settings_for(config, **_window_options(options))
    except FetchError as error:
        return None, str(error), 1
    except (EncoderError, OSError, ValueError) as error:
        return None, str(error), 2
    return tokenizer, "", 0


def _window_options(options) -> dict:
    named = {"max_windows": options.windows, "stride": options.stride, "max_answer_length": options.max_answer}
    return {name: value for name, value in named.items() if value is not None}


def saved_tokenizer(options):
    """The tokenizer of a saved model of entities or questions; None for a translator, or where it cannot be read."""
    from utils.pretrained import EncoderError
    from utils.pretrained.checkpoint import load_tokenizer

    if options.task == "translate":
        return None
    try:
        return load_tokenizer(Path(options.folder))
    except (EncoderError, OSError, ValueError):
        return None  # loading the model says what is wrong


def look_through(options, paths: list[str]) -> tuple[list[Defect], int]:
    """Prints what the validator finds, in each file and between them; returns it, and how much cannot be used."""
    from utils.datasets.readers.validate import find_leaks

    reports = [validate(options, path) for path in paths]
    for report in reports:
        print(report)
    if len(paths) > 1 and all(report.checked for report in reports):
        leaks = _pair_leaks(options, paths) if options.task == "translate" else \
            find_leaks(paths, progress=not options.quiet, **entity_options(options))  # fmt: skip
        if leaks:
            print(leaks)
        reports.append(leaks)
    unusable = sum(report.unusable for report in reports)
    if not unusable and (empty := [path for path, report in zip(paths, reports, strict=False) if not report.checked]):
        print(f"Nothing in {empty[0]} can be used.")
        unusable = 1
    return [defect for report in reports for defect in report], unusable


# Parallel text -------------------------------------------------------------------------------------


def stream_of(options, path: str) -> Iterator[tuple[str, str]]:
    """The pairs that can be used, one by one; what was recognised was told when the files were looked through."""
    from utils.datasets.readers.parallel import read_pairs

    how = _pair_options(options) | {"on_error": "skip", "tell": lambda said: None}
    return read_pairs(_source(parts("translate", path)), **how)


def pairs_of(options, path: str) -> list[tuple[str, str]]:
    """`stream_of` as a list."""
    return list(stream_of(options, path))


def new_pairs(train: Iterable[tuple[str, str]], others: list) -> list:
    """Of others what does not stand in train, however it is spaced; train is gone through, not held."""
    asked = [spaced(pair) for pair in others]
    wanted = set(asked)
    seen = {found for pair in train if (found := spaced(pair)) in wanted} if wanted else set()
    return [pair for pair, found in zip(others, asked, strict=True) if found not in seen]


def spaced(pair: tuple[str, str]) -> tuple[str, ...]:
    """A pair as it is compared: every run of white space is one space."""
    return tuple(" ".join(side.split()) for side in pair)


def _pair_leaks(options, paths: list[str]) -> Findings:
    """How many pairs of the later files also stand in an earlier one, as a report."""
    found = Findings(paths[1:])
    for number, path in enumerate(paths[1:], 1):
        pairs = pairs_of(options, path)
        before = chain.from_iterable(stream_of(options, earlier) for earlier in paths[:number])
        if shared := len(pairs) - len(new_pairs(before, pairs)):
            where = "in train" if path == paths[1] else "in train or dev"
            message = f"{shared} of {len(pairs)} pairs also stand {where}: what was learnt by heart is no evidence"
            found.add(Defect("leak", path, 0, "", message, "Take them out of one of the two"))
    return found


def _pair_options(options) -> dict:
    return {"columns": options.columns, "reverse": options.reverse}


def _validate_pairs(paths: list[str], options) -> Findings:
    from utils.datasets.readers.parallel import ParallelTextError, read_pairs
    from utils.datasets.readers.text_files import in_two
    from utils.datasets.readers.validate import add_splits

    found, problems = Findings(paths), []
    try:
        how = _pair_options(options) | {"tell": getattr(options, "tell", print)}
        pairs = read_pairs(_source(paths), on_error="skip", problems=problems, **how)
        _add_damage(found, paths[0], pairs)
    except (ParallelTextError, OSError) as error:
        if getattr(error, "problem", None):
            problems.append(error.problem)
        else:
            path = next((p for p in paths if str(error).startswith((f"{Path(p)} ", f"{Path(p)}:"))), paths[0])
            message, advice = in_two(path, error)
            found.add(Defect("not parallel text", path, 0, "", message, advice or "See --help for what is read"))
    for problem in problems:
        found.add(Defect(problem.kind, problem.file, problem.line, "", problem.message, problem.advice))
    for path in paths:
        add_splits(found, path)
    return found


def _add_damage(found: Findings, path: str, pairs: Iterable[tuple[str, str]]) -> None:
    """Counts the pairs, and adds of each kind of damage to their texts the first, and how many texts have it."""
    from utils.datasets.readers.text_defects import damage

    first, count = {}, Counter()
    for found.checked, pair in enumerate(pairs, start=1):
        for kind, message, advice in (one for side in pair for one in damage(side)):
            first.setdefault(kind, (f"pair {found.checked}: {message}", advice))
            count[kind] += 1
    for kind, (message, advice) in first.items():
        more = f", and in {count[kind] - 1} more" if count[kind] > 1 else ""
        found.add(Defect(kind, path, 0, "", f"{message}{more}", advice, kept=True))


def _source(paths: list[str]):
    return paths[0] if len(paths) == 1 else tuple(paths)
