"""Wrong answers to beam_search."""

import inspect

import numpy as np

from utils import decoding
from utils.decoding import (
    best_continuations,
    cut_at_end,
    penalty,
    start_beams,
)
from utils.text import pad_batch


def beam_with(start_log_p="one", gain="log p", stop="rule", best=max, alpha=None, extra=0, tidy=cut_at_end, carry=True,
              tell=True, unfinished=True, divide=True, hold=None, stay=False, unstable=False, among="k", steps=0,
              open_score="penalised"):  # fmt: skip
    """A learner's beam search with one thing wrong."""

    def search(model, source_ids, max_length, start_id, end_id, beam_width=4, length_penalty=0.6):
        k, B = (hold or beam_width), len(source_ids)
        likeliest, row = start_beams(model, source_ids, max_length, k), np.arange(B)[:, None]
        a = length_penalty if alpha is None else alpha

        def score_of(log_p, length):
            return log_p / penalty(length + extra, a) if divide else log_p * penalty(length + extra, a)

        ids, parents = np.full((B, k, 1), start_id), np.zeros((B, k), "int32")
        log_p = np.zeros((B, k))
        if start_log_p == "one":
            log_p[:, 1:] = -np.inf
        done = [[] for _ in range(B)]
        for length in range(1, max_length + 1 + steps):
            words, word_log_p = likeliest(ids[..., -1], parents if tell else np.tile(np.arange(k), (B, 1)))
            word_log_p = np.exp(word_log_p) if gain == "p" else word_log_p
            before = np.where(np.isfinite(log_p), 0.0, log_p) if gain == "last" else log_p
            parents, words, log_p = best_continuations(before, words, word_log_p)
            texts = ids[row, parents] if carry else np.concatenate([ids, ids], axis=1)[:, : parents.shape[1]]
            ids = np.concatenate([texts, words[..., None]], axis=-1)
            scores = score_of(log_p, length)
            ended = (words == end_id) & np.isfinite(log_p)
            for b, i in np.argwhere(ended[:, : {"k": k, "2k": 2 * k, "1": 1}[among]]):
                done[b].append((scores[b, i], ids[b, i, 1:]))
            if stop == "k" and all(len(d) >= k for d in done):
                break
            if stop == "first" and all(done):
                break
            going = np.argsort(np.zeros_like(ended) if stay else ended, axis=1, kind="stable")[:, :k]
            going = going[:, ::-1] if unstable else going
            ids, parents, log_p = (array[row, going] for array in (ids, parents, log_p))
            highest = {"now": penalty(length, a), "none": 1.0}.get(
                stop, max(penalty(length + 1, a), penalty(max_length, a))
            )
            top = np.array([max((score for score, _ in d), default=-np.inf) for d in done])
            if stop in ("rule", "now", "none") and (log_p.max(axis=1) / highest <= top).all():
                break
            if stop == "mean" and (log_p.max(axis=1) / highest).mean() <= top.mean():
                break
        rest = [(score_of(log_p[b, 0], max_length), ids[b, 0, 1:]) for b in range(B)]
        if open_score != "penalised":
            divided_by = penalty(max_length + 1, a) if open_score == "start counted" else 1.0
            rest = [(log_p[b, 0] / divided_by, ids[b, 0, 1:]) for b in range(B)]
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


def only_ids(model, source_ids, max_length, start_id, end_id, beam_width=4, length_penalty=0.6):
    return decoding.beam_search(model, source_ids, max_length, start_id, end_id, beam_width, length_penalty)[0]


def scores_first(model, source_ids, max_length, start_id, end_id, beam_width=4, length_penalty=0.6):
    return decoding.beam_search(model, source_ids, max_length, start_id, end_id, beam_width, length_penalty)[::-1]


def probabilities(model, source_ids, max_length, start_id, end_id, beam_width=4, length_penalty=0.6):
    ids, scores = beam_with()(model, source_ids, max_length, start_id, end_id, beam_width, length_penalty)
    return ids, np.exp(scores)


def one_thing_wrong(old, new):
    """The library's beam search, with one of its lines as a learner may write it."""
    code = inspect.getsource(decoding.beam_search)
    assert old in code, old
    names = {**vars(decoding)}
    exec(code.replace(old, new), names)
    return names["beam_search"]


def hard_coded(start="start_id", end="end_id"):
    code = inspect.getsource(decoding.beam_search)
    names = {**vars(decoding)}
    code = code.replace('start_id, "int32")', f'{start}, "int32")').replace("words == end_id", f"words == {end}")
    exec(code, names)
    return names["beam_search"]


MUTANTS = [
    (beam_with(start_log_p="all"), "only one beginning is followed"),
    (beam_with(hold=1), "only one beginning is followed"),
    (beam_with(gain="p"), "probabilities are added up"),
    (beam_with(gain="last"), "only the last word's log-probability"),
    (beam_with(stop="first"), "the first sentence to end is taken"),
    (beam_with(stop="k"), "stops as soon as k have ended"),
    (beam_with(stop="now"), "may grow longer"),
    (beam_with(stop="none"), "compared with a score"),
    (beam_with(stop="mean"), "too early for some rows"),
    (beam_with(stay=True), "stays in the beam"),
    (beam_with(among="2k"), "too many count as finished"),
    (beam_with(among="1"), "too few count as finished"),
    (beam_with(steps=-1), "one step too few"),
    (beam_with(open_score="log p"), "that has not ended is divided"),
    (beam_with(open_score="start counted"), "the start is counted"),
    (beam_with(best=first_done), "the first sentence to end is taken"),
    (beam_with(tidy=lambda ids, end_id, pad_id: cut_at_end(ids, end_id, 0)), "always 0: model.pad_id says what"),
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
    (hard_coded(start="1"), "the beginning is always the same id"),
    (hard_coded(end="2"), "the end is always the same id"),
    (hard_coded(start="1", end="2"), "start and end are always the same ones"),
    (one_thing_wrong('start_id, "int32")', 'end_id, "int32")'), "begins with the end"),
    (one_thing_wrong("np.where(np.arange(k) == 0, 0.0, -np.inf)", "np.arange(k) * -np.inf"), "a score is NaN"),
    *(
        (one_thing_wrong("== 0, 0.0, -np.inf)", f"== 0, 0.0, {log_p})"), "copies of the start compete")
        for log_p in (-5.0, -10.0, -20.0)
    ),
    (one_thing_wrong("scores[b, i], ids[b, i, 1:]", "scores[b, i], ids[b, i]"), "the start token came back"),
    (one_thing_wrong("best[b] = scores[b, i]", "best[b] = log_p[b, i]"), "log-probability is kept as its score"),
    (
        one_thing_wrong("        for b, i in", "        log_p = scores\n        for b, i in"),
        "at each step, again and again",
    ),
    (one_thing_wrong("penalty(length, ", "penalty(max_length, "), "by the penalty of `max_length`"),
    (one_thing_wrong("if all(hope", "if any(hope"), "too early for some rows"),
    (one_thing_wrong("all(hope <= [score for score, _ in best])", "hope[-1] <= best[-1][0]"), "early for some rows"),
    (one_thing_wrong("hope = log_p[:, 0]", "hope = log_p[:, -1]"), "not the last of them"),
    (one_thing_wrong("u if sentence is None else", "u if u[0] > score else"), "where it scores higher"),
    (one_thing_wrong("scores[b, i] > best[b][0]", "True"), "the last sentence to end is taken"),
    (one_thing_wrong(', kind="stable"', ""), "the order of those that go on is lost"),
    (
        one_thing_wrong("likeliest_words(ids[..., -1]", "start_beams(model, source_ids, max_length, k)(ids[..., -1]"),
        "the model remembers nothing",
    ),
    (one_thing_wrong("(ids[..., -1], parents)", "(ids[..., 0], parents)"), "told the start at each step"),
    (
        one_thing_wrong("return cut_at_end(sentences, end_id, model.pad_id)", "return sentences"),
        "the end token came back",
    ),
    (
        one_thing_wrong("log_p / penalty(length, length_penalty)", "log_p / (5 + length / 6) ** length_penalty"),
        "the brackets are missing",
    ),
    (one_thing_wrong("penalty(length, length_penalty)", "penalty(length, 0.6)"), "always that of α = 0.6"),
    (
        one_thing_wrong("len(source_ids), beam_width, np", "len(source_ids), beam_width + 1, np"),
        "one beginning too many",
    ),
    (only_ids, "ids and scores are asked for"),
    (scores_first, "the scores came back first"),
]
