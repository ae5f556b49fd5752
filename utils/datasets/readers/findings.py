"""What a validator found: a list of defects that prints as a report, in a terminal and in a notebook. No framework."""

import html
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

LISTED = 100  # of each kind; the rest is counted
SHOWN = 20  # rows of a report


class Defect(NamedTuple):
    """What is wrong in a file, and how to mend it.

    Attributes:
        kind: in two or three words.
        file: the file's path.
        line: from 1; 0 where it is the whole file's.
        id: of the question, "" where there is none.
        message: what was found.
        advice: how to mend it.
        kept: whether what stands there can be used all the same.
    """

    kind: str
    file: str
    line: int
    id: str
    message: str
    advice: str
    kept: bool = False

    @property
    def where(self) -> str:
        """Line, and question where there is one."""
        parts = [f"line {self.line}"] if self.line else []
        if self.id and not self.id.startswith("line "):
            parts.append(f"question {self.id}")
        return ", ".join(parts) or "whole file"

    def __str__(self) -> str:
        return f"{self.file}, {self.where}: {self.message}. {self.advice}."


class Findings(list):
    """A list of `Defect`, first those of the whole file, then by line.

    Attributes:
        files: names of the files that were read.
        checked: how many texts or questions could be used.
        verb: what was done with them, as the report says it.
        left_out: for each kind how many more there are than are listed.
    """

    def __init__(self, files: Iterable = (), defects: Iterable[Defect] = ()):
        super().__init__()
        self.files, self.checked, self.left_out = [Path(file).name for file in files], 0, Counter()
        self.verb = "can be used"
        self._listed: Counter = Counter()
        for defect in defects:
            self.add(defect)

    def add(self, defect: Defect) -> None:
        """Lists it, or counts it where many of its kind are listed already."""
        self._listed[defect.kind] += 1
        if self._listed[defect.kind] > LISTED:
            self.left_out[defect.kind] += 1
        else:
            self.append(defect)

    def count(self, kind: str, more: int) -> None:
        """Counts so many more of a kind of which as many as are listed stand here."""
        if more:
            self._listed[kind] += more
            self.left_out[kind] += more

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each kind, listed or not, the most frequent first."""
        return dict(self._listed.most_common())

    @property
    def unusable(self) -> int:
        """How many defects keep something from being used."""
        return sum(not d.kept for d in self) + sum(n for k, n in self.left_out.items() if k in self._fatal)

    @property
    def _fatal(self) -> set[str]:
        return {d.kind for d in self if not d.kept}

    def _place(self, defect: Defect) -> str:
        """Where it stands; the file is named where there are several."""
        return f"{Path(defect.file).name}, {defect.where}" if len(self.files) > 1 else defect.where

    def _shown(self) -> list[Defect]:
        """What a report lists; where that is not all, what is to mend stands before the notes, by which it may hide."""
        return list(self) if len(self) <= SHOWN else sorted(self, key=lambda defect: defect.kept)[:SHOWN]

    def headline(self) -> str:
        """One line: how much was read, how much is wrong."""
        names = ", ".join(self.files)
        if not self._listed and not self.checked:
            return f"{names}: 0 read: nothing that can be used stands there."
        if not self._listed:
            return f"{names}: {self.checked} read, nothing wrong."
        bad = self.unusable
        notes = sum(self._listed.values()) - bad
        found = [f"{bad} to mend"] * bool(bad) + [f"{notes} {'note' if notes == 1 else 'notes'}"] * bool(notes)
        return f"{names}: {self.checked} {self.verb}; {', '.join(found)}."

    def __str__(self) -> str:
        lines = [self.headline()]
        for defect in self._shown():
            mark = "note" if defect.kept else "BAD "
            lines.append(f"{mark} {self._place(defect)}: {defect.message}. {defect.advice}.")
        rest = len(self) - SHOWN + sum(self.left_out.values())
        if rest > 0:
            lines.append(f"… and {rest} more: {', '.join(f'{n} × {kind}' for kind, n in self.counts.items())}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cell = 'style="text-align:left;vertical-align:top;padding:.2em .8em"'
        rows = "".join(
            f"<tr>{''.join(f'<td {cell}>{html.escape(text)}</td>' for text in row)}</tr>"
            for row in ((self._place(d), "note" if d.kept else "bad", d.message, d.advice) for d in self._shown())
        )
        names = "".join(f"<th {cell}>{name}</th>" for name in ("where", "", "found", "how to mend it"))
        rest = len(self) - SHOWN + sum(self.left_out.values())
        more = f"<p>… and {rest} more.</p>" if rest > 0 else ""
        table = f"<table><tr>{names}</tr>{rows}</table>{more}" if self else ""
        return f"<p><b>{html.escape(self.headline())}</b></p>{table}"
