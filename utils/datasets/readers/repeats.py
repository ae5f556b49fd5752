"""Texts that a file holds more than once, found in memory that does not grow with the file. No framework."""

import os
import tempfile
from array import array
from collections.abc import Iterator
from heapq import nsmallest
from typing import NamedTuple

from utils.datasets.readers.text_defects import SHOWN, brief


class Repeat(NamedTuple):
    """A text that was there before.

    Attributes:
        line: where it begins, from 1.
        first: the line of the first such text.
        same: whether that one has the same entities.
        shown: the text in quotes, cut off where it is long.
    """

    line: int
    first: int
    same: bool
    shown: str


class Repeats:
    """Remembers every text of a file outside of memory, to say at the end which came more than once.

    A text is 24 bytes: its hash, the hash of its entities with its line, and where its first letters stand. By their
    hashes texts are dealt into parts, each written to a temporary file in blocks; at the end one part after the other
    is looked through. In memory there are a block of each part and, at the end, one part: a 256th of the file's texts.
    """

    PARTS, BLOCK = 256, 3 * 128  # numbers of a block: 128 texts
    LABELLINGS = 2**20  # of which two labellings of one text are told apart

    def __init__(self):
        self._parts = [array("q") for _ in range(self.PARTS)]
        self._blocks = [array("q") for _ in range(self.PARTS)]  # where each of a part's blocks begins in the file
        self._file = self._texts = None
        self._written = self._letters = 0

    def __enter__(self) -> "Repeats":
        self._file, self._texts = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        return self

    def __exit__(self, *_) -> None:
        self._file.close()
        self._texts.close()

    def add(self, text: str, line: int, spans: tuple) -> None:
        """Remembers a text.

        Args:
            text: itself.
            line: where it begins, from 1.
            spans: its entities.
        """
        key, letters = hash(text), text[: SHOWN + 1].encode("utf-8", "surrogatepass")
        number = key % self.PARTS
        part = self._parts[number]
        part.append(key)
        part.append(max(line, 1) * self.LABELLINGS + hash(spans) % self.LABELLINGS)
        part.append(self._letters)
        self._texts.write(len(letters).to_bytes(1, "big") + letters)  # 41 letters are at most 164 bytes
        self._letters += 1 + len(letters)
        if len(part) == self.BLOCK:
            self._blocks[number].append(self._written)
            part.tofile(self._file)
            self._written += self.BLOCK * part.itemsize
            del part[:]

    def found(self, most: int) -> dict[bool, tuple[list[Repeat], int]]:
        """What came more than once, apart for texts with the same entities (True) and with others (False).

        Args:
            most: how many repeats are listed.

        Returns:
            The first `most` in the order of lines, and how many there are.
        """
        first: dict[bool, list] = {True: [], False: []}
        counts = {True: 0, False: 0}
        for line, *rest in self._repeated():
            same = rest[1]
            counts[same] += 1
            first[same].append((line, *rest))
            if len(first[same]) >= 8 * most:
                first[same] = nsmallest(most, first[same])
        chosen = {same: nsmallest(most, rows) for same, rows in first.items()}
        repeats = {
            same: ([Repeat(line, earlier, same, self._shown(at)) for line, earlier, _, at in rows], counts[same])
            for same, rows in chosen.items()
        }
        for file in (self._file, self._texts):  # more texts may follow
            file.seek(0, os.SEEK_END)
        return repeats

    def _repeated(self) -> Iterator[tuple[int, int, bool, int]]:
        """Line, first line, whether with the same entities, place of the letters, part by part."""
        for part, blocks in zip(self._parts, self._blocks, strict=True):
            known: dict[int, int] = {}
            for block in self._read(blocks, part):
                for key, value, at in zip(block[::3], block[1::3], block[2::3], strict=True):
                    earlier = known.setdefault(key, value)
                    if earlier is not value:  # two texts of one line, too, are two objects
                        same = earlier % self.LABELLINGS == value % self.LABELLINGS
                        yield value // self.LABELLINGS, earlier // self.LABELLINGS, same, at

    def _read(self, blocks: array, last: array) -> Iterator[array]:
        for start in blocks:
            self._file.seek(start)
            block = array("q")
            block.fromfile(self._file, self.BLOCK)
            yield block
        yield last

    def _shown(self, at: int) -> str:
        self._texts.seek(at)
        length = self._texts.read(1)[0]
        return brief(self._texts.read(length).decode("utf-8", "surrogatepass"))
