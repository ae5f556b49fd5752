"""What several commands share: arguments in words, and how TensorFlow is started."""

import argparse
import logging
import os

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


def plain_warning(message, category, filename, lineno, line=None) -> str:
    """A warning for the terminal: what it says; Python's own form, with the place, where it is not meant for users."""
    if category is UserWarning:
        return f"{message}\n"
    return f"{filename}:{lineno}: {category.__name__}: {message}\n"


def start_quietly() -> None:
    """Imports Keras; the notes of the libraries below it do not reach the terminal."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from utils.notebook import quiet_import

    quiet_import("keras")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # a graph for each size of batch is meant
