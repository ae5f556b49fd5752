"""The exercise EncoderLayer: what must hold, and what each mistake looks like."""

import numpy as np
from keras import ops

from utils.checks.encoder.shared import borrowing_variant, built_layer, random_mask, ratio_words, with_weights
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.inputs import normal
from utils.layers.encoder import EncoderLayer


def _layer_output(answer, x, attention_mask=None, seed=0, **arguments):
    options = {} if attention_mask is None else {"attention_mask": attention_mask}
    return _encoder_layer(answer, x, seed, **arguments)(x, **options)


def _layer_scores(answer, x, attention_mask=None, seed=0, **arguments):
    layer = _encoder_layer(answer, x, seed, **arguments)
    return layer(x, attention_mask=attention_mask, return_attention_scores=True)


def _encoder_layer(answer, x, seed, num_heads=3, fully_connected_dim=7, **arguments):
    sizes = {"embedding_dim": x.shape[-1], "num_heads": num_heads, "fully_connected_dim": fully_connected_dim}
    sizes |= {"dropout_rate": 0.0}  # has a property of its own
    return with_weights(answer, x.shape, seed, **sizes, **arguments)


def _layer_dropped(answer, training, seed, rate=0.4):
    """What dropout did at its three places, in words.

    All weights are zero but those that show one place: a bias alone is what attention, then what the feed-forward
    gives; then values that are all equal, so that attention gives more or less of them where weights were dropped.
    """
    B, T, D, said = 2, 6, 8, []
    x = np.random.default_rng(seed).normal(size=(B, T, D)).astype("float32")
    arguments = {"embedding_dim": D, "num_heads": 2, "fully_connected_dim": 5, "dropout_rate": rate, "norm": "pre"}
    layer = built_layer(answer, (None, None, D), **arguments)
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
            said.append(f"{place}: {ratio_words(made - x, np.full_like(x, 2.0), rate)}")
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

    return borrowing_variant(EncoderLayer, call)


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


def _layer_cases(norm, seed):
    return lambda rng: [
        case(normal(rng, 1, 2, 6, mean=1), norm=norm, seed=seed),
        case(normal(rng, 2, 5, 6, mean=1), norm=norm, seed=seed + 1),
    ]


def _layer_mask_cases(rng):
    return [
        case(normal(rng, 1, 4, 6), seed=20),
        case(normal(rng, 1, 4, 6), attention_mask=np.tril(np.ones((4, 4), bool)), seed=21),
        case(normal(rng, 2, 5, 6), attention_mask=random_mask(rng, 2, 5, 5), norm="pre", seed=22),
        case(normal(rng, 2, 5, 6), attention_mask=random_mask(rng, 2, 1, 1, 5), seed=23),
    ]


def _layer_score_cases(rng):
    return [
        case(normal(rng, 1, 2, 6), seed=24),
        case(normal(rng, 2, 5, 6), attention_mask=random_mask(rng, 2, 5, 5), norm="pre", seed=25),
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
                borrowing_variant(EncoderLayer, _half_normed),
            ),
            Mistake(
                "with pre only keys and values are normalised: the attention gets the same x twice",
                borrowing_variant(EncoderLayer, _raw_queries),
            ),
            Mistake(
                "with post the second residual is the sum from before the first norm: take what comes out of it",
                borrowing_variant(EncoderLayer, _residual_before_the_norm),
            ),
            Mistake(
                "the feed-forward comes first: attention, then feed-forward",
                borrowing_variant(EncoderLayer, _feed_first),
            ),
            Mistake(
                "the feed-forward reads the layer's input: it reads what comes out of the attention's half",
                borrowing_variant(EncoderLayer, _side_by_side),
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
                borrowing_variant(EncoderLayer, _sum_dropped),
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
