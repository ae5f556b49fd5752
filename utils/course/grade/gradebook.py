"""The gradebook: a database in one file. What a submission got is written in one transaction, or not at all."""

import contextlib
import hashlib
import json
import os
import secrets
import sqlite3
from pathlib import Path

from utils.course.grade.collect import Submission

SCHEMA = """
CREATE TABLE IF NOT EXISTS run (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS submission (
    id INTEGER PRIMARY KEY, learner TEXT NOT NULL, lesson TEXT NOT NULL, path TEXT NOT NULL, content TEXT NOT NULL,
    handed_in REAL NOT NULL, late REAL NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
    score INTEGER NOT NULL, maximum INTEGER NOT NULL, seconds REAL NOT NULL, counts INTEGER NOT NULL DEFAULT 1,
    UNIQUE (learner, lesson, path, content)
);
CREATE TABLE IF NOT EXISTS question (
    submission INTEGER NOT NULL REFERENCES submission ON DELETE CASCADE, question TEXT NOT NULL,
    score INTEGER NOT NULL, maximum INTEGER NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
    diagnosis TEXT NOT NULL, details TEXT NOT NULL, seconds REAL NOT NULL, PRIMARY KEY (submission, question)
);
"""
ADVICE = {  # SQLite's number of an error -> what to do
    sqlite3.SQLITE_BUSY: "Another program has it open, perhaps a second grader: close it, then go on with --resume",
    sqlite3.SQLITE_FULL: "Make room, then go on with --resume",
    sqlite3.SQLITE_IOERR: "Make room, and see to the disk, then go on with --resume",
    sqlite3.SQLITE_READONLY: "Give yourself the right to write there, then go on with --resume",
    sqlite3.SQLITE_CANTOPEN: "Give yourself the right to write there, or name another folder",
}
DAMAGED = "It is damaged, or no gradebook of this course: put a copy of it there, or name another folder"
WORST = ("cheating attempt", "out of memory", "timed out", "died", "does not run", "not found", "not started")
COLUMNS = ("learner", "lesson", "score", "maximum", "status", "reason")


class GradebookError(Exception):
    """The gradebook cannot be used or written; the message says what to do."""


class Gradebook:
    """Grades on disk.

    Args:
        path: the file; made if need be.

    Raises:
        GradebookError: it is no gradebook, or the folder cannot be written.
    """

    def __init__(self, path: Path):
        self.path, self.held = path, None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.db = sqlite3.connect(path, isolation_level=None)
            self.db.row_factory = sqlite3.Row
            self.db.execute("PRAGMA foreign_keys = ON")
            self.db.execute("PRAGMA synchronous = FULL")
            self.db.executescript(SCHEMA)
        except OSError as error:
            raise GradebookError(f"{path} cannot be used: {error}. Name another folder, or make room") from error
        except sqlite3.Error as error:
            raise self._told(error) from error

    def hold(self) -> None:
        """Lets nobody else grade into this folder, from another machine neither, until it is closed or killed.

        Raises:
            GradebookError: somebody does so already.
        """
        path = self.path.with_name(f".{self.path.name}.held")
        try:  # a lock of SQLite's own: the system undoes it, whatever becomes of this process
            self.held = sqlite3.connect(path, timeout=0, isolation_level=None)
            self.held.execute("PRAGMA journal_mode = MEMORY")
            self.held.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
                raise self._told(error) from error
            raise GradebookError(
                f"{self.path.parent} is being graded into already, from here or from another machine: wait until that "
                "is done, or choose another --out"
            ) from error

    @property
    def seed(self) -> int:
        """Of the inputs that answers are tried on: drawn once, kept, so that going on changes nothing."""
        rows = self._read("SELECT value FROM run WHERE key = 'seed'")
        if not rows:
            self._write("INSERT OR IGNORE INTO run VALUES ('seed', ?)", [(str(secrets.randbelow(2**31)),)])
            return self.seed
        return int(rows[0]["value"])

    def use_seed(self, seed: int) -> None:
        """Sets the seed of a new gradebook."""
        self._write("INSERT OR IGNORE INTO run VALUES ('seed', ?)", [(str(seed),)])

    def has(self, submission: Submission) -> bool:
        """Whether this very file was graded already. Where grading failed, it was not: the machine's fault, perhaps."""
        key = _storable(submission.learner, submission.lesson, str(submission.path), content_of(submission))
        query = "SELECT 1 FROM submission WHERE learner = ? AND lesson = ? AND path = ? AND content = ?"
        query += " AND NOT (status = 'died' AND maximum = 0)"
        return bool(self._read(query, key))

    def keep_up(self, submission: Submission) -> None:
        """Notes when a file that was graded already is handed in, and how late: the file or the roster may be newer."""
        key = _storable(submission.learner, submission.lesson, str(submission.path), content_of(submission))
        query = "UPDATE submission SET handed_in = ?, late = ? WHERE (learner, lesson, path, content) = (?, ?, ?, ?)"
        self._write(query, [(submission.handed_in, submission.late, *key)])

    def is_empty(self) -> bool:
        """Whether nothing was graded yet."""
        return not self._read("SELECT 1 FROM submission LIMIT 1")

    def add(self, submission: Submission, marks: list[dict], status: str = "", reason: str = "") -> None:
        """Keeps what a submission got; what the same file got before is replaced.

        Raises:
            GradebookError: the disk is full or the file cannot be written. What stood there before stands there still.
        """
        worst = min((WORST.index(m["status"]) for m in marks if m["status"] in WORST), default=None)
        told = [*submission.remarks, *(f"{m['question']}: {m['reason']}" for m in marks if m["reason"])]
        told += [f"{m['question']}: {remark}" for m in marks for remark in m["remarks"]]
        status = status or ("graded" if worst is None else WORST[worst])
        if status in ("not started", "not found", "does not run") and any(m["score"] for m in marks):
            status = "graded"  # some of it is: the reason says what is not
        row = _storable(
            submission.learner, submission.lesson, str(submission.path), content_of(submission), submission.handed_in,
            submission.late, status, (reason or "; ".join(told))[:1000], sum(m["score"] for m in marks),
            sum(m["maximum"] for m in marks), sum(m["seconds"] for m in marks),
        )  # fmt: skip
        try:
            self.db.execute("BEGIN IMMEDIATE")
            query = "DELETE FROM submission WHERE learner = ? AND lesson = ? AND path = ? AND content = ?"
            self.db.execute(query, row[:4])
            names = "learner, lesson, path, content, handed_in, late, status, reason, score, maximum, seconds"
            into = f"INSERT INTO submission ({names})"
            number = self.db.execute(f"{into} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row).lastrowid
            keys = ("question", "score", "maximum", "status", "reason", "diagnosis")
            rows = [_storable(number, *(m[key] for key in keys), json.dumps(m), m["seconds"]) for m in marks]
            self.db.executemany("INSERT INTO question VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            self.db.execute("COMMIT")
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):  # where it is undone already
                self.db.execute("ROLLBACK")
            raise self._told(error) from error

    def forget_the_missing(self, lessons: set[str]) -> None:
        """Takes out who had handed in nothing for some lessons, or nothing at all: that may have changed."""
        query = "DELETE FROM submission WHERE status = 'not submitted' AND lesson = ?"
        self._write(query, [(lesson,) for lesson in sorted({"", *lessons})])

    def choose(self, best: bool, found: list[Submission] | None = None, folder: Path | None = None) -> None:
        """Of a learner's several notebooks for a lesson one counts: the best, or the latest that can be read.

        What was no lesson counts until the same file is one.

        Args:
            best: whether the best counts.
            found: all that is handed in now; what was graded of the same lessons and is not among it counts no more,
                a file that was replaced, taken away, or is another learner's since. None: all that was ever graded.
            folder: below which it was looked for.
        """
        gone = [(number,) for number in self._gone(found, folder)] if found is not None else []
        self._write("CREATE TEMP TABLE IF NOT EXISTS gone (id INTEGER PRIMARY KEY)", [()])
        self._write("DELETE FROM gone", [()])
        self._write("INSERT INTO gone VALUES (?)", gone)
        order = "score DESC, handed_in DESC" if best else "handed_in DESC"
        self._write(
            "UPDATE submission SET counts = id IN (SELECT id FROM (SELECT id, ROW_NUMBER() OVER "
            "(PARTITION BY learner, lesson, CASE lesson WHEN '' THEN path END "
            f"ORDER BY status = 'unreadable notebook', {order}, id DESC) AS place "
            "FROM submission WHERE id NOT IN (SELECT id FROM gone)) WHERE place = 1)",
            [()],
        )
        self._write(
            "UPDATE submission AS old SET counts = 0 WHERE lesson = '' AND EXISTS (SELECT 1 FROM submission AS new "
            "WHERE new.learner = old.learner AND new.path = old.path AND new.id > old.id)",
            [()],
        )

    def _gone(self, found: list[Submission], folder: Path | None) -> list[int]:
        """Rows of files that are not there any more, or not so."""
        here = {_storable(one.learner, one.lesson, str(one.path), content_of(one)) for one in found}
        top = os.path.join(os.path.abspath(folder), "") if folder else ""
        rows = self._read("SELECT id, learner, lesson, path, content, status FROM submission")
        return [
            row["id"] for row in rows if tuple(row)[1:5] not in here and os.path.abspath(row["path"]).startswith(top)
        ]

    def submissions(self) -> list[sqlite3.Row]:
        """All that count, by learner and lesson."""
        return self._read("SELECT * FROM submission WHERE counts ORDER BY learner, lesson")

    def questions(self, submission: int) -> list[dict]:
        """A submission's marks, as they were given."""
        rows = self._read("SELECT details FROM question WHERE submission = ? ORDER BY rowid", (submission,))
        return [json.loads(row["details"]) for row in rows]

    def _read(self, query: str, values: tuple = ()) -> list[sqlite3.Row]:
        try:
            return self.db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._told(error) from error

    def _write(self, query: str, rows: list[tuple]) -> None:
        try:
            self.db.executemany(query, rows)
        except sqlite3.Error as error:
            raise self._told(error) from error

    def _told(self, error: sqlite3.Error) -> GradebookError:
        kind = getattr(error, "sqlite_errorcode", 0) & 0xFF  # above it stands which of the kind
        return GradebookError(f"{self.path} cannot be used: {error}. {ADVICE.get(kind, DAMAGED)}")

    def close(self) -> None:
        """Closes the file, and lets others grade into the folder."""
        self.db.close()
        if self.held:
            self.held.close()


def _storable(*row) -> tuple:
    """A row whose texts are UTF-8, as names of files and messages of answers need not be."""
    return tuple(
        value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value for value in row
    )


def content_of(submission: Submission) -> str:
    """A hash of a submission's code, or of its file where there is none."""
    digest = hashlib.sha256("\0".join(submission.code).encode("utf-8", "surrogatepass"))
    digest.update(submission.problem.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
