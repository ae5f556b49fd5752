"""More attempts: at what asks, at what is compared, at what goes on afterwards, at a status of one's own choice."""
# ruff: noqa: E501 - an attempt reads best whole

from tests.attacks.submissions import WRONG, Attack, first_try

ASKING = [
    Attack("a module of the library that came later", first_try("from utils import fast_decoding\nfound = [1]")),
    Attack("pictures of the whole machine", first_try("import glob\nfound = glob.glob('/course/utils/explore/*')[0]")),
    Attack("a package that holds the course", first_try("from importlib.metadata import files\nfound = [str(f.locate()) for f in files('transformer-by-building-it')][0]")),
    Attack("the oracle, in what asks", first_try(
        "import sys\n"
        "frame = sys._getframe()\n"
        "while frame:\n"
        "    for value in list(frame.f_locals.values()):\n"
        "        for part in value.values() if isinstance(value, dict) else [value]:\n"
        "            if getattr(part, 'reference', None) or getattr(part, 'oracle', None):\n"
        "                found = (part.oracle or part.reference)(x, axis)\n"
        "    frame = frame.f_back")),
    Attack("the oracle, in what its closures hold", first_try(
        "import gc, types\n"
        "for f in gc.get_objects():\n"
        "    if isinstance(f, types.FunctionType) and f.__name__ in ('softmax', 'reference', 'oracle') and f is not softmax and 'keras' not in f.__module__ and 'answer' not in f.__module__ and 'scipy' not in f.__module__ and 'tensorflow' not in f.__module__:\n"
        "        found = f(x, axis)")),
    Attack("the questions changed", first_try(
        "import sys\n"
        "frame = sys._getframe()\n"
        "while frame:\n"
        "    request = frame.f_locals.get('request')\n"
        "    if isinstance(request, dict) and 'runs' in request:\n"
        "        request['runs'][:] = [lambda answer, *a, **k: a[0]] * len(request['runs'])\n"
        "    frame = frame.f_back")),
    Attack("register and examine changed", first_try(
        "from utils.checks import frame\n"
        "frame.register = frame.examine = frame.gap = lambda *a, **k: 0.0\nframe.plain = lambda value: value")),
]  # fmt: skip

COMPARED = [
    Attack("a text that equals every text", """
class Same(str):
    def __eq__(self, other): return True
    def __hash__(self): return 0
    def __str__(self): return "anything"

def softmax(x, axis=-1):
    return Same("x")
""", "def softmax(x, axis=-1):\n    return 'x'\n"),
    Attack("another class than its own", """
import numpy as np

class Array:
    @property
    def __class__(self): return np.ndarray

def softmax(x, axis=-1):
    return Array()
""", "def softmax(x, axis=-1):\n    return object()\n", ("graded", "died")),
    Attack("a pickle", """
class Box:
    def __reduce__(self): return (print, ("out",))

def softmax(x, axis=-1):
    return Box()
""", "def softmax(x, axis=-1):\n    return object()\n"),
    Attack("numbers that are nothing", "import numpy as np\n\ndef softmax(x, axis=-1):\n    return np.full(np.shape(x), np.nan)\n"),
    Attack("shapes without numbers", "import numpy as np\n\ndef softmax(x, axis=-1):\n    return np.zeros((0, 2**40))\n"),
    Attack("a long text among many, as long as it all in an array", "def softmax(x, axis=-1):\n    return ['x' * 10**5] + [''] * 10**5\n",
           "def softmax(x, axis=-1):\n    return ['x', '']\n"),
    Attack("a copy function of its own", """
import copy
import numpy as np
copy.deepcopy = lambda value, *a: value

def softmax(x, axis=-1):
    return np.zeros(np.shape(x))
"""),
]  # fmt: skip

AFTERWARDS = [
    Attack("something at the end", first_try("import atexit, os\natexit.register(os.system, 'touch /tmp/left')")),
    Attack("a thread that changes the next result", first_try(
        "import threading, time\n"
        "def later():\n"
        "    time.sleep(0.05)\n"
        "    np.exp = np.zeros_like\n"
        "threading.Thread(target=later, daemon=True).start()")),
    Attack("an alarm of its own", first_try(
        "import signal\nsignal.signal(signal.SIGALRM, lambda *a: None)\nsignal.setitimer(signal.ITIMER_REAL, 0.01)"),
        statuses=("graded", "timed out")),
    Attack("a result in a file", first_try("open('/tmp/results.json', 'w').write('{\"score\": 5}')\nopen('grades.csv', 'w').write('ana,5')")),
    Attack("sockets without an end", first_try(
        "import socket\nkept = []\nwhile True:\n"
        "    pair = socket.socketpair()\n    kept.append(pair)\n    pair[0].setblocking(False)\n    pair[0].send(bytes(60000))")),
]  # fmt: skip

CHOSEN = [
    Attack("not started, after a look at the question", "def softmax(x, axis=-1):\n    raise NotImplementedError\n", statuses=("not started",)),
    Attack("not started, now and then", "import random\n\ndef softmax(x, axis=-1):\n    if len(x) > 1:\n        raise NotImplementedError\n    return x\n",
           statuses=("not started", "graded")),
    Attack("a crash of its own making", first_try("from utils.checks.guard import Crash\nfound = Crash('not started', 'x' * 10**6, True)"),
           statuses=("not started", "graded")),
    Attack("a name for a status", first_try("from utils.checks.guard import Crash\nfound = Crash('forged', '<b>=1+1</b>', True)"),
           statuses=("cheating attempt", "graded")),
    Attack("code that is put together", "exec('def soft' + 'max(x, axis=-1): return x * 0')\nsoftmax = softmax\n", WRONG, ("does not run",)),
]  # fmt: skip

MORE = [*ASKING, *COMPARED, *AFTERWARDS, *CHOSEN]
