"""What `--cluster` and `--devices` start: one process of a training, on Keras' JAX backend.

Its options come as one line of JSON on standard input, which then stays open: when it closes, whoever started this
process is gone, and it ends. It writes checkpoints (the first process) and nothing else.
"""

import contextlib
import hashlib
import json
import os
import socket
import sys
import threading
import traceback
from argparse import Namespace
from functools import partial
from importlib import metadata
from pathlib import Path

from utils.tasks.shell.cluster import DONE, HEARTBEAT, INTERRUPTED, JOINED, MEETING, REFUSED, ROOT, SAID, name_of

PACKAGES = ("keras", "jax", "jaxlib", "numpy", "tokenizers", "safetensors")
# what may differ
OWN = {"run", "process", "cluster", "out", "quiet", "overwrite", "train", "dev", "test", "encoder", "shards"}


class Different(Exception):
    """Processes were started with other data, settings or versions; the message names them."""


def main() -> int:
    """Runs one process; returns its exit status."""
    given = json.loads(sys.stdin.readline())
    options = Namespace(**{k: tuple(v) if isinstance(v, list) else v for k, v in given.items()})
    threading.Thread(target=end_with_parent, daemon=True).start()
    import jax

    if options.devices:
        jax.config.update("jax_num_cpu_devices", options.devices)
        jax.config.update("jax_cuda_visible_devices", ",".join(map(str, range(options.devices))))
    try:
        if options.cluster:
            meet(options)
        if options.devices and options.devices > jax.local_device_count():
            raise ValueError(f"--devices {options.devices}: this machine has {jax.local_device_count()}")
        if options.cluster:
            with stdout_silenced():  # where Gloo, below JAX, says that it has connected
                compare(parts_of(options))
            print(JOINED, file=sys.stderr, flush=True)
        first = not options.cluster or options.process == 0
        options.quiet = options.quiet or not first
        model, history = train(options, Path(options.out) / "training" if first else None)
        if history["interrupted"]:
            say(f"{name_of(options)} was interrupted at step {len(history['loss'])}; the same command goes on.")
            return INTERRUPTED
        if options.cluster:
            agree(options, model)
            jax.distributed.shutdown()
    except jax.errors.JaxRuntimeError:
        raise  # another process is lost: the parent says it
    except (Different, ValueError, OSError, RuntimeError) as error:
        say(str(error))
        return REFUSED
    return DONE


@contextlib.contextmanager
def stdout_silenced():
    """Keeps what C++ libraries write to standard output from the terminal."""
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def say(text: str) -> None:
    """Lets the parent print a line."""
    for line in text.splitlines():
        print(SAID + line, file=sys.stderr, flush=True)


def end_with_parent() -> None:
    """Waits for the end of standard input, and ends this process with it."""
    while os.read(sys.stdin.fileno(), 1 << 12):
        pass
    os._exit(REFUSED)


def meet(options) -> None:
    """Waits until all processes are there.

    `keras.distribution.initialize` makes the same call, but hands no heartbeat on: it would take 100 s to miss one.
    """
    import jax
    from jax._src import xla_bridge  # JAX has no setting for it: Gloo would take what this machine's name stands for,
    # which on many machines is the loopback, where the others look for it in vain

    make = xla_bridge._jax.make_gloo_tcp_collectives
    xla_bridge._jax.make_gloo_tcp_collectives = partial(make, hostname=own_address(options.cluster))
    jax.distributed.initialize(
        options.cluster, options.processes, options.process, initialization_timeout=MEETING,
        heartbeat_timeout_seconds=HEARTBEAT, shutdown_timeout_seconds=MEETING,
        coordinator_bind_address=options.cluster if options.process == 0 else None,
    )  # fmt: skip


def own_address(cluster: str) -> str:
    """The address of this machine on the way to HOST:PORT."""
    host, port = cluster.rsplit(":", 1)
    family, kind, protocol, _, there = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, protocol) as way:
        way.connect(there)  # of datagrams: nothing is sent
        return way.getsockname()[0]


def parts_of(options) -> dict[str, str]:
    """Whatever two processes must have in common, by its name."""
    from utils.pretrained import encoder_folder
    from utils.tasks.shell.look import parts

    found = {f"--{k.replace('_', '-')}": str(v) for k, v in vars(options).items() if k not in OWN and k != "task"}
    if hasattr(options, "shards"):
        found["--shards"] = "given" if options.shards else "none"  # the folder may be another, the order not
    found |= {"the task": options.task, "Python": ".".join(map(str, sys.version_info[:2]))}
    found |= {package: metadata.version(package) for package in PACKAGES}
    found["the training data"] = digest(map(Path, parts(options.task, options.train)))
    found["the course's code"] = digest(sorted((ROOT / "utils").rglob("*.py")))
    if hasattr(options, "encoder"):
        files = encoder_folder(options.encoder).iterdir()
        found["the encoder"] = digest(sorted(f for f in files if f.suffix in (".json", ".txt", ".safetensors")))
    return found


def digest(paths) -> str:
    """A number that changes with any byte of the files."""
    code = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            code.update(hashlib.file_digest(file, "sha256").digest())
    return code.hexdigest()[:12]


def compare(own: dict[str, str]) -> None:
    """Raises Different where a process has other parts than the first; in every process, before the first step."""
    import jax

    from utils.training.cluster import gathered

    first, *others = [json.loads(text) for text in gathered(json.dumps(own))]
    lines = []
    for number, other in enumerate(others, 1):
        names = [name for name in first | other if first.get(name) != other.get(name)]
        found = [f"{n} ({other.get(n, 'none')}, not {first.get(n, 'none')})" for n in names]
        lines += [f"process {number} differs from process 0 in {', '.join(found)}"] if found else []
    if lines:
        jax.distributed.shutdown()
        raise Different(f"Nothing was trained: {'; '.join(lines)}. Start all with the same files, settings, versions.")


def train(options, folder: Path | None):
    """The model and its history, taught as `utils.tasks.shell.learn` would; checkpoints go to `folder`."""
    from utils.tasks.shell.arguments import start_quietly

    start_quietly()
    save_every = {} if options.save_every is None else {"save_every": options.save_every}
    return {"ner": _ner, "qa": _qa, "translate": _translate}[options.task](options, folder, save_every)


def _ner(options, folder, save_every):
    import keras

    from utils.datasets.readers.entity_files import read_entities
    from utils.tasks.shell.look import entity_options
    from utils.tasks.token_classification import learn, lessons

    train = read_entities(options.train, **entity_options(options), on_error="skip")
    data = lessons(train, options.encoder, options.steps, options.batch_size, options.learning_rate, options.seed)
    keras.utils.set_random_seed(options.seed)
    return learn(data, folder=folder, progress=not options.quiet, **save_every)


def _qa(options, folder, save_every):
    import keras

    from utils.datasets.readers.squad import read_questions
    from utils.pretrained.encoder import load_encoder
    from utils.tasks.passages import AS_LEARNT
    from utils.tasks.question_answering import LEARNING_RATE, learn, model_for
    from utils.tasks.reader import lessons
    from utils.tasks.shell.learn import window_options

    train = read_questions(options.train, on_error="skip")
    how = AS_LEARNT | window_options(options)
    data = lessons(train, None, options.encoder, options.steps, options.batch_size, options.seed, **how)
    keras.utils.set_random_seed(options.seed)
    model = model_for(load_encoder(data.folder, data.config), data.settings)
    rate = options.learning_rate or LEARNING_RATE
    return model, learn(model, data, rate, folder=folder, progress=not options.quiet, **save_every)


def _translate(options, folder, save_every):
    from utils.tasks.shell.learn import train_pairs, translation_options
    from utils.tasks.translation import Translator

    how = translation_options(options) | {"folder": folder} | save_every
    translator = Translator.train(train_pairs(options), **how)
    return translator.model, translator.history


def agree(options, model) -> None:
    """Sees that every process ends with the same weights.

    Raises:
        RuntimeError: one has others.
    """
    from utils.training.cluster import gathered, weights_digest

    found = gathered(weights_digest(model))
    if len(set(found)) > 1:
        raise RuntimeError(f"Processes ended with different weights: {', '.join(found)}. This is a fault of the course")
    if options.process > 0:
        say(f"{name_of(options)} is done, with the same weights ({found[0]}) as all. The first writes the model.")


if __name__ == "__main__":
    try:
        status = main()
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # at an ordinary end JAX would wait for processes that may be gone
