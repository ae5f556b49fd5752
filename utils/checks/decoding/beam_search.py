"""The exercise beam_search: what must hold, and what each mistake looks like."""

from operator import itemgetter
from unittest import mock

import numpy as np
from keras import ops

from utils import decoding
from utils.checks.decoding.quick import quickly
from utils.checks.decoding.shared import END, SOURCES, START, logits_after, model_for, up_to_the_end, wide
from utils.checks.decoding.twin import on_the_twin
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.guard import Crash
from utils.decoding import beam_search


def _log_p(model, source, prefix, masked=True) -> np.ndarray:
    logits = logits_after(model.seed, source, prefix, masked)
    return logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max()


BEAM_SEEDS = {
    "greedy": (19, 2, 0, 1),
    "wide": (7, 0, 1),
    "between": (21, 47, 0),
    "waiting": (4, 0, 1, 12, 13),
    "penalty": (114, 17, 99),
    "endless": (0, 7, 1),
    "batch": (70, 1, 5, 4),
    "ids": (1, 4),
    "sure": (1003, 1033),
}


def _best(answer, seed, source_ids, max_length, start_id=START, end_id=END, **options):
    """Ids and scores as `answer` gives them."""
    with mock.patch.object(decoding, "compiled", quickly):
        came_back = answer(model_for(answer, seed), source_ids, max_length, start_id, end_id, **options)
    if ops.is_tensor(came_back) or isinstance(came_back, np.ndarray):
        line = f"ids and scores are asked for: only an array of shape {tuple(came_back.shape)} came back"
        return Crash("one result", line)
    ids, scores = came_back
    scores = np.asarray(ops.convert_to_numpy(scores) if ops.is_tensor(scores) else scores)
    if scores.ndim == 2 and scores.dtype.kind in "iu" and np.ndim(ids) == 1:
        return Crash("swapped", "the scores came back first: ids, then scores")
    ids = wide(ids, max_length, len(source_ids))
    if isinstance(ids, Crash):
        return ids
    if scores.dtype.kind == "f" and np.isnan(scores).any():
        return Crash("NaN", "a score is NaN: somewhere 0 times infinity, or infinity minus infinity")
    return ids, scores


def _gnmt(length, alpha):
    return ((5 + length) / 6) ** alpha


def _first_best(finished):
    return max(finished, key=lambda ended: ended[0])


def _last(finished):
    return finished[-1]


def _worst(finished):
    return min(finished, key=lambda ended: ended[0])


def _kept_as_log_p(finished):
    """Scores are compared, but what is kept of the best so far, and compared with, is its log-probability."""
    best = -np.inf, [], -np.inf
    for score, sentence, _, p in finished:
        best = (p, sentence, p) if score > best[0] else best
    return best


def _nothing_better(open_p, best, finished, k, length, max_length, alpha, penalty):
    """The rule: the likeliest open beginning, were all that follows certain, scores no more than the best so far."""
    return open_p / max(penalty(length + 1, alpha), penalty(max_length, alpha)) <= best


def _k_ended(open_p, best, finished, k, *_):
    return finished >= k


def _first_ended(open_p, best, finished, *_):
    return finished >= 1


def _grown_by(words):
    """As if the open beginning could grow by so many words only: it may grow more, and a longer one is divided by more.

    With None, by as many as there may be, less one.
    """

    def stop(open_p, best, finished, k, length, max_length, alpha, penalty):
        return open_p / penalty(max_length - 1 if words is None else length + words, alpha) <= best

    return stop


def _without_penalty(open_p, best, *_):
    return open_p <= best


def _beam(penalty=_gnmt, gain=None, add=lambda p, q: p + q, counted=lambda n: n, choose=_first_best, starts=1,
          width=lambda k: k, kept="all", stop=_nothing_better, by_score=True, shown=up_to_the_end, nothing="best",
          text="parent", memory="parent", alpha=lambda given: given, ends=True, masked=True, same=False, steps=0,
          counts="k", open_score="penalised", result=lambda score: score, start=lambda given: given,
          end=lambda given: given, rows=all, looks=0, known="best", elsewhere=None, shown_open=None,
          filled_with=None, every_step=False, length_of=None, cut=None):  # fmt: skip
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
        stop: whether to stop, from an open beginning and what has ended.
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
        rows: whether each row may stop -> whether to stop.
        looks: which of the open beginnings decides.
        known: what it must beat: the "best" of the finished, or the one that is "chosen".
        elsewhere: the penalty for stopping, and of what has not ended; None: the same.
        shown_open: `shown` of what has not ended; None: the same.
        filled_with: what stands behind a sentence, from its end's id; None: padding.
        every_step: whether all sums are divided at each step.
        cut: the end's id given -> where what comes back is cut; None: at the one that is used.
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
        ids = np.full((len(best), max_length + 1), filled_with(end_id) if filled_with else 0, "int32")
        for filled, (sentence, _) in zip(ids, best, strict=True):
            filled[: len(sentence)] = sentence
        ids = ids if ids[:, -1].any() and not filled_with else ids[:, :-1]
        return ids, np.array([result(score) for _, score in best])

    return search


def _two(given):
    return END


def _with_start(row, end):
    return [START, *up_to_the_end(row, end)]


def _with_end(row, end):
    return row[: len(up_to_the_end(row, end)) + 1]


def _divided(diagnosis, penalty):
    """That penalty everywhere, or of the finished only, where the library's functions help with the others."""
    return (
        Mistake(diagnosis, _beam(penalty=penalty)),
        Mistake(diagnosis, _beam(penalty=penalty, elsewhere=_gnmt)),
    )


def _beam_cases(name, rows, length, widths, **options):
    """A case for each seed of that name and each width."""
    return lambda rng: [
        case(seed=s, source_ids=SOURCES[rows], max_length=length, beam_width=k, **options)
        for s in BEAM_SEEDS[name]
        for k in widths
    ]


# What may be said of several mistakes alike.
TOO_EARLY = "the search stops too early: "
GROWS = (
    TOO_EARLY + "an open beginning may grow longer, up to `max_length`, and be divided by more: by up to the highest "
    "penalty there can be"
)
NOT_ALL_ROWS = (
    "the search stops too early for some rows: go on while in any row an open beginning can still win, whichever it is"
)
LIKELIEST = "the likeliest open beginning decides, not the last of them"
NOT_ONE = "copies of the start compete with it where the model is sure of a word: all but one must be impossible, -inf"
ONE_ONLY = "only one beginning is followed: `beam_width` is ignored, or all k begin alike and so stay alike"
UNORDERED = (
    'the order of those that go on is lost: the best k of the 2k, best first; np.argsort keeps it with kind="stable"'
)
END_CAME_BACK = "the end token came back: cut_at_end takes it off"


register(
    Exercise(
        name="beam_search",
        notebook="09_decoding",
        reference=beam_search,
        oracle=_beam(),
        properties=(
            Property(
                "a beam of width 1, without a penalty, says what greedy says",
                1,
                _beam_cases("greedy", slice(0, 1), 4, (1,), length_penalty=0.0),
                run=_best,
            ),
            Property(
                "a wide beam finds the best sentence of all",
                2,
                _beam_cases("wide", slice(0, 1), 3, (40,), length_penalty=0.0),
                run=_best,
            ),
            Property(
                "widths in between: of all continuations the best k go on",
                2,
                lambda rng: [
                    *_beam_cases("between", slice(0, 1), 5, (2, 3), length_penalty=0.0)(rng),
                    *_beam_cases("sure", slice(0, 1), 5, (3,), length_penalty=0.0)(rng),
                ],
                run=_best,
            ),
            Property(
                "it goes on while an open beginning can still win, with a large penalty too",
                1,
                _beam_cases("waiting", slice(0, 1), 5, (2, 3), length_penalty=4.0),
                run=_best,
            ),
            Property(
                "the length penalty",
                1,
                _beam_cases("penalty", slice(0, 1), 5, (3,)),
                run=_best,
            ),
            Property(
                "where nothing ends, the likeliest beginning comes back",
                1,
                _beam_cases("endless", slice(0, 1), 3, (2,), length_penalty=0.6),
                run=_best,
            ),
            Property(
                "a batch: each sentence has a beam of its own",
                1,
                _beam_cases("batch", slice(0, 3), 4, (2,)),
                run=_best,
            ),
            Property(
                "whatever the ids of start and end are; four beginnings where no width is given",
                1,
                lambda rng: [
                    case(seed=s, source_ids=SOURCES[:2], max_length=5, start_id=4, end_id=e)
                    for s in BEAM_SEEDS["ids"]
                    for e in (END, 5)
                ],
                run=_best,
            ),
        ),
        mistakes=(
            Mistake("the start token came back", _beam(shown=_with_start)),
            Mistake("the start token came back", _beam(shown=_with_start, shown_open=up_to_the_end)),
            Mistake(END_CAME_BACK, _beam(shown=_with_end)),
            Mistake(END_CAME_BACK, _beam(filled_with=lambda end: end)),
            Mistake(
                "logits are added up: they are not log-probabilities yet, subtract the log of the sum of their "
                "exponentials",
                _beam(gain=lambda logits: logits),
            ),
            Mistake(
                "probabilities are added up: they multiply, so add their logarithms",
                _beam(gain=lambda logits: np.exp(logits - np.log(np.exp(logits).sum()))),
            ),
            Mistake(
                "only the last word's log-probability counts: add it to that of the words before",
                _beam(add=lambda p, q: q),
            ),
            Mistake("a probability came back: the score is a log-probability", _beam(result=np.exp)),
            Mistake("the sign is wrong: log-probabilities are negative, larger is better", _beam(result=lambda s: -s)),
            *(Mistake(NOT_ONE, _beam(starts=log_p)) for log_p in (-5.0, -10.0, -20.0)),
            *(Mistake(ONE_ONLY, wrong) for wrong in (_beam(starts=None), _beam(width=lambda k: 1))),
            Mistake(
                "the words go to the wrong beginnings: carry the parent's words over, ids[row, parents]",
                _beam(text="slot"),
            ),
            Mistake(
                "the memory goes to the wrong beginnings: tell the model whose child each one is",
                _beam(memory="slot"),
            ),
            Mistake(
                "the model remembers nothing of what was said: call start_beams once, before the loop",
                _beam(memory="none"),
            ),
            Mistake(
                "the model is told the start at each step: give it the last tokens, ids[..., -1]",
                _beam(memory="start"),
            ),
            Mistake(
                "words and memory go to the wrong beginnings: both must follow the parents",
                _beam(text="slot", memory="slot"),
            ),
            Mistake(
                "the beam shrinks when a sentence ends: k beginnings that have not ended go on",
                _beam(kept="shrinking"),
            ),
            Mistake(
                "a beginning that has ended stays in the beam and takes a place: only those that have not ended go on",
                _beam(kept="ended"),
            ),
            *(Mistake(UNORDERED, wrong) for wrong in (_beam(kept="worst"), _beam(kept="unsorted", starts=-np.inf))),
            Mistake(
                "the search stops as soon as k have ended: go on while an open beginning can still beat the best one",
                _beam(stop=_k_ended),
            ),
            Mistake(
                "the first sentence to end is taken: go on while an open beginning can still beat it",
                _beam(stop=_first_ended),
            ),
            Mistake(
                TOO_EARLY + "an open beginning's log-probability is compared with a score; divide it by the highest "
                "penalty there can be",
                _beam(stop=_without_penalty),
            ),
            Mistake(GROWS, _beam(stop=_grown_by(0))),
            Mistake(GROWS, _beam(stop=_grown_by(1))),
            Mistake(GROWS, _beam(stop=_grown_by(None))),
            *(Mistake(TOO_EARLY + LIKELIEST, _beam(looks=-1, starts=starts)) for starts in (1, -np.inf)),
            *(Mistake(NOT_ALL_ROWS, _beam(rows=rows)) for rows in (any, itemgetter(0), itemgetter(-1))),
            Mistake(
                "too many count as finished: only those among the first k of the 2k",
                _beam(counts="2k"),
            ),
            Mistake(
                "too few count as finished: every one among the first k, not only the very first",
                _beam(counts="first"),
            ),
            Mistake("one step too few: `max_length` words may be said, the end among them", _beam(steps=-1)),
            Mistake(
                "the best is chosen before the penalty: compare scores, not log-probabilities", _beam(by_score=False)
            ),
            *(
                Mistake("the worst of the finished is taken", _beam(choose=_worst, known=known, starts=starts))
                for known, starts in (("best", 1), ("chosen", -np.inf))
            ),
            *(
                Mistake(
                    "the last sentence to end is taken: of those that ended, take the one with the best score",
                    _beam(choose=_last, known=known, starts=starts),
                )
                for known, starts in (("best", 1), ("chosen", -np.inf))
            ),
            Mistake(
                "a sentence's log-probability is kept as its score: keep it divided by the penalty",
                _beam(choose=_kept_as_log_p, known="chosen"),
            ),
            Mistake(
                "the sums are divided by the penalty at each step, again and again: only a score is divided, the sum "
                "goes on as it is",
                _beam(every_step=True),
            ),
            Mistake(
                "every sentence is divided by the penalty of `max_length`: each by that of its own length",
                _beam(length_of=lambda max_length: max_length),
            ),
            Mistake(
                "a beginning that has not ended is returned although others have: the best finished one comes back",
                _beam(nothing="preferred"),
            ),
            Mistake(
                "a beginning that has not ended is returned where it scores higher: where any has ended, the best "
                "finished one comes back",
                _beam(nothing="likelier"),
            ),
            Mistake(
                "nothing comes back where no sentence has ended: return the likeliest beginning", _beam(nothing="empty")
            ),
            Mistake(
                "the score of a beginning that has not ended is divided by the penalty too: that of `max_length`",
                _beam(open_score="log-probability"),
            ),
            Mistake("the end is not looked at: a sentence that has said it is finished", _beam(ends=False)),
            Mistake("no length penalty: divide by ((5 + tokens) / 6)^α", _beam(alpha=lambda given: 0.0)),
            Mistake("the penalty is always that of α = 0.6: use `length_penalty`", _beam(alpha=lambda given: 0.6)),
            Mistake(
                "the penalty is always that of α = 0.6: use `length_penalty`",
                _beam(penalty=lambda n, a: _gnmt(n, 0.6), elsewhere=_gnmt),
            ),
            *_divided("multiplied by the penalty where it should be divided", lambda n, a: 1 / _gnmt(n, a)),
            *_divided("divided by tokens^α: it is ((5 + tokens) / 6)^α", lambda n, a: n**a),
            *_divided("divided by the number of tokens: it is ((5 + tokens) / 6)^α", lambda n, a: n),
            *_divided("the 6 is missing: ((5 + tokens) / 6)^α", lambda n, a: (5 + n) ** a),
            *_divided("the brackets are missing: ((5 + tokens) / 6)^α", lambda n, a: (5 + n / 6) ** a),
            *_divided("the power is missing: ((5 + tokens) / 6)^α", lambda n, a: (5 + n) / 6 * a if a else 1),
            *_divided("α is multiplied, not a power: ((5 + tokens) / 6)^α", lambda n, a: (5 + n) / 6),
            Mistake("the end is not counted: it is one of the tokens", _beam(counted=lambda n: n - 1)),
            Mistake("the start is counted: only tokens that were said count", _beam(counted=lambda n: n + 1)),
            Mistake(
                "the beginning is always the same id: put `start_id` first, whatever it is",
                _beam(start=lambda given: START),
            ),
            *(
                Mistake("the end is always the same id: compare with `end_id`, whatever it is", wrong)
                for wrong in (_beam(end=_two), _beam(end=_two, cut=lambda given: given), _beam(cut=_two))
            ),
            *(
                Mistake(
                    "the ids of start and end are always the same ones: use `start_id` and `end_id`, whatever they are",
                    _beam(start=lambda given: START, end=_two, cut=cut),
                )
                for cut in (None, lambda given: given)
            ),
            Mistake("the sentence begins with the end: put `start_id` first", _beam(start=lambda given: END)),
            Mistake("the sentence begins with padding: put `start_id` first", _beam(start=lambda given: 0)),
            Mistake("the decoder looks at the source's padding", _beam(masked=False)),
            Mistake("every sentence became the first one: each row has a beam of its own", _beam(same=True)),
        ),
        hints=(
            "Keep k beginnings with the sum of their log-probabilities. Each step: all their continuations, the best "
            "of them, those that ended set aside. To try it yourself: from utils.checks.decoding import tiny_model.",
            "likeliest_words = start_beams(model, source_ids, max_length, k) asks the model, with its memory; "
            "best_continuations gives the 2k best, of which at most k end. ids[row, parents] carries the words over.",
            "Of the first k, those whose word is the end are finished: keep the best (score, ids) of each row. The "
            "first k that have not ended go on. log_p[:, 0] / highest_penalty(length + 1, max_length, α) is the most "
            "that can still come of them: stop when no row's is above its best score.",
        ),
    )
)
