"""Runs an answer that nobody trusts: whatever it does becomes a line to read, and the kernel lives on."""

import contextlib
import copy
import ctypes
import io
import os
import re
import signal
import sys
import sysconfig
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

# What Keras and TensorFlow put around the message itself: colours, the node, which layer was called with what.
WRAPPING = re.compile(
    r"\x1b\[[0-9;]*m|(?:dummy_file_name: )?\{\{(?:function_node|node) .*?\}\}|"
    r"Exception encountered when calling \S+|\[Op:.*|Arguments received by .*",
    re.DOTALL,
)


# utils and Python's own: whose lines are never quoted as the learner's
LIBRARIES = [os.path.dirname(os.path.dirname(__file__)), sysconfig.get_path("stdlib")]

PATIENCE = 4  # by the clock an answer may take so many times as long as it may work, where others use the machine too
ALONE = 1.2  # the same where they do not: it must be waiting for itself


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

    def all_cases():
        for c in cases:
            results.append(_one(answer, run, c))
            if isinstance(results[-1], Crash) and results[-1].final:
                break

    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()), _no_exit(), _no_warnings():
        try:
            limited(all_cases, seconds)
        except TimeIsUp:
            line = f"still running after {seconds:g} seconds: a loop without an end?"
            results.append(Crash("time", line, final=True))
        except KeyboardInterrupt:
            results.append(Crash("interrupted", "interrupted before it came to an end", final=True))
    return results, " ".join(out.kept.split())


def _one(answer, run: Callable, c):
    given, came_back, inside = copy.deepcopy((c.args, c.kwargs)), [], [False]

    def watched(*args, **kwargs):
        inside[0] = True
        came_back.append(answer(*args, **kwargs))
        inside[0] = False
        return came_back[-1]

    try:
        with _unembellished():
            result = run(answer if isinstance(answer, type) else watched, *given[0], **given[1])
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
        if came_back and came_back[-1] is None:
            return Crash("nothing", "nothing came back: is a `return` missing?")
        over = came_back and not inside[0] and not hasattr(came_back[-1], "__enter__")
        user = getattr(getattr(run, "__code__", None), "co_filename", "")
        if over and all(frame.filename == user for frame in _answers_frames(error)):  # what came of it does not do
            return Crash("unusable", _unusable(came_back[-1], error))
        return Crash(type(error).__name__, _describe(error))
    for before, after in zip((*c.args, *c.kwargs.values()), (*given[0], *given[1].values()), strict=True):
        if line := _changed(before, after):
            return Crash("mutated", line)
    return result


def _changed(before, after, holder: str = "") -> str:
    """What to say where an array, a list or a dictionary that was given holds something else now; empty if none does.

    Other objects, a generator of random numbers or a model, may change: that is for a property to judge.
    """
    line = f"it changes the {holder} it was given: build a new one"
    if type(before) is not type(after):
        return line
    if isinstance(before, np.ndarray):
        same = np.array_equal(before, after, equal_nan=before.dtype.kind == "f")
        return "" if same else "it changes the array it was given: work on a copy, or build a new array"
    if isinstance(before, (list, tuple, dict)):
        holder = {list: "list", dict: "dictionary"}.get(type(before), holder)
        if len(before) != len(after) or isinstance(before, dict) and list(before) != list(after):
            return f"it changes the {holder} it was given: build a new one"
        pairs = zip(*(v.values() if isinstance(v, dict) else v for v in (before, after)), strict=True)
        return next(filter(None, (_changed(one, other, holder) for one, other in pairs)), "")
    plain = isinstance(before, (str, bytes, int, float, type(None)))
    return line if plain and before is not after and before != after else ""


def _message(error: BaseException) -> str:
    """What the error says, on one line; empty for a bare `raise NotImplementedError`, inside a layer's call too."""
    return " ".join(WRAPPING.sub(" ", str(error)).split())


def _describe(error: BaseException) -> str:
    """The error in one line, with the line of the answer it came from."""
    message, frames = _message(error), _answers_frames(error)
    message = message if len(message) <= 160 else message[:157] + "…"
    place = f" (line {frames[-1].lineno}: `{frames[-1].line}`)" if frames and frames[-1].line else ""
    return f"it raised {type(error).__name__}: {message}{place}"


def _answers_frames(error: BaseException) -> list[traceback.FrameSummary]:
    """The lines of the answer that an error went through: none of the course's library or of another's."""
    return [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((*LIBRARIES, "<frozen")) and "site-packages" not in frame.filename
    ]


def _unusable(came_back, error: BaseException) -> str:
    """What to say where an answer came back and could not be used."""
    if isinstance(came_back, dict) and isinstance(error, KeyError):
        if isinstance(error.args[0], int):  # read as a pair or a list is
            return f"a dictionary came back, its keys are {list(came_back)}: results in their order are asked for"
        return f"{error.args[0]!r} is missing in the dictionary that came back; its keys are {list(came_back)}"
    what = type(came_back).__name__
    if isinstance(came_back, (tuple, list)):
        what = f"a {what} of {len(came_back)}" + (f", first a {type(came_back[0]).__name__}" if came_back else "")
    elif isinstance(shape := getattr(came_back, "shape", None), tuple):
        what = f"an array of shape {tuple(shape)}"
    elif shape is not None:  # TensorFlow's, which may not even know how many axes there are
        what = f"a tensor of shape {shape}"
    return f"what came back is not what is asked for, compare it with the text: {what} ({_message(error)[:120]})"


@contextlib.contextmanager
def _no_warnings():
    """Inside, an overflow or a deprecation says nothing: what is wrong shows in the numbers."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _unembellished():
    """Inside, Keras does not rewrite what a layer raises: a blank method stays a bare NotImplementedError."""
    keras = sys.modules.get("keras")  # not there in PyTorch's lesson
    if keras is None:
        yield
        return
    rewrites = keras.config.is_traceback_filtering_enabled()
    keras.config.disable_traceback_filtering()
    try:
        yield
    finally:
        if rewrites:
            keras.config.enable_traceback_filtering()


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


def limited(function: Callable, seconds: float):
    """Calls `function`; after `seconds` raises TimeIsUp inside it, again and again until it gives up.

    The seconds are the processor's, so that a machine that is busy with forty others condemns nobody; by the clock
    it may take PATIENCE times as long there, ALONE times where nobody else works. Where a thread's processor time
    cannot be read, the clock's count.

    With an alarm signal (Unix, main thread) even a sleep is interrupted. Elsewhere the exception is planted
    from another thread and arrives at the next line of Python: a single call that never comes back cannot
    be stopped there, and Jupyter's "Interrupt" is what remains. An answer that swallows everything with a bare
    `except:` gets the exception so often that one soon falls outside its `try`.
    """
    return (_with_alarm if can_interrupt() else _with_watcher)(function, seconds)


def _countdown(seconds: float) -> Callable[[], float]:
    """Seconds that the calling thread has left at least, by either clock; any thread may ask."""
    if not hasattr(time, "pthread_getcpuclockid"):
        end = time.monotonic() + seconds
        return lambda: end - time.monotonic()
    clock = time.pthread_getcpuclockid(threading.get_ident())
    worked, latest = time.clock_gettime(clock) + seconds, time.monotonic() + patience() * seconds
    return lambda: min(worked - time.clock_gettime(clock), latest - time.monotonic())


def patience() -> float:
    """How many times as long as it may work an answer may take by the clock."""
    return PATIENCE if os.getloadavg()[0] > (os.cpu_count() or 1) else ALONE


def _with_alarm(function: Callable, seconds: float):
    done, left = False, _countdown(seconds)

    def ring(_, frame):
        if done:
            return
        signal.setitimer(signal.ITIMER_REAL, max(left(), 1e-4))
        if left() > 0:
            return
        if frame is None or frame.f_code.co_filename != __file__:  # never into this file's own tidying up
            raise TimeIsUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return function()
    finally:
        done = True  # first of all: a late ring must not set the alarm again
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _with_watcher(function: Callable, seconds: float):
    target, done, left = threading.get_ident(), threading.Event(), _countdown(seconds)

    def plant(what):
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(target), ctypes.py_object(what) if what else None)

    def watch():
        wait = seconds
        while not done.wait(wait):
            frame, wait = sys._current_frames().get(target), max(left(), 2e-4)
            if left() <= 0 and frame is not None and frame.f_code.co_filename != __file__:
                plant(TimeIsUp)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        return function()
    finally:
        _stop(done, watcher)
        plant(None)


def _stop(done: threading.Event, watcher: threading.Thread) -> None:
    """Ends the watcher, even if its last exception arrives meanwhile."""
    while watcher.is_alive():
        try:
            done.set()
            watcher.join()
        except TimeIsUp:
            continue
