"""The exercise Transformer: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.decoder_and_transformer.shared import (
    ONE,
    TRAINING,
    WIDE,
    flattened,
    made,
    marked,
    only,
    several,
    word_ids,
)
from utils.checks.decoder_and_transformer.transformer_variant import (
    HEARD,
    everything,
    model_variant,
    shifted,
    target_padding,
    three_masks,
    with_masks,
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
from utils.checks.in_numpy import (
    causal,
    fitting,
    own_mask,
    padding,
    softmax_of,
)
from utils.layers.transformer import Transformer

WORDS = {"input_vocab_size": 13, "target_vocab_size": 11}


PLACES = {"max_positional_encoding_input": 9, "max_positional_encoding_target": 8}


NARROW = {"num_layers": 1, **ONE, **WORDS, **PLACES}


BROAD = {"num_layers": 1, **WIDE, **WORDS, **PLACES}


def _model(answer, seed, **arguments):
    return made(answer, (((None, None), (None, None)),), seed, **arguments)


def _logits(answer, source, target, seed=0, **arguments):
    return only(_model(answer, seed, **arguments)((source, target)))


def _model_scores(answer, source, target, seed=0, **arguments):
    model = _model(answer, seed, **arguments)
    results = model((source, target), return_attention_scores=True)
    dicts = [part for part in several(results) if isinstance(part, dict)]
    return "a dict of dicts" if any(isinstance(v, dict) for part in dicts for v in part.values()) else only(results)


def _model_training(answer, source, target, seed=0, **arguments):
    model = marked(_model(answer, seed, **arguments))
    return flattened(*(model((source, target), **said) for said in TRAINING))


def _compiled(answer, source, target, seed=0, **arguments):
    model = _model(answer, seed, **arguments)
    return compiled_in_training(model, source, target, call=lambda model, *pair, **options: model(pair, **options))


def _padded(rng, length, *kept, vocabulary):
    """Sentences with words at the first `kept` places each, padding behind."""
    ids = word_ids(rng, len(kept), length, vocabulary=vocabulary)
    return np.where(np.arange(length) < np.array(kept)[:, None], ids, 0).astype("int32")


def _one_target_word_cases(rng):
    return [
        case(word_ids(rng, 1, 1), word_ids(rng, 1, 1), seed=1, **NARROW),
        case(word_ids(rng, 2, 4), word_ids(rng, 2, 1), seed=2, **BROAD),
    ]


def _source_padding_cases(rng):
    return [
        case(_padded(rng, 4, 2, 4, vocabulary=13), _padded(rng, 4, 4, 3, vocabulary=9), seed=3, **NARROW),
        case(_padded(rng, 5, 5, 3, vocabulary=13), word_ids(rng, 2, 1), seed=4, **BROAD),
    ]


def _target_cases(rng):
    return [
        case(word_ids(rng, 1, 3, vocabulary=13), word_ids(rng, 1, 2), seed=5, **NARROW),
        case(word_ids(rng, 2, 4, vocabulary=13), word_ids(rng, 2, 6), seed=6, **BROAD),
    ]


def _target_padding_cases(rng):
    target = np.array([[5, 6, 0, 7], [0, 8, 9, 0]], "int32")
    other = np.array([[5, 2, 0, 7, 2, 2], [2, 8, 9, 0, 4, 2]], "int32")
    source = np.array([[2, 5, 0], [7, 2, 2]], "int32")
    return [
        case(_padded(rng, 5, 3, 5, vocabulary=13), target, seed=7, **NARROW),
        case(source, other, seed=8, pad_id=2, **BROAD),
    ]


def _model_score_cases(rng):
    two_layers = BROAD | {"num_layers": 2}
    return [
        case(word_ids(rng, 1, 3), word_ids(rng, 1, 2), seed=9, **NARROW),
        case(_padded(rng, 5, 3, 5, vocabulary=13), _padded(rng, 4, 4, 2, vocabulary=11), seed=10, **two_layers),
    ]


def _model_training_cases(rng):
    dropped = {"dropout_rate": 0.25}
    return [case(word_ids(rng, 2, 3), word_ids(rng, 2, 2), seed=11, **NARROW | dropped)]


register(
    Exercise(
        name="Transformer",
        notebook="07_decoder_and_transformer",
        reference=Transformer,
        oracle=model_variant(),
        properties=(
            Property(
                "source and one word of target: encoder, decoder, logits", 2, _one_target_word_cases, steadily(_logits)
            ),
            Property("the source's padding is never looked at", 2, _source_padding_cases, _logits),
            Property("no word of the target sees a later one", 1, _target_cases, _logits),
            Property("nor padding of the target, whatever its id", 1, _target_padding_cases, _logits),
            Property("(logits, scores) where asked: one dict for both halves", 1, _model_score_cases, _model_scores),
            Property("dropout in training, and only there", 1, _model_training_cases, _model_training),
            Property(
                "the same in a compiled function, for a batch of any size",
                1,
                lambda rng: [case(word_ids(rng, 2, 4, vocabulary=13), word_ids(rng, 2, 3), seed=12, **NARROW)],
                _compiled,
            ),
        ),
        mistakes=(
            Mistake(RESTLESS, model_variant(finish=by_dice)),
            Mistake(
                "a softmax at the end: logits are asked for, the loss does the softmax",
                model_variant(finish=softmax_of),
            ),
            Mistake(
                "a log-softmax at the end: logits are asked for, the loss does that",
                model_variant(finish=lambda logits: np.log(softmax_of(logits))),
            ),
            Mistake(
                "a sigmoid at the end: logits are asked for, as self.output_layer gives them",
                model_variant(finish=lambda logits: 1 / (1 + np.exp(-logits))),
            ),
            Mistake(
                "a relu at the end: logits are asked for, as self.output_layer gives them, negative ones too",
                model_variant(finish=lambda logits: np.maximum(logits, 0)),
            ),
            Mistake(
                "the last layer's biases are missing: call self.output_layer, which adds them",
                model_variant(dense=lambda x, kernel, bias: x @ kernel),
            ),
            Mistake(
                "the ids of the likeliest words came back: logits are asked for, one for each word of the vocabulary",
                model_variant(finish=lambda logits: np.argmax(logits, axis=-1)),
            ),
            Mistake(
                "the last layer is missing: self.output_layer turns (B, T, D) into (B, T, V)",
                model_variant(dense=lambda x, kernel, bias: x),
            ),
            *(
                Mistake(
                    "the target's embedding stands for the last layer's matrix: self.output_layer has its own weights",
                    model_variant(tied=bias),
                )
                for bias in (0, 1)
            ),
            Mistake(
                "the last layer is given what the encoder gave: it turns what the decoder gave",
                model_variant(shown=lambda decoded, encoded: encoded),
            ),
            Mistake(
                "only the last place came back: logits are asked for at all T of them",
                model_variant(finish=lambda logits: logits[:, -1:]),
            ),
            Mistake(
                "only the last place came back: logits are asked for at all T of them",
                model_variant(finish=lambda logits: logits[:, -1]),
            ),
            Mistake(
                "source and target have changed places: inputs are (source_ids, target_ids)",
                model_variant(take=lambda inputs: inputs[::-1]),
            ),
            Mistake(
                "the decoder reads the source: it reads target_ids, and looks at what the encoder gave",
                model_variant(
                    written=lambda source, target: source,
                    masks=with_masks(own=lambda source, target, pad_id: own_mask(source, pad_id)),
                ),
            ),
            Mistake(
                "the decoder reads the source: it reads target_ids, and looks at what the encoder gave",
                model_variant(written=lambda source, target: source),
            ),
            *(
                Mistake(
                    "the target is shifted once more: target_ids have their start already, the decoder reads them as "
                    "they are",
                    model_variant(take=shifted(start)),
                )
                for start in (1, 0, 2, None)
            ),
            *(
                Mistake(
                    "a place of the target is cut off: target_ids are what the decoder reads, all T of them",
                    model_variant(take=lambda inputs, kept=kept: (inputs[0], inputs[1][:, kept])),
                )
                for kept in (slice(None, -1), slice(1, None))
            ),
            Mistake(
                "the encoder reads the target: it reads source_ids",
                model_variant(take=lambda inputs: (inputs[1], inputs[1])),
            ),
            Mistake(
                "what the encoder gave never arrives at the decoder",
                model_variant(memory=lambda encoded: np.zeros_like(encoded)),
            ),
            Mistake(
                "the encoder looks at padding: hand it the source's mask",
                model_variant(masks=with_masks(encoder=everything)),
            ),
            Mistake(
                "cross-attention looks at the source's padding: hand the decoder the source's mask too",
                model_variant(masks=with_masks(cross=everything)),
            ),
            Mistake(
                "neither the encoder nor cross-attention hides the source's padding",
                model_variant(masks=with_masks(encoder=everything, cross=everything)),
            ),
            Mistake(
                "cross-attention gets the padding of the target: it looks at the source, so it needs the source's",
                model_variant(masks=with_masks(cross=target_padding)),
            ),
            Mistake(
                "cross-attention gets the mask of self-attention: it looks at the source, so it needs the source's",
                model_variant(masks=with_masks(cross=lambda source, target, pad_id: own_mask(target, pad_id))),
            ),
            Mistake(
                "the look-ahead mask is as long as the source: it hides the target's future, so it is (T, T)",
                model_variant(
                    masks=with_masks(
                        own=lambda source, target, pad_id: fitting(
                            np.logical_and, causal(source.shape[1]), padding(target, pad_id)
                        )
                    )
                ),
            ),
            Mistake(
                "the masks of self- and cross-attention have changed places",
                model_variant(
                    masks=with_masks(
                        own=lambda source, target, pad_id: padding(source, pad_id),
                        cross=lambda source, target, pad_id: own_mask(target, pad_id),
                    )
                ),
            ),
            Mistake(
                "the encoder gets the target's padding: it reads the source",
                model_variant(masks=with_masks(encoder=target_padding)),
            ),
            Mistake(
                "the encoder hides the future: there every word sees the whole sentence",
                model_variant(masks=with_masks(encoder=lambda source, target, pad_id: own_mask(source, pad_id))),
            ),
            Mistake(
                "cross-attention hides the future: a word may see the whole source",
                model_variant(
                    masks=with_masks(
                        cross=lambda source, target, pad_id: (
                            np.tri(target.shape[1], source.shape[1], dtype=bool) & padding(source, pad_id)
                        )
                    )
                ),
            ),
            Mistake(
                "the source's mask is turned around: True = may attend",
                model_variant(
                    masks=with_masks(
                        encoder=lambda source, target, pad_id: ~padding(source, pad_id),
                        cross=lambda source, target, pad_id: ~padding(source, pad_id),
                    )
                ),
            ),
            *(
                Mistake(
                    f"the mask of {what} is turned around: True = may attend", model_variant(masks=with_masks(**turned))
                )
                for what, turned in (
                    ("the encoder", {"encoder": lambda source, target, pad_id: ~padding(source, pad_id)}),
                    ("cross-attention", {"cross": lambda source, target, pad_id: ~padding(source, pad_id)}),
                    ("the target", {"own": lambda source, target, pad_id: ~own_mask(target, pad_id)}),
                )
            ),
            Mistake(
                "encoder and cross-attention get the target's padding: both look at the source",
                model_variant(masks=with_masks(encoder=target_padding, cross=target_padding)),
            ),
            Mistake(
                "the target has no mask: it sees its own future, and its padding",
                model_variant(masks=with_masks(own=everything)),
            ),
            *(
                Mistake(
                    what,
                    model_variant(
                        masks=with_masks(
                            own=lambda source, target, pad_id, k=k: (
                                np.tri(target.shape[1], k=k, dtype=bool) & padding(target, pad_id)
                            )
                        )
                    ),
                )
                for what, k in (
                    ("each word of the target sees the next one: the look-ahead mask ends at the word itself", 1),
                    ("no word of the target sees itself: the look-ahead mask ends at the word itself", -1),
                )
            ),
            Mistake(
                'allowed is what *either* of the target\'s masks allows: it must be both, "and"',
                model_variant(
                    masks=with_masks(
                        own=lambda source, target, pad_id: causal(target.shape[1]) | padding(target, pad_id)
                    )
                ),
            ),
            Mistake(
                "the target sees its own future: its mask hides padding only, create_look_ahead_mask is missing",
                model_variant(masks=with_masks(own=target_padding)),
            ),
            Mistake(
                "the target's look-ahead mask is transposed: rows are the words that look",
                model_variant(
                    masks=with_masks(
                        own=lambda source, target, pad_id: causal(target.shape[1]).T & padding(target, pad_id)
                    )
                ),
            ),
            Mistake(
                "the target's mask hides the future only: its padding must be hidden too",
                model_variant(masks=with_masks(own=lambda source, target, pad_id: causal(target.shape[1]))),
            ),
            Mistake(
                "padding is taken to be 0: it is self.pad_id",
                model_variant(masks=lambda source, target, pad_id: three_masks(source, target, 0)),
            ),
            Mistake(
                "padding of the source is taken to be 0: it is self.pad_id",
                model_variant(
                    masks=with_masks(
                        encoder=lambda source, target, pad_id: padding(source, 0),
                        cross=lambda source, target, pad_id: padding(source, 0),
                    )
                ),
            ),
            *(
                Mistake(
                    f"padding is taken to be 0 in the mask of {what}: it is self.pad_id",
                    model_variant(masks=with_masks(**{which: lambda source, target, pad_id: padding(source, 0)})),
                )
                for what, which in (("the encoder", "encoder"), ("cross-attention", "cross"))
            ),
            Mistake(
                "padding of the target is taken to be 0: it is self.pad_id",
                model_variant(masks=with_masks(own=lambda source, target, pad_id: own_mask(target, 0))),
            ),
            Mistake(
                "a pair came back although the scores were not asked for: look at return_attention_scores",
                model_variant(result=lambda logits, source, target, asked: (logits, source | target)),
            ),
            *(
                Mistake(UNBRACKETED, model_variant(result=result))
                for result in (
                    lambda logits, source, target, asked: (logits, source | target if asked else logits),
                    lambda logits, source, target, asked: (logits, source | target if asked else None),
                )
            ),
            Mistake(
                IN_A_LIST,
                model_variant(
                    result=lambda logits, source, target, asked: (logits, source | target) if asked else [logits]
                ),
            ),
            Mistake(
                "the scores are None: update changes a dict and gives nothing back. source_scores | target_scores",
                model_variant(result=lambda logits, source, target, asked: (logits, None) if asked else logits),
            ),
            Mistake(
                "the scores come first: the logits, then the dict",
                model_variant(
                    result=lambda logits, source, target, asked: (source | target, logits) if asked else logits
                ),
            ),
            Mistake(
                "the scores came as a list: one dict is asked for, with the names that both halves gave",
                model_variant(
                    result=lambda logits, source, target, asked: (
                        (logits, [*source.values(), *target.values()]) if asked else logits
                    )
                ),
            ),
            Mistake(
                "only the logits came back although the scores were asked for: look at return_attention_scores",
                model_variant(result=lambda logits, source, target, asked: logits),
            ),
            Mistake(
                "the decoder's scores only: join both dicts, source_scores | target_scores",
                model_variant(result=lambda logits, source, target, asked: (logits, target) if asked else logits),
            ),
            Mistake(
                "the encoder's scores only: join both dicts, source_scores | target_scores",
                model_variant(result=lambda logits, source, target, asked: (logits, source) if asked else logits),
            ),
            Mistake(
                "the first layers' scores alone came back, picked by their names: join both dicts, whatever they hold, "
                "source_scores | target_scores",
                model_variant(
                    result=lambda logits, source, target, asked: (
                        (logits, {key: scores for key, scores in (source | target).items() if "/0/" in key})
                        if asked
                        else logits
                    )
                ),
            ),
            Mistake(
                "three results: join the two dicts into one",
                model_variant(
                    result=lambda logits, source, target, asked: (logits, source, target) if asked else logits
                ),
            ),
            Mistake(
                "a dict of dicts: join the two into one, source_scores | target_scores",
                model_variant(
                    result=lambda logits, source, target, asked: (
                        (logits, {"encoder": source, "decoder": target}) if asked else logits
                    )
                ),
            ),
            Mistake(
                "a pair of dicts: join the two into one",
                model_variant(
                    result=lambda logits, source, target, asked: (logits, (source, target)) if asked else logits
                ),
            ),
            *(
                Mistake(what, model_variant(encoder_training=encoder, decoder_training=decoder))
                for what, encoder, decoder in HEARD
            ),
            *(Mistake(diagnosis, lacking(words, model_variant())) for words, diagnosis in NOT_COMPILED),
        ),
        hints=(
            "Two masks are enough for three attentions. Ask of each attention: who is looked at? The mask is made "
            "from the ids of that one.",
            "source_mask = create_padding_mask(source_ids, self.pad_id) goes to the encoder and to the decoder's "
            "cross-attention. The target's is that of its padding and create_look_ahead_mask, combined.",
            "self.encoder(source_ids, attention_mask=…), then self.decoder(target_ids, encoded, "
            "self_attention_mask=…, cross_attention_mask=…), then self.output_layer. Both halves give (output, "
            "dict) with return_attention_scores=True; | joins two dicts.",
        ),
    )
)
