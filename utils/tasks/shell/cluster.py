"""`--cluster`, `--devices`: training over several machines or devices, watched by a process that needs no JAX.

The command starts a worker (`utils.tasks.shell.worker`), which trains on Keras' JAX backend, and sees how it ends:
where another machine is lost, JAX ends the worker from C++, and somebody must say it in words. When it has ended well,
the first process goes on from its last checkpoint as if it had trained there itself: it saves, scores and reports.
"""

import argparse
import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections import deque
from pathlib import Path

from utils.tasks.shell.arguments import count, positive

SAID, JOINED = "\x1e", "\x1f"  # what begins a worker's own words, and the line that says that all have met
DONE, REFUSED, INTERRUPTED = 0, 3, 4  # a worker's exit status
HEARTBEAT, MEETING = 20, 300  # seconds without a word after which a process is taken for lost; to wait for others
BACKENDS = {"tensorflow": "TensorFlow", "torch": "PyTorch", "jax": "JAX"}
ROOT = Path(__file__).resolve().parents[3]


def address(text: str) -> str:
    """HOST:PORT, as it is."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise argparse.ArgumentTypeError(f"HOST:PORT is wanted, such as 10.0.0.1:4321; not {text!r}")
    return text


def add_cluster(task: argparse.ArgumentParser) -> None:
    """Adds the options."""
    group = task.add_argument_group(
        "several machines or devices",
        "Every machine gets the same command and files, and a --process of its own. KERAS_BACKEND=jax\n"
        "must be set, and requirements-cluster.txt installed.",
    )
    group.add_argument("--cluster", type=address, metavar="HOST:PORT", help="where the first process is reached; its "
                       "port must be open to the others, and to nobody else (default: this machine alone)")  # fmt: skip
    group.add_argument(
        "--processes",
        type=positive,
        metavar="N",
        help="how many there are, one a machine (default: none, without --cluster)",
    )
    group.add_argument(
        "--process",
        type=count,
        metavar="I",
        help="which of them this is, from 0; the first writes (default: none, without --cluster)",
    )
    group.add_argument("--devices", type=positive, metavar="N", help="how many of this machine's devices to use; on a "
                       "processor so many parts of it (default with --cluster: all, on a processor 1)")  # fmt: skip
    group.add_argument("--save-every", type=positive, metavar="N", help="steps between two checkpoints, with --cluster "
                       "or --devices (default: 200, for translate 500)")  # fmt: skip


def is_wanted(options) -> bool:
    """Whether one of the options was set."""
    names = ("cluster", "processes", "process", "devices", "save_every")
    return any(getattr(options, name, None) is not None for name in names)


def wrong(options) -> str:
    """Why the options cannot be followed; "" where they can."""
    together = {f"--{name}": getattr(options, name) for name in ("cluster", "processes", "process")}
    missing = [name for name, value in together.items() if value is None]
    if 0 < len(missing) < 3:
        given = ", ".join(name for name in together if name not in missing)
        return f"--cluster, --processes and --process belong together. Received: {given} without {', '.join(missing)}"
    if options.cluster and options.process >= options.processes:
        last = options.processes - 1
        return f"--process counts from 0: of {options.processes} the last is {last}. Received: {options.process}"
    if getattr(options, "matmul_precision", "float32") != "float32":
        return f"With --cluster or --devices products are of float32. Received: {options.matmul_precision}"
    if not options.cluster and not options.devices:
        return "--save-every is for --cluster and --devices. Received: neither of them"
    backend = backend_named()
    if backend != "jax":
        return (
            f"Several machines or devices need Keras' JAX backend: set KERAS_BACKEND=jax. Received: "
            f"{BACKENDS.get(backend, backend)}, on which Keras would not share the work"
        )
    if importlib.util.find_spec("jax") is None:
        return "JAX is not installed: .venv/bin/pip install --require-hashes -r requirements-cluster.txt"
    return ""


def wrong_alone(options) -> str:
    """Why a training without these options cannot run; "" where it can."""
    backend = backend_named()
    if options.check_only or backend == "tensorflow":
        return ""
    more = ", or add --devices 1" if backend == "jax" else ""
    return (
        f"Training runs on TensorFlow: set KERAS_BACKEND=tensorflow{more}. Received: {BACKENDS.get(backend, backend)}"
    )


def backend_named() -> str:
    """The backend that Keras would take, without importing it."""
    if named := os.environ.get("KERAS_BACKEND"):
        return named
    file = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "keras.json"
    try:
        return str(json.loads(file.read_text("utf-8")).get("backend", "tensorflow"))
    except (OSError, ValueError, AttributeError):
        return "tensorflow"  # as Keras does


def name_of(options) -> str:
    """What a process is called in its lines."""
    return f"Process {options.process} of {options.processes}" if options.cluster else "The training"


def supervise(options) -> int:
    """Trains in a worker; returns DONE, REFUSED, INTERRUPTED, or 1 after a line that says what happened."""
    plain = (str, int, float, bool, tuple, type(None))  # looking through the files may have added others
    given = {key: value for key, value in vars(options).items() if isinstance(value, plain)}
    path = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH")) if part)
    environment = os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": path}
    pipe = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "errors": "replace"}
    command = [sys.executable, "-m", "utils.tasks.shell.worker"]
    with subprocess.Popen(command, env=environment, **pipe) as worker:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the worker's: it ends after the step at hand
        try:
            worker.stdin.write(json.dumps(given) + "\n")
            worker.stdin.flush()  # and is left open: a worker whose pipe closes has lost us, and ends
            joined, noise = False, deque(maxlen=200)
            for line in worker.stderr:
                if line.startswith(SAID):
                    print(line[1:], end="", file=sys.stderr, flush=True)
                elif line.startswith(JOINED):
                    joined = True
                else:
                    noise.append(line.rstrip())
            worker.wait()
        finally:
            signal.signal(signal.SIGINT, before)
    if worker.returncode in (DONE, REFUSED, INTERRUPTED):
        return worker.returncode
    print(how_it_ended(options, worker.returncode, joined, list(noise)), file=sys.stderr)
    return 1


def how_it_ended(options, status: int, joined: bool, noise: list[str]) -> str:
    """A line in words about a worker that did not come to its end."""
    who, again = name_of(options), "The same command"
    if options.cluster:
        again += " on every machine"
    again += f" goes on from the last checkpoint in {Path(options.out) / 'training'}, if there is one."
    if status == -signal.SIGKILL:
        return f"{who} was killed from outside, or for want of memory. {again}"
    if options.cluster and not joined:
        return (
            f"{who} did not meet the others at {options.cluster}. See that all were started within {MEETING} s, that "
            f"process 0 runs there, that its port is open and that all machines reach each other. "
            f"Last words: {last_words(noise)}"
        )
    if options.cluster and (status == -signal.SIGABRT or is_loss(noise)):
        return f"{who} stops: another process has ended, or its machine or the network failed. {again}"
    return f"{who} ended with status {status}. Last words: {last_words(noise)}"


def is_loss(noise: list[str]) -> bool:
    """Whether what a worker left behind tells of a lost connection."""
    text = "\n".join(noise).lower()
    return any(sign in text for sign in ("heartbeat", "coordination", "connection", "gloo", "unavailable"))


def last_words(noise: list[str]) -> str:
    """The last line that says something."""
    return next((line for line in reversed(noise) if line.strip()), "none")
