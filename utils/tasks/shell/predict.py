"""`predict`: entities, answers or translations of a file or of what is piped in, as it comes."""

import contextlib
import gzip
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from utils.datasets.readers.foreign_files import HEAD, recognised
from utils.datasets.readers.text_files import TextFileError, check_file, number_lines, open_bytes
from utils.files import is_special, opened_whole
from utils.tasks.shell import rows, written
from utils.tasks.shell.arguments import (
    RAW,
    add_precision,
    home_path,
    no_more_output,
    number,
    of_another_task,
    of_system,
    positive,
    start_quietly,
    unwritable,
)
from utils.tasks.shell.saved import TASKS, FolderError, load, task_of
from utils.tasks.shell.train import add_windows

DESCRIPTION = """\
Use a saved model. What it was taught, entities, answers or translations, is told from the folder.

FILE is plain or gzip, - is what is piped in; its form is told from its content, and said:
  JSON Lines  {"text": "Jane left."} or {"tokens": ["Jane", "left"]} for entities,
              {"question": "Who left?", "context": "Jane left."} for answers,
              {"text": "Jane part."} for translations; an "id" is handed through
  questions   SQuAD's JSON or a CSV, as qa learns from; answers are passed over
  columns     for entities: a word a line, a blank line between sentences; labels are passed over
  plain text  a text a line, for entities and translations

What comes out, in the order of the input, each with the number of its line:
  jsonl  {"line": 1, "text": "Jane left.", "entities": [{"label": "PER", "start": 0, "end": 4, …}]}
         {"line": 1, "question": "Who left?", "answer": "Jane", "start": 0, "end": 4, "score": 0.9};
         the answer "" says that the passage does not answer
         {"line": 1, "text": "Jane part.", "translation": "Jane leaves."}
         {"line": 2, "error": "…"} for a line that cannot be read; stderr says so too
  conll  a word and its label a line, for entities
  html   a page with entities or answers in colours
  text   [Jane](PER) left, the answer, or the translation; a line for each line

Input may be endless: it is read, asked and written a few lines at a time. Where lines come one
by one, --from jsonl --batch-size 1 answers each at once.

Example:
  python -m utils.tasks predict names letters.txt --to html --out letters.html
  echo "Jane left Cork." | python -m utils.tasks predict names -
"""
CHARACTERS = 2**18  # of all texts that are asked at once
STDIN = "standard input"


def add_to(commands) -> None:
    """Adds the command to the parser of `python -m utils.tasks`."""
    command = commands.add_parser("predict", description=DESCRIPTION, formatter_class=RAW)
    command.set_defaults(run=run)
    command.add_argument("folder", type=home_path, metavar="DIR", help="the --out of a training")
    command.add_argument("file", type=home_path, metavar="FILE", help="what to ask, or - for what is piped in")
    command.add_argument("--out", type=home_path, metavar="FILE", help="write to this file, which is there when it is "
                         "whole (default: standard output)")  # fmt: skip
    command.add_argument("--to", choices=written.FORMS, default="jsonl", help="how to write (default: jsonl)")
    command.add_argument("--from", dest="form", choices=rows.FORMS, help="how to read (default: told from the content)")
    command.add_argument("--top", type=positive, default=1, metavar="N", help="of answers: how many (default: 1)")
    command.add_argument("--beam", type=positive, default=1, metavar="N", help="of translations: the width of the beam "
                         "(default: 1, greedy)")  # fmt: skip
    add_windows(command, saved=True)
    add_precision(command, "entities' and answers' models")
    command.add_argument("--tag-column", type=number, metavar="N", help="of columns, which holds labels to pass over, "
                         "counted from 1 (default: told from the content)")  # fmt: skip
    command.add_argument("--batch-size", type=positive, default=256, metavar="N", help="rows asked at once (default: "
                         "256; on a keyboard 1)")  # fmt: skip
    command.add_argument("--overwrite", action="store_true", help="write over a file that is there")
    command.add_argument("--quiet", action="store_true", help="no bar, and not a word on what was recognised")


def run(options) -> int:
    """Asks row by row; 0 where all could be read, 1 where some could not, 2 for a bad call."""
    try:
        task = task_of(options.folder)
    except FolderError as error:
        print(error, file=sys.stderr)
        return 2
    if wrong := _wrong_call(options, task):
        print(wrong, file=sys.stderr)
        return 2
    try:
        with _ended_tidily(), _opened(options.file) as file:
            name = STDIN if options.file == "-" else options.file
            said, asked = _rows(options, task, number_lines(file, name), name)
            if not options.quiet:
                print(said, file=sys.stderr)
            start_quietly()
            named = {"max_windows": options.windows, "stride": options.stride, "max_answer_length": options.max_answer}
            settings = {key: value for key, value in named.items() if value is not None}
            model = load(options.folder, task, options.top, options.beam, options.matmul_precision, **settings)
            faults = _answer(model, asked, options, None if options.file == "-" else options.file)
    except (FolderError, rows.RowsError, TextFileError) as error:
        print(error, file=sys.stderr)
        return 2 if not isinstance(error, TextFileError) else 1
    except BrokenPipeError:  # whoever reads has seen enough, as `head` has
        no_more_output()
        return 1
    except OSError as error:
        asked = isinstance(error.filename, str) and Path(error.filename) == Path(options.file)  # gone since, perhaps
        cannot = f"{options.out or 'standard output'} cannot be written: {error.strerror or error}"
        print(of_system(error) if asked else cannot, file=sys.stderr)
        no_more_output()
        return 1
    except KeyboardInterrupt:
        print("Stopped." + (f" {options.out} was not written." if options.out else ""), file=sys.stderr)
        return 1
    if faults:
        what = "One line was not answered" if faults == 1 else f"{faults} lines were not answered"
        print(f'{what}: each is named above, and has an "error" in JSON Lines.', file=sys.stderr)
    return 1 if faults else 0


def _rows(options, task: str, lines: Iterable, name: str) -> tuple[str, Iterator[rows.Row]]:
    """What was recognised, and the rows: of questions in a file also those of SQuAD's JSON and of tables."""
    if task == "qa" and options.file != "-" and options.form is None:
        from utils.datasets.readers.flat_questions import format_of

        with open_bytes(Path(options.file)) as file:
            first = next((line for _, line in islice(number_lines(file, name), 20) if line and line.strip()), b"")
        kind, is_json = format_of(options.file), first.lstrip()[:1] in (b"{", b"[")
        plain = kind == "json lines" and b'"question"' in first and b'"context"' in first and b'"qas"' not in first
        if kind == "csv" or (is_json and not plain):
            return rows.read_passages(options.file)
    look = 1 if options.file == "-" and sys.stdin.isatty() else rows.LOOKED_AT  # on a keyboard each line is answered
    return rows.read_rows(lines, task, options.form, name, options.tag_column, look)


def _wrong_call(options, task: str) -> str:
    """Why this cannot be done, before a model is loaded; "" where it can."""
    if options.to == "conll" and task != "ner":
        return f"--to conll writes words and their labels; {options.folder} is a model for {TASKS[task]}"
    if wrong := of_another_task(options, task):
        return wrong
    if options.file == "-" and sys.stdin is None:
        return "Standard input is closed: pipe texts in, or name a file"
    if options.out is None and sys.stdout is None:
        return "Standard output is closed: name a file, --out FILE"
    if options.file != "-":
        if is_special(Path(options.file)):
            return f"{options.file} is a pipe or a device, and a file is opened twice. Pipe it in, and name -"
        try:
            check_file(Path(options.file))
        except OSError as error:
            return of_system(error)
        except TextFileError as error:
            return str(error)
    if options.out is None:
        return ""
    if not options.out.strip():
        return "--out needs the name of a file. Received: an empty name"
    out = Path(options.out)
    if out.is_dir() or options.out.endswith("/"):
        return f"{options.out} is a folder: name a file in it"
    if options.file != "-" and out.exists() and out.samefile(options.file):
        return f"{out} is the file that is read. Choose another --out"
    if out.is_file() and not options.overwrite:
        return f"{out} is there. Choose another --out, or pass --overwrite"
    if not is_special(out) and (wrong := unwritable(out.resolve().parent)):
        return f"{out} cannot be written: {wrong}. Choose another --out"
    return ""


@contextlib.contextmanager
def _ended_tidily() -> Iterator[None]:
    """Inside, being told to end (SIGTERM) is an exception, so that no part of a file is left."""
    if threading.current_thread() is not threading.main_thread():  # only there can a signal be caught
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _opened(path: str) -> Iterator:
    """The file, or standard input, as bytes; through gzip where its first two bytes say so.

    Raises RowsError where what is piped in begins as no text does; of a file that is known before.
    """
    if path != "-":
        with open_bytes(Path(path)) as file:
            yield file
        return
    raw = sys.stdin.buffer
    if sys.stdin.isatty():
        print("Type a line, then Enter; Ctrl-D ends.", file=sys.stderr)
        yield raw
    else:
        head = raw.peek(HEAD)[:HEAD] if hasattr(raw, "peek") else b""
        packed = head[:2] == b"\x1f\x8b"
        if not packed and (known := recognised(head)):
            raise rows.RowsError(f"{STDIN[0].upper() + STDIN[1:]} is {known}.")
        yield gzip.GzipFile(fileobj=raw, mode="rb") if packed else raw


def _answer(model, asked: Iterable[rows.Row], options, path: str | None) -> int:
    """Writes the answer to every row; returns how many could not be answered."""
    faults, target = 0, contextlib.nullcontext(sys.stdout)
    if options.out:
        target = opened_whole(Path(options.out))
    elif hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    is_keyboard = path is None and sys.stdin.isatty()
    bar = tqdm(unit=" lines", total=_count(path) if path else None, file=sys.stderr, delay=1, mininterval=0.5,
               disable=options.quiet or is_keyboard)  # fmt: skip
    with target as file, bar:
        writer, last = written.Writer(file, model.task, options.to), 0
        writer.begin()
        for batch in _batches(asked, 1 if is_keyboard else options.batch_size):
            for row, answer in zip(batch, model.ask(batch), strict=True):
                if answer.error:
                    faults += 1
                    tqdm.write(f"{path or STDIN}, line {row.line}: {answer.error}.", file=sys.stderr)
                writer.write(row, answer)
            file.flush()
            bar.update(batch[-1].line - last)
            last = batch[-1].line
        writer.end()
        file.flush()
    return faults


def _batches(asked: Iterable[rows.Row], most: int) -> Iterator[list[rows.Row]]:
    """Rows that are asked at once: so many, or so many characters."""
    batch, size = [], 0
    for row in asked:
        batch.append(row)
        size += row.size
        if len(batch) >= most or size >= CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _count(path: str) -> int:
    """How many lines a file has, for the bar; 0 where an archive breaks off."""
    try:
        with open_bytes(Path(path)) as file:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(2**20), b""))
    except (EOFError, OSError):
        return 0
