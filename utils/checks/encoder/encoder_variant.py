"""The encoder in NumPy, right or with one of its decisions changed."""

from utils.checks.encoder.encoder_layer_variant import encoder_layer_variant
from utils.checks.in_numpy import ByChance, cut, embedded, normalised_by, padding
from utils.layers.encoder import Encoder


def at_the_end(encoder, x):
    """The last norm, where the norm comes before."""
    return normalised_by(encoder.parts["final"], x) if encoder.norm == "pre" else x


def encoder_variant(
    embed=embedded,
    mask_of=lambda ids, pad_id, mask: padding(ids, pad_id) if mask is None else mask,
    layers=lambda layers: layers,
    reads=lambda x, start: x,
    step=lambda encoder, x, y: y,
    mask_for=lambda n, mask: mask,
    train=lambda training: training,
    name=lambda n: f"encoder/{n}/self",
    end=at_the_end,
    bare=lambda asked: False,
    unmasked=lambda asked: False,
    result=lambda x, scores, asked: (x, scores) if asked else x,
):
    """The encoder with one of its decisions changed.

    What can be changed: embed, from ids to the first layer's input; mask_of, the mask that it takes; layers, which
    run; reads, what each of them gets; step, what follows it; mask_for, its mask; train, the `training` that it
    hears; name, under which its scores stand; end, after the last layer; bare and unmasked, whether that or the mask
    is forgotten, where the scores are asked for or not; result.
    """

    class Variant(ByChance):
        model_of = Encoder

        def split(self, weights):
            embedding, *layers, final = cut(weights, 1, *[16] * self.num_layers)
            options, one = {"norm": self.norm}, encoder_layer_variant()
            return {"embedding": embedding, "layers": [one(w, **options) for w in layers], "final": final}

        def __call__(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
            mask, scores = mask_of(token_ids, self.pad_id, attention_mask), {}
            mask = None if unmasked(return_attention_scores) else mask
            x = start = embed(self, token_ids, training)
            for n, one in enumerate(layers(self.parts["layers"])):
                y, scores[name(n)] = one(
                    reads(x, start),
                    attention_mask=mask_for(n, mask),
                    training=train(training),
                    return_attention_scores=True,
                )
                x = step(self, x, y)
            x = x if bare(return_attention_scores) else end(self, x)
            return result(x, scores, return_attention_scores)

    return Variant
