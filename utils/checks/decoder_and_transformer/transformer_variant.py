"""The Transformer in NumPy, right or with one of its decisions changed."""

import numpy as np

from utils.checks.decoder_and_transformer.shared import MISHEARD, decoder_variant
from utils.checks.in_numpy import (
    InNumpy,
    attended,
    cut,
    embedded,
    fed_forward,
    normalised_by,
    own_mask,
    padding,
)
from utils.layers.transformer import Transformer


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


def three_masks(source, target, pad_id):
    """(the encoder's, the decoder's own, cross-attention's)."""
    return padding(source, pad_id), own_mask(target, pad_id), padding(source, pad_id)


def _as_it_came(training):
    return training


def _always(training):
    return True


def _never(training):
    return False


HEARD = (  # what encoder and decoder hear of `training`
    ("neither half hears that it is training: hand `training` on to both", _never, _never),
    ("the encoder does not hear that it is training: hand `training` on to it", _never, _as_it_came),
    ("the decoder does not hear that it is training: hand `training` on to it", _as_it_came, _never),
    ("dropout acts outside training too: hand `training` on as it came", _always, _always),
    ("the encoder drops outside training too: hand `training` on as it came", _always, _as_it_came),
    ("the decoder drops outside training too: hand `training` on as it came", _as_it_came, _always),
    ("`training` is turned around: hand it on as it is", *[lambda training: not training] * 2),
    *((what, hears, hears) for what, hears in MISHEARD),
)


def with_masks(encoder=None, own=None, cross=None):
    """The three masks, where one is replaced: by what a function makes of source, target and pad_id."""

    def masks(source, target, pad_id):
        changes = zip((encoder, own, cross), three_masks(source, target, pad_id), strict=True)
        return [mask if change is None else change(source, target, pad_id) for change, mask in changes]

    return masks


def shifted(start):
    """The inputs, the target shifted once more; behind a start of this id, or of the first id that is there."""

    def take(inputs):
        source, target = inputs
        front = target[:, :1] if start is None else np.full_like(target[:, :1], start)
        return source, np.concatenate([front, target[:, :-1]], axis=1)

    return take


def everything(source, target, pad_id):
    """No mask."""
    return None


def target_padding(source, target, pad_id):
    """The target's padding mask."""
    return padding(target, pad_id)


def model_result(logits, source_scores, target_scores, asked):
    """What the Transformer gives back."""
    return (logits, source_scores | target_scores) if asked else logits


def model_variant(
    take=lambda inputs: inputs,
    masks=three_masks,
    written=lambda source, target: target,
    memory=lambda encoded: encoded,
    dense=lambda x, kernel, bias: x @ kernel + bias,
    tied=None,
    shown=lambda decoded, encoded: decoded,
    finish=lambda logits: logits,
    encoder_training=lambda training: training,
    decoder_training=lambda training: training,
    result=model_result,
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
