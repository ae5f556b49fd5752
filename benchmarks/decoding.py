"""Lesson 09's stored experiment: what does remembering keys and values save? `python -m benchmarks.decoding`.

A random model that never ends its sentences says 64 tokens in three ways, in turns, all in one run. Then one decode
with room for 512 is timed piece by piece; a token with room for 32 to 2,048; and the decoder on whole prefixes of those
lengths. Medians, written to data/experiments/decoding.json.
"""

import argparse
import itertools
import json
import os
import statistics
import time
from pathlib import Path

import numpy as np

FILE = Path(__file__).resolve().parents[1] / "data" / "experiments" / "decoding.json"

START, END = 1, 2
SIZES = {"num_layers": 4, "embedding_dim": 256, "num_heads": 8, "fully_connected_dim": 1024}
VOCABULARY, SOURCE_LENGTH, LENGTH = 8000, 16, 64
LONG, STRIDE = 512, 10  # room of the long decode, tokens of a timed piece
PLACES = (30, 100, 200, 300, 400, 500)  # where pieces end; the first and the last are compared
ROOMS = (32, 128, 512, 2048)  # places in the memory, all of which a step looks at


def make_model():
    """A random Transformer for which the end is never likely."""
    import keras

    from utils.layers import Transformer

    keras.utils.set_random_seed(0)
    lengths = {"max_positional_encoding_input": 64, "max_positional_encoding_target": ROOMS[-1]}
    model = Transformer(input_vocab_size=VOCABULARY, target_vocab_size=VOCABULARY, **SIZES, **lengths)
    model.build(((None, None), (None, None)))
    bias = np.zeros(VOCABULARY, "float32")
    bias[END] = -1e9
    model.output_layer.bias.assign(bias)
    return model


def compiled_prefix(model):
    """The strongest way without memory: the decoder on all 64 places at once, one compiled graph for every token."""
    import tensorflow as tf

    from utils.layers import create_padding_mask

    encode = tf.function(lambda ids: model.encoder(ids, attention_mask=create_padding_mask(ids, 0)))

    @tf.function
    def next_token(ids, encoded, source_mask, position):
        decoded = model.decoder(ids, encoded, cross_attention_mask=source_mask)
        return tf.argmax(model.output_layer(decoded[:, position]), axis=-1, output_type="int32")

    def decode(source_ids):
        encoded, mask = encode(source_ids), create_padding_mask(source_ids, 0)
        ids = np.zeros((len(source_ids), LENGTH + 1), "int32")
        ids[:, 0] = START
        for position in range(LENGTH):
            ids[:, position + 1] = next_token(ids[:, :-1], encoded, mask, tf.constant(position))
        return ids[:, 1:]

    return decode


def ratios(model, batch: int, repeats: int) -> dict:
    """Seconds for 64 tokens in three ways, and how many times faster the memory is."""
    from utils.decoding import greedy_decode

    source_ids = np.random.default_rng(batch).integers(3, VOCABULARY, (batch, SOURCE_LENGTH)).astype("int32")
    ways = {
        "whole prefix, eager": lambda ids: greedy_decode(model, ids, LENGTH, START, END, use_cache=False),
        "whole prefix, compiled": compiled_prefix(model),
        "cached": lambda ids: greedy_decode(model, ids, LENGTH, START, END),
    }
    said = [way(source_ids) for way in ways.values()]  # compiled here
    assert all(np.array_equal(said[0], other) for other in said), "the ways must say the same"
    seconds = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            start = time.perf_counter()
            way(source_ids)
            seconds[name].append(time.perf_counter() - start)
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    return {"batch": batch, "seconds": middle, "times faster": {n: s / middle["cached"] for n, s in middle.items()}}


def growth(model, repeats: int) -> dict:
    """Milliseconds a token at the places of one decode with room for 512, and their ratio."""
    times = {place: [] for place in PLACES}
    for repeat in range(repeats + 1):  # the first compiles
        for stop, milliseconds in pieces(model, LONG):
            if stop in PLACES and repeat:
                times[stop].append(milliseconds)
    middle = {place: statistics.median(values) for place, values in times.items()}
    return {"cached": middle, "ratio": middle[PLACES[-1]] / middle[PLACES[0]]}


def pieces(model, room: int):
    """Where each piece of a decode ends, and the milliseconds of one of its tokens."""
    from utils.decoding import compiled, greedy_loop, pad_to_bucket, start_greedy

    source_ids = np.random.default_rng(0).integers(3, VOCABULARY, (1, SOURCE_LENGTH)).astype("int32")
    state = compiled(start_greedy, model, room)(pad_to_bucket(source_ids, 0, 64), START, 1)
    for stop in range(STRIDE, room + 1, STRIDE):
        start = time.perf_counter()
        state = compiled(greedy_loop, model)(state, stop, END)
        int(state[0])
        yield stop, (time.perf_counter() - start) / STRIDE * 1000


def rooms(model, repeats: int) -> dict:
    """For each room: milliseconds of a token, those of the decoder on a prefix as long, and the memory's bytes."""
    from utils.decoding import start_cache

    table, again = {room: [] for room in ROOMS}, prefixes(model, repeats)
    for repeat in range(repeats + 1):
        for room in ROOMS:
            times = [milliseconds for _, milliseconds in itertools.islice(pieces(model, room), 3)]
            table[room] += times[1:] if repeat else []
    result = {}
    for room, times in table.items():
        cache = start_cache(model, np.full((1, SOURCE_LENGTH), 3, "int32"), room)
        size = sum(np.asarray(array).nbytes for pair in cache["self"] for array in pair)
        result[room] = {"cached": statistics.median(times), "whole prefix": again[room], "bytes": size}
    return result


def prefixes(model, repeats: int) -> dict:
    """Milliseconds for the decoder, run as it is, on the whole prefix: what one more token costs without a memory."""
    rng, times = np.random.default_rng(0), {room: [] for room in ROOMS}
    encoded = model.encoder(rng.integers(3, VOCABULARY, (1, SOURCE_LENGTH)).astype("int32"))
    ids = rng.integers(3, VOCABULARY, (1, ROOMS[-1])).astype("int32")
    for repeat in range(repeats + 1):
        for room in ROOMS:
            start = time.perf_counter()
            np.asarray(model.output_layer(model.decoder(ids[:, :room], encoded)[:, -1]))
            if repeat:
                times[room].append((time.perf_counter() - start) * 1000)
    return {room: statistics.median(values) for room, values in times.items()}


def main() -> None:
    """Prints the table and stores it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decoding", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, default=FILE)
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from utils.files import write_whole

    model = make_model()
    results = {"command": "python -m benchmarks.decoding", "length 64": []}
    for batch in (1, 32):
        row = ratios(model, batch, arguments.repeats)
        results["length 64"].append(row)
        for name, seconds in row["seconds"].items():
            print(
                f"batch {batch:2}  {name:24} {seconds:8.3f} s  cached is {row['times faster'][name]:5.1f} x", flush=True
            )
    results["one decode of 512"] = long = growth(model, arguments.repeats)
    print("position: ms", {place: round(ms, 2) for place, ms in long["cached"].items()}, f"ratio {long['ratio']:.2f}")
    results["rooms"] = rooms(model, arguments.repeats)
    for room, row in results["rooms"].items():
        print(f"room for {room}: {row}")
    write_whole(arguments.out, json.dumps(results, indent=1).encode() + b"\n")


if __name__ == "__main__":
    main()
