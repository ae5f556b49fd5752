"""The exercise SwiGLU: what must hold, and what each mistake looks like."""

import math

import numpy as np

from utils.checks.encoder.shared import TOO_EARLY, compiled, lacking, ratio_words
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.in_numpy import ByChance, fitting, relu
from utils.checks.inputs import normal
from utils.checks.since_2017.shared import compiled_twice, fresh_with
from utils.layers.gated import SwiGLU


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _silu(x):
    return x * _sigmoid(x)


def _gelu(x):
    return (x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2).astype(x.dtype)


BENDS = {"silu": _silu, "gelu": _gelu, "relu": relu, "tanh": np.tanh}


def _made(answer, width, seed, **arguments):
    """A layer with weights drawn from a seed, biases too, all of them large enough to see."""

    def draw(weights):
        rng = np.random.default_rng(seed)
        return [normal(rng, *w.shape) / np.float32(1.5 if len(w.shape) > 1 else 1) for w in weights]

    arguments = {"embedding_dim": width, "activation": "silu", "use_bias": False} | arguments
    return fresh_with(answer, ((None, None, width),), draw, **arguments)


def _gated(answer, x, seed, activation="silu", fully_connected_dim=7, use_bias=False, training=None):
    sizes = {"fully_connected_dim": fully_connected_dim, "activation": activation, "use_bias": use_bias}
    return _made(answer, x.shape[-1], seed, **sizes)(x, training=training)


def _while_built(answer, x, seed):
    return compiled(_made(answer, x.shape[-1], seed, fully_connected_dim=7), x)


def _both(answer, rate, training, seed, width=12):
    """The output in training or not, and the output outside it."""
    x = np.random.default_rng(seed).uniform(1, 2, (3, 300 // width, width)).astype("float32")
    layer = _made(answer, width, seed, fully_connected_dim=9, dropout_rate=rate)
    return layer(x, training=training), layer(x, training=False)


def _lost(outputs, rate, training, seed, width=12):
    """What dropout did, in words."""
    made, base = outputs
    with np.errstate(divide="ignore", invalid="ignore"):
        words = ratio_words(made, base, rate)
    return f"{words}, and some are 0" if words == "something else changed" and (made == 0).mean() > rate / 2 else words


def _again(answer, x, other, rate, seed):
    """One layer on two inputs; in training twice on one; and the same compiled."""
    layer = _made(answer, x.shape[-1], seed, fully_connected_dim=7, dropout_rate=rate)
    outside = layer(x, training=False), layer(other, training=False)
    twice = [np.asarray(layer(x, training=True)) for _ in range(2)]
    return *outside, *twice, *compiled_twice(layer, lambda layer, x: layer(x, training=True), x)


def _kept(results, x, other, rate, seed):
    """The outputs outside training, and in words whether each call in training loses other numbers."""
    first, second, *pairs = results
    words = []
    for where, (once, again) in zip(("", "compiled: "), (pairs[:2], pairs[2:]), strict=True):
        said = once if isinstance(once, str) else "the same each time" if np.array_equal(once, again) else "others"
        words.append(f"{where}{said}")
    return first, second, ", ".join(words)


def _variant(
    bend=lambda z, bend: bend(z),
    meet=lambda gate, wide: gate * wide,
    swap=False,
    out=lambda made, x: made,
    narrow=lambda made, kernel: fitting(np.matmul, made, kernel),
    drop=lambda lost, made: lost(made),
    hidden_drop=lambda lost, made: made,
    input_drop=lambda lost, x: x,
    train=lambda training: training,
):
    """The gated feed-forward with one of its decisions changed."""

    class Variant(ByChance):
        model_of = SwiGLU

        def __init__(self, weights, activation="silu", use_bias=False, **arguments):
            super().__init__(weights, **arguments)
            self.bend = BENDS[activation]

        def __call__(self, x, training=None):
            parts = self.parts if len(self.parts) == 6 else [p for w in self.parts for p in (w, 0)]
            w_gate, b_gate, w_wide, b_wide, w_back, b_back = parts
            lost = self.drop(train(training))
            x = input_drop(lost, x)
            gate, wide = x @ w_gate + b_gate, x @ w_wide + b_wide
            gate, wide = (gate, bend(wide, self.bend)) if swap else (bend(gate, self.bend), wide)
            made = narrow(hidden_drop(lost, meet(gate, wide)), w_back) + b_back
            return drop(lost, out(made, x))

    return Variant


class _Keeps(_variant()):
    """What was made first comes back at each call."""

    first = None

    def __call__(self, x, training=None):
        if self.first is None:
            self.first = super().__call__(x, False)
        return self.drop(training)(self.first)


class _Seeded(_variant()):
    """Chance begins anew at each call."""

    def drop(self, training):
        self.rng = np.random.default_rng(0)
        return super().drop(training)


class _Uncompiled(_variant()):
    """In a compiled function it fails."""

    uncompiled = True


class _DrawnOnce(_variant()):
    """Once it is compiled, chance is what it was then: here, from the third draw on."""

    draws = 0

    def drop(self, training):
        self.draws += bool(training)
        if training and self.draws > 2:
            self.rng = np.random.default_rng(0)
        return super().drop(training)


register(
    Exercise(
        name="SwiGLU",
        notebook="15_since_2017",
        reference=SwiGLU,
        oracle=_variant(),
        properties=(
            Property(
                "two made side by side, one through the gate, the product narrowed",
                1,
                lambda rng: [
                    case(normal(rng, 1, 1, 2), seed=1, fully_connected_dim=3),
                    case(normal(rng, 2, 5, 4), seed=2),
                    case(normal(rng, 3, 4, 6), seed=3, fully_connected_dim=9),
                ],
                run=_gated,
            ),
            Property(
                "the gate bends as the layer was made to, with or without biases",
                1,
                lambda rng: [
                    case(normal(rng, 2, 3, 4), seed=4, activation="gelu"),
                    case(normal(rng, 2, 3, 5), seed=5, activation="tanh"),
                    case(normal(rng, 2, 3, 5), seed=6, use_bias=True),
                ],
                run=_gated,
            ),
            Property(
                "dropout: on the output, in training only",
                1,
                lambda rng: [
                    case(rate=0.25, training=True, seed=1),
                    case(rate=0.4, training=False, seed=2),
                    case(rate=0.25, training=True, seed=3, width=1),
                ],
                run=_both,
                read=_lost,
            ),
            Property(
                "a batch whose size is not known yet",
                1,
                lambda rng: [case(normal(rng, 2, 3, 4), seed=8)],
                run=_while_built,
            ),
            Property(
                "call after call: nothing is kept, and others are dropped, compiled too",
                1,
                lambda rng: [case(normal(rng, 2, 3, 4), normal(rng, 2, 3, 4), rate=0.5, seed=9)],
                run=_again,
                read=_kept,
            ),
        ),
        mistakes=(
            Mistake("the gate is missing: self.gate(x) multiplies self.widen(x)", _variant(meet=lambda g, w: w)),
            Mistake("only the gate is used: multiply it by self.widen(x)", _variant(meet=lambda g, w: g)),
            Mistake("the two are added: a gate multiplies", _variant(meet=lambda g, w: g + w)),
            Mistake(
                "the gate and what it lets through have changed places: self.gate is the one that bends",
                _variant(swap=True),
            ),
            Mistake(
                "the gate bends twice: self.gate has its activation already",
                _variant(bend=lambda z, bend: bend(bend(z))),
            ),
            Mistake(
                "the product is bent as well: the gate alone bends",
                _variant(meet=lambda g, w: _silu(g * w)),
            ),
            Mistake(
                "both are bent: what the gate lets through stays straight",
                _variant(meet=lambda g, w: g * _silu(w)),
            ),
            Mistake("the gate is a sigmoid's: this is GLU, not SwiGLU", _variant(bend=lambda z, bend: _sigmoid(z))),
            Mistake(
                "the gate always bends by silu: self.gate has the activation that was asked for",
                _variant(bend=lambda z, bend: _silu(z)),
            ),
            Mistake(
                "the gate is bent by a sigmoid besides: self.gate has its activation already",
                _variant(bend=lambda z, bend: _sigmoid(bend(z))),
            ),
            Mistake(
                "the gate multiplies itself: it multiplies self.widen(x)", _variant(meet=lambda gate, wide: gate * gate)
            ),
            Mistake(
                "self.widen(x) multiplies itself: the gate multiplies it", _variant(meet=lambda gate, wide: wide * wide)
            ),
            *(Mistake(diagnosis, lacking(words, _variant())) for words, diagnosis in TOO_EARLY),
            Mistake("the gate does not bend: call self.gate", _variant(bend=lambda z, bend: z)),
            Mistake(
                "these are the F numbers in between: narrow them to D",
                _variant(narrow=lambda made, kernel: made, drop=lambda lost, made: made),
            ),
            Mistake("the input is added: that is the block's business", _variant(out=lambda made, x: made + x)),
            Mistake("dropout is never applied: self.dropout_layer takes the output", _variant(drop=lambda lost, m: m)),
            Mistake("dropout acts outside training too: hand `training` on", _variant(train=lambda training: True)),
            Mistake(
                "dropout acts outside training and not in it: hand `training` on as it is",
                _variant(train=lambda training: not training),
            ),
            Mistake(
                "dropout acts on the F numbers in between: it belongs on the output",
                _variant(hidden_drop=lambda lost, m: lost(m), drop=lambda lost, m: m),
            ),
            Mistake(
                "dropout acts on the input: it belongs on the output",
                _variant(input_drop=lambda lost, x: lost(x), drop=lambda lost, m: m),
            ),
            Mistake(
                "dropout acts on the output and before it as well: once, on the output, is enough",
                _variant(hidden_drop=lambda lost, m: lost(m)),
            ),
            Mistake(
                "dropout acts on the output and before it as well: once, on the output, is enough",
                _variant(input_drop=lambda lost, x: lost(x)),
            ),
            Mistake("dropout acts twice on the output: once is enough", _variant(drop=lambda lost, m: lost(lost(m)))),
            Mistake("what was made in one call comes back in the next: keep nothing of x in self", _Keeps),
            Mistake(
                "each call drops the same numbers: a fixed seed begins anew each time. self.dropout_layer goes on",
                _Seeded,
            ),
            Mistake(
                "compiled, in training, it fails: a new Dropout, or another variable, is made in each call. "
                "self.dropout_layer was made in __init__, call that",
                _Uncompiled,
            ),
            Mistake(
                "compiled, each step drops the same numbers: what NumPy draws is drawn once, while compiling. "
                "self.dropout_layer draws each time",
                _DrawnOnce,
            ),
        ),
        hints=(
            "Four layers were made in __init__, and each is called once.",
            "self.gate(x) and self.widen(x) are both (B, T, F); their product goes into self.narrow.",
            "Last comes self.dropout_layer with training=training. self.gate bends by itself.",
        ),
    )
)
