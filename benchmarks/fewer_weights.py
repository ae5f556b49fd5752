"""Lesson 17's stored experiments: LoRA beside the feed-forwards on lesson 11's names, what each way costs, and blanks.

`python -m benchmarks.fewer_weights` does what is missing in data/experiments/fewer_weights.json and writes the file
after each row; `benchmarks.ner_adapters` holds the head alone, LoRA on queries and values, and all weights, on the same
thousand sentences. The rate is chosen on the dev split, with rank 8 and the first seed, and serves all ranks.

"names": F1 by rank, seed and number of sentences. "costs": processor seconds a step, memory and bytes to store, each
way in a process of its own, by the size of the batch. "blanks": a hundred steps of masked words, by text and seed.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from utils.tasks.labels import IGNORED

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "data" / "experiments" / "fewer_weights.json"
ENTITIES = ROOT / "data" / "entities"
SENTENCES, FEW, STEPS, BATCH = 1000, 200, 150, 16
RANK, RANKS, SEEDS, RATES = 8, (1, 8, 32), (0, 1, 2), (5e-3, 1e-2)
WAYS, TIMED = ("head", "lora", "all"), 12
BLANK_STEPS, BLANK_BATCH, BLANK_RATE, HIDDEN, TEXTS_LEARNT = 100, 32, 4e-3, 0.3, 300
MONTHS = "January February March April May June July August September October November December".split()


def names_model(way: str, rank: int, labels: int, seed: int):
    """An encoder with a head of which only some weights learn: "head", "lora" or "all"."""
    import keras

    from utils.pretrained import fetch
    from utils.pretrained.encoder import load_encoder
    from utils.tasks.adapters import adapted_encoder
    from utils.tasks.fine_tuning import EncoderWithHead

    keras.utils.set_random_seed(seed)
    encoder = adapted_encoder(fetch("minilm"), rank) if way == "lora" else load_encoder(fetch("minilm"))
    encoder.trainable = way != "head"
    model = EncoderWithHead(encoder, labels)
    model.build((None, None))
    return model


def names_batches(sentences: int, batch_size: int, seed: int):
    """Batches of lesson 11's sentences, the labels' names, and the encoder's settings."""
    from utils.datasets.readers.entity_files import read_entities
    from utils.pretrained import fetch
    from utils.pretrained.checkpoint import load_tokenizer, read_config
    from utils.tasks import token_classification as task
    from utils.tasks.fine_tuning import TaskBatches

    folder = fetch("minilm")
    config, examples = read_config(folder), read_entities(ENTITIES / "train.jsonl")[:sentences]
    labels = task.label_names(examples)
    windows = task.windows_of(load_tokenizer(folder), examples, **task.window_for(config))
    targets = task.targets_of(windows, examples, labels)
    return TaskBatches(windows, (targets,), batch_size, seed=seed, pad_id=config["pad_id"]), labels, config


def numbers(weights) -> int:
    """How many numbers these weights are."""
    return sum(int(np.prod(w.shape)) for w in weights)


def taught(way: str, rank: int, rate: float, seed: int, sentences: int = SENTENCES, steps: int = STEPS, on_step=None):
    """A classifier taught lesson 11's names; the lesson calls this too.

    Returns:
        The `TokenClassifier`.
    """
    from utils.pretrained import fetch
    from utils.tasks import fine_tuning
    from utils.tasks import token_classification as task
    from utils.tasks.folders import read_json

    batches, labels, config = names_batches(sentences, BATCH, seed)
    model = names_model(way, rank, len(labels), seed)
    fine_tuning.fine_tune(model, batches, task.label_loss, steps, rate, progress=False, on_step=on_step)
    folder = fetch("minilm")
    raw = read_json(folder / "config.json")
    return task.TokenClassifier(model, task.load_tokenizer(folder), labels, raw, **task.window_for(config))


def names_row(way: str, rank: int, rate: float, seed: int, sentences: int) -> dict:
    """F1 on dev and on the test of one training, each word by itself."""
    from utils.datasets.readers.entity_files import read_entities
    from utils.tasks.labels import entity_f1

    model = taught(way, rank, rate, seed, sentences)
    found = {"task": "names", "way": way, "rank": rank, "rate": rate, "seed": seed, "sentences": sentences}
    found["numbers"] = numbers(model.model.trainable_variables)
    for split in ("dev", "test"):
        examples = read_entities(ENTITIES / f"{split}.jsonl")
        gold = [e.labels() for e in examples]
        found[f"{split}_f1"] = round(entity_f1(gold, model.predict_labels(examples))["f1"], 4)
    return found


def cost(way: str, batch_size: int) -> dict:
    """Processor seconds a step, what training holds, and what is to be stored; run in a process of its own."""
    from safetensors.numpy import save

    from utils.tasks import token_classification as task
    from utils.tasks.adapters import expert_of
    from utils.tasks.fine_tuning import compiled, make_optimizer

    batches, labels, _ = names_batches(SENTENCES, batch_size, 0)
    model = names_model(way, RANK, len(labels), 0)
    Path("/proc/self/clear_refs").write_text("5")  # from here on the highest is counted anew; on Linux
    before = resident("VmRSS")
    optimizer = make_optimizer(1e-3, STEPS)
    optimizer.build(model.trainable_variables)
    step, seconds = compiled(model, optimizer, task.label_loss, batches.batch(0)), []
    for n in range(TIMED + 2):
        batch, start = batches.batch(n), time.process_time()
        float(step(*batch))
        seconds.append(time.process_time() - start)
    return {
        "task": "costs", "way": way, "batch": batch_size, "numbers": numbers(model.trainable_variables),
        "cpu_seconds": round(float(np.median(seconds[2:])), 3), "optimizer_bytes": 4 * numbers(optimizer.variables),
        "peak_mb": round(resident("VmHWM") - before), "stored_bytes": len(save(expert_of(model))),
    }  # fmt: skip


def resident(what: str) -> float:
    """This process' memory in megabytes: "VmRSS", what it has, or "VmHWM", the highest since that was reset."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(next(line for line in status.splitlines() if line.startswith(what)).split()[1]) / 1024


def english(split: str) -> list[str]:
    """The English sentences of the translation pairs."""
    from utils.datasets.readers.parallel import read_pairs

    return [english for _, english in read_pairs(ROOT / "data" / "french_english" / f"{split}.tsv.gz")]


def passages(split: str) -> list[str]:
    """The sentences of the little SQuAD's passages."""
    content = json.loads((ROOT / "data" / "little_squad" / f"{split}.json").read_text("utf-8"))
    texts = (p["context"] for article in content["data"] for p in article["paragraphs"])
    return [s for text in texts for s in sentences_of(text)]


def sentences_of(text: str) -> list[str]:
    """A passage cut behind each full stop, question mark or colon that a space and a capital follow."""
    import re

    return [s for s in re.split(r"(?<=[.!?]) (?=[A-Z])", " ".join(text.split())) if len(s.split()) > 3]


def blank_texts(text: str) -> tuple[list[str], list[str]]:
    """Sentences to learn from, and others to be asked about, of "months" (they end in one) or "passages"."""
    if text == "passages":
        return passages("train")[:TEXTS_LEARNT], passages("test")[:TEXTS_LEARNT]
    found = [s for s in english("train") if s.split()[-1] in MONTHS and s.split()[-2] == "in"]
    found = [found[n] for n in np.random.default_rng(0).permutation(len(found))]
    return found[:TEXTS_LEARNT], found[TEXTS_LEARNT : 2 * TEXTS_LEARNT]


def between_neighbours(tokenizer, learn_from: list[str], blanks) -> np.ndarray:
    """Whether a table fills each blank of an epoch rightly that only counts: no network.

    Where the piece stands in the input, that is what it says. Where [MASK] does, it says what stood most often between
    the same two neighbours in the sentences to learn from; where nothing did, what has the largest share behind the one
    and before the other; where neither was met, the commonest piece of all.
    """
    counted, pieces = defaultdict(Counter), Counter()
    for code in tokenizer.encode_batch(learn_from):
        pieces.update(code.ids[1:-1])
        for before, piece, behind in zip(code.ids, code.ids[1:], code.ids[2:], strict=False):
            for key in ((before, behind), (before, None), (None, behind)):
                counted[key][piece] += 1

    def likeliest(before, behind):
        if (before, behind) in counted:
            return counted[before, behind].most_common(1)[0][0]
        shares = Counter()
        for key in ((before, None), (None, behind)):
            for piece, number in counted.get(key, {}).items():
                shares[piece] += number / counted[key].total()
        return (shares or pieces).most_common(1)[0][0]

    right = []
    for number in range(blanks.batches.batches_per_epoch):
        inputs, labels, _ = blanks.batch(number)
        for row, i in np.argwhere(labels != IGNORED):
            said = inputs[row, i]
            if said == blanks.mask_id:
                said = likeliest(inputs[row, i - 1], inputs[row, i + 1])
            right.append(said == labels[row, i])
    return np.array(right)


def blanks_row(text: str, seed: int) -> dict:
    """The share of blanks of other sentences that is filled rightly, before and after; and the commonest piece's."""
    import keras

    from utils.pretrained import fetch
    from utils.pretrained.checkpoint import load_tokenizer
    from utils.tasks.adapters import adapted_encoder
    from utils.tasks.masked_words import Blanks, MaskedWords, filled, know_frequencies, learn

    keras.utils.set_random_seed(seed)
    tokenizer, model = load_tokenizer(fetch("minilm")), MaskedWords(adapted_encoder(fetch("minilm"), RANK))
    learn_from, ask = blank_texts(text)
    asked, blanks = Blanks(tokenizer, ask, 64, seed=99), Blanks(tokenizer, learn_from, BLANK_BATCH, seed, HIDDEN)
    know_frequencies(model, blanks)
    labels = np.concatenate([asked.batch(n)[1].ravel() for n in range(asked.batches.batches_per_epoch)])
    labels = labels[labels != -100]
    found = {"task": "blanks", "text": text, "seed": seed, "blanks": int(labels.size)}
    found |= {"commonest": round(float(np.bincount(labels).max() / labels.size), 4)}
    found |= {"before": round(float(filled(model, asked).mean()), 4)}
    losses = learn(model, blanks, BLANK_STEPS, BLANK_RATE)
    found["losses"] = [round(float(np.mean(losses[n : n + 10])), 3) for n in range(0, BLANK_STEPS, 10)]
    return found | {"after": round(float(filled(model, asked).mean()), 4)}


def stored() -> dict:
    """What the file holds."""
    return json.loads(FILE.read_text("utf-8"))


def names_by_way() -> list[dict]:
    """The rows on names of this file and of `benchmarks.ner_adapters`, each way's with the rate that dev chose.

    Each row says where the change is: "head", "queries and values", "feed-forwards" or "all".
    """
    content = stored()
    chosen = [row for row in content["rows"] if row["task"] == "names" and row["sentences"] == SENTENCES]
    found = [row | {"where": "feed-forwards"} for row in chosen if row["rate"] == content["rate"]]
    before = json.loads((FILE.parent / "ner_adapters.json").read_text("utf-8"))["rows"]
    ways = {"head": ("head", 0.1), "lora": ("queries and values", 0.01), "all": ("all", 2e-4)}
    for way, (where, rate) in ways.items():
        of_way = [row for row in before if (row["way"], row["rate"], row["steps"]) == (way, rate, STEPS)]
        found += [row | {"where": where} for row in of_way]
    return found


def main() -> None:
    """Does what is missing, the most important first."""
    content = {"command": "python -m benchmarks.fewer_weights", "steps": STEPS, "rows": []}
    if FILE.is_file():
        content = stored()

    def add(make, **settings):
        if not any(settings.items() <= row.items() for row in content["rows"]):
            content["rows"].append(make(**{k: v for k, v in settings.items() if k != "task"}))
            print(content["rows"][-1], flush=True)
            FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

    def names(rank, rate, seed, sentences=SENTENCES, way="lora"):
        add(names_row, task="names", way=way, rank=rank, rate=rate, seed=seed, sentences=sentences)

    for rate in RATES:
        names(RANK, rate, SEEDS[0])
    tried = [r for r in content["rows"] if (r["task"], r.get("rank"), r.get("seed")) == ("names", RANK, SEEDS[0])]
    best = max((r for r in tried if r["sentences"] == SENTENCES), key=lambda r: r["dev_f1"])["rate"]
    content["rate"] = best
    for seed in SEEDS:
        for rank in (RANK, *RANKS):
            names(rank, best, seed)
    for batch_size in (16, 32):
        for way in WAYS:
            add(in_a_process_of_its_own, task="costs", way=way, batch=batch_size)
    for seed in SEEDS:
        for text in ("months", "passages")[: 2 if seed == SEEDS[0] else 1]:
            add(blanks_row, task="blanks", text=text, seed=seed)
    for seed in SEEDS[:2]:
        names(RANK, best, seed, FEW)
        names(0, 2e-4, seed, FEW, "all")


def in_a_process_of_its_own(way: str, batch: int) -> dict:
    """`cost`, where nothing else has used memory."""
    command = [sys.executable, "-m", "benchmarks.fewer_weights", "cost", way, str(batch)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if sys.argv[1:2] == ["cost"]:
        print(json.dumps(cost(sys.argv[2], int(sys.argv[3]))))
    else:
        main()
