"""Training on several machines, measured on one: `python -m benchmarks.cluster losses|speed|namespaces|kill`.

losses      the first 100 steps of each task by one process and by two, small models: a loss' largest difference
speed       steps a second of two processes of one core each, against one process of one core: three repeats
namespaces  the same losses between two network namespaces joined by a virtual cable (Linux, as root)
kill        either of two processes is killed: seconds until the other ends and what it says; then the same command
            goes on, to the weights of a training that nobody stopped. `kill namespaces` as above
paper       what follows from SECONDS a step alone and MEGABYTES of gradients for 2 to 64 machines: arithmetic only

What each costs is printed with versions and cores; nothing else should run meanwhile.
"""

import argparse
import contextlib
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import numpy as np

from benchmarks.rows import note

ROOT = Path(__file__).resolve().parents[1]
WORDS = "left stayed in of on may the new".split()
SIZES = (("encoder", 16, 64), ("encoder", 16, 128), ("translator", 64, 32))  # rows, tokens; a translator's own batch
STEPS = {"ner": 100, "qa": 100, "translate": 4000}  # of the whole training; of 100 a translator's rate is far too high
GIGABITS = (1, 10, 100)  # a second: office, server room, cluster
CABLE = [
    "ip netns add course0", "ip netns add course1", "ip link add cable0 type veth peer name cable1",
    "ip link set cable0 netns course0", "ip link set cable1 netns course1",
    "ip -n course0 addr add 10.77.0.1/24 dev cable0", "ip -n course1 addr add 10.77.0.2/24 dev cable1",
    "ip -n course0 link set cable0 up", "ip -n course1 link set cable1 up",
    "ip -n course0 link set lo up", "ip -n course1 link set lo up",
]  # fmt: skip


def free_port() -> int:
    """A port of the loopback that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def environment() -> dict[str, str]:
    """JAX, and a thread for each core that a process may use."""
    return os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}


def write_files(folder: Path) -> None:
    """A small encoder and invented data for each task."""
    from tests.tasks.small_encoder import write_encoder

    chance = random.Random(0)
    write_encoder(folder / "encoder")

    def some(least, most):
        return " ".join(chance.choice(WORDS) for _ in range(chance.randrange(least, most)))

    names = [chance.choice(["jane", "cork"]) for _ in range(203)]
    spans = [{"start": 0, "end": 4, "label": "PER" if name == "jane" else "LOC"} for name in names]
    lines = [json.dumps({"text": f"{n} {some(2, 12)}", "entities": [s]}) for n, s in zip(names, spans, strict=True)]
    (folder / "ner.jsonl").write_text("\n".join(lines))
    rows = [f"who stayed {n}?,{name} {some(3, 20)}.,{name}" for n, name in enumerate(names)]
    (folder / "qa.csv").write_text("question,context,answer\n" + "\n".join(rows))
    pairs = [f"{n} {text}\t{text.upper()} {n}" for n, text in enumerate(some(3, 14) for _ in range(600))]
    (folder / "translate.tsv").write_text("\n".join(pairs))


def train(folder: Path, task: str, out: Path, kinds: list[list[str]], before: list[list[str]]) -> np.ndarray:
    """The losses of the first 100 steps by workers with these options, each started behind a command of its own."""
    from utils.tasks.__main__ import parser
    from utils.training.checkpoint import list_checkpoints, read_checkpoint

    runs = []
    for n, (kind, first) in enumerate(zip(kinds, before, strict=True)):
        more = [] if task == "translate" else ["--encoder", str(folder / "encoder")]
        path = str(next(folder.glob(f"{task}.*")))
        how = ["--steps", str(STEPS[task]), "--save-every", "100", "--quiet"]
        options = parser().parse_args([task, path, "--out", str(out / str(n)), *how, *more, *kind])
        given = {k: v for k, v in vars(options).items() if k != "run"}
        command = [*first, sys.executable, "-m", "utils.tasks.shell.worker"]
        runs.append(subprocess.Popen(command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL, text=True))  # fmt: skip
        runs[-1].stdin.write(json.dumps(given) + "\n")
        runs[-1].stdin.flush()
    while not list_checkpoints(out / "0" / "training"):
        if any(status := [run.poll() for run in runs]):
            sys.exit(f"A worker of {task} failed: {status}")
        time.sleep(0.5)
    found = read_checkpoint(list_checkpoints(out / "0" / "training")[-1])[0]["losses"][:100]
    for run in runs:
        run.kill()
        run.wait()
    return found


def together(address: str) -> list[list[str]]:
    """The options of two processes."""
    return [["--cluster", address, "--processes", "2", "--process", str(n)] for n in range(2)]


def losses(tasks: list[str], between: bool) -> None:
    """Prints the largest difference of a loss; `between`: two network namespaces."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder)
        for task in tasks:
            one = train(folder, task, folder / f"{task}-one", [["--devices", "1"]], [[]])
            where = f"10.77.0.1:{random.randrange(20000, 30000)}" if between else f"127.0.0.1:{free_port()}"
            before = [["ip", "netns", "exec", f"course{n}"] for n in range(2)] if between else [[], []]
            two = train(folder, task, folder / f"{task}-two", together(where), before)
            print(f"{task:10} {len(one)} steps, loss {one[0]:.4f} to {one[-1]:.4f}; one process and two differ by at "
                  f"most {np.abs(one - two).max():.1e}", flush=True)  # fmt: skip


@contextlib.contextmanager
def cable() -> Iterator[None]:
    """Two network namespaces joined by a virtual cable, which are removed again."""
    if os.geteuid() != 0 or not shutil.which("ip"):
        sys.exit("Network namespaces need Linux, root and the command `ip` (apt install iproute2)")
    try:
        for line in CABLE:
            subprocess.run(line.split(), check=True)
        yield
    finally:
        for n in range(2):
            subprocess.run(["ip", "netns", "del", f"course{n}"], check=False)


def kill(between: bool) -> None:
    """Prints what follows when one of two processes is killed; `between`: two network namespaces."""
    from utils.training.checkpoint import list_checkpoints

    with tempfile.TemporaryDirectory() as name, cable() if between else contextlib.nullcontext():
        folder = Path(name)
        write_files(folder)
        if any(run.wait() for run in two_commands(folder, folder / "whole", between)):
            sys.exit(said_last(folder / "whole" / "0.log"))
        for victim in range(2):
            out = folder / f"without {victim}"
            runs = two_commands(folder, out, between)
            while not (reached := list_checkpoints(out / "0" / "training")) and runs[0].poll() is None:
                time.sleep(0.05)
            runs[victim].kill()
            begun = time.monotonic()
            status = runs[1 - victim].wait()
            print(f"process {victim} killed after {reached[-1].stem}: the other ended after "
                  f"{time.monotonic() - begun:.1f} s with {status}:")  # fmt: skip
            print(f"  {said_last(out / f'{1 - victim}.log')}")
            if any(run.wait() for run in two_commands(folder, out, between)):
                sys.exit(said_last(out / "0.log"))
            weights = [(place / "0" / "model.safetensors").read_bytes() for place in (folder / "whole", out)]
            print(
                f"  the same command went on; the same weights to the last bit: {weights[0] == weights[1]}", flush=True
            )


def two_commands(folder: Path, out: Path, between: bool) -> list[subprocess.Popen]:
    """Both commands of a training, as a user gives them; what they say goes to a file each in `out`."""
    out.mkdir(exist_ok=True)
    where = f"10.77.0.1:{random.randrange(20000, 30000)}" if between else f"127.0.0.1:{free_port()}"
    how = ["--encoder", str(folder / "encoder"), "--steps", "400", "--save-every", "20", "--quiet"]
    runs = []
    for n, kind in enumerate(together(where)):
        first = ["ip", "netns", "exec", f"course{n}"] if between else []
        line = [sys.executable, "-m", "utils.tasks", "ner", str(folder / "ner.jsonl"), "--out", str(out / str(n))]
        log = open(out / f"{n}.log", "w")
        runs.append(subprocess.Popen([*first, *line, *how, *kind], env=environment(), cwd=ROOT,
                                     stdout=subprocess.DEVNULL, stderr=log))  # fmt: skip
    return runs


def said_last(log: Path) -> str:
    """The last line of a command."""
    return (log.read_text("utf-8").strip() or "nothing").splitlines()[-1]


def measured(process: int, processes: int, port: int, steps: int) -> None:
    """One process of `speed`: prints, for each size, seconds a step and the bytes of the gradients."""
    import jax

    if processes > 1:
        jax.distributed.initialize(f"127.0.0.1:{port}", processes, process)
    found = {}
    for size, rows, length in SIZES:
        run, batch, count = step_of(size, rows, length)
        for _ in range(2):
            float(run(*batch))
        begun = time.perf_counter()
        for _ in range(steps):
            float(run(*batch))
        found[f"{size} {rows} × {length}"] = ((time.perf_counter() - begun) / steps, 4 * count)
    if process == 0:
        print(json.dumps(found), flush=True)
    if processes > 1:
        jax.distributed.shutdown()


def step_of(size: str, rows: int, length: int) -> tuple:
    """A step, the batch that it takes, and how many weights the model has."""
    import keras

    from utils.layers import Transformer
    from utils.layers.pretrained_encoder import PretrainedEncoder
    from utils.tasks import fine_tuning
    from utils.training import cluster

    keras.utils.set_random_seed(0)
    ids = np.random.default_rng(0).integers(5, 4000, (rows, length)).astype("int32")
    if size == "translator":
        model = Transformer(2, 128, 4, 512, 4000, 4000, 64, 64)
        model.build(((None, None), (None, None)))
        run, batch = cluster.translation_step(model, keras.optimizers.Adam(1e-4), 0.1), (ids, ids, ids)
    else:
        from utils.pretrained import fetch, read_config

        model = fine_tuning.EncoderWithHead(PretrainedEncoder(**encoder_sizes(read_config(fetch()))), 9)
        model.build((None, None))
        optimizer = fine_tuning.make_optimizer(1e-4, 1000)
        optimizer.build(model.trainable_variables)
        batch = (ids, np.zeros_like(ids), np.ones(ids.shape, bool), ids % 9)
        run = fine_tuning.compiled(model, optimizer, cluster.label_loss, batch)
    return run, batch, model.count_params()


def encoder_sizes(config: dict) -> dict:
    """The arguments of a `PretrainedEncoder` with random weights."""
    from utils.pretrained.encoder import random_encoder

    return {k: v for k, v in random_encoder(config).get_config().items() if k not in ("name", "dtype", "trainable")}


def speed(repeats: int, steps: int) -> None:
    """Prints how many times as fast as one process of one core two of them are."""
    cores, taken = sorted(os.sched_getaffinity(0))[:2], {}
    for _ in range(repeats):
        for processes in (1, 2):
            port, runs = free_port(), []
            for n in range(processes):
                own = map(str, (n, processes, port, steps))
                line = ["taskset", "-c", str(cores[n]), sys.executable, "-m", "benchmarks.cluster", "measured", *own]
                pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
                runs.append(subprocess.Popen(line, env=environment(), cwd=ROOT, **pipes))
            said = [run.communicate()[0] for run in runs][0]
            found = json.loads(next(line for line in said.splitlines()[::-1] if line.startswith("{")))
            for size, (seconds, count) in found.items():
                taken.setdefault((size, count), {1: [], 2: []})[processes].append(seconds)
    for (size, count), times in taken.items():
        ratios = [alone / both for alone, both in zip(times[1], times[2], strict=True)]
        note(f"{size} tokens, two processes", "one process", list(zip(times[2], times[1], strict=True)))
        medians = [statistics.median(times[n]) for n in (1, 2)]
        print(f"{size:19} tokens, {count / 1e6:.1f} MB of gradients: {medians[0]:.3f} s a step "
              f"alone, {medians[1]:.3f} s by two; {statistics.median(ratios):.2f} times as fast ({min(ratios):.2f} to "
              f"{max(ratios):.2f})", flush=True)  # fmt: skip


def paper(seconds: float, megabytes: float) -> None:
    """Prints how many times as fast 2 to 64 machines are: the step's share of each, and a ring's exchange after it.

    In a ring each machine sends and receives 2 (N - 1) / N of all gradients (Patarasuk and Yuan 2009).
    """
    print("| machines | " + " | ".join(f"{gigabit} Gbit/s" for gigabit in GIGABITS) + " |")
    print("|---:|" + "---:|" * len(GIGABITS))
    for machines in (2, 4, 8, 16, 32, 64):
        sent = 2 * (machines - 1) / machines * megabytes * 1e6  # bytes
        cells = [seconds / (seconds / machines + sent * 8 / (gigabit * 1e9)) for gigabit in GIGABITS]
        print(f"| {machines} | " + " | ".join(f"{cell:.1f}" for cell in cells) + " |")


def main() -> None:
    """Runs what the command line names."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("what", choices=("losses", "speed", "namespaces", "kill", "paper", "measured"))
    wanted = "tasks (default: ner qa translate); for speed repeats and steps (3 5); for paper both numbers"
    options.add_argument("more", nargs="*", help=wanted)
    options = options.parse_args()
    if options.what == "measured":
        return measured(*map(int, options.more))
    if options.what == "paper":
        return paper(*map(float, options.more))
    versions = ", ".join(f"{package} {metadata.version(package)}" for package in ("keras", "jax", "jaxlib"))
    print(f"{versions}; {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f} before", flush=True)
    if options.what == "speed":
        return speed(*map(int, options.more or (3, 5)))
    if options.what == "kill":
        return kill(options.more == ["namespaces"])
    tasks = options.more or ["ner", "qa", "translate"]
    with cable() if options.what == "namespaces" else contextlib.nullcontext():
        return losses(tasks, between=options.what == "namespaces")


if __name__ == "__main__":
    main()
