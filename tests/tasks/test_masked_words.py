"""Masked words: what is hidden, what the head says, a few steps of learning, blanks filled."""

import keras
import numpy as np
import pytest
from tokenizers import Tokenizer, models

from tests.tasks.small_encoder import VOCABULARY, write_encoder
from utils.pretrained.checkpoint import load_tokenizer
from utils.pretrained.encoder import load_encoder
from utils.pretrained.files import EncoderError
from utils.tasks.adapters import adapted_encoder, expert_of, put_on
from utils.tasks.masked_words import Blanks, MaskedWords, fill, filled, know_frequencies, learn, mask_tokens

TEXTS = ["Jane left Cork in May.", "Jane stayed in Cork.", "Acme Ltd left New York in May.", "The script stayed."] * 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_encoder(tmp_path_factory.mktemp("encoder") / "small")


@pytest.fixture(scope="module")
def tokenizer(folder):
    return load_tokenizer(folder)


def test_shares_of_a_hundred_thousand():
    rng, ids = np.random.default_rng(3), np.random.default_rng(4).integers(10, 90, (500, 200))
    inputs, labels = mask_tokens(ids, ids < 80, 5, 100, rng, rate=0.3)
    chosen = labels != -100
    assert np.array_equal(inputs[~chosen], ids[~chosen]) and np.array_equal(labels[chosen], ids[chosen])
    assert not chosen[ids >= 80].any() and abs(chosen[ids < 80].mean() - 0.3) < 0.01
    assert abs((inputs[chosen] == 5).mean() - 0.8) < 0.01
    assert abs((inputs[chosen] == ids[chosen]).mean() - 0.101) < 0.01
    assert inputs.dtype == labels.dtype == "int32"


def test_marks_and_padding_are_never_hidden(tokenizer):
    blanks = Blanks(tokenizer, TEXTS, batch_size=5, rate=0.9)
    for step in range(8):
        inputs, labels, padding_mask = blanks.batch(step)
        asked = labels != -100
        assert asked.any() and not asked[~padding_mask].any()
        assert not np.isin(labels[asked], blanks.marks).any() and (inputs[:, 0] == blanks.marks[0]).all()


def test_a_step_depends_on_the_seed_and_the_step_alone(tokenizer):
    first, again, other = (Blanks(tokenizer, TEXTS, 4, seed=seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first.batch(3), again.batch(3), strict=True))
    assert any(first.batch(n)[1].shape != other.batch(n)[1].shape or (first.batch(n)[1] != other.batch(n)[1]).any()
               for n in range(4))  # fmt: skip


def test_some_piece_is_asked_for_however_low_the_rate(tokenizer):
    blanks = Blanks(tokenizer, TEXTS, 2, rate=0.01)
    assert all((blanks.batch(n)[1] != -100).any() for n in range(8))


def test_logits_of_places_are_those_of_all(folder):
    keras.utils.set_random_seed(0)
    model = MaskedWords(load_encoder(folder))
    ids = np.random.default_rng(0).integers(5, len(VOCABULARY), (2, 6)).astype("int32")
    places = np.array([[0, 2], [1, 5]])
    everywhere = model(ids).numpy()
    assert everywhere.shape == (2, 6, len(VOCABULARY))
    np.testing.assert_allclose(model(ids, places=places), everywhere[places[:, 0], places[:, 1]], atol=1e-5)


def test_the_table_is_used_twice_and_is_one_weight(folder):
    model = MaskedWords(load_encoder(folder))
    assert len(model.weights) == len(load_encoder(folder).weights) + 2 + 2 + 1
    assert set(model.weights_by_path()) >= {"head/transform/kernel", "head/norm/gamma", "head/bias"}
    assert len(model.weights_by_path()) == len(model.weights)


def test_it_learns_to_fill_and_what_it_learnt_can_be_swapped(folder, tokenizer):
    keras.utils.set_random_seed(0)
    model, blanks = MaskedWords(load_encoder(folder)), Blanks(tokenizer, TEXTS, 16)
    know_frequencies(model, blanks)
    start, before = expert_of(model), filled(model, blanks, 2).mean()
    losses = learn(model, blanks, 150, 0.005)
    assert np.mean(losses[-10:]) < 0.6 * np.mean(losses[:5])
    assert filled(model, blanks, 2).mean() > before + 0.2
    put_on(model, start)
    assert filled(model, blanks, 2).mean() == before


def test_only_what_may_learn_is_moved(folder, tokenizer):
    model = MaskedWords(adapted_encoder(folder, 2))
    before = {path: weight.numpy() for path, weight in model.weights_by_path().items()}
    learn(model, Blanks(tokenizer, TEXTS, 16), 3, 0.02)
    moved = {path for path, weight in model.weights_by_path().items() if np.abs(weight.numpy() - before[path]).max()}
    assert moved == set(expert_of(model)) and "embedding/word/embeddings" not in moved


def test_frequencies_are_those_of_the_texts(folder, tokenizer):
    model = MaskedWords(load_encoder(folder))
    know_frequencies(model, Blanks(tokenizer, ["jane jane jane cork", "jane left left cork"], 2))
    shares = np.exp(model.bias.numpy())
    assert abs(shares.sum() - 1) < 1e-4
    at = {word: shares[tokenizer.token_to_id(word)] for word in ("jane", "cork", "left", "acme", "[CLS]")}
    assert at["jane"] > at["cork"] == at["left"] > 50 * at["acme"] and at["acme"] == at["[CLS]"] > 0


def test_the_likeliest_come_first_and_all_together_are_one(folder, tokenizer):
    model = MaskedWords(load_encoder(folder))
    found = fill(model, tokenizer, "Jane left ___.", len(VOCABULARY))
    shares = [share for _, share in found]
    assert shares == sorted(shares, reverse=True) and abs(sum(shares) - 1) < 1e-4
    assert fill(model, tokenizer, "Jane left ___.", 2) == found[:2]


@pytest.mark.parametrize(("text", "words"), [("Jane left.", "Received 0 in"), ("___ left ___.", "Received 2 in")])
def test_one_blank_is_wanted(folder, tokenizer, text, words):
    with pytest.raises(ValueError, match=words):
        fill(MaskedWords(load_encoder(folder)), tokenizer, text)


@pytest.mark.parametrize(
    ("texts", "options", "words"),
    [(TEXTS, {"rate": 0}, "rate=0"), (TEXTS, {"rate": 15}, "rate=15"), (["Jane.", ""], {}, "text 1 is ''")],
)
def test_what_cannot_be_hidden_is_told(tokenizer, texts, options, words):
    with pytest.raises(ValueError, match=f"Received: {words}"):
        Blanks(tokenizer, texts, **options)


def test_a_tokenizer_without_a_mask_is_told():
    with pytest.raises(EncoderError, match=r"no \[MASK\]"):
        Blanks(Tokenizer(models.WordLevel({"a": 0}, unk_token="a")), ["a"])


def test_a_saved_model_says_the_same(folder, tokenizer, tmp_path):
    model = MaskedWords(load_encoder(folder))
    model(np.ones((1, 3), "int32"))
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    assert fill(again, tokenizer, "Jane left ___.") == fill(model, tokenizer, "Jane left ___.")
