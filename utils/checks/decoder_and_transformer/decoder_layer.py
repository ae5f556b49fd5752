"""The exercise DecoderLayer: what must hold, and what each mistake looks like."""

from utils.checks.decoder_and_transformer.shared import (
    MISHEARD,
    ONE,
    READ_TOO_EARLY,
    STEPS,
    TRAINING,
    WIDE,
    dropped_but_for_feed_forward,
    flattened,
    layer_variant,
    made,
    marked,
    norm_of,
    not_none,
    only,
    several,
    source_normalised,
    told,
    told_otherwise,
    turned,
    without_dropout,
    without_norm,
    without_residual,
)
from utils.checks.encoder.encoder_layer_variant import PLAIN
from utils.checks.encoder.shared import (
    IN_A_LIST,
    NOT_COMPILED,
    RESTLESS,
    by_dice,
    compiled_in_training,
    lacking,
    steadily,
)
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.in_numpy import added, causal
from utils.checks.inputs import normal, random_mask
from utils.layers.decoder import DecoderLayer


def _layer(answer, seed, **arguments):
    vectors = (None, None, arguments["embedding_dim"])
    return made(answer, (vectors, vectors), seed, **arguments)


def _layer_output(answer, x, encoder_output, self_mask=None, cross_mask=None, seed=0, **arguments):
    layer = _layer(answer, seed, **arguments)
    masks = not_none(self_attention_mask=self_mask, cross_attention_mask=cross_mask)
    return only(layer(x, encoder_output, **masks))


def _layer_scores(answer, x, encoder_output, cross_mask=None, seed=0, **arguments):
    layer = _layer(answer, seed, **arguments)
    masks = not_none(self_attention_mask=causal(x.shape[1]), cross_attention_mask=cross_mask)
    results = layer(x, encoder_output, return_attention_scores=True, **masks)
    if any(isinstance(result, dict) for result in several(results)):
        return "a dict"
    return only(results)


def _layer_training(answer, x, encoder_output, seed=0, **arguments):
    layer = marked(_layer(answer, seed, **arguments))
    return flattened(*(layer(x, encoder_output, **said) for said in TRAINING))


def _layer_compiled(answer, x, encoder_output, seed=0, **arguments):
    layer = _layer(answer, seed, **arguments)
    return compiled_in_training(layer, x, encoder_output, return_attention_scores=True)  # as the decoder asks it


def _layer_cases(rng, **arguments):
    return [
        case(normal(rng, 1, 2, 4), normal(rng, 1, 3, 4), seed=1, **ONE | arguments),
        case(normal(rng, 2, 3, 4), normal(rng, 2, 3, 4), seed=2, **ONE | arguments),
        case(normal(rng, 2, 5, 6), normal(rng, 2, 4, 6), seed=3, **WIDE | arguments),
    ]


def _mask_cases(rng):
    return [
        case(normal(rng, 1, 3, 4), normal(rng, 1, 3, 4), self_mask=causal(3), seed=4, **ONE),
        case(normal(rng, 2, 4, 4), normal(rng, 2, 4, 4), cross_mask=random_mask(rng, 2, 1, 1, 4), seed=5, **ONE),
        case(
            normal(rng, 2, 4, 6),
            normal(rng, 2, 3, 6),
            self_mask=random_mask(rng, 2, 1, 4, 4),
            cross_mask=random_mask(rng, 2, 1, 1, 3),
            seed=6,
            **WIDE,
        ),
    ]


def _score_cases(rng):
    return [
        case(normal(rng, 1, 2, 4), normal(rng, 1, 3, 4), seed=9, **ONE),
        case(normal(rng, 2, 5, 6), normal(rng, 2, 4, 6), cross_mask=random_mask(rng, 2, 1, 1, 4), seed=10, **WIDE),
    ]


def _training_cases(rng):
    dropped = {"dropout_rate": 0.25}
    return [
        case(normal(rng, 1, 2, 4), normal(rng, 1, 3, 4), seed=11, **ONE | dropped),
        case(normal(rng, 2, 5, 6), normal(rng, 2, 4, 6), seed=12, norm="pre", **WIDE | dropped),
    ]


register(
    Exercise(
        name="DecoderLayer",
        notebook="07_decoder_and_transformer",
        reference=DecoderLayer,
        oracle=layer_variant(),
        properties=(
            Property(
                "three sub-layers; each is added to what came in, then normalised",
                3,
                _layer_cases,
                steadily(_layer_output),
            ),
            Property("each attention under its own mask, self and cross", 2, _mask_cases, _layer_output),
            Property(
                'norm="pre": each sub-layer gets the normalised input, the sum stays as it is',
                1,
                lambda rng: _layer_cases(rng, norm="pre"),
                _layer_output,
            ),
            Property("(output, self, cross) where the scores are asked for", 1, _score_cases, _layer_scores),
            Property("dropout in training, and only there", 1, _training_cases, _layer_training),
            Property(
                "the same in a compiled function, for a batch of any size",
                1,
                lambda rng: [case(normal(rng, 2, 5, 6), normal(rng, 2, 4, 6), seed=13, **WIDE)],
                _layer_compiled,
            ),
        ),
        mistakes=(
            Mistake(RESTLESS, layer_variant(after=lambda step, x, drop: by_dice(x))),
            Mistake(
                "cross-attention looks at the target again: its value is `encoder_output`",
                layer_variant(asks=lambda step, x, encoded: (x, x)),
            ),
            Mistake(
                "in cross-attention query and value have changed places: the target asks, the source answers",
                layer_variant(asks=lambda step, x, encoded: (x, x) if step == "self" else (encoded, x)),
            ),
            Mistake(
                "in cross-attention the source asks itself: the query is x, from the target",
                layer_variant(asks=lambda step, x, encoded: (x, x) if step == "self" else (encoded, encoded)),
            ),
            *(
                Mistake(
                    "in cross-attention key and value are not of one language: both are encoder_output, and the key "
                    "may be left out",
                    layer_variant(
                        asks=lambda step, x, encoded, more=more: (x, x) if step == "self" else more(x, encoded)
                    ),
                )
                for more in (lambda x, encoded: (x, encoded, x), lambda x, encoded: (x, x, encoded))
            ),
            *(
                Mistake(
                    "in self-attention key and value are not of one language: both are x, and the key may be left out",
                    layer_variant(
                        asks=lambda step, x, encoded, more=more: more(x, encoded) if step == "self" else (x, encoded)
                    ),
                )
                for more in (lambda x, encoded: (x, encoded, x), lambda x, encoded: (x, x, encoded))
            ),
            Mistake(
                "self-attention looks at the source: there both query and value are x",
                layer_variant(asks=lambda step, x, encoded: (x, encoded)),
            ),
            Mistake(
                "self-attention looks at the source and cross-attention at the target: they are swapped",
                layer_variant(asks=lambda step, x, encoded: (x, encoded) if step == "self" else (x, x)),
            ),
            Mistake(
                "cross-attention is missing: the decoder never reads the source",
                layer_variant(order=("self", "feed_forward")),
            ),
            Mistake(
                "self-attention is missing: the target's words never look at one another",
                layer_variant(order=("cross", "feed_forward")),
            ),
            Mistake("the feed-forward is missing", layer_variant(order=("self", "cross"))),
            Mistake(
                "cross-attention comes before self-attention: first the target looks at itself",
                layer_variant(order=("cross", "self", "feed_forward")),
            ),
            Mistake(
                "the feed-forward comes before cross-attention: it is the last of the three",
                layer_variant(order=("self", "feed_forward", "cross")),
            ),
            *(
                Mistake(
                    what,
                    layer_variant(reads=lambda step, x, first, one=one: first if step == one else x, keeps=keeps),
                )
                for what, one, keeps in READ_TOO_EARLY
            ),
            Mistake(
                "the same attention is used twice: the second is self.cross_attention",
                layer_variant(attention=lambda step: "self"),
            ),
            Mistake(
                "self.cross_attention is used for both: the first is self.self_attention",
                layer_variant(attention=lambda step: "cross"),
            ),
            Mistake(
                "self.self_attention and self.cross_attention have changed places",
                layer_variant(attention=lambda step: "cross" if step == "self" else "self"),
            ),
            Mistake(
                "no residual anywhere: add what came in to what comes out of each sub-layer",
                layer_variant(add=without_residual(*STEPS)),
            ),
            Mistake("self-attention has no residual: add x to it", layer_variant(add=without_residual("self"))),
            Mistake(
                "cross-attention has no residual: add what went in, the target's x",
                layer_variant(add=without_residual("cross")),
            ),
            Mistake(
                "the feed-forward has no residual: add what went in",
                layer_variant(add=without_residual("feed_forward")),
            ),
            Mistake(
                "each residual adds the layer's first input: it is what went into that very sub-layer",
                layer_variant(add=lambda step, before, normed, out, first: added(first, out)),
            ),
            Mistake(
                "what went into cross-attention is not what is added after it: there it is still the layer's input",
                layer_variant(
                    add=lambda step, before, normed, out, first: added(first if step == "cross" else before, out)
                ),
            ),
            Mistake(
                "what went into the feed-forward is not what is added after it: there it is still the layer's input",
                layer_variant(
                    add=lambda step, before, normed, out, first: added(first if step == "feed_forward" else before, out)
                ),
            ),
            Mistake(
                "what went into the feed-forward is not what is added after it: there it is still what went into "
                "cross-attention",
                layer_variant(
                    keeps="cross",
                    add=lambda step, before, normed, out, first: added(
                        first if step == "feed_forward" else before, out
                    ),
                ),
            ),
            Mistake(
                "a sub-layer's output is normalised before the sum: add first, then normalise",
                layer_variant(inner_norm=("post",)),
            ),
            Mistake(
                'with norm="pre" what a sub-layer gives is normalised: the norm acts on what goes into it',
                layer_variant(inner_norm=("pre",), when=lambda norm: (False, norm == "post")),
            ),
            *(
                Mistake(
                    "it is normalised without a gamma and a beta that are learnt: call the norms of __init__",
                    layer_variant(norm=lambda step, plain=plain: plain),
                )
                for plain in PLAIN
            ),
            Mistake("nothing is normalised", layer_variant(norm=without_norm(*STEPS))),
            Mistake("self.self_norm is missing", layer_variant(norm=without_norm("self"))),
            Mistake("self.cross_norm is missing", layer_variant(norm=without_norm("cross"))),
            Mistake("self.feed_forward_norm is missing", layer_variant(norm=without_norm("feed_forward"))),
            Mistake(
                "self.self_norm serves all three: each sub-layer has a norm of its own",
                layer_variant(norm=norm_of(cross="self", feed_forward="self")),
            ),
            Mistake(
                "self.self_norm serves cross-attention too: that has self.cross_norm",
                layer_variant(norm=norm_of(cross="self")),
            ),
            Mistake(
                "self.cross_norm serves the feed-forward too: that has self.feed_forward_norm",
                layer_variant(norm=norm_of(feed_forward="cross")),
            ),
            Mistake(
                "the norms of cross-attention and feed-forward have changed places",
                layer_variant(norm=norm_of(cross="feed_forward", feed_forward="cross")),
            ),
            Mistake(
                "the norms of self- and cross-attention have changed places",
                layer_variant(norm=norm_of(self="cross", cross="self")),
            ),
            Mistake(
                'with norm="pre" encoder_output is normalised too: cross-attention looks at it as it came',
                layer_variant(source=source_normalised),
            ),
            Mistake(
                'it normalises before the sub-layer: with norm="post" that comes after the sum',
                layer_variant(when=lambda norm: (True, False)),
            ),
            Mistake(
                "it normalises before the sub-layer and again after the sum: self.norm says which of the two",
                layer_variant(when=lambda norm: (True, True)),
            ),
            Mistake(
                'it always normalises after the sum: with norm="pre" that comes before the sub-layer',
                layer_variant(when=lambda norm: (False, True)),
            ),
            Mistake(
                'with norm="pre" the normalised input is added: the residual is what came in, before the norm',
                layer_variant(add=lambda step, before, normed, out, first: added(normed, out)),
            ),
            *(
                Mistake(
                    f'with norm="pre" the normalised input is added to the {name}: the residual is what came in, '
                    "before the norm",
                    layer_variant(
                        add=lambda step, before, normed, out, first, one=one: added(
                            normed if step == one else before, out
                        )
                    ),
                )
                for one, name in zip(STEPS, ("self-attention", "cross-attention", "feed-forward"), strict=True)
            ),
            Mistake(
                "both masks are ignored: hand each on to its attention, as attention_mask",
                layer_variant(masks=lambda step, self_mask, cross_mask: None),
            ),
            Mistake(
                "self-attention ignores its mask, so that it sees the future: attention_mask=self_attention_mask",
                layer_variant(masks=lambda step, self_mask, cross_mask: None if step == "self" else cross_mask),
            ),
            Mistake(
                "cross-attention ignores its mask, so that it looks at the source's padding",
                layer_variant(masks=lambda step, self_mask, cross_mask: self_mask if step == "self" else None),
            ),
            Mistake(
                "the two masks have changed places",
                layer_variant(masks=lambda step, self_mask, cross_mask: cross_mask if step == "self" else self_mask),
            ),
            Mistake(
                "cross-attention gets the mask of self-attention: it looks at the source, so it needs the source's",
                layer_variant(masks=lambda step, self_mask, cross_mask: self_mask),
            ),
            Mistake(
                "self-attention gets the mask of cross-attention: it needs its own",
                layer_variant(masks=lambda step, self_mask, cross_mask: cross_mask),
            ),
            *(
                Mistake(f"{what} turned around: True = may attend", layer_variant(masks=turned(*steps)))
                for what, steps in (
                    ("the masks are", ("self", "cross")),
                    ("the mask of self-attention is", ("self",)),
                    ("the mask of cross-attention is", ("cross",)),
                )
            ),
            *(
                Mistake(f"{what}: they are needed in both cases", layer_variant(unmasked=unmasked))
                for what, unmasked in (
                    ("where the scores are asked for the masks are forgotten", lambda asked: asked),
                    ("the masks are used only where the scores are asked for", lambda asked: not asked),
                )
            ),
            *(
                Mistake(
                    "always three: `a, b, c if asked else d` is read as `a, b, (c if asked else d)`. Brackets "
                    "around the three",
                    layer_variant(result=lambda x, one, two, asked, b=b: (x, one, two if asked else b(x))),
                )
                for b in (lambda x: x, lambda x: None)
            ),
            Mistake(IN_A_LIST, layer_variant(result=lambda x, one, two, asked: (x, one, two) if asked else [x])),
            Mistake(
                "three results came back although the scores were not asked for: look at return_attention_scores",
                layer_variant(result=lambda x, self_scores, cross_scores, asked: (x, self_scores, cross_scores)),
            ),
            Mistake(
                "only the output came back although the scores were asked for: look at return_attention_scores",
                layer_variant(result=lambda x, self_scores, cross_scores, asked: x),
            ),
            Mistake(
                "the scores of self- and cross-attention have changed places: (output, self, cross)",
                layer_variant(
                    result=lambda x, self_scores, cross_scores, asked: (x, cross_scores, self_scores) if asked else x
                ),
            ),
            Mistake(
                "the scores of cross-attention are missing: (output, self, cross)",
                layer_variant(result=lambda x, self_scores, cross_scores, asked: (x, self_scores) if asked else x),
            ),
            Mistake(
                "the scores of self-attention are missing: (output, self, cross)",
                layer_variant(result=lambda x, self_scores, cross_scores, asked: (x, cross_scores) if asked else x),
            ),
            Mistake(
                "the same scores came back twice: keep those of self-attention under another name",
                layer_variant(
                    result=lambda x, self_scores, cross_scores, asked: (x, cross_scores, cross_scores) if asked else x
                ),
            ),
            Mistake(
                "the scores are in a pair of their own: give back (output, self, cross), three results",
                layer_variant(
                    result=lambda x, self_scores, cross_scores, asked: (x, (self_scores, cross_scores)) if asked else x
                ),
            ),
            Mistake(
                "the scores are in a dict: give back (output, self, cross), three results",
                layer_variant(
                    result=lambda x, self_scores, cross_scores, asked: (
                        (x, {"self": self_scores, "cross": cross_scores}) if asked else x
                    )
                ),
            ),
            Mistake(
                "the scores come first: (output, self, cross)",
                layer_variant(
                    result=lambda x, self_scores, cross_scores, asked: (self_scores, cross_scores, x) if asked else x
                ),
            ),
            Mistake(
                "the attentions' outputs are never dropped: self.self_dropout and self.cross_dropout take them",
                layer_variant(drop=without_dropout("self", "cross")),
            ),
            Mistake("self.self_dropout is missing", layer_variant(drop=without_dropout("self"))),
            Mistake("self.cross_dropout is missing", layer_variant(drop=without_dropout("cross"))),
            Mistake(
                "the sum is dropped: drop what comes out of the attention, before it is added",
                layer_variant(drop=without_dropout("self", "cross"), after=dropped_but_for_feed_forward),
            ),
            *(
                Mistake(
                    f"the sum behind {one}-attention is dropped: drop what comes out of it, before it is added",
                    layer_variant(
                        drop=without_dropout(one),
                        after=lambda step, x, drop, one=one: drop(x) if step == one else x,
                    ),
                )
                for one in ("self", "cross")
            ),
            *(
                Mistake(
                    f"{what} not told that it is training: hand `training` on",
                    layer_variant(inside=told_otherwise(*steps, training=False)),
                )
                for what, steps in (
                    ("the attentions are", ("self", "cross")),
                    ("self-attention is", ("self",)),
                    ("cross-attention is", ("cross",)),
                    ("the feed-forward is", ("feed_forward",)),
                )
            ),
            *(
                Mistake(
                    f"{what} outside training too: hand `training` on as it came",
                    layer_variant(**{where: told_otherwise(*steps, training=True)}),
                )
                for what, where, steps in (
                    ("the attentions drop", "inside", ("self", "cross")),
                    ("self-attention drops", "inside", ("self",)),
                    ("cross-attention drops", "inside", ("cross",)),
                    ("the feed-forward drops", "inside", ("feed_forward",)),
                    ("self.self_dropout drops", "outside", ("self",)),
                    ("self.cross_dropout drops", "outside", ("cross",)),
                )
            ),
            Mistake(
                "the feed-forward's output is dropped twice: it does that itself",
                layer_variant(drop=lambda step, out, drop: drop(out)),
            ),
            Mistake(
                "dropout never acts inside the attentions and the feed-forward: hand `training` on to them",
                layer_variant(inside=lambda step, training: False),
            ),
            *(
                Mistake(
                    "dropout acts outside training too: hand `training` on as it came",
                    layer_variant(**{where: told_otherwise(*STEPS, training=True) for where in places}),
                )
                for places in (("inside", "outside"), ("outside",), ("inside",))
            ),
            Mistake("dropout never acts: `training` is not handed on", layer_variant(**told(lambda training: False))),
            Mistake(
                "`training` is turned around: hand it on as it is", layer_variant(**told(lambda training: not training))
            ),
            *(Mistake(what, layer_variant(**told(hears))) for what, hears in MISHEARD),
            *(Mistake(diagnosis, lacking(words, layer_variant())) for words, diagnosis in NOT_COMPILED),
        ),
        hints=(
            "It is the encoder's layer with one more block in the middle. Each block: residual = x, "
            "the sub-layer, the sum, the norm.",
            "self.self_attention(x, x, …) looks at the target, self.cross_attention(x, encoder_output, …) at the "
            "source. With return_attention_scores=True each gives (output, scores).",
            'With norm="post": x = self.cross_norm(residual + self.cross_dropout(x, training=training)). With "pre" '
            "the norm is applied to what goes into the sub-layer instead, and the residual is kept from before.",
        ),
    )
)
