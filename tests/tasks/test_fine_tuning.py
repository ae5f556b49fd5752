"""What all tasks share: the schedule, batches of texts with targets, training that stops and goes on, the folder."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tokenizers import Tokenizer, models, processors

from utils.pretrained.checkpoint import EncoderError, read_config, read_weights
from utils.pretrained.encoder import load_encoder, random_encoder
from utils.tasks.fine_tuning import (
    IGNORED,
    EncoderWithHead,
    LinearDecay,
    TaskBatches,
    as_traced,
    compiled_logits,
    fine_tune,
    make_optimizer,
)
from utils.tasks.folders import read_head, write_folder
from utils.training import CheckpointError

SIZES = {"num_layers": 2, "embedding_dim": 12, "num_heads": 3, "fully_connected_dim": 20, "input_vocab_size": 40}
SIZES |= {"maximum_position_encoding": 32, "num_token_types": 2, "dropout_rate": 0.1}
HEAD = {"classifier.weight": "head/kernel", "classifier.bias": "head/bias"}


class Text:
    """As much of an encoding as batches need."""

    def __init__(self, ids):
        self.ids, self.type_ids = list(ids), [0] * len(ids)

    def __len__(self):
        return len(self.ids)


def make_model(seed=0, num_outputs=3):
    keras.utils.set_random_seed(seed)
    model = EncoderWithHead(random_encoder(SIZES), num_outputs)
    model.build((None, None))
    return model


def make_batches(seed=0, count=30):
    random = np.random.default_rng(seed)
    texts = [Text(random.integers(1, 40, random.integers(2, 25))) for _ in range(count)]
    return TaskBatches(texts, ([[i % 3 for i in text.ids] for text in texts],), batch_size=4)


def loss_of(logits, labels):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(labels, 0), logits)
    known = tf.cast(labels != IGNORED, "float32")
    return tf.reduce_sum(losses * known) / tf.reduce_sum(known)


def train(folder=None, steps=14, model=None, **options):
    model = model or make_model()
    arguments = {"learning_rate": 3e-3, "folder": folder, "save_every": 4, "progress": False} | options
    return model, fine_tune(model, make_batches(), loss_of, steps, **arguments)


def test_the_rate_rises_then_falls_in_straight_lines():
    rates = [float(LinearDecay(2.0, 10, 4)(step)) for step in range(11)]
    assert np.allclose(rates, [0.5, 1, 1.5, 2, 2, 10 / 6, 8 / 6, 1, 4 / 6, 2 / 6, 0])
    assert np.allclose([float(LinearDecay(1.0, 4)(step)) for step in range(5)], [1, 0.75, 0.5, 0.25, 0])
    with pytest.raises(ValueError, match="before training does"):
        LinearDecay(1.0, 5, 5)


def test_weight_decay_spares_biases_and_norms():
    model, optimizer = make_model(), make_optimizer(1e-3, 10)
    optimizer.build(model.trainable_variables)
    for path, weight in model.weights_by_path().items():
        spared = path.endswith(("bias", "gamma", "beta"))
        assert optimizer._use_weight_decay(weight) != spared, path


def test_batches_carry_targets_of_both_kinds():
    texts = [Text(range(1, n + 1)) for n in (3, 5, 4)]
    batches = TaskBatches(texts, ([7, 8, 9], [[1] * 3, [2] * 5, [3] * 4]), batch_size=3)
    ids, types, mask, numbers, rows = batches.batch(0)
    assert ids.shape == types.shape == mask.shape == rows.shape == (3, 5) and sorted(numbers) == [7, 8, 9]
    for row, number in zip(rows, numbers, strict=True):
        length = {7: 3, 8: 5, 9: 4}[int(number)]
        assert (row[length:] == IGNORED).all() and (row[:length] == number - 6).all()
    assert batches.tokens(batches.batch(0)) == 12
    with pytest.raises(ValueError, match="Every text needs a target"):
        TaskBatches(texts, ([1, 2],))


def test_it_learns():
    _, history = train(steps=120)
    assert history["loss"][-10:].mean() < 0.3 * history["loss"][:5].mean()


@pytest.mark.parametrize("stop", [3, 9])
def test_stopped_and_called_again_it_is_the_same(tmp_path, stop):
    class Stop(Exception):
        pass

    def stop_here(step, loss):
        if step == stop:
            raise Stop

    whole, history = train()
    with pytest.raises(Stop):
        train(tmp_path, on_step=stop_here)
    again, resumed = train(tmp_path)
    assert np.array_equal(history["loss"], resumed["loss"])
    for a, b in zip(whole.get_weights(), again.get_weights(), strict=True):
        assert np.array_equal(a, b)
    with pytest.raises(CheckpointError, match="other data"):
        train(tmp_path, learning_rate=1e-3)
    other = EncoderWithHead(random_encoder(SIZES | {"dropout_rate": 0.25}), 3)
    with pytest.raises(CheckpointError, match="other data"):  # nor with another dropout
        train(tmp_path, model=other)


@pytest.mark.parametrize("before", [False, True])
def test_while_it_learns_graphs_are_not_rewritten_and_afterwards_as_before(before):
    now = lambda: tf.config.optimizer.get_experimental_options()["disable_meta_optimizer"]  # noqa: E731
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": before})
    try:
        with pytest.raises(ZeroDivisionError), as_traced():
            assert now()
            1 / 0  # noqa: B018
        assert now() is before
    finally:
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})


def test_compiled_it_says_what_the_model_says_and_with_bfloat16_nearly():
    model, _ = train(steps=3)
    batch = make_batches().batch(0)[:3]
    kept = np.asarray(batch[2])
    plain = np.asarray(model(*batch))[kept]
    assert np.abs(np.asarray(compiled_logits(model)(*batch))[kept] - plain).max() < 1e-5
    off = np.abs(np.asarray(compiled_logits(model, "bfloat16")(*batch))[kept] - plain).max()
    assert 1e-5 < off < 0.02 * np.ptp(plain)
    with pytest.raises(ValueError, match="must be float32 or bfloat16. Received: 'half'"):
        compiled_logits(model, "half")


def test_the_folder_gives_the_same_model_back(tmp_path):
    model, _ = train(steps=3)
    arrays = model.arrays_by_path()
    config = {"model_type": "bert", "num_hidden_layers": 2, "hidden_size": 12, "num_attention_heads": 3}
    config |= {"intermediate_size": 20, "vocab_size": 40, "max_position_embeddings": 32}
    tokenizer = Tokenizer(models.WordPiece({"[CLS]": 0, "[SEP]": 1}, unk_token="[UNK]"))
    ends = [("[CLS]", 0), ("[SEP]", 1)]
    pair = "[CLS] $A [SEP] $B:1 [SEP]:1"
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", pair, ends)
    write_folder(tmp_path, arrays, HEAD, config, "TokenClassification", tokenizer, {"more.json": {"a": 1}})
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["config.json", "model.safetensors", "more.json", "tokenizer.json", "tokenizer_config.json"]
    shapes = {"head/kernel": (12, 3), "head/bias": (3,)}
    again = EncoderWithHead(load_encoder(tmp_path), 3)
    again.build((None, None))
    again.set_arrays(read_weights(tmp_path, read_config(tmp_path)) | read_head(tmp_path, HEAD, shapes, "names"))
    batch = make_batches().batch(0)[:3]
    assert np.array_equal(compiled_logits(model)(*batch), compiled_logits(again)(*batch))
    with pytest.raises(EncoderError, match="no head for names"):
        read_head(tmp_path, HEAD, {"head/kernel": (12, 4), "head/bias": (4,)}, "names")
    copy = EncoderWithHead.from_config(model.get_config())
    assert copy.num_outputs == 3 and copy.encoder.num_layers == 2
