"""The exercise Encoder: what must hold, and what each mistake looks like."""

import functools
import math

import keras
import numpy as np
from keras import ops

from utils.checks.encoder.encoder_variant import at_the_end, encoder_variant
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
from utils.checks.in_numpy import (
    causal,
    embedded,
    own_mask,
    padding,
    positions,
    with_heads,
)
from utils.layers.encoder import Encoder

VOCABULARY, INNER, HEADS = 11, 5, 2
SIZES = {"fully_connected_dim": INNER, "input_vocab_size": VOCABULARY, "maximum_position_encoding": 10}


def _encoder(answer, token_ids, seed, embedding_dim=6, num_layers=2, num_heads=HEADS, **arguments):
    sizes = {"num_layers": num_layers, "embedding_dim": embedding_dim, "num_heads": num_heads}
    more = {"dropout_rate": 0.0}  # has a property of its own
    return with_weights(answer, token_ids.shape, seed, **sizes, **SIZES, **more, **arguments)


def _encoded(answer, token_ids, attention_mask=None, seed=0, **arguments):
    options = {} if attention_mask is None else {"attention_mask": attention_mask}
    result = alone(_encoder(answer, token_ids, seed, **arguments)(token_ids, **options))
    if not isinstance(result, (tuple, list)) or isinstance(result[1], str):
        return result
    return result[0], {dict: "and a dict"}.get(type(result[1]), "and more")


def _encoded_compiled(answer, token_ids, seed=0, **arguments):
    layer = _encoder(answer, token_ids, seed, **arguments)
    return compiled_in_training(layer, token_ids, return_attention_scores=True)


def _encoded_with_scores(answer, token_ids, seed=0, **arguments):
    """The output, the names of the scores in one line, and all scores in the order of their names."""
    results = _encoder(answer, token_ids, seed, **arguments)(token_ids, return_attention_scores=True)
    if not isinstance(results, (tuple, list)) or len(results) != 2:
        return results
    output, scores = results
    if isinstance(output, dict):
        return "a dict, and something behind it"
    if not isinstance(scores, dict):
        what = f"tensor of {len(scores.shape)} axes" if hasattr(scores, "shape") else type(scores).__name__
        return output, f"scores in a {what}, where a dict is asked for", None
    each = [scores[name] for name in sorted(scores, key=str)]
    shapes = {tuple(getattr(one, "shape", ())) for one in each}
    together = [ops.stack(each)] if len(shapes) == 1 and () not in shapes else each
    return output, ", ".join(sorted(map(str, scores))), *together


class _Through(keras.layers.Layer):
    """Stands in for an encoder layer: gives back what it gets, and remembers whether that was training."""

    heard = None

    def call(self, x, attention_mask=None, training=None, return_attention_scores=False):
        self.heard = bool(training)
        return (x, x) if return_attention_scores else x


DROPOUT_SHAPE = 3, 6, 8  # B, S, D


def _encoder_dropped(answer, rate, training, seed):
    """The embedded input with dropout, and what the layers heard: all of them are replaced by ones that do nothing."""
    B, S, D = DROPOUT_SHAPE
    ids = np.random.default_rng(seed).integers(1, VOCABULARY, (B, S)).astype("int32")
    table = np.full((VOCABULARY, D), 2.0, "float32")
    layer, through = _transparent(answer, table, num_layers=1, embedding_dim=D, dropout_rate=rate)
    through.heard = None
    made = ops.convert_to_numpy(layer(ids) if training is None else layer(ids, training=training))
    heard = {
        None: "no layer was called",
        True: "the layers heard of training",
        False: "the layers heard of no training",
    }
    return made, heard[through.heard]


def _what_was_dropped(results, rate, training, seed):
    """What dropout did to the embedded input, in words, and what the layers heard."""
    (made, heard), (B, S, D) = results, DROPOUT_SHAPE
    base = np.broadcast_to(2.0 * math.sqrt(D) + positions(S, D, 0), (B, S, D))
    words = ratio_words(made, base, rate) if made.shape == base.shape else f"an output of shape {made.shape}"
    return words, heard


def _transparent(kind, table, **arguments):
    """An encoder whose only layer is one that does nothing, and that layer."""
    if hasattr(kind, "model_of"):
        layer, through = kind([table], **arguments), _Through()
        layer.parts["layers"] = [through.call]
        return layer, through
    layer = _built_transparent(kind, tuple(arguments.items()))
    layer.set_weights([table])
    return layer, layer.encoder_layers[0]


@functools.lru_cache(maxsize=16)
def _built_transparent(kind, arguments):
    layer = kind(num_heads=HEADS, **SIZES, **dict(arguments))
    layer.encoder_layers = [_Through()]
    layer.build((None, None))
    return layer


def _joined(ids, pad_id, mask):
    return padding(ids, pad_id) if mask is None else with_heads(mask) & padding(ids, pad_id)


def _last_scores(x, scores, asked):
    """The last layer's alone, as a tensor: what stands in the dict's place is named by its type."""
    return (x, ops.convert_to_tensor(list(scores.values())[-1])) if asked else x


def _embed(**changes):
    return functools.partial(embedded, **changes)


def _normed_at_the_start(encoder, ids, training):
    x = embedded(encoder, ids, training, order=("scale", "positions"))
    return encoder.drop(training)(at_the_end(encoder, x))


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
        case(_ids(rng, 2, 5, padding=2), attention_mask=random_mask(rng, 2, 5, 5), seed=36),
    ]


def _pre_cases(rng):
    return [
        case(_ids(rng, 1, 3, padding=0), seed=37, norm="pre"),
        case(_ids(rng, 2, 5), seed=38, norm="pre", num_layers=3),
    ]


def _dict_cases(rng):
    return [
        case(_ids(rng, 1, 3), seed=39),
        case(_ids(rng, 2, 5), seed=40),
        case(_ids(rng, 2, 4), seed=42, norm="pre"),
    ]


register(
    Exercise(
        name="Encoder",
        notebook="06_encoder",
        reference=Encoder,
        oracle=encoder_variant(),
        properties=(
            Property("embed, scale, add positions, then layer after layer", 2, _plain_id_cases, run=steadily(_encoded)),
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
                    case(rate=0.4, training=None, seed=3),
                ],
                run=_encoder_dropped,
                read=_what_was_dropped,
            ),
            Property(
                "the same in a compiled function, for a batch of any size",
                1,
                lambda rng: [case(_ids(rng, 2, 5, padding=2), seed=41)],
                run=_encoded_compiled,
            ),
        ),
        mistakes=(
            Mistake(RESTLESS, encoder_variant(step=lambda encoder, x, y: by_dice(y))),
            Mistake(
                "the embeddings are not multiplied by √D",
                encoder_variant(embed=_embed(order=("positions", "dropout"))),
            ),
            Mistake(
                "the embeddings are multiplied by D: its square root is meant",
                encoder_variant(embed=_embed(scale=lambda D: D)),
            ),
            Mistake(
                "the embeddings are multiplied by D/2: D**1/2 is (D**1)/2, the root is D**0.5",
                encoder_variant(embed=_embed(scale=lambda D: D / 2)),
            ),
            Mistake(
                "positions count from 1: the first is 0",
                encoder_variant(embed=_embed(start=1)),
            ),
            Mistake(
                "the embeddings are divided by √D: they are multiplied",
                encoder_variant(embed=_embed(scale=lambda D: D**-0.5)),
            ),
            Mistake(
                "multiplied by the root of the vocabulary's size: it is √D, the embedding's width",
                encoder_variant(embed=_embed(scale=lambda D: VOCABULARY**0.5)),
            ),
            Mistake(
                "multiplied by the root of F: it is √D, the embedding's width",
                encoder_variant(embed=_embed(scale=lambda D: INNER**0.5)),
            ),
            Mistake(
                "multiplied by the root of a head's width: it is √D, the embedding's width",
                encoder_variant(embed=_embed(scale=lambda D: (D / HEADS) ** 0.5)),
            ),
            Mistake(
                "the positions are multiplied by √D too: scale the embeddings first, then add positions",
                encoder_variant(embed=_embed(order=("positions", "scale", "dropout"))),
            ),
            Mistake(
                "positions are added, but the scaled embeddings are lost",
                encoder_variant(embed=_embed(scale=lambda D: 0)),
            ),
            Mistake(
                "no positions are added: self.positional_encoding does that",
                encoder_variant(embed=_embed(order=("scale", "dropout"))),
            ),
            Mistake(
                "neither scaled nor given positions: two steps are missing after the embedding",
                encoder_variant(embed=_embed(order=("dropout",))),
            ),
            Mistake(
                "the embeddings are added twice: self.positional_encoding gives back x with positions added",
                encoder_variant(embed=_embed(scale=lambda D: 2 * math.sqrt(D))),
            ),
            Mistake(
                "positions are added twice: self.positional_encoding adds them to what it gets",
                encoder_variant(embed=_embed(order=("scale", "positions", "positions", "dropout"))),
            ),
            Mistake(
                "positions are added before every layer: once is enough, to the embeddings",
                encoder_variant(
                    embed=_embed(order=("scale", "dropout")), reads=lambda x, start: x + positions(*x.shape[1:], 0)
                ),
            ),
            Mistake("no layer is run", encoder_variant(layers=lambda layers: [])),
            Mistake(
                "not all layers are run: go through self.encoder_layers, from the first to the last",
                encoder_variant(layers=lambda layers: layers[:1]),
            ),
            Mistake(
                "not all layers are run: go through self.encoder_layers, from the first to the last",
                encoder_variant(layers=lambda layers: layers[:-1]),
            ),
            Mistake(
                "the first layer is run again and again",
                encoder_variant(layers=lambda layers: layers[:1] * len(layers)),
            ),
            Mistake(
                "two layers run, however many there are: loop over self.encoder_layers",
                encoder_variant(layers=lambda layers: layers[:2]),
            ),
            Mistake(
                "the layers run in reverse order",
                encoder_variant(layers=lambda layers: layers[::-1]),
            ),
            Mistake(
                "every layer reads the embeddings: each reads what the one before it gave",
                encoder_variant(reads=lambda x, start: start),
            ),
            Mistake(
                "each layer's input is added to its output once more: the residuals are inside",
                encoder_variant(step=lambda encoder, x, y: x + y),
            ),
            Mistake(
                "padding is not hidden: without a mask make one with create_padding_mask, and hand it to every layer",
                encoder_variant(mask_of=lambda ids, pad_id, mask: mask),
            ),
            Mistake(
                "padding is always id 0 here: hand self.pad_id on",
                encoder_variant(mask_of=lambda ids, pad_id, mask: padding(ids, 0) if mask is None else mask),
            ),
            Mistake(
                "the padding mask is turned around: True = may be looked at",
                encoder_variant(mask_of=lambda ids, pad_id, mask: ~padding(ids, pad_id) if mask is None else mask),
            ),
            Mistake(
                "only the first layer gets the mask: all need it",
                encoder_variant(mask_for=lambda n, mask: mask if n == 0 else None),
            ),
            Mistake(
                "the mask that was given is overwritten by the padding mask: make one only where there is none",
                encoder_variant(mask_of=lambda ids, pad_id, mask: padding(ids, pad_id)),
            ),
            Mistake(
                "the mask that was given is joined with the padding mask: it is used as it is",
                encoder_variant(mask_of=_joined),
            ),
            Mistake(
                "the mask that was given is joined with the padding mask: it is used as it is",
                encoder_variant(
                    mask_of=lambda ids, pad_id, mask: padding(ids, pad_id) & (True if mask is None else mask)
                ),
            ),
            Mistake(
                "the padding mask hides the rows of padding, not the columns: its shape is (B, 1, 1, S)",
                encoder_variant(
                    mask_of=lambda ids, pad_id, mask: padding(ids, pad_id).swapaxes(2, 3) if mask is None else mask
                ),
            ),
            Mistake(
                "rows of padding are hidden too, not its columns alone: its shape is (B, 1, 1, S)",
                encoder_variant(
                    mask_of=lambda ids, pad_id, mask: (
                        padding(ids, pad_id) & padding(ids, pad_id).swapaxes(2, 3) if mask is None else mask
                    )
                ),
            ),
            *(
                Mistake(
                    "later words are hidden too: an encoder looks both ways, its own mask hides padding alone",
                    encoder_variant(mask_of=own),
                )
                for own in (
                    lambda ids, pad_id, mask: own_mask(ids, pad_id) if mask is None else mask,
                    lambda ids, pad_id, mask: causal(ids.shape[1]) if mask is None else mask,
                )
            ),
            Mistake(
                "the final norm is missing: with pre, self.final_norm comes last",
                encoder_variant(end=lambda encoder, x: x),
            ),
            Mistake(
                "the final norm stands before the layers: it comes last",
                encoder_variant(embed=_normed_at_the_start, end=lambda encoder, x: x),
            ),
            Mistake(
                "the final norm acts after every layer: it comes once, at the end",
                encoder_variant(step=lambda encoder, x, y: at_the_end(encoder, y), end=lambda encoder, x: x),
            ),
            Mistake(
                "where the scores are asked for the final norm is missing: with pre it comes last in both cases",
                encoder_variant(bare=lambda asked: asked),
            ),
            Mistake(
                "where the scores are asked for the mask is forgotten: it is needed in both cases",
                encoder_variant(unmasked=lambda asked: asked),
            ),
            Mistake(
                "the mask is used only where the scores are asked for: it is needed in both cases",
                encoder_variant(unmasked=lambda asked: not asked),
            ),
            Mistake(
                "a pair came back although the scores were not asked for: look at return_attention_scores",
                encoder_variant(result=lambda x, scores, asked: (x, scores)),
            ),
            *(
                Mistake(
                    UNBRACKETED, encoder_variant(result=lambda x, scores, asked, b=b: (x, scores if asked else b(x)))
                )
                for b in (lambda x: x, lambda x: None)
            ),
            Mistake(IN_A_LIST, encoder_variant(result=lambda x, scores, asked: (x, scores) if asked else [x])),
            Mistake(
                "only the output came back although the scores were asked for: look at return_attention_scores",
                encoder_variant(result=lambda x, scores, asked: x),
            ),
            Mistake(
                "the scores come first: the output, then the dict",
                encoder_variant(result=lambda x, scores, asked: (scores, x) if asked else x),
            ),
            Mistake(
                'the names count from 1: the first layer is "encoder/0/self"',
                encoder_variant(name=lambda n: f"encoder/{n + 1}/self"),
            ),
            Mistake(
                'every layer has the same name, so one of them is left: "encoder/0/self", "encoder/1/self" …',
                encoder_variant(name=lambda n: "encoder/0/self"),
            ),
            Mistake(
                'the keys are the bare numbers: they read "encoder/0/self" and so on',
                encoder_variant(name=lambda n: n),
            ),
            Mistake(
                'the keys read "encoder/0": "/self" is missing at their end',
                encoder_variant(name=lambda n: f"encoder/{n}"),
            ),
            Mistake(
                "the scores came as a list: a dict is asked for, with the layers' names as keys",
                encoder_variant(result=lambda x, scores, asked: (x, list(scores.values())) if asked else x),
            ),
            Mistake(
                "only the last layer's scores are left in the dict: make it once, before the loop",
                encoder_variant(result=lambda x, scores, asked: (x, dict(list(scores.items())[-1:])) if asked else x),
            ),
            Mistake(
                "only the last layer's scores came back: a dict with those of all layers is asked for",
                encoder_variant(result=_last_scores),
            ),
            Mistake(
                "the embedded input is not dropped: self.dropout_layer takes it, before the layers",
                encoder_variant(embed=_embed(order=("scale", "positions"))),
            ),
            Mistake(
                "dropout acts outside training too: hand `training` on, do not set it",
                encoder_variant(embed=lambda encoder, ids, training: embedded(encoder, ids, True)),
            ),
            *(
                Mistake(
                    what,
                    encoder_variant(
                        embed=lambda encoder, ids, training, but=but: embedded(encoder, ids, training is not but),
                        train=lambda training, but=but: training is not but,
                    ),
                )
                for what, but in ((DEFAULT_DROPS, False), (FALSE_DROPS, None))
            ),
            Mistake(
                "`training` is turned around: hand it on as it is",
                encoder_variant(
                    embed=lambda encoder, ids, training: embedded(encoder, ids, not training),
                    train=lambda training: not training,
                ),
            ),
            Mistake(
                "`training` does not reach the layers: hand it on to each",
                encoder_variant(train=lambda training: False),
            ),
            Mistake(
                "the layers always drop: hand `training` on, do not set it",
                encoder_variant(train=lambda training: True),
            ),
            Mistake(
                "dropout acts outside training too: hand `training` on, do not set it",
                encoder_variant(
                    embed=lambda encoder, ids, training: embedded(encoder, ids, True), train=lambda training: True
                ),
            ),
            *(Mistake(diagnosis, lacking(words, encoder_variant())) for words, diagnosis in NOT_COMPILED),
            Mistake(
                "dropout acts before the positions are added: it comes after",
                encoder_variant(embed=_embed(order=("scale", "dropout", "positions"))),
            ),
        ),  # fmt: skip
        hints=(
            "Ids become vectors, times √D, plus positions, with dropout; then every layer of self.encoder_layers in "
            "turn; with pre, self.final_norm at the end.",
            "Where attention_mask is None, make one: create_padding_mask(token_ids, self.pad_id). Every layer gets the "
            "same mask and `training`.",
            "In the loop: x, weights = layer(x, attention_mask=attention_mask, training=training, "
            'return_attention_scores=True); scores[f"encoder/{n}/self"] = weights. Behind the loop self.final_norm '
            "takes x, unless it is None.",
        ),
    )
)
