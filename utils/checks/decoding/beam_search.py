"""The exercise beam_search: what must hold, and what each mistake looks like."""

from operator import itemgetter
from unittest import mock

import numpy as np
from keras import ops

from utils import decoding
from utils.checks.decoding.beam_variant import (
    beam,
    first_ended,
    gnmt,
    grown_by,
    hope_above,
    k_ended,
    kept_as_log_p,
    last,
    without_penalty,
    worst,
)
from utils.checks.decoding.quick import quickly
from utils.checks.decoding.shared import END, PAD, SOURCES, START, ids_of, model_for, renamed, up_to_the_end, wide
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.guard import Crash
from utils.decoding import beam_search

BEAM_SEEDS = {
    "greedy": (19, 2, 0, 1),
    "wide": (7, 0, 1),
    "between": (21, 47, 0),
    "waiting": (4, 0, 1, 12, 13),
    "penalty": (114, 17, 99),
    "endless": (0, 7, 1),
    "batch": (70, 1, 5, 4),
    "late": (62,),  # where the rows' mean says nothing can win any more, in one it can
    "ids": (1, 4, 96),
    "sure": (1003, 1033),
}


def _best(answer, seed, source_ids, max_length, start_id=START, end_id=END, pad_id=PAD, **options):
    """Ids and scores as `answer` gives them.

    The model's padding has that id for whoever asks. It stands nowhere in what is read, and what is compiled already
    goes by the id it had.
    """
    model = model_for(answer, seed)
    with mock.patch.object(decoding, "compiled", quickly), mock.patch.object(model, "pad_id", pad_id):
        came_back = answer(model, source_ids, max_length, start_id, end_id, **options)
    if ops.is_tensor(came_back) or isinstance(came_back, np.ndarray):
        line = f"ids and scores are asked for: only an array of shape {tuple(came_back.shape)} came back"
        return Crash("one result", line)
    ids, scores = came_back
    scores = np.asarray(ops.convert_to_numpy(scores) if ops.is_tensor(scores) else scores)
    if scores.ndim == 2 and scores.dtype.kind in "iu" and np.ndim(ids) == 1:
        return Crash("swapped", "the scores came back first: ids, then scores")
    ids = wide(ids, max_length, len(source_ids), pad_id)
    if isinstance(ids, Crash):
        return ids
    if scores.dtype.kind == "f" and np.isnan(scores).any():
        return Crash("NaN", "a score is NaN: somewhere 0 times infinity, or infinity minus infinity")
    return ids, scores


def _two(given):
    return END


def _with_start(row, end):
    return [START, *up_to_the_end(row, end)]


def _with_end(row, end):
    return row[: len(up_to_the_end(row, end)) + 1]


def _divided(diagnosis, penalty):
    """That penalty everywhere, or of the finished only, where the library's functions help with the others."""
    return (
        Mistake(diagnosis, beam(penalty=penalty)),
        Mistake(diagnosis, beam(penalty=penalty, elsewhere=gnmt)),
    )


def _beam_cases(name, rows, length, widths, **options):
    """A case for each seed of that name, its words renamed by chance, and each width."""
    return lambda rng: [
        case(seed=s, source_ids=SOURCES[rows], max_length=length, beam_width=k, **options)
        for s in renamed(rng, BEAM_SEEDS[name])
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
        oracle=beam(),
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
                lambda rng: [
                    *_beam_cases("batch", slice(0, 3), 4, (2,))(rng),
                    *_beam_cases("late", slice(0, 3), 5, (2,), length_penalty=4.0)(rng),
                ],
                run=_best,
            ),
            Property(
                "whatever the ids of start and end are; four beginnings where no width is given",
                1,
                lambda rng: [
                    case(seed=s, source_ids=SOURCES[:2], max_length=5, start_id=int(ids[4]), end_id=int(ids[e]), **pad)
                    for s in renamed(rng, BEAM_SEEDS["ids"])
                    for ids in [ids_of(s)]
                    for e, pad in ((END, {}), (5, {"pad_id": START}))
                ],
                run=_best,
            ),
        ),
        mistakes=(
            Mistake("the start token came back", beam(shown=_with_start)),
            Mistake("the start token came back", beam(shown=_with_start, shown_open=up_to_the_end)),
            Mistake(END_CAME_BACK, beam(shown=_with_end)),
            Mistake(END_CAME_BACK, beam(filled_with=lambda end: end)),
            Mistake(
                "logits are added up: they are not log-probabilities yet, subtract the log of the sum of their "
                "exponentials",
                beam(gain=lambda logits: logits),
            ),
            Mistake(
                "probabilities are added up: they multiply, so add their logarithms",
                beam(gain=lambda logits: np.exp(logits - np.log(np.exp(logits).sum()))),
            ),
            Mistake(
                "only the last word's log-probability counts: add it to that of the words before",
                beam(add=lambda p, q: q),
            ),
            Mistake("a probability came back: the score is a log-probability", beam(result=np.exp)),
            Mistake("the sign is wrong: log-probabilities are negative, larger is better", beam(result=lambda s: -s)),
            *(Mistake(NOT_ONE, beam(starts=log_p)) for log_p in (-5.0, -10.0, -20.0)),
            *(Mistake(ONE_ONLY, wrong) for wrong in (beam(starts=None), beam(width=lambda k: 1))),
            Mistake(
                "the words go to the wrong beginnings: carry the parent's words over, ids[row, parents]",
                beam(text="slot"),
            ),
            Mistake(
                "the memory goes to the wrong beginnings: tell the model whose child each one is",
                beam(memory="slot"),
            ),
            Mistake(
                "the model remembers nothing of what was said: call start_beams once, before the loop",
                beam(memory="none"),
            ),
            Mistake(
                "the model is told the start at each step: give it the last tokens, ids[..., -1]",
                beam(memory="start"),
            ),
            Mistake(
                "words and memory go to the wrong beginnings: both must follow the parents",
                beam(text="slot", memory="slot"),
            ),
            Mistake(
                "the beam shrinks when a sentence ends: k beginnings that have not ended go on",
                beam(kept="shrinking"),
            ),
            Mistake(
                "a beginning that has ended stays in the beam and takes a place: only those that have not ended go on",
                beam(kept="ended"),
            ),
            *(Mistake(UNORDERED, wrong) for wrong in (beam(kept="worst"), beam(kept="unsorted", starts=-np.inf))),
            Mistake(
                "the search stops as soon as k have ended: go on while an open beginning can still beat the best one",
                beam(stop=k_ended),
            ),
            Mistake(
                "the first sentence to end is taken: go on while an open beginning can still beat it",
                beam(stop=first_ended),
            ),
            Mistake(
                TOO_EARLY + "an open beginning's log-probability is compared with a score; divide it by the highest "
                "penalty there can be",
                beam(stop=without_penalty),
            ),
            Mistake(GROWS, beam(stop=grown_by(0))),
            Mistake(GROWS, beam(stop=grown_by(1))),
            Mistake(GROWS, beam(stop=grown_by(None))),
            *(Mistake(TOO_EARLY + LIKELIEST, beam(looks=-1, starts=starts)) for starts in (1, -np.inf)),
            *(Mistake(NOT_ALL_ROWS, beam(rows=rows)) for rows in (any, itemgetter(0), itemgetter(-1))),
            Mistake(NOT_ALL_ROWS, beam(stop=hope_above, rows=lambda above: np.mean(above) <= 0)),
            Mistake("one beginning too many goes on: there are `beam_width` of them", beam(width=lambda k: k + 1)),
            Mistake(
                "one beginning too few goes on: there are `beam_width` of them", beam(width=lambda k: max(1, k - 1))
            ),
            Mistake(
                "too many count as finished: only those among the first k of the 2k",
                beam(counts="2k"),
            ),
            Mistake(
                "too few count as finished: every one among the first k, not only the very first",
                beam(counts="first"),
            ),
            Mistake("one step too few: `max_length` words may be said, the end among them", beam(steps=-1)),
            Mistake(
                "the best is chosen before the penalty: compare scores, not log-probabilities", beam(by_score=False)
            ),
            *(
                Mistake("the worst of the finished is taken", beam(choose=worst, known=known, starts=starts))
                for known, starts in (("best", 1), ("chosen", -np.inf))
            ),
            *(
                Mistake(
                    "the last sentence to end is taken: of those that ended, take the one with the best score",
                    beam(choose=last, known=known, starts=starts),
                )
                for known, starts in (("best", 1), ("chosen", -np.inf))
            ),
            Mistake(
                "a sentence's log-probability is kept as its score: keep it divided by the penalty",
                beam(choose=kept_as_log_p, known="chosen"),
            ),
            Mistake(
                "the sums are divided by the penalty at each step, again and again: only a score is divided, the sum "
                "goes on as it is",
                beam(every_step=True),
            ),
            Mistake(
                "every sentence is divided by the penalty of `max_length`: each by that of its own length",
                beam(length_of=lambda max_length: max_length),
            ),
            Mistake(
                "a beginning that has not ended is returned although others have: the best finished one comes back",
                beam(nothing="preferred"),
            ),
            Mistake(
                "a beginning that has not ended is returned where it scores higher: where any has ended, the best "
                "finished one comes back",
                beam(nothing="likelier"),
            ),
            Mistake(
                "nothing comes back where no sentence has ended: return the likeliest beginning", beam(nothing="empty")
            ),
            Mistake(
                "the score of a beginning that has not ended is divided by the penalty too: that of `max_length`",
                beam(open_score="log-probability"),
            ),
            Mistake("the end is not looked at: a sentence that has said it is finished", beam(ends=False)),
            Mistake("no length penalty: divide by ((5 + tokens) / 6)^α", beam(alpha=lambda given: 0.0)),
            Mistake("the penalty is always that of α = 0.6: use `length_penalty`", beam(alpha=lambda given: 0.6)),
            Mistake(
                "the penalty is always that of α = 0.6: use `length_penalty`",
                beam(penalty=lambda n, a: gnmt(n, 0.6), elsewhere=gnmt),
            ),
            *_divided("multiplied by the penalty where it should be divided", lambda n, a: 1 / gnmt(n, a)),
            *_divided("divided by tokens^α: it is ((5 + tokens) / 6)^α", lambda n, a: n**a),
            *_divided("divided by the number of tokens: it is ((5 + tokens) / 6)^α", lambda n, a: n),
            *_divided("the 6 is missing: ((5 + tokens) / 6)^α", lambda n, a: (5 + n) ** a),
            *_divided("the brackets are missing: ((5 + tokens) / 6)^α", lambda n, a: (5 + n / 6) ** a),
            *_divided("the power is missing: ((5 + tokens) / 6)^α", lambda n, a: (5 + n) / 6 * a if a else 1),
            *_divided("α is multiplied, not a power: ((5 + tokens) / 6)^α", lambda n, a: (5 + n) / 6),
            Mistake("the end is not counted: it is one of the tokens", beam(counted=lambda n: n - 1)),
            *(
                Mistake("the start is counted: only tokens that were said count", wrong)
                for wrong in (beam(counted=lambda n: n + 1), beam(elsewhere=lambda n, a: gnmt(n + 1, a)))
            ),
            Mistake(
                "the beginning is always the same id: put `start_id` first, whatever it is",
                beam(start=lambda given: START),
            ),
            *(
                Mistake("the end is always the same id: compare with `end_id`, whatever it is", wrong)
                for wrong in (beam(end=_two), beam(end=_two, cut=lambda given: given), beam(cut=_two))
            ),
            *(
                Mistake(
                    "the ids of start and end are always the same ones: use `start_id` and `end_id`, whatever they are",
                    beam(start=lambda given: START, end=_two, cut=cut),
                )
                for cut in (None, lambda given: given)
            ),
            *(
                Mistake(
                    "what stands behind a sentence is always 0: model.pad_id says what, whatever it is",
                    beam(filled_with=lambda end: PAD, narrow=narrow),
                )
                for narrow in (True, False)
            ),
            Mistake("the sentence begins with the end: put `start_id` first", beam(start=lambda given: END)),
            Mistake("the sentence begins with padding: put `start_id` first", beam(start=lambda given: 0)),
            Mistake("the decoder looks at the source's padding", beam(masked=False)),
            Mistake("every sentence became the first one: each row has a beam of its own", beam(same=True)),
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
