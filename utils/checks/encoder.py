"""Exercises of lesson 06: layer norm, the feed-forward, and the two layers that an encoder is built of."""

import functools

import keras
import numpy as np
from keras import ops

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.inputs import normal
from utils.layers.encoder import Encoder, EncoderLayer, FeedForward, layer_norm
from utils.layers.masks import combine_masks, create_padding_mask


def _apart(rng, *shape, mean):
    """Words whose features lie well apart, so that no spread is near 0."""
    steps = np.broadcast_to(np.linspace(-1.5, 1.5, shape[-1]), shape)
    return (mean + rng.permuted(steps, axis=-1) + 0.2 * rng.normal(size=shape)).astype("float32")


# layer_norm ------------------------------------------------------------------------------------------


def _over(axis):
    """Normalises over other axes than the last; ones that an array lacks are left out."""

    def wrong(x, gamma, beta, epsilon=1e-6):
        axes = tuple(a for a in axis(x.ndim) if a < x.ndim)
        mean, variance = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
        return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta

    return wrong


def _by(spread, centred=True, finish=lambda n, gamma, beta: gamma * n + beta):
    """Divides by `spread` of (x, what is left when the mean is gone, epsilon)."""

    def wrong(x, gamma, beta, epsilon=1e-6):
        left = x - x.mean(axis=-1, keepdims=True)
        return finish((left if centred else x) / spread(x, left, epsilon), gamma, beta)

    return wrong


def _mean(x):
    return np.mean(x, axis=-1, keepdims=True)


def _spread(x, left, epsilon):
    return np.sqrt(_mean(left**2) + epsilon)


def _flat_statistics(library, of_what_is_left):
    """Mean and variance lost their last axis, so that they meet the words instead of the features."""

    def wrong(x, gamma, beta, epsilon=1e-6):
        x = library.convert_to_tensor(x) if library is ops else x
        left = x - library.mean(x, axis=-1)
        variance = library.mean(library.square(left), axis=-1) if of_what_is_left else library.var(x, axis=-1)
        return gamma * left / library.sqrt(variance + epsilon) + beta

    return wrong


def _plain_cases(rng):
    arrays = [np.array([[1, 2, 3, 6]], "float32")]
    arrays += [_apart(rng, *shape, mean=3) for shape in ((2, 5), (1, 3, 3), (2, 5, 4))]
    return [case(x, np.ones(x.shape[-1], "float32"), np.zeros(x.shape[-1], "float32")) for x in arrays]


def _scaled_cases(rng):
    return [
        case(np.array([[1, 2, 3, 6]], "float32"), normal(rng, 4, mean=2), normal(rng, 4)),
        case(_apart(rng, 2, 3, 6, mean=1), normal(rng, 6, mean=2), normal(rng, 6)),
    ]


def _epsilon_cases(rng):
    small = (0.1 * normal(rng, 2, 4)).astype("float32")
    return [
        case(small, normal(rng, 4), normal(rng, 4), epsilon=0.5),
        case(normal(rng, 3, 5), normal(rng, 5), normal(rng, 5), epsilon=3.0),
        case(np.full((1, 3), 7, "float32"), normal(rng, 3), normal(rng, 3), epsilon=1e-3),
    ]


register(
    Exercise(
        name="layer_norm",
        notebook="06_encoder",
        reference=layer_norm,
        properties=(
            Property("every word for itself: mean 0 and spread 1", 3, _plain_cases),
            Property("gamma scales, beta shifts", 1, _scaled_cases),
            Property("epsilon: added to the variance, inside the root", 1, _epsilon_cases, tolerance=2e-5),
        ),
        mistakes=(
            Mistake("nothing is normalised: x came back as it was", lambda x, gamma, beta, epsilon=1e-6: x),
            Mistake(
                "divided by the variance: its square root is missing",
                _by(lambda x, left, e: _mean(left**2) + e),
            ),
            Mistake("the mean is taken out, but nothing is divided by the spread", _by(lambda x, left, e: 1.0)),
            Mistake("the mean is not taken out of x: only the spread is used", _by(_spread, centred=False)),
            Mistake(
                "the mean is nowhere taken out: this divides by the root of the mean square (that is RMS norm)",
                _by(lambda x, left, e: np.sqrt(_mean(x**2) + e), centred=False),
            ),
            Mistake(
                "the variance is the mean of x²: take the mean out before squaring",
                _by(lambda x, left, e: np.sqrt(_mean(x**2) + e)),
            ),
            Mistake(
                "the squares are added up, not averaged: the variance is a mean over the D features",
                _by(lambda x, left, e: np.sqrt((left**2).sum(axis=-1, keepdims=True) + e)),
            ),
            Mistake(
                "the variance is divided by D - 1: here it is the mean of the squares, divided by D",
                _by(lambda x, left, e: np.sqrt(x.var(axis=-1, ddof=1, keepdims=True) + e)),
            ),
            Mistake(
                "divided by the mean absolute distance: the spread is the root of the mean square",
                _by(lambda x, left, e: _mean(np.abs(left)) + e),
            ),
            Mistake(
                "divided by the range: the spread is the root of the mean square",
                _by(lambda x, left, e: np.ptp(x, axis=-1, keepdims=True) + e),
            ),
            Mistake(
                "all numbers share one mean and one variance: each word has its own, axis=-1 with keepdims",
                _over(lambda rank: range(rank)),
            ),
            Mistake(
                "normalised over the words: each word over its own features, axis=-1",
                _over(lambda rank: [max(rank - 2, 0)]),
            ),
            Mistake("normalised over the first axis: each word over its own features, axis=-1", _over(lambda r: [0])),
            Mistake(
                "this is batch norm, one mean for each feature over all words of all sentences: it is axis=-1",
                _over(lambda rank: range(rank - 1)),
            ),
            Mistake(
                "one mean for a whole sentence: each word over its own features, axis=-1",
                _over(lambda rank: range(1, rank) if rank > 2 else [rank - 1]),
            ),
            Mistake(
                "normalised over axis 1: that is the words of a sentence; the features are the last axis, axis=-1",
                _over(lambda rank: [1] if rank > 1 else [0]),
            ),
            Mistake(
                "mean and variance have lost the last axis, so they meet the wrong numbers: keepdims=True",
                _flat_statistics(np, True),
            ),
            Mistake(
                "mean and variance have lost the last axis, so they meet the wrong numbers: keepdims=True",
                _flat_statistics(np, False),
            ),
            Mistake(
                "mean and variance have lost the last axis, so they meet the wrong numbers: keepdims=True",
                _flat_statistics(ops, True),
            ),
            Mistake(
                "mean and variance have lost the last axis, so they meet the wrong numbers: keepdims=True",
                _flat_statistics(ops, False),
            ),
            Mistake(
                "only the mean is divided, not what is left: put x - mean in brackets",
                lambda x, gamma, beta, epsilon=1e-6: gamma * (x - _mean(x) / _spread(x, x - _mean(x), epsilon)) + beta,
            ),
            Mistake(
                "only the mean is divided, not what is left: put x - mean in brackets",
                lambda x, gamma, beta, epsilon=1e-6: gamma * x - _mean(x) / _spread(x, x - _mean(x), epsilon) + beta,
            ),
            Mistake("gamma and beta are both unused", _by(_spread, finish=lambda n, gamma, beta: n)),
            Mistake("beta is unused: it is added at the end", _by(_spread, finish=lambda n, gamma, beta: gamma * n)),
            Mistake("gamma is unused: it multiplies what is normalised", _by(_spread, finish=lambda n, g, b: n + b)),
            Mistake("gamma and beta have changed places", _by(_spread, finish=lambda n, g, b: b * n + g)),
            Mistake(
                "beta is multiplied too: gamma first, then add beta", _by(_spread, finish=lambda n, g, b: g * (n + b))
            ),
            Mistake("beta is subtracted: it is added", _by(_spread, finish=lambda n, g, b: g * n - b)),
            Mistake("divided by gamma: it multiplies", _by(_spread, finish=lambda n, g, b: n / g + b)),
            Mistake("gamma is added: it multiplies", _by(_spread, finish=lambda n, g, b: n + g + b)),
            Mistake(
                "epsilon is added after the root: it belongs to the variance, inside",
                _by(lambda x, left, e: np.sqrt(_mean(left**2)) + e),
            ),
            Mistake(
                "epsilon is added inside the root and again outside: inside is enough",
                _by(lambda x, left, e: np.sqrt(_mean(left**2) + e) + e),
            ),
            Mistake(
                "epsilon is unused: a word whose numbers are all equal is divided by 0",
                _by(lambda x, left, e: np.sqrt(_mean(left**2))),
            ),
            Mistake(
                "epsilon is fixed: use the argument",
                _by(lambda x, left, e: np.sqrt(_mean(left**2) + 1e-6)),
            ),
            Mistake(
                "epsilon is fixed: use the argument",
                _by(lambda x, left, e: np.sqrt(_mean(left**2) + 1e-3)),
            ),
            Mistake(
                "epsilon is squared before it is added",
                _by(lambda x, left, e: np.sqrt(_mean(left**2) + e**2)),
            ),
            Mistake(
                "epsilon keeps the variance from being small, by a maximum: it is added",
                _by(lambda x, left, e: np.sqrt(np.maximum(_mean(left**2), e))),
            ),
        ),  # fmt: skip
        hints=(
            "Three steps for each word: take its mean away, divide by its spread, then gamma and beta.",
            "ops.mean(x, axis=-1, keepdims=True) is each word's mean, (…, 1). The variance is the mean of the squares "
            "of what is left when the mean is gone.",
            "The spread is the square root of (variance + epsilon). gamma multiplies what has been divided, beta is "
            "added last.",
        ),
    )
)


# Layers: built once, weights from a seed -------------------------------------------------------------


@functools.lru_cache(maxsize=64)
def _made(kind, shape, **arguments):
    """A layer of a class, built for inputs of a shape; sizes that do not matter are None, so that few are built."""
    layer = kind(**arguments)
    layer.build(shape)
    return layer


def _with_weights(kind, shape, seed, **arguments):
    """A layer with weights drawn from a seed: biases, gammas and betas too, all of them large enough to see."""
    layer = _made(kind, (None, None, *shape[2:]), **arguments)
    rng = np.random.default_rng(seed)
    layer.set_weights(
        [normal(rng, *w.shape, mean=w.name == "gamma") / (1.5 if len(w.shape) > 1 else 1) for w in layer.weights]
    )
    return layer


def _variant(kind, call):
    """What is used like a class of the library, with another `call`; borrows a layer built once."""

    class Variant:
        def __init__(self, **arguments):
            self.arguments = arguments

        def build(self, shape):
            self.borrow(_made(kind, tuple(shape), **self.arguments))

        def borrow(self, layer):
            self.layer, self.weights, self.set_weights = layer, layer.weights, layer.set_weights

        def __call__(self, x, attention_mask=None, training=None, return_attention_scores=False):
            return call(self.layer, ops.convert_to_tensor(x), attention_mask, training, return_attention_scores)

    return Variant


def _ratio_words(made, base, rate) -> str:
    """What dropout did to numbers that would be `base` without it."""
    ratio = made / base
    if np.allclose(ratio, 1, atol=1e-3):
        return "nothing dropped"
    kept = 1 / (1 - rate)
    if np.isclose(ratio[..., None], (0, kept), atol=1e-3).any(axis=-1).all():
        return "some numbers dropped, the others scaled up"
    if np.isclose(ratio[..., None], (0, 1), atol=1e-3).any(axis=-1).all():
        return "some numbers dropped, the others not scaled up"
    if np.isclose(ratio[..., None], (0, 1 / rate), atol=1e-3).any(axis=-1).all():
        return "the rate taken for the share to keep"
    if np.isclose(ratio[..., None], (0, kept**2), atol=1e-3).any(axis=-1).all():
        return "dropped twice"
    return "something else changed"


# FeedForward -----------------------------------------------------------------------------------------

F_UNITS = 24


def _feed(answer, x, seed, activation="relu", fully_connected_dim=7, training=None):
    arguments = {"embedding_dim": x.shape[-1], "fully_connected_dim": fully_connected_dim, "activation": activation}
    return _with_weights(answer, x.shape, seed, **arguments)(x, training=training)


def _feed_dropped(answer, rate, training, seed):
    """What dropout did, in words. The output holds every hidden number twice, so it shows which went together."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(1, 2, (3, 5, 2 * F_UNITS)).astype("float32")
    layer = _made(
        answer, (None, None, x.shape[-1]), embedding_dim=2 * F_UNITS, fully_connected_dim=F_UNITS, dropout_rate=rate
    )
    widen = rng.uniform(0.1, 1, (2 * F_UNITS, F_UNITS)).astype("float32")
    twice = np.tile(np.eye(F_UNITS, dtype="float32"), 2)
    layer.set_weights([widen, np.zeros(F_UNITS), twice, np.zeros(2 * F_UNITS)])
    made = ops.convert_to_numpy(layer(x, training=training))
    if made.shape != x.shape:
        return f"an output of shape {made.shape}"
    words = _ratio_words(made, np.tile(x @ widen, 2), rate)
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

    return _variant(FeedForward, call)


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
            Mistake("nothing happened: x came back as it was", _variant(FeedForward, lambda layer, x, *rest: x)),
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
                "dropout acts on the hidden numbers: it belongs on the output", _variant(FeedForward, _hidden_dropped)
            ),
            Mistake("dropout acts on the input: it belongs on the output", _variant(FeedForward, _input_dropped)),
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


# EncoderLayer ----------------------------------------------------------------------------------------


def _layer_output(answer, x, attention_mask=None, seed=0, **arguments):
    options = {} if attention_mask is None else {"attention_mask": attention_mask}
    return _encoder_layer(answer, x, seed, **arguments)(x, **options)


def _layer_scores(answer, x, attention_mask=None, seed=0, **arguments):
    layer = _encoder_layer(answer, x, seed, **arguments)
    return layer(x, attention_mask=attention_mask, return_attention_scores=True)


def _encoder_layer(answer, x, seed, num_heads=3, fully_connected_dim=7, **arguments):
    sizes = {"embedding_dim": x.shape[-1], "num_heads": num_heads, "fully_connected_dim": fully_connected_dim}
    sizes |= {"dropout_rate": 0.0}  # has a property of its own
    return _with_weights(answer, x.shape, seed, **sizes, **arguments)


def _layer_dropped(answer, training, seed, rate=0.4):
    """What dropout did at its three places, in words.

    All weights are zero but those that show one place: a bias alone is what attention, then what the feed-forward
    gives; then values that are all equal, so that attention gives more or less of them where weights were dropped.
    """
    B, T, D, said = 2, 6, 8, []
    x = np.random.default_rng(seed).normal(size=(B, T, D)).astype("float32")
    arguments = {"embedding_dim": D, "num_heads": 2, "fully_connected_dim": 5, "dropout_rate": rate, "norm": "pre"}
    layer = _made(answer, (None, None, D), **arguments)
    for place in ("attention's output", "feed-forward's output", "attention's weights"):
        values = {w.path.split("/", 1)[-1]: np.zeros(w.shape, "float32") for w in layer.weights}
        names = [n for n in values if n.endswith("output_bias" if place.startswith("att") else "bias")]
        if place == "feed-forward's output":
            values[names[-1]][:] = 2.0  # the narrow layer's, the last of all biases
        elif place == "attention's output":
            values[names[0]][:] = 2.0
        else:
            values[next(n for n in values if n.endswith("value_bias"))][:] = 1.0
            values[next(n for n in values if n.endswith("output_kernel"))][:] = np.eye(D).reshape(2, D // 2, D)
        layer.set_weights(list(values.values()))
        made = ops.convert_to_numpy(layer(x, training=training))
        if made.shape != x.shape:
            return f"an output of shape {made.shape}"
        if place == "attention's weights":
            left = (made - x) * (1 - rate if training else 1)
            dropped = not np.isclose(left[..., None], (0, 1), atol=1e-3).any(axis=-1).all()
            said.append(f"{place}: {'some dropped' if dropped else 'nothing dropped'}")
        else:
            said.append(f"{place}: {_ratio_words(made - x, np.full_like(x, 2.0), rate)}")
    return tuple(said)


def _layer_variant(
    attend=lambda layer, x, mask, training: layer.self_attention(
        x, x, attention_mask=mask, return_attention_scores=True, training=training
    ),
    feed=lambda layer, x, training: layer.feed_forward(x, training=training),
    first=lambda residual, x: residual + x,
    second=lambda start, residual, x: residual + x,
    drop=lambda layer, x, training: layer.attention_dropout(x, training=training),
    norms=lambda layer: (layer.attention_norm, layer.feed_forward_norm),
    pre=lambda layer: layer.norm == "pre",
    post=lambda layer: layer.norm == "post",
    inner=False,
    normed_residual=False,
    result=lambda x, scores, asked: (x, scores) if asked else x,
):
    """An encoder layer with a hook at each place where it can go wrong."""

    def call(layer, x, mask, training, asked):
        (norm1, norm2), is_pre, is_post, start = norms(layer), pre(layer), post(layer), x
        normed = norm1(x) if is_pre else x
        residual = normed if normed_residual else x
        x, scores = attend(layer, normed, mask, training)
        x = drop(layer, x, training)
        x = first(residual, norm1(x) if inner and is_post else x)
        x = norm1(x) if is_post and not inner else x

        normed = norm2(x) if is_pre else x
        residual = normed if normed_residual else x
        x = feed(layer, normed, training)
        x = second(start, residual, norm2(x) if inner and is_post else x)
        x = norm2(x) if is_post and not inner else x
        return result(x, scores, asked)

    return _variant(EncoderLayer, call)


def _feed_first(layer, x, mask, training, asked):
    pre = layer.norm == "pre"
    y = layer.feed_forward(layer.feed_forward_norm(x) if pre else x, training=training)
    x = x + y if pre else layer.feed_forward_norm(x + y)
    y = layer.attention_norm(x) if pre else x
    y, scores = layer.self_attention(y, y, attention_mask=mask, return_attention_scores=True, training=training)
    x = x + layer.attention_dropout(y, training=training)
    x = x if pre else layer.attention_norm(x)
    return (x, scores) if asked else x


def _side_by_side(layer, x, mask, training, asked):
    pre = layer.norm == "pre"
    y = layer.attention_norm(x) if pre else x
    y, scores = layer.self_attention(y, y, attention_mask=mask, return_attention_scores=True, training=training)
    a = x + layer.attention_dropout(y, training=training)
    z = layer.feed_forward_norm(x) if pre else x
    f = a + layer.feed_forward(z, training=training)
    f = f if pre else layer.feed_forward_norm(f)
    return (f, scores) if asked else f


def _no_norm(layer):
    return (lambda x: x), (lambda x: x)


def _attend_with(mask_of):
    def attend(layer, x, mask, training):
        mask = None if mask is None else mask_of(ops.convert_to_tensor(mask))
        return layer.self_attention(x, x, attention_mask=mask, return_attention_scores=True, training=training)

    return attend


def _mask_in_third_place(layer, x, mask, training):
    return layer.self_attention(x, x, mask, return_attention_scores=True, training=training)


def _half_normed(layer, x, mask, training, asked):
    """Pre-norm whose queries alone are normalised."""
    pre, start = layer.norm == "pre", x
    q = layer.attention_norm(x) if pre else x
    y, scores = layer.self_attention(q, start, attention_mask=mask, return_attention_scores=True, training=training)
    x = x + layer.attention_dropout(y, training=training)
    x = x if pre else layer.attention_norm(x)
    y = layer.feed_forward(layer.feed_forward_norm(x) if pre else x, training=training)
    x = x + y if pre else layer.feed_forward_norm(x + y)
    return (x, scores) if asked else x


def _sum_dropped(layer, x, mask, training, asked):
    """Dropout on the sum with the residual."""
    pre, residual = layer.norm == "pre", x
    x = layer.attention_norm(x) if pre else x
    x, scores = layer.self_attention(x, x, attention_mask=mask, return_attention_scores=True, training=training)
    x = layer.attention_dropout(residual + x, training=training)
    x = x if pre else layer.attention_norm(x)
    y = layer.feed_forward(layer.feed_forward_norm(x) if pre else x, training=training)
    x = x + y if pre else layer.feed_forward_norm(x + y)
    return (x, scores) if asked else x


def _residual_before_the_norm(layer, x, mask, training, asked):
    """The second residual taken from the sum, before the first norm of post."""
    pre = layer.norm == "pre"
    y, scores = _attend_with(lambda m: m)(layer, layer.attention_norm(x) if pre else x, mask, training)
    total = x + layer.attention_dropout(y, training=training)
    x = total if pre else layer.attention_norm(total)
    y = layer.feed_forward(layer.feed_forward_norm(x) if pre else x, training=training)
    x = total + y if pre else layer.feed_forward_norm(total + y)
    return (x, scores) if asked else x


def _raw_queries(layer, x, mask, training, asked):
    """Pre-norm whose keys and values alone are normalised."""
    pre = layer.norm == "pre"
    values = layer.attention_norm(x) if pre else x
    y, scores = layer.self_attention(x, values, attention_mask=mask, return_attention_scores=True, training=training)
    x = x + layer.attention_dropout(y, training=training)
    x = x if pre else layer.attention_norm(x)
    y = layer.feed_forward(layer.feed_forward_norm(x) if pre else x, training=training)
    x = x + y if pre else layer.feed_forward_norm(x + y)
    return (x, scores) if asked else x


def _random_mask(rng, *shape):
    mask = rng.random(shape) < 0.5
    mask[..., 0], mask[..., -1] = True, False
    mask[..., 0, :] = mask[..., 0, ::-1]
    return mask


def _layer_cases(norm, seed):
    return lambda rng: [
        case(normal(rng, 1, 2, 6, mean=1), norm=norm, seed=seed),
        case(normal(rng, 2, 5, 6, mean=1), norm=norm, seed=seed + 1),
    ]


def _layer_mask_cases(rng):
    return [
        case(normal(rng, 1, 4, 6), seed=20),
        case(normal(rng, 1, 4, 6), attention_mask=np.tril(np.ones((4, 4), bool)), seed=21),
        case(normal(rng, 2, 5, 6), attention_mask=_random_mask(rng, 2, 5, 5), norm="pre", seed=22),
        case(normal(rng, 2, 5, 6), attention_mask=_random_mask(rng, 2, 1, 1, 5), seed=23),
    ]


def _layer_score_cases(rng):
    return [
        case(normal(rng, 1, 2, 6), seed=24),
        case(normal(rng, 2, 5, 6), attention_mask=_random_mask(rng, 2, 5, 5), norm="pre", seed=25),
    ]


def _summed(x, scores, asked):
    return (x, ops.mean(scores, axis=1)) if asked else x


register(
    Exercise(
        name="EncoderLayer",
        notebook="06_encoder",
        reference=EncoderLayer,
        properties=(
            Property('norm="post": add, then normalise, twice', 2, _layer_cases("post", 10), run=_layer_output),
            Property('norm="pre": normalise, then add, twice', 2, _layer_cases("pre", 15), run=_layer_output),
            Property("the mask reaches the attention", 1, _layer_mask_cases, run=_layer_output),
            Property("the scores, where asked for", 1, _layer_score_cases, run=_layer_scores),
            Property(
                "dropout at its three places, in training only",
                2,
                lambda rng: [case(training=True, seed=1), case(training=False, seed=2)],
                run=_layer_dropped,
            ),
        ),
        mistakes=(
            Mistake(
                "both residuals are missing: what came in is added to what each half gives",
                _layer_variant(first=lambda r, x: x, second=lambda s, r, x: x),
            ),
            Mistake("the first residual is missing, around the attention", _layer_variant(first=lambda r, x: x)),
            Mistake(
                "the second residual is missing, around the feed-forward", _layer_variant(second=lambda s, r, x: x)
            ),
            Mistake(
                "the second residual is the layer's input: it is what comes out of the attention's half",
                _layer_variant(second=lambda start, r, x: start + x),
            ),
            Mistake(
                "the layer's input is added a second time at the end",
                _layer_variant(second=lambda start, r, x: start + r + x),
            ),
            Mistake(
                "the residuals are multiplied: they are added",
                _layer_variant(first=lambda r, x: r * x, second=lambda s, r, x: r * x),
            ),
            Mistake(
                "with pre the residual is the normalised x: keep the x from before the norm",
                _layer_variant(normed_residual=True),
            ),
            Mistake(
                "the norm acts before the residual is added: add first, then normalise the sum",
                _layer_variant(inner=True),
            ),
            Mistake("nothing is normalised: each half has a norm of its own", _layer_variant(norms=_no_norm)),
            Mistake(
                "the first norm is missing, the attention's",
                _layer_variant(norms=lambda layer: (lambda x: x, layer.feed_forward_norm)),
            ),
            Mistake(
                "the second norm is missing, the feed-forward's",
                _layer_variant(norms=lambda layer: (layer.attention_norm, lambda x: x)),
            ),
            Mistake(
                "the two norms have changed places: each has a gamma and a beta of its own",
                _layer_variant(norms=lambda layer: (layer.feed_forward_norm, layer.attention_norm)),
            ),
            Mistake(
                "attention_norm serves both halves: the second half has feed_forward_norm",
                _layer_variant(norms=lambda layer: (layer.attention_norm, layer.attention_norm)),
            ),
            Mistake(
                "feed_forward_norm serves both halves: the first half has attention_norm",
                _layer_variant(norms=lambda layer: (layer.feed_forward_norm, layer.feed_forward_norm)),
            ),
            Mistake(
                "with pre the norms stand behind the sums: they belong before the halves. Look at self.norm",
                _layer_variant(pre=lambda layer: False, post=lambda layer: True),
            ),
            Mistake(
                "with post the norms stand before the halves: they belong behind the sums. Look at self.norm",
                _layer_variant(pre=lambda layer: True, post=lambda layer: False),
            ),
            Mistake(
                "with post the norms stand before the halves: they belong behind the sums. Look at self.norm",
                _layer_variant(pre=lambda layer: layer.norm == "post", post=lambda layer: layer.norm == "pre"),
            ),
            Mistake(
                "the norms act twice, before the halves and behind the sums: pre is before alone, post behind alone",
                _layer_variant(pre=lambda layer: True, post=lambda layer: True),
            ),
            Mistake(
                "the norms act twice, before the halves and behind the sums: pre is before alone, post behind alone",
                _layer_variant(pre=lambda layer: True),
            ),
            Mistake(
                "the norms act twice, before the halves and behind the sums: pre is before alone, post behind alone",
                _layer_variant(post=lambda layer: True),
            ),
            Mistake("nothing is normalised: each half has a norm of its own", _layer_variant(pre=lambda layer: False)),
            Mistake(
                "with pre only the queries are normalised: the attention gets the same x twice",
                _variant(EncoderLayer, _half_normed),
            ),
            Mistake(
                "with pre only keys and values are normalised: the attention gets the same x twice",
                _variant(EncoderLayer, _raw_queries),
            ),
            Mistake(
                "with post the second residual is the sum from before the first norm: take what comes out of it",
                _variant(EncoderLayer, _residual_before_the_norm),
            ),
            Mistake("the feed-forward comes first: attention, then feed-forward", _variant(EncoderLayer, _feed_first)),
            Mistake(
                "the feed-forward reads the layer's input: it reads what comes out of the attention's half",
                _variant(EncoderLayer, _side_by_side),
            ),
            Mistake(
                "the feed-forward is missing",
                _layer_variant(feed=lambda layer, x, training: x, second=lambda s, r, x: x),
            ),
            Mistake(
                "the feed-forward is missing",
                _layer_variant(
                    feed=lambda layer, x, training: x,
                    second=lambda s, r, x: x,
                    norms=lambda layer: (layer.attention_norm, lambda x: x),
                ),
            ),
            Mistake(
                "the feed-forward is missing",
                _layer_variant(feed=lambda layer, x, training: x),
            ),
            Mistake(
                "the mask is ignored: hand it on to the attention", _layer_variant(attend=_attend_with(lambda m: None))
            ),
            Mistake(
                "the mask is turned around: True = may attend",
                _layer_variant(attend=_attend_with(ops.logical_not)),
            ),
            Mistake(
                "the mask stands in the third place, which is the key's: pass it by name, attention_mask=",
                _layer_variant(attend=_mask_in_third_place),
            ),
            Mistake(
                "the mask's last two axes are swapped: hand it on as it is",
                _layer_variant(attend=_attend_with(lambda m: ops.swapaxes(m, -2, -1))),
            ),
            Mistake(
                "a pair came back although the scores were not asked for: look at return_attention_scores",
                _layer_variant(result=lambda x, scores, asked: (x, scores)),
            ),
            Mistake(
                "only the output came back although the scores were asked for: look at return_attention_scores",
                _layer_variant(result=lambda x, scores, asked: x),
            ),
            Mistake(
                "the order is (output, scores): here they are swapped",
                _layer_variant(result=lambda x, scores, asked: (scores, x) if asked else x),
            ),
            Mistake(
                "the scores came back instead of the output", _layer_variant(result=lambda x, scores, asked: scores)
            ),
            Mistake("the scores are averaged over the heads: give back all H of them", _layer_variant(result=_summed)),
            Mistake(
                "the attention's output is never dropped: self.attention_dropout takes it",
                _layer_variant(drop=lambda layer, x, training: x),
            ),
            Mistake(
                "dropout acts on the sum: only what is added to the residual is dropped",
                _variant(EncoderLayer, _sum_dropped),
            ),
            Mistake(
                "dropout acts outside training too: hand `training` on, do not set it",
                _layer_variant(drop=lambda layer, x, training: layer.attention_dropout(x, training=True)),
            ),
            Mistake(
                "`training` does not reach the feed-forward",
                _layer_variant(feed=lambda layer, x, training: layer.feed_forward(x, training=False)),
            ),
            Mistake(
                "`training` does not reach the attention",
                _layer_variant(
                    attend=lambda layer, x, mask, training: layer.self_attention(
                        x, x, attention_mask=mask, return_attention_scores=True, training=False
                    )
                ),
            ),
            Mistake(
                "`training` reaches none of the three",
                _layer_variant(
                    attend=lambda layer, x, mask, training: layer.self_attention(
                        x, x, attention_mask=mask, return_attention_scores=True, training=False
                    ),
                    drop=lambda layer, x, training: x,
                    feed=lambda layer, x, training: layer.feed_forward(x, training=False),
                ),
            ),
            Mistake(
                "the feed-forward's output is dropped twice: it has a dropout inside",
                _layer_variant(
                    feed=lambda layer, x, training: layer.attention_dropout(
                        layer.feed_forward(x, training=training), training=training
                    )
                ),
            ),
        ),  # fmt: skip
        hints=(
            "Two halves, built alike: residual = x; then attention (or the feed-forward) acts on x; then the two are "
            "added. Write the post version of one half first.",
            "With pre the norm acts on x after `residual = x`, before the half. With post it acts on the sum. "
            "self.attention_norm belongs to the first half, self.feed_forward_norm to the second.",
            "The attention is called with x twice, attention_mask=, return_attention_scores=True and training=; it "
            "gives back a pair. Its output goes through self.attention_dropout before it is added.",
        ),
    )
)


# Encoder ---------------------------------------------------------------------------------------------

VOCABULARY = 9


def _encoder(answer, token_ids, seed, embedding_dim=6, num_layers=2, num_heads=2, **arguments):
    sizes = {"num_layers": num_layers, "embedding_dim": embedding_dim, "num_heads": num_heads}
    more = {"fully_connected_dim": 5, "input_vocab_size": VOCABULARY, "maximum_position_encoding": 10}
    more |= {"dropout_rate": 0.0}  # has a property of its own
    return _with_weights(answer, token_ids.shape, seed, **sizes, **more, **arguments)


def _encoded(answer, token_ids, attention_mask=None, seed=0, **arguments):
    options = {} if attention_mask is None else {"attention_mask": attention_mask}
    result = _encoder(answer, token_ids, seed, **arguments)(token_ids, **options)
    return (result[0], "and more") if isinstance(result, (tuple, list)) else result


def _encoded_with_scores(answer, token_ids, seed=0, **arguments):
    """The output, the names of the scores in one line, and the scores in the order of their names."""
    results = _encoder(answer, token_ids, seed, **arguments)(token_ids, return_attention_scores=True)
    if not isinstance(results, (tuple, list)) or len(results) != 2:
        return results
    output, scores = results
    if not isinstance(scores, dict):
        return output, f"scores in a {type(scores).__name__}, where a dict is asked for"
    return output, ", ".join(sorted(map(str, scores))), *(scores[name] for name in sorted(scores, key=str))


class _Through(keras.layers.Layer):
    """Stands in for an encoder layer: gives back what it gets, and remembers whether that was training."""

    heard = None

    def call(self, x, attention_mask=None, training=None, return_attention_scores=False):
        self.heard = bool(training)
        return (x, x) if return_attention_scores else x


def _encoder_dropped(answer, rate, training, seed):
    """What dropout did to the embedded input, in words: all layers above are replaced by ones that do nothing."""
    B, S, D = 3, 6, 8
    ids = np.random.default_rng(seed).integers(1, VOCABULARY, (B, S)).astype("int32")
    layer = _transparent(answer, embedding_dim=D, dropout_rate=rate)
    layer.set_weights([np.full((VOCABULARY, D), 2.0, "float32")])
    through = getattr(layer, "layer", layer).encoder_layers[0]
    through.heard = None
    made, known = ops.convert_to_numpy(layer(ids, training=training)), through.heard
    heard = {
        None: "no layer was called",
        True: "the layers heard of training",
        False: "the layers heard of no training",
    }
    plain = _transparent(Encoder, embedding_dim=D, dropout_rate=rate)
    plain.set_weights([np.full((VOCABULARY, D), 2.0, "float32")])
    base = ops.convert_to_numpy(plain(ids, training=False))
    words = _ratio_words(made, base, rate) if made.shape == base.shape else f"an output of shape {made.shape}"
    return words, heard[known]


@functools.lru_cache(maxsize=16)
def _transparent(kind, **arguments):
    layer = kind(
        num_layers=1, num_heads=2, fully_connected_dim=5, input_vocab_size=VOCABULARY, maximum_position_encoding=10,
        **arguments,
    )  # fmt: skip
    if not hasattr(layer, "encoder_layers"):
        layer.borrow(_transparent(Encoder, **arguments))  # a variant of the library's
        return layer
    layer.encoder_layers = [_Through()]
    layer.build((None, None))
    return layer


def _encoder_variant(
    embed=lambda layer, ids: layer.positional_encoding(layer.embedding(ids) * layer.embedding_dim**0.5),
    drop=lambda layer, x, training: layer.dropout_layer(x, training=training),
    mask_of=lambda layer, ids, mask: create_padding_mask(ids, layer.pad_id) if mask is None else mask,
    layers=lambda layer: layer.encoder_layers,
    step=lambda x, y: y,
    mask_for=lambda n, mask: mask,
    train=lambda training: training,
    name=lambda n: f"encoder/{n}/self",
    end=lambda layer, x: x if layer.final_norm is None else layer.final_norm(x),
    result=lambda x, scores, asked: (x, scores) if asked else x,
):
    """An encoder with a hook at each place where it can go wrong."""

    def call(layer, ids, mask, training, asked):
        mask = mask_of(layer, ids, mask)
        x, scores = drop(layer, embed(layer, ids), training), {}
        for n, one in enumerate(layers(layer)):
            y, scores[name(n)] = one(
                x,
                attention_mask=mask_for(n, mask),
                training=train(training),
                return_attention_scores=True,
            )
            x = step(x, y)
        return result(end(layer, x), scores, asked)

    return _variant(Encoder, call)


def _start(layer, ids, training):
    x = layer.positional_encoding(layer.embedding(ids) * layer.embedding_dim**0.5)
    return layer.dropout_layer(x, training=training)


def _each_from_the_start(layer, ids, mask, training, asked):
    mask = create_padding_mask(ids, layer.pad_id) if mask is None else mask
    start, scores = _start(layer, ids, training), {}
    for n, one in enumerate(layer.encoder_layers):
        x, scores[f"encoder/{n}/self"] = one(start, mask, training=training, return_attention_scores=True)
    x = x if layer.final_norm is None else layer.final_norm(x)
    return (x, scores) if asked else x


def _norm_after_each(layer, ids, mask, training, asked):
    mask = create_padding_mask(ids, layer.pad_id) if mask is None else mask
    x, scores = _start(layer, ids, training), {}
    for n, one in enumerate(layer.encoder_layers):
        x, scores[f"encoder/{n}/self"] = one(x, mask, training=training, return_attention_scores=True)
        x = x if layer.final_norm is None else layer.final_norm(x)
    return (x, scores) if asked else x


def _joined(layer, ids, mask):
    return combine_masks(mask, create_padding_mask(ids, layer.pad_id))


def _ids(rng, *shape, padding=1, pad_id=0):
    """Sentences of ids, the last of them with padding at its end."""
    choices = [i for i in range(VOCABULARY) if i != pad_id]
    ids = rng.choice(choices, shape).astype("int32")
    if padding:
        ids[-1, -padding:] = pad_id
    return ids


def _plain_id_cases(rng):
    return [case(_ids(rng, 1, 2, padding=0), seed=30), case(_ids(rng, 2, 5, padding=0), seed=31)]


def _padding_cases(rng):
    return [
        case(_ids(rng, 1, 4, padding=2), seed=32),
        case(_ids(rng, 2, 5, padding=2), seed=33),
        case(_ids(rng, 2, 5, padding=2, pad_id=3), seed=34, pad_id=3),
    ]


def _given_mask_cases(rng):
    return [
        case(_ids(rng, 1, 4, padding=2), attention_mask=np.ones((1, 1, 1, 4), bool), seed=35),
        case(_ids(rng, 2, 5, padding=2), attention_mask=_random_mask(rng, 2, 5, 5), seed=36),
    ]


def _pre_cases(rng):
    return [case(_ids(rng, 1, 3, padding=0), seed=37, norm="pre"), case(_ids(rng, 2, 5), seed=38, norm="pre")]


def _dict_cases(rng):
    return [case(_ids(rng, 1, 3), seed=39), case(_ids(rng, 2, 5), seed=40)]


def _scaled_by(factor):
    return lambda layer, ids: layer.positional_encoding(layer.embedding(ids) * factor(layer))


register(
    Exercise(
        name="Encoder",
        notebook="06_encoder",
        reference=Encoder,
        properties=(
            Property("embed, scale, add positions, then layer after layer", 2, _plain_id_cases, run=_encoded),
            Property("no mask given: padding is hidden, in every layer", 2, _padding_cases, run=_encoded),
            Property("a mask that is given is used as it is", 1, _given_mask_cases, run=_encoded),
            Property('norm="pre": one norm more, at the end', 1, _pre_cases, run=_encoded),
            Property("the scores of all layers, under their names", 1, _dict_cases, run=_encoded_with_scores),
            Property(
                "dropout on the embedded input, in training only; the layers hear of it",
                1,
                lambda rng: [
                    case(rate=0.25, training=True, seed=1),
                    case(rate=0.4, training=False, seed=2),
                ],
                run=_encoder_dropped,
            ),
        ),
        mistakes=(
            Mistake("the embeddings are not multiplied by √D", _encoder_variant(embed=_scaled_by(lambda layer: 1.0))),
            Mistake(
                "the embeddings are multiplied by D: its square root is meant",
                _encoder_variant(embed=_scaled_by(lambda layer: layer.embedding_dim)),
            ),
            Mistake(
                "the embeddings are divided by √D: they are multiplied",
                _encoder_variant(embed=_scaled_by(lambda layer: layer.embedding_dim**-0.5)),
            ),
            Mistake(
                "multiplied by the root of the vocabulary's size: it is √D, the embedding's width",
                _encoder_variant(embed=_scaled_by(lambda layer: layer.input_vocab_size**0.5)),
            ),
            Mistake(
                "multiplied by the root of F: it is √D, the embedding's width",
                _encoder_variant(embed=_scaled_by(lambda layer: layer.fully_connected_dim**0.5)),
            ),
            Mistake(
                "multiplied by the root of a head's width: it is √D, the embedding's width",
                _encoder_variant(embed=_scaled_by(lambda layer: (layer.embedding_dim / layer.num_heads) ** 0.5)),
            ),
            Mistake(
                "the positions are multiplied by √D too: scale the embeddings first, then add positions",
                _encoder_variant(
                    embed=lambda layer, ids: layer.positional_encoding(layer.embedding(ids)) * layer.embedding_dim**0.5
                ),
            ),
            Mistake(
                "positions are added, but the scaled embeddings are lost",
                _encoder_variant(embed=lambda layer, ids: layer.positional_encoding(0 * layer.embedding(ids))),
            ),
            Mistake(
                "no positions are added: self.positional_encoding does that",
                _encoder_variant(embed=lambda layer, ids: layer.embedding(ids) * layer.embedding_dim**0.5),
            ),
            Mistake(
                "neither scaled nor given positions: two steps are missing after the embedding",
                _encoder_variant(embed=lambda layer, ids: layer.embedding(ids)),
            ),
            Mistake(
                "the embeddings are added twice: self.positional_encoding gives back x with positions added",
                _encoder_variant(
                    embed=lambda layer, ids: (
                        layer.embedding(ids) * layer.embedding_dim**0.5
                        + layer.positional_encoding(layer.embedding(ids) * layer.embedding_dim**0.5)
                    )
                ),
            ),
            Mistake("no layer is run", _encoder_variant(layers=lambda layer: [])),
            Mistake(
                "not all layers are run: go through self.encoder_layers, from the first to the last",
                _encoder_variant(layers=lambda layer: list(layer.encoder_layers)[:1]),
            ),
            Mistake(
                "not all layers are run: go through self.encoder_layers, from the first to the last",
                _encoder_variant(layers=lambda layer: list(layer.encoder_layers)[:-1]),
            ),
            Mistake(
                "the first layer is run again and again",
                _encoder_variant(layers=lambda layer: [layer.encoder_layers[0]] * layer.num_layers),
            ),
            Mistake(
                "the layers run in reverse order",
                _encoder_variant(layers=lambda layer: list(layer.encoder_layers)[::-1]),
            ),
            Mistake(
                "every layer reads the embeddings: each reads what the one before it gave",
                _variant(Encoder, _each_from_the_start),
            ),
            Mistake(
                "each layer's input is added to its output once more: the residuals are inside",
                _encoder_variant(step=lambda x, y: x + y),
            ),
            Mistake(
                "padding is not hidden: without a mask, make one with create_padding_mask",
                _encoder_variant(mask_of=lambda layer, ids, mask: mask),
            ),
            Mistake(
                "padding is always id 0 here: hand self.pad_id on",
                _encoder_variant(mask_of=lambda layer, ids, mask: create_padding_mask(ids) if mask is None else mask),
            ),
            Mistake(
                "the padding mask is turned around: True = may be looked at",
                _encoder_variant(
                    mask_of=lambda layer, ids, mask: (
                        ops.logical_not(create_padding_mask(ids, layer.pad_id)) if mask is None else mask
                    )
                ),
            ),
            Mistake(
                "only the first layer gets the mask: all need it",
                _encoder_variant(mask_for=lambda n, mask: mask if n == 0 else None),
            ),
            Mistake(
                "the mask that was given is overwritten by the padding mask: make one only where there is none",
                _encoder_variant(mask_of=lambda layer, ids, mask: create_padding_mask(ids, layer.pad_id)),
            ),
            Mistake(
                "the mask that was given is joined with the padding mask: it is used as it is",
                _encoder_variant(mask_of=_joined),
            ),
            Mistake(
                "the final norm is missing: with pre, self.final_norm comes last",
                _encoder_variant(end=lambda layer, x: x),
            ),
            Mistake(
                "the final norm stands before the layers: it comes last",
                _encoder_variant(
                    drop=lambda layer, x, training: layer.dropout_layer(
                        x if layer.final_norm is None else layer.final_norm(x), training=training
                    ),
                    end=lambda layer, x: x,
                ),
            ),
            Mistake(
                "the final norm acts after every layer: it comes once, at the end",
                _variant(Encoder, _norm_after_each),
            ),
            Mistake(
                "a pair came back although the scores were not asked for: look at return_attention_scores",
                _encoder_variant(result=lambda x, scores, asked: (x, scores)),
            ),
            Mistake(
                "only the output came back although the scores were asked for: look at return_attention_scores",
                _encoder_variant(result=lambda x, scores, asked: x),
            ),
            Mistake(
                'the names count from 1: the first layer is "encoder/0/self"',
                _encoder_variant(name=lambda n: f"encoder/{n + 1}/self"),
            ),
            Mistake(
                'every layer has the same name, so one of them is left: "encoder/0/self", "encoder/1/self" …',
                _encoder_variant(name=lambda n: "encoder/0/self"),
            ),
            Mistake(
                'the keys are the bare numbers: they read "encoder/0/self" and so on',
                _encoder_variant(name=lambda n: n),
            ),
            Mistake(
                'the keys read "encoder/0": "/self" is missing at their end',
                _encoder_variant(name=lambda n: f"encoder/{n}"),
            ),
            Mistake(
                "the scores came as a list: a dict is asked for, with the layers' names as keys",
                _encoder_variant(result=lambda x, scores, asked: (x, list(scores.values())) if asked else x),
            ),
            Mistake(
                "only the last layer's scores came back: a dict with those of all layers is asked for",
                _encoder_variant(result=lambda x, scores, asked: (x, list(scores.values())[-1]) if asked else x),
            ),
            Mistake(
                "the embedded input is not dropped: self.dropout_layer takes it, before the layers",
                _encoder_variant(drop=lambda layer, x, training: x),
            ),
            Mistake(
                "dropout acts outside training too: hand `training` on, do not set it",
                _encoder_variant(drop=lambda layer, x, training: layer.dropout_layer(x, training=True)),
            ),
            Mistake(
                "`training` does not reach the layers: hand it on to each",
                _encoder_variant(train=lambda training: False),
            ),
            Mistake(
                "the layers always drop: hand `training` on, do not set it",
                _encoder_variant(train=lambda training: True),
            ),
            Mistake(
                "dropout acts before the positions are added: it comes after",
                _encoder_variant(
                    embed=lambda layer, ids: layer.embedding(ids),
                    drop=lambda layer, x, training: layer.positional_encoding(
                        layer.dropout_layer(x * layer.embedding_dim**0.5, training=training)
                    ),
                ),
            ),
        ),  # fmt: skip
        hints=(
            "Ids become vectors, times √D, plus positions, with dropout; then every layer of self.encoder_layers in "
            "turn; with pre, self.final_norm at the end.",
            "Where attention_mask is None, make one: create_padding_mask(token_ids, self.pad_id). Every layer gets the "
            "same mask and `training`.",
            'Ask each layer for its scores too, and keep them in a dict: scores["encoder/0/self"], then 1, 2 … '
            "self.final_norm is None unless norm is pre.",
        ),
    )
)
