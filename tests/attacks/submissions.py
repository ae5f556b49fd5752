"""The attempts, by what they try: answers to `softmax`."""
# ruff: noqa: E501 - an attempt reads best whole

import os
from dataclasses import dataclass

from utils.course.grade.syscalls import ARCHITECTURES, NOT_THERE, REFUSED
from utils.course.source import ROOT

RIGHT = """
import numpy as np

def softmax(x, axis=-1):
    x = np.asarray(x)
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
"""
WRONG = """
import numpy as np

def softmax(x, axis=-1):
    return np.zeros(np.shape(x))
"""


@dataclass(frozen=True)
class Attack:
    """An attempt.

    Attributes:
        name: what it tries.
        code: the submission.
        honest: what it comes to where the attempt fails; it must get the same marks.
        statuses: of which its status must be one.
    """

    name: str
    code: str
    honest: str = WRONG
    statuses: tuple[str, ...] = ("graded",)


def first_try(attempt: str, honest: str = WRONG) -> str:
    """A submission whose answer makes an attempt and returns its `found`, or does what is honest."""
    body = "\n".join("        " + line for line in attempt.strip().splitlines())
    lines = [
        "import numpy as np", honest.replace("def softmax", "def honest"), "def softmax(x, axis=-1):",
        "    found = None", "    try:", body, "    except BaseException:", "        found = None",
        "    return honest(x, axis) if found is None else found",
    ]  # fmt: skip
    return "\n".join(lines)


READING = [
    Attack("the reference, imported", first_try("from utils.checks.why_attention.softmax import softmax as s\nfound = s(x, axis)")),
    Attack("the reference, from the package", first_try("from utils.checks import softmax as s\nfound = s(x, axis)")),
    Attack("the list of exercises", first_try("from utils.checks.frame import EXERCISES\nfound = EXERCISES['softmax'].reference(x, axis)")),
    Attack(
        "the reference, among all objects",
        first_try(
            "import gc\n"
            "for o in gc.get_objects():\n"
            "    if type(o).__name__ == 'Exercise' and o.name == 'softmax':\n"
            "        found = o.reference(x, axis)"
        ),
    ),
    Attack(
        "the expected values, in the frames above",
        first_try(
            "import sys\n"
            "frame = sys._getframe()\n"
            "while frame:\n"
            "    for name in ('expected', 'oracle', 'reference', 'want'):\n"
            "        if name in frame.f_locals:\n"
            "            found = frame.f_locals[name]\n"
            "    frame = frame.f_back"
        ),
    ),
    Attack("the project's files", first_try(f"found = open({str(ROOT / 'README.md')!r}).read()")),
    Attack("other submissions, through /proc", first_try(
        "import glob, os\nmine = str(os.getpid())\n"
        "found = [p for p in glob.glob('/proc/[0-9]*/cmdline') if p.split('/')[2] != mine][0]")),
    Attack("the parent's memory", first_try("import os\nfound = open(f'/proc/{os.getppid()}/mem', 'rb').read(1)")),
    Attack("the environment", first_try("import os\nfound = [k for k in os.environ if 'COURSE' in k or 'TOKEN' in k or k == 'USER'][0]")),
    Attack("the password file", first_try("found = open('/etc/passwd').read()")),
    Attack("the home", first_try("import os\nfound = [n for n in os.listdir(os.path.expanduser('~'))][0]")),
    Attack("other courses' folders", first_try("import os\nfound = os.listdir('/courses')[0]")),
    Attack("what earlier submissions left in /tmp", first_try("import os\nfound = os.listdir('/tmp')[0]")),
    Attack("what earlier submissions left in shared memory", first_try("import os\nfound = os.listdir('/dev/shm')[0]")),
    Attack("the control socket", first_try(
        "import os, socket\n"
        "for fd in range(3, 256):\n"
        "    try:\n"
        "        s = socket.socket(fileno=fd)\n"
        "    except OSError:\n"
        "        continue\n"
        "    if s.type == socket.SOCK_SEQPACKET:\n"
        "        found = s.send(b'{}')\n"
        "    s.detach()")),
]  # fmt: skip

REACHING = [
    Attack("the network", first_try("import socket\nfound = socket.create_connection(('127.0.0.1', 22), 1)")),
    Attack("another machine", first_try("import socket\nfound = socket.create_connection(('192.0.2.1', 80), 1)")),
    Attack("a name server", first_try("import socket\nfound = socket.getaddrinfo('example.org', 80)[0]")),
    Attack("an abstract socket", first_try(
        "import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('\\0course-test-listener')\nfound = 1")),
    Attack("the host's name", first_try("import socket\nfound = None if socket.gethostname() else None")),
    Attack("a privilege", first_try("import os\nos.setuid(0)\nfound = 1")),
    Attack("a mount", first_try(
        "import ctypes\nr = ctypes.CDLL(None).mount(b'tmpfs', b'/usr', b'tmpfs', 0, None)\nfound = 1 if r == 0 else None")),
    Attack("a namespace", first_try(
        "import ctypes\nr = ctypes.CDLL(None).unshare(0x10000000)\nfound = 1 if r == 0 else None")),
    Attack("writing into the course", first_try("open('/course/utils/extra.py', 'w').write('')\nfound = 1")),
    Attack("writing into the packages", first_try("import numpy, os\nopen(os.path.dirname(numpy.__file__) + '/x', 'w')\nfound = 1")),
    Attack("writing into /dev", first_try("open('/dev/extra', 'w').write('')\nfound = 1")),
    Attack("a larger limit", first_try(
        "import resource\nresource.setrlimit(resource.RLIMIT_NPROC, (10**6, 10**6))\nfound = 1")),
    Attack("a signal to everybody", first_try("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nfound = None")),
]  # fmt: skip

ENDED = ("died", "timed out", "out of memory", "graded", "cheating attempt")
OUTLASTING = [
    Attack("leaves at once", first_try("import os\nos._exit(0)"), statuses=("died", "graded")),
    Attack("leaves by a system call", first_try("import ctypes\nctypes.CDLL(None)._exit(0)"), statuses=("died",)),
    Attack("kills itself", first_try("import os, signal\nos.kill(os.getpid(), 9)\nimport time\ntime.sleep(60)"),
           statuses=("died", "timed out")),
    Attack("a loop without an end", first_try("while True: pass", WRONG), statuses=("timed out",)),
    Attack("a loop that swallows everything", "def softmax(x, axis=-1):\n    while True:\n        try:\n            while True: pass\n"
           "        except BaseException:\n            pass\n", statuses=("timed out",)),
    Attack("a loop that no alarm reaches", "import signal, time\n\ndef softmax(x, axis=-1):\n"
           "    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))\n    while True: time.sleep(1)\n", statuses=("timed out",)),
    Attack("memory without an end", first_try("kept = []\nwhile True: kept.append(np.ones(10**7))"),
           statuses=("out of memory", "graded")),
    Attack("a file without an end", first_try(
        "with open('/tmp/large', 'wb') as file:\n    while True: file.write(bytes(10**6))")),
    Attack("many small files", first_try("import os\nfor n in range(10**6): os.mkdir(f'/tmp/{n}')")),
    Attack("shared memory without an end", first_try(
        "with open('/dev/shm/large', 'wb') as file:\n    while True: file.write(bytes(10**6))")),
    Attack("deep recursion", first_try("def down(n): return down(n + 1)\nfound = down(0)")),
    Attack("prints without an end", first_try("for n in range(10**5): print('x' * 1000)")),
    Attack("processes that stay", first_try(
        "import os, time\n"
        "for n in range(40):\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        time.sleep(600)\n"
        "        os._exit(0)")),
    Attack("more processes than there may be", first_try(
        "import os, time\n"
        "for n in range(400):\n"
        "    if os.fork() == 0:\n"
        "        time.sleep(600)\n"
        "        os._exit(0)"), statuses=("graded", "timed out")),
    Attack("threads that stay", first_try(
        "import threading, time\n"
        "for n in range(40): threading.Thread(target=time.sleep, args=(600,), daemon=False).start()")),
]  # fmt: skip

_FORGE = """
import os, struct, json
import numpy as np

def channel():
    import socket, stat
    for fd in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                return fd
        except OSError:
            pass

def softmax(x, axis=-1):
    fd = channel()
    {say}
    return np.zeros(np.shape(x))
"""
FORGING = [
    Attack("a reply of its own", _FORGE.replace("{say}",
           "m = json.dumps({'value': {'dict': []}, 'blobs': []}).encode() + b'\\n'; os.write(fd, struct.pack('>Q', len(m)) + m)"),
           statuses=("cheating attempt", "graded")),
    Attack("a reply too large to hold", _FORGE.replace("{say}", "os.write(fd, struct.pack('>Q', 2**60))"),
           statuses=("cheating attempt",)),
    Attack("a reply that is no message", _FORGE.replace("{say}", "os.write(fd, struct.pack('>Q', 5) + b'hello')"),
           statuses=("cheating attempt",)),
    Attack("a reply that never ends", _FORGE.replace("{say}", "os.write(fd, struct.pack('>Q', 2**20)); import time; time.sleep(600)"),
           statuses=("timed out", "cheating attempt")),
    Attack("numbers that do not fit their shape", _FORGE.replace("{say}",
           "m = json.dumps({'value': {'array': ['float64', [2**40], 0]}, 'blobs': [8]}).encode() + b'\\n' + bytes(8); "
           "os.write(fd, struct.pack('>Q', len(m)) + m)"), statuses=("cheating attempt",)),
    Attack("closes the channel", _FORGE.replace("{say}", "os.close(fd)"), statuses=("died",)),
]  # fmt: skip

PRETENDING = [
    Attack("an array that equals everything", """
import numpy as np

class Equal(np.ndarray):
    def __eq__(self, other): return np.ones(self.shape, bool)
    def __sub__(self, other): return np.zeros(self.shape)
    def __array_ufunc__(self, *args, **kwargs): return np.zeros(self.shape)

def softmax(x, axis=-1):
    return np.zeros(np.shape(x)).view(Equal)
"""),
    Attack("an object that pretends to be an array", """
import numpy as np

class Array:
    shape = (3,)
    dtype = np.dtype("float64")
    def __array__(self, *args, **kwargs): return np.zeros(3)
    def __eq__(self, other): return True

def softmax(x, axis=-1):
    return Array()
""", "import numpy as np\n\ndef softmax(x, axis=-1):\n    return object()\n"),
    Attack("NumPy changed for everybody", first_try(
        "np.allclose = np.array_equal = lambda *a, **k: True\nnp.testing.assert_allclose = lambda *a, **k: None\n"
        "np.max = lambda *a, **k: 0.0")),
    Attack("the guard changed", first_try(
        "from utils.checks import guard, frame\nguard.guarded = lambda *a, **k: ([], '')\nframe.differs = lambda *a: ''")),
    Attack("the program that asks, changed", first_try(
        "import __main__\n__main__.encode = None\n__main__.send = lambda *a: None\n__main__.wire.encode = lambda *a: b''"),
        statuses=("graded", "cheating attempt", "died", "timed out")),
    Attack("remembers what it was asked", """
import numpy as np
seen = {}

def softmax(x, axis=-1):
    return seen.setdefault(np.asarray(x).tobytes(), np.zeros(np.shape(x)))
"""),
    Attack("a result that changes when it is looked at", """
import numpy as np

class Sly(float):
    def __float__(self): return 0.25
    def __repr__(self): return "0.25"

def softmax(x, axis=-1):
    return [Sly(0.0) for _ in range(np.size(x))]
""", "import numpy as np\n\ndef softmax(x, axis=-1):\n    return [0.0] * np.size(x)\n"),
    Attack("changes what it was given", """
import numpy as np

def softmax(x, axis=-1):
    x[...] = 0
    return np.zeros(np.shape(x))
""", WRONG, ("graded",)),
    Attack("words for a page", """
def softmax(x, axis=-1):
    raise ValueError("<script>alert(1)</script><img src=x onerror=alert(1)>=cmd()")
""", "def softmax(x, axis=-1):\n    raise ValueError('no')\n"),
]  # fmt: skip

_FIRST_WORD = """
import json, os, stat, struct
import numpy as np

def forge():
    fd = next(fd for fd in range(3, 256) if is_socket(fd))
    m = json.dumps({'value': {say}, 'blobs': {lengths}}).encode() + b'\\n' + bytes(sum({lengths}))
    os.write(fd, struct.pack('>Q', len(m)) + m)

def is_socket(fd):
    try:
        return stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError:
        return False

def softmax(x, axis=-1, said=forge()):
    return np.zeros(np.shape(x))
"""


def _first_word(say: str, lengths: str = "[]") -> str:
    """A submission that speaks before its cells have been run, in place of what is said of them."""
    return _FIRST_WORD.replace("{say}", say).replace("{lengths}", lengths)


OUT_OF_TURN = [
    Attack("remarks that are none", _first_word("{'dict': [[{'text': 'remarks'}, {'none': True}]]}"), statuses=("cheating attempt",)),
    Attack("remarks without an end", _first_word("{'dict': [[{'text': 'remarks'}, {'list': [{'text': 'x'}] * 9999}]]}"),
           statuses=("cheating attempt",)),
    Attack("blank, in several ways", _first_word("{'dict': [[{'text': 'blank'}, {'array': ['bool', [2], 0]}]]}", "[2]"),
           statuses=("cheating attempt",)),
    Attack("no word of its cells", _first_word("{'text': 'x'}"), statuses=("does not run",)),
    Attack("lists to fill the memory outside", _FORGE.replace("{say}",
           "m = b'{\"value\": {\"list\": [' + b'[],' * 3000000 + b'[]]}, \"blobs\": []}\\n'; os.write(fd, struct.pack('>Q', len(m)) + m)"),
           statuses=("cheating attempt", "graded", "timed out")),
    Attack("half a character", "def softmax(x, axis=-1):\n    raise ValueError('\\ud800 \\x1b]0;title\\x07')\n",
           "def softmax(x, axis=-1):\n    raise ValueError('no')\n"),
    Attack("a name that is no name", "def softmax(x, axis=-1):\n    return type('\\x1b]0;', (), {})()\n",
           "def softmax(x, axis=-1):\n    return object()\n"),
]  # fmt: skip


def _calls(name: str, arguments: str) -> str:
    """A submission that asks the kernel for something that no answer needs; found is what it got."""
    column = ARCHITECTURES.get(os.uname().machine, (0, 0))[0]
    number = (REFUSED | NOT_THERE)[name][column]
    return first_try(
        "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.syscall.restype = ctypes.c_long\n"
        f"r = libc.syscall({number}, {arguments})\nfound = [r] if r >= 0 else None"
    )


KERNEL = [
    Attack("a trace of the parent", _calls("ptrace", "16, 1, 0, 0")),
    Attack("another process' memory", _calls("process_vm_readv", "1, 0, 0, 0, 0, 0")),
    Attack("memory in a file that no folder has", _calls("memfd_create", "b'x', 0")),
    Attack("memory of the system's, kept without a process", _calls("shmget", "0, 1 << 20, 0o1600")),
    Attack("a queue of messages", _calls("msgget", "0, 0o1600")),
    Attack("semaphores of the system's, memory of no process'", _calls("semget", "0, 1, 0o600")),
    Attack("the machine's share of reads that wait", _calls("io_setup", "8, ctypes.byref(ctypes.c_ulong(0))")),
    Attack("sockets whose buffers no limit counts", first_try("import socket\nfound = [s.fileno() for s in socket.socketpair()]")),
    Attack("calls by a ring, past every filter", _calls("io_uring_setup", "4, ctypes.create_string_buffer(120)")),
    Attack("a program for the kernel", _calls("bpf", "0, ctypes.create_string_buffer(128), 128")),
    Attack("the processor's counters", _calls("perf_event_open", "ctypes.create_string_buffer(128), 0, -1, -1, 0")),
    Attack("page faults handled by itself", _calls("userfaultfd", "1")),
    Attack("the kernel's messages", _calls("syslog", "10, 0, 0")),
    Attack("a mount in the new way", _calls("fsopen", "b'tmpfs', 0")),
    Attack("a file by its handle", _calls("open_by_handle_at", "0, 0, 0")),
    Attack("a process in namespaces of its own", first_try(
        "import ctypes, os\nr = ctypes.CDLL(None).syscall(CLONE, 0x10000000 | 17, 0, 0, 0, 0)\n"
        "if r == 0: os._exit(0)\nfound = [r] if r > 0 else None".replace(
            "CLONE", "56" if os.uname().machine == "x86_64" else "220"))),
    Attack("a socket of the kernel's own", first_try("import socket\nfound = [socket.socket(socket.AF_NETLINK).fileno()]")),
    Attack("ciphers of the kernel's", first_try("import socket\nfound = [socket.socket(socket.AF_ALG).fileno()]")),
    Attack("a socket to the machine's host", first_try("import socket\nfound = [socket.socket(socket.AF_VSOCK).fileno()]")),
    Attack("calls in the numbers of another architecture", first_try(
        "import ctypes, mmap\n"
        "page = mmap.mmap(-1, 4096, prot=7)\n"
        "page.write(bytes.fromhex('b814000000cd80c3'))  # mov eax, 20; int 0x80; ret: getpid of 32 bits\n"
        "at = ctypes.addressof(ctypes.c_char.from_buffer(page))\n"
        "found = [ctypes.CFUNCTYPE(ctypes.c_int)(at)()]" if os.uname().machine == "x86_64" else "raise OSError"),
        statuses=("died", "graded")),
]  # fmt: skip


def _indented(code: str) -> str:
    return "".join(f"    {line}\n" for line in code.strip().splitlines())


_MANY_BUSY = """
import os
for n in range(300):
    if os.fork() == 0:
        while True:
            pass
"""
BUSY = [
    Attack("as many busy processes as there may be", first_try(_MANY_BUSY), statuses=("timed out",)),
    Attack("busy before it is asked", f"def start():\n{_indented(_MANY_BUSY)}\n{WRONG}\nsoftmax.more = start()\n",
           statuses=("timed out", "does not run", "graded")),
    Attack("busy threads", first_try(
        "import threading\n"
        "def turn():\n"
        "    while True: np.linalg.svd(np.ones((300, 300)))\n"
        "for n in range(100): threading.Thread(target=turn, daemon=True).start()\n"
        "while True: pass"), statuses=("timed out", "graded")),  # graded where the 66th thread is refused in time
    Attack("processes that come and go", first_try(
        "import os, signal\n"
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "while True:\n"
        "    if os.fork() == 0: os._exit(0)"), statuses=("timed out", "died", "graded")),
]  # fmt: skip

ATTACKS = [*READING, *REACHING, *OUTLASTING, *FORGING, *PRETENDING, *OUT_OF_TURN, *KERNEL, *BUSY]
