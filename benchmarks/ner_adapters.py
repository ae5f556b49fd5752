"""Lesson 11's comparison of what is trained: the head alone, LoRA, all weights.

`python -m benchmarks.ner_adapters` teaches the encoder a thousand sentences three times over in each way and writes
data/experiments/ner_adapters.json after each training; a second run does only what is missing there. Each way's rate
is chosen on the dev split, with the first seed; the test is looked at afterwards. Where the head alone learns,
the encoder is read once, without dropout.
"""

import json
import os
from pathlib import Path

import numpy as np

from utils.datasets.readers.entity_files import read_entities
from utils.tasks.labels import entity_f1, ill_formed, viterbi
from utils.text.buckets import EncodingBatches

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "data" / "experiments" / "ner_adapters.json"
ENTITIES = ROOT / "data" / "entities"
SENTENCES, STEPS, BATCH, RANK = 1000, 150, 16, 8
SEEDS = (0, 1, 2)
RATES = {"all": (2e-4,), "head": (1e-2, 3e-2, 1e-1), "lora": (1e-3, 4e-3, 1e-2, 3e-2)}  # all: the lesson's own
LONGER = 10  # so many times the steps for the head alone as well: is it merely slow?


_read: list = []  # the hidden states of the thousand sentences, once they are known


class Pair:
    """A kernel W that learns as W + A B with A (D, r) and B (r, M); W itself stays, and B begins at zero."""

    def __init__(self, kernel, rank: int, seed: int):
        import tensorflow as tf

        self.kernel, self.start = kernel, tf.constant(kernel)
        D, M = kernel.shape[0], int(np.prod(kernel.shape[1:]))
        draw = np.random.default_rng(seed).normal(size=(D, rank), scale=D**-0.5)
        self.a, self.b = (tf.Variable(x.astype("float32")) for x in (draw, np.zeros((rank, M))))

    def write(self) -> None:
        """Gives the kernel its present value."""
        import tensorflow as tf

        self.kernel.assign(self.start + tf.reshape(self.a @ self.b, self.start.shape))

    def gradients(self, of_kernel) -> list:
        """Those of A and B, by the chain rule, from the kernel's."""
        import tensorflow as tf

        g = tf.reshape(of_kernel, (self.a.shape[0], self.b.shape[1]))
        return [g @ tf.transpose(self.b), tf.transpose(self.a) @ g]


def adapted(model, rank: int, seed: int) -> list[Pair]:
    """A pair for the query's and the value's kernel of every layer, as Hu et al. (2021) have it."""
    attentions = [layer.self_attention for layer in model.encoder.encoder_layers]
    kernels = [kernel for a in attentions for kernel in (a.query_weights[0], a.value_weights[0])]
    return [Pair(kernel, rank, seed * 100 + n) for n, kernel in enumerate(kernels)]


def trained(way: str, rate: float, seed: int, steps: int):
    """A classifier of which only some weights were taught; how many numbers they are."""
    import keras
    import tensorflow as tf

    from utils.pretrained import fetch
    from utils.pretrained.checkpoint import load_tokenizer, read_config
    from utils.pretrained.encoder import load_encoder
    from utils.tasks import token_classification as task
    from utils.tasks.fine_tuning import CLIP_NORM, EncoderWithHead, TaskBatches, make_optimizer
    from utils.tasks.folders import read_json

    examples = read_entities(ENTITIES / "train.jsonl")[:SENTENCES]
    if way == "all":
        model = task.fine_tune(examples, steps=steps, batch_size=BATCH, learning_rate=rate, seed=seed, progress=False)
        return model, model.model.count_params()
    folder = fetch("minilm")
    config, tokenizer, labels = read_config(folder), load_tokenizer(folder), task.label_names(examples)
    windows = task.windows_of(tokenizer, examples, **task.window_for(config))
    targets = task.targets_of(windows, examples, labels)
    batches = TaskBatches(windows, (targets,), BATCH, seed=seed, pad_id=config["pad_id"])
    keras.utils.set_random_seed(seed)
    model = EncoderWithHead(load_encoder(folder), len(labels))
    model.build((None, None))
    pairs = adapted(model, RANK, seed) if way == "lora" else []
    learnt = [keras.Variable(v, name=n) for p in pairs for v, n in ((p.a, "a"), (p.b, "b"))]
    learnt += [model.head.kernel, model.head.bias]
    watched = [variable.value for variable in (*(pair.kernel for pair in pairs), *learnt[-2:])]
    optimizer = make_optimizer(rate, steps)
    optimizer.build(learnt)
    hidden = [] if pairs else hidden_states(model.encoder, windows)

    @tf.function(autograph=False, reduce_retracing=True)
    def gradients_of(inputs, wanted):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(watched)
            logits = model(*inputs, training=True) if pairs else model.head(model.dropout_layer(inputs, training=True))
            loss = task.token_classification_loss(wanted, logits)
        return tape.gradient(loss, watched)

    for step in range(steps):
        *inputs, wanted = batches.batch(step)
        if not pairs:
            rows, _ = EncodingBatches.batch(batches, step)
            inputs = pad_rows([hidden[i] for i in rows])
        found = gradients_of(inputs, wanted)
        gradients = [g for pair, of_kernel in zip(pairs, found, strict=False) for g in pair.gradients(of_kernel)]
        gradients, _ = tf.clip_by_global_norm([*gradients, *found[len(pairs) :]], CLIP_NORM)
        optimizer.apply_gradients(zip(gradients, learnt, strict=True))
        for pair, a, b in zip(pairs, learnt[0::2], learnt[1::2], strict=False):
            pair.a.assign(a)
            pair.b.assign(b)
            pair.write()
    raw = read_json(folder / "config.json")
    count = sum(int(np.prod(v.shape)) for v in learnt)
    return task.TokenClassifier(model, tokenizer, labels, raw, **task.window_for(config)), count


def hidden_states(encoder, windows) -> list[np.ndarray]:
    """What the encoder makes of each window, (T, D), without dropout: where it stays as it is, once is enough."""
    if _read:
        return _read
    found = [None] * len(windows)
    for rows, batch in EncodingBatches(windows, 32, pad_id=encoder.pad_id).in_order():
        states = np.asarray(encoder(*batch))
        for i, state in zip(rows, states, strict=True):
            found[i] = state[: len(windows[i])]
    _read.extend(found)
    return found


def pad_rows(rows: list[np.ndarray]) -> np.ndarray:
    """(B, T, D), short ones filled up with zeros."""
    filled = np.zeros((len(rows), max(map(len, rows)), rows[0].shape[1]), "float32")
    for n, states in enumerate(rows):
        filled[n, : len(states)] = states
    return filled


def row(way: str, rate: float, seed: int, steps: int) -> dict:
    """F1 on dev and on the test of one training, each word's best label taken, and decoded by Viterbi."""
    model, count = trained(way, rate, seed, steps)
    found = {"way": way, "rate": rate, "seed": seed, "steps": steps, "numbers": count}
    for split in ("dev", "test"):
        examples = read_entities(ENTITIES / f"{split}.jsonl")
        gold, shares = [e.labels() for e in examples], model.probabilities(examples)
        said = [[model.labels[i] for i in p.argmax(axis=1)] for p in shares]
        legal = [viterbi(np.log(np.maximum(p, 1e-300)), model.labels) for p in shares]
        found[f"{split}_f1"] = round(entity_f1(gold, said)["f1"], 4)
        found[f"{split}_viterbi_f1"] = round(entity_f1(gold, legal)["f1"], 4)
        found[f"{split}_ill_formed"] = sum(map(ill_formed, said))
    return found


def best_rate(rows: list[dict], way: str) -> float:
    """The rate with the best F1 on dev of those tried with the first seed."""
    tried = [r for r in rows if (r["way"], r["seed"], r["steps"]) == (way, SEEDS[0], STEPS)]
    return max(tried, key=lambda r: r["dev_f1"])["rate"]


def main() -> None:
    """Trains what is missing."""
    settings = {"command": "python -m benchmarks.ner_adapters", "sentences": SENTENCES, "steps": STEPS, "rank": RANK}
    content = settings | {"rows": []}
    if FILE.is_file() and (before := json.loads(FILE.read_text("utf-8")))["steps"] == STEPS:
        content = before

    def add(way, rate, seed, steps=STEPS):
        if not any((r["way"], r["rate"], r["seed"], r["steps"]) == (way, rate, seed, steps) for r in content["rows"]):
            content["rows"].append(row(way, rate, seed, steps))
            print(content["rows"][-1], flush=True)
            FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

    for way, rates in RATES.items():
        for rate in rates:
            add(way, rate, SEEDS[0])
        for seed in SEEDS[1:]:
            add(way, best_rate(content["rows"], way), seed)
    for seed in SEEDS:
        add("head", best_rate(content["rows"], "head"), seed, LONGER * STEPS)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
