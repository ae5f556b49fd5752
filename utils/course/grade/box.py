"""Speaks with a box: sends an answer's cells and inputs in, gets plain results out, and ends what does not end.

This side is trusted and believes nothing that comes out: see `wire`. What runs inside is `sealed`.
"""

import contextlib
import functools
import io
import json
import math
import os
import pickle
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from utils.checks.frame import SECONDS, Case, Exercise, Place
from utils.checks.guard import PATIENCE, Crash
from utils.course.grade.isolation import ADVICE, ISOLATIONS, BoxError
from utils.course.grade.walls import asked, build_course
from utils.course.grade.wire import LARGEST, WireError, decode
from utils.course.source import ROOT

HERE = Path(__file__).parent
MEGABYTES = 1536  # of memory for one question, beyond what the framework takes
START = 180  # seconds for a box to import its framework
ANSWERS = 120  # seconds for it to begin with an answer, or to end one: moments, but on a machine that is busy
REMARKS = 10  # that are kept
BY_THE_CLOCK = SECONDS * PATIENCE + 5  # seconds that one property may take
WORK = 2 * SECONDS + 3  # of the processors, together with all that it starts: the guard stops it at SECONDS


class Box:
    """Walls with the framework inside, used for one question after the other.

    Args:
        framework: "keras" or "torch".
        isolation: "bubblewrap", or "process", which has no walls: limits of time, memory and processes alone.
        megabytes: of memory for a question.
        seconds: by the clock for one property of an answer, after which it is ended from outside.
        work: seconds of the processors for the same, its processes and threads together.

    Raises:
        BoxError: there is no bubblewrap, or it may not make namespaces here.
    """

    def __init__(self, framework: str = "keras", isolation: str = "bubblewrap", megabytes: int = MEGABYTES,
                 seconds: float = BY_THE_CLOCK, work: float = WORK):  # fmt: skip
        if isolation not in ISOLATIONS:
            raise ValueError(f"isolation must be one of {ISOLATIONS}. Received: {isolation!r}")
        self.framework, self.isolation, self.megabytes = framework, isolation, megabytes
        self.seconds, self.work = seconds, work
        self.short_list = True  # whether answers import from a short list alone: a rule, the walls do not need it
        self.folder = Path(tempfile.mkdtemp(prefix="course-box-"))
        self.process, self.control = None, None
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Starts the sealed parent and waits until its framework is imported."""
        (self.folder / "courses").mkdir(exist_ok=True)
        (self.folder / "tmp").mkdir(exist_ok=True)
        for folder in (self.folder, self.folder / "courses"):
            folder.chmod(0o755)
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        inside = ["sealed.py", self.framework, str(theirs.fileno()), "yes" if self.walls else "no", str(self.megabytes)]
        self.words = open(self.folder / "words", "w+b")  # what it says on stderr, which nobody fills: see RLIMIT_FSIZE
        command = self._command(inside)
        self.process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=self.words, env=environment(), cwd=self.folder / "tmp",
        )  # fmt: skip
        theirs.close()
        try:
            self.hear(START)
        except BoxError as error:
            self.words.seek(0)
            said = self.words.read(2000).decode("utf-8", "replace").strip()
            raise BoxError(f"{error} {said}\n{ADVICE}" if self.walls else f"{error} {said}") from error

    @property
    def walls(self) -> bool:
        """Whether an answer is shut in."""
        return self.isolation == "bubblewrap"

    def _command(self, inside: list[str]) -> list[str]:
        """The command that starts the sealed parent. Started by root, it becomes nobody before it reads anything."""
        if not self.walls:
            return [sys.executable, str(HERE / inside[0]), *inside[1:]]
        if (bwrap := shutil.which("bwrap")) is None:
            raise BoxError(f"There is no bubblewrap here (bwrap). {ADVICE}")
        command = [bwrap, "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
        if os.getuid() == 0:  # the limit of processes does not hold for root's own, in a user namespace neither
            command += [f"--unshare-{name}" for name in ("ipc", "pid", "net", "uts")]
            capabilities = ("CAP_SETUID", "CAP_SETGID", "CAP_SYS_ADMIN")  # to mount /proc and become nobody, then gone
            command += ["--unshare-cgroup-try", *(part for name in capabilities for part in ("--cap-add", name))]
            command += ["--perms", "0755", "--dir", "/proc"]
        else:
            command += ["--unshare-all", "--proc", "/proc"]
        python, packages = os.path.realpath(sys.executable), os.path.realpath(sys.prefix)
        roots = {"/usr", os.path.realpath(sys.base_prefix), sys.base_prefix}
        if not Path(python).is_relative_to(packages):
            roots.add(os.path.dirname(python))
        if sys.prefix != sys.base_prefix:  # the project may lie anywhere, below /tmp too, which a box of its own hides
            python = f"/environment/bin/{os.path.basename(sys.executable)}"
            command += ["--ro-bind", packages, "/environment"]
        if hidden := [root for root in roots if Path(root).is_relative_to("/tmp")]:
            raise BoxError(f"Python lies in {hidden[0]}, and a box has a /tmp of its own: use a Python from elsewhere.")
        for root in sorted(roots, key=len):
            if not any(Path(root).is_relative_to(other) for other in roots if other != root and len(other) < len(root)):
                above = [str(parent) for parent in reversed(Path(root).parents) if str(parent) != "/"]
                command += [part for parent in above for part in ("--perms", "0755", "--dir", parent)]
                command += ["--ro-bind", root, root]
        for name in ("lib", "lib64", "lib32", "bin"):
            place = Path("/", name)
            if place.is_symlink():
                command += ["--symlink", os.readlink(place), str(place)]
            elif place.is_dir():
                command += ["--ro-bind", str(place), str(place)]
        command += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache", "--dev", "/dev"]
        command += ["--perms", "0755", "--dir", "/sealed"]
        for name in ("sealed.py", "syscalls.py", "wire.py"):
            command += ["--ro-bind", str(HERE / name), f"/sealed/{name}"]
        command += ["--ro-bind", str(self.folder / "courses"), "/courses", "--perms", "0755", "--dir", "/course"]
        command += ["--perms", "1777", "--tmpfs", "/tmp"]
        command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp", "--clearenv"]
        for name, value in environment().items():
            command += ["--setenv", name, value]
        return [*command, python, f"/sealed/{inside[0]}", *inside[1:]]

    def hear(self, seconds: float) -> dict:
        """The sealed parent's next message.

        Raises:
            BoxError: none came in so many seconds, or the box is gone.
        """
        self.control.settimeout(seconds)
        try:
            message = self.control.recv(65536)
        except TimeoutError as error:
            raise BoxError(f"The box said nothing for {seconds:.0f} s.") from error
        except OSError as error:
            raise BoxError(f"The box is gone: {error}.") from error
        if not message:
            raise BoxError("The box ended by itself.")
        return json.loads(message)

    def open(self, exercise: Exercise, cells: list[tuple[bool, str]], until: float = math.inf,
             own: frozenset[str] = frozenset()) -> "Answer":  # fmt: skip
        """Runs an answer's cells in a child of the box.

        Args:
            exercise: that it answers.
            cells: code in order, each with whether it defines the answer itself.
            until: when it is to be ended at the latest, by time.monotonic.
            own: earlier exercises that stay the learner's own; the others are the library's.
        """
        course = self.folder / "courses" / exercise.name
        if not course.exists():
            part = course.with_name(f"{course.name}.part")
            shutil.rmtree(part, ignore_errors=True)
            build_course(exercise.name, part, asking(exercise))
            part.rename(course)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        name = exercise.name if self.walls else str(course)
        try:
            socket.send_fds(self.control, [json.dumps({"do": "open", "course": name}).encode()], [theirs.fileno()])
        finally:
            theirs.close()
        self.hear(ANSWERS)
        return Answer(self, ours, exercise, cells, until, own)

    def may_work(self) -> None:
        """The child's time begins anew."""
        try:
            self.control.send(json.dumps({"do": "work", "seconds": self.work}).encode())
        except OSError as error:
            raise BoxError(f"The box is gone: {error}.") from error

    def end(self, gone: bool = False) -> str:
        """Ends the child and what it started; says how it had ended.

        Args:
            gone: whether it has broken off by itself.

        Raises:
            BoxError: something of it is still there.
        """
        self.control.send(json.dumps({"do": "end", "gone": gone}).encode())
        verdict = self.hear(ANSWERS)
        if verdict.get("left"):
            raise BoxError(f"{verdict['left']} processes of an answer are still there.")
        return verdict["ended"]

    def close(self) -> None:
        """Ends the box with everything in it, and removes its files."""
        if self.control:
            self.control.close()
        if self.process:
            self.process.kill()
            self.process.wait()
            self.words.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "Box":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def environment() -> dict[str, str]:
    """All that a box knows of the world: one thread before the fork, no messages, a home that is empty."""
    return {
        "HOME": "/tmp", "TMPDIR": "/tmp", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "",
        "TF_NUM_INTEROP_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
    }  # fmt: skip


class Answer(Place):
    """An answer behind walls, as `frame.examine` uses it: it is run there, judged here."""

    def __init__(self, box: Box, channel: socket.socket, exercise: Exercise, cells: list[tuple[bool, str]],
                 until: float, own: frozenset[str] = frozenset()):  # fmt: skip
        self.box, self.channel, self.verdict, self.until = box, channel, "", math.inf
        library = {each.name: each.symbol.rpartition(".")[0] for each in _before(exercise.name)}
        library = {
            name: "utils.checks" if place.startswith("utils.checks.") else place
            for name, place in library.items()
            if name not in own
        }
        beside = [
            each.name for each in _before(exercise.name) if each.lesson == exercise.notebook and each.name not in own
        ]  # checked already
        request = {
            "name": exercise.name, "cells": cells, "library": library, "seconds": SECONDS,
            "runs": [prop.run for prop in exercise.properties], "checks": str(ROOT / "utils"),
            "short_list": box.short_list, "beside": beside,
        }  # fmt: skip
        loaded = self._ask(dumps(request), START)  # before a line of the answer is run
        if isinstance(loaded, Crash) or loaded["broken"]:
            raise BoxError(f"{exercise.name} cannot be asked in a box: {getattr(loaded, 'line', loaded)}")
        self.until = until  # what went before was the box's own work
        box.may_work()
        about = self._hear(box.seconds)
        if isinstance(about, Crash) or not isinstance(about, dict):
            about = {"error": about.line if isinstance(about, Crash) else "its cells gave no sign"}
        remarks = about.get("remarks")  # of the answer's making, perhaps: none of it need be what it should
        self.remarks = [str(r)[:400] for r in remarks[:REMARKS]] if isinstance(remarks, list) else []
        self.error, self.rest = str(about.get("error", ""))[:400], str(about.get("left_over", ""))[:200]
        self.blank = about.get("blank") is True

    def is_blank(self, answer) -> bool:
        """Whether nothing was written yet."""
        return self.blank

    def left_over(self, answer) -> str:
        """What to say where the blank's own line still stands."""
        return self.rest

    def results(self, answer, exercise: Exercise, n: int, cases: list[Case]) -> tuple[list, str]:
        """What property n gets on its cases; a crash that is final where it broke out, broke down or never ended."""
        self.box.may_work()
        reply = self._ask(dumps((n, [(case.args, case.kwargs) for case in cases])), self.box.seconds)
        if isinstance(reply, Crash):
            return [reply], ""
        results = reply.get("results") if isinstance(reply, dict) else None
        if not isinstance(results, list) or len(results) > len(cases):
            return [Crash("forged", "what came out of the box is no result", final=True)], ""
        short = len(results) < len(cases) and not (results and isinstance(results[-1], Crash) and results[-1].final)
        if short:
            return [*results, Crash("forged", "a result is missing", final=True)], ""
        return results, str(reply.get("printed", ""))[:40]

    def _ask(self, message: bytes, seconds: float):
        """Sends and waits; a Crash where nothing sensible came back in time."""
        try:
            self.channel.settimeout(seconds)
            self.channel.sendall(struct.pack(">Q", len(message)) + message)
        except TimeoutError:
            self._end()
            return Crash("time", "it does not listen any more, and was ended", final=True)
        except OSError:
            return self._why(self._end(gone=True))
        return self._hear(seconds)

    def _hear(self, seconds: float):
        """A reply; a Crash where nothing sensible came in time."""
        deadline = min(time.monotonic() + seconds, self.until)
        try:
            length = struct.unpack(">Q", self._exactly(8, deadline))[0]
            if length > LARGEST:
                raise WireError(f"a reply of {length} bytes")
            return decode(self._exactly(length, deadline), Crash)
        except TimeoutError:
            self._end()
            if time.monotonic() >= self.until:
                return Crash("time", "the notebook's answers took longer together than they may", final=True)
            return Crash("time", f"still running after {seconds:g} seconds by the clock, and was ended", final=True)
        except WireError as error:
            self._end()
            return Crash("forged", f"what came out of the box is no result: {error}", final=True)
        except OSError:
            return self._why(self._end(gone=True))

    def _exactly(self, count: int, deadline: float) -> bytes:
        parts = []
        while count:
            if (left := deadline - time.monotonic()) <= 0:
                raise TimeoutError
            self.channel.settimeout(left)
            part = self.channel.recv(min(count, 2**20))
            if not part:
                raise ConnectionResetError
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _why(self, verdict: str) -> Crash:
        if verdict == "memory":
            return Crash("memory", f"it took more than {self.box.megabytes} MB of memory, and was ended", final=True)
        if verdict in ("work", f"status {128 + 24}"):
            return Crash("time", "it worked for longer than it may, and was ended", final=True)
        return Crash("died", f"its process ended ({verdict}) before an answer came", final=True)

    def _end(self, gone: bool = False) -> str:
        if not self.verdict:
            self.verdict = self.box.end(gone)
        return self.verdict

    def close(self) -> None:
        """Ends the child, if it has not ended."""
        self._end()
        with contextlib.suppress(OSError):
            self.channel.close()

    def __enter__(self) -> "Answer":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def _before(name: str) -> tuple:
    order = [each.name for each in asked()]
    return asked()[: order.index(name)]


def dumps(what) -> bytes:
    """What goes in: inputs, and how an answer is used on them; functions of the checks as values, not as names."""
    import cloudpickle

    class Pickler(cloudpickle.Pickler):
        def reducer_override(self, item):
            if isinstance(
                item, functools._lru_cache_wrapper
            ):  # pickled by its name otherwise, which is not known inside
                return functools.lru_cache(**item.cache_parameters()), (item.__wrapped__,)
            return super().reducer_override(item)

    for module in [module for name, module in list(sys.modules.items()) if _travels(name)]:
        cloudpickle.register_pickle_by_value(module)
    file = io.BytesIO()
    Pickler(file, protocol=pickle.HIGHEST_PROTOCOL).dump(what)
    return file.getvalue()


def asking(exercise: Exercise) -> frozenset[str]:
    """The modules of the library that a check needs where the answer runs."""
    import pickletools

    words = [said for _, said, _ in pickletools.genops(dumps([prop.run for prop in exercise.properties]))
             if isinstance(said, str)]  # fmt: skip
    return frozenset(word for word in words if word.startswith("utils.") and not word.startswith("utils.checks"))


def _travels(name: str) -> bool:
    """Whether a module's functions go in as values: the checks, but for the two files that the box has."""
    return name.startswith("utils.checks.") and name not in ("utils.checks.frame", "utils.checks.guard")
