"""Training that is killed, interrupted or out of disk goes on as if nothing had happened."""

import errno
import os
import pathlib
import signal
import subprocess
import sys
import threading

import keras
import numpy as np
import pytest

from utils.training import (
    CheckpointError,
    average_checkpoints,
    evaluate,
    fit,
    list_checkpoints,
    load_checkpoint,
    make_optimizer,
    save_checkpoint,
)
from utils.training.checkpoint import PARTIAL, read_checkpoint

from .small import make_batches, make_model, train

ROOT = pathlib.Path(__file__).parents[2]


def assert_same(one, other):
    for a, b in zip(one.variables, other.variables, strict=True):
        assert np.array_equal(a.numpy(), b.numpy()), a.path


@pytest.fixture(scope="module")
def uninterrupted():
    return train(None, own=True)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_killed_again_and_again_it_ends_with_the_same_weights(tmp_path, uninterrupted):
    for last_step, saved in ((5, 3), (9, 6)):  # between two checkpoints; in the middle of writing one
        command = [sys.executable, "-m", "tests.training.small", str(tmp_path), str(last_step)]
        child = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120)
        assert child.returncode == -signal.SIGKILL, child.stderr[-2000:]
        assert [path.name for path in list_checkpoints(tmp_path)] == [f"checkpoint-{saved:08}.safetensors"]
    assert (tmp_path / PARTIAL).exists()
    model, optimizer, history = train(tmp_path)
    assert_same(model, uninterrupted[0])
    assert_same(optimizer, uninterrupted[1])
    assert np.array_equal(history["loss"], uninterrupted[2]["loss"]) and not history["interrupted"]


@pytest.mark.parametrize("stop", [3, 7])
def test_stopped_after_any_step_it_ends_with_the_same_weights(tmp_path, uninterrupted, stop):
    train(tmp_path, stop)
    model, _, history = train(tmp_path)
    assert_same(model, uninterrupted[0])
    assert np.array_equal(history["loss"], uninterrupted[2]["loss"])


def test_a_second_call_goes_on_without_a_folder(uninterrupted):
    model, optimizer = make_model(), make_optimizer(16, 10)
    for steps in (5, 12):
        history = fit(model, optimizer, make_batches(), steps, progress=False)
    assert_same(model, uninterrupted[0])
    assert np.isnan(history["loss"][:5]).all() and np.isfinite(history["loss"][5:]).all()


def test_ctrl_c_keeps_what_was_learnt(tmp_path, uninterrupted):
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals reach the main thread only")
    handler = signal.getsignal(signal.SIGINT)

    def press(step, loss):
        if step == 5:
            signal.raise_signal(signal.SIGINT)

    model, optimizer, history = train(tmp_path, on_step=press)
    assert history["interrupted"] and len(history["loss"]) == int(optimizer.iterations) == 5
    assert np.array_equal(history["loss"], uninterrupted[2]["loss"][:5])
    assert signal.getsignal(signal.SIGINT) is handler
    assert np.isfinite(model((np.ones((1, 3)), np.ones((1, 2))))).all()
    assert [path.name for path in list_checkpoints(tmp_path)] == ["checkpoint-00000005.safetensors"]
    assert_same(train(tmp_path)[0], uninterrupted[0])


def test_a_second_ctrl_c_does_not_wait():
    def press_twice(step, loss):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    if threading.current_thread() is threading.main_thread():
        with pytest.raises(KeyboardInterrupt):
            train(None, on_step=press_twice)


def test_a_full_disk_leaves_the_checkpoint_before(tmp_path):
    resource = pytest.importorskip("resource", reason="this system has no limit on the size of files")
    train(tmp_path, 3)
    before = list_checkpoints(tmp_path)[0].read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))  # a disk with room for 5000 bytes of a file
    try:
        with pytest.raises(CheckpointError, match=r"step 6 could not.*checkpoint-00000003.safetensors, is intact"):
            train(tmp_path, 6)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-00000003.safetensors"]
    assert list_checkpoints(tmp_path)[0].read_bytes() == before


def test_an_error_at_the_last_moment_leaves_nothing_half_done(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CheckpointError, match="No space left on device. There is none before it"):
        train(tmp_path, 3)
    assert not list(tmp_path.iterdir())


def test_an_unwritable_folder_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(CheckpointError, match="Free some space or choose another folder"):
        train(tmp_path / "file", 3)


def test_what_a_killed_write_left_behind_does_no_harm(tmp_path, uninterrupted):
    train(tmp_path, 6)
    (tmp_path / PARTIAL).write_bytes(b"half a checkpoint")
    assert_same(train(tmp_path)[0], uninterrupted[0])
    assert not (tmp_path / PARTIAL).exists()


def test_a_checkpoint_of_something_else_is_refused(tmp_path):
    model, optimizer, _ = train(tmp_path, 3)
    path = list_checkpoints(tmp_path)[0]
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    before = [w.copy() for w in other.get_weights()]
    with pytest.raises(CheckpointError, match="is of another model or optimizer"):
        load_checkpoint(path, other, keras.optimizers.SGD())
    assert all(np.array_equal(a, b) for a, b in zip(other.get_weights(), before, strict=True))
    with pytest.raises(CheckpointError, match="other data, another seed"):
        fit(make_model(), make_optimizer(16, 10), make_batches(seed=9), 6, folder=tmp_path, progress=False)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match="is damaged"):
        train(tmp_path, 6)


def test_only_the_newest_are_kept_and_can_be_averaged(tmp_path):
    model, _, _ = train(tmp_path, 12, keep=3)
    paths = list_checkpoints(tmp_path)
    assert [int(path.stem[-8:]) for path in paths] == [6, 9, 12]
    mean = np.mean([read_checkpoint(path)[0]["model/0000"] for path in paths[1:]], axis=0)
    assert average_checkpoints(tmp_path, model, last=2) == 2
    np.testing.assert_allclose(model.variables[0].numpy(), mean, rtol=1e-6)
    with pytest.raises(CheckpointError, match="no checkpoint"):
        average_checkpoints(tmp_path / "empty", model)


def test_the_files_are_safetensors_and_no_pickle(tmp_path):
    model, optimizer, _ = train(None, 2)
    arrays, about = read_checkpoint(save_checkpoint(tmp_path, model, optimizer, [1.0, 2.0], {"note": "é"}))
    assert about == {"note": "é"} and arrays["losses"].tolist() == [1, 2]
    assert sum(name.startswith("model") for name in arrays) == len(model.variables)


def test_the_bar_shows_loss_speed_and_time_left(capsys):
    fit(make_model(), make_optimizer(16, 10), make_batches(), 3)
    bar = capsys.readouterr()
    assert "3/3" in bar.out and "loss" in bar.out and "tokens/s" in bar.out and "<" in bar.out


def test_evaluation_weighs_every_token_the_same(uninterrupted):
    model = uninterrupted[0]
    one = evaluate(model, make_batches(tokens_per_batch=10000))
    many = evaluate(model, make_batches())
    assert one == pytest.approx(many, rel=1e-4) and 0 < many["loss"] < 4
