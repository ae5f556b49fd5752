"""Question answering measured: our two frameworks, transformers, from scratch, and giving the whole passage back.

`python -m benchmarks.qa` runs what data/experiments/qa.json does not hold yet, each training in a process of its own;
`python -m benchmarks.qa shipped keras` runs one arm of one set (again), `shipped keras 1` with a seed other than 0;
with two arms, `covidqa plain scratch`, it says how far they lie apart, paired by passage, where both were run. And
`python -m benchmarks.qa dev keras` trains the same and looks at dev alone: what is to be decided is decided there.
`steps=100` and `rate=1e-4` behind it make another number of steps of that, at another rate. The sets:

- shipped: data/little_squad, its own train, dev and test; torch and transformers make 2900 steps, keras 3900, with
  products of bfloat16, for which some processors take half the time; all else 400.
- stories: data/stories, the same.
- policyqa, covidqa: ../shared/data, split here by passage, 70, 10 and 20 of 100; left out where they are not there.

The arms: keras and torch are this course's, as `fine_tune` is: they look for the sentence first, and learn from parts
of windows, without dropout, but on covidqa. plain and torch_plain do none of the three; scratch is plain from random
weights. For dev alone: whole learns from whole windows, sixteen from 16 parts a step, dropout does that with the
encoder's own dropout. transformers is its BertForQuestionAnswering, trained with its own loss on all windows of 384
tokens that share 128, as its example script does, at our learning rate (its script's, 3e-5, moves this small encoder
too little in 400 steps); on shipped, as ours there, without dropout and with products of bfloat16. passage gives the
whole passage as the answer. Intervals are 95 %, from 2000 resamplings of passages.

What the file keeps under with_745, with_3401 and with_11584 are rows of when train had so many questions, in 400, 800
and 1200 steps of 16 with dropout; under with_13265 those of 2650 steps of 8, and under before_mending those of 2000,
before train was read a second time.

Ours reads a passage twice (`utils.tasks.looks`), but for `dev`, where trainings are compared; under once, a row says
what the same weights have that read it once.
read_once keeps rows of trainings that were measured when all readers did. On covidqa ours reads once.

`python -m benchmarks.qa elsewhere keras` trains on the little SQuAD and reads the tests of policyqa and covidqa, of
which it has seen nothing. It never declines there, since all of their questions have an answer. Under elsewhere the
file keeps such rows; train_questions tells which train file it was.

covidqa's documents have dozens of windows, so there each trained arm is measured twice: reading all of them, as
transformers' script does and as its row counts, and reading the most relevant alone, as ours does. How ours is set
there was chosen on its dev.
"""

import json
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from utils.datasets.readers.squad import Question, read_questions
from utils.tasks.calibration import calibration_error, cross_validated
from utils.tasks.looks import averaged, cuts
from utils.tasks.passages import NEVER, Settings, cut, label, said, scores_of, threshold_curve
from utils.tasks.spans import exact_match_and_f1

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "data" / "experiments" / "qa.json"
SHARED = ROOT.parent / "shared" / "data"
STEPS, SEED = 400, 0
MORE = {("shipped", "keras"): 3900, ("shipped", "torch"): 2900, ("shipped", "transformers"): 2900}  # than STEPS
RATE = {"shipped": 2e-4, "stories": 5e-4, "policyqa": 2e-4, "covidqa": 5e-4}
BATCH = {"shipped": 8, "stories": 128, "policyqa": 8, "covidqa": 32}
ONCE = {"looks": 1}
LONG = {  # what ours sets
    "covidqa": {"max_length": 192, "max_windows": 3, "max_answer_length": 60, "negatives": 1, "dropout": None} | ONCE
}
ALL = 10**6  # windows of a passage: more than any has
WHOLE = {"crop": None, "max_length": 320, "max_windows": 3}
PLAIN = WHOLE | ONCE | {"likeness": 0.0, "dropout": None}
SIXTEEN = {"batch_size": 16}
ON_DEV = {"whole": WHOLE, "sixteen": SIXTEEN, "dropout": SIXTEEN | {"dropout": None}}  # keras, but for these
QUICKER = {("shipped", arm): {"matmul_precision": "bfloat16"} for arm in ("keras", *ON_DEV)}  # alike, as dev compares
PEER = {"shipped": {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0} | QUICKER["shipped", "keras"]}
ARMS = {
    "shipped": ("passage", "keras", "torch", "transformers", "scratch"),
    "stories": ("passage", "plain", "scratch"),
    "policyqa": ("passage", "keras", "plain", "torch_plain", "transformers", "scratch"),
    "covidqa": ("passage", "keras", "plain", "torch_plain", "transformers", "scratch"),
}


def read_set(name: str) -> tuple[list[Question], list[Question], list[Question]]:
    """Train, dev and test of a set.

    Raises:
        FileNotFoundError: it lies in ../shared/data, and that is not there.
    """
    if name == "shipped":
        return tuple(read_questions(ROOT / "data" / "little_squad" / f"{s}.json") for s in ("train", "dev", "test"))
    if name == "stories":
        return tuple(read_questions(ROOT / "data" / "stories" / f"{s}.json.gz") for s in ("train", "dev", "test"))
    path = SHARED / {"policyqa": "policyqa.dev.json.gz", "covidqa": "covidqa.json.gz"}[name]
    if not path.is_file():
        raise FileNotFoundError(f"{name}: there is no {path.name} in ../shared/data")
    questions = read_questions(path)
    passages = list(dict.fromkeys(q.context for q in questions))  # by text: a passage given twice stays together
    order = np.random.default_rng(SEED).permutation(len(passages))
    bounds = np.array([0.7, 0.8]) * len(passages)
    split_of = {passages[i]: int(np.searchsorted(bounds, n, side="right")) for n, i in enumerate(order)}
    return tuple([q for q in questions if split_of[q.context] == s] for s in range(3))


def train(name: str, arm: str, seed: int = SEED, steps: int | None = None, rate: float | None = None):
    """A trained reader."""
    steps, rate = steps or MORE.get((name, arm), STEPS), rate or RATE[name]
    train, dev, _ = read_set(name)
    if arm == "transformers":
        longest = LONG.get(name, {}).get("max_answer_length", Settings.max_answer_length)
        rest = PEER.get(name, {})
        return transformers_reader(train, dev, BATCH[name], rate, longest, steps, seed, **rest)
    if arm.startswith("torch"):
        from utils.tasks import question_answering_torch as qa
    else:
        from utils.notebook import quiet_import

        quiet_import("keras")
        from utils.tasks import question_answering as qa
    options = {"steps": steps, "batch_size": BATCH[name], "learning_rate": rate, "seed": seed, "progress": False}
    options |= PLAIN if arm.endswith(("plain", "scratch")) else ON_DEV.get(arm, {})
    options |= LONG.get(name, {}) | QUICKER.get((name, arm), {})
    return qa.fine_tune(train, dev, pretrained=arm != "scratch", on_step=say, **options)


def say(step: int, loss: float) -> None:
    """A line now and then."""
    if step % 20 == 0:
        print(f"  step {step}, loss {loss:.3f}", flush=True)


def transformers_reader(train: list[Question], dev: list[Question], batch_size: int, rate: float, longest: int,
                        steps: int, seed: int, matmul_precision: str = "float32", **config):  # fmt: skip
    """The peer: transformers' model and loss, AdamW and linear decay, all windows, in the order of a shuffle.

    `config` is what of the model's own configuration is changed.
    """
    import torch
    from transformers import BertForQuestionAnswering, get_linear_schedule_with_warmup

    from utils.pretrained import fetch
    from utils.tasks.question_answering_torch import as_tensors, products_of
    from utils.tasks.reader import Reader
    from utils.text.buckets import pad_encodings

    class Peer(Reader):
        def logits(self, *arrays):
            model.eval()
            ids, types, mask = as_tensors(arrays)
            with torch.no_grad():
                out = model(input_ids=ids, token_type_ids=types, attention_mask=mask)
            return out.start_logits.numpy(), out.end_logits.numpy()

        def weights(self):
            raise NotImplementedError

    torch.manual_seed(seed)
    model = BertForQuestionAnswering.from_pretrained(fetch(), **config)
    settings = Settings(max_length=384, stride=128, max_answer_length=longest, max_windows=ALL)
    reader = Peer(fetch(), settings)
    windows = cut(train, reader.tokenizer, reader.settings)
    labels = np.array([label(w, train[w.question]) for w in windows])
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.0)
    schedule = get_linear_schedule_with_warmup(optimizer, steps // 10, steps)
    rng, order = np.random.default_rng(seed), np.empty(0, int)
    for step in range(1, steps + 1):
        if len(order) < batch_size:
            order = rng.permutation(len(windows))
        rows, order = order[:batch_size], order[batch_size:]
        ids, types, mask, starts, ends = as_tensors((*pad_encodings([windows[i] for i in rows]), *labels[rows].T))
        model.train()
        optimizer.zero_grad()
        with products_of(matmul_precision):
            out = model(ids, attention_mask=mask, token_type_ids=types, start_positions=starts, end_positions=ends)
            out.loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        say(step, out.loss.item())
    if any(not q.answers for q in dev):
        reader.choose_threshold(dev)
    return reader


def interval(values: np.ndarray, groups: list, times: int = 2000) -> tuple[float, float]:
    """95 % of the means lie between these when whole groups are drawn anew."""
    names = {g: i for i, g in enumerate(dict.fromkeys(groups))}
    index = np.array([names[g] for g in groups])
    sums, counts = np.bincount(index, values), np.bincount(index)
    drawn = np.random.default_rng(SEED).integers(0, len(names), (times, len(names)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return tuple(float(x) for x in np.percentile(means, [2.5, 97.5]))


def difference(one: dict, other: dict) -> tuple[float, tuple[float, float]]:
    """How much F1 one row has more than another, on the same test passages, and the interval of that."""
    sides = [(row["passages"]["questions"], np.array(row["passages"]["f1"])) for row in (one, other)]
    (counts, a), (same, b) = sides
    if counts != same:
        raise ValueError(f"{one['set']}: {one['arm']} and {other['arm']} were not measured on the same passages")
    groups = np.repeat(np.arange(len(counts)), counts)  # a question's difference is taken as its passage's
    values = (a - b)[groups]
    return float(values.mean()), interval(values, groups.tolist())


def measure_on_dev(arm: str, seed: int = SEED, steps: int | None = None, rate: float | None = None) -> dict:
    """One row for the little SQuAD: what was chosen on some of dev's passages, measured on the others."""
    dev = read_set("shipped")[1]
    steps, rate = steps or MORE.get(("shipped", arm), STEPS), rate or RATE["shipped"]
    reader = train("shipped", arm, seed, steps, rate)
    row = {
        "arm": arm,
        "seed": seed,
        "steps": steps,
        "batch": ON_DEV.get(arm, {}).get("batch_size", BATCH["shipped"]),
        "learning_rate": rate,
        "train_questions": len(read_set("shipped")[0]),
        "questions": len(dev),
    }
    reader.settings = replace(reader.settings, **ONCE)  # trainings are compared, not ways to read
    row |= QUICKER.get(("shipped", arm), {})
    return row | {k: round(v, 4) for k, v in cross_validated(reader.read(dev), dev).items()}


def measure(name: str, arm: str, seed: int = SEED, reader=None) -> dict:
    """One row: scores on test with their intervals, and of shipped questions what the lesson draws.

    A `reader` that was trained as this arm is measured, not trained again.
    """
    learnt, dev, test = read_set(name)
    begun, row = time.monotonic(), {"set": name, "arm": arm}
    if arm == "passage":
        answers = [q.context for q in test]
    else:
        trained_here = reader is None
        reader = reader or train(name, arm, seed)
        row |= {
            "seed": seed,
            "train_questions": len(learnt),
            "steps": MORE.get((name, arm), STEPS),
            "batch": BATCH[name],
            "learning_rate": RATE[name],
        }
        row |= PEER.get(name, {}) if arm == "transformers" else QUICKER.get((name, arm), {})
        row |= {"seconds": round(time.monotonic() - begun)} if trained_here else {}
        readings = reader.read(test)
        threshold = reader.settings.threshold
        answers = [said(r, q.context, threshold) for r, q in zip(readings, test, strict=True)]
        if name == "shipped":
            row |= as_shown(reader, readings, test)
        if name in LONG:
            row |= both_ways(reader, test)
        if threshold < NEVER:
            row["threshold"] = round(threshold, 4)
            on_dev = reader.read(dev)
            row["dev"] = {k: round(v, 4) for k, v in cross_validated(on_dev, dev).items()}
            row |= {f"{split}_curve": thinned(threshold_curve(read, questions))
                    for split, read, questions in (("dev", on_dev, dev), ("test", readings, test))}  # fmt: skip
    each = f1_of_each(answers, test)
    row |= tested(answers, test, each)
    if arm != "passage" and reader.settings.looks > 1:
        row["once"] = read_once(reader, dev, test)
    if name == "shipped" and "once" in row:
        row |= ways(reader, dev)
    row["f1_each"] = [round(float(x), 4) for x in each[:, 1]]
    return row


def measure_elsewhere(arm: str, seed: int = SEED, reader=None) -> list[dict]:
    """A row for each set that the little SQuAD's reader has never seen; a given `reader` is not trained again."""
    reader = reader or train("shipped", arm, seed)
    reader.settings, rows = replace(reader.settings, threshold=NEVER), []
    for name in ("policyqa", "covidqa"):
        test = read_set(name)[2]
        answers = reader.predict(test)
        row = {"set": name, "arm": arm, "seed": seed, "train_questions": len(read_set("shipped")[0])}
        rows.append(row | tested(answers, test, f1_of_each(answers, test)))
    return rows


def f1_of_each(answers: list[str], test: list[Question]) -> np.ndarray:
    """Exact match and F1 of every answer, (N, 2)."""
    return np.array([exact_match_and_f1(a, [g.text for g in q.answers]) for a, q in zip(answers, test, strict=True)])


def tested(answers: list[str], test: list[Question], each: np.ndarray) -> dict:
    """Scores on test, their intervals, and F1 passage by passage."""
    groups = [q.context for q in test]
    row = {k: round(v, 4) for k, v in scores_of(answers, test).items()}
    for column, score in enumerate(("exact_match", "f1")):
        row[f"{score}_interval"] = [round(x, 4) for x in interval(each[:, column], groups)]
    counts = Counter(groups)
    sums = np.bincount([list(counts).index(g) for g in groups], each[:, 1])
    shares = [round(total / n, 4) for total, n in zip(sums, counts.values(), strict=True)]
    return row | {"passages": {"questions": list(counts.values()), "f1": shares}}


def read_once(reader, dev: list[Question], test: list[Question]) -> dict:
    """The same weights reading every passage once; its own threshold."""
    own = reader.settings
    reader.settings = replace(own, **ONCE)
    if own.threshold < NEVER:
        reader.choose_threshold(dev)
    answers = reader.predict(test)
    reader.settings = own
    return tested(answers, test, f1_of_each(answers, test))


def as_shown(reader, readings: list, test: list[Question]) -> dict:
    """What a user sees: of each question the answer, where it begins and its probability; and how far that is true."""
    shown = [reader.answers_of(r, q.context, 1)[0] for r, q in zip(readings, test, strict=True)]
    pairs = [exact_match_and_f1(one["text"], [a.text for a in q.answers]) for one, q in zip(shown, test, strict=True)]
    error = calibration_error(np.array([one["score"] for one in shown]), np.array([exact for exact, _ in pairs]))
    return {
        "calibration_error": round(error, 4),
        "said": [[one["text"], one["start"], round(one["score"], 3)] for one in shown],
    }


def both_ways(reader, test: list[Question]) -> dict:
    """F1 when all windows are read, and when the most relevant are, as many as ours reads if nothing else is said."""
    found, own = {}, reader.settings
    for way, windows in {"all": ALL, "relevant": LONG["covidqa"]["max_windows"]}.items():
        reader.settings = replace(own, max_windows=windows)
        each = np.array([exact_match_and_f1(answer, [a.text for a in q.answers])[1]
                         for answer, q in zip(reader.predict(test), test, strict=True)])  # fmt: skip
        found[f"f1_{way}_windows"] = round(float(each.mean()), 4)
        found[f"f1_{way}_windows_interval"] = [round(x, 4) for x in interval(each, [q.context for q in test])]
    reader.settings = own
    return found


def ways(reader, dev: list[Question]) -> dict:
    """What it is worth on dev to read once, or in shorter windows alone, or twice: see `cross_validated`.

    And "apart", the share of questions for which the best span of the first cut is not that of the second.
    """
    own, looks = reader.settings, []
    for cut_so in cuts(own):
        reader.settings = replace(cut_so, **ONCE)
        looks.append(reader.read(dev))
    reader.settings = own
    twice = [averaged(each, own.n_best) for each in zip(*looks, strict=True)]
    read = {"once": looks[0], "shorter": looks[1], "twice": twice}
    apart = np.mean([one.spans[0][:2] != other.spans[0][:2] for one, other in zip(*looks, strict=True)])
    scores = {way: {k: round(v, 4) for k, v in cross_validated(r, dev).items()} for way, r in read.items()}
    return {"ways": scores, "apart": round(float(apart), 4)}


def thinned(curve: dict[str, np.ndarray], points: int = 80) -> dict[str, list[float]]:
    """A curve at some of its points."""
    chosen = np.unique(np.linspace(0, len(curve["threshold"]) - 1, points).round().astype(int))
    return {name: values[chosen].round(4).tolist() for name, values in curve.items()}


def main(arguments: list[str]) -> None:
    """Measures what is asked for, or what is missing, and writes the file after each."""
    arguments, how = without_how(arguments)
    seed = int(arguments.pop()) if arguments[-1:] and arguments[-1].isdigit() else SEED
    if len(arguments) == 2 and arguments[0] in ARMS and arguments[1] not in ARMS[arguments[0]]:
        sys.exit(f"{arguments[0]} has the arms {', '.join(ARMS[arguments[0]])}. Received: {arguments[1]}")
    if len(arguments) == 2 and arguments[0] == "dev":
        keep_on_dev(measure_on_dev(arguments[1], seed, **how))
        return
    if len(arguments) == 2 and arguments[0] == "elsewhere":
        for row in measure_elsewhere(arguments[1], seed):
            keep_elsewhere(row)
        return
    if how:
        sys.exit("steps=… and rate=… are for dev; what is measured on test has its own")
    if len(arguments) == 2:
        keep(measure(*arguments, seed))
        return
    if len(arguments) == 3:
        rows = {row["arm"]: row for row in stored()["rows"] if row["set"] == arguments[0] and "passages" in row}
        if missing := [arm for arm in arguments[1:] if arm not in rows]:
            sys.exit(f"There is no such row yet; run: python -m benchmarks.qa {arguments[0]} {missing[0]}")
        more, (low, high) = difference(*(rows[arm] for arm in arguments[1:]))
        print(f"{arguments[0]}: F1 of {arguments[1]} minus {arguments[2]}: {more:.3f} ({low:.3f} to {high:.3f})")
        return
    for name, arms in ARMS.items():
        try:
            questions = len(read_set(name)[0])
        except FileNotFoundError as error:
            print(f"left out: {error}")
            continue
        for arm in arms:
            rows = [row for row in stored()["rows"] if (row["set"], row["arm"]) == (name, arm)]
            of_these = {"train_questions": questions, "steps": MORE.get((name, arm), STEPS)}
            if not rows or any(rows[0].get(key, value) != value for key, value in of_these.items()):  # or of another
                print(f"{name}, {arm}", flush=True)
                subprocess.run([sys.executable, "-m", "benchmarks.qa", name, arm], check=True, cwd=ROOT)


def without_how(arguments: list[str]) -> tuple[list[str], dict]:
    """The arguments without `steps=100` and `rate=1e-4`, and these as numbers."""
    said = [a.partition("=") for a in arguments if a.startswith(("steps=", "rate="))]
    how = {name: int(value) if name == "steps" else float(value) for name, _, value in said}
    return [a for a in arguments if not a.startswith(("steps=", "rate="))], how


def stored() -> dict:
    """What the file holds."""
    if FILE.is_file():
        return json.loads(FILE.read_text(encoding="utf-8"))
    return {"command": "python -m benchmarks.qa", "rows": []}


def keep(row: dict) -> None:
    """Puts a row into the file, in place of the one before."""
    content = stored()
    own = "rows" if row.get("seed", SEED) == SEED else "other_seeds"  # the lessons show the first seed's
    key = row["set"], row["arm"], row.get("seed", SEED)
    rest = [r for r in content.get(own, []) if (r["set"], r["arm"], r.get("seed", SEED)) != key]
    order = [(name, arm) for name, arms in ARMS.items() for arm in arms]
    content[own] = sorted([*rest, row], key=lambda r: (order.index((r["set"], r["arm"])), r.get("seed", SEED)))
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print({k: v for k, v in row.items() if "curve" not in k and k not in ("passages", "f1_each", "said")}, flush=True)


def keep_on_dev(row: dict) -> None:
    """Puts a row of dev into the file, in place of the one of the same training."""
    put(row, "on_dev", ("arm", "seed", "steps", "batch", "learning_rate", "train_questions"))


def keep_elsewhere(row: dict) -> None:
    """Puts a row of a set that was not learnt from into the file, in place of the one of the same training."""
    put(row, "elsewhere", ("set", "arm", "seed", "train_questions"))


def put(row: dict, place: str, key: tuple[str, ...]) -> None:
    """Puts a row into the file, in place of the one with the same key."""
    content = stored()
    rest = [r for r in content.get(place, []) if any(r[k] != row[k] for k in key)]
    content[place] = sorted([*rest, row], key=lambda r: [r[k] for k in key])
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print({k: v for k, v in row.items() if k != "passages"}, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
