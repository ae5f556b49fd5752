"""Lesson 16's stored experiment: a decoder alone that learns the course's own English, and the counts beside it.

`python -m benchmarks.a_decoder_alone` trains every arm and writes data/experiments/a_decoder_alone.json; run again it
goes on where it stopped. `Writer` is what the lesson trains live.

It reads two kinds of text: the English sentences of data/french_english, and the stories of data/stories, each with
its questions and answers behind it. Both are cut out of one long stream, wherever a window happens to fall.
"""

import argparse
import functools
import gzip
import json
import math
import os
import re
from collections import Counter
from pathlib import Path

import numpy as np

from benchmarks.ngrams import AddK, KneserNey
from utils.datasets.generators import french_english, stories
from utils.datasets.generators.french_english.judge import is_given, spaced
from utils.text import SubwordVocabulary

FILE = Path(__file__).resolve().parents[1] / "data" / "experiments" / "a_decoder_alone.json"
PIECES, WINDOW, BATCH = 1600, 128, 12
SIZES = {"lesson": (2, 128, 4, 512), "narrow": (2, 64, 4, 256), "deep": (4, 128, 4, 512)}
CONTEXTS = (1, 2, 3, 4, 8, 16, 32, 64)
SETTINGS = {
    "temperature 0.5": {"temperature": 0.5},
    "temperature 1": {},
    "temperature 1.5": {"temperature": 1.5},
    "top-k 10": {"top_k": 10},
    "top-p 0.9": {"top_p": 0.9},
    "1.5, top-p 0.9": {"temperature": 1.5, "top_p": 0.9},
}


@functools.cache
def sentences(split: str) -> tuple[str, ...]:
    """The English sentences of a split; of a test's those that train does not have."""
    found = [english for _, english in french_english.load(split)]
    known = set() if split == "train" else set(sentences("train"))
    return tuple(dict.fromkeys(text for text in found if text not in known))


@functools.cache
def tales(split: str, questions: bool = True) -> tuple[str, ...]:
    """The stories of a split, each with its questions and answers behind it, or without."""
    return tuple(as_text(p, questions) for p in paragraphs(split))


@functools.cache
def paragraphs(split: str) -> tuple[dict, ...]:
    """The stories of a split as they stand in their file."""
    return tuple(p for article in load_squad_file(split)["data"] for p in article["paragraphs"])


def load_squad_file(split: str) -> dict:
    """A split of data/stories."""
    return json.loads(gzip.decompress((stories.FOLDER / f"{split}.json.gz").read_bytes()))


def as_text(paragraph: dict, questions: bool = True) -> str:
    """A story, and behind it each question with its answer."""
    asked = [f"{q['question']} {q['answers'][0]['text']}." for q in paragraph["qas"]] if questions else []
    return " ".join([paragraph["context"], *asked])


@functools.cache
def vocabulary() -> SubwordVocabulary:
    """Pieces of both kinds of text, learnt from train."""
    return SubwordVocabulary.train([*sentences("train"), *tales("train")], size=PIECES)


def encoded(texts) -> list[np.ndarray]:
    """Ids of texts, start first and end last, cut at the window."""
    return [ids[:WINDOW] for ids in vocabulary().encode_all(list(texts))]


class Stream:
    """One long row of ids, text after text in an order by chance, out of which windows are cut.

    Args:
        rows: texts as ids. seed: of the order and of the windows.
    """

    def __init__(self, rows, seed: int):
        self.random = np.random.default_rng(seed)
        self.ids = np.concatenate([rows[n] for n in self.random.permutation(len(rows))])

    def batch(self, rows: int = BATCH, length: int = WINDOW) -> np.ndarray:
        """Windows (rows, length) int32, from anywhere."""
        first = self.random.integers(0, len(self.ids) - length, rows)
        return self.ids[first[:, None] + np.arange(length)].astype("int32")


class Writer:
    """A `LanguageModel` with its optimizer and its compiled step.

    Args:
        size: a name of `SIZES`. model, loss: the classes and functions to take; None takes the library's.
    """

    def __init__(self, size: str = "lesson", model=None, loss=None, seed: int = 0):
        import keras
        import tensorflow as tf

        from utils.layers import LanguageModel
        from utils.layers.language_model import next_token_loss

        keras.utils.set_random_seed(seed)
        self.seed, self.vocabulary = seed, vocabulary()
        self.model = (model or LanguageModel)(*SIZES[size], len(self.vocabulary), WINDOW, dropout_rate=0.0)
        self.model.build((None, None))
        self.optimizer = keras.optimizers.Adam(1e-3, beta_2=0.98, clipnorm=1.0)
        self.optimizer.build(self.model.trainable_variables)
        loss = loss or next_token_loss

        @tf.function(jit_compile=False)
        def step(ids):
            with tf.GradientTape() as tape:
                value = loss(ids, self.model(ids, training=True))
            gradients = tape.gradient(value, self.model.trainable_variables)
            self.optimizer.apply(gradients, self.model.trainable_variables)
            return value

        self.step = step

    def train(self, steps: int, every: int = 0, say=print) -> list[float]:
        """Learns from so many batches of windows; the rate rises over 50 steps, and falls to a tenth.

        Args:
            steps: how many batches.
            every: after how many steps `say` gets the step and the mean loss; 0: never.
            say: what is done with them.

        Returns:
            The loss of each step.
        """
        stream, losses = Stream(encoded([*sentences("train"), *tales("train")]), self.seed), []
        for n in range(steps):
            rate = 3e-3 * min((n + 1) / 50, 0.1 + 0.9 * (1 - n / steps))
            self.optimizer.learning_rate.assign(rate)
            losses.append(float(self.step(stream.batch())))
            if every and (n + 1) % every == 0:
                say(n + 1, np.mean(losses[-every:]))
        return losses

    def write(self, beginning: str = "", number: int = 1, **options) -> list[str]:
        """Texts on from a beginning; `options` are those of `generate`."""
        from utils.generating import generate

        prompt = self.vocabulary.encode(beginning)[:-1]
        options = {"max_length": WINDOW, **options}
        return [self.vocabulary.decode(ids) for ids in generate(self.model, prompt, number, **options)]

    def answer(self, story: str, question: str, candidates) -> tuple[str, dict[str, float]]:
        """Which candidate is the likeliest text behind a story and a question, and each one's share."""
        from utils.generating import log_probabilities

        before = f"{story} {question}"
        length = len(self.vocabulary.encode(before)) - 1
        rows = self.vocabulary.encode_all([f"{before} {c}." for c in candidates])
        total = np.array([row[length - 1 : -1].sum() for row in log_probabilities(self.model, rows)], "float64")
        share = np.exp(total - total.max())
        return candidates[int(total.argmax())], dict(zip(candidates, (share / share.sum()).tolist(), strict=True))


# What is measured ----------------------------------------------------------------------------------


def places(rows, number: int, seed: int = 0) -> list[tuple[int, int]]:
    """Places (text, token) drawn by chance, not before a text's second token."""
    every = [(n, t) for n, row in enumerate(rows) for t in range(1, len(row))]
    return [every[i] for i in np.random.default_rng(seed).permutation(len(every))[:number]]


def by_context(model, rows, chosen, contexts=CONTEXTS) -> dict[int, float]:
    """Perplexity at some places where a model may read so many tokens before each and no more."""
    from utils.generating import log_probabilities

    found = {}
    for c in contexts:
        cut = [rows[n][max(0, t - c) : t + 1] for n, t in chosen]
        found[c] = math.exp(-np.mean([log_p[-1] for log_p in log_probabilities(model, cut, 128)]))
    return found


def ngram_by_order(texts, rows, chosen, orders=range(1, 7)) -> dict[str, dict[int, float]]:
    """The same for n-grams, by context (n - 1 tokens): Kneser-Ney, and add-k with the best of several k."""
    V, found = len(vocabulary()), {"Kneser-Ney": {}, "add-k": {}}
    for order in orders:
        model = KneserNey(order, V).fit(texts)
        found["Kneser-Ney"][order - 1] = _at(model, rows, chosen)
        counted = AddK(order, V).fit(texts)
        tried = []
        for k in (1.0, 0.1, 0.01, 0.001):
            counted.k = k
            tried.append(_at(counted, rows, chosen))
        found["add-k"][order - 1] = min(tried)  # chosen on what is scored: to its advantage
    return found


def _at(model, rows, chosen) -> float:
    return math.exp(-np.mean([math.log(model.p(int(rows[n][t]), tuple(rows[n][:t].tolist()))) for n, t in chosen]))


def variety(texts, among: int = 500) -> float:
    """The share of different ones among the first so many pairs of neighbouring words.

    Raises:
        ValueError: the texts have fewer pairs, and a share of fewer cannot be compared.
    """
    pairs = [pair for text in texts for pair in zip(text.split(), text.split()[1:], strict=False)]
    if len(pairs) < among:
        raise ValueError(f"Variety is counted among {among} pairs of words. Received: {len(pairs)}; write more texts")
    return len(set(pairs[:among])) / among


def is_story(text: str) -> bool:
    """Whether a text begins as stories do: with a sentence that ends in a full stop."""
    return "." in text


def judged(texts, draws: int | None = None) -> dict:
    """Of English sentences: which share the grammar gives, and which share is not in train."""
    texts = [text for text in texts if not is_story(text)]
    known = set(sentences("train"))
    options = {} if draws is None else {"draws": draws}
    heard = {word for text in known for word in spaced(text).split()}  # who says another word is not asked: it is no
    given = [heard.issuperset(spaced(text).split()) and is_given(text, **options) for text in texts]
    return {
        "sentences": len(texts),
        "given": float(np.mean(given)) if texts else 0.0,
        "new": float(np.mean([text not in known for text in texts])) if texts else 0.0,
    }


ANSWERS = {"when": stories.MONTHS, "where to": stories.COUNTRIES}


def questions_of(kind: str, split: str = "test", number: int = 100) -> list[tuple[str, dict]]:
    """Stories that leave room for a question, each with one of that kind."""
    asked = [(p["context"], q) for p in paragraphs(split) for q in p["qas"] if q["kind"] == kind]
    return [a for a in asked if len(vocabulary().encode(a[0])) < WINDOW - 24][:number]


def told_in(story: str, kind: str) -> list[str]:
    """The possible answers to that kind of question that a story tells."""
    return [c for c in ANSWERS[kind] if re.search(rf"\b{c}\b", story)]


def ask(writer: Writer, split: str = "test", kinds=("when", "where to"), number: int = 100) -> dict[str, dict]:
    """Of some kinds of question: the share answered rightly by likelihood, and what lazy rivals reach.

    "told" is the share answered with something that the story tells, right or wrong.
    """
    found = {}
    for kind in kinds:
        asked = questions_of(kind, split, number)
        golds = [q["answers"][0]["text"] for _, q in asked]
        said = [writer.answer(story, q["question"], ANSWERS[kind])[0] for story, q in asked]
        told = [told_in(story, kind) for story, _ in asked]
        found[kind] = {
            "questions": len(asked),
            "right": float(np.mean([one == gold for one, gold in zip(said, golds, strict=True)])),
            "told": float(np.mean([one in those for one, those in zip(said, told, strict=True)])),
            "one of those told": float(np.mean([1 / len(those) for those in told])),
            "commonest": Counter(golds).most_common(1)[0][1] / len(asked),
        }
    return found


# Stored --------------------------------------------------------------------------------------------

STEPS = 400
ARMS = (
    ("lesson", 0, STEPS),
    ("narrow", 0, STEPS),
    ("lesson", 0, 6 * STEPS),
    ("lesson", 1, STEPS),
    ("lesson", 2, STEPS),
)
PLACES, ORDERS = 2000, range(1, 6)
TEXTS, JUDGED, DRAWS = 256, 40, 600  # written for each setting; the sentences judged; how often the grammar may try


def kinds_of_text() -> dict[str, list[np.ndarray]]:
    """The held-out texts of both kinds as ids."""
    return {"sentences": encoded(sentences("test_random")[:400]), "stories": encoded(tales("dev", False)[:150])}


def measured(writer: Writer, seed: int, sampled: bool = True, draws: int = DRAWS) -> dict:
    """All that is stored of a trained writer; what sampling does only where it is asked for."""
    found = {"context": {}, "settings": {}}
    for kind, rows in kinds_of_text().items():
        found["context"][kind] = by_context(writer.model, rows, places(rows, PLACES))
    for name, setting in SETTINGS.items() if sampled else ():
        texts = [text for text in writer.write("", TEXTS, max_length=32, seed=seed, **setting) if not is_story(text)]
        found["settings"][name] = judged(texts[:JUDGED], draws) | {"pairs": variety(texts)}
        print(name, found["settings"][name], flush=True)
    found["answers"] = ask(writer)
    return found


def counted(seed: int) -> dict:
    """What is stored of the n-grams: perplexity by context for both kinds of text."""
    rows = encoded([*sentences("train"), *tales("train")])
    rows = [tuple(row.tolist()) for row in rows]
    return {kind: ngram_by_order(rows, held, places(held, PLACES), ORDERS) for kind, held in kinds_of_text().items()}


def real(seed: int, draws: int = DRAWS) -> dict:
    """What the judge says of sentences of the grammar, and of the same with two words exchanged."""
    texts = list(sentences("test_random")[:100])
    more = sentences("test_random")[:400]
    random = np.random.default_rng(seed)
    exchanged = []
    for text in texts:
        words = text.split()
        a, b = random.permutation(len(words))[:2]
        words[a], words[b] = words[b], words[a]
        exchanged.append(" ".join(words))
    pairs = [(text, other) for text, other in zip(texts, exchanged, strict=True) if text != other]
    return {
        "sentences": len(texts),
        "given": float(np.mean([is_given(text, draws) for text in texts])),
        "pairs": variety(more),
        "exchanged": len(pairs),
        "given when exchanged": float(np.mean([is_given(other, draws) for _, other in pairs])),
    }


def main() -> None:
    """Trains and counts what is not yet in the file, and writes it after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--anew", action="store_true", help="forget what is stored")
    anew = parser.parse_args().anew
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    content = {"command": "python -m benchmarks.a_decoder_alone", "arms": []}
    if FILE.exists() and not anew:
        content = json.loads(FILE.read_text(encoding="utf-8"))

    def keep():
        FILE.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    for name, made in (("n-grams", counted), ("judge", real)):
        if name not in content:
            content[name] = made(0)
            print(name, content[name], flush=True)
            keep()
    for size, seed, steps in ARMS:
        if any((arm["size"], arm["seed"], arm["steps"]) == (size, seed, steps) for arm in content["arms"]):
            continue
        writer = Writer(size, seed=seed)
        losses = writer.train(steps, every=100, say=lambda n, loss: print(n, loss, flush=True))
        arm = {"size": size, "seed": seed, "steps": steps, "weights": writer.model.count_params()}
        arm["losses"] = [round(float(np.mean(losses[n : n + 20])), 4) for n in range(0, steps, 20)]
        content["arms"].append(arm | measured(writer, seed, sampled=(size, steps) == ("lesson", STEPS)))
        print(content["arms"][-1], flush=True)
        keep()


if __name__ == "__main__":
    main()
