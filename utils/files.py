"""A file that is whole or not there. No framework."""

import contextlib
import os
import platform
import re
import stat
import threading
from collections.abc import Iterator
from glob import escape
from pathlib import Path
from typing import TextIO


def is_special(path: Path) -> bool:
    """Whether a device or a pipe is there, /dev/null say: it can be written to, and must not be replaced by a file."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _keep_private(partial: Path, path: Path) -> None:
    """Takes from a new file, still empty, what others may not do with the old one, as to read it."""
    with contextlib.suppress(FileNotFoundError):
        os.chmod(partial, stat.S_IMODE(partial.stat().st_mode & path.lstat().st_mode))


def write_whole(path: Path, content: bytes, partial: str = "") -> None:
    """Writes beside the file, then renames: a reader sees the old file or the new one, never a part.

    A device or a pipe is written to, and stays what it is. A link is replaced by the file.

    Args:
        path: the file; its folder is made if need be. Where nobody else may read an old one, nor may they the new.
        content: all of it.
        partial: what it is called until it is whole. Unless named, each thread of each process has a name of its own,
            so that many may write into one folder at once. Naming it pays where one writer may be killed often: the
            next write takes the same name, and nothing piles up.

    Raises:
        OSError: it cannot be written; an older file is as it was.
    """
    if is_special(path):
        path.write_bytes(content)
        return
    partial = path.with_name(partial or f".{os.getpid()}-{threading.get_ident()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, "wb") as file:
            _keep_private(partial, path)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise


def _clear(folder: Path, name: str) -> None:
    """Removes what writers of such a name left that were killed: those of this machine that run no longer."""
    for left in folder.glob(f"{escape(name)}*.partial"):
        process = re.fullmatch(r"(\d{1,9})\.partial", left.name[len(name) :])
        with contextlib.suppress(OSError):  # it runs as somebody else, or the file may not be removed
            if process and not _runs(int(process[1])):
                left.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    """Whether a process of this number runs; on Windows never, where what is written cannot be removed."""
    if os.name == "nt":
        return False  # to ask would end it there
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@contextlib.contextmanager
def opened_whole(path: Path) -> Iterator[TextIO]:
    """A text file (UTF-8, LF) that is written piece by piece beside `path`, and is there under its name at the end.

    Where anything is raised inside, nothing of it is left and an older file stays as it was; where nobody else may read
    that, nor may they the new. Where a link leads, there the file is. A device or a pipe gets the text as it comes.
    What one that was killed has left, the next that writes this file removes.
    """
    path = Path(os.path.realpath(path))
    if is_special(path):
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            yield file
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    name = f".{path.name}.{platform.node()[:16]}-"
    _clear(path.parent, name)
    partial = path.with_name(f"{name}{os.getpid()}.partial")
    try:
        with open(partial, "w", encoding="utf-8", newline="\n") as file:
            _keep_private(partial, path)
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise
