"""Each learner's own copy of the exercises: given once, brought up to date, never overwritten where it was changed."""

import datetime
import errno
import hashlib
import json
import os
import shutil
import stat
from pathlib import Path

from utils.course.source import ROOT
from utils.files import write_whole

GIVEN = ROOT / "notebooks" / "exercises"
LARGEST = 8 * 2**20  # bytes of a file that may have been given: these have some 100,000
MANIFEST = ".given.json"  # what was given: file name -> hash of the text given last


def bring_up_to_date(home: Path, manifest: Path, given: Path = GIVEN) -> list[str]:
    """Writes the exercises into a learner's home.

    A file that the learner does not have is written. One that is as it was given is replaced. One that they changed
    stays as it is, and the new one is put beside it, `03_self_attention.new-2026-01-31.ipynb`, once for each new text.

    Args:
        home: the learner's; the copies lie in its folder `exercises`.
        manifest: what was given before, kept where the learner cannot write.
        given: the course's learner's copies.

    Returns:
        Names of the files written.

    Raises:
        OSError: a file cannot be written; the others are whole.
    """
    folder = home / "exercises"
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        folder.rename(folder.with_name(f"exercises.moved-{os.getpid()}"))
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    before = json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else {}
    written = []
    for source in sorted(given.glob("*.ipynb")):
        new = source.read_bytes()
        digest = hashlib.sha256(new).hexdigest()
        target = folder / source.name
        if target.is_symlink() or not target.exists():
            place = target
        elif before.get(source.name) == digest:
            continue
        elif _hash(home, source.name) in (before.get(source.name), digest):
            place = target
        else:
            place = _free(folder / f"{source.stem}.new-{datetime.date.today()}.ipynb")
        _write_in_home(place, new)
        written.append(place.name)
        before[source.name] = digest
        write_whole(manifest, json.dumps(before, indent=1).encode())
    return written


def _hash(home: Path, name: str) -> str:
    """The hash of a learner's file; nothing where it is no plain file, or so large that it was never given."""
    try:
        return hashlib.sha256(read_inside(home, ["exercises", name], LARGEST)).hexdigest()
    except OSError:
        return ""


def _free(place: Path) -> Path:
    """The place, or the next like it where nothing lies: what was put beside is worked in as well."""
    number = 1
    free = place
    while os.path.lexists(free):
        number += 1
        free = place.with_name(f"{place.stem}-{number}.ipynb")
    return free


def _write_in_home(place: Path, content: bytes) -> None:
    part = place.with_name(f".{place.name}.part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    if place.is_dir() and not place.is_symlink():
        shutil.move(place, place.with_name(place.name + ".moved"))
    part.replace(place)


def read_inside(home: Path, place: list[str], largest: int, tail: bool = False) -> bytes:
    """A file below a learner's home, read without following any link of theirs.

    Args:
        home: the learner's.
        place: folders and file below it.
        largest: bytes that it may have.
        tail: whether of a larger one its end is taken.

    Raises:
        OSError: it is not there, no plain file, a link, or too large.
    """
    at = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    for number, name in enumerate(place, 1):
        last = number == len(place)  # O_NONBLOCK: a pipe that nobody writes would be waited for
        flags = os.O_RDONLY | os.O_NOFOLLOW | (os.O_NONBLOCK if last else os.O_DIRECTORY)
        try:
            below = os.open(name, flags, dir_fd=at)
        finally:
            os.close(at)
        at = below
    with open(at, "rb") as content:
        status = os.fstat(content.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no plain file")
        if status.st_size > largest and tail:
            content.seek(-largest, os.SEEK_END)
        text = content.read(largest + (not tail))
    if len(text) > largest:
        raise OSError(errno.EFBIG, f"it has more than {largest // 2**20} MB")
    return text
