"""The exercise Transformer: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.decoder_and_transformer.shared import (
    ONE,
    WIDE,
    decoder_variant,
    flattened,
    made,
    marked,
    only,
    several,
    word_ids,
)
from utils.checks.encoder.shared import TOO_EARLY, compiled, lacking
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.in_numpy import (
    InNumpy,
    attended,
    causal,
    cut,
    embedded,
    fed_forward,
    fitting,
    normalised_by,
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
    return flattened(model((source, target), training=True), model((source, target)))


def _compiled(answer, source, target, seed=0, **arguments):
    model = _model(answer, seed, **arguments)
    return compiled(model, source, target, call=lambda model, *pair: model(pair))


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
    return [
        case(word_ids(rng, 1, 3), word_ids(rng, 1, 2), seed=9, **NARROW),
        case(_padded(rng, 5, 3, 5, vocabulary=13), _padded(rng, 4, 4, 2, vocabulary=11), seed=10, **BROAD),
    ]


def _model_training_cases(rng):
    dropped = {"dropout_rate": 0.25}
    return [case(word_ids(rng, 2, 3), word_ids(rng, 2, 2), seed=11, **NARROW | dropped)]


class _Encoder(InNumpy):
    """The encoder; of what may go wrong in the whole machine, nothing happens in here."""

    def split(self, weights):
        embedding, *layers, final = cut(weights, 1, *[16] * self.num_layers)
        return {"embedding": embedding, "layers": layers, "final": final}

    def __call__(self, ids, mask, training):
        drop, x, scores = self.drop(training), embedded(self, ids, training), {}
        for n, weights in enumerate(self.parts["layers"]):
            attention, norm, feed_forward, last_norm = cut(weights, 8, 2, 4)
            out, scores[f"encoder/{n}/self"] = attended(attention, x, x, mask, drop)
            x = normalised_by(norm, x + drop(out))
            x = normalised_by(last_norm, x + fed_forward(feed_forward, x, drop))
        return x, scores


def _masks(source, target, pad_id):
    """(the encoder's, the decoder's own, cross-attention's)."""
    return padding(source, pad_id), own_mask(target, pad_id), padding(source, pad_id)


def _with_masks(encoder=None, own=None, cross=None):
    """The three masks, where one is replaced: by what a function makes of source, target and pad_id."""

    def masks(source, target, pad_id):
        changes = zip((encoder, own, cross), _masks(source, target, pad_id), strict=True)
        return [mask if change is None else change(source, target, pad_id) for change, mask in changes]

    return masks


def _shifted(start):
    """The inputs, the target shifted once more; behind a start of this id, or of the first id that is there."""

    def take(inputs):
        source, target = inputs
        front = target[:, :1] if start is None else np.full_like(target[:, :1], start)
        return source, np.concatenate([front, target[:, :-1]], axis=1)

    return take


def _everything(source, target, pad_id):
    return None


def _target_padding(source, target, pad_id):
    return padding(target, pad_id)


def _model_result(logits, source_scores, target_scores, asked):
    return (logits, source_scores | target_scores) if asked else logits


def _model_variant(
    take=lambda inputs: inputs,
    masks=_masks,
    written=lambda source, target: target,
    memory=lambda encoded: encoded,
    dense=lambda x, kernel, bias: x @ kernel + bias,
    tied=None,
    shown=lambda decoded, encoded: decoded,
    finish=lambda logits: logits,
    encoder_training=lambda training: training,
    decoder_training=lambda training: training,
    result=_model_result,
):
    """The Transformer with one of its decisions changed.

    What can be changed: take, (source, target) from the inputs; masks, the three; written, what the decoder
    reads; memory, what it looks at; dense, the last layer; tied, with the target's embedding for its kernel, and the
    bias times so much; shown, what that layer turns; finish, what follows it; encoder_training and
    decoder_training, what they are told; result.
    """

    class Variant(InNumpy):
        model_of = Transformer

        def split(self, weights):
            options = {"embedding_dim": self.D, "num_layers": self.num_layers, "dropout_rate": self.dropout_rate}
            encoder, decoder, dense = cut(weights, 1 + 16 * self.num_layers, 1 + 26 * self.num_layers)
            parts = {"encoder": _Encoder(encoder, **options), "decoder": decoder_variant()(decoder, **options)}
            return parts | {"dense": dense}

        def __call__(self, inputs, training=None, return_attention_scores=False):
            source, target = take(inputs)
            source_mask, target_mask, cross_mask = masks(source, target, self.pad_id)
            encoded, source_scores = self.parts["encoder"](source, source_mask, encoder_training(training))
            decoded, target_scores = self.parts["decoder"](
                written(source, target),
                memory(encoded),
                self_attention_mask=np.ones((1, 1), bool) if target_mask is None else target_mask,
                cross_attention_mask=cross_mask,
                training=decoder_training(training),
                return_attention_scores=True,
            )
            kernel, bias = self.parts["dense"]
            if tied is not None:
                kernel, bias = self.parts["decoder"].parts["embedding"][0].T, tied * bias
            logits = finish(dense(shown(decoded, encoded), kernel, bias))
            return result(logits, source_scores, target_scores, return_attention_scores)

    return Variant


register(
    Exercise(
        name="Transformer",
        notebook="07_decoder_and_transformer",
        reference=Transformer,
        oracle=_model_variant(),
        properties=(
            Property("source and one word of target: encoder, decoder, logits", 2, _one_target_word_cases, _logits),
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
            Mistake(
                "a softmax at the end: logits are asked for, the loss does the softmax",
                _model_variant(finish=softmax_of),
            ),
            Mistake(
                "a log-softmax at the end: logits are asked for, the loss does that",
                _model_variant(finish=lambda logits: np.log(softmax_of(logits))),
            ),
            Mistake(
                "the ids of the likeliest words came back: logits are asked for, one for each word of the vocabulary",
                _model_variant(finish=lambda logits: np.argmax(logits, axis=-1)),
            ),
            Mistake(
                "the last layer is missing: self.output_layer turns (B, T, D) into (B, T, V)",
                _model_variant(dense=lambda x, kernel, bias: x),
            ),
            *(
                Mistake(
                    "the target's embedding stands for the last layer's matrix: self.output_layer has its own weights",
                    _model_variant(tied=bias),
                )
                for bias in (0, 1)
            ),
            Mistake(
                "the last layer is given what the encoder gave: it turns what the decoder gave",
                _model_variant(shown=lambda decoded, encoded: encoded),
            ),
            Mistake(
                "only the last place came back: logits are asked for at all T of them",
                _model_variant(finish=lambda logits: logits[:, -1:]),
            ),
            Mistake(
                "only the last place came back: logits are asked for at all T of them",
                _model_variant(finish=lambda logits: logits[:, -1]),
            ),
            Mistake(
                "source and target have changed places: inputs are (source_ids, target_ids)",
                _model_variant(take=lambda inputs: inputs[::-1]),
            ),
            Mistake(
                "the decoder reads the source: it reads target_ids, and looks at what the encoder gave",
                _model_variant(
                    written=lambda source, target: source,
                    masks=_with_masks(own=lambda source, target, pad_id: own_mask(source, pad_id)),
                ),
            ),
            Mistake(
                "the decoder reads the source: it reads target_ids, and looks at what the encoder gave",
                _model_variant(written=lambda source, target: source),
            ),
            *(
                Mistake(
                    "the target is shifted once more: target_ids have their start already, the decoder reads them as "
                    "they are",
                    _model_variant(take=_shifted(start)),
                )
                for start in (1, 0, 2, None)
            ),
            *(
                Mistake(
                    "a place of the target is cut off: target_ids are what the decoder reads, all T of them",
                    _model_variant(take=lambda inputs, kept=kept: (inputs[0], inputs[1][:, kept])),
                )
                for kept in (slice(None, -1), slice(1, None))
            ),
            Mistake(
                "the encoder reads the target: it reads source_ids",
                _model_variant(take=lambda inputs: (inputs[1], inputs[1])),
            ),
            Mistake(
                "what the encoder gave never arrives at the decoder",
                _model_variant(memory=lambda encoded: np.zeros_like(encoded)),
            ),
            Mistake(
                "the encoder looks at padding: hand it the source's mask",
                _model_variant(masks=_with_masks(encoder=_everything)),
            ),
            Mistake(
                "cross-attention looks at the source's padding: hand the decoder the source's mask too",
                _model_variant(masks=_with_masks(cross=_everything)),
            ),
            Mistake(
                "neither the encoder nor cross-attention hides the source's padding",
                _model_variant(masks=_with_masks(encoder=_everything, cross=_everything)),
            ),
            Mistake(
                "cross-attention gets the padding of the target: it looks at the source, so it needs the source's",
                _model_variant(masks=_with_masks(cross=_target_padding)),
            ),
            Mistake(
                "cross-attention gets the mask of self-attention: it looks at the source, so it needs the source's",
                _model_variant(masks=_with_masks(cross=lambda source, target, pad_id: own_mask(target, pad_id))),
            ),
            Mistake(
                "the look-ahead mask is as long as the source: it hides the target's future, so it is (T, T)",
                _model_variant(
                    masks=_with_masks(
                        own=lambda source, target, pad_id: fitting(
                            np.logical_and, causal(source.shape[1]), padding(target, pad_id)
                        )
                    )
                ),
            ),
            Mistake(
                "the masks of self- and cross-attention have changed places",
                _model_variant(
                    masks=_with_masks(
                        own=lambda source, target, pad_id: padding(source, pad_id),
                        cross=lambda source, target, pad_id: own_mask(target, pad_id),
                    )
                ),
            ),
            Mistake(
                "the encoder gets the target's padding: it reads the source",
                _model_variant(masks=_with_masks(encoder=_target_padding)),
            ),
            Mistake(
                "the encoder hides the future: there every word sees the whole sentence",
                _model_variant(masks=_with_masks(encoder=lambda source, target, pad_id: own_mask(source, pad_id))),
            ),
            Mistake(
                "cross-attention hides the future: a word may see the whole source",
                _model_variant(
                    masks=_with_masks(
                        cross=lambda source, target, pad_id: (
                            np.tri(target.shape[1], source.shape[1], dtype=bool) & padding(source, pad_id)
                        )
                    )
                ),
            ),
            Mistake(
                "the source's mask is turned around: True = may attend",
                _model_variant(
                    masks=_with_masks(
                        encoder=lambda source, target, pad_id: ~padding(source, pad_id),
                        cross=lambda source, target, pad_id: ~padding(source, pad_id),
                    )
                ),
            ),
            Mistake(
                "the target sees its own future: its mask hides padding only, create_look_ahead_mask is missing",
                _model_variant(masks=_with_masks(own=_target_padding)),
            ),
            Mistake(
                "the target's look-ahead mask is transposed: rows are the words that look",
                _model_variant(
                    masks=_with_masks(
                        own=lambda source, target, pad_id: causal(target.shape[1]).T & padding(target, pad_id)
                    )
                ),
            ),
            Mistake(
                "the target's mask hides the future only: its padding must be hidden too",
                _model_variant(masks=_with_masks(own=lambda source, target, pad_id: causal(target.shape[1]))),
            ),
            Mistake(
                "padding is taken to be 0: it is self.pad_id",
                _model_variant(masks=lambda source, target, pad_id: _masks(source, target, 0)),
            ),
            Mistake(
                "padding of the source is taken to be 0: it is self.pad_id",
                _model_variant(
                    masks=_with_masks(
                        encoder=lambda source, target, pad_id: padding(source, 0),
                        cross=lambda source, target, pad_id: padding(source, 0),
                    )
                ),
            ),
            Mistake(
                "padding of the target is taken to be 0: it is self.pad_id",
                _model_variant(masks=_with_masks(own=lambda source, target, pad_id: own_mask(target, 0))),
            ),
            Mistake(
                "a pair came back although the scores were not asked for: look at return_attention_scores",
                _model_variant(result=lambda logits, source, target, asked: (logits, source | target)),
            ),
            Mistake(
                "only the logits came back although the scores were asked for: look at return_attention_scores",
                _model_variant(result=lambda logits, source, target, asked: logits),
            ),
            Mistake(
                "the decoder's scores only: join both dicts, source_scores | target_scores",
                _model_variant(result=lambda logits, source, target, asked: (logits, target) if asked else logits),
            ),
            Mistake(
                "the encoder's scores only: join both dicts, source_scores | target_scores",
                _model_variant(result=lambda logits, source, target, asked: (logits, source) if asked else logits),
            ),
            Mistake(
                "three results: join the two dicts into one",
                _model_variant(
                    result=lambda logits, source, target, asked: (logits, source, target) if asked else logits
                ),
            ),
            Mistake(
                "a dict of dicts: join the two into one, source_scores | target_scores",
                _model_variant(
                    result=lambda logits, source, target, asked: (
                        (logits, {"encoder": source, "decoder": target}) if asked else logits
                    )
                ),
            ),
            Mistake(
                "a pair of dicts: join the two into one",
                _model_variant(
                    result=lambda logits, source, target, asked: (logits, (source, target)) if asked else logits
                ),
            ),
            Mistake(
                "neither half hears that it is training: hand `training` on to both",
                _model_variant(encoder_training=lambda training: False, decoder_training=lambda training: False),
            ),
            Mistake(
                "the encoder does not hear that it is training: hand `training` on to it",
                _model_variant(encoder_training=lambda training: False),
            ),
            Mistake(
                "the decoder does not hear that it is training: hand `training` on to it",
                _model_variant(decoder_training=lambda training: False),
            ),
            Mistake(
                "dropout acts outside training too: hand `training` on as it came",
                _model_variant(encoder_training=lambda training: True, decoder_training=lambda training: True),
            ),
            *(Mistake(diagnosis, lacking(words, _model_variant())) for words, diagnosis in TOO_EARLY),
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
