"""The exercise FeedForward: what must hold, and what each mistake looks like."""

import numpy as np
from keras import ops

from utils.checks.encoder.shared import borrowing_variant, built_layer, ratio_words, with_weights
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.inputs import normal
from utils.layers.encoder import FeedForward

F_UNITS = 24


def _feed(answer, x, seed, activation="relu", fully_connected_dim=7, training=None):
    arguments = {"embedding_dim": x.shape[-1], "fully_connected_dim": fully_connected_dim, "activation": activation}
    return with_weights(answer, x.shape, seed, **arguments)(x, training=training)


def _feed_dropped(answer, rate, training, seed):
    """What dropout did, in words. The output holds every hidden number twice, so it shows which went together."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(1, 2, (3, 5, 2 * F_UNITS)).astype("float32")
    layer = built_layer(
        answer, (None, None, x.shape[-1]), embedding_dim=2 * F_UNITS, fully_connected_dim=F_UNITS, dropout_rate=rate
    )
    widen = rng.uniform(0.1, 1, (2 * F_UNITS, F_UNITS)).astype("float32")
    twice = np.tile(np.eye(F_UNITS, dtype="float32"), 2)
    layer.set_weights([widen, np.zeros(F_UNITS), twice, np.zeros(2 * F_UNITS)])
    made = ops.convert_to_numpy(layer(x, training=training))
    if made.shape != x.shape:
        return f"an output of shape {made.shape}"
    words = ratio_words(made, np.tile(x @ widen, 2), rate)
    if "dropped, the others" in words and np.allclose(made[..., :F_UNITS], made[..., F_UNITS:]):
        return "hidden numbers dropped, not those of the output"
    return words


def _feed_forward(hidden=lambda layer, x: x, out=lambda layer, x, start: x, narrow=True, drop=None, bend=True):
    """A feed-forward with a hook on the hidden numbers, one on the output, one on dropout."""

    def call(layer, x, mask, training, scores):
        start = x
        x = hidden(layer, layer.widen(x) if bend else ops.matmul(x, layer.widen.kernel) + layer.widen.bias)
        x = out(layer, layer.narrow(x), start) if narrow else x
        return layer.dropout_layer(x, training=training) if drop is None else drop(layer, x, training)

    return borrowing_variant(FeedForward, call)


def _hidden_dropped(layer, x, mask, training, scores):
    return layer.narrow(layer.dropout_layer(layer.widen(x), training=training))


def _input_dropped(layer, x, mask, training, scores):
    return layer.narrow(layer.widen(layer.dropout_layer(x, training=training)))


def _standardised(x):
    return (x - ops.mean(x, axis=-1, keepdims=True)) / ops.sqrt(ops.var(x, axis=-1, keepdims=True) + 1e-6)


def _feed_cases(rng):
    return [
        case(normal(rng, 1, 1, 2), seed=1, fully_connected_dim=3),
        case(normal(rng, 2, 5, 4), seed=2),
        case(normal(rng, 3, 4, 6), seed=3, fully_connected_dim=9),
    ]


register(
    Exercise(
        name="FeedForward",
        notebook="06_encoder",
        reference=FeedForward,
        properties=(
            Property("widen, bend, narrow", 2, _feed_cases, run=_feed),
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
                ],
                run=_feed_dropped,
            ),
        ),
        mistakes=(
            Mistake(
                "the second layer is missing: these are the F hidden numbers, narrow them to D",
                _feed_forward(narrow=False),
            ),
            Mistake(
                "nothing happened: x came back as it was", borrowing_variant(FeedForward, lambda layer, x, *rest: x)
            ),
            Mistake(
                "the input is added: that is the encoder layer's business, not the feed-forward's",
                _feed_forward(out=lambda layer, x, start: x + start),
            ),
            Mistake(
                "the output is bent too: only the hidden numbers are",
                _feed_forward(out=lambda layer, x, start: layer.widen.activation(x)),
            ),
            Mistake(
                "the output is bent too: only the hidden numbers are",
                _feed_forward(out=lambda layer, x, start: ops.relu(x)),
            ),
            Mistake(
                "the hidden numbers are not bent: self.widen does that by itself when it is called",
                _feed_forward(bend=False),
            ),
            Mistake(
                "a relu comes on top of the layer's own activation", _feed_forward(hidden=lambda layer, x: ops.relu(x))
            ),
            Mistake(
                "the bend is always a relu: self.widen has the activation that was asked for",
                _feed_forward(bend=False, hidden=lambda layer, x: ops.relu(x)),
            ),
            Mistake(
                "the activation acts twice: self.widen applies it by itself",
                _feed_forward(hidden=lambda layer, x: layer.widen.activation(x)),
            ),
            Mistake(
                "the output is normalised: that is the encoder layer's business",
                _feed_forward(out=lambda layer, x, start: _standardised(x)),
            ),
            Mistake("the output goes through a softmax", _feed_forward(out=lambda layer, x, start: ops.softmax(x))),
            Mistake(
                "dropout is never applied: self.dropout_layer takes the output",
                _feed_forward(drop=lambda layer, x, training: x),
            ),
            Mistake(
                "dropout acts outside training too: hand `training` on to it",
                _feed_forward(drop=lambda layer, x, training: layer.dropout_layer(x, training=True)),
            ),
            Mistake(
                "dropout acts on the hidden numbers: it belongs on the output",
                borrowing_variant(FeedForward, _hidden_dropped),
            ),
            Mistake(
                "dropout acts on the input: it belongs on the output", borrowing_variant(FeedForward, _input_dropped)
            ),
            Mistake(
                "dropout acts twice",
                _feed_forward(
                    drop=lambda layer, x, training: layer.dropout_layer(
                        layer.dropout_layer(x, training=training), training=training
                    )
                ),
            ),
        ),
        hints=(
            "Three lines, one for each of the layers that __init__ has made.",
            "self.widen takes (B, T, D) to (B, T, F) and bends; self.narrow takes that back to (B, T, D).",
            "Last comes self.dropout_layer, which must be told whether this is training: training=training.",
        ),
    )
)
