"""The exercise beam_search: what must hold, and what each mistake looks like."""

from unittest import mock

import numpy as np
from keras import ops

from utils import decoding
from utils.checks.decoding.quick import quickly
from utils.checks.decoding.shared import END, SOURCES, START, logits_after, model_for, up_to_the_end, wide
from utils.checks.decoding.twin import on_the_twin
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.decoding import beam_search


def _log_p(model, source, prefix, masked=True) -> np.ndarray:
    logits = logits_after(model.seed, source, prefix, masked)
    return logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max()


BEAM_SEEDS = {
    "greedy": (19, 2, 0, 1),
    "wide": (7, 0, 1),
    "between": (21, 47, 0),
    "waiting": (4, 0, 1, 12),
    "penalty": (114, 17, 99),
    "endless": (0, 7, 1),
    "batch": (70, 1, 5),
}


def _best(answer, seed, source_ids, max_length, beam_width, **options):
    """Ids and scores as `answer` gives them; by name or by position, both must do."""
    with mock.patch.object(decoding, "compiled", quickly):
        given = model_for(answer, seed), source_ids, max_length, START, END
        ids, scores = answer(*given, beam_width=beam_width, **options)
    return wide(ids, max_length), np.asarray(ops.convert_to_numpy(scores) if ops.is_tensor(scores) else scores)


def _gnmt(length, alpha):
    return ((5 + length) / 6) ** alpha


def _first_best(finished):
    return max(finished, key=lambda pair: pair[0])


def _nothing_better(open_p, best, finished, k, length, max_length, alpha, penalty):
    """The rule: the likeliest open beginning, were all that follows certain, scores no more than the best so far."""
    return open_p / max(penalty(length + 1, alpha), penalty(max_length, alpha)) <= best


def _k_ended(open_p, best, finished, k, *_):
    return finished >= k


def _first_ended(open_p, best, finished, *_):
    return finished >= 1


def _as_it_is(open_p, best, finished, k, length, max_length, alpha, penalty):
    """As if the open beginning ended here: but it may grow, and a longer one is divided by more."""
    return open_p / penalty(length, alpha) <= best


def _without_penalty(open_p, best, *_):
    return open_p <= best


def _beam(penalty=_gnmt, gain=None, add=lambda p, q: p + q, counted=lambda n: n, choose=_first_best, starts=1,
          width=lambda k: k, kept="all", stop=_nothing_better, by_score=True, shown=up_to_the_end, nothing="best",
          text="parent", memory="parent", alpha=lambda given: given, ends=True, masked=True, same=False, steps=0,
          counts="k", open_score="penalised", result=lambda score: score):  # fmt: skip
    """Beam search with its usual slips.

    Args:
        penalty: (length, α) -> what a log-probability is divided by.
        gain: logits (V,) -> what each word adds; None: its log-probability.
        add: how it is added up.
        counted: length with the end -> the length that is punished.
        choose: which of the finished (score, sentence) is the best.
        starts: how many copies of the start begin.
        width: `beam_width` -> how many beginnings are kept.
        kept: "all": k beginnings that have not ended go on; "shrinking": as many fewer as have ended; "ended": those
            that have ended go on too; "worst": of 2k, the k last that have not ended.
        stop: whether to stop, from the likeliest open beginning and what has ended.
        by_score: whether the finished are compared by score; otherwise by log-probability.
        shown: a sentence -> what is given back of it.
        nothing: where none is finished: "best" beginning, "empty", or "preferred" even where some are.
        text: whose words a continuation carries on: its "parent"'s or its "slot"'s.
        memory: whose memory it carries on, likewise.
        alpha: `length_penalty` -> α.
        ends: whether the end is looked at.
        masked: whether the source's padding is hidden.
        same: all sentences are the first.
        steps: how many more than `max_length`.
        counts: which of the ended are finished: of the first "k", of all "2k", or only of the "first" place.
        open_score: of a beginning that did not end: "penalised" or its "log-probability".
        result: score -> what comes back.
    """

    def of_one(model, source, max_length, k, alpha):
        def words_after(beginning):
            if gain is None:
                return _log_p(model, source, beginning, masked)
            return gain(logits_after(model.seed, source, beginning, masked))

        beams = [(0.0, [START], [START])] * (k if starts is None else starts)  # sum, text, what the model remembers
        finished, length, last = [], 0, max_length + steps
        for length in range(1, last + 1):
            continuations = [
                (add(p, q), slot, w)
                for slot, (p, _, remembered) in enumerate(beams)
                for w, q in enumerate(words_after(remembered))
            ]
            best = sorted(continuations, key=lambda c: -c[0])[: 2 * k]
            new = []
            for place, (p, slot, w) in enumerate(best):
                own = min(len(new), len(beams) - 1)
                sentence = beams[slot if text == "parent" else own][1] + [w]
                remembered = beams[slot if memory == "parent" else own][2] + [w]
                if w == END and ends and place < {"k": k, "2k": 2 * k, "first": 1}[counts]:
                    score = p / penalty(counted(length), alpha)
                    finished.append((score if by_score else p, sentence[1:], score))
                if w != END or not ends or kept == "ended":
                    new.append((p, sentence, remembered))
            beams = new[: k - len(finished)] if kept == "shrinking" else new[-k:] if kept == "worst" else new[:k]
            best_score = max((score for score, *_ in finished), default=-np.inf)
            state = best_score, len(finished), k, length, last, alpha, penalty
            if not beams or stop(beams[0][0], *state):
                break
        if finished and nothing != "preferred":
            _, sentence, score = choose(finished)
            return shown(sentence), score
        if nothing == "empty" or not beams:
            return [], -np.inf
        divided_by = penalty(counted(last), alpha) if open_score == "penalised" else 1
        return shown(beams[0][1][1:]), beams[0][0] / divided_by

    @on_the_twin
    def search(model, source_ids, max_length, start_id, end_id, beam_width=4, length_penalty=0.6):
        sources = source_ids[:1].repeat(len(source_ids), axis=0) if same else source_ids
        best = [of_one(model, source, max_length, width(beam_width), alpha(length_penalty)) for source in sources]
        ids = np.zeros((len(best), max_length + 1), "int32")
        for filled, (sentence, _) in zip(ids, best, strict=True):
            filled[: len(sentence)] = sentence
        ids = ids if ids[:, -1].any() else ids[:, :-1]
        return ids, np.array([result(score) for _, score in best])

    return search


def _with_end(row):
    return row[: len(up_to_the_end(row)) + 1]


def _beam_cases(name, rows, length, widths, **options):
    """A case for each seed of that name and each width."""
    return lambda rng: [
        case(seed=s, source_ids=SOURCES[rows], max_length=length, beam_width=k, **options)
        for s in BEAM_SEEDS[name]
        for k in widths
    ]


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
                _beam_cases("between", slice(0, 1), 5, (2, 3), length_penalty=0.0),
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
        ),
        mistakes=(
            Mistake("the start token came back", _beam(shown=lambda row: [START, *up_to_the_end(row)])),
            Mistake("the end token came back: cut_at_end takes it off", _beam(shown=_with_end)),
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
            Mistake(
                "only one beginning is followed: `beam_width` is ignored, or all k begin alike and so stay alike",
                _beam(starts=None),
            ),
            Mistake(
                "only one beginning is followed: `beam_width` is ignored, or all k begin alike and so stay alike",
                _beam(width=lambda k: 1),
            ),
            Mistake(
                "the words go to the wrong beginnings: carry the parent's words over, ids[row, parents]",
                _beam(text="slot"),
            ),
            Mistake(
                "the memory goes to the wrong beginnings: tell the model whose child each one is",
                _beam(memory="slot"),
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
            Mistake(
                "the order of those that go on is lost: the best k of the 2k, best first; np.argsort keeps it with "
                'kind="stable"',
                _beam(kept="worst"),
            ),
            Mistake(
                "the search stops as soon as k have ended: go on while an open beginning can still beat the best one",
                _beam(stop=_k_ended),
            ),
            Mistake(
                "the first sentence to end is taken: go on while an open beginning can still beat it",
                _beam(stop=_first_ended),
            ),
            Mistake(
                "the search stops too early: an open beginning's log-probability is compared with a score; divide it "
                "by the highest penalty there can be",
                _beam(stop=_without_penalty),
            ),
            Mistake(
                "the search stops too early: an open beginning may grow longer and be divided by more than now, by up "
                "to the highest penalty there can be",
                _beam(stop=_as_it_is),
            ),
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
            Mistake("the worst of the finished is taken", _beam(choose=lambda f: min(f, key=lambda pair: pair[0]))),
            Mistake(
                "the last sentence to end is taken: of those that ended, take the one with the best score",
                _beam(choose=lambda finished: finished[-1]),
            ),
            Mistake(
                "a beginning that has not ended is returned although others have: the best finished one comes back",
                _beam(nothing="preferred"),
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
                "multiplied by the penalty where it should be divided", _beam(penalty=lambda n, a: 1 / _gnmt(n, a))
            ),
            Mistake("divided by tokens^α: it is ((5 + tokens) / 6)^α", _beam(penalty=lambda n, a: n**a)),
            Mistake(
                "divided by the number of tokens: it is ((5 + tokens) / 6)^α",
                _beam(penalty=lambda n, a: n),
            ),
            Mistake("the 6 is missing: ((5 + tokens) / 6)^α", _beam(penalty=lambda n, a: (5 + n) ** a)),
            Mistake(
                "the power is missing: ((5 + tokens) / 6)^α", _beam(penalty=lambda n, a: (5 + n) / 6 * a if a else 1)
            ),
            Mistake("α is multiplied, not a power: ((5 + tokens) / 6)^α", _beam(penalty=lambda n, a: (5 + n) / 6)),
            Mistake("the end is not counted: it is one of the tokens", _beam(counted=lambda n: n - 1)),
            Mistake("the start is counted: only tokens that were said count", _beam(counted=lambda n: n + 1)),
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
