"""Runs inside the box, and nowhere else: a parent that never sees an answer, and a child for each question.

The parent imports the framework once, computes nothing and has one thread, so that it can be forked safely. A child
shuts itself in before it reads a line of an answer: namespaces of its own, so that it sees no process but its own, no
network, no file but the course as it stood before the exercise, an empty /tmp; no privilege; limits. The parent watches
its memory and ends it, with all that it started, when it is told to.

It imports nothing of the course: this file, `wire` and `syscalls` are all that the parent has.
"""

import builtins
import contextlib
import ctypes
import json
import linecache
import math
import os
import pickle
import resource
import select
import signal
import socket
import struct
import sys
import time
import types
from pathlib import Path

NAMESPACES = 0x10000000 | 0x20000000 | 0x40000000 | 0x00020000 | 0x08000000 | 0x04000000  # user pid net mount ipc uts
NOSUID, NODEV, READ_ONLY, REMOUNT, BIND, RECURSIVE, PRIVATE = 2, 4, 1, 32, 4096, 16384, 1 << 18
SCRATCH = b"size=64m,nr_inodes=4096,mode=0700"
LIMITS = {  # for each process of a child
    resource.RLIMIT_CPU: 120,  # seconds
    resource.RLIMIT_FSIZE: 32 * 2**20,
    resource.RLIMIT_NOFILE: 256,
    resource.RLIMIT_NPROC: 64 + (os.cpu_count() or 1),  # with threads: a right answer has two dozen, and no processes
    resource.RLIMIT_CORE: 0,
}
NOBODY = 65534
KEYCTL = {"x86_64": 250, "aarch64": 219}  # the number of the system call
NO_KEYRINGS = (1, 38)  # EPERM, ENOSYS: there are none here that an answer could use
WATCH = 0.1  # seconds between two looks at a child's memory
ALLOWED = {  # what an answer may import
    "IPython", "__future__", "abc", "array", "asyncio", "bisect", "cmath", "collections", "concurrent", "contextlib",
    "copy", "csv", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "gc", "glob", "hashlib",
    "heapq", "inspect", "io", "itertools", "json", "keras", "logging", "math", "matplotlib", "numbers", "numpy",
    "operator", "os", "pathlib", "platform", "pprint", "queue", "random", "re", "secrets", "statistics", "string",
    "struct", "sys", "tempfile", "tensorflow", "textwrap", "threading", "time", "timeit", "torch", "tqdm", "traceback",
    "types", "typing", "unicodedata", "utils", "warnings", "weakref", "zlib",
}  # fmt: skip
libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """sealed.py FRAMEWORK CONTROL WALLS MEGABYTES: serves until the control socket is closed."""
    framework, control, walls, megabytes = sys.argv[1], socket.socket(fileno=int(sys.argv[2])), sys.argv[3], sys.argv[4]
    if walls == "yes" and os.getuid() == 0:
        mount("proc", "/proc", "proc", NOSUID | NODEV)  # whole: over one that is masked no child could mount its own
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        must(libc.prctl(4, 1, 0, 0, 0), "dumpable")  # or what is its own in /proc would stay root's
    __import__(framework)
    if framework == "keras":
        import tensorflow  # noqa: F401 - the backend: imported, and not asked to compute anything
    import cloudpickle  # noqa: F401
    import numpy  # noqa: F401
    import syscalls  # noqa: F401 - beside this file

    linecache.getline(__file__, 1)
    say(control, {"ready": True, "threads": len(os.listdir("/proc/self/task")) if sys.platform == "linux" else 1})
    child = None
    while True:
        if child is None or select.select([control], [], [], WATCH)[0]:
            try:
                message, fds, _, _ = socket.recv_fds(control, 65536, 1)
            except OSError:
                message = b""
            if not message:
                break
            request = json.loads(message)
            if request["do"] == "work":
                if child:
                    child.may_work(request["seconds"])
            elif request["do"] == "open":
                child = Child(socket.socket(fileno=fds[0]), request["course"], walls == "yes", int(megabytes))
                say(control, {"opened": True})
            else:
                say(control, child.end(request["gone"]) if child else {"ended": "nothing"})
                child = None
        if child:
            child.look()
    if child:
        child.end(gone=False)


def say(control: socket.socket, what: dict) -> None:
    """A message to the trusted side."""
    control.send(json.dumps(what).encode())


class Child:
    """A question's process, and those that it starts.

    Args:
        channel: on which it speaks with the trusted side; the parent keeps no copy.
        course: the name of the folder with the library as it stood.
        walls: whether to shut it in; otherwise it gets limits alone.
        megabytes: of memory, beyond what the parent has already.
    """

    def __init__(self, channel: socket.socket, course: str, walls: bool, megabytes: int):
        self.megabytes, self.too_much, self.most = megabytes, "", math.inf
        told, tell = os.pipe()
        self.keeper = os.fork()
        if self.keeper == 0:
            os.close(told)
            try:
                keep(channel, course, walls, megabytes, tell)
            finally:
                os._exit(98)
        os.close(tell)
        channel.close()
        with os.fdopen(told, "rb") as file:  # ends when the keeper and the child have let go of their end
            number = file.read()
        self.pid = int(number) if number else None

    def may_work(self, seconds: float) -> None:
        """From now on, it and all that it starts may use so many seconds of the processors together."""
        self.most = seconds + (0 if self.pid is None else seconds_worked([self.pid, *descendants(self.pid)]))

    def look(self) -> None:
        """Ends it where it has taken more memory, or worked longer, than it may."""
        if self.pid is None or self.too_much:
            return
        processes = [self.pid, *descendants(self.pid)]
        if megabytes_beyond(processes) > self.megabytes:
            self.too_much = "memory"
        elif seconds_worked(processes) > self.most:
            self.too_much = "work"
        if self.too_much:
            self.kill()

    def kill(self) -> None:
        """The first process of a namespace takes all others with it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):  # where there are no walls: its group
            os.killpg(self.pid, signal.SIGKILL)

    def end(self, gone: bool) -> dict:
        """Ends it and all that it started; says how it had ended, and what is still there.

        Args:
            gone: whether it has broken off by itself, and how is to be waited for.
        """
        status, by_us = self.status(), False
        patience = time.monotonic() + 2
        while gone and status is None and time.monotonic() < patience:
            time.sleep(0.01)
            status = self.status()
        if status is None:
            by_us = True
            if self.pid is not None:
                self.kill()
            status = os.waitstatus_to_exitcode(os.waitpid(self.keeper, 0)[1])
        ended = self.too_much or ("killed" if by_us else f"status {status}")
        return {"ended": ended, "left": others()}

    def status(self) -> int | None:
        """How the keeper ended; None while it has not."""
        done, status = os.waitpid(self.keeper, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if done else None


def keep(channel: socket.socket, course: str, walls: bool, megabytes: int, tell: int) -> None:
    """Between parent and child: makes the namespaces, starts the child in them, ends as it ends."""
    os.setsid()
    if walls:
        uid, gid = os.getuid(), os.getgid()
        must(libc.unshare(NAMESPACES), "unshare")
        for name, content in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            Path("/proc/self", name).write_text(content)
    child = os.fork()
    if child == 0:
        os.close(tell)
        for fd in map(int, os.listdir("/dev/fd")):  # however many the trusted side had open when it began
            if fd > 2 and fd != channel.fileno():
                with contextlib.suppress(OSError):
                    os.close(fd)
        os.setsid()
        nowhere = os.open("/dev/null", os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(nowhere, fd)
        shut_in(course, walls, megabytes)
        status = 1
        try:
            serve(channel, "/course" if walls else course)
            status = 0
        finally:
            os._exit(status)
    channel.close()
    os.write(tell, str(child).encode())
    os.close(tell)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os._exit(code if code >= 0 else 128 - code)


def shut_in(course: str, walls: bool, megabytes: int) -> None:
    """In the child, before anything of an answer: its own /proc, /tmp and course, limits, no privilege left."""
    if walls:
        forget_keys()
        mount(None, "/", None, RECURSIVE | PRIVATE)
        mount("proc", "/proc", "proc", NOSUID | NODEV)
        mount(f"/courses/{course}", "/course", None, BIND | RECURSIVE)
        for place in ("/courses", "/tmp", "/dev/shm"):
            mount("tmpfs", place, "tmpfs", NOSUID | NODEV, SCRATCH)
        Path("/proc/sys/user/max_user_namespaces").write_text("0")
    for what, most in LIMITS.items():
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + (megabytes + 4096) * 2**20  # address space; what is used is watched
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    if walls:
        must(libc.prctl(38, 1, 0, 0, 0), "no new privileges")
        header, nothing = struct.pack("=Ii", 0x20080522, 0), bytes(24)
        must(libc.capset(header, nothing), "capabilities")
        sys.modules["syscalls"].refuse_calls()
    os.environ.clear()
    os.environ.update({"HOME": "/tmp", "TMPDIR": "/tmp", "TF_CPP_MIN_LOG_LEVEL": "3", "LANG": "C.UTF-8",
                       "MPLBACKEND": "Agg"})  # fmt: skip
    os.chdir("/tmp" if walls else os.getcwd())


def forget_keys() -> None:
    """A keyring of its own in place of the session's, which outlasts an answer and may hold the user's own keys."""
    ctypes.set_errno(0)
    if libc.syscall(KEYCTL[os.uname().machine], 1, None) < 0 and ctypes.get_errno() not in NO_KEYRINGS:
        must(-1, "the session's keyring")


def mount(source, target: str, kind, flags: int, options: bytes | None = None) -> None:
    """The system's own mount."""
    encode = lambda text: None if text is None else text.encode()  # noqa: E731
    must(libc.mount(encode(source), target.encode(), encode(kind), flags, options), f"mount {target}")


def must(result: int, what: str) -> None:
    """Whoever cannot shut an answer in must not run it.

    Raises:
        OSError: it cannot be done here.
    """
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"the box cannot be closed, {what}: {os.strerror(number)}")


def megabytes_beyond(processes: list[int]) -> float:
    """What a child and all that it started have taken, in files of memory too, beyond what they had from the parent."""
    own, total = anonymous("self"), 0
    for other in processes:
        total += max(0, anonymous(str(other)) - own)
    return total / 1024


def seconds_worked(processes: list[int]) -> float:
    """What a child, all that it started, and those of them that it has waited for have used of the processors."""
    total = 0
    for one in processes:
        with contextlib.suppress(OSError, IndexError, ValueError):
            times = Path("/proc", str(one), "stat").read_text().rpartition(")")[2].split()[11:15]
            total += sum(map(int, times))
    return total / os.sysconf("SC_CLK_TCK")


def anonymous(pid: str) -> int:
    """Kilobytes of a process that no file on disk stands behind, in memory or put out of it."""
    try:
        lines = Path("/proc", pid, "status").read_text().splitlines()
    except OSError:
        return 0
    kinds = "RssAnon", "RssShmem", "VmSwap"
    return sum(int(line.split()[1]) for line in lines if line.startswith(kinds))


def descendants(pid: int) -> list[int]:
    """All processes below one. Those whose parent has ended belong to the namespace's first."""
    parents = {}
    for name in os.listdir("/proc") if sys.platform == "linux" else ():
        if name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                parents[int(name)] = int(Path("/proc", name, "stat").read_text().rpartition(")")[2].split()[1])
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        below = [child for child, parent in parents.items() if parent == one]
        found += below
        todo += below
    return found


def others() -> int:
    """How many processes are below the parent; none should be, between two questions."""
    return len(descendants(os.getpid()))


# In the child ---------------------------------------------------------------------------------------


def serve(channel: socket.socket, course: str) -> None:
    """Runs an answer's cells, then each property's cases on the answer, until the channel is closed."""
    sys.path[:0] = [course, os.path.dirname(os.path.abspath(__file__))]
    import wire

    from utils.checks import frame, guard

    try:
        request = pickle.loads(receive(channel))  # from the trusted side
        guard.LIBRARIES += [request["checks"], os.path.dirname(os.path.abspath(__file__))]
    except Exception as error:  # noqa: BLE001 - of the course's own making; the trusted side says so
        send(channel, wire.encode({"broken": f"{type(error).__name__}: {error}"[:1000]}, guard.Crash))
        return
    send(channel, wire.encode({"broken": ""}, guard.Crash))  # from here on nothing that is sent is to be believed
    answer, about = define(request, guard)
    if answer is not None:
        with contextlib.suppress(Exception):  # an object may refuse to be looked at, and be right
            about |= {"blank": frame.is_blank(answer), "left_over": frame.left_over(answer)}
    send(channel, wire.encode(about, guard.Crash))
    while answer is not None and (message := receive(channel)):
        n, cases = pickle.loads(message)
        cases = [frame.Case(*case) for case in cases]
        results, printed = guard.guarded(answer, request["runs"][n], cases, request["seconds"])
        results = [r if isinstance(r, guard.Crash) else frame.plain(r) for r in results]
        try:
            message = wire.encode({"results": results, "printed": printed}, guard.Crash)
        except Exception:  # noqa: BLE001 - too large, or an answer's own object that refuses to be looked at
            results = [that_fits(r, len(results) + 1, wire, guard.Crash) for r in results]
            message = wire.encode({"results": results, "printed": printed}, guard.Crash)
        send(channel, message)


def that_fits(result, count: int, wire, crash: type):
    """A result that a message can hold, or a crash that says why it cannot: an honest slip may give a million rows."""
    try:
        wire.encode(result, crash, count)
    except wire.TooLarge:
        shape = getattr(result, "shape", None)
        what = f"an array of shape {shape}" if shape else f"a {type(result).__name__}"
        return crash("too large", f"{what} came back, far more than is asked for")
    except Exception as error:  # noqa: BLE001 - an answer's own objects may refuse to be looked at
        return crash("unusable", f"what came back cannot be looked at: {type(error).__name__}")
    return result


def define(request: dict, guard) -> tuple:
    """The answer that its cells define, or None; and what happened meanwhile: remarks, and the error if there was."""
    module = sys.modules["answer"] = types.ModuleType("answer")
    module.__file__ = "your answer"
    remarks, space = [], vars(module)
    space["__builtins__"] = dict(vars(builtins))
    if request["short_list"]:
        space["__builtins__"]["__import__"] = watched_import(remarks)
    wanted, error, todo = request["name"], None, list(enumerate(request["cells"]))
    while todo:
        again = []
        for n, (own, code) in todo:
            file = f"your answer {n + 1}" if n else "your answer"
            linecache.cache[file] = len(code), None, [f"{line}\n" for line in code.split("\n")], file

            def run(code=code, file=file):
                exec(compile(code, file, "exec"), space)  # noqa: S102 - this is what the walls are for

            try:
                with guard._no_exit(), guard._no_warnings():
                    guard.limited(run, request["seconds"])
            except BaseException as raised:  # noqa: B036 - an answer may raise anything
                again.append((n, (own, code), raised))
            for name, place in request["library"].items():  # what earlier lessons built is the library's: right for all
                if name != wanted and (name in space or name in request["beside"]):
                    space[name] = getattr(__import__(place, fromlist=[name]), name)
        missing = any(type(raised) is NameError for *_, raised in again)  # perhaps its cell stands further down
        if not missing or len(again) == len(todo):
            break
        todo = [(n, cell) for n, cell, _ in again]
    for _, (own, _), raised in again:
        line = f"{type(raised).__name__}: {raised}"[:300]
        if own:
            error = line
        else:
            remarks.append(f"a line beside the answer was left out, {line}")
    answer = space.get(wanted)
    about = {"error": error or ("" if callable(answer) else f"the cell defines no {wanted}"), "remarks": remarks[:10]}
    return (answer if callable(answer) and not error else None), about


def watched_import(remarks: list[str]):
    """Imports what an answer needs; of the rest it says so. A rule, not a wall: the walls are around all of it."""

    def guarded_import(name, globals=None, locals=None, fromlist=(), level=0):
        if name.partition(".")[0] not in ALLOWED:
            remarks.append(f"it imports {name}, which is not at hand for answers")
            raise ImportError(f"{name} is not at hand for answers")
        return __import__(name, globals, locals, fromlist, level)

    return guarded_import


def receive(channel: socket.socket) -> bytes:
    """A message, its length before it; empty where the channel was closed."""
    head = exactly(channel, 8)
    return exactly(channel, struct.unpack(">Q", head)[0]) if head else b""


def exactly(channel: socket.socket, count: int) -> bytes:
    """So many bytes; empty where the channel was closed."""
    parts = []
    while count:
        part = channel.recv(min(count, 2**20))
        if not part:
            return b""
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def send(channel: socket.socket, message: bytes) -> None:
    """A message, its length before it."""
    channel.sendall(struct.pack(">Q", len(message)) + message)


if __name__ == "__main__":
    main()
