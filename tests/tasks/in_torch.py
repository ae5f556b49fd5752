"""What `test_question_answering_torch` runs in a process of its own: PyTorch there, Keras and TensorFlow not."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.tasks import small_bert
from utils.pretrained.checkpoint import read_config
from utils.tasks import question_answering_torch as qa
from utils.tasks.reader import lessons

TRAIN, DEV, TEST = (small_bert.questions(n, seed) for n, seed in ((160, 1), (40, 2), (60, 3)))
OPTIONS = {"batch_size": 16, "learning_rate": 5e-3, "progress": False, "max_length": 40, "stride": 4}


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return small_bert.make(tmp_path_factory.mktemp("bert"), hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)


@pytest.fixture(scope="module")
def taught(bert):
    return qa.fine_tune(TRAIN, DEV, bert, steps=200, **OPTIONS)


def test_neither_keras_nor_tensorflow_is_here():
    assert not {"keras", "tensorflow"} & sys.modules.keys()


def test_it_learns_to_answer_and_to_decline(taught):
    assert len(taught.history["loss"]) == 200 and not taught.history["interrupted"]
    scores = taught.evaluate(TEST)
    assert scores["f1"] > 0.9 and scores["answerable_f1"] > 0.85 and scores["declined"] > 0.85


def test_what_was_stopped_is_not_saved(bert, tmp_path):
    def press(step, loss):
        raise KeyboardInterrupt

    stopped = qa.fine_tune(TRAIN, None, bert, steps=3, out=tmp_path / "out", on_step=press, **OPTIONS)
    assert stopped.history["interrupted"] and not (tmp_path / "out").exists()


def test_an_answer_is_a_piece_of_the_passage(taught):
    context = "  Omar took   THE\tMap. Lina went to the garden."
    (answer,) = taught.answer("What did Omar take?", context)
    assert answer["text"] == context[answer["start"] : answer["end"]] == "THE\tMap"


@pytest.mark.parametrize("activation", ["gelu", "gelu_new", "relu", "silu"])
@pytest.mark.parametrize("kind", ["bert", "distilbert"])
def test_it_is_the_same_after_a_journey_to_disk(kind, activation, tmp_path):
    (tmp_path / "in").mkdir()
    small_bert.make(tmp_path / "in", kind, **{"activation" if kind == "distilbert" else "hidden_act": activation})
    model = qa.fresh_model(read_config(tmp_path / "in"))
    reader = qa.QuestionAnswering(model, tmp_path / "in", qa.Settings())
    reader.save(tmp_path / "out")
    arrays = batch()
    for one, other in zip(reader.logits(*arrays), qa.load(tmp_path / "out").logits(*arrays), strict=True):
        assert np.array_equal(one, other)


def batch(B=3, T=11):
    rng = np.random.default_rng(0)
    mask = np.arange(T) < rng.integers(5, T + 1, (B, 1))
    return rng.integers(5, 30, (B, T)).astype("int32"), (np.arange(T) > 3).astype("int32") * mask, mask


def test_more_padding_changes_nothing(taught):
    arrays = batch()
    wider = [np.pad(a, ((0, 0), (0, 6))) for a in arrays]
    for narrow, wide in zip(taught.logits(*arrays), taught.logits(*wider), strict=True):
        assert np.allclose(narrow, wide[:, :11], atol=1e-5) and (wide[~wider[2]] < -1e30).all()


def test_a_step_moves_every_weight_and_clears_old_gradients(bert):
    model = qa.load_with_encoder(bert)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    tensors = qa.as_tensors((*batch(), [4, 5, 6], [6, 5, 6]))
    before = {n: p.detach().clone() for n, p in model.named_parameters()}
    first = qa.training_step(model, optimizer, tensors)
    assert model.training and isinstance(first, float)
    moved = [n for n, p in model.named_parameters() if not torch.equal(p, before[n])]
    # a softmax does not feel a number added to all of its scores: these weights have no gradient
    idle = ("key.bias", "encoder_layers.1.feed_forward_norm.bias", "head.bias")
    assert {n for n in before if not n.endswith(idle)} <= set(moved)
    gradient = {n: p.grad.clone() for n, p in model.named_parameters()}
    model.load_state_dict(before)
    assert qa.training_step(model, optimizer, tensors) == pytest.approx(first, abs=1e-6)
    for n, p in model.named_parameters():
        assert torch.allclose(p.grad, gradient[n], atol=1e-6), n


def test_it_learns_without_dropout_unless_it_is_asked_for(tmp_path):
    small_bert.make(tmp_path, hidden_dropout_prob=0.5, attention_probs_dropout_prob=0.5)
    for said, is_the_same in (({}, True), ({"dropout": 0.25}, False), ({"dropout": None}, False)):
        data = lessons(TRAIN, None, tmp_path, 1, 16, 0, max_length=40, stride=4, **said)
        model, tensors = qa.load_with_encoder(tmp_path, data.settings, data.config), qa.as_tensors(batch())
        assert torch.equal(model.train()(*tensors)[0], model.eval()(*tensors)[0]) == is_the_same
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\)\. Received: dropout=1\.0"):
        qa.fine_tune(TRAIN, None, tmp_path, steps=1, dropout=1.0, **OPTIONS)


def test_products_of_bfloat16_are_asked_for_and_given_back(bert):
    seen = []

    def look(step, loss):
        seen.append(torch.get_float32_matmul_precision())

    half = qa.fine_tune(TRAIN, None, bert, steps=3, matmul_precision="bfloat16", on_step=look, **OPTIONS)
    assert seen == ["medium"] * 3 and torch.get_float32_matmul_precision() == "highest"
    usual = qa.fine_tune(TRAIN, None, bert, steps=3, on_step=look, **OPTIONS)
    assert seen[3:] == ["highest"] * 3
    assert np.allclose(half.history["loss"], usual.history["loss"], rtol=0.05)
    assert all(p.dtype == torch.float32 for p in half.model.parameters())
    reader, ask = qa.QuestionAnswering(half.model, bert, half.settings, None, "bfloat16"), half.model.forward
    half.model.forward = lambda *args: seen.append(torch.get_float32_matmul_precision()) or ask(*args)
    reader.read(TRAIN[:1]), half.read(TRAIN[:1])
    assert "medium" in seen[6:] and seen[-1] == "highest"
    with pytest.raises(ValueError, match="must be float32 or bfloat16. Received: 'high'"):
        qa.fine_tune(TRAIN, None, bert, steps=3, matmul_precision="high", **OPTIONS)
    with pytest.raises(ValueError, match="must be float32 or bfloat16. Received: 'high'"):
        qa.QuestionAnswering(half.model, bert, half.settings, None, "high")


def test_the_same_logits_as_in_keras():
    """`test_question_answering_torch` has left models and their logits, as Keras gives them."""
    folders = sorted(Path(os.environ["KERAS_MODELS"]).glob("*/logits.npz"))
    assert folders
    for file in folders:
        stored = np.load(file)
        reader = qa.load(file.parent)
        arrays = [stored[name] for name in ("token_ids", "token_type_ids", "padding_mask")]
        mask = stored["padding_mask"]
        for name, logits in zip(("start", "end"), reader.logits(*arrays), strict=True):
            assert np.abs(logits - stored[name])[mask].max() < 1e-4
        answers = json.loads((file.parent / "answers.json").read_text())
        for found, theirs in zip(reader.answer(*answers["asked"]), answers["answers"], strict=True):
            assert found == pytest.approx(theirs, abs=1e-4)
