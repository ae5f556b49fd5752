"""Wrong answers to lesson 09. For each exercise: (answer, words that its diagnosis must hold)."""

import contextlib
import math

import numpy as np
from keras import ops

from utils.decoding import (
    best_continuations,
    cached_layer_step,
    cut_at_end,
    find_attention,
    penalty,
    start_beams,
)
from utils.layers import create_padding_mask
from utils.text import pad_batch


def greedy_with(start=None, last=-1, hide=True, stop=np.all, pad=True, choose=np.argmax, tidy=cut_at_end, more=0):
    """A learner's loop with one thing wrong."""

    def greedy(model, source_ids, max_length, start_id, end_id, use_cache=True):
        mask = create_padding_mask(source_ids, model.pad_id) if hide else None
        encoded = model.encoder(source_ids)
        ids = np.full((len(source_ids), 1), start_id if start is None else start, "int32")
        finished = np.zeros(len(source_ids), bool)
        for _ in range(max_length + more):
            if stop(finished):
                break
            logits = model.output_layer(model.decoder(ids, encoded, cross_attention_mask=mask))[:, last]
            word = choose(ops.convert_to_numpy(logits), axis=-1)
            word = np.where(finished, model.pad_id, word) if pad else word
            ids = np.concatenate([ids, word[:, None].astype("int32")], axis=1)
            finished |= word == end_id
        return tidy(ids[:, 1:], end_id, model.pad_id)

    return greedy


def keeps_start(model, source_ids, max_length, start_id, end_id, use_cache=True):
    said = greedy_with()(model, source_ids, max_length, start_id, end_id)
    return np.concatenate([np.full((len(said), 1), start_id), said], axis=1)


def last_word_only(model, source_ids, max_length, start_id, end_id, use_cache=True):
    mask, encoded = create_padding_mask(source_ids), model.encoder(source_ids)
    ids = np.full((len(source_ids), 1), start_id, "int32")
    for _ in range(max_length):
        decoded = model.decoder(ids[:, -1:], encoded, cross_attention_mask=mask)
        word = ops.argmax(model.output_layer(decoded[:, -1]), axis=-1)
        ids = np.concatenate([ids, np.asarray(word, "int32")[:, None]], axis=1)
    return cut_at_end(ids[:, 1:], end_id, model.pad_id)


def forgot_return(model, source_ids, max_length, start_id, end_id, use_cache=True):
    greedy_with()(model, source_ids, max_length, start_id, end_id)


def step_with(root=True, place=lambda p: p, mark=True, keep_said=True, keep_memory=True, hide=True, norm=True,
              each=True, squeeze=True, own=True, change=False, scores=True):  # fmt: skip
    """A learner's cached step with one thing wrong."""

    def step(model, token, position, cache):
        decoder = model.decoder
        known = ops.reshape(ops.not_equal(token, model.pad_id), (-1, 1, 1, 1))
        said = ops.slice_update(cache["said"], (0, 0, 0, position), known) if mark else cache["said"]
        x = decoder.embedding(token[:, None]) * (math.sqrt(decoder.embedding_dim) if root else 1.0)
        if place is not None:
            x = x + cache["positions"][:, place(position) : place(position) + 1]
        memories, source = [], cache["source"] if hide else None
        for n, layer in enumerate(decoder.decoder_layers):
            own_n = n if own else 0
            x, memory = cached_layer_step(layer, x, position, cache["self"][n], said, cache["cross"][own_n], source)
            memories.append(memory)
            if not each:
                memories += cache["self"][1:]
                break
        x = decoder.final_norm(x) if decoder.final_norm is not None and norm else x
        logits = model.output_layer(x) if scores else x
        new = {"self": memories if keep_memory else cache["self"], "said": said if keep_said else cache["said"]}
        if change:
            cache.update(new)
        return logits[:, 0] if squeeze else logits, {**cache, **new}

    return step


def only_logits(model, token, position, cache):
    return step_with()(model, token, position, cache)[0]


def beam_with(start_log_p="one", gain="log p", stop="k", best=max, alpha=None, extra=0, tidy=cut_at_end, carry=True,
              tell=True, cut=None, unfinished=True, divide=True, hold=None):  # fmt: skip
    """A learner's beam search with one thing wrong."""

    def search(model, source_ids, max_length, start_id, end_id, beam_width=4, length_penalty=0.6):
        k, B = (hold or beam_width), len(source_ids)
        likeliest, row = start_beams(model, source_ids, max_length, k), np.arange(B)[:, None]
        a = length_penalty if alpha is None else alpha
        ids, parents = np.full((B, k, 1), start_id), np.zeros((B, k), "int32")
        log_p = np.zeros((B, k))
        if start_log_p == "one":
            log_p[:, 1:] = -np.inf
        done = [[] for _ in range(B)]
        for length in range(1, max_length + 1):
            words, word_log_p = likeliest(ids[..., -1], parents if tell else np.tile(np.arange(k), (B, 1)))
            word_log_p = np.exp(word_log_p) if gain == "p" else word_log_p
            before = np.where(np.isfinite(log_p), 0.0, log_p) if gain == "last" else log_p
            parents, words, log_p = best_continuations(before, words, word_log_p)
            texts = ids[row, parents] if carry else np.concatenate([ids, ids], axis=1)[:, : parents.shape[1]]
            ids = np.concatenate([texts, words[..., None]], axis=-1)
            factor = penalty(length + extra, a)
            scores = log_p / factor if divide else log_p * factor
            ended = (words == end_id) & np.isfinite(log_p)
            for b, i in np.argwhere(ended[:, :k]):
                if len(done[b]) < k:
                    done[b].append((scores[b, i], ids[b, i, 1:]))
            if all(len(d) >= (k if stop == "k" else 1) for d in done):
                break
            going = np.argsort(ended, axis=1, kind="stable")[:, :k]
            ids, parents, log_p = (array[row, going] for array in (ids, parents, log_p))
        last = penalty(max_length + extra, a) if divide else 1 / penalty(max_length + extra, a)
        rest = [(log_p[b, 0] / last, ids[b, 0, 1:]) for b in range(B)]
        if not unfinished:
            rest = [(-np.inf, np.empty(0, int))] * B
        chosen = [best(d, key=lambda pair: pair[0]) if d else r for d, r in zip(done, rest, strict=True)]
        sentences = pad_batch([np.asarray(s, "int32") for _, s in chosen], end_id, max_length)
        return tidy(sentences, end_id, model.pad_id), np.array([score for score, _ in chosen])

    return search


def first_done(pairs, key):
    return pairs[0]


def positive_scores(model, source_ids, max_length, start_id, end_id, beam_width=4, length_penalty=0.6):
    ids, scores = beam_with()(model, source_ids, max_length, start_id, end_id, beam_width, length_penalty)
    return ids, -scores


def probabilities(model, source_ids, max_length, start_id, end_id, beam_width=4, length_penalty=0.6):
    ids, scores = beam_with()(model, source_ids, max_length, start_id, end_id, beam_width, length_penalty)
    return ids, np.exp(scores)


def ids_only(model, source_ids, max_length, start_id, end_id, beam_width=4, length_penalty=0.6):
    return beam_with()(model, source_ids, max_length, start_id, end_id, beam_width, length_penalty)[0]


def ablating(change, back=True, safe=True, which=lambda attention: attention.output_weights[0], key_of=lambda k: k):
    """A learner's context manager with one thing wrong."""

    @contextlib.contextmanager
    def ablate(model, key, head):
        weight = which(find_attention(model, key_of(key)))
        before = weight.numpy().copy()
        after = before.copy()
        change(after, head)
        weight.assign(after)
        if not safe:
            yield
            weight.assign(before)
            return
        try:
            yield
        finally:
            if back:
                weight.assign(before)

    return ablate


def rows(weight, head):
    weight[head] = 0


def all_rows(weight, head):
    weight[:] = 0


def columns(weight, head):
    weight[:, head] = 0


def outputs(weight, head):
    weight[..., head] = 0


def others(weight, head):
    weight[np.arange(len(weight)) != head] = 0


def nothing(weight, head):
    pass


def query_kernel(attention):
    return attention.query_weights[0]


def first_layer(key):
    stack, _, kind = key.split("/")
    return f"{stack}/0/{kind}"


def untidy(ids, end_id, pad_id):
    return ids


MUTANTS = {
    "greedy_decode": [
        (keeps_start, "the start token came back"),
        (greedy_with(tidy=untidy), "came back: padding stands from the end on"),
        (greedy_with(pad=False, tidy=untidy), "came back: padding stands from the end on"),
        (greedy_with(start=2), "begins with the end token"),
        (greedy_with(start=0), "begins with padding"),
        (greedy_with(last=0), "at the first position, each time"),
        (greedy_with(choose=np.argmin), "argmax, not argmin"),
        (greedy_with(stop=np.any), "first sentence to end ends all"),
        (greedy_with(hide=False), "looks at the source's padding"),
        (greedy_with(more=-1), "one word too few"),
        (greedy_with(stop=lambda finished: finished[0]), "only the first sentence's end"),
        (last_word_only, "reads the last word only"),
        (forgot_return, "return"),
    ],
    "cached_decoder_step": [
        (step_with(root=False), "√D is missing"),
        (step_with(place=None), "no position is added"),
        (step_with(place=lambda p: 0), "every token gets position 0"),
        (step_with(place=lambda p: p + 1), "one too large"),
        (step_with(mark=False), "mask of what was said is wrong"),
        (step_with(keep_said=False), "the words before are hidden"),
        (step_with(keep_memory=False), "hand the new memory on"),
        (step_with(keep_memory=False, keep_said=False), "the words before are hidden"),
        (step_with(hide=False), "the source's padding is looked at"),
        (step_with(norm=False), "the last norm is missing"),
        (step_with(each=False), "only the first layer"),
        (step_with(own=False), "keys and values of the source"),
        (step_with(squeeze=False), "an axis too many"),
        (step_with(scores=False), "vectors came back"),
        (step_with(change=True), "the cache that was given is changed"),
    ],
    "beam_search": [
        (beam_with(start_log_p="all"), "only one beginning is followed"),
        (beam_with(hold=1), "only one beginning is followed"),
        (beam_with(gain="p"), "probabilities are added up"),
        (beam_with(gain="last"), "only the last word's log-probability"),
        (beam_with(stop="first"), "the first sentence to end is taken"),
        (beam_with(best=first_done), "the first sentence to end is taken"),
        (beam_with(best=min), "the worst of the finished"),
        (beam_with(carry=False), "the words go to the wrong beginnings"),
        (beam_with(tell=False), "the memory goes to the wrong beginnings"),
        (beam_with(unfinished=False), "nothing comes back where no sentence has ended"),
        (beam_with(alpha=0.0), "no length penalty"),
        (beam_with(divide=False), "multiplied by the penalty"),
        (beam_with(extra=-1), "the end is not counted"),
        (beam_with(extra=1), "the start is counted"),
        (positive_scores, "the sign is wrong"),
        (probabilities, "a probability came back"),
    ],
    "ablate_head": [
        (ablating(rows, back=False), "the head stays off"),
        (ablating(rows, safe=False), "after an error inside"),
        (ablating(all_rows), "all heads are switched off"),
        (ablating(others), "the other heads are switched off"),
        (ablating(columns), "the heads are the first axis"),
        (ablating(outputs), "the heads are the first axis"),
        (ablating(nothing), "nothing is switched off"),
        (ablating(columns, which=query_kernel), "queries became zero"),
        (ablating(rows, key_of=first_layer), "the first layer's head"),
    ],
}
