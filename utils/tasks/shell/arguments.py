"""What several commands share: arguments in words, and how TensorFlow is started."""

import argparse
import logging
import math
import os
import sys
from pathlib import Path

RAW = argparse.RawDescriptionHelpFormatter


def number(text: str) -> int:
    """Of "3" the column 2, from 0."""
    if not text.strip().isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a number is wanted, counted from 1, such as 3; not {text!r}")
    return int(text) - 1


def two_numbers(text: str) -> tuple[int, int]:
    """Of "2,4" the columns 1 and 3, from 0."""
    parts = text.split(",")
    if len(parts) != 2 or parts[0].strip() == parts[1].strip():
        raise argparse.ArgumentTypeError(f"two numbers are wanted, counted from 1, such as 2,4; not {text!r}")
    return number(parts[0]), number(parts[1])


def positive(text: str) -> int:
    """A whole number of at least 1."""
    if not text.strip().isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number of at least 1 is wanted; not {text!r}")
    return int(text)


def count(text: str) -> int:
    """A whole number of at least 0."""
    if not text.strip().isdecimal():
        raise argparse.ArgumentTypeError(f"a whole number of at least 0 is wanted; not {text!r}")
    return int(text)


def seed(text: str) -> int:
    """A number that random generators can begin with."""
    if not text.strip().isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"a whole number from 0 to {2**32 - 1} is wanted; not {text!r}")
    return int(text)


def rate(text: str) -> float:
    """A learning rate: above 0, and no more than 1, where nothing is learnt any more."""
    value = _float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"a number above 0, and of 1 at most, such as 2e-4 is wanted; not {text!r}")
    return value


def share(text: str) -> float:
    """A number from 0 to 1, without 1."""
    value = _float(text)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"a number of at least 0 and below 1 is wanted; not {text!r}")
    return value


def _float(text: str) -> float:
    """The number that a text is, or one that is in no range."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def home_path(text: str) -> str:
    """A path, or two with a comma between, where ~/ is the home folder: of --out=~/names the shell leaves it."""
    parts = text.split(",")
    if os.path.exists(text) or not any(part.startswith("~/") for part in parts):
        return text
    return ",".join(os.path.expanduser(part) if part.startswith("~/") else part for part in parts)


def unwritable(folder: Path) -> str:
    """Why a folder can neither be made nor written to; "" where it can."""
    there = next(part for part in (folder.absolute(), *folder.absolute().parents) if os.path.lexists(part))
    if not there.is_dir():
        return f"{there} is {'a file' if there.exists() else 'a link to nothing'}, and no folder"
    return "" if os.access(there, os.W_OK | os.X_OK) else f"nothing may be written to {there}: it is not yours"


OF_TASK = {("qa",): ("windows", "stride", "max_answer", "top"), ("ner",): ("tag_column",),
           ("translate",): ("columns", "reverse", "beam"), ("ner", "qa"): ("matmul_precision",)}  # fmt: skip
USUAL = {"top": 1, "beam": 1, "matmul_precision": "float32"}  # where it was not set


def add_precision(command: argparse.ArgumentParser, of: str) -> None:
    """Adds how exactly matrix products are computed, `of` what."""
    command.add_argument("--matmul-precision", choices=("float32", "bfloat16"), default="float32", help="of what is "
                         f"multiplied in {of}; bfloat16 is quicker where the processor or the GPU has instructions for "
                         "it (default: float32)")  # fmt: skip


def of_another_task(options, task: str) -> str:
    """Why an option that was set has no meaning for a task; "" where all have."""
    for owners, names in OF_TASK.items():
        for name in names:
            value = getattr(options, name, None)
            unset = value is None or value is False or value == USUAL.get(name)
            if task not in owners and not unset:
                owner = " and ".join(owners)
                return f"--{name.replace('_', '-')} is for {owner}; the model in {options.folder} is one for {task}"
    return ""


def of_system(error: OSError) -> str:
    """What an error of the system says, in words: which file, what, and what to look at."""
    if not error.strerror or not error.filename:
        return str(error)
    more = " It is not yours: see `ls -l`, of the folders above it, too." if isinstance(error, PermissionError) else ""
    return f"{os.fsdecode(error.filename)}: {error.strerror}.{more}"


_SAID = set()  # the warnings so far


def plain_warning(message, category, filename, lineno, line=None) -> str:
    """A warning for the terminal: what it says; Python's own form, with the place, where it is not meant for users.

    What was said is not said again: an encoder is looked at before the data, and read afterwards.
    """
    if category is UserWarning:
        said = f"{message}\n"
        again = said in _SAID
        _SAID.add(said)
        return "" if again else said
    return f"{filename}:{lineno}: {category.__name__}: {message}\n"


def with_three_streams() -> None:
    """Sees to it that 0, 1 and 2 are open, lest a file that is opened gets one of them, and with it what libraries say.

    Standard output stays None where it was closed: who writes answers there says so. Signs that the terminal does not
    know are written as escapes.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (as long as the process)
    if sys.stdout is not None:
        sys.stdout.reconfigure(errors="backslashreplace")


def no_more_output() -> None:
    """What is still to be written to standard output goes nowhere, so that Python's end does not fail of it."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (AttributeError, OSError, ValueError):
        return  # it is closed, or is none of the system's


def start_quietly() -> None:
    """Imports Keras; the notes of the libraries below it do not reach the terminal."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from utils.notebook import quiet_import

    quiet_import("keras")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # a graph for each size of batch is meant
