"""Decoding: the memory changes nothing but the time, and beam search finds what a search of all would."""

import functools
import gc
import itertools
import time

import keras
import numpy as np
import pytest
import tensorflow as tf

from utils import decoding
from utils.checks.decoding.quick import quickly
from utils.datasets.generators.french_english import load
from utils.decoding import ablate_head, beam_search, cached_decoder_step, greedy_decode, start_cache
from utils.layers import Transformer
from utils.tasks.translation import Translator
from utils.text import pad_batch

START, END = 1, 2


def make_model(norm="post", vocabulary=17, seed=0, **options):
    sizes = {"num_layers": 2, "embedding_dim": 24, "num_heads": 3, "fully_connected_dim": 40}
    sizes |= {"input_vocab_size": 19, "target_vocab_size": vocabulary}
    sizes |= {"max_positional_encoding_input": 20, "max_positional_encoding_target": 40}
    model = Transformer(**sizes | options, norm=norm)
    model.build(((None, None), (None, None)))
    return model if seed is None else with_random_weights(model, seed)


def with_random_weights(model, seed):
    """Random, yet not a model that says one word for ever: what all places have in common is taken away."""
    random = np.random.default_rng(seed)
    model.set_weights([random.normal(size=w.shape) / 5 + ("gamma" in w.path) for w in model.weights])
    target_ids = random.integers(3, model.target_vocab_size, (6, 25))
    logits = model((make_sources(seed), target_ids)).numpy().reshape(-1, model.target_vocab_size)
    model.output_layer.bias.assign_sub(logits.mean(axis=0))
    return model


@functools.cache
def shared_model(norm="post", vocabulary=17):
    """One model for many tests: what is compiled for it serves them all."""
    return make_model(norm, vocabulary)


def model_of(seed, norm="post", vocabulary=17):
    return with_random_weights(shared_model(norm, vocabulary), seed)


def make_sources(seed=0, rows=6, length=9):
    source_ids = np.random.default_rng(seed).integers(3, 19, (rows, length)).astype("int32")
    source_ids[1, length - 3 :] = 0
    return source_ids


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_the_memory_changes_no_token(norm):
    lengths, words = set(), 0
    for seed in range(2, 5):
        model, source_ids = model_of(seed, norm), make_sources(seed)
        cached = greedy_decode(model, source_ids, 18, START, END)
        assert cached.dtype == np.int32
        assert np.array_equal(cached, greedy_decode(model, source_ids, 18, START, END, use_cache=False))
        lengths |= set((cached != 0).sum(axis=1).tolist())
        words = max(words, len(np.unique(cached)))
    assert len(lengths) > 2 and words > 6  # these models do not say one word for ever


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_each_step_gives_the_whole_decoders_logits(norm):
    model, source_ids = model_of(3, norm), make_sources(3)
    target_ids = np.random.default_rng(3).integers(3, 17, (6, 7)).astype("int32")
    target_ids[2, 3] = 0  # padding in the middle is not looked at by either
    expected = model((source_ids, target_ids)).numpy()
    cache = start_cache(model, source_ids, 10)
    for position in range(7):
        logits, cache = cached_decoder_step(model, target_ids[:, position], position, cache)
        np.testing.assert_allclose(logits, expected[:, position], atol=2e-4)


def test_nothing_is_said_after_the_end_nor_the_end_itself():
    ids = greedy_decode(model_of(0), make_sources(), 25, START, END)
    for row in ids:
        padding = np.flatnonzero(row == 0)
        assert END not in row and not (padding.size and row[padding[0] :].any())


def test_cutting_at_the_end():
    ids = np.array([[5, 2, 7, 2], [2, 5, 5, 5], [4, 5, 6, 2]])
    assert decoding.cut_at_end(ids, END, 0).tolist() == [[5, 0, 0], [0, 0, 0], [4, 5, 6]]
    assert decoding.cut_at_end(ids[1:2], END, 0).shape == (1, 0)


def test_nothing_is_traced_again_after_the_first_sentence_of_a_bucket():
    model = make_model()
    for rows, length, longest in ((3, 9, 20), (4, 11, 21), (3, 16, 31), (4, 9, 5)):
        greedy_decode(model, make_sources(1, rows, length), longest, START, END)
        beam_search(model, make_sources(1, rows, length), longest, START, END, beam_width=2)
    functions = decoding._COMPILED[model].values()
    assert [f.experimental_get_tracing_count() for f in functions] == [1] * len(functions)
    assert len(functions) == 4


def test_later_positions_are_not_compiled_anew():
    model, durations = make_model(), []
    for _ in range(2):
        start = time.perf_counter()
        beam_search(model, make_sources(), 25, START, END, beam_width=3)
        durations.append(time.perf_counter() - start)
    assert durations[1] < durations[0] / 3


def test_what_was_compiled_goes_with_its_model_and_sees_new_weights():
    model, source_ids = make_model(), make_sources()
    greedy_decode(model, source_ids, 10, START, END)
    other = make_model(seed=1)
    model.set_weights(other.get_weights())
    assert np.array_equal(
        greedy_decode(model, source_ids, 10, START, END), greedy_decode(other, source_ids, 10, START, END)
    )
    before = len(decoding._COMPILED)
    del model
    keras.backend.clear_session()
    gc.collect()
    assert len(decoding._COMPILED) < before


def test_mixed_precision_decodes():
    model = make_model(dtype="mixed_bfloat16", seed=None)
    cache = start_cache(model, make_sources(), 8)
    logits, cache = cached_decoder_step(model, np.full(6, START), 0, cache)
    whole = model((make_sources(), np.full((6, 2), START)))[:, 0]
    np.testing.assert_allclose(tf.cast(logits, "float32"), tf.cast(whole, "float32"), atol=0.1)
    assert greedy_decode(model, make_sources(), 8, START, END).shape[0] == 6


def test_no_sentence_and_an_empty_one():
    model = model_of(0)
    assert greedy_decode(model, np.zeros((0, 4), "int32"), 8, START, END).shape == (0, 0)
    assert greedy_decode(model, np.zeros((1, 4), "int32"), 8, START, END).shape[0] == 1  # all padding: finite


def test_requests_that_cannot_be_met_say_why():
    model = model_of(0)
    with pytest.raises(ValueError, match="at most 40 tokens to say. Received: 41"):
        greedy_decode(model, make_sources(), 41, START, END)
    with pytest.raises(ValueError, match="at most 20 source tokens. Received: 21"):
        beam_search(model, make_sources(length=21), 5, START, END)
    with pytest.raises(ValueError, match="id 19\\."):
        greedy_decode(model, np.array([[3, 19]]), 5, START, END)
    with pytest.raises(ValueError, match="beam_width=0"):
        beam_search(model, make_sources(), 5, START, END, beam_width=0)


# Beam search ---------------------------------------------------------------------------------------


def all_sentences(model, source_ids, max_length, alpha):
    """Every sentence there can be, by brute force: {tokens: score}, finished ones and full-length unfinished ones."""
    V = model.target_vocab_size
    finished, unfinished = {}, {}
    prefixes = np.array(list(itertools.product(range(V), repeat=max_length)), "int32")
    target = np.concatenate([np.full((len(prefixes), 1), START), prefixes[:, :-1]], axis=1)
    logits = model((np.repeat(source_ids, len(prefixes), axis=0), target)).numpy().astype("float64")
    log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    steps = np.take_along_axis(log_p, prefixes[..., None], axis=-1)[..., 0].cumsum(axis=1)
    for prefix, totals in zip(prefixes.tolist(), steps, strict=True):
        length = prefix.index(END) + 1 if END in prefix else max_length
        kind = finished if END in prefix else unfinished
        kind[tuple(prefix[:length])] = totals[length - 1] / ((5 + length) / 6) ** alpha
    return finished, unfinished


@pytest.mark.parametrize(
    ("seed", "alpha"), [(0, 0.6), (1, 0.0), (2, 1.5), (3, 0.6), (4, 3.0), (5, 0.0), (6, -1.0), (7, 1.0)]
)
def test_a_wide_beam_finds_what_brute_force_finds(seed, alpha):
    model, source_ids = model_of(seed, vocabulary=5), make_sources(seed)[:1]
    finished, _ = all_sentences(model, source_ids, 4, alpha)
    sentence, score = max(finished.items(), key=lambda pair: pair[1])
    ids, scores = beam_search(model, source_ids, 4, START, END, beam_width=5**4, length_penalty=alpha)
    assert ids[0].tolist() == list(sentence[:-1])
    np.testing.assert_allclose(scores[0], score, atol=1e-5)


@pytest.mark.parametrize("width", [1, 3])
def test_the_score_is_the_sentences_own(width):
    model, source_ids = model_of(5, vocabulary=5), make_sources(5)[:1]
    finished, unfinished = all_sentences(model, source_ids, 4, 0.6)
    ids, scores = beam_search(model, source_ids, 4, START, END, beam_width=width)
    said = tuple(ids[0].tolist())
    known = finished.get((*said, END), unfinished.get(said))
    np.testing.assert_allclose(scores[0], known, atol=1e-5)


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_one_beam_without_a_penalty_is_greedy(norm):
    for seed in range(5):
        model, source_ids = model_of(seed, norm), make_sources(seed)
        greedy = greedy_decode(model, source_ids, 25, START, END)
        one = beam_search(model, source_ids, 25, START, END, beam_width=1, length_penalty=0.0)[0]
        assert np.array_equal(one, greedy)


def log_probabilities(model, source_ids, ids):
    """Of sentences without their ends (B, T): the log-probability of each with its end, and its tokens."""
    lengths, rows = (ids != 0).sum(axis=1), np.arange(len(ids))
    said = np.pad(ids, ((0, 0), (0, 1)))
    said[rows, lengths] = END
    logits = model((source_ids, np.pad(said, ((0, 0), (1, 0)), constant_values=START)[:, :-1]))
    log_p = np.asarray(keras.ops.log_softmax(keras.ops.cast(logits, "float64")))
    each = np.take_along_axis(log_p, said[..., None], axis=-1)[..., 0]
    return np.where(np.arange(said.shape[1]) <= lengths[:, None], each, 0).sum(axis=1), lengths + 1


@pytest.mark.xdist_group("translator")
def test_on_the_courses_sentences_no_beam_is_less_likely_than_greedy():
    translator = Translator.load()
    model, (french, _) = translator.model, zip(*load("test_random")[:500], strict=True)
    source_ids = pad_batch([row[1:] for row in translator.source_vocabulary.encode_all(list(french))])
    assert (translator.target_vocabulary.start_id, translator.target_vocabulary.end_id) == (START, END)
    greedy = greedy_decode(model, source_ids, 32, START, END)
    log_p, tokens = log_probabilities(model, source_ids, greedy)
    for width, alpha in itertools.product((2, 4, 8), (0.0, 0.6)):
        ids, scores = beam_search(model, source_ids, 32, START, END, width, alpha)
        assert (scores >= log_p / ((5 + tokens) / 6) ** alpha - 1e-4).all()
        likelihoods = log_p if np.array_equal(ids, greedy) else log_probabilities(model, source_ids, ids)[0]
        assert (likelihoods >= log_p - 1e-4).all()


def beam_that_never_stops(log_p, max_length, k, alpha):
    """A beam up to the last step, in plain Python: the best that ended, its score, and how many ended."""
    beams, ended = [(0.0, ())], []
    for _ in range(max_length):
        grown = [(p + q, (*words, w)) for p, words in beams for w, q in enumerate(log_p[words])]
        grown = sorted(grown, reverse=True)[: 2 * k]
        ended += [(p / ((5 + len(words)) / 6) ** alpha, words[:-1]) for p, words in grown[:k] if words[-1] == END]
        beams = [beam for beam in grown if beam[1][-1] != END][:k]
    return (*max(ended, default=(None, None)), len(ended))


def next_words(model, source_ids, max_length):
    """For every beginning of fewer tokens the log-probabilities of the next one: {tokens: (V,)}."""
    prefixes = np.array(list(itertools.product(range(model.target_vocab_size), repeat=max_length - 1)), "int32")
    target = np.pad(prefixes, ((0, 0), (1, 0)), constant_values=START)
    logits = model((np.repeat(source_ids, len(target), axis=0), target))
    log_p = np.asarray(keras.ops.log_softmax(keras.ops.cast(logits, "float64")))
    return {
        tuple(prefix[:t]): row[t]
        for prefix, row in zip(prefixes.tolist(), log_p, strict=True)
        for t in range(max_length)
    }


def test_stopping_early_changes_nothing(monkeypatch):
    monkeypatch.setattr(decoding, "compiled", quickly)  # three widths need three compilations, and a second a search
    waited = 0
    for seed in range(8):
        model, source_ids = model_of(seed, vocabulary=5), make_sources(seed)[:1]
        log_p = next_words(model, source_ids, 6)
        for k, alpha in itertools.product((1, 2, 3), (0.0, 0.6, 2.0, -0.5)):
            score, sentence, how_many = beam_that_never_stops(log_p, 6, k, alpha)
            ids, scores = beam_search(model, source_ids, 6, START, END, k, alpha)
            if how_many:
                assert ids[0].tolist() == list(sentence)
                np.testing.assert_allclose(scores[0], score, atol=1e-4)
            waited += how_many > k
    assert waited > 10  # more than k ended: to stop at the kth would have been early


def test_where_nothing_finishes_the_likeliest_beginning_is_returned():
    model = model_of(0)
    bias = np.zeros(17, "float32")
    bias[END] = -1e4
    model.output_layer.bias.assign(bias)
    ids, scores = beam_search(model, make_sources(), 6, START, END)
    assert ids.shape == (6, 6) and np.isfinite(scores).all() and (scores < 0).all()


def test_rows_do_not_depend_on_each_other():
    model, source_ids = model_of(2), make_sources(2)
    together, scores = beam_search(model, source_ids, 15, START, END)
    for row, score, source in zip(together, scores, source_ids, strict=True):
        alone, own = beam_search(model, source[None], 15, START, END)
        assert row[: alone.shape[1]].tolist() == alone[0].tolist() and not row[alone.shape[1] :].any()
        np.testing.assert_allclose(score, own[0], atol=1e-4)


# Ablation ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["encoder/1/self", "decoder/0/self", "decoder/1/cross"])
def test_an_ablated_head_adds_nothing_and_comes_back(key):
    model, source_ids = model_of(0), make_sources()
    inputs = (source_ids, source_ids[:, :5] % 17)
    before, weights = model(inputs).numpy(), [w.copy() for w in model.get_weights()]
    attention = decoding.find_attention(model, key)
    x = np.random.default_rng(0).normal(size=(2, 5, 24)).astype("float32")
    whole = attention(x, x).numpy()
    parts = []
    for head in range(3):
        with ablate_head(model, key, head):
            assert np.abs(model(inputs).numpy() - before).max() > 1e-4
            parts.append(whole - attention(x, x).numpy())
    bias = attention.output_weights[1].numpy()
    np.testing.assert_allclose(sum(parts) + bias, whole, rtol=1e-4, atol=1e-3)  # the heads' shares make up the whole
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), weights, strict=True))


def test_a_head_comes_back_after_an_exception_and_out_of_nesting():
    model = model_of(0)
    weights = [w.copy() for w in model.get_weights()]
    with pytest.raises(ZeroDivisionError), ablate_head(model, "encoder/0/self", 1):
        with ablate_head(model, "encoder/0/self", 2), ablate_head(model, "encoder/0/self", 1):
            raise ZeroDivisionError
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), weights, strict=True))


def test_ablation_is_seen_by_what_was_compiled_before():
    model, source_ids = model_of(0), make_sources()
    before = greedy_decode(model, source_ids, 10, START, END)
    with ablate_head(model, "decoder/0/cross", 0):
        inside = greedy_decode(model, source_ids, 10, START, END)
        assert np.array_equal(inside, greedy_decode(model, source_ids, 10, START, END, use_cache=False))
    assert not np.array_equal(inside, before)
    assert np.array_equal(greedy_decode(model, source_ids, 10, START, END), before)


def test_there_must_be_such_a_head():
    model = model_of(0)
    with pytest.raises(ValueError, match="decoder/0/cross"), ablate_head(model, "encoder/0/cross", 0):
        pass
    with pytest.raises(ValueError, match="0…2. Received: head=3"), ablate_head(model, "encoder/0/self", 3):
        pass
