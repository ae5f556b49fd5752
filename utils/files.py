"""A file that is whole or not there. No framework."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

PARTIAL = "checkpoint.partial"  # being written; whoever finds one may overwrite it


def write_whole(path: Path, content: bytes) -> None:
    """Writes beside the file, then renames: a reader sees the old file or the new one, never a part."""
    partial = path.with_name(PARTIAL)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise


@contextlib.contextmanager
def opened_whole(path: Path) -> Iterator[TextIO]:
    """A text file (UTF-8, LF) that is written piece by piece beside `path`, and is there under its name at the end.

    Where anything is raised inside, nothing of it is left and an older file stays as it was.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with open(partial, "w", encoding="utf-8", newline="\n") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise
