"""Real captions, French to English, on a laptop: `python -m benchmarks.multi30k --data FOLDER`.

FOLDER holds multi30k.{train,val}.{fr,en}.gz. Lower-cased; sacreBLEU on val, greedily on the way and with a beam of 4
at the end. Every arm gets the same minutes: first the steps a second of all are measured, by turns, and then each
trains for as many steps as it would make in that time on this machine with nothing beside it. So the scores do not
depend on what else runs while it trains; the true minutes are written down too. Do measure the rates on an idle
machine, or give them: `--rate ours=3.04`.
"""

import argparse
import gzip
import json
import os
import statistics
import time
from pathlib import Path
from unittest import mock

from benchmarks.rows import note

MODEL = {"num_layers": 3, "embedding_dim": 192, "num_heads": 6, "fully_connected_dim": 768}
MODEL |= {"dropout_rate": 0.15, "norm": "pre"}
VOCABULARY, LONGEST, TOKENS, BUCKET, SMOOTHING = 5000, 64, 2048, 4, 0.1
WARMUP, PEAK = 400, 2e-3  # the rate rises in so many steps, then falls along a cosine to nothing
GRU = {"embedding_dim": 192, "encoder_units": 320, "decoder_units": 448, "attention_units": 256, "dropout_rate": 0.3}
ARMS = ("ours", "muon", "keras", "gru")
WIDTHS = (2, 4, 8, 16)  # of the beam, with --widths


def read(folder: Path, split: str) -> list[list[str]]:
    """The French and the English side of a split, lower-cased."""
    files = [folder / f"multi30k.{split}.{language}.gz" for language in ("fr", "en")]
    return [[line.strip().lower() for line in gzip.open(file, "rt", encoding="utf-8")] for file in files]


def by_width(model, vocabularies, sources: list[str], references: list[str]) -> dict[str, dict[str, float]]:
    """For each width of the beam and each length penalty: sacreBLEU, words said for each of the reference's, ln p.

    ln p is the mean log-probability of a sentence. Greedy stands in the first row.
    """
    import numpy as np
    import sacrebleu

    from utils.decoding import beam_search
    from utils.text import pad_batch

    french, english = vocabularies
    rows = [row[1:] for row in french.encode_all(sources)]
    order, results = np.argsort([len(row) for row in rows], kind="stable"), {}
    for width, alpha in ((1, 0.0), *[(width, alpha) for alpha in (0.6, 0.0) for width in WIDTHS]):
        said, log_p = [""] * len(rows), []
        for first in range(0, len(rows), 64):
            chosen = order[first : first + 64]
            batch = pad_batch([rows[n] for n in chosen])
            ids, scores = beam_search(model, batch, LONGEST, english.start_id, english.end_id, width, alpha)
            lengths = (ids != model.pad_id).sum(axis=1) + 1
            log_p += list(scores * ((5 + lengths) / 6) ** alpha)
            for n, row in zip(chosen, ids, strict=True):
                said[n] = english.decode(row)
        score = sacrebleu.corpus_bleu(said, [references])
        row = {"width": width, "alpha": alpha, "bleu": score.score, "length": score.sys_len / score.ref_len}
        results[f"width {width}, alpha {alpha}"] = row | {"log_p": float(np.mean(log_p))}
        print(results[f"width {width}, alpha {alpha}"], flush=True)
    return results


def bleu(model, vocabularies, sources: list[str], references: list[str], beam_width: int = 1) -> float:
    """SacreBLEU of the translations, in points."""
    import sacrebleu

    from benchmarks.gru_attention import GRUAttention, greedy
    from utils.tasks.translation import Translator
    from utils.text import pad_batch

    if not isinstance(model, GRUAttention):
        return sacrebleu.corpus_bleu(Translator(model, *vocabularies)(sources, beam_width), [references]).score
    said = []
    for first in range(0, len(sources), 32):
        ids = pad_batch([row[1:] for row in vocabularies[0].encode_all(sources[first : first + 32])])
        ids = greedy(model, ids, LONGEST, vocabularies[1].start_id, vocabularies[1].end_id)
        said += [vocabularies[1].decode(row) for row in ids]
    return sacrebleu.corpus_bleu(said, [references]).score


def prepare(folder: Path, seed: int):
    """The two vocabularies and the batches."""
    from utils.text import SubwordVocabulary
    from utils.training import BucketedBatches

    sides = read(folder, "train")
    vocabularies = [SubwordVocabulary.train(side, VOCABULARY) for side in sides]
    sources, targets = (v.encode_all(side) for v, side in zip(vocabularies, sides, strict=True))
    rows = [(s[1:], t) for s, t in zip(sources, targets, strict=True) if max(len(s), len(t)) <= LONGEST]
    return vocabularies, BucketedBatches(*zip(*rows, strict=True), TOKENS, BUCKET, seed=seed)


def make_model(arm: str, vocabularies, seed: int):
    """An untrained model: ours, also to be moved by Muon, around Keras' attention, or two GRUs with attention."""
    import contextlib

    import keras

    import utils.layers.decoder
    import utils.layers.encoder
    from benchmarks.gru_attention import GRUAttention
    from utils.layers import Transformer

    keras.utils.set_random_seed(seed)
    if arm == "gru":
        model = GRUAttention(*map(len, vocabularies), **GRU)
        model.build(((None, None), (None, None)))
        return model
    with contextlib.ExitStack() as stack:
        for module in (utils.layers.encoder, utils.layers.decoder) if arm == "keras" else ():
            stack.enter_context(mock.patch.object(module, "MultiHeadAttention", keras.layers.MultiHeadAttention))
        model = Transformer(**MODEL, input_vocab_size=len(vocabularies[0]), target_vocab_size=len(vocabularies[1]),
                            max_positional_encoding_input=LONGEST, max_positional_encoding_target=LONGEST)  # fmt: skip
    model.build(((None, None), (None, None)))
    return model


def make_optimizer(steps: int, arm: str = "ours"):
    """Adam with the paper's betas, for one arm Muon; the rate is over when the training is."""
    import keras

    from utils.training.muon import Muon

    warmup = min(WARMUP, steps // 4)
    schedule = keras.optimizers.schedules.CosineDecay(0.0, steps - warmup, warmup_target=PEAK, warmup_steps=warmup)
    if arm == "muon":
        return Muon(schedule, adam_beta_2=0.98, epsilon=1e-9, adam_weight_decay=None, weight_decay=None)
    return keras.optimizers.Adam(schedule, beta_1=0.9, beta_2=0.98, epsilon=1e-9)


def measure_rates(arms, vocabularies, batches, rounds: int = 3, steps: int = 20) -> dict[str, float]:
    """Steps a second of each arm: the median of some rounds, the arms by turns."""
    from utils.training import fit

    made = {arm: (make_model(arm, vocabularies, 0), make_optimizer(1000, arm)) for arm in arms}
    times = {arm: [] for arm in arms}
    for model, optimizer in made.values():
        fit(model, optimizer, batches, steps, SMOOTHING, progress=False)  # traces and warms up
    for number in range(2, rounds + 2):
        for arm, (model, optimizer) in made.items():
            start = time.perf_counter()
            fit(model, optimizer, batches, number * steps, SMOOTHING, progress=False)
            times[arm].append(time.perf_counter() - start)
    return {arm: steps / statistics.median(times[arm]) for arm in arms}


def train(arm: str, data: Path, vocabularies, batches, rate: float, minutes: float, every: float, seed: int,
          widths: bool = False) -> dict:  # fmt: skip
    """Trains one arm; returns its curve and its last scores, for all widths of the beam where asked."""
    from utils.training import fit

    val = read(data, "val")
    total = round(60 * minutes * rate)
    model, optimizer = make_model(arm, vocabularies, seed), make_optimizer(total, arm)
    speaker = make_model("ours", vocabularies, seed) if arm == "keras" else model  # weights are interchangeable
    curve, start = [], time.perf_counter()
    marks = [m * every for m in range(1, int(minutes / every) + 1)]
    for minute in [*[m for m in marks if m < minutes], minutes]:
        loss = fit(model, optimizer, batches, round(60 * minute * rate), SMOOTHING, progress=False)["loss"]
        speaker.set_weights(model.get_weights())
        curve.append({"minutes": minute, "steps": len(loss), "loss": float(loss[-100:].mean())})
        curve[-1] |= {"bleu": bleu(speaker, vocabularies, *val), "true_minutes": (time.perf_counter() - start) / 60}
        print(arm, "  ".join(f"{name} {value:.2f}" for name, value in curve[-1].items()), flush=True)
    last = {"greedy": curve[-1]["bleu"], "parameters": model.count_params()}
    last |= {} if arm == "gru" else {"beam_4": bleu(speaker, vocabularies, *val, 4)}
    last |= {"widths": by_width(speaker, vocabularies, *val)} if widths and arm != "gru" else {}
    print(arm, last, flush=True)
    return {"steps_a_second": rate, "curve": curve, **last}


def main() -> None:
    """Measures the rates, trains, prints; writes the numbers where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.multi30k", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--rate", nargs="+", default=[], help="steps a second known from before: ours=3.04")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--every", type=float, default=2, help="minutes between two scores")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--widths", action="store_true", help="score wider beams at the end, too")
    parser.add_argument("--out", type=Path, help="write the numbers here, as JSON; other arms in it stay")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from utils.files import write_whole

    vocabularies, batches = prepare(arguments.data, arguments.seed)
    rates = {arm: float(rate) for arm, _, rate in (given.partition("=") for given in arguments.rate)}
    unknown = [arm for arm in arguments.arms if arm not in rates]
    rates |= measure_rates(unknown, vocabularies, batches) if unknown else {}
    print("steps a second:", {arm: round(rate, 2) for arm, rate in rates.items()}, flush=True)
    found = {}
    for arm in arguments.arms:
        limits = (rates[arm], arguments.minutes, arguments.every)
        result = train(arm, arguments.data, vocabularies, batches, *limits, arguments.seed, arguments.widths)
        found[arm] = result["greedy"]
        if arguments.out:
            known = json.loads(arguments.out.read_text("utf-8")) if arguments.out.exists() else {}
            known |= {"command": "python -m benchmarks.multi30k --data FOLDER", "model": MODEL}
            known.setdefault("arms", {})[arm] = result
            write_whole(arguments.out, json.dumps(known, indent=1).encode() + b"\n")
    for arm in found.keys() - {"ours"} if "ours" in found else ():
        note(f"Multi30k after {arguments.minutes:g} minutes' steps", arm, [(found["ours"], found[arm])], "BLEU")


if __name__ == "__main__":
    main()
