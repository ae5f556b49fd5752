"""A cached greedy decode beside its peers: `python -m benchmarks.peers_in_decoding`.

The same sizes (4 layers each, width 256, 8 heads, 1,024 in the feed-forward network, 8,000 pieces), random weights, 20
source tokens, 64 tokens to say, at batch 1 and 32: ours as `Translator` decodes; `transformers`' Marian on PyTorch with
its cache; CTranslate2, an engine in C++ that does nothing but decode, in float32. CTranslate2 gets our very weights and
must say the same, up to where two tokens are nearly level; Marian's are its own, since its positions are other ones.

Each is a process of its own; they work in turns, in one run. Times are by the clock, after a first decode.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.regress import machine
from benchmarks.rows import note

ROOT = Path(__file__).resolve().parents[1]
LAYERS, WIDTH, HEADS, INNER, PIECES = 4, 256, 8, 1024, 8000
SOURCE, SAID = 20, 64  # tokens of a sentence, and to say
START, END = 1, 2
BATCHES = (1, 32)
NEVER = -1e9  # the logit of the end: all sides say as many tokens


def sources(batch: int) -> np.ndarray:
    """Random source ids (B, S), the end last."""
    ids = np.random.default_rng(batch).integers(4, PIECES, (batch, SOURCE)).astype("int32")
    ids[:, -1] = END
    return ids


def ours(folder: Path):
    """Our own; its weights go to the folder for those who take them."""
    from utils.notebook import quiet_import

    keras = quiet_import("keras")
    from utils.fast_decoding import greedy
    from utils.layers import Transformer

    keras.utils.set_random_seed(0)
    model = Transformer(LAYERS, WIDTH, HEADS, INNER, PIECES, PIECES, SOURCE, SAID)
    model.build(((None, None), (None, None)))
    weights = model.get_weights()
    weights[-1][END] = NEVER  # the output's bias
    model.set_weights(weights)
    np.savez(folder / "weights.npz", *weights)
    return lambda ids: greedy(model, ids, SAID, START, END)


def ctranslate2_with_our_weights(folder: Path):
    """CTranslate2, told our weights in the order in which our model has them."""
    import ctranslate2
    from ctranslate2.specs import Activation, TransformerSpec

    from utils.layers.positional_encoding import positional_encoding

    with np.load(folder / "weights.npz") as file:
        weights = iter([file[name] for name in file.files])
    spec = TransformerSpec.from_config((LAYERS, LAYERS), HEADS, pre_norm=False, activation=Activation.RELU)

    def matrices(number: int) -> list[tuple]:
        """So many projections of an attention, each (outputs, inputs) and its bias."""
        pairs = [(next(weights), next(weights)) for _ in range(number)]
        return [(kernel.reshape(WIDTH, WIDTH).T, bias.reshape(-1)) for kernel, bias in pairs]

    def put(linear, *pairs) -> None:
        linear.weight = np.concatenate([kernel for kernel, _ in pairs])
        linear.bias = np.concatenate([bias for _, bias in pairs])

    def dense(linear) -> None:
        linear.weight, linear.bias = next(weights).T, next(weights)

    def norm(layer) -> None:
        layer.gamma, layer.beta = next(weights), next(weights)

    def network(feed_forward) -> None:
        dense(feed_forward.linear_0)
        dense(feed_forward.linear_1)

    spec.encoder.scale_embeddings = spec.decoder.scale_embeddings = True
    spec.encoder.embeddings[0].weight = next(weights)
    spec.encoder.position_encodings.encodings = np.asarray(positional_encoding(SOURCE, WIDTH))[0]
    for layer in spec.encoder.layer:
        query, key, value, output = matrices(4)
        put(layer.self_attention.linear[0], query, key, value)
        put(layer.self_attention.linear[1], output)
        norm(layer.self_attention.layer_norm)
        network(layer.ffn)
        norm(layer.ffn.layer_norm)
    spec.decoder.embeddings.weight = next(weights)
    spec.decoder.position_encodings.encodings = np.asarray(positional_encoding(SAID, WIDTH))[0]
    for layer in spec.decoder.layer:
        query, key, value, output = matrices(4)
        put(layer.self_attention.linear[0], query, key, value)
        put(layer.self_attention.linear[1], output)
        query, key, value, output = matrices(4)
        put(layer.attention.linear[0], query)
        put(layer.attention.linear[1], key, value)
        put(layer.attention.linear[2], output)
        network(layer.ffn)
        for part in (layer.self_attention, layer.attention, layer.ffn):
            norm(part.layer_norm)
    dense(spec.decoder.projection)
    assert next(weights, None) is None, "some weights were not taken"
    names = ["<pad>", "<start>", "<end>", *(f"piece {n}" for n in range(3, PIECES))]
    for register in (spec.register_source_vocabulary, spec.register_target_vocabulary):
        register(names)
    spec.config.bos_token, spec.config.eos_token, spec.config.unk_token = "<start>", "<end>", "<pad>"
    spec.validate()
    spec.optimize()
    spec.save(str(folder))
    engine = ctranslate2.Translator(str(folder), device="cpu", intra_threads=os.cpu_count(), compute_type="float32")
    number = {name: n for n, name in enumerate(names)}

    def decode(ids: np.ndarray) -> np.ndarray:
        rows = [[names[i] for i in row] for row in ids]
        said = engine.translate_batch(rows, beam_size=1, max_decoding_length=SAID, max_batch_size=len(rows))
        return np.array([[number[piece] for piece in one.hypotheses[0]] for one in said])

    return decode


def marian(folder: Path):
    """`transformers`' Marian, which caches what it has looked at."""
    import torch
    from transformers import GenerationConfig, MarianConfig, MarianMTModel
    from transformers.utils import logging

    logging.set_verbosity_error()
    torch.manual_seed(0)
    torch.set_num_threads(os.cpu_count())
    sizes = {"encoder_layers": LAYERS, "decoder_layers": LAYERS, "d_model": WIDTH, "vocab_size": PIECES}
    for side in ("encoder", "decoder"):
        sizes |= {f"{side}_attention_heads": HEADS, f"{side}_ffn_dim": INNER}
    ends = {"pad_token_id": 0, "eos_token_id": END, "bos_token_id": START, "decoder_start_token_id": START}
    config = MarianConfig(**sizes, **ends, activation_function="relu", scale_embedding=True)
    model = MarianMTModel(config).eval()
    how = GenerationConfig(
        **ends, max_new_tokens=SAID, min_new_tokens=SAID, num_beams=1, do_sample=False, use_cache=True
    )

    def decode(ids: np.ndarray) -> np.ndarray:
        ids = torch.from_numpy(ids.astype("int64"))
        with torch.inference_mode():
            return model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=how)[:, 1:].numpy()

    return decode


SIDES = {"ours": ours, "CTranslate2": ctranslate2_with_our_weights, "Marian": marian}


def serve(side: str, folder: Path) -> None:
    """Decodes as many sentences as each line of standard input says; answers with the time and the tokens."""
    decode = SIDES[side](folder)
    print("ready", flush=True)
    for line in sys.stdin:
        ids = sources(int(line))
        begun = time.perf_counter()
        said = np.asarray(decode(ids))
        print(json.dumps([time.perf_counter() - begun, said.tolist()]), flush=True)


class Side:
    """A side in a process of its own."""

    def __init__(self, name: str, folder: Path):
        self.name = name
        command = [sys.executable, "-m", "benchmarks.peers_in_decoding", "--side", name, str(folder)]
        self.errors = folder / f"{name}.log"
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": open(self.errors, "w"), "text": True}
        self.process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}, **pipes)
        self.read("ready")

    def read(self, wanted: str = "") -> str:
        """The next line that it says."""
        while line := self.process.stdout.readline():
            if line.strip() == wanted or (not wanted and line.startswith("[")):
                return line
        sys.exit(f"{self.name} ended: {self.errors.read_text('utf-8').strip()[-2000:]}")

    def __call__(self, batch: int) -> tuple[float, np.ndarray]:
        """Seconds and tokens (B, T)."""
        self.process.stdin.write(f"{batch}\n")
        self.process.stdin.flush()
        seconds, said = json.loads(self.read())
        return seconds, np.array(said)


def main(arguments: list[str] | None = None) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers_in_decoding", description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--side", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.side:
        serve(options.side[0], Path(options.side[1]))
        return
    print(f"{LAYERS} layers, width {WIDTH}, {SAID} tokens, {options.repeats} times by turns; {machine()}\n")
    print(f"{'':12} {'batch':>5} {'ours, ms':>9} {'theirs':>9}   ours / theirs")
    with tempfile.TemporaryDirectory() as scratch:
        sides = {name: Side(name, Path(scratch)) for name in SIDES}
        for batch in BATCHES:
            first = {name: side(batch)[1] for name, side in sides.items()}
            assert all(said.shape == (batch, SAID) for said in first.values()), {n: s.shape for n, s in first.items()}
            same = (first["ours"] == first["CTranslate2"]).mean()
            print(f"CTranslate2 says {same:.0%} of our tokens")
            if same < 0.75:  # where two are nearly level other sums may turn them round, and what follows is another
                sys.exit("These are not the same weights")
            times = {name: [] for name in sides}
            for turn in range(options.repeats):
                for name in list(sides)[:: 1 if turn % 2 else -1]:
                    times[name].append(1000 * sides[name](batch)[0])
            for name in list(sides)[1:]:
                note(
                    f"decoding {SAID} tokens, batch of {batch}",
                    name,
                    list(zip(times["ours"], times[name], strict=True)),
                    "ms",
                )
                each = np.array(times["ours"]) / np.array(times[name])
                own, theirs = (statistics.median(times[side]) for side in ("ours", name))
                print(f"{name:12} {batch:5} {own:9.1f} {theirs:9.1f}   {np.median(each):.2f} "
                      f"({each.min():.2f} to {each.max():.2f})", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
