"""Text files that others made: opened by content, read line by line in bounded memory, every fault with its remedy."""

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from utils.datasets.readers.foreign_files import HEAD, of_folder, recognised
from utils.files import is_special

LONGEST_LINE = 2**20  # bytes; a line is held in memory, so its length is bounded
CHUNK = 2**16  # bytes read and decoded at once
PIPE = "is a pipe or a device: files are read more than once, so put it into one"
SEPARATOR = re.compile(rb"sep=[,;\t|](?=\r?\n)")  # Excel's own first line: which sign parts the cells


class Problem(NamedTuple):
    """What is wrong with one line of a file, and what to do about it.

    Attributes:
        kind: in two or three words, such as "not UTF-8", "NUL byte", "carriage return", "line too long"; of parallel
            text also "missing column", "empty side"; of entities see `utils.datasets.readers.entity_files.KINDS`.
        file: the file's path.
        line: the line's number, from 1; 0 where it is the whole file's fault.
        message: what was found.
        advice: how to mend it.
        kept: whether what stands there can be used all the same, and is.
    """

    kind: str
    file: str
    line: int
    message: str
    advice: str
    kept: bool = False

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{where}: {self.message}. {self.advice}."


class TextFileError(ValueError):
    """A text file cannot be read; `problem` is the line's where it is one line's fault, else None."""

    def __init__(self, message: str, problem: Problem | None = None):
        super().__init__(message)
        self.problem = problem


def open_bytes(path: Path) -> BinaryIO:
    """Open a file for reading bytes, through gzip where its first two bytes say so.

    Raises OSError where it cannot be opened, or is a pipe or a device: of what is peeked at there nothing comes again.
    """
    if is_special(path):
        raise OSError(f"{path} {PIPE}.")
    file = path.open("rb")
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return gzip.GzipFile(fileobj=_Owned(file), mode="rb") if packed else file


class _Owned:
    """A file that is closed with the GzipFile that reads it."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self.read = file.read
        self.seek = file.seek
        self.close = file.close


def check_file(path: Path, error_class: type = TextFileError) -> None:
    """Raises where there is no such file, or its beginning shows that it is no text.

    Raises:
        FileNotFoundError, IsADirectoryError: there is no such file, or it is a folder.
        error_class: the file is empty, no text, or a pipe or a device, which can be read but once.
    """
    if path.is_dir():
        raise IsADirectoryError(of_folder(path))
    if not path.exists() and path.is_symlink():
        raise FileNotFoundError(f"{path} is a link to {path.readlink()}, which is not there: point it to the file.")
    if is_special(path):
        raise error_class(f"{path} {PIPE}.")
    if not path.exists():
        where = path.absolute().parent
        hint = f"The folder {where} exists" if where.is_dir() else f"The folder {where} does not exist either"
        raise FileNotFoundError(f"There is no file {path}. {hint}: check the spelling.")
    try:
        with open_bytes(path) as file:
            head = file.read(HEAD)
    except (EOFError, OSError, zlib.error) as error:
        if isinstance(error, PermissionError):
            raise
        raise error_class(f"{path} begins like gzip but cannot be unpacked: {error}. Fetch it again.") from error
    if not head:
        raise error_class(f"{path} is empty.")
    if known := recognised(head, path):
        raise error_class(f"{path} is {known}.")
    control = sum(byte < 32 and byte not in b"\t\n\r\f\v\x1b" for byte in head)
    if control > max(8, len(head) / 10):
        raise error_class(f"{path} is binary, not text. Pass UTF-8 text, plain or packed with gzip.")
    if head.count(b"\r") > 1 and b"\n" not in head:
        advice = "Save it with LF (Unix) or CRLF (Windows), or run: tr '\\r' '\\n' < FILE > NEW"
        raise error_class(f"{path} ends its lines with a carriage return alone, as old Macs did. {advice}.")


def in_two(path: str | Path, error: Exception) -> tuple[str, str]:
    """What an error says of a whole file, without its path, which is named beside it; and what to do, if it says so."""
    said = str(error).rstrip(".")
    for begins, instead in ((f"{Path(path)}: ", ""), (f"{Path(path)} ", "it ")):
        said = instead + said.removeprefix(begins) if said.startswith(begins) else said
    found, _, advice = re.sub(r"^(it is (?:(?!\. )[^:])*): ", r"\1. ", said).partition(". ")
    return found, advice[:1].upper() + advice[1:]


def break_of(number: int) -> str:
    """Behind which line a file breaks off, in words; 0 where none could be read."""
    return f"after line {number}" if number else "before a line could be read"


def read_lines(path: Path, error_class: type = TextFileError) -> Iterator[tuple[int, bytes | None]]:
    """Number and bytes of each line, without its end; None for a line that is too long to hold.

    Raises error_class where an archive breaks off.
    """
    with open_bytes(path) as file:
        yield from number_lines(file, path, error_class)


def number_lines(file: BinaryIO, name, error_class: type = TextFileError) -> Iterator[tuple[int, bytes | None]]:
    """As `read_lines`, of a file that is open; `name` is what messages call it."""
    number = 0
    try:
        while line := file.readline(LONGEST_LINE + 1):
            number += 1
            whole = len(line) <= LONGEST_LINE
            while not line.endswith(b"\n") and (rest := file.readline(LONGEST_LINE)):
                whole, line = False, rest
            line = line.removesuffix(b"\n").removesuffix(b"\r")
            yield number, (line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line) if whole else None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise error_class(f"{name} breaks off {break_of(number)}: {error}. Fetch it again.") from error


def read_texts(path: Path, error_class: type = TextFileError) -> Iterator[tuple[int, str | Problem]]:
    """Number and text of each line of a file, or what is wrong with it: what `decode` makes of `read_lines`.

    Several times as fast, since whole chunks are decoded at once where nothing in them is wrong.

    Raises error_class where an archive breaks off.
    """
    number, rest = 0, b""
    try:
        with open_bytes(path) as file:
            while chunk := file.read(CHUNK):
                if len(rest) > LONGEST_LINE and b"\n" not in chunk:
                    continue  # of a line that is too long its length is all that counts
                if number == 0 and not rest:
                    chunk = chunk.removeprefix(b"\xef\xbb\xbf")
                    if excel := SEPARATOR.match(chunk):
                        chunk = chunk[excel.end() :]  # leaves a blank line, so that the others keep their numbers
                whole, mark, after = (rest + chunk).rpartition(b"\n")
                if not mark and len(after) > LONGEST_LINE:
                    rest = after[: LONGEST_LINE + 1]
                    continue
                rest = after
                if mark:
                    for text in _texts_of(path, number, whole):
                        number += 1
                        yield number, text
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise error_class(f"{path} breaks off {break_of(number)}: {error}. Fetch it again.") from error
    if rest:
        yield number + 1, next(_texts_of(path, number, rest))


def _texts_of(path: Path, number: int, whole: bytes) -> Iterator[str | Problem]:
    """The texts of the lines of a chunk, of which `number` lines came before."""
    plain = b"\0" not in whole and (
        b"\r" not in whole or whole.count(b"\r") == whole.count(b"\r\n") + whole.endswith(b"\r")
    )
    if plain and len(whole) <= LONGEST_LINE:
        try:
            yield from whole.decode("utf-8").replace("\r\n", "\n").removesuffix("\r").split("\n")
            return
        except UnicodeDecodeError:
            pass  # the lines are looked at one by one, and the one at fault is named
    for n, line in enumerate(whole.split(b"\n"), start=number + 1):
        yield decode(path, n, line.removesuffix(b"\r") if len(line) <= LONGEST_LINE else None)


def to_utf8(content: bytes) -> str:
    """What to do with text that is not UTF-8: letters with accents stand alone there, those of other scripts do not."""
    runs = re.findall(rb"[\x80-\xff]+", content)
    accents = 2 * sum(len(run) == 1 for run in runs) >= len(runs)
    codes = "Latin-1 or Windows-1252" if accents else "GB18030, Shift_JIS, Windows-1251 or another code of its language"
    return f"Save the file as UTF-8; it may be {codes}"


def decode(file: Path, number: int, line: bytes | None) -> str | Problem:
    """The text of a line, or what is wrong with it."""
    where = str(file), number
    if line is None:
        return Problem(
            "line too long", *where, f"the line is longer than {LONGEST_LINE} bytes", "Break it into sentences"
        )
    if b"\0" in line:
        return Problem("NUL byte", *where, "the line holds a NUL byte", "Save the file as UTF-8 text")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"byte {error.start + 1} of the line, 0x{line[error.start]:02x}, is not UTF-8"
        return Problem("not UTF-8", *where, found, to_utf8(line))
    if "\r" in text:
        found = "a carriage return stands inside the line"
        return Problem("carriage return", *where, found, "End lines with LF or CRLF, and nothing else")
    return text
