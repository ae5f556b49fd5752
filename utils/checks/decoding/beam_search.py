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
    "greedy": (0, 2, 1),
    "wide": (7, 6, 0),
    "between": (21, 47),
    "penalty": (99, 127, 17),
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


def _beam(penalty=_gnmt, gain=None, add=lambda p, q: p + q, counted=lambda n: n, choose=_first_best, starts=1,
          width=lambda k: k, kept="all", enough=lambda n, k: n >= k, by_score=True, shown=up_to_the_end, nothing="best",
          text="parent", memory="parent", alpha=lambda given: given, ends=True, masked=True, same=False,
          result=lambda score: score):  # fmt: skip
    """Beam search with its usual slips.

    Args:
        penalty: (length, α) -> what a log-probability is divided by.
        gain: logits (V,) -> what each word adds; None: its log-probability.
        add: how it is added up.
        counted: length with the end -> the length that is punished.
        choose: which of the finished (score, sentence) is the best.
        starts: how many copies of the start begin.
        width: `beam_width` -> how many beginnings are kept.
        kept: "all": k beginnings go on; "shrinking": as many fewer as have ended.
        enough: (finished, k) -> whether to stop.
        by_score: whether the finished are compared by score; otherwise by log-probability.
        shown: a sentence -> what is given back of it.
        nothing: where none is finished: "best" beginning, "empty", or "preferred" even where some are.
        text: whose words a continuation carries on: its "parent"'s or its "slot"'s.
        memory: whose memory it carries on, likewise.
        alpha: `length_penalty` -> α.
        ends: whether the end is looked at.
        masked: whether the source's padding is hidden.
        same: all sentences are the first.
        result: score -> what comes back.
    """

    def of_one(model, source, max_length, k, alpha):
        def words_after(beginning):
            if gain is None:
                return _log_p(model, source, beginning, masked)
            return gain(logits_after(model.seed, source, beginning, masked))

        beams = [(0.0, [START], [START])] * (k if starts is None else starts)  # sum, text, what the model remembers
        finished, length = [], 0
        for length in range(1, max_length + 1):
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
                if w == END and ends:
                    if place < k and len(finished) < k:
                        score = p / penalty(counted(length), alpha)
                        finished.append((score if by_score else p, sentence[1:], score))
                else:
                    new.append((p, sentence, remembered))
            beams = new[: k - len(finished)] if kept == "shrinking" else new[:k]
            if enough(len(finished), k) or not beams:
                break
        if finished and nothing != "preferred":
            _, sentence, score = choose(finished)
            return shown(sentence), score
        if nothing == "empty":
            return [], -np.inf
        return shown(beams[0][1][1:]), beams[0][0] / penalty(counted(length), alpha)

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
                "a beam of width 1 says what greedy says",
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
                "the best is chosen before the penalty: compare scores, not log-probabilities", _beam(by_score=False)
            ),
            Mistake(
                "the first sentence to end is taken: go on until k have ended, then take the best score",
                _beam(enough=lambda n, k: n >= 1),
            ),
            Mistake(
                "the first sentence to end is taken: go on until k have ended, then take the best score",
                _beam(choose=lambda finished: finished[0]),
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
            "Of the first k, those whose word is the end are finished: keep (score, sentence). The first k that have "
            "not ended go on. Stop when k are finished; if none is by the last step, take the best beginning.",
        ),
    )
)
