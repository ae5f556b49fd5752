"""Lesson 08's stored experiment: the same training with one thing changed each time, and a recurrent net beside it.

`python -m benchmarks.translator_ablations` trains every arm with two seeds and writes
data/experiments/translator_ablations.json after each; arms that are in the file already are left as they are.
`train` is what the lesson runs live, for fewer steps.
"""

import argparse
import functools
import json
import os
from pathlib import Path

import numpy as np

FILE = Path(__file__).resolve().parents[1] / "data" / "experiments" / "translator_ablations.json"
STEPS, WARMUP_STEPS, WIDTH, LONGEST = 600, 1000, 128, 64
SENTENCES = {"test_random": 500, "test_compositional": 460}  # of each test, evenly spread
ARMS = (
    "full",
    "without positions",
    "without look-ahead mask",
    "without padding mask",
    "without label smoothing",
    "without warm-up",
    "at the top from the start",
    "norm behind",
    "norm behind, at the top from the start",
    "without clipping",
    "recurrent",
    "recurrent, at the top from the start",
)


@functools.cache
def data(seed: int = 0) -> tuple:
    """Vocabularies of both languages and batches, as `Translator.train` makes them."""
    from utils.datasets.generators.french_english import load
    from utils.text import SubwordVocabulary
    from utils.training import BucketedBatches

    sides = list(zip(*load("train"), strict=True))
    vocabularies = [SubwordVocabulary.train(side, 4000) for side in sides]
    sources, targets = (v.encode_all(side) for v, side in zip(vocabularies, sides, strict=True))
    return *vocabularies, BucketedBatches([s[1:] for s in sources], targets, 2048, seed=seed)


def build(arm: str, source_size: int, target_size: int):
    """The arm's model: `Translator.train`'s, with one part taken out, or the recurrent one."""
    import keras
    from keras import ops

    from benchmarks.gru_attention import GRUAttention
    from utils.layers import Transformer, combine_masks, create_look_ahead_mask, create_padding_mask

    class Ablated(Transformer):
        """A `Transformer` whose masks may be missing, in two halves, so that decoding reads the source once."""

        def mask(self, ids):
            mask = create_padding_mask(ids, self.pad_id)
            return ops.ones_like(mask) if arm == "without padding mask" else mask

        def read(self, source_ids, training=None):
            return self.encoder(source_ids, attention_mask=self.mask(source_ids), training=training)

        def say(self, target_ids, encoded, source_mask, training=None):
            ahead = create_look_ahead_mask(ops.shape(target_ids)[1])
            ahead = ops.ones_like(ahead) if arm == "without look-ahead mask" else ahead
            masks = {"self_attention_mask": combine_masks(ahead, self.mask(target_ids))}
            return self.decoder(target_ids, encoded, cross_attention_mask=source_mask, training=training, **masks)

        def call(self, inputs, training=None):
            source_ids, target_ids = inputs
            said = self.say(target_ids, self.read(source_ids, training), self.mask(source_ids), training)
            return self.output_layer(said)

    if arm.startswith("recurrent"):
        return GRUAttention(source_size, target_size, WIDTH)
    model = Ablated(2, WIDTH, 4, 512, source_size, target_size, LONGEST, LONGEST,
                    norm="post" if arm.startswith("norm behind") else "pre")  # fmt: skip
    if arm == "without positions":
        model.encoder.positional_encoding = keras.layers.Identity()
        model.decoder.positional_encoding = keras.layers.Identity()
    return model


def make_schedule(arm: str):
    """The paper's schedule; its way down alone; or its highest rate from the start until it goes down."""
    import keras
    from keras import ops

    from utils.training import WarmupSchedule

    class Down(keras.optimizers.schedules.LearningRateSchedule):
        def __init__(self, first):
            self.first = first

        def __call__(self, step):
            return WIDTH**-0.5 * ops.rsqrt(ops.maximum(ops.cast(step, "float32"), self.first))

        def get_config(self):
            return {"first": self.first}

    if arm.endswith("at the top from the start"):
        return Down(WARMUP_STEPS)
    return Down(1) if arm == "without warm-up" else WarmupSchedule(WIDTH, WARMUP_STEPS)


def make_step(model, optimizer, label_smoothing: float, clip: bool):
    """`train_step`, compiled, that tells the gradient's length beside the loss, and may leave it as long as it is."""
    import tensorflow as tf

    from utils.training import masked_loss
    from utils.training.steps import CLIP_NORM

    ids = tf.TensorSpec((None, None), "int32")

    @tf.function(input_signature=(ids, ids, ids), autograph=False)
    def step(source_ids, target_inputs, labels):
        with tf.GradientTape() as tape:
            logits = model((source_ids, target_inputs), training=True)
            loss = masked_loss(labels, logits, model.pad_id, label_smoothing)
        gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, model.trainable_variables)]
        clipped, norm = tf.clip_by_global_norm(gradients, CLIP_NORM)
        optimizer.apply_gradients(zip(clipped if clip else gradients, model.trainable_variables, strict=True))
        return loss, norm

    return step


def train(arm: str, steps: int = STEPS, seed: int = 0, given: tuple | None = None, progress: bool = False) -> tuple:
    """Trains an arm.

    Args:
        arm: one of ARMS.
        steps: how many.
        seed: of the weights, the dropout and the order.
        given: other vocabularies and batches than `data`'s.
        progress: show a bar.

    Returns:
        The model, and for every step its loss and the length that its gradient had before clipping, (steps,) each.
    """
    import keras

    from utils.training.loop import repeat

    source_words, target_words, batches = given or data(seed)
    keras.utils.set_random_seed(seed)
    model = build(arm, len(source_words), len(target_words))
    model.build(((None, None), (None, None)))
    optimizer = keras.optimizers.Adam(make_schedule(arm), beta_1=0.9, beta_2=0.98, epsilon=1e-9)
    optimizer.build(model.trainable_variables)
    smoothing = 0.0 if arm == "without label smoothing" else 0.1
    step, norms = make_step(model, optimizer, smoothing, clip=arm != "without clipping"), []

    def run(*batch):
        loss, norm = step(*batch)
        norms.append(float(norm))
        return loss

    losses = repeat(run, model, optimizer, batches, steps, progress=progress)["loss"]
    return model, losses, np.array(norms)


def decoder_of(model):
    """The function that translates source ids (B, S) greedily, compiled: each step reads all that was said."""
    import tensorflow as tf

    from benchmarks.gru_attention import GRUAttention, greedy
    from utils.decoding import cut_at_end

    if isinstance(model, GRUAttention):
        return lambda source_ids, longest=40: greedy(model, source_ids, longest, 1, 2)

    @tf.function(input_signature=[tf.TensorSpec((None, None), "int32"), tf.TensorSpec((), "int32")])
    def run(source_ids, longest):
        encoded, mask = model.read(source_ids), model.mask(source_ids)
        ids = tf.ones_like(source_ids[:, :1])
        finished = tf.zeros_like(ids[:, 0], "bool")
        while tf.shape(ids)[1] <= longest and not tf.reduce_all(finished):
            tf.autograph.experimental.set_loop_options(shape_invariants=[(ids, tf.TensorShape((None, None)))])
            last = model.output_layer(model.say(ids, encoded, mask)[:, -1])
            token = tf.argmax(last, axis=-1, output_type="int32")
            finished = finished | (token == 2)
            ids = tf.concat([ids, token[:, None]], axis=1)
        return ids

    return lambda source_ids, longest=40: cut_at_end(run(source_ids, longest).numpy()[:, 1:], 2, 0)


def translate(model, sentences: list[str], seed: int = 0, extra: int = 0) -> list[str]:
    """Translations of French sentences, with `extra` columns of padding behind the longest."""
    from utils.text import pad_batch

    source_words, target_words, _ = data(seed)
    rows, run, said = [ids[1:] for ids in source_words.encode_all(sentences)], decoder_of(model), {}
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    for first in range(0, len(order), 128):
        chosen = order[first : first + 128]
        width = max(len(rows[i]) for i in chosen) + extra
        ids = run(pad_batch([rows[i] for i in chosen], length=width))
        said |= {i: target_words.decode(row) for i, row in zip(chosen, ids, strict=True)}
    return [said[i] for i in range(len(rows))]


def exact_match(model, pairs: list[tuple[str, str]], seed: int = 0, extra: int = 0) -> float:
    """The share of pairs translated word for word."""
    sources, targets = zip(*pairs, strict=True)
    return float(np.mean([a == b for a, b in zip(translate(model, sources, seed, extra), targets, strict=True)]))


def measure(arm: str, seed: int) -> dict:
    """Trains an arm and measures it on sentences that it has not seen."""
    from utils.datasets.generators.french_english import load
    from utils.training import BucketedBatches, evaluate

    model, losses, norms = train(arm, seed=seed)
    source_words, target_words, _ = data(seed)
    sources, targets = zip(*load("test_random"), strict=True)
    rows = [s[1:] for s in source_words.encode_all(sources)], target_words.encode_all(targets)
    scores = evaluate(model, BucketedBatches(*rows, 2048))
    row = {"arm": arm, "seed": seed, "parameters": model.count_params()}
    row |= {name: round(value, 4) for name, value in scores.items()}
    for split, number in SENTENCES.items():
        pairs = load(split)
        pairs = pairs[:: len(pairs) // number][:number]
        row[split] = round(exact_match(model, pairs, seed), 4)
        if split == "test_random" and arm in ("full", "without padding mask"):
            row["more padding"] = round(exact_match(model, pairs, seed, extra=30), 4)
    row["said"] = translate(model, ["Jane visite l'Afrique en septembre", "Le train a quitté la gare à l'heure"], seed)
    row["losses"] = [round(float(part.mean()), 3) for part in losses.reshape(-1, 10)]  # of every ten steps
    if arm == "without clipping":  # the gradient's length at every step
        row["norms"] = [round(float(norm), 2) for norm in norms]
    return row


def main() -> None:
    """Trains all that is not in the file yet, and writes it after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--arms", nargs="*", default=ARMS, choices=ARMS)
    arguments = parser.parse_args()
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    content = {"command": "python -m benchmarks.translator_ablations", "steps": STEPS, "sentences": SENTENCES}
    rows = json.loads(FILE.read_text(encoding="utf-8"))["rows"] if FILE.exists() else []
    for seed in range(arguments.seeds):
        for arm in arguments.arms:
            if any((row["arm"], row["seed"]) == (arm, seed) for row in rows):
                continue
            rows.append(measure(arm, seed))
            print({name: value for name, value in rows[-1].items() if name != "losses"}, flush=True)
            rows.sort(key=lambda row: (ARMS.index(row["arm"]), row["seed"]))
            FILE.parent.mkdir(parents=True, exist_ok=True)
            FILE.write_text(json.dumps(content | {"rows": rows}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
