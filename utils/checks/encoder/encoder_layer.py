"""The exercise EncoderLayer: what must hold, and what each mistake looks like."""

import functools

import numpy as np
from keras import ops

from utils.checks.encoder.encoder_layer_variant import (
    HALVES,
    PLAIN,
    as_key,
    encoder_layer_variant,
    normalised_sum,
    norms,
    sum_not_normalised,
    without_residual,
)
from utils.checks.encoder.shared import (
    DEFAULT_DROPS,
    FALSE_DROPS,
    IN_A_LIST,
    NOT_COMPILED,
    RESTLESS,
    UNBRACKETED,
    alone,
    by_dice,
    compiled_in_training,
    lacking,
    random_mask,
    ratio_words,
    steadily,
    with_weights,
)
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.in_numpy import layer_with
from utils.checks.inputs import normal
from utils.layers.encoder import EncoderLayer

PLACES = "attention's output", "feed-forward's output", "attention's weights"


def _layer_output(answer, x, attention_mask=None, seed=0, **arguments):
    options = {} if attention_mask is None else {"attention_mask": attention_mask}
    return alone(_encoder_layer(answer, x, seed, **arguments)(x, **options))


def _layer_scores(answer, x, attention_mask=None, seed=0, **arguments):
    layer = _encoder_layer(answer, x, seed, **arguments)
    return layer(x, attention_mask=attention_mask, return_attention_scores=True)


def _layer_compiled(answer, x, seed=0, **arguments):
    layer = _encoder_layer(answer, x, seed, **arguments)
    return compiled_in_training(layer, x, return_attention_scores=True)  # as the encoder asks it


def _encoder_layer(answer, x, seed, num_heads=3, fully_connected_dim=7, **arguments):
    sizes = {"embedding_dim": x.shape[-1], "num_heads": num_heads, "fully_connected_dim": fully_connected_dim}
    sizes |= {"dropout_rate": 0.0}  # has a property of its own
    return with_weights(answer, x.shape, seed, **sizes, **arguments)


def _layer_dropped(answer, training, seed, rate=0.4):
    """The outputs of three layers with dropout, which show a place each; None says nothing of training.

    All weights are zero but those that show one place: a bias alone is what attention, then what the feed-forward
    gives; then values that are all equal, so that attention gives more or less of them where weights were dropped.
    """
    x, made = _dropout_input(seed), []
    D = x.shape[-1]
    arguments = {"embedding_dim": D, "num_heads": 2, "fully_connected_dim": 5, "dropout_rate": rate, "norm": "pre"}
    for place in PLACES:
        layer = layer_with(answer, ((None, None, D),), functools.partial(_showing, place), **arguments)
        made.append(ops.convert_to_numpy(layer(x) if training is None else layer(x, training=training)))
    return tuple(made)


def _dropout_input(seed):
    """An input of two sentences."""
    return np.random.default_rng(seed).normal(size=(2, 6, 8)).astype("float32")


def _what_was_dropped(outputs, training, seed, rate=0.4):
    """What dropout did at its three places, in words."""
    x, said = _dropout_input(seed), []
    for place, made in zip(PLACES, outputs, strict=True):
        if made.shape != x.shape:
            return f"an output of shape {made.shape}"
        if place == "attention's weights":
            left = (made - x) * (1 - rate if training else 1)
            dropped = not np.isclose(left[..., None], (0, 1), atol=1e-3).any(axis=-1).all()
            said.append(f"{place}: {'some dropped' if dropped else 'nothing dropped'}")
        else:
            said.append(f"{place}: {ratio_words(made - x, np.full_like(x, 2.0), rate)}")
    return tuple(said)


def _showing(place, weights):
    """Zeros for all weights but those that show what is dropped at this place."""
    values = {w.path.split("/", 1)[-1]: np.zeros(w.shape, "float32") for w in weights}
    names = [n for n in values if n.endswith("output_bias" if place.startswith("att") else "bias")]
    if place == "feed-forward's output":
        values[names[-1]][:] = 2.0  # the narrow layer's, the last of all biases
    elif place == "attention's output":
        values[names[0]][:] = 2.0
    else:
        values[next(n for n in values if n.endswith("value_bias"))][:] = 1.0
        kernel = values[next(n for n in values if n.endswith("output_kernel"))]
        kernel[:] = np.eye(kernel.shape[-1]).reshape(kernel.shape)
    return list(values.values())


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


register(
    Exercise(
        name="EncoderLayer",
        notebook="06_encoder",
        reference=EncoderLayer,
        oracle=encoder_layer_variant(),
        properties=(
            Property(
                'norm="post": add, then normalise, twice', 2, _layer_cases("post", 10), run=steadily(_layer_output)
            ),
            Property('norm="pre": normalise, then add, twice', 2, _layer_cases("pre", 15), run=_layer_output),
            Property("the mask reaches the attention", 1, _layer_mask_cases, run=_layer_output),
            Property("the scores, where asked for", 1, _layer_score_cases, run=_layer_scores),
            Property(
                "dropout at its three places, in training only",
                2,
                lambda rng: [case(training=t, seed=seed) for seed, t in enumerate((True, False, None), start=1)],
                run=_layer_dropped,
                read=_what_was_dropped,
            ),
            Property(
                "the same in a compiled function, for a batch of any size",
                1,
                lambda rng: [case(normal(rng, 2, 5, 6, mean=1), seed=26)],
                run=_layer_compiled,
            ),
        ),
        mistakes=(
            Mistake(RESTLESS, encoder_layer_variant(after=lambda half, x, drop: by_dice(x))),
            Mistake(
                "both residuals are missing: what came in is added to what each half gives",
                encoder_layer_variant(add=without_residual("attention", "feed_forward")),
            ),
            Mistake(
                "the first residual is missing, around the attention",
                encoder_layer_variant(add=without_residual("attention")),
            ),
            Mistake(
                "the second residual is missing, around the feed-forward",
                encoder_layer_variant(add=without_residual("feed_forward")),
            ),
            Mistake(
                "the second residual is the layer's input: it is what comes out of the attention's half",
                encoder_layer_variant(
                    add=lambda half, before, normed, out, first: out + (first if half == "feed_forward" else before)
                ),
            ),
            Mistake(
                "the layer's input is added a second time at the end",
                encoder_layer_variant(
                    add=lambda half, before, normed, out, first: before + out + (first if half == "feed_forward" else 0)
                ),
            ),
            Mistake(
                "the residuals are multiplied: they are added",
                encoder_layer_variant(add=lambda half, before, normed, out, first: before * out),
            ),
            Mistake(
                "with pre the residual is the normalised x: keep the x from before the norm",
                encoder_layer_variant(add=lambda half, before, normed, out, first: normed + out),
            ),
            *(
                Mistake(
                    "with pre the residual is the normalised x: keep the x from before the norm",
                    encoder_layer_variant(
                        add=lambda half, before, normed, out, first, where=where: (
                            (normed if half == where else before) + out
                        )
                    ),
                )
                for where in HALVES
            ),
            *(
                Mistake(
                    f"with {kind} {what}, self.{where}_norm",
                    encoder_layer_variant(
                        norm=lambda half, of, where=where, kind=kind: None if (half, of) == (where, kind) else half
                    ),
                )
                for where, kind, what in (
                    ("attention", "post", "the first sum is not normalised"),
                    ("feed_forward", "post", "the second sum is not normalised"),
                    ("attention", "pre", "the attention reads x as it is: it reads what comes out of the first norm"),
                    (
                        "feed_forward",
                        "pre",
                        "the feed-forward reads x as it is: it reads what comes out of the second norm",
                    ),
                )
            ),
            Mistake(
                "the norm acts before the residual is added: add first, then normalise the sum",
                encoder_layer_variant(inner_norm=("post",)),
            ),
            Mistake(
                "with pre what the halves give is normalised: the norm acts on what a half reads",
                encoder_layer_variant(inner_norm=("pre",), when=lambda half, kind: (False, kind == "post")),
            ),
            *(
                Mistake(
                    "it is normalised without a gamma and a beta that are learnt: call self.attention_norm and "
                    "self.feed_forward_norm",
                    encoder_layer_variant(norm=lambda half, kind, plain=plain: plain),
                )
                for plain in PLAIN
            ),
            Mistake(
                "nothing is normalised: each half has a norm of its own",
                encoder_layer_variant(norm=lambda half, kind: None),
            ),
            Mistake(
                "the first norm is missing, the attention's",
                encoder_layer_variant(norm=norms(attention=None)),
            ),
            Mistake(
                "the second norm is missing, the feed-forward's",
                encoder_layer_variant(norm=norms(feed_forward=None)),
            ),
            Mistake(
                "the two norms have changed places: each has a gamma and a beta of its own",
                encoder_layer_variant(norm=norms(attention="feed_forward", feed_forward="attention")),
            ),
            Mistake(
                "attention_norm serves both halves: the second half has feed_forward_norm",
                encoder_layer_variant(norm=norms(feed_forward="attention")),
            ),
            Mistake(
                "feed_forward_norm serves both halves: the first half has attention_norm",
                encoder_layer_variant(norm=norms(attention="feed_forward")),
            ),
            Mistake(
                "with pre the norms stand behind the sums: they belong before the halves. Look at self.norm",
                encoder_layer_variant(when=lambda half, kind: (False, True)),
            ),
            Mistake(
                "with post the norms stand before the halves: they belong behind the sums. Look at self.norm",
                encoder_layer_variant(when=lambda half, kind: (True, False)),
            ),
            Mistake(
                "with post the norms stand before the halves: they belong behind the sums. Look at self.norm",
                encoder_layer_variant(when=lambda half, kind: (kind == "post", kind == "pre")),
            ),
            Mistake(
                "the norms act twice, before the halves and behind the sums: pre is before alone, post behind alone",
                encoder_layer_variant(when=lambda half, kind: (True, True)),
            ),
            Mistake(
                "the norms act twice, before the halves and behind the sums: pre is before alone, post behind alone",
                encoder_layer_variant(when=lambda half, kind: (True, kind == "post")),
            ),
            Mistake(
                "the norms act twice, before the halves and behind the sums: pre is before alone, post behind alone",
                encoder_layer_variant(when=lambda half, kind: (kind == "pre", True)),
            ),
            *(
                Mistake(
                    "one norm acts with pre and with post: ask self.norm at each of the four places",
                    encoder_layer_variant(
                        when=lambda half, kind, where=where, early=early: (
                            kind == "pre" or early and half == where,
                            kind == "post" or not early and half == where,
                        )
                    ),
                )
                for where in HALVES
                for early in (True, False)
            ),
            Mistake(
                "nothing is normalised: each half has a norm of its own",
                encoder_layer_variant(when=lambda half, kind: (False, kind == "post")),
            ),
            Mistake(
                "with pre only the queries are normalised: the attention gets the same x twice",
                encoder_layer_variant(asks=lambda normed, before: (normed, before)),
            ),
            Mistake(
                "with pre only keys and values are normalised: the attention gets the same x twice",
                encoder_layer_variant(asks=lambda normed, before: (before, normed)),
            ),
            Mistake(
                "with post the second residual is the sum from before the first norm: take what comes out of it",
                encoder_layer_variant(norm=sum_not_normalised, reads=normalised_sum),
            ),
            Mistake(
                "the feed-forward comes first: attention, then feed-forward",
                encoder_layer_variant(order=("feed_forward", "attention")),
            ),
            Mistake(
                "the feed-forward reads the layer's input: it reads what comes out of the attention's half",
                encoder_layer_variant(norm=sum_not_normalised, reads=lambda layer, half, x, first: first),
            ),
            Mistake(
                "the feed-forward is missing",
                encoder_layer_variant(feed=lambda x, feed_forward: x, add=without_residual("feed_forward")),
            ),
            Mistake(
                "the feed-forward is missing",
                encoder_layer_variant(
                    feed=lambda x, feed_forward: x,
                    add=without_residual("feed_forward"),
                    norm=norms(feed_forward=None),
                ),
            ),
            Mistake(
                "the feed-forward is missing",
                encoder_layer_variant(feed=lambda x, feed_forward: x),
            ),
            Mistake(
                "the mask is ignored: hand it on to the attention",
                encoder_layer_variant(mask_of=lambda mask, asked: None),
            ),
            Mistake(
                "the mask is handed on only where the scores are asked for: it is needed in both cases",
                encoder_layer_variant(mask_of=lambda mask, asked: mask if asked else None),
            ),
            Mistake(
                "where the scores are asked for the mask is forgotten: it is needed in both cases",
                encoder_layer_variant(mask_of=lambda mask, asked: None if asked else mask),
            ),
            Mistake(
                "the mask is turned around: True = may attend",
                encoder_layer_variant(mask_of=lambda mask, asked: None if mask is None else ~mask),
            ),
            Mistake(
                "the mask stands in the third place, which is the key's: pass it by name, attention_mask=",
                encoder_layer_variant(mask_of=as_key),
            ),
            Mistake(
                "the mask's last two axes are swapped: hand it on as it is",
                encoder_layer_variant(mask_of=lambda mask, asked: None if mask is None else mask.swapaxes(-2, -1)),
            ),
            Mistake(
                "a pair came back although the scores were not asked for: look at return_attention_scores",
                encoder_layer_variant(result=lambda x, scores, asked: (x, scores)),
            ),
            *(
                Mistake(
                    UNBRACKETED,
                    encoder_layer_variant(result=lambda x, scores, asked, b=b: (x, scores if asked else b(x))),
                )
                for b in (lambda x: x, lambda x: None)
            ),
            Mistake(IN_A_LIST, encoder_layer_variant(result=lambda x, scores, asked: (x, scores) if asked else [x])),
            Mistake(
                "only the output came back although the scores were asked for: look at return_attention_scores",
                encoder_layer_variant(result=lambda x, scores, asked: x),
            ),
            Mistake(
                "the order is (output, scores): here they are swapped",
                encoder_layer_variant(result=lambda x, scores, asked: (scores, x) if asked else x),
            ),
            Mistake(
                "the scores came back instead of the output",
                encoder_layer_variant(result=lambda x, scores, asked: scores),
            ),
            Mistake(
                "the scores are averaged over the heads: give back all H of them",
                encoder_layer_variant(result=lambda x, scores, asked: (x, scores.mean(axis=1)) if asked else x),
            ),
            Mistake(
                "the attention's output is never dropped: self.attention_dropout takes it",
                encoder_layer_variant(drop=lambda half, out, drop: out),
            ),
            Mistake(
                "dropout acts on the sum or on the residual: only what is added to the residual is dropped",
                encoder_layer_variant(
                    drop=lambda half, out, drop: out, after=lambda half, x, drop: drop(x) if half == "attention" else x
                ),
            ),
            Mistake(
                "dropout acts outside training too: hand `training` on, do not set it",
                encoder_layer_variant(hears=lambda part, training: part == "dropout" or training),
            ),
            *(
                Mistake(
                    f"the {where.replace('_', '-')} drops outside training too: hand `training` on, do not set it",
                    encoder_layer_variant(hears=lambda part, training, where=where: part == where or training),
                )
                for where in HALVES
            ),
            Mistake(DEFAULT_DROPS, encoder_layer_variant(hears=lambda part, training: training is not False)),
            Mistake(FALSE_DROPS, encoder_layer_variant(hears=lambda part, training: training is not None)),
            Mistake(
                "`training` is turned around: hand it on as it is",
                encoder_layer_variant(hears=lambda part, training: not training),
            ),
            Mistake(
                "the attention's output is dropped twice",
                encoder_layer_variant(drop=lambda half, out, drop: drop(drop(out)) if half == "attention" else out),
            ),
            Mistake(
                "`training` does not reach the feed-forward",
                encoder_layer_variant(hears=lambda part, training: part != "feed_forward" and training),
            ),
            Mistake(
                "`training` does not reach the attention",
                encoder_layer_variant(hears=lambda part, training: part != "attention" and training),
            ),
            Mistake(
                "`training` reaches none of the three",
                encoder_layer_variant(hears=lambda part, training: False),
            ),
            Mistake(
                "the feed-forward's output is dropped twice: it has a dropout inside",
                encoder_layer_variant(drop=lambda half, out, drop: drop(out)),
            ),
            *(Mistake(diagnosis, lacking(words, encoder_layer_variant())) for words, diagnosis in NOT_COMPILED),
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
