"""Our layers beside the peers a user would pick instead: `python -m benchmarks.layers`.

One table, all in one run: medians of repeated, alternating runs of a whole training step (forward, backward, Adam).
TensorFlow and PyTorch live in processes of their own, which work in turns, never at once.
"""

import argparse
import functools
import itertools
import multiprocessing
import os
import statistics
import time

import numpy as np

from benchmarks.rows import note

SIZES = ((64, 16, 128), (64, 32, 256), (16, 128, 384), (4, 512, 512))
LENGTHS = (64, 128, 256, 512, 1024, 2048)
LAYERS = {
    "attention": ("ours", "keras", "torch"),
    "encoder layer": ("ours", "keras-hub", "torch"),
}


PEERS = {"keras": "Keras", "keras-hub": "KerasHub", "torch": "PyTorch"}


def heads(width: int) -> int:
    """Heads of 64, as in the paper."""
    return width // 64


def training_flops(layer: str, batch: int, length: int, width: int) -> float:
    """Floating-point operations of a training step: a forward pass, and twice as many backward."""
    tokens = batch * length
    forward = 4 * 2 * tokens * width**2 + 2 * 2 * tokens * length * width
    forward += 2 * 2 * tokens * width * 4 * width if layer == "encoder layer" else 0
    return 3.0 * forward


def keras_step(peer: str, layer: str, batch: int, length: int, width: int):
    """A compiled training step in TensorFlow: a function without arguments."""
    import keras
    import tensorflow as tf

    from utils.layers import EncoderLayer, MultiHeadAttention

    h = heads(width)
    if layer == "attention":
        kind = MultiHeadAttention if peer == "ours" else keras.layers.MultiHeadAttention
        made = kind(h, width // h)
        run = functools.partial(_attend, made)
    elif peer == "ours":
        made = EncoderLayer(width, h, 4 * width, dropout_rate=0.1)
        run = functools.partial(made, training=True)
    else:
        import keras_hub

        made = keras_hub.layers.TransformerEncoder(4 * width, h, dropout=0.1)
        run = functools.partial(made, training=True)
    x = tf.random.normal((batch, length, width))
    run(x)
    optimizer = keras.optimizers.Adam()
    optimizer.build(made.trainable_variables)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(run(x)))
        variables = [v.value for v in made.trainable_variables]
        optimizer.apply(tape.gradient(loss, variables), made.trainable_variables)
        return loss

    return lambda: step().numpy()


def _attend(layer, x):
    return layer(x, x, training=True)


def torch_step(peer: str, layer: str, batch: int, length: int, width: int):
    """A training step in PyTorch: a function without arguments."""
    import torch

    h = heads(width)
    if layer == "attention":
        made = torch.nn.MultiheadAttention(width, h, batch_first=True)
        run = lambda x: made(x, x, x, need_weights=False)[0]  # noqa: E731
    else:
        made = run = torch.nn.TransformerEncoderLayer(width, h, 4 * width, dropout=0.1, batch_first=True)
    x = torch.randn(batch, length, width)
    optimizer = torch.optim.Adam(made.parameters())

    def step():
        optimizer.zero_grad()
        loss = run(x).square().mean()
        loss.backward()
        optimizer.step()
        return loss.item()

    return with_best_threads(step)


def with_best_threads(step):
    """The PyTorch step on the number of threads that suits it best: all of them can be far slower than half."""
    import torch

    def seconds(threads):
        torch.set_num_threads(threads)
        step()
        start = time.perf_counter()
        step(), step()
        return time.perf_counter() - start

    best = min({1, os.cpu_count() // 2 or 1, os.cpu_count()}, key=seconds)

    def run():
        torch.set_num_threads(best)
        return step()

    return run


def keras_forward(peer: str, length: int):
    """A compiled forward pass of attention over one sequence of width 128."""
    import keras
    import tensorflow as tf

    from utils.layers import MultiHeadAttention

    made = (MultiHeadAttention if peer == "ours" else keras.layers.MultiHeadAttention)(2, 64)
    x = tf.random.normal((1, length, 128))
    run = tf.function(lambda: made(x, x))
    return lambda: run().numpy()


def matmul(size: int = 2048):
    """A product of two square matrices in TensorFlow: a function without arguments."""
    import tensorflow as tf

    a = tf.random.normal((size, size))
    return lambda: tf.linalg.matmul(a, a)[0, 0].numpy()


MAKERS = {"keras": keras_step, "torch": torch_step, "forward": keras_forward, "matmul": matmul}


def worker(connection) -> None:
    """Makes and times what it is asked for, until told to stop."""
    made = {}
    while (request := connection.recv()) is not None:
        maker, arguments, runs = request
        if request[:2] not in made:
            made[request[:2]] = MAKERS[maker](*arguments)
            for _ in range(3):
                made[request[:2]]()
        start = time.perf_counter()
        for _ in range(runs):
            made[request[:2]]()
        connection.send((time.perf_counter() - start) / runs)


class Workers:
    """One process for each framework; they work in turns."""

    def __init__(self):
        context = multiprocessing.get_context("spawn")
        self.pipes, self.processes = {}, []
        for name in ("tensorflow", "torch"):
            self.pipes[name], end = context.Pipe()
            self.processes.append(context.Process(target=worker, args=(end,), daemon=True))
            self.processes[-1].start()

    def seconds(self, maker: str, arguments: tuple, runs: int = 1) -> float:
        """The mean time of one call."""
        pipe = self.pipes["torch" if maker == "torch" else "tensorflow"]
        pipe.send((maker, arguments, runs))
        return pipe.recv()

    def stop(self) -> None:
        """Ends both."""
        for pipe, process in zip(self.pipes.values(), self.processes, strict=True):
            pipe.send(None)
            process.join()


def medians(workers: Workers, jobs: dict, repeats: int) -> dict:
    """The median time of each job; in every round each has its turn, in another order."""
    names, times = list(jobs), {name: [] for name in jobs}
    runs = {name: max(1, round(0.1 / max(workers.seconds(*job), 1e-5))) for name, job in jobs.items()}
    for n in range(repeats):
        for name in names[n % len(names) :] + names[: n % len(names)]:
            times[name].append(workers.seconds(*jobs[name], runs[name]))
    return {name: statistics.median(t) for name, t in times.items()}


def main() -> None:
    """Measures all, and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15)
    repeats = parser.parse_args().repeats
    workers = Workers()
    rate = 2 * 2048**3 / medians(workers, {"matmul": ("matmul", ())}, repeats)["matmul"]
    print(f"{os.cpu_count()} cores; matrix products of 2048: {rate / 1e9:.0f} GFLOP/s\n")
    print(f"{'training step':15}{'(batch, length, width)':24}{'ours':>10}{'Keras peer':>20}{'PyTorch':>16}{'share':>8}")
    for (layer, peers), size in itertools.product(LAYERS.items(), SIZES):
        jobs = {p: ("torch" if p == "torch" else "keras", (p, layer, *size)) for p in peers}
        times = medians(workers, jobs, repeats)
        ours, keras, torch = (times[p] * 1e3 for p in peers)
        for peer in peers[1:]:
            work = f"{layer}, a step of {'×'.join(map(str, size))}"
            note(work, PEERS[peer], [(times["ours"] * 1e3, times[peer] * 1e3)], "ms")
        share = training_flops(layer, *size) / times["ours"] / rate
        beside = "".join(f"{peer:9.2f} ms {ours / peer:4.2f}×" for peer in (keras, torch))
        print(f"{layer:15}{size!s:24}{ours:7.2f} ms{beside}{share:7.0%}")
    print("\n× is our time divided by theirs; share is of the matrix products' rate.\n")
    jobs = {(p, n): ("forward", (p, n)) for p in ("ours", "keras") for n in LENGTHS}
    times = medians(workers, jobs, repeats)
    print("attention's forward pass over one sequence of width 128, in ms")
    print(f"{'length':8}" + "".join(f"{n:>9}" for n in LENGTHS) + f"{'exponent':>12}")
    for peer in ("ours", "keras"):
        row = [times[peer, n] for n in LENGTHS]
        slope = np.polyfit(np.log(LENGTHS[2:]), np.log(row[2:]), 1)[0]
        print(f"{peer:8}" + "".join(f"{t * 1e3:9.2f}" for t in row) + f"{slope:12.2f}")
    print("The exponent is fitted to the four longest.")
    workers.stop()


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
