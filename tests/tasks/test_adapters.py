"""Experts: an encoder that stays, a few weights beside it, many sets of them in one file, and merging."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.tasks.small_encoder import VOCABULARY, write_encoder
from utils.pretrained.encoder import load_encoder, named_weights
from utils.tasks.adapters import (
    ExpertError,
    adapted_encoder,
    expert_of,
    load_experts,
    merged_arrays,
    put_on,
    save_experts,
)
from utils.tasks.fine_tuning import EncoderWithHead, compiled_logits, fine_tuning_step, make_optimizer
from utils.tasks.token_classification import label_loss

IDS = np.random.default_rng(0).integers(5, len(VOCABULARY), (3, 7)).astype("int32")
TYPES, MASK = np.zeros_like(IDS), np.ones(IDS.shape, bool)
LABELS = np.random.default_rng(1).integers(0, 3, IDS.shape).astype("int32")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_encoder(tmp_path_factory.mktemp("encoder") / "small")


def with_head(folder, rank=2, alpha=None):
    model = EncoderWithHead(adapted_encoder(folder, rank, alpha), 3)
    model.build((None, None))
    return model


def taught(model, steps=5, rate=0.05):
    """Some steps, in which every weight that can moves."""
    optimizer = make_optimizer(rate, steps, warmup=0.0)
    optimizer.build(model.trainable_variables)
    return [float(fine_tuning_step(model, optimizer, label_loss, (IDS, TYPES, MASK, LABELS))) for _ in range(steps)]


def test_at_the_start_it_is_the_encoder_of_the_folder(folder):
    plain, adapted = load_encoder(folder), adapted_encoder(folder, 2)
    np.testing.assert_allclose(adapted(IDS), plain(IDS), atol=1e-6)
    learns = [path for path, weight in named_weights(adapted).items() if weight.trainable]
    assert len(learns) == len(adapted.trainable_weights) == 2 * 2 * 2
    assert {path.rpartition("/")[2] for path in learns} == {"lora_a", "lora_b"}
    assert set(named_weights(plain)) == set(named_weights(adapted)) - set(learns)


def test_it_learns_and_what_stays_stays(folder):
    model = with_head(folder)
    before = {path: weight.numpy() for path, weight in model.weights_by_path().items()}
    losses = taught(model)
    assert losses[-1] < losses[0] - 0.05
    moved = {path for path, weight in model.weights_by_path().items() if np.abs(weight.numpy() - before[path]).max()}
    assert moved == set(expert_of(model))


def test_an_expert_taken_off_and_put_on_again_says_the_same(folder):
    model = with_head(folder)
    start, said = expert_of(model), compiled_logits(model)
    first = said(IDS, TYPES, MASK).numpy()
    taught(model)
    learnt, then = expert_of(model), said(IDS, TYPES, MASK).numpy()
    assert np.abs(then - first).max() > 0.05
    put_on(model, start)
    assert np.array_equal(said(IDS, TYPES, MASK), first)
    put_on(model, learnt)
    assert np.array_equal(said(IDS, TYPES, MASK), then)


def test_an_expert_is_a_copy(folder):
    model = with_head(folder)
    before = expert_of(model)
    kept = {path: array.copy() for path, array in before.items()}
    taught(model, steps=1)
    assert all(np.array_equal(before[path], kept[path]) for path in kept)


def test_many_in_one_file(folder, tmp_path):
    model, experts = with_head(folder), {}
    for name in ("letters", "museum/label", "hebt – ä"):
        taught(model, steps=1)
        experts[name] = expert_of(model)
    size = save_experts(tmp_path / "deep" / "experts.safetensors", experts)
    assert size == (tmp_path / "deep" / "experts.safetensors").stat().st_size
    again = load_experts(tmp_path / "deep" / "experts.safetensors")
    assert set(again) == set(experts)
    for name, expert in experts.items():
        assert all(np.array_equal(again[name][path], array) for path, array in expert.items())
        put_on(model, again[name])


def test_a_transposed_array_is_stored_as_it_is(tmp_path):
    array = np.arange(9, dtype="float32").reshape(3, 3)
    save_experts(tmp_path / "e", {"one": {"w": array.T}})
    assert np.array_equal(load_experts(tmp_path / "e")["one"]["w"], array.T)


def test_an_expert_of_another_rank_is_refused_and_nothing_changed(folder):
    model, other = with_head(folder), with_head(folder, rank=3)
    before = expert_of(model)
    with pytest.raises(ExpertError, match=r"8 of its weights.*lora_a: \(32, 3\), expected \(32, 2\).*rank"):
        put_on(model, expert_of(other))
    half = dict(list(before.items())[:-1])
    with pytest.raises(ExpertError, match="head/bias: nothing, expected"):
        put_on(model, half)
    with pytest.raises(ExpertError, match=r"what: \(2,\), expected nothing"):
        put_on(model, before | {"what": np.zeros(2)})
    assert all(np.array_equal(array, before[path]) for path, array in expert_of(model).items())


@pytest.mark.parametrize("experts", [{}, {"a|b": {}}, {"": {}}])
def test_names_that_cannot_be(experts, tmp_path):
    with pytest.raises(ExpertError, match="Received"):
        save_experts(tmp_path / "e", experts)
    assert not (tmp_path / "e").exists()


def test_files_that_are_none(tmp_path):
    with pytest.raises(ExpertError, match="none.safetensors"):
        load_experts(tmp_path / "none.safetensors")
    (tmp_path / "text.safetensors").write_text("no weights at all")
    with pytest.raises(ExpertError, match="text.safetensors.*save_experts"):
        load_experts(tmp_path / "text.safetensors")
    save_file({"weight": np.zeros(2, "float32")}, tmp_path / "model.safetensors")
    with pytest.raises(ExpertError, match="'weight' does not say whose"):
        load_experts(tmp_path / "model.safetensors")
    save_file({}, tmp_path / "empty.safetensors")
    with pytest.raises(ExpertError, match="holds no expert"):
        load_experts(tmp_path / "empty.safetensors")


@pytest.mark.parametrize("alpha", [None, 6.0])
def test_merged_it_is_an_ordinary_model(folder, alpha):
    model = with_head(folder, alpha=alpha)
    taught(model)
    plain = EncoderWithHead(load_encoder(folder), 3)
    plain.build((None, None))
    plain.set_arrays(merged_arrays(model))
    np.testing.assert_allclose(plain(IDS), model(IDS), atol=1e-5)
    assert set(merged_arrays(model)) == set(plain.weights_by_path())


def test_a_folder_that_is_no_encoder(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "gpt2"}))
    with pytest.raises(ValueError, match="gpt2"):
        adapted_encoder(tmp_path, 2)
