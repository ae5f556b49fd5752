"""The exercise Decoder: what must hold, and what each mistake looks like."""

import functools
import math

import numpy as np

from utils.checks.decoder_and_transformer.shared import (
    MISHEARD,
    ONE,
    TRAINING,
    WIDE,
    after_the_last_layer,
    decoder_variant,
    flattened,
    made,
    marked,
    not_none,
    only,
    word_ids,
)
from utils.checks.encoder.shared import (
    IN_A_LIST,
    NOT_COMPILED,
    RESTLESS,
    UNBRACKETED,
    by_dice,
    compiled_in_training,
    lacking,
    steadily,
)
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.in_numpy import causal, embedded, own_mask, padding
from utils.checks.inputs import normal, random_mask
from utils.layers.decoder import Decoder

SMALL = {"num_layers": 1, **ONE, "target_vocab_size": 9, "maximum_position_encoding": 7}


DEEP = {"num_layers": 2, **WIDE, "target_vocab_size": 11, "maximum_position_encoding": 8}


DEEPER = DEEP | {"num_layers": 3}


def _decoder(answer, seed, **arguments):
    return made(answer, ((None, None), (None, None, arguments["embedding_dim"])), seed, **arguments)


def _decoder_output(answer, ids, encoder_output, self_mask=None, cross_mask=None, seed=0, **arguments):
    layer = _decoder(answer, seed, **arguments)
    masks = not_none(self_attention_mask=self_mask, cross_attention_mask=cross_mask)
    return only(layer(ids, encoder_output, **masks))


def _decoder_scores(answer, ids, encoder_output, cross_mask=None, seed=0, **arguments):
    layer = _decoder(answer, seed, **arguments)
    return only(layer(ids, encoder_output, cross_attention_mask=cross_mask, return_attention_scores=True))


def _decoder_training(answer, ids, encoder_output, seed=0, **arguments):
    layer = marked(_decoder(answer, seed, **arguments))
    return flattened(*(layer(ids, encoder_output, **said) for said in TRAINING))


def _decoder_compiled(answer, ids, encoder_output, seed=0, **arguments):
    layer = _decoder(answer, seed, **arguments)
    return compiled_in_training(layer, ids, encoder_output, return_attention_scores=True)


def _one_place_cases(rng):
    return [
        case(word_ids(rng, 1, 1), normal(rng, 1, 2, 4), seed=1, **SMALL),
        case(word_ids(rng, 2, 1, vocabulary=11), normal(rng, 2, 3, 6), seed=2, **DEEP),
    ]


def _place_cases(rng):
    """The last with padding behind, in front and between, of another id than 0; 0 is a word there."""
    padded = np.array([[5, 6, 3, 7, 3], [3, 8, 0, 3, 4]], "int32")
    return [
        case(word_ids(rng, 1, 2), normal(rng, 1, 2, 4), seed=3, **SMALL),
        case(word_ids(rng, 2, 5, vocabulary=11), normal(rng, 2, 4, 6), seed=4, **DEEP),
        case(padded, normal(rng, 2, 4, 6), seed=5, pad_id=3, **DEEP),
    ]


def _given_mask_cases(rng):
    ids, encoded = word_ids(rng, 2, 4, vocabulary=11), normal(rng, 2, 3, 6)
    return [
        case(ids, encoded, self_mask=random_mask(rng, 2, 1, 4, 4), seed=6, **DEEP),
        case(ids, encoded, cross_mask=random_mask(rng, 2, 1, 1, 3), seed=7, **DEEP),
        case(word_ids(rng, 2, 4), normal(rng, 2, 4, 4), cross_mask=random_mask(rng, 2, 1, 1, 4), seed=8, **SMALL),
    ]


def _decoder_score_cases(rng):
    mask = np.ones((2, 1, 1, 4), bool)
    return [
        case(word_ids(rng, 1, 2), normal(rng, 1, 3, 4), seed=9, **SMALL),
        case(word_ids(rng, 2, 5, vocabulary=11), normal(rng, 2, 4, 6), cross_mask=mask, seed=10, norm="pre", **DEEPER),
    ]


def _decoder_training_cases(rng):
    return [
        case(word_ids(rng, 1, 2), normal(rng, 1, 3, 4), seed=11, **SMALL | {"dropout_rate": 0.25}),
    ]


def _embed(**changes):
    return functools.partial(embedded, **changes)


def _by_width(size):
    """For each width that is tried, another size that goes with it."""
    return {sizes["embedding_dim"]: size(sizes) for sizes in (SMALL, DEEP)}


def _last_only(x, scores, asked):
    last = max(scores, default="decoder/0/self").split("/")[1]
    return (x, {key: value for key, value in scores.items() if key.split("/")[1] == last}) if asked else x


register(
    Exercise(
        name="Decoder",
        notebook="07_decoder_and_transformer",
        reference=Decoder,
        oracle=decoder_variant(),
        properties=(
            Property(
                "one word: embedding, positions, the layers in a row", 2, _one_place_cases, steadily(_decoder_output)
            ),
            Property("several words: none sees a later one, nor padding", 2, _place_cases, _decoder_output),
            Property("masks that are given are used, each in its place", 1, _given_mask_cases, _decoder_output),
            Property(
                'norm="pre": one more norm at the end',
                1,
                lambda rng: [
                    case(word_ids(rng, 2, 4, vocabulary=11), normal(rng, 2, 3, 6), seed=13, norm="pre", **DEEPER)
                ],
                _decoder_output,
            ),
            Property(
                "(output, scores) where asked: a dict with two entries a layer",
                1,
                _decoder_score_cases,
                _decoder_scores,
            ),
            Property("dropout in training, and only there", 1, _decoder_training_cases, _decoder_training),
            Property(
                "the same in a compiled function, for a batch of any size",
                1,
                lambda rng: [case(word_ids(rng, 2, 4), normal(rng, 2, 3, 4), seed=14, **SMALL)],
                _decoder_compiled,
            ),
        ),
        mistakes=(
            Mistake(RESTLESS, decoder_variant(step=lambda decoder, x: by_dice(x))),
            Mistake(
                "the embedding is not scaled: multiply it by √D",
                decoder_variant(embed=_embed(order=("positions", "dropout"))),
            ),
            Mistake(
                "the embedding is multiplied by D: it is √D",
                decoder_variant(embed=_embed(scale=lambda D: D)),
            ),
            Mistake(
                "the embedding is multiplied by D/2: D**1/2 is (D**1)/2, the root is D**0.5",
                decoder_variant(embed=_embed(scale=lambda D: D / 2)),
            ),
            *(
                Mistake(
                    f"multiplied by the root of {what}: it is √D, the embedding's width",
                    decoder_variant(embed=_embed(scale=lambda D, of_width=of_width: math.sqrt(of_width[D]))),
                )
                for what, of_width in (
                    ("the vocabulary's size", _by_width(lambda sizes: sizes["target_vocab_size"])),
                    ("F", _by_width(lambda sizes: sizes["fully_connected_dim"])),
                    ("a head's width", _by_width(lambda sizes: sizes["embedding_dim"] // sizes["num_heads"])),
                )
            ),
            Mistake(
                "the embedding is divided by √D: it is multiplied",
                decoder_variant(embed=_embed(scale=lambda D: 1 / math.sqrt(D))),
            ),
            Mistake(
                "the positions are scaled too: multiply by √D first, then add them",
                decoder_variant(embed=_embed(order=("positions", "scale", "dropout"))),
            ),
            Mistake(
                "the embeddings are added twice: self.positional_encoding gives back x with positions added",
                decoder_variant(embed=_embed(scale=lambda D: 2 * math.sqrt(D))),
            ),
            Mistake(
                "positions are added twice: self.positional_encoding adds them to what it gets",
                decoder_variant(embed=_embed(order=("scale", "positions", "positions", "dropout"))),
            ),
            Mistake(
                "no positions are added: self.positional_encoding does it",
                decoder_variant(embed=_embed(order=("scale", "dropout"))),
            ),
            Mistake(
                "neither scaled nor with positions: the bare embedding went into the layers",
                decoder_variant(embed=_embed(order=("dropout",))),
            ),
            Mistake(
                "positions count from 1: the first is 0",
                decoder_variant(embed=_embed(start=1)),
            ),
            Mistake(
                "only the first layer runs: loop over self.decoder_layers",
                decoder_variant(layers=lambda layers: layers[:1]),
            ),
            Mistake(
                "only the last layer counts: each of self.decoder_layers takes the x that the one before it gave",
                decoder_variant(layers=lambda layers: layers[-1:]),
            ),
            Mistake(
                "the first layer runs again and again: take each of self.decoder_layers in turn",
                decoder_variant(layers=lambda layers: layers[:1] * len(layers)),
            ),
            Mistake(
                "two layers run, however many there are: loop over self.decoder_layers",
                decoder_variant(layers=lambda layers: layers[:2]),
            ),
            Mistake(
                "the layers run in reverse order",
                decoder_variant(layers=lambda layers: layers[::-1]),
            ),
            Mistake(
                "the layers look at the target in the source's place: every layer gets `encoder_output`",
                decoder_variant(memory=lambda encoded, x: x),
            ),
            Mistake(
                "what a layer gave has taken the place of `encoder_output` for the next: that goes into each unchanged",
                decoder_variant(kept=lambda encoded, x: x),
            ),
            Mistake(
                "input and source have changed places: layer(x, encoder_output, …)",
                decoder_variant(feed=lambda x, encoded: encoded, memory=lambda encoded, x: x),
            ),
            Mistake("no layer runs: the embedded words came back", decoder_variant(layers=lambda layers: [])),
            Mistake(
                "without a mask it lets everything be seen: build one of look-ahead and padding",
                decoder_variant(own=lambda ids, pad_id: None),
            ),
            Mistake(
                "its own mask hides padding only: a word must not see a later one, create_look_ahead_mask",
                decoder_variant(own=padding),
            ),
            Mistake(
                "its own mask hides the future only: padding too is not to be seen, create_padding_mask",
                decoder_variant(own=lambda ids, pad_id: causal(ids.shape[1])),
            ),
            *(
                Mistake(
                    what,
                    decoder_variant(
                        own=lambda ids, pad_id, k=k: np.tri(ids.shape[1], k=k, dtype=bool) & padding(ids, pad_id)
                    ),
                )
                for what, k in (
                    ("its own mask lets each word see the next one: it ends at the word itself", 1),
                    ("its own mask hides each word from itself: it ends at the word itself", -1),
                )
            ),
            Mistake(
                "its own mask is turned around: True = may attend",
                decoder_variant(own=lambda ids, pad_id: ~own_mask(ids, pad_id)),
            ),
            Mistake(
                "in its own mask padding is turned around: True = may attend",
                decoder_variant(own=lambda ids, pad_id: causal(ids.shape[1]) & ~padding(ids, pad_id)),
            ),
            Mistake(
                "its own mask is transposed: rows are the words that look",
                decoder_variant(own=lambda ids, pad_id: causal(ids.shape[1]).T & padding(ids, pad_id)),
            ),
            Mistake(
                "its own mask takes padding to be 0: it is self.pad_id",
                decoder_variant(own=lambda ids, pad_id: own_mask(ids, 0)),
            ),
            Mistake(
                'allowed is what *either* mask allows: it must be both, "and"',
                decoder_variant(own=lambda ids, pad_id: causal(ids.shape[1]) | padding(ids, pad_id)),
            ),
            Mistake(
                "a mask that is given is thrown away: build one only where self_attention_mask is None",
                decoder_variant(given=lambda mask, own: own),
            ),
            Mistake(
                "a mask that is given is joined with the decoder's own: it stands alone",
                decoder_variant(given=lambda mask, own: own if mask is None else mask & own),
            ),
            Mistake(
                "cross_attention_mask is not handed on to the layers",
                decoder_variant(cross=lambda self_mask, cross_mask: None),
            ),
            Mistake(
                "cross-attention gets the target's mask: hand on cross_attention_mask, which is the source's",
                decoder_variant(cross=lambda self_mask, cross_mask: self_mask),
            ),
            Mistake(
                "the two masks have changed places: self_attention_mask hides the future, cross_attention_mask is the "
                "source's",
                decoder_variant(
                    looks_back=lambda self_mask, cross_mask: cross_mask, cross=lambda self_mask, cross_mask: self_mask
                ),
            ),
            Mistake(
                "the norm at the end stands in the loop, after every layer: it comes once, behind the last",
                decoder_variant(step=after_the_last_layer, finish=lambda decoder, x: x),
            ),
            Mistake(
                "the norm at the end stands in the loop, after every layer: it comes once, behind the last",
                decoder_variant(step=after_the_last_layer),
            ),
            Mistake(
                "the norm at the end stands before the layers: it comes behind the last",
                decoder_variant(
                    embed=lambda decoder, ids, training: after_the_last_layer(
                        decoder, embedded(decoder, ids, training)
                    ),
                    finish=lambda decoder, x: x,
                ),
            ),
            Mistake(
                "the norm at the end is missing: where self.final_norm is not None it takes x",
                decoder_variant(finish=lambda decoder, x: x),
            ),
            Mistake(
                "where the scores are asked for the norm at the end is missing: it comes in both cases",
                decoder_variant(bare=lambda asked: asked),
            ),
            Mistake(
                "where the scores are asked for the masks are forgotten: they are needed in both cases",
                decoder_variant(unmasked=lambda asked: asked),
            ),
            Mistake(
                "the masks are used only where the scores are asked for: they are needed in both cases",
                decoder_variant(unmasked=lambda asked: not asked),
            ),
            *(
                Mistake(
                    UNBRACKETED, decoder_variant(result=lambda x, scores, asked, b=b: (x, scores if asked else b(x)))
                )
                for b in (lambda x: x, lambda x: None)
            ),
            Mistake(IN_A_LIST, decoder_variant(result=lambda x, scores, asked: (x, scores) if asked else [x])),
            Mistake(
                "a pair came back although the scores were not asked for: look at return_attention_scores",
                decoder_variant(result=lambda x, scores, asked: (x, scores)),
            ),
            Mistake(
                "only the output came back although the scores were asked for: look at return_attention_scores",
                decoder_variant(result=lambda x, scores, asked: x),
            ),
            Mistake(
                "the scores are a list: give them back as a dict, under names such as decoder/0/cross",
                decoder_variant(result=lambda x, scores, asked: (x, list(scores.values())) if asked else x),
            ),
            Mistake(
                "the scores came back one by one: give back a pair, x and a dict",
                decoder_variant(result=lambda x, scores, asked: (x, *scores.values()) if asked else x),
            ),
            Mistake(
                "the scores come first: the output, then the dict",
                decoder_variant(result=lambda x, scores, asked: (scores, x) if asked else x),
            ),
            *(
                Mistake(
                    "the scores' names are others: decoder/0/self, decoder/0/cross, decoder/1/self …",
                    decoder_variant(keys=lambda n, name=name: (f"{name.format(n)}self", f"{name.format(n)}cross")),
                )
                for name in ("{}/", "decoder{}/", "encoder/{}/", "decoder/layer{}/", "decoder_{}/")
            ),
            Mistake(
                "the names are tuples: they are texts, decoder/0/self, decoder/0/cross, decoder/1/self …",
                decoder_variant(keys=lambda n: (("decoder", n, "self"), ("decoder", n, "cross"))),
            ),
            Mistake(
                "the scores of the last layer only came back: collect two from each layer",
                decoder_variant(result=_last_only),
            ),
            Mistake(
                "the layers are counted from 1: the first is decoder/0",
                decoder_variant(keys=lambda n: (f"decoder/{n + 1}/self", f"decoder/{n + 1}/cross")),
            ),
            Mistake(
                "self and cross stand under each other's name: a layer gives (output, self, cross)",
                decoder_variant(swapped=True),
            ),
            Mistake(
                "the scores of self-attention are missing in the dict",
                decoder_variant(keys=lambda n: (f"decoder/{n}/cross", f"decoder/{n}/cross")),
            ),
            Mistake(
                "dropout never acts: self.dropout_layer takes the words with their positions, and the layers take "
                "`training`",
                decoder_variant(embed=_embed(order=("scale", "positions")), training_inside=lambda training: False),
            ),
            Mistake(
                "self.dropout_layer is not used: it takes the words with their positions",
                decoder_variant(embed=_embed(order=("scale", "positions"))),
            ),
            Mistake(
                "self.dropout_layer acts before the positions are added: it comes after",
                decoder_variant(embed=_embed(order=("scale", "dropout", "positions"))),
            ),
            Mistake(
                "the layers do not hear that it is training: hand `training` on to them",
                decoder_variant(training_inside=lambda training: False),
            ),
            Mistake(
                "dropout acts outside training too: hand `training` on as it came",
                decoder_variant(training_inside=lambda training: True),
            ),
            Mistake(
                "self.dropout_layer drops outside training too: hand `training` on as it came",
                decoder_variant(embed=lambda decoder, ids, training: embedded(decoder, ids, True)),
            ),
            Mistake(
                "dropout acts outside training too: hand `training` on as it came",
                decoder_variant(
                    embed=lambda decoder, ids, training: embedded(decoder, ids, True),
                    training_inside=lambda training: True,
                ),
            ),
            Mistake(
                "`training` is turned around: hand it on as it is",
                decoder_variant(
                    embed=lambda decoder, ids, training: embedded(decoder, ids, not training),
                    training_inside=lambda training: not training,
                ),
            ),
            *(
                Mistake(
                    what,
                    decoder_variant(
                        embed=lambda decoder, ids, training, hears=hears: embedded(decoder, ids, hears(training)),
                        training_inside=hears,
                    ),
                )
                for what, hears in MISHEARD
            ),
            *(Mistake(diagnosis, lacking(words, decoder_variant())) for words, diagnosis in NOT_COMPILED),
        ),
        hints=(
            "Line by line the encoder's call, with two more things: the future is hidden too, and every layer also "
            "gets encoder_output.",
            "combine_masks(create_look_ahead_mask(T), create_padding_mask(token_ids, self.pad_id)), but only where "
            "self_attention_mask is None. T is ops.shape(token_ids)[1].",
            "In the loop: x, one, two = layer(x, encoder_output, self_attention_mask=…, cross_attention_mask=…, "
            "training=training, return_attention_scores=True); the two go into the dict under the layer's number.",
        ),
    )
)
