"""From a folder of submissions to a gradebook: spreads them over workers, goes on where it was stopped."""

import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from pathlib import Path

from tqdm import tqdm

from utils.course.grade.collect import Submission
from utils.course.grade.gradebook import Gradebook
from utils.course.grade.walls import asked
from utils.course.grade.worker import grade_one

TORCH = ("13_question_answering_pytorch",)  # lessons whose exercises need PyTorch
FOLDER = "course-grade-"  # and the process' number, of what a run needs on disk
BY_OTHERS = ("timed out", "died")  # what may be the doing of others who work beside: they take time, and memory
AHEAD = 2  # submissions handed out to each worker: memory stays flat however many there are


def grade(
    found: list[Submission],
    book: Gradebook,
    workers: int,
    isolation: str = "bubblewrap",
    only: set[str] | None = None,
    resume: bool = False,
    scheduler: str = "",
    shown: bool = True,
) -> None:
    """Grades submissions, keeps each as soon as it is done. What was too slow, or died, is tried again alone.

    Args:
        found: what was handed in.
        book: where the grades go.
        workers: processes at once.
        isolation: see `Box`.
        only: names of exercises; None for all.
        resume: pass over what the gradebook has already.
        scheduler: the address of a Dask scheduler, whose workers grade; "" for workers on this machine.
        shown: whether to show a bar.

    Raises:
        BoxError: answers cannot be shut in here.
        GradebookError: a grade cannot be written.
    """
    seed, readable = book.seed, []
    book.forget_the_missing({each.lesson for each in asked() if only is None or each.name in only})
    for one in found:
        if resume and book.has(one):
            book.keep_up(one)
            continue
        if one.problem:
            book.add(one, [], one.status, one.problem)
        else:
            readable.append(one)
    with tqdm(total=len(readable), unit="notebook", file=sys.stderr, disable=not shown) as bar:
        for framework in ("keras", "torch"):
            mine = [one for one in readable if (one.lesson in TORCH) == (framework == "torch")]
            spread = _by_dask if scheduler else _by_processes
            tasks, again = ((one, seed, framework, isolation, only) for one in mine), []
            alone = workers == 1 or bool(scheduler)
            for one, marks, error in spread(tasks, min(workers, len(mine)), scheduler) if mine else ():
                bar.update()
                if not alone and any(m["status"] in BY_OTHERS for m in marks):
                    again.append((one, marks))  # not in the book yet: a run that is stopped here tries it again
                else:
                    book.add(one, marks, "died" if error else "", error)
            tasks, first = ((one, seed, framework, isolation, only) for one, _ in again), {id(o): m for o, m in again}
            for one, marks, error in _by_processes(tasks, 1, "") if again else ():
                book.add(one, first[id(one)] if error else marks)


def _by_processes(tasks: Iterator[tuple], workers: int, _: str) -> Iterator[tuple[Submission, list[dict], str]]:
    """Each submission with its marks, as they are done. Whoever's worker dies is tried once more, alone."""
    waiting, again = {}, []
    _sweep()
    with tempfile.TemporaryDirectory(prefix=f"{FOLDER}{os.getpid()}-") as folder:
        pool = _pool(workers, folder)
        try:
            for task in tasks:
                if len(waiting) >= AHEAD * workers:
                    yield from _done(waiting, again)
                    if again:
                        pool.shutdown(wait=False, cancel_futures=True)
                        again += list(waiting.values())
                        waiting.clear()
                        yield from _alone(again, folder)
                        pool = _pool(workers, folder)
                try:
                    waiting[pool.submit(grade_one, *task)] = task
                except BrokenProcessPool:
                    again.append(task)
            while waiting:
                yield from _done(waiting, again)
            yield from _alone(again, folder)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """Takes away what a run left on disk that was killed. Its boxes ended with it."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*-*") if sys.platform != "win32" else ():
        number = folder.name.removeprefix(FOLDER).partition("-")[0]
        try:
            if number.isdigit() and folder.lstat().st_uid == os.getuid():
                os.kill(int(number), 0)  # asks only whether there is such a process
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except (OSError, OverflowError):
            continue  # somebody else's, or gone meanwhile


def _pool(workers: int, folder: str) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, get_context("spawn"), _in_folder, (folder,))


def _in_folder(folder: str) -> None:
    """In a worker: what boxes need on disk lies below one folder, which is removed at the end whatever happens.

    What a framework says on standard error, even where it is told not to, would stand in the middle of the bar.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    tempfile.tempdir = folder
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _end_with_parent() -> None:
    """Ends this worker, and with it its box, where the grader was killed: nobody else would."""
    parent_process().join()
    os._exit(1)


def _done(waiting: dict, again: list) -> Iterator[tuple[Submission, list[dict], str]]:
    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
        task = waiting.pop(future)
        try:
            yield task[0], future.result(), ""
        except Exception:  # noqa: BLE001 - whatever one submission did to a worker, the others are graded
            again.append(task)


def _alone(again: list, folder: str) -> Iterator[tuple[Submission, list[dict], str]]:
    """Those whose worker died, one by one in a worker of their own."""
    while again:
        task = again.pop()
        with _pool(1, folder) as pool:
            try:
                yield task[0], pool.submit(grade_one, *task).result(), ""
            except Exception as error:  # noqa: BLE001
                yield task[0], [], f"grading it failed twice, {error}. Look at this notebook by hand"


def _by_dask(tasks: Iterator[tuple], workers: int, scheduler: str) -> Iterator[tuple[Submission, list[dict], str]]:
    """The same by the workers of a Dask cluster; one that dies is replaced there, and its submissions tried again."""
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise ValueError(
            "--scheduler needs Dask, here and on its workers: "
            ".venv/bin/pip install --require-hashes -r requirements-dask.txt"
        ) from error

    with Client(scheduler) as client:
        futures = {client.submit(grade_one, *task, pure=False, retries=2): task for task in tasks}
        for future in as_completed(futures):
            if future.cancelled():
                raise RuntimeError(f"Dask's scheduler {scheduler} is lost. Start it again, then go on with --resume")
            error = future.exception()
            told = f"grading it failed, {error}. Look at this notebook by hand" if error else ""
            yield futures[future][0], [] if error else future.result(), told


def exercises_of(lessons: list[str]) -> set[str] | None:
    """The exercises of some lessons, named by number or slug; None for all of them.

    Raises:
        ValueError: there is no such lesson.
    """
    chosen = set()
    for wanted in lessons:
        names = {each.name for each in asked() if each.lesson == wanted or each.lesson.startswith(f"{wanted}_")}
        if not names:
            known = ", ".join(dict.fromkeys(each.lesson for each in asked()))
            raise ValueError(f"there is no lesson {wanted!r} with exercises. The lessons are {known}")
        chosen |= names
    return chosen or None


def slowest(book: Gradebook, count: int = 5) -> list[str]:
    """The submissions that took longest, in words."""
    rows = sorted(book.submissions(), key=lambda row: -row["seconds"])[:count]
    return [f"{row['learner']}, {row['lesson']}: {row['seconds']:.1f} s" for row in rows if row["seconds"] > 0]
