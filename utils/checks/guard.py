"""Runs an answer that nobody trusts: whatever it does becomes a line to read, and the kernel lives on."""

import contextlib
import copy
import ctypes
import io
import os
import re
import signal
import threading
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

# What Keras and TensorFlow put around the message itself: colours, the node, which layer was called with what.
WRAPPING = re.compile(
    r"\x1b\[[0-9;]*m|\{\{function_node .*?\}\}|Exception encountered when calling \S+|\[Op:.*|Arguments received by .*",
    re.DOTALL,
)


class TimeIsUp(BaseException):
    """Not an Exception, so that an answer's own `except Exception` does not swallow it."""


class Quit(BaseException):
    """Raised in place of ending the process."""


@dataclass(frozen=True)
class Crash:
    """How a call ended without a result.

    Attributes:
        kind: "not started", "time", "mutated", or the exception's type name.
        line: what to tell the learner.
        final: whether there is no point in going on with other inputs.
    """

    kind: str
    line: str
    final: bool = False


class FirstWords(io.TextIOBase):
    """Takes what an answer prints, keeps the first 40 characters."""

    def __init__(self):
        super().__init__()
        self.kept = ""

    def write(self, text: str) -> int:
        """Keeps as much as still fits."""
        self.kept += text[: 40 - len(self.kept)]
        return len(text)


def guarded(answer, run: Callable, cases: list, seconds: float) -> tuple[list, str]:
    """Runs an answer on cases, at most `seconds` for all of them.

    Returns:
        A result or a Crash for each case, fewer where one is final, and the first words that it printed.
    """
    out, results = FirstWords(), []
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()), _no_exit(), _no_warnings():
        try:
            with time_limit(seconds):
                for c in cases:
                    results.append(_one(answer, run, c))
                    if isinstance(results[-1], Crash) and results[-1].final:
                        break
        except TimeIsUp:
            results.append(
                Crash("time", f"still running after {seconds:g} seconds: a loop without an end?", final=True)
            )
        except KeyboardInterrupt:
            results.append(Crash("interrupted", "interrupted before it came to an end", final=True))
    return results, " ".join(out.kept.split())


def _one(answer, run: Callable, c):
    given = copy.deepcopy((c.args, c.kwargs))
    try:
        result = run(answer, *given[0], **given[1])
    except NotImplementedError as error:
        if not _message(error):
            return Crash("not started", "not started", final=True)
        return Crash("NotImplementedError", _describe(error))
    except (Quit, SystemExit):
        return Crash("exit", "it tried to end the whole session (exit, sys.exit or the like)", final=True)
    except RecursionError:
        return Crash("recursion", "it calls itself without an end", final=True)
    except MemoryError:
        return Crash("MemoryError", "it asked for more memory than there is", final=True)
    except (TimeIsUp, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: B036 - whatever an answer raises becomes a line to read
        return Crash(type(error).__name__, _describe(error))
    for before, after in zip(_arrays(c), _arrays_of(given), strict=True):
        if not np.array_equal(before, after, equal_nan=before.dtype.kind == "f"):
            return Crash("mutated", "it changes the array it was given: work on a copy, or build a new array")
    return result


def _message(error: BaseException) -> str:
    """What the error says, on one line; empty for a bare `raise NotImplementedError`, inside a layer's call too."""
    return " ".join(WRAPPING.sub(" ", str(error)).split())


def _describe(error: BaseException) -> str:
    """The error in one line, with the line of the answer it came from."""
    message = _message(error)
    message = message if len(message) <= 160 else message[:157] + "…"
    here = os.path.dirname(__file__)
    frames = [
        f for f in traceback.extract_tb(error.__traceback__)
        if not f.filename.startswith(here) and "site-packages" not in f.filename
    ]  # fmt: skip
    place = f" (line {frames[-1].lineno}: `{frames[-1].line}`)" if frames and frames[-1].line else ""
    return f"it raised {type(error).__name__}: {message}{place}"


def _arrays(c) -> list[np.ndarray]:
    return _arrays_of((c.args, c.kwargs))


def _arrays_of(given: tuple) -> list[np.ndarray]:
    return [v for v in (*given[0], *given[1].values()) if isinstance(v, np.ndarray)]


@contextlib.contextmanager
def _no_warnings():
    """Inside, an overflow or a deprecation says nothing: what is wrong shows in the numbers."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _no_exit():
    """Inside, `os._exit` and `os.abort` raise instead of ending the process."""

    def refuse(*_):
        raise Quit

    saved = os._exit, os.abort
    os._exit = os.abort = refuse
    try:
        yield
    finally:
        os._exit, os.abort = saved


def can_interrupt() -> bool:
    """Whether an alarm signal can end an answer here: on Unix, in the main thread."""
    return hasattr(signal, "SIGALRM") and threading.current_thread() is threading.main_thread()


@contextlib.contextmanager
def time_limit(seconds: float):
    """Raises TimeIsUp in the code inside after `seconds`, and again and again until it gives up.

    With an alarm signal (Unix, main thread) even a sleep is interrupted. Elsewhere the exception is planted
    from another thread and arrives at the next line of Python: a single call that never comes back cannot
    be stopped there, and Jupyter's "Interrupt" is what remains.
    """
    limit = _alarm(seconds) if can_interrupt() else _planted(seconds)
    with limit:
        yield


@contextlib.contextmanager
def _alarm(seconds: float):
    def ring(*_):
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.02)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _planted(seconds: float):
    target, stop = threading.get_ident(), threading.Event()

    def plant():
        wait = seconds
        while not stop.wait(wait):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(target), ctypes.py_object(TimeIsUp))
            wait = 0.02

    watcher = threading.Thread(target=plant, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(target), None)
