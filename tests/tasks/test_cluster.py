"""Several processes and devices learn what one does; who differs is refused, who is lost is named."""

import importlib.util
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.tasks.small_encoder import write_encoder
from utils.tasks.__main__ import main, parser
from utils.tasks.shell import cluster
from utils.training.checkpoint import list_checkpoints, read_checkpoint

ROOT = Path(__file__).resolve().parents[2]
QUICK = "--xla_backend_optimization_level=0"  # what takes time here is XLA's compiler
WORDS = "left stayed in of on may the new".split()
needs_jax = pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
pytestmark = pytest.mark.xdist_group("cluster")  # two processes each: not several at once


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A small encoder, and a file for each task; all of it invented."""
    folder, chance = tmp_path_factory.mktemp("files"), random.Random(0)
    write_encoder(folder / "encoder")

    def some(least, most):
        return " ".join(chance.choice(WORDS) for _ in range(chance.randrange(least, most)))

    lines = []
    for n in range(21):  # an odd number: batches do not part evenly
        name = ("jane", "cork")[n % 2]
        span = {"start": 0, "end": 4, "label": ("PER", "LOC")[n % 2]}
        lines.append(json.dumps({"text": f"{name} {some(2, 9)}", "entities": [span]}))
    (folder / "ner.jsonl").write_text("\n".join(lines))
    rows = [f"who stayed {n}?,{('jane', 'york')[n % 2]} {some(3, 12)}.,{('jane', 'york')[n % 2]}" for n in range(21)]
    (folder / "qa.csv").write_text("question,context,answer\n" + "\n".join(rows))
    pairs = [f"{n} {text}\t{text.upper()} {n}" for n, text in enumerate(some(3, 9) for _ in range(60))]
    (folder / "translate.tsv").write_text("\n".join(pairs))
    return folder


def command(files, task, out, steps, *more):
    path = next(files.glob(f"{task}.*"))
    encoder = [] if task == "translate" else ["--encoder", str(files / "encoder"), "--batch-size", "5"]
    return [task, str(path), "--out", str(out), "--steps", str(steps), "--quiet", *encoder, *more]


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module", autouse=True)
def compiled_once(tmp_path_factory):
    """What one process has compiled, the next ones find."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path_factory.mktemp("compiled")))
        patch.setenv("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
        patch.setenv("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")
        yield


def environment(**more):
    return os.environ | {"KERAS_BACKEND": "jax", "XLA_FLAGS": QUICK, "OMP_NUM_THREADS": "1"} | more


def start_worker(arguments, log):
    """One worker as `supervise` starts it, whose checkpoints stay."""
    given = {k: v for k, v in vars(parser().parse_args(arguments)).items() if k != "run"}
    line = [sys.executable, "-m", "utils.tasks.shell.worker"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": open(log, "w"), "text": True}
    run = subprocess.Popen(line, cwd=ROOT, env=environment(), **pipes)
    run.stdin.write(json.dumps(given) + "\n")
    run.stdin.flush()
    return run


def together(processes):
    port = free_port()
    return [["--cluster", f"127.0.0.1:{port}", "--processes", str(processes), "--process", str(n)]
            for n in range(processes)]  # fmt: skip


def learnt(files, task, out, steps, kinds):
    """The losses in the last checkpoint, after workers started with these options have ended."""
    runs = [start_worker(command(files, task, out / str(n), steps, *kind), out.with_suffix(f".{n}"))
            for n, kind in enumerate(kinds)]  # fmt: skip
    for n, run in enumerate(runs):
        assert run.wait(300) == cluster.DONE, out.with_suffix(f".{n}").read_text()[-3000:]
    assert not any((out / str(n)).exists() for n in range(1, len(runs))), "only the first writes"
    return read_checkpoint(list_checkpoints(out / "0" / "training")[-1])[0]["losses"]


@pytest.mark.in_turn
@pytest.mark.slow
@needs_jax
@pytest.mark.parametrize(("task", "steps"), [("ner", 12), ("qa", 8), ("translate", 6)])
def test_two_processes_learn_as_one_does(files, tmp_path, task, steps):
    one = learnt(files, task, tmp_path / "one", steps, [["--devices", "1"]])
    assert len(one) == steps and len(set(one.tolist())) == steps
    # Not the weights: a key's bias has no gradient but rounding, and Adam makes steps of any gradient
    np.testing.assert_allclose(learnt(files, task, tmp_path / "two", steps, together(2)), one, atol=1e-4)
    if task == "ner":
        np.testing.assert_allclose(learnt(files, task, tmp_path / "n", steps, [["--devices", "2"]]), one, atol=1e-4)


def start(files, out, steps, kind, log, **more):
    """The command itself, as a user gives it."""
    arguments = command(files, "ner", out, steps, "--save-every", "10", *kind)
    line = [sys.executable, "-m", "utils.tasks", *arguments]
    return subprocess.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=open(log, "w"), env=environment(**more))


def start_two(files, folder, steps):
    runs = []
    for n, kind in enumerate(together(2)):
        runs.append(start(files, folder / f"out{n}", steps, kind, folder / f"log{n}"))
    return runs


def wait_for_a_checkpoint(out, after):
    until = time.monotonic() + 240
    while not any(int(p.stem.split("-")[1]) > after for p in list_checkpoints(out / "training")):
        assert time.monotonic() < until, "no checkpoint"
        time.sleep(0.02)
    return int(list_checkpoints(out / "training")[-1].stem.split("-")[1])


@pytest.mark.slow
@needs_jax
def test_who_loses_another_says_so_and_the_same_command_goes_on_to_the_same_weights(files, tmp_path):
    import psutil

    whole, broken, steps = tmp_path / "whole", tmp_path / "broken", 160
    whole.mkdir(), broken.mkdir()
    assert [run.wait(400) for run in start_two(files, whole, steps)] == [0, 0], (whole / "log0").read_text()
    assert "with the same weights" in (whole / "log1").read_text() and not (whole / "out1").exists()

    runs = start_two(files, broken, steps)
    reached = wait_for_a_checkpoint(broken / "out0", 0)
    runs[1].kill()  # the command itself: its worker must not stay behind
    workers = psutil.Process(runs[0].pid).children()
    assert runs[0].wait(60) == 1
    assert "Process 0 of 2 stops: another process has ended" in (broken / "log0").read_text()
    assert "goes on from the last checkpoint" in (broken / "log0").read_text()
    assert not psutil.wait_procs(workers, 5)[1]

    runs = start_two(files, broken, steps)
    assert wait_for_a_checkpoint(broken / "out0", reached + 10) < steps
    psutil.Process(runs[0].pid).children()[0].send_signal(signal.SIGKILL)
    assert [run.wait(60) for run in runs] == [1, 1]
    assert "Process 0 of 2 was killed from outside" in (broken / "log0").read_text()
    assert "Process 1 of 2 stops: another process has ended" in (broken / "log1").read_text()

    assert [run.wait(400) for run in start_two(files, broken, steps)] == [0, 0], (broken / "log0").read_text()
    weights = [(folder / "out0" / "model.safetensors").read_bytes() for folder in (whole, broken)]
    assert weights[0] == weights[1]


LOGITS = """
import sys, numpy as np
from utils.tasks.token_classification import load
ids = np.arange(5, 35).reshape(3, 10)
mask = np.arange(10) < np.array([[10], [7], [3]])
np.save(sys.argv[2], np.asarray(load(sys.argv[1]).model(ids, None, mask))[mask])
"""


@pytest.mark.slow
@needs_jax
def test_what_was_trained_on_jax_answers_the_same_on_tensorflow(files, tmp_path):
    assert start(files, tmp_path / "out", 40, ["--devices", "1"], tmp_path / "log").wait(300) == 0
    found = []
    for backend in ("jax", "tensorflow"):
        line = [sys.executable, "-c", LOGITS, str(tmp_path / "out"), str(tmp_path / f"{backend}.npy")]
        subprocess.run(line, cwd=ROOT, env=environment(KERAS_BACKEND=backend), check=True)
        found.append(np.load(tmp_path / f"{backend}.npy"))
    assert np.ptp(found[0]) > 0.5, "it has learnt something"
    np.testing.assert_allclose(found[0], found[1], atol=1e-5)


@pytest.mark.slow
@needs_jax
def test_other_data_and_settings_are_refused_before_the_first_step(files, tmp_path):
    other = tmp_path / "ner.jsonl"
    other.write_text((files / "ner.jsonl").read_text().replace("left", "stayed"))
    logs = [tmp_path / "0", tmp_path / "1"]
    kinds = together(2)
    runs = [start_worker(command(files, "ner", tmp_path / "out", 3, *kinds[0]), logs[0])]
    asked = command(files, "ner", tmp_path / "out", 4, *kinds[1])
    runs.append(start_worker([asked[0], str(other), *asked[2:]], logs[1]))
    assert [run.wait(200) for run in runs] == [cluster.REFUSED] * 2
    for log in logs:
        said = log.read_text()
        assert "Nothing was trained: process 1 differs from process 0 in --steps (4, not 3), the training data" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("backend", ["tensorflow", "torch"])
def test_a_backend_that_would_share_nothing_is_refused(files, tmp_path, capsys, monkeypatch, backend):
    monkeypatch.setenv("KERAS_BACKEND", backend)
    for kind in together(2)[0], ["--devices", "2"]:
        assert main(command(files, "ner", tmp_path / "out", 3, *kind)) == 2
        said = capsys.readouterr().err
        assert "set KERAS_BACKEND=jax" in said and cluster.BACKENDS[backend] in said and said.count("\n") == 1


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (["--cluster", "10.0.0.1:1"], "belong together. Received: --cluster without --processes, --process"),
        (["--process", "1"], "belong together"),
        (["--cluster", "10.0.0.1:1", "--processes", "2", "--process", "2"], "counts from 0: of 2 the last is 1"),
        (["--save-every", "5"], "is for --cluster and --devices"),
        (["--devices", "2", "--matmul-precision", "bfloat16"], "products are of float32. Received: bfloat16"),
    ],
)
def test_options_that_do_not_belong_together(files, tmp_path, capsys, monkeypatch, kind, said):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert main(command(files, "ner", tmp_path / "out", 3, *kind)) == 2
    assert said in capsys.readouterr().err


def test_jax_without_these_options_is_no_way_to_train(files, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert main(command(files, "ner", tmp_path / "out", 3)) == 2
    assert "set KERAS_BACKEND=tensorflow, or add --devices 1. Received: JAX" in capsys.readouterr().err
    assert main(command(files, "ner", tmp_path / "out", 3, "--check-only")) == 0


@pytest.mark.parametrize("given", ["here", "here:", ":80", "here:99999", "here:x"])
def test_an_address_is_a_host_and_a_port(files, tmp_path, capsys, given):
    with pytest.raises(SystemExit):
        main(command(files, "ner", tmp_path / "out", 3, "--cluster", given))
    assert "HOST:PORT is wanted" in capsys.readouterr().err


def test_rows_that_are_added_weigh_nothing():
    from utils.training.cluster import even

    ids, targets = np.arange(1, 7).reshape(2, 3), np.array([4, 5])
    wide, asked = even([ids, targets], (0, -100), targets=1, rows=4, width=4)
    assert wide.tolist() == [[1, 2, 3, 0], [4, 5, 6, 0], [1, 2, 3, 0], [1, 2, 3, 0]]
    assert asked.tolist() == [4, 5, -100, -100]
