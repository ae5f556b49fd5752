"""`python -m utils.course grade SUBMISSIONS --out FOLDER`; see --help."""

import argparse
import os
import sys
from collections import Counter
from pathlib import Path

from utils.course.grade.collect import Submission, submissions
from utils.course.grade.exports import write_exports
from utils.course.grade.gradebook import Gradebook, GradebookError
from utils.course.grade.isolation import ISOLATIONS, check_isolation
from utils.course.grade.likeness import pairs
from utils.course.grade.names import printable
from utils.course.grade.pages import write_pages
from utils.course.grade.run import exercises_of, grade, slowest
from utils.course.grade.to_nbgrader import write_nbgrader

REMARKS, TOGETHER = 40, 5  # notes that are printed, and of how many each
DESCRIPTION = """\
Grade a folder of submitted notebooks. Every answer runs alone in a box that sees no network, no
other submission and no file but the library as it stood before the exercise; what it gives back is
compared outside. The folder may have any shape: the first folder's name, or the file's, is the learner.

In --out you find class.html (open it first), feedback/ with a page for each learner, grades.csv,
moodle.csv, canvas.csv, and gradebook.sqlite with everything.

The lessons' own answers are public. A score proves that an answer works, and not who wrote it.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command understands."""
    parser.add_argument("submissions", type=Path, help="the folder with the notebooks")
    parser.add_argument("--out", type=Path, required=True, help="where grades and pages go; made if need be")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="at once (default: one a core)")
    parser.add_argument("--only", nargs="+", default=[], metavar="LESSON", help="such as 05 (default: all)")
    parser.add_argument("--resume", action="store_true", help="go on where a run was stopped")
    parser.add_argument("--attempts", choices=("latest", "best"), default="latest", help="of several notebooks for a "
                        "lesson, which counts (default: latest; best: of the 50 newest)")  # fmt: skip
    parser.add_argument("--roster", type=Path, help="CSV with the columns learner, folder and "
                        "perhaps due; a date without a time is until the end of that day")  # fmt: skip
    parser.add_argument("--isolation", choices=ISOLATIONS, default="bubblewrap", help="process has no "
                        "walls: for work that you trust, with --trusted (default: bubblewrap)")  # fmt: skip
    parser.add_argument("--trusted", action="store_true", help="I know whose work this is, and it may read my files")
    parser.add_argument("--scheduler", default="", metavar="ADDRESS", help="of a Dask scheduler whose workers grade, "
                        "such as tcp://host:8786")  # fmt: skip
    parser.add_argument("--nbgrader", type=Path, metavar="FILE", help="nbgrader's gradebook.db, to write the "
                        "grades to as well")  # fmt: skip
    parser.add_argument("--seed", type=int, help="of the inputs that answers are tried on (default: drawn, and kept)")
    parser.add_argument("--quiet", action="store_true", help="no bar")


def main(options: argparse.Namespace) -> int:
    """Grades; 0 where it went through, 1 where it could not, 2 for a bad call."""
    if options.isolation == "process" and not options.trusted:
        print(
            "--isolation process has no walls: an answer can read your files, use the network and change other grades; "
            "only endless loops and floods of memory or processes are stopped. For work that you trust, add --trusted.",
            file=sys.stderr,
        )
        return 2
    if not options.submissions.is_dir():
        unpack = "unpack it, and " if options.submissions.is_file() else ""
        print(f"{options.submissions} is no folder: {unpack}name the one that the submissions are in.", file=sys.stderr)
        return 2
    if options.workers < 1:
        print(f"--workers must be 1 or more. Received: {options.workers}", file=sys.stderr)
        return 2
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # of the workers
    book = None
    try:
        check_isolation(options.isolation)
        only = exercises_of(options.only)
        folder = options.submissions.absolute()  # the same from wherever it is called
        found = submissions(folder, options.roster, options.attempts, options.out)
        book = Gradebook(options.out / "gradebook.sqlite")
        book.hold()
        if not book.is_empty() and not options.resume:
            print(f"{book.path} holds grades already: go on with --resume, or choose another --out.", file=sys.stderr)
            return 2
        if options.seed is not None and book.is_empty():
            book.use_seed(options.seed)
        if options.seed not in (None, book.seed):
            print(f"--seed {options.seed} is passed over: {book.path} was begun with {book.seed}.", file=sys.stderr)
        everything = found
        if only:
            found = [
                one for one in found if not one.lesson or any(one.lesson.startswith(each[:2]) for each in options.only)
            ]
        grade(
            found, book, options.workers, options.isolation, only, options.resume, options.scheduler, not options.quiet
        )
        book.choose(options.attempts == "best", everything, folder)
        write_pages(book, options.out, pairs(found))
        write_exports(book, options.out)
        if options.nbgrader:
            write_nbgrader(book, options.nbgrader)
        tell(book, options.out, found)
    except (ValueError, OSError, RuntimeError, GradebookError) as error:
        kept = " What was graded is kept: mend this, then go on with --resume."
        print(f"{error}.{kept}" if book and isinstance(error, OSError) else error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. What was graded is kept: go on with --resume.", file=sys.stderr)
        return 1
    finally:
        if book:
            book.close()
    return 0


def tell(book: Gradebook, out: Path, found: list[Submission]) -> None:
    """Says at the end what was graded, what was not, what was guessed, and what took long."""
    rows = book.submissions()
    handed_in = sum(row["status"] != "not submitted" for row in rows)
    print(f"{handed_in} notebooks of {len({row['learner'] for row in rows})} learners. Open {out / 'class.html'}")
    missing = Counter(row["lesson"] for row in rows if row["status"] == "not submitted" and row["lesson"])
    for lesson, count in sorted(missing.items()):
        print(f"  not submitted: {lesson}, by {count} of the roster")
    late = list(dict.fromkeys(row["learner"] for row in rows if row["late"] > 0))
    if late:
        more = f" and {len(late) - TOGETHER} more, see class.html" if len(late) > TOGETHER else ""
        print(f"  late, no points taken off: {printable(', '.join(late[:TOGETHER]))}{more}")
    for row in rows:
        if row["status"] != "graded" and not (row["status"] == "not submitted" and row["lesson"]):
            line = f"{row['status']}: {row['learner']}, {row['lesson'] or row['path']}. {row['reason'][:200]}"
            print(f"  {printable(line)}")
    remarks: dict[str, list[str]] = {}
    for one in found:
        for remark in one.remarks:
            remarks.setdefault(remark, []).append(f"{one.learner}, {one.lesson or one.path}")
    for remark, whose in list(remarks.items())[:REMARKS]:
        more = f" and {len(whose) - TOGETHER} more" if len(whose) > TOGETHER else ""
        print(f"  note: {printable('; '.join(whose[:TOGETHER]))}{more}: {printable(remark)}")
    if len(remarks) > REMARKS:
        print(f"  {len(remarks) - REMARKS} more notes: grades.csv has them, in the column reason")
    print("  slowest: " + "; ".join(slowest(book, 3)))
