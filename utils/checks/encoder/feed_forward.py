"""The exercise FeedForward: what must hold, and what each mistake looks like."""

import math

import numpy as np
from keras import ops

from utils.checks.encoder.shared import (
    DEFAULT_DROPS,
    FALSE_DROPS,
    NOT_TRAINED,
    RESTLESS,
    alone,
    by_dice,
    kept_for_dropped,
    lacking,
    ratio_words,
    steadily,
    trained,
    unscaled,
    with_weights,
)
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.in_numpy import ByChance, layer_with, normalised_by, relu, softmax_of
from utils.checks.inputs import normal
from utils.layers.encoder import FeedForward

F_UNITS = 24


def _feed(answer, x, seed, activation="relu", fully_connected_dim=7, training=None):
    arguments = {"embedding_dim": x.shape[-1], "fully_connected_dim": fully_connected_dim, "activation": activation}
    return alone(with_weights(answer, x.shape, seed, **arguments)(x, training=training))


def _feed_compiled(answer, x, seed):
    arguments = {"embedding_dim": x.shape[-1], "fully_connected_dim": 7, "dropout_rate": 0.5}
    return trained(with_weights(answer, x.shape, seed, **arguments), x)


def _dropout_input(seed):
    """An input of positive numbers, the second half of a word's three times the first."""
    x = np.random.default_rng(seed).uniform(1, 2, (3, 5, F_UNITS)).astype("float32")
    return np.concatenate([x, 3 * x], axis=-1)


def _feed_dropped(answer, rate, training, seed):
    """A layer's output with dropout; where `training` is None nothing is said of it.

    A hidden number is the sum of one of the input's first half and one of its second, and the output holds every
    hidden number twice, so that it shows which went together.
    """
    twice = np.tile(np.eye(F_UNITS, dtype="float32"), 2)
    zeros = np.zeros(2 * F_UNITS, "float32")
    arguments = {"embedding_dim": 2 * F_UNITS, "fully_connected_dim": F_UNITS, "dropout_rate": rate}
    layer = layer_with(
        answer, ((None, None, 2 * F_UNITS),), lambda _: [twice.T, zeros[:F_UNITS], twice, zeros], **arguments
    )
    options = {} if training is None else {"training": training}
    return ops.convert_to_numpy(layer(_dropout_input(seed), **options))


def _what_was_dropped(made, rate, training, seed):
    """What dropout did, in words."""
    x = _dropout_input(seed)
    if made.shape != x.shape:
        return f"an output of shape {made.shape}"
    base = np.tile(x[..., :F_UNITS] + x[..., F_UNITS:], 2)
    words = ratio_words(made, base, rate)
    pairs, dropped = np.allclose(made[..., :F_UNITS], made[..., F_UNITS:]), (made == 0).astype(int)
    if "dropped, the others" in words and any(np.ptp(dropped, axis=a).max() == 0 for a in range(3)):
        return "numbers dropped in rows, not one by one"
    if "dropped, the others" in words and pairs:
        return "hidden numbers dropped, not those of the output"
    shares = (made / base * (1 - rate))[..., None]
    if words == "something else changed" and pairs and np.isclose(shares, (0, 0.25, 0.75, 1), atol=1e-3).any(-1).all():
        return "numbers of the input dropped"
    return words


def _gelu(x):
    return (x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2).astype(x.dtype)


BENDS = {"relu": relu, "tanh": np.tanh, "gelu": _gelu}


def _feed_forward(
    start=lambda x, drop: x,
    widen=lambda x, kernel, bias: x @ kernel + bias,
    bend=lambda x, bend: bend(x),
    narrow=lambda x, kernel, bias: x @ kernel + bias,
    out=lambda x, bend, start: x,
    hidden_drop=lambda x, drop: x,
    drop=lambda x, drop: drop(x),
    train=lambda training: training,
    result=lambda x: x,
):
    """The feed-forward with one of its decisions changed.

    What can be changed: start, what happens to the input; widen, the first layer; bend, what the activation does;
    hidden_drop, the hidden numbers' dropout; narrow, the second layer; out, what happens to the output; drop, its
    dropout; train, what that hears; result.
    """

    class Variant(ByChance):
        model_of = FeedForward

        def __init__(self, weights, activation="relu", **arguments):
            super().__init__(weights, **arguments)
            self.bend = BENDS[activation]

        def __call__(self, x, training=None):
            (kernel, bias, *narrowing), lost = self.parts, self.drop(train(training))
            hidden = hidden_drop(bend(widen(start(x, lost), kernel, bias), self.bend), lost)
            return result(drop(out(narrow(hidden, *narrowing), self.bend, x), lost))

    return Variant


def _feed_cases(rng):
    return [
        case(normal(rng, 1, 1, 2), seed=1, fully_connected_dim=12),
        case(normal(rng, 2, 5, 4), seed=2),
        case(normal(rng, 3, 4, 6), seed=3, fully_connected_dim=9),
    ]


register(
    Exercise(
        name="FeedForward",
        notebook="06_encoder",
        reference=FeedForward,
        oracle=_feed_forward(),
        properties=(
            Property("widen, bend, narrow", 2, _feed_cases, run=steadily(_feed)),
            Property(
                "the bend is the one that the layer was made with",
                1,
                lambda rng: [
                    case(normal(rng, 2, 3, 4), seed=4, activation="tanh"),
                    case(normal(rng, 2, 3, 5), seed=5, activation="gelu"),
                ],
                run=_feed,
            ),
            Property(
                "dropout: on the output, in training only",
                2,
                lambda rng: [
                    case(rate=0.25, training=True, seed=1),
                    case(rate=0.4, training=False, seed=2),
                    case(rate=0.4, training=True, seed=3),
                    case(rate=0.4, training=None, seed=4),
                ],
                run=_feed_dropped,
                read=_what_was_dropped,
            ),
            Property(
                "the same in a compiled function, for a batch of any size",
                1,
                lambda rng: [case(normal(rng, 2, 5, 6), seed=6)],
                run=_feed_compiled,
            ),
        ),
        mistakes=(
            Mistake(
                "the second layer is missing: these are the F hidden numbers, narrow them to D",
                _feed_forward(narrow=lambda x, kernel, bias: x),
            ),
            Mistake(
                "nothing happened: x came back as it was",
                _feed_forward(out=lambda x, bend, start: start, drop=lambda x, drop: x),
            ),
            Mistake(RESTLESS, _feed_forward(out=lambda x, bend, start: by_dice(x))),
            Mistake(
                "the input is added: that is the encoder layer's business, not the feed-forward's",
                _feed_forward(out=lambda x, bend, start: x + start),
            ),
            Mistake(
                "the output is bent too: only the hidden numbers are",
                _feed_forward(out=lambda x, bend, start: bend(x)),
            ),
            Mistake(
                "the output is bent too: only the hidden numbers are",
                _feed_forward(out=lambda x, bend, start: relu(x)),
            ),
            Mistake(
                "the hidden numbers are not bent: self.widen does that by itself when it is called",
                _feed_forward(bend=lambda x, bend: x),
            ),
            Mistake(
                "the output is bent and the hidden numbers are not: the bend stands between the two layers",
                _feed_forward(bend=lambda x, bend: x, out=lambda x, bend, start: bend(x)),
            ),
            Mistake(
                "the first layer's biases are missing: self.widen adds them when it is called",
                _feed_forward(widen=lambda x, kernel, bias: x @ kernel),
            ),
            Mistake(
                "the second layer's biases are missing: self.narrow adds them when it is called",
                _feed_forward(narrow=lambda x, kernel, bias: x @ kernel),
            ),
            Mistake(
                "a relu comes on top of the layer's own activation", _feed_forward(bend=lambda x, bend: relu(bend(x)))
            ),
            Mistake(
                "the bend is always a relu: self.widen has the activation that was asked for",
                _feed_forward(bend=lambda x, bend: relu(x)),
            ),
            Mistake(
                "the activation acts twice: self.widen applies it by itself",
                _feed_forward(bend=lambda x, bend: bend(bend(x))),
            ),
            Mistake(
                "the output is normalised: that is the encoder layer's business",
                _feed_forward(out=lambda x, bend, start: normalised_by((1, 0), x)),
            ),
            Mistake("the output goes through a softmax", _feed_forward(out=lambda x, bend, start: softmax_of(x))),
            Mistake(
                "dropout is never applied: self.dropout_layer takes the output",
                _feed_forward(drop=lambda x, drop: x),
            ),
            Mistake(
                "dropout acts outside training too: hand `training` on to it",
                _feed_forward(train=lambda training: True),
            ),
            *(
                Mistake(DEFAULT_DROPS, _feed_forward(train=train))
                for train in (lambda training: training is not False, lambda training: training is None)
            ),
            Mistake(FALSE_DROPS, _feed_forward(train=lambda training: training is not None)),
            Mistake(
                "what stays is not scaled up by 1/(1 - rate): self.dropout_layer does that by itself",
                _feed_forward(drop=unscaled),
            ),
            Mistake(
                "the rate is taken for the share that stays: it is the share that is dropped",
                _feed_forward(drop=kept_for_dropped),
            ),
            Mistake(
                "dropout acts on the hidden numbers: it belongs on the output",
                _feed_forward(hidden_drop=lambda x, drop: drop(x), drop=lambda x, drop: x),
            ),
            Mistake(
                "dropout acts on the input: it belongs on the output",
                _feed_forward(start=lambda x, drop: drop(x), drop=lambda x, drop: x),
            ),
            Mistake(
                "`training` is turned around: hand it on as it is",
                _feed_forward(train=lambda training: not training),
            ),
            Mistake(
                "the output came back in a list of its own: return it alone, without brackets or comma",
                _feed_forward(result=lambda x: [x]),
            ),
            *(Mistake(diagnosis, lacking(words, _feed_forward())) for words, diagnosis in NOT_TRAINED),
            Mistake(
                "dropout acts twice",
                _feed_forward(drop=lambda x, drop: drop(drop(x))),
            ),
            Mistake(
                "whole words are dropped, or the same places in all of them: each number is dropped by itself",
                _feed_forward(drop=lambda x, drop: x * drop(np.ones_like(x[..., :1]))),
            ),
        ),
        hints=(
            "Three lines, one for each of the layers that __init__ has made.",
            "self.widen takes (B, T, D) to (B, T, F) and bends; self.narrow takes that back to (B, T, D).",
            "Last comes self.dropout_layer, which must be told whether this is training: training=training.",
        ),
    )
)
