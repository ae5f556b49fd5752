"""Real captions, French to English, on a laptop: `python -m benchmarks.multi30k --data FOLDER`.

FOLDER holds multi30k.{train,val}.{fr,en}.gz. Lower-cased; sacreBLEU on val, as the minutes of training go by, then
with the last checkpoints averaged. Minutes count training only, on whatever else the machine is doing.
"""

import argparse
import gzip
import json
import os
import tempfile
import time
from pathlib import Path

import numpy as np

MODEL = {"num_layers": 3, "embedding_dim": 192, "num_heads": 6, "fully_connected_dim": 768}
MODEL |= {"dropout_rate": 0.3, "norm": "pre"}
VOCABULARY, LONGEST, TOKENS, WARMUP, SMOOTHING = 5000, 64, 2048, 1000, 0.1
CHUNK = 25  # steps between two looks at the clock


def read(folder: Path, split: str) -> list[list[str]]:
    """The French and the English side of a split, lower-cased."""
    files = [folder / f"multi30k.{split}.{language}.gz" for language in ("fr", "en")]
    return [[line.strip().lower() for line in gzip.open(file, "rt", encoding="utf-8")] for file in files]


def bleu(translator, sources: list[str], references: list[str], beam_width: int = 1) -> float:
    """SacreBLEU of the translations, in points."""
    import sacrebleu

    return sacrebleu.corpus_bleu(translator(sources, beam_width), [references]).score


def prepare(folder: Path, seed: int):
    """An untrained translator, its optimizer and its batches."""
    import keras

    from utils.layers import Transformer
    from utils.tasks.translation import Translator
    from utils.text import SubwordVocabulary
    from utils.training import BucketedBatches, make_optimizer

    sides = read(folder, "train")
    vocabularies = [SubwordVocabulary.train(side, VOCABULARY) for side in sides]
    sources, targets = (v.encode_all(side) for v, side in zip(vocabularies, sides, strict=True))
    rows = [(s[1:], t) for s, t in zip(sources, targets, strict=True) if max(len(s), len(t)) <= LONGEST]
    keras.utils.set_random_seed(seed)
    lengths = {"max_positional_encoding_input": LONGEST, "max_positional_encoding_target": LONGEST}
    sizes = {"input_vocab_size": len(vocabularies[0]), "target_vocab_size": len(vocabularies[1])}
    model = Transformer(**MODEL, **sizes, **lengths)
    batches = BucketedBatches(*zip(*rows, strict=True), TOKENS, seed=seed)
    return Translator(model, *vocabularies), make_optimizer(MODEL["embedding_dim"], WARMUP), batches


def train(translator, optimizer, batches, folder: str, minutes: float, every: float, measure) -> list[dict]:
    """Trains for so many minutes; every so often keeps a checkpoint and calls `measure`. Returns the curve."""
    from utils.training import fit, save_checkpoint

    curve, spent, steps, tokens = [], 0.0, 0, 0
    while spent < 60 * minutes:
        start = time.perf_counter()
        loss = fit(translator.model, optimizer, batches, steps + CHUNK, SMOOTHING, progress=False)["loss"]
        spent += time.perf_counter() - start
        tokens += sum(int(np.sum(batches.batch(step)[2] != 0)) for step in range(steps, steps + CHUNK))
        steps += CHUNK
        if spent >= 60 * min(every * (len(curve) + 1), minutes):
            save_checkpoint(folder, translator.model, optimizer, keep=1000)
            row = {"minutes": spent / 60, "steps": steps, "tokens a second": tokens / spent}
            curve.append(row | {"loss": float(np.mean(loss[-CHUNK:]))} | measure())
            print("  ".join(f"{name} {value:.2f}" for name, value in curve[-1].items()), flush=True)
    return curve


def main() -> None:
    """Trains, measures, prints; writes the numbers where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--every", type=float, default=1, help="minutes between two measurements")
    parser.add_argument("--average", type=int, default=6, help="how many of the last checkpoints to average")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", help="write the numbers here, as JSON")
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from utils.training import average_checkpoints

    val = read(arguments.data, "val")
    translator, optimizer, batches = prepare(arguments.data, arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        limits = (arguments.minutes, arguments.every)
        curve = train(translator, optimizer, batches, folder, *limits, lambda: {"bleu": bleu(translator, *val)})
        count = average_checkpoints(folder, translator.model, arguments.average)
    averaged = {f"average of {count}, {name}": bleu(translator, *val, k) for name, k in (("greedy", 1), ("beam 4", 4))}
    print("  ".join(f"{name}: {value:.2f}" for name, value in averaged.items()))
    print(f"{translator.model.count_params():,} parameters; {val[0][0]!r} -> {translator(val[0][0])!r}")
    if arguments.out:
        results = {"command": "python -m benchmarks.multi30k", "model": MODEL, "curve": curve, **averaged}
        Path(arguments.out).write_text(json.dumps(results, indent=1), "utf-8")


if __name__ == "__main__":
    main()
