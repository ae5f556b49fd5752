"""The exercise SwiGLU: what must hold, and what each mistake looks like."""

import math

import numpy as np

from utils.checks.encoder.shared import TOO_EARLY, compiled, lacking, ratio_words, with_weights
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.in_numpy import ByChance, fitting, relu
from utils.checks.inputs import normal
from utils.layers.gated import SwiGLU


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _silu(x):
    return x * _sigmoid(x)


def _gelu(x):
    return (x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2).astype(x.dtype)


BENDS = {"silu": _silu, "gelu": _gelu, "relu": relu, "tanh": np.tanh}


def _gated(answer, x, seed, activation="silu", fully_connected_dim=7, use_bias=False, training=None):
    arguments = {"embedding_dim": x.shape[-1], "fully_connected_dim": fully_connected_dim, "activation": activation}
    return with_weights(answer, x.shape, seed, use_bias=use_bias, **arguments)(x, training=training)


def _while_built(answer, x, seed):
    arguments = {"embedding_dim": x.shape[-1], "fully_connected_dim": 7, "activation": "silu", "use_bias": False}
    return compiled(with_weights(answer, x.shape, seed, **arguments), x)


def _both(answer, rate, training, seed):
    """The output in training or not, and the output outside it."""
    x = np.random.default_rng(seed).uniform(1, 2, (3, 8, 12)).astype("float32")
    arguments = {"embedding_dim": 12, "fully_connected_dim": 9, "activation": "silu", "use_bias": False}
    layer = with_weights(answer, x.shape, seed, dropout_rate=rate, **arguments)
    return layer(x, training=training), layer(x, training=False)


def _lost(outputs, rate, training, seed):
    """What dropout did, in words."""
    made, base = outputs
    with np.errstate(divide="ignore", invalid="ignore"):
        return ratio_words(made, base, rate)


def _variant(
    bend=lambda z, bend: bend(z),
    meet=lambda gate, wide: gate * wide,
    swap=False,
    out=lambda made, x: made,
    narrow=lambda made, kernel: fitting(np.matmul, made, kernel),
    drop=lambda lost, made: lost(made),
    hidden_drop=lambda lost, made: made,
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
            gate, wide = x @ w_gate + b_gate, x @ w_wide + b_wide
            gate, wide = (gate, bend(wide, self.bend)) if swap else (bend(gate, self.bend), wide)
            made = narrow(hidden_drop(lost, meet(gate, wide)), w_back) + b_back
            return drop(lost, out(made, x))

    return Variant


register(
    Exercise(
        name="SwiGLU",
        notebook="15_since_2017",
        reference=SwiGLU,
        oracle=_variant(),
        properties=(
            Property(
                "two made side by side, one through the gate, the product narrowed",
                2,
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
                "dropout acts on the F numbers in between: it belongs on the output",
                _variant(hidden_drop=lambda lost, m: lost(m), drop=lambda lost, m: m),
            ),
        ),
        hints=(
            "Four layers were made in __init__, and each is called once.",
            "self.gate(x) and self.widen(x) are both (B, T, F); their product goes into self.narrow.",
            "Last comes self.dropout_layer with training=training. self.gate bends by itself.",
        ),
    )
)
