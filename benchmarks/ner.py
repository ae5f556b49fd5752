"""Lesson 11's stored experiments: entities found by encoders fine-tuned in a few hundred steps, beside their peers.

`python -m benchmarks.ner` trains everything and writes data/experiments/ner.json; with names of parts (shipped,
wnut17, learning, misaligned) only those are trained, and the others stay; learning does only what is missing. wnut17
needs the folder of public data (`--data`); where that is absent, its part is left out, saying so. transformers
(PyTorch) runs in a process of its own. Of the two arms that are compared each is trained six times. That takes long:
with `--keep FOLDER` what every training predicted is kept there, and the same command goes on where it was stopped.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from utils.datasets.readers.entity_files import Example, Span, read_entities, split_words
from utils.tasks.labels import decode_bio, entity_f1, f1_interval, scores_by_type, token_accuracy

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "data" / "experiments" / "ner.json"
SHIPPED = ROOT / "data" / "entities"
PUBLIC = ROOT.parent / "shared" / "data"
PARTS = ("shipped", "wnut17", "learning", "misaligned")
STEPS, BATCH, RATE, SEED = 400, 16, 2e-4, 0
SEEDS = tuple(range(6))  # of the two arms that are compared; the others learn once
OWN_RATE = 5e-5  # what transformers' users customarily take
SHORT = 150  # steps of each training in learning and misaligned
LONG = 600  # steps from scratch on all of a thousand sentences, so that it has time to learn
SIZES = (50, 200, 1000)  # sentences
LEARNING = [(size, pretrained, SHORT, SEED) for size in SIZES for pretrained in (True, False)] + [
    (SIZES[-1], False, LONG, seed) for seed in SEEDS[:2]
]  # sentences, pre-trained, steps, seed


def scores(gold: list, predicted: list) -> dict:
    """What is stored of a run: all but the types rounded, so that the file can be read."""
    found = {**entity_f1(gold, predicted), "accuracy": token_accuracy(gold, predicted)}
    low, high = f1_interval(gold, predicted)
    types = {kind: round(row["f1"], 4) for kind, row in scores_by_type(gold, predicted).items()}
    return {key: round(value, 4) for key, value in found.items()} | {
        "f1_interval": [round(low, 4), round(high, 4)], "types": types,
    }  # fmt: skip


def train(examples, steps: int = STEPS, pretrained: bool = True, seed: int = SEED, **options):
    """A model of ours, trained as every arm is."""
    from utils.tasks.token_classification import fine_tune

    settings = {"steps": steps, "batch_size": BATCH, "learning_rate": RATE, "seed": seed, "progress": False}
    return fine_tune(examples, pretrained=pretrained, **settings | options)


def transformers(train_set: list[Example], test_set: list[Example], rate: float, seed: int = SEED) -> list:
    """What transformers' own recipe predicts, with the same encoder, data, steps and batch."""
    from utils.pretrained import fetch

    job = {"folder": str(fetch("minilm")), "steps": STEPS, "batch_size": BATCH, "rate": rate, "seed": seed}
    for name, examples in (("train", train_set), ("test", test_set)):
        job[name] = [[[e.text[a:b] for a, b in e.words], e.labels()] for e in examples]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "job.json").write_text(json.dumps(job), "utf-8")
        command = [sys.executable, "-m", "benchmarks.ner_transformers", folder]
        subprocess.run(command, check=True, cwd=ROOT, stdout=sys.stderr)
        return json.loads((Path(folder) / "predicted.json").read_text("utf-8"))


def by_majority(train_set, test_set) -> list:
    """Every word gets the commonest label of all, which is O."""
    ((label, _),) = Counter(label for e in train_set for label in e.labels()).most_common(1)
    return [[label] * len(e.words) for e in test_set]


def by_dictionary(train_set, test_set) -> list:
    """Every word gets the label that it most often has in train; an unknown word gets O."""
    seen = defaultdict(Counter)
    for example in train_set:
        for (start, end), label in zip(example.words, example.labels(), strict=True):
            seen[example.text[start:end].lower()][label] += 1
    best = {word: counts.most_common(1)[0][0] for word, counts in seen.items()}
    return [[best.get(e.text[start:end].lower(), "O") for start, end in e.words] for e in test_set]


def together(runs: list[list]) -> list[list[str]]:
    """The labels that several runs gave each sentence, in one row, an O between two.

    Scores of these rows are scores of all runs; a sentence drawn anew is drawn with all that was said of it.
    """
    return [[label for labels in rows for label in (*labels, "O")][:-1] for rows in zip(*runs, strict=True)]


class Kept:
    """What trainings predicted, in a folder: made once, read after that; without a folder made each time."""

    def __init__(self, folder: Path | None, part: str):
        self.folder, self.part = folder, part

    def __call__(self, arm: str, seed: int, make: Callable[[], list]) -> list:
        """The labels that an arm with a seed predicts."""
        if self.folder is None:
            return make()
        path = self.folder / f"{self.part}, {arm}, seed {seed}, {STEPS} steps of {BATCH} at {RATE:g}.json"
        if not path.is_file():
            text = json.dumps(make())
            self.folder.mkdir(parents=True, exist_ok=True)
            path.with_suffix(".part").write_text(text, "utf-8")
            path.with_suffix(".part").rename(path)
        return json.loads(path.read_text("utf-8"))


def compare(train_set, test_set, kept: Kept, kinds: list[str] | None = None) -> dict:
    """Every arm on one pair of sets: scores over all its runs; F1 by kind of sentence where kinds are known."""
    makers = {
        "ours": (SEEDS, lambda seed: train(train_set, seed=seed).predict_labels(test_set)),
        "ours from scratch": ((SEED,), lambda seed: train(train_set, pretrained=False).predict_labels(test_set)),
        "transformers": (SEEDS, lambda seed: transformers(train_set, test_set, RATE, seed)),
        "transformers, its own rate": ((SEED,), lambda seed: transformers(train_set, test_set, OWN_RATE)),
    }
    runs = {"majority": [by_majority(train_set, test_set)], "dictionary": [by_dictionary(train_set, test_set)]}
    for arm, (seeds, make) in makers.items():
        runs[arm] = [kept(arm, seed, partial(make, seed)) for seed in seeds]
    return compared([e.labels() for e in test_set], runs, kinds)


def compared(gold: list, runs: dict[str, list], kinds: list[str] | None = None) -> dict:
    """The scores of each arm's runs, and the interval of the difference between ours and transformers at our rate."""
    rows = {}
    for name, outputs in runs.items():
        both = together([gold] * len(outputs)), together(outputs)
        row = scores(*both)
        row["accuracy"] = round(float(np.mean([token_accuracy(gold, output) for output in outputs])), 4)
        row["f1_of_seeds"] = [round(entity_f1(gold, output)["f1"], 4) for output in outputs]
        if kinds:
            row["kinds"] = {kind: _kind_score(kind, kinds, *both) for kind in dict.fromkeys(kinds)}
        rows[name] = row
        print(name, {k: v for k, v in row.items() if k not in ("types", "kinds")}, file=sys.stderr, flush=True)
    between = difference(gold, runs["ours"], runs["transformers"])
    return {"arms": rows, "ours minus transformers": [round(x, 4) for x in between]}


def _kind_score(kind, kinds, gold, predicted) -> float:
    """F1 on the sentences of a kind; where they have no entity, the share of sentences in which none is claimed."""
    chosen = [(g, p) for g, p, k in zip(gold, predicted, kinds, strict=True) if k == kind]
    if not any(decode_bio(g) for g, _ in chosen):
        return round(sum(not decode_bio(p) for _, p in chosen) / len(chosen), 4)
    return round(entity_f1(*zip(*chosen, strict=True))["f1"], 4)


def difference(gold: list, one: list[list], other: list[list], times: int = 1000) -> tuple[float, float]:
    """The 95 % interval of the difference in F1 between two arms' runs.

    The bootstrap draws sentences, the same for all, and of each arm its seeds: other sentences and other seeds would
    both have given other scores.
    """
    rng, spans = np.random.default_rng(0), [set(decode_bio(labels)) for labels in gold]
    drawn = rng.multinomial(len(gold), np.full(len(gold), 1 / len(gold)), times)  # how often each sentence is there
    scores = []
    for runs in (one, other):
        said = [[set(decode_bio(labels)) for labels in run] for run in runs]
        counts = [[(len(g & s), len(g) + len(s)) for g, s in zip(spans, run, strict=True)] for run in said]
        sums = np.einsum("tn,snc->tsc", drawn, np.array(counts))  # for each seed: right, and wanted and claimed
        seeds = rng.integers(0, len(runs), (times, len(runs)))
        right, both = np.take_along_axis(sums, seeds[:, :, None], axis=1).sum(axis=1).T
        scores.append(2 * right / np.maximum(both, 1))
    return tuple(float(x) for x in np.quantile(scores[0] - scores[1], [0.025, 0.975]))


def shipped(arguments) -> dict:
    """The course's own sentences: train, and the hand-written test."""
    lines = (SHIPPED / "test.jsonl").read_text("utf-8").splitlines()
    kinds = [json.loads(line)["kind"] for line in lines]
    sets = (read_entities(SHIPPED / f"{split}.jsonl") for split in ("train", "test"))
    return compare(*sets, Kept(arguments.keep, "shipped"), kinds)


def wnut17(arguments) -> dict | None:
    """Tweets and comments (Derczynski et al. 2017), where the folder of public data is there."""
    if not (arguments.data / "wnut17.train.conll.gz").is_file():
        print(f"wnut17 is left out: it is not in {arguments.data}", file=sys.stderr)
        return None
    sets = (read_entities(arguments.data / f"wnut17.{split}.conll.gz") for split in ("train", "dev"))
    return compare(*sets, Kept(arguments.keep, "wnut17"))


def learning(arguments) -> dict:
    """From scratch and pre-trained, with more and more sentences; does only what is missing in the file."""
    splits = ("train", "dev", "test")
    everything, dev, test = (read_entities(SHIPPED / f"{split}.jsonl") for split in splits)
    rows = _stored().get("learning", {}).get("rows", [])
    for size, pretrained, steps, seed in LEARNING:
        about = {"sentences": size, "pretrained": pretrained, "steps": steps, "seed": seed}
        if any(about.items() <= row.items() for row in rows):
            continue
        model = train(everything[:size], steps, pretrained, seed)
        losses = [round(float(part.mean()), 4) for part in np.array_split(model.history["loss"], 10)]
        gold, predicted = [e.labels() for e in test], model.predict_labels(test)
        dev_f1 = entity_f1([e.labels() for e in dev], model.predict_labels(dev))["f1"]
        rows.append({**about, **scores(gold, predicted), "dev_f1": round(dev_f1, 4), "losses": losses})
        print(rows[-1], file=sys.stderr, flush=True)
        _store({"learning": {"rows": rows}})
    return {"rows": rows}


def _stored() -> dict:
    return json.loads(FILE.read_text("utf-8")) if FILE.is_file() else {}


def _store(made: dict) -> None:
    FILE.write_text(json.dumps(_stored() | made, indent=1) + "\n", encoding="utf-8")


def relabelled(example: Example, labels: list[str]) -> Example:
    """The same words with other labels."""
    spans = [Span(example.words[a][0], example.words[b - 1][1], kind) for kind, a, b in decode_bio(labels)]
    return example._replace(spans=tuple(spans))


def shifted(example: Example) -> Example:
    """Every label one word too late."""
    return relabelled(example, ["O", *example.labels()[:-1]])


def by_white_space(example: Example) -> Example:
    """Labels made for words between spaces, dealt out to words as a tokenizer cuts them, which splits signs off too.

    Word k of the tokenizer gets the label of word k between spaces: right up to the first comma.
    """
    words, place = [], 0
    for word in example.text.split():
        start = example.text.index(word, place)
        place = start + len(word)
        words.append((start, place))
    labels = example._replace(words=tuple(words)).labels()
    count = len(split_words(example.text))
    return relabelled(example, (labels + ["O"] * count)[:count])


def misaligned(arguments) -> dict:
    """What wrong labels do: the same training, with labels one word late, and with labels made on white space."""
    everything, test = read_entities(SHIPPED / "train.jsonl")[: SIZES[-1]], read_entities(SHIPPED / "test.jsonl")
    gold = [e.labels() for e in test]
    rows = {"all O": scores(gold, by_majority(everything, test))}
    for name, change in {"one word late": shifted, "made on white space": by_white_space}.items():
        wrong = [change(e) for e in everything]
        pairs = [
            (a, b) for e, w in zip(everything, wrong, strict=True) for a, b in zip(e.labels(), w.labels(), strict=True)
        ]
        lost = sum(a != b for a, b in pairs if a != "O") / sum(a != "O" for a, _ in pairs)
        rows[name] = scores(gold, train(wrong, SHORT).predict_labels(test)) | {"wrong entity words": round(lost, 4)}
        print(name, rows[name], file=sys.stderr, flush=True)
    return {"steps": SHORT, "sentences": SIZES[-1], "rows": rows}


def main() -> None:
    """Trains the parts named, all without a name, and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which; all without a name")
    parser.add_argument("--data", type=Path, default=PUBLIC, help="the folder of public data")
    parser.add_argument("--keep", type=Path, help="a folder for what is predicted; the next run goes on from there")
    arguments = parser.parse_args()
    settings = {"command": "python -m benchmarks.ner", "steps": STEPS, "batch_size": BATCH, "learning_rate": RATE}
    for part in arguments.parts or PARTS:
        if (made := globals()[part](arguments)) is not None:
            _store(settings | {part: made})


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
