"""Beam search on the twin, with each decision open: what beam_search is compared with, and its known mistakes."""

import numpy as np

from utils.checks.decoding.shared import logits_after, up_to_the_end
from utils.checks.decoding.twin import on_the_twin


def _log_p(model, source, prefix, masked=True) -> np.ndarray:
    logits = logits_after(model.seed, source, prefix, masked)
    return logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max()


def gnmt(length, alpha):
    """The penalty of Wu et al. 2016."""
    return ((5 + length) / 6) ** alpha


def first_best(finished):
    """The best score, of equal ones the first."""
    return max(finished, key=lambda ended: ended[0])


def last(finished):
    """The last to end."""
    return finished[-1]


def worst(finished):
    """The worst score."""
    return min(finished, key=lambda ended: ended[0])


def kept_as_log_p(finished):
    """Scores are compared, but what is kept of the best so far, and compared with, is its log-probability."""
    best = -np.inf, [], -np.inf
    for score, sentence, _, p in finished:
        best = (p, sentence, p) if score > best[0] else best
    return best


def nothing_better(open_p, best, finished, k, length, max_length, alpha, penalty):
    """The rule: the likeliest open beginning, were all that follows certain, scores no more than the best so far."""
    return hope_above(open_p, best, finished, k, length, max_length, alpha, penalty) <= 0


def hope_above(open_p, best, finished, k, length, max_length, alpha, penalty):
    """By how much the likeliest open beginning's score, were all that follows certain, is above the best so far."""
    return open_p / max(penalty(length + 1, alpha), penalty(max_length, alpha)) - best


def k_ended(open_p, best, finished, k, *_):
    """Whether k have ended."""
    return finished >= k


def first_ended(open_p, best, finished, *_):
    """Whether one has ended."""
    return finished >= 1


def grown_by(words):
    """As if the open beginning could grow by so many words only: it may grow more, and a longer one is divided by more.

    With None, by as many as there may be, less one.
    """

    def stop(open_p, best, finished, k, length, max_length, alpha, penalty):
        return open_p / penalty(max_length - 1 if words is None else length + words, alpha) <= best

    return stop


def without_penalty(open_p, best, *_):
    """The rule with a log-probability in place of a score."""
    return open_p <= best


def beam(penalty=gnmt, gain=None, add=lambda p, q: p + q, counted=lambda n: n, choose=first_best, starts=1,
         width=lambda k: k, kept="all", stop=nothing_better, by_score=True, shown=up_to_the_end, nothing="best",
         text="parent", memory="parent", alpha=lambda given: given, ends=True, masked=True, same=False, steps=0,
         counts="k", open_score="penalised", result=lambda score: score, start=lambda given: given,
         end=lambda given: given, rows=all, looks=0, known="best", elsewhere=None, shown_open=None,
         filled_with=None, every_step=False, length_of=None, cut=None, narrow=False):  # fmt: skip
    """Beam search with its usual slips.

    Args:
        penalty: (length, α) -> what a log-probability is divided by.
        gain: logits (V,) -> what each word adds; None: its log-probability.
        add: how it is added up.
        counted: length with the end -> the length that is punished.
        choose: which of the finished (score, sentence, score, log-probability) is the best.
        starts: how many copies of the start begin; None: k; below 0: k, all but one with this log-probability.
        width: `beam_width` -> how many beginnings are kept.
        kept: "all": k beginnings that have not ended go on; "shrinking": as many fewer as have ended; "ended": those
            that have ended go on too; "worst": of 2k, the k last that have not ended; "unsorted": k, as
            np.argsort without `kind` gives them.
        stop: whether to stop, or by how much not, from an open beginning and what has ended.
        by_score: whether the finished are compared by score; otherwise by log-probability.
        shown: a sentence, its end's id -> what is given back of it.
        nothing: where none is finished: "best" beginning, "empty", or "preferred" even where some are; "likelier":
            where its score is higher.
        text: whose words a continuation carries on: its "parent"'s or its "slot"'s.
        memory: whose memory it carries on, likewise; "none": it forgets; "start": it is told start at each step.
        alpha: `length_penalty` -> α.
        ends: whether the end is looked at.
        masked: whether the source's padding is hidden.
        same: all sentences are the first.
        steps: how many more than `max_length`.
        counts: which of the ended are finished: of the first "k", of all "2k", or only of the "first" place.
        open_score: of a beginning that did not end: "penalised" or its "log-probability".
        result: score -> what comes back.
        start: the id given -> the one that is used.
        end: likewise.
        rows: what `stop` says of each row, mostly whether it may stop -> whether to stop.
        looks: which of the open beginnings decides.
        known: what it must beat: the "best" of the finished, or the one that is "chosen".
        elsewhere: the penalty for stopping, and of what has not ended; None: the same.
        shown_open: `shown` of what has not ended; None: the same.
        filled_with: what stands behind a sentence, from its end's id; None: padding.
        every_step: whether all sums are divided at each step.
        cut: the end's id given -> where what comes back is cut; None: at the one that is used.
        narrow: whether no column is given back in which every sentence is over.
        length_of: `max_length` -> the length that is punished, whatever it is; None: its own.
    """
    elsewhere = elsewhere or penalty

    def of_one(model, source, max_length, start_id, end_id, k, alpha):
        """At each step whether it may stop, what is open and what has ended."""

        def words_after(beginning):
            if gain is None:
                return _log_p(model, source, beginning, masked)
            return gain(logits_after(model.seed, source, beginning, masked))

        copies = {None: [0.0] * k, 1: [0.0]}.get(starts) or [0.0] + [starts] * (k - 1)
        beams = [(p, [start_id], [start_id]) for p in copies]  # sum, text, what the model remembers
        finished, last = [], max_length + steps
        for length in range(1, last + 1):
            continuations = [
                (add(p, q), slot, w)
                for slot, (p, _, remembered) in enumerate(beams)
                for q, w in sorted(((q, w) for w, q in enumerate(words_after(remembered))), reverse=True)
            ]
            best = sorted(continuations, key=lambda c: -c[0])[: 2 * k]
            new = []
            for place, (p, slot, w) in enumerate(best):
                own = min(place if kept == "unsorted" else len(new), len(beams) - 1)
                sentence = beams[slot if text == "parent" else own][1] + [w]
                carried = beams[own if memory == "slot" else slot][2]
                remembered = [w] if memory == "none" else [*carried, start_id if memory == "start" else w]
                ended = w == end_id and ends
                if ended and place < {"k": k, "2k": 2 * k, "first": 1}[counts]:
                    score = p / penalty(length_of(max_length) if length_of else counted(length), alpha)
                    finished.append((score if by_score else p, sentence[1:], score, p))
                if not ended or kept in ("ended", "unsorted"):
                    new.append((p / penalty(length, alpha) if every_step else p, sentence, remembered))
            if kept == "unsorted":
                new = [new[n] for n in np.argsort(np.array([sentence[-1] == end_id for _, sentence, _ in new]))]
            beams = new[: k - len(finished)] if kept == "shrinking" else new[-k:] if kept == "worst" else new[:k]
            best_score = max((score for score, *_ in finished), default=-np.inf)
            best_score = choose(finished)[0] if finished and known == "chosen" else best_score
            state = best_score, len(finished), k, length, last, alpha, elsewhere
            yield not beams or stop(beams[looks][0], *state), beams, finished

    def outcome(_, beams, finished, max_length, end_id, alpha):
        if beams and (not finished or nothing in ("preferred", "likelier")) and nothing != "empty":
            divided_by = elsewhere(counted(max_length + steps), alpha) if open_score == "penalised" else 1
            score = beams[0][0] / divided_by
            if nothing != "likelier" or score > max((s for _, _, s, _ in finished), default=-np.inf):
                return (shown_open or shown)(beams[0][1][1:], end_id), score
        if not finished:
            return [], -np.inf
        _, sentence, score, *_ = choose(finished)
        return shown(sentence, end_id), score

    @on_the_twin
    def search(model, source_ids, max_length, start_id, end_id, beam_width=4, length_penalty=0.6):
        sources = source_ids[:1].repeat(len(source_ids), axis=0) if same else source_ids
        given = max_length, start(start_id), end(end_id), width(beam_width), alpha(length_penalty)
        for states in zip(*(of_one(model, source, *given) for source in sources), strict=True):
            if rows([may_stop for may_stop, *_ in states]):
                break
        best = [outcome(*state, max_length, (cut or end)(end_id), given[-1]) for state in states]
        behind = filled_with(end_id) if filled_with else model.pad_id
        ids = np.full((len(best), max_length + 1), behind, "int32")
        for filled, (sentence, _) in zip(ids, best, strict=True):
            filled[: len(sentence)] = sentence
        if narrow:
            ids = ids[:, : max(len(sentence) for sentence, _ in best)]
        ids = ids if narrow or (ids[:, -1] != behind).any() and not filled_with else ids[:, :-1]
        return ids, np.array([result(score) for _, score in best])

    return search
