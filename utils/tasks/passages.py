"""Questions about passages of any length: cut into windows, read, put together again, scored. No framework."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from tokenizers import Tokenizer

from utils.datasets.readers.squad import Question
from utils.pretrained.tokenizer import between, marks_of, within
from utils.tasks.spans import best_spans, char_span_to_tokens, exact_match_and_f1, make_windows
from utils.text.sentences import sentences

NULL = (0, 0)  # "no answer here" is the span from [CLS] to [CLS]
NEVER = float("inf")  # the threshold of a model that always answers
AS_LEARNT = {"likeness": 10.0, "looks": 2}  # what `fine_tune` sets unless told otherwise


@dataclass(frozen=True)
class Settings:
    """How passages are cut and answers chosen.

    Attributes:
        max_length: tokens of a window, at most: [CLS] question [SEP] context [SEP].
        stride: tokens of context that two neighbouring windows share.
        max_question: tokens of a question, at most; the rest is cut off.
        max_answer_length: tokens of an answer, at most.
        n_best: how many spans of a window are considered.
        max_windows: of a passage's windows so many are read, those with most of the question's words: `relevance`.
        threshold: an answer is declined where the null score exceeds the best span's by more than this.
        likeness: how much a sentence's likeness to the question adds to the scores of its spans; 0 for not at all.
        looks: how often a passage is read, once or twice, cut differently each time: `utils.tasks.looks`.
        temperature: scores are divided by it before they become probabilities: `answers_of`.
        doubt: how likely some other answer is, beside the best; 0 for a model that takes its own for all there are.
    """

    max_length: int = 160
    stride: int = 64
    max_question: int = 64
    max_answer_length: int = 30
    n_best: int = 20
    max_windows: int = 6
    threshold: float = NEVER
    likeness: float = 0.0
    looks: int = 1
    temperature: float = 1.0
    doubt: float = 0.0


@dataclass(frozen=True, eq=False)
class Window:
    """A question and as much of its passage as fits: what the model reads at once.

    Attributes:
        question: the number of the question.
        ids: [CLS] question [SEP] context [SEP], T numbers.
        type_ids: 0 for the question, 1 for the context, (T,).
        offsets: of every token into the passage, (T,) pairs; (0, 0) where it is not the context's.
        sentences: 0 for the question, then 1, 2, … for the window's first sentence, its second and so on, (T,).
    """

    question: int
    ids: list[int]
    type_ids: list[int]
    offsets: list[tuple[int, int]]
    sentences: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def context(self) -> slice:
        """Where the context's tokens stand."""
        return slice(self.type_ids.index(1), len(self.ids) - 1)


@dataclass(frozen=True)
class Reading:
    """What a model makes of a question after all windows: spans of characters, the best first, and the null score.

    Attributes:
        null_score: the minimum over windows of the null span's score: it is high only where no window answers.
        spans: (start, end, score), no span twice.
    """

    null_score: float
    spans: list[tuple[int, int, float]]

    @property
    def best(self) -> float:
        """The best span's score."""
        return self.spans[0][2] if self.spans else -np.inf

    @property
    def margin(self) -> float:
        """How much higher null scores than the best span: above the threshold, the question is declined."""
        return self.null_score - self.best


# Before the model ----------------------------------------------------------------------------------


def cut(questions: Sequence[Question], tokenizer: Tokenizer, settings: Settings) -> list[Window]:
    """The windows of all questions, in their order; a passage without a token has none."""
    contexts = list(dict.fromkeys(q.context for q in questions))
    codes = tokenizer.encode_batch(contexts, add_special_tokens=False)
    read = {c: (code.ids, within(c, code.offsets)) for c, code in zip(contexts, codes, strict=True)}  # once: it copies
    counted = {context: sentence_of_token(context, offsets) for context, (_, offsets) in read.items()}
    asked = tokenizer.encode_batch([q.question for q in questions], add_special_tokens=False)
    (cls, sep), middle = marks_of(tokenizer), between(tokenizer)
    windows = []
    for number, (question, words) in enumerate(zip(questions, asked, strict=True)):
        front = [cls, *words.ids[: settings.max_question], *middle]
        ids, offsets = read[question.context]
        room = settings.max_length - len(front) - 1
        for start, end in make_windows(len(ids), room, min(settings.stride, room - 1)):
            number_of = counted[question.context][start:end] - counted[question.context][start] + 1
            windows.append(
                Window(
                    number,
                    [*front, *ids[start:end], sep],
                    [0] * len(front) + [1] * (end - start + 1),
                    [(0, 0)] * len(front) + offsets[start:end] + [(0, 0)],
                    [0] * len(front) + [*number_of.tolist(), int(number_of[-1])],
                )
            )
    return windows


def sentence_of_token(text: str, offsets: Sequence[tuple[int, int]]) -> np.ndarray:
    """For each of a text's tokens the number of the sentence in which it begins, from 0 on; (T,)."""
    ends = [end for _, end in sentences(text)]
    return np.searchsorted(ends, [start for start, _ in offsets], side="right")


def sentence_at(text: str, place: int) -> str:
    """The sentence of a text in which the character of that number stands."""
    return next((text[start:end].strip() for start, end in sentences(text) if start <= place < end), "")


def label(window: Window, question: Question) -> tuple[int, int]:
    """The first and last token of the question's first answer, or NULL where the window does not hold it whole."""
    if not question.answers:
        return NULL
    text, start = question.answers[0]
    return char_span_to_tokens(window.offsets, start, start + len(text)) or NULL


def relevance(windows: Sequence[Window]) -> np.ndarray:
    """How much each window has of its question's words, those weighing most that few windows of the passage hold.

    BM25 (Robertson and Zaragoza 2009, section 3.4; k1 = 1.2, b = 0.75) over word pieces, the windows of a question
    being the collection. A word that every window holds counts next to nothing.

    Returns:
        (N,), at least 0.
    """
    of_question: dict[int, list[int]] = {}
    for i, window in enumerate(windows):
        of_question.setdefault(window.question, []).append(i)
    scores = np.zeros(len(windows))
    for rows in of_question.values():
        if len(rows) == 1:
            continue  # nothing to compare it with
        pieces = [Counter(windows[i].ids[windows[i].context]) for i in rows]
        lengths = np.array([part.total() for part in pieces])
        fullness = 1.2 * (0.25 + 0.75 * lengths / lengths.mean())
        for piece in set(windows[rows[0]].ids[1 : windows[rows[0]].context.start - 1]):
            times = np.array([part[piece] for part in pieces])
            holding = (times > 0).sum()
            rarity = np.log(1 + (len(rows) - holding + 0.5) / (holding + 0.5))
            scores[rows] += rarity * 2.2 * times / (times + fullness)
    return scores


def to_read(windows: Sequence[Window], most: int) -> list[Window]:
    """Of each question's windows the `most` that are most relevant, in their order."""
    return [windows[i] for i in _most_relevant(windows, most, np.ones(len(windows), bool))]


def _most_relevant(windows: Sequence[Window], most: int, among: np.ndarray) -> list[int]:
    """Of each question's windows that are `among` these, the numbers of the `most` relevant; ascending."""
    scores, taken, chosen = relevance(windows), Counter(), []
    for i in np.argsort(-scores, kind="stable"):  # the earlier of two that are level
        if among[i] and taken[windows[i].question] < most:
            taken[windows[i].question] += 1
            chosen.append(int(i))
    return sorted(chosen)


def to_learn_from(windows: Sequence[Window], questions: Sequence[Question],
                  negatives: int = 2) -> tuple[list[Window], np.ndarray]:  # fmt: skip
    """The windows that hold an answer, and of each question the `negatives` most relevant others.

    A long passage has dozens of windows without the answer: learnt from all of them, a model learns to decline. The
    most relevant are the ones it will have to tell from the right one: see `to_read`.

    Returns:
        N windows, and the first and last token of the answer in each, (N, 2) int32.
    """
    labels = [label(w, questions[w.question]) for w in windows]
    without = np.array([found == NULL for found in labels], bool)
    chosen = sorted({*np.flatnonzero(~without).tolist(), *_most_relevant(windows, negatives, without)})
    return [windows[i] for i in chosen], np.array([labels[i] for i in chosen], "int32").reshape(-1, 2)


# After the model -----------------------------------------------------------------------------------


def put_together(windows: Sequence[Window], logits: Iterable[tuple[np.ndarray, np.ndarray]], number: int,
                 settings: Settings) -> list[Reading]:  # fmt: skip
    """What all windows say of each of `number` questions.

    Args:
        windows: of all questions.
        logits: of each window, start (T,) and end (T,).
        number: of questions.
        settings: see `Settings`.
    """
    nulls, found = [[] for _ in range(number)], [{} for _ in range(number)]
    for window, (start_logits, end_logits) in zip(windows, logits, strict=True):
        nulls[window.question].append(float(start_logits[0] + end_logits[0]))
        part = window.context
        spans = best_spans(start_logits[part], end_logits[part], settings.max_answer_length, settings.n_best)
        for first, last, score in spans:
            span = window.offsets[part.start + first][0], window.offsets[part.start + last][1]
            known = found[window.question]
            known[span] = max(known.get(span, -np.inf), score)
    readings = []
    for null, spans in zip(nulls, found, strict=True):
        best = sorted(spans.items(), key=lambda item: (-item[1], item[0]))[: settings.n_best]
        readings.append(Reading(min(null, default=0.0), [(*span, score) for span, score in best]))
    return readings


def answers_of(reading: Reading, context: str, threshold: float, temperature: float = 1.0,
               doubt: float = 0.0) -> list[dict]:  # fmt: skip
    """All answers considered, the most probable first, cut from the passage; text "" declines.

    Null comes first where it exceeds the best span by more than the threshold. Scores: see `shares`.
    """
    answers = [{"text": context[start:end], "start": start, "end": end} for start, end, _ in reading.spans]
    if threshold < NEVER or not answers:
        answers.append({"text": "", "start": 0, "end": 0})
    order = np.argsort(-_scores(reading, threshold), kind="stable")  # a span before null where they are level
    found = zip(order, shares(reading, threshold, temperature, doubt), strict=True)
    return [{**answers[i], "score": float(share)} for i, share in found]


def shares(reading: Reading, threshold: float, temperature: float = 1.0, doubt: float = 0.0) -> np.ndarray:
    """The probabilities of all answers considered, the highest first: a softmax over their scores.

    The scores are the spans' and, as one answer more, the null score less the threshold. With s the best of them:

        share of i = e^((s_i - s) / temperature) / (sum over j of e^((s_j - s) / temperature) + doubt)

    Args:
        reading: of one question.
        threshold: NEVER leaves null out, where there is a span.
        temperature: above 1 for a model that is too sure.
        doubt: e^0 = 1 is what the best answer has; so much has what is none of these. They add up to less than 1 then.
    """
    scores = np.sort(_scores(reading, threshold))[::-1]
    parts = np.exp((scores - scores[0]) / temperature)
    return parts / (parts.sum() + doubt)


def _scores(reading: Reading, threshold: float) -> np.ndarray:
    """The spans' scores, then null's where declining is possible; there is always one."""
    scores = [score for _, _, score in reading.spans]
    if threshold < NEVER or not scores:
        scores.append(reading.null_score - threshold if scores else 0.0)
    return np.array(scores)


def said(reading: Reading, context: str, threshold: float) -> str:
    """The answer's text, "" where it is declined."""
    if not reading.spans or reading.margin > threshold:
        return ""
    start, end, _ = reading.spans[0]
    return context[start:end]


def right_answers(question: Question) -> list[str]:
    """The texts that count as right."""
    return [answer.text for answer in question.answers]


def choose_threshold(readings: Sequence[Reading], questions: Sequence[Question]) -> float:
    """The threshold with the highest mean F1 on these questions; NEVER where all of them can be answered."""
    if all(q.answers for q in questions):
        return NEVER
    curve = threshold_curve(readings, questions)
    best = int(np.argmax(curve["f1"]))
    return float(curve["threshold"][best])


def threshold_curve(readings: Sequence[Reading], questions: Sequence[Question]) -> dict[str, np.ndarray]:
    """Scores at every threshold that makes a difference, from declining all to answering all.

    Returns:
        threshold, f1 (mean over all), answerable_f1 (over those with an answer) and declined (the share of those
        without one that is declined), (N + 1,) each.
    """
    f1 = np.array([exact_match_and_f1(said(r, q.context, NEVER), right_answers(q))[1]
                   for r, q in zip(readings, questions, strict=True)])  # fmt: skip
    has_answer = np.array([bool(q.answers) for q in questions])
    margins = np.array([r.margin for r in readings])
    order = np.argsort(margins, kind="stable")  # those answered most surely first
    sorted_margins = margins[order]
    middles = (sorted_margins[1:] + sorted_margins[:-1]) / 2
    thresholds = np.concatenate([[sorted_margins[0] - 1], middles, [sorted_margins[-1] + 1]])
    answered = np.searchsorted(sorted_margins, thresholds, side="right")  # so many have a margin <= threshold
    gained = np.concatenate([[0], np.cumsum(np.where(has_answer, f1, 0)[order])])[answered]
    refused = (~has_answer).sum() - np.concatenate([[0], np.cumsum(~has_answer[order])])[answered]
    return {
        "threshold": thresholds,
        "f1": (gained + refused) / len(f1),
        "answerable_f1": gained / max(has_answer.sum(), 1),
        "declined": refused / max((~has_answer).sum(), 1),
    }


def scores_of(answers: Sequence[str], questions: Sequence[Question]) -> dict[str, float]:
    """Exact match and F1 over all questions, and apart for those with and without an answer.

    Returns:
        exact_match, f1, questions; where some cannot be answered also answerable_f1 and declined, the share of
        those without an answer that is declined.
    """
    pairs = zip(answers, questions, strict=True)
    each = np.array([exact_match_and_f1(a, right_answers(q)) for a, q in pairs]).reshape(-1, 2)
    scores = {"exact_match": float(each[:, 0].mean()), "f1": float(each[:, 1].mean()), "questions": len(each)}
    has_answer = np.array([bool(q.answers) for q in questions])
    if not has_answer.all():
        scores["answerable_f1"] = float(each[has_answer, 1].mean()) if has_answer.any() else 0.0
        scores["declined"] = float(each[~has_answer, 0].mean())
    return scores
