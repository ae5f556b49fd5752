"""What the exercises of this lesson share."""

import keras
import numpy as np

from utils.checks.encoder.encoder_layer_variant import PLAIN
from utils.checks.encoder.shared import DEFAULT_DROPS, FALSE_DROPS
from utils.checks.in_numpy import (
    InNumpy,
    added,
    attended,
    cut,
    embedded,
    fed_forward,
    layer_with,
    normalised_by,
    own_mask,
)
from utils.layers.decoder import Decoder, DecoderLayer


def word_ids(rng, *shape, vocabulary=9):
    """Ids of words: 0 to 2 are kept for padding, start and end."""
    return rng.integers(3, vocabulary, shape).astype("int32")


def made(answer, shapes, seed, **arguments):
    """A layer of the answer's class, with weights drawn from a seed, biases and norms too."""

    def draw(weights):
        rng = np.random.default_rng(seed)
        return [rng.normal(size=w.shape) * 0.7 + (w.name == "gamma") for w in weights]

    return layer_with(answer, shapes, draw, **arguments)


def grown(inputs, training=None):
    """Stands for dropout: half as much again in training."""
    return inputs * 1.5 if training else inputs


def marked(layer):
    """In training every dropout multiplies by 1.5 instead: that can be compared, chance cannot."""
    for part in layer._flatten_layers() if isinstance(layer, keras.layers.Layer) else ():
        if isinstance(part, keras.layers.Dropout):
            part.call = grown
    return layer


def several(results):
    """Results as a tuple, one or several."""
    return results if isinstance(results, (tuple, list)) else (results,)


def flattened(*results):
    """Results without nesting: a dict as its keys in one string and its values in their order; a tuple likewise."""
    flat = []
    for result in results:
        if isinstance(result, dict):
            keys = sorted(result, key=str)
            flat += ["a dict: " + ", ".join(map(str, keys)), *(result[key] for key in keys)]
        elif isinstance(result, (tuple, list)):
            flat += [f"a list of {len(result)}", *flattened(*result)]
        else:
            flat.append(result)
    return tuple(flat)


def only(results):
    """One result as it is, several side by side; said to be in a list where one came back in a list."""
    flat = flattened(*several(results))
    if isinstance(results, (tuple, list)) and len(results) == 1:
        return (*flat, "in a list of its own")
    return flat[0] if len(flat) == 1 else flat


def not_none(**options):
    """The options that were given."""
    return {name: value for name, value in options.items() if value is not None}


ONE = {"embedding_dim": 4, "num_heads": 2, "fully_connected_dim": 5, "dropout_rate": 0.0}


WIDE = {"embedding_dim": 6, "num_heads": 3, "fully_connected_dim": 7, "dropout_rate": 0.0}


STEPS = ("self", "cross", "feed_forward")


TRAINING = ({"training": True}, {}, {"training": False})  # what is said of it


MISHEARD = (  # what is made of `training`
    (DEFAULT_DROPS, lambda training: training is not False),
    (FALSE_DROPS, lambda training: training is not None),
)


READ_TOO_EARLY = (  # by which sub-layer: the input of which
    ("cross-attention asks with the layer's input: what asks is what self-attention's block gave", "cross", "self"),
    ("the feed-forward reads the layer's input: it reads what cross-attention's block gave", "feed_forward", "self"),
    ("the feed-forward reads what went into cross-attention: it reads what that block gave", "feed_forward", "cross"),
)


def query_and_value(step, x, encoded):
    """What an attention of the decoder's layer asks, and what it is asked about."""
    return (x, x) if step == "self" else (x, encoded)


def dropped_but_for_feed_forward(step, out, drop):
    """A sub-layer's dropout; the feed-forward has its own inside."""
    return out if step == "feed_forward" else drop(out)


def three_results(x, self_scores, cross_scores, asked):
    """What the decoder's layer gives back."""
    return (x, self_scores, cross_scores) if asked else x


def layer_variant(
    order=STEPS,
    reads=lambda step, x, first: x,
    asks=query_and_value,
    source=lambda layer, pre, encoded: encoded,
    attention=lambda step: step,
    masks=lambda step, self_mask, cross_mask: self_mask if step == "self" else cross_mask,
    norm=lambda step: step,
    when=lambda norm: (norm == "pre", norm == "post"),
    add=lambda step, before, normed, out, first: added(before, out),
    drop=dropped_but_for_feed_forward,
    after=lambda step, x, drop: x,
    inside=lambda step, training: training,
    outside=lambda step, training: training,
    keeps="self",
    inner_norm=(),
    unmasked=lambda asked: False,
    result=three_results,
):
    """The decoder's layer with one of its decisions changed.

    What can be changed: order, the sub-layers; reads, what goes into one; asks, (query, value) of an attention, or
    (query, value, key); source, what it gets as the encoder's output, with norm "pre" or not; attention, which of the
    layer's two; masks, which one it gets; norm, which belongs to a sub-layer, or None; when, (before it, after the
    sum); add, the residual; drop, a sub-layer's dropout; after, what happens to the sum; inside, the `training` that
    attention and feed-forward get; outside, the two dropouts; keeps, the sub-layer whose input `add` gets as `first`;
    inner_norm, with which norms a sub-layer's output is normalised before the sum; unmasked, whether the masks are
    forgotten, where the scores are asked for or not; result.
    """

    class Variant(InNumpy):
        model_of = DecoderLayer

        def split(self, weights):
            names = ("self", "cross", "feed_forward", "self_norm", "cross_norm", "feed_forward_norm")
            return dict(zip(names, cut(weights, 8, 8, 4, 2, 2), strict=True))

        def normalised(self, step, x):
            if norm(step) in PLAIN:
                return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + PLAIN[norm(step)])
            return x if norm(step) is None else normalised_by(self.parts[f"{norm(step)}_norm"], x)

        def __call__(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None, training=None,
                     return_attention_scores=False):  # fmt: skip
            first, scores, (pre, post) = x, {"self": None, "cross": None}, when(self.norm)
            inner = self.norm in inner_norm
            if unmasked(return_attention_scores):
                self_attention_mask = cross_attention_mask = None
            for step in order:
                before, x = x, reads(step, x, first)
                x = self.normalised(step, x) if pre else x
                normed, first = x, before if step == keeps else first
                lost, drops = self.drop(inside(step, training)), self.drop(outside(step, training))
                if step == "feed_forward":
                    x = fed_forward(self.parts[step], x, lost)
                else:
                    mask = masks(step, self_attention_mask, cross_attention_mask)
                    weights = self.parts[attention(step)]
                    query, value, *key = asks(step, x, source(self, pre, encoder_output))
                    x, scores[step] = attended(weights, query, value, mask, lost, *key)
                x = drop(step, x, drops)
                x = self.normalised(step, x) if inner else x
                x = after(step, add(step, before, normed, x, first), drops)
                x = self.normalised(step, x) if post and not inner else x
            return result(x, scores["self"], scores["cross"], return_attention_scores)

    return Variant


def told(hears):
    """What attention, feed-forward and the two dropouts hear of `training`."""
    return {where: lambda step, training: hears(training) for where in ("inside", "outside")}


def source_normalised(layer, pre, encoded):
    """With norm "pre" cross-attention's norm takes the encoder's output too."""
    return layer.normalised("cross", encoded) if pre else encoded


def without_residual(*steps):
    """No residual around these sub-layers."""
    return lambda step, before, normed, out, first: out if step in steps else added(before, out)


def without_norm(*steps):
    """No norm for these sub-layers."""
    return lambda step: None if step in steps else step


def norm_of(**names):
    """Other norms for these sub-layers."""
    return lambda step: names.get(step, step)


def told_otherwise(*steps, training):
    """What `training` is in these sub-layers; in the others it is handed on."""
    return lambda step, given: training if step in steps else given


def turned(*steps):
    """The masks of these attentions turned around."""

    def masks(step, self_mask, cross_mask):
        mask = self_mask if step == "self" else cross_mask
        return ~mask if step in steps and mask is not None else mask

    return masks


def without_dropout(*steps):
    """No dropout behind these sub-layers."""
    return lambda step, out, drop: out if step in steps else dropped_but_for_feed_forward(step, out, drop)


def after_the_last_layer(decoder, x):
    """The last norm, where the norm comes before."""
    return normalised_by(decoder.parts["final"], x) if decoder.norm == "pre" else x


def decoder_result(x, scores, asked):
    """What the decoder gives back."""
    return (x, scores) if asked else x


def decoder_variant(
    embed=embedded,
    own=own_mask,
    given=lambda mask, own: own if mask is None else mask,
    layers=lambda layers: layers,
    feed=lambda x, encoded: x,
    memory=lambda encoded, x: encoded,
    cross=lambda self_mask, cross_mask: cross_mask,
    looks_back=lambda self_mask, cross_mask: self_mask,
    step=lambda decoder, x: x,
    kept=lambda encoded, x: encoded,
    training_inside=lambda training: training,
    finish=after_the_last_layer,
    keys=lambda n: (f"decoder/{n}/self", f"decoder/{n}/cross"),
    swapped=False,
    bare=lambda asked: False,
    unmasked=lambda asked: False,
    result=decoder_result,
):
    """The decoder with one of its decisions changed.

    What can be changed: embed, from ids to the first layer's input; own, the mask it builds; given, which of
    the two it uses; layers, which run; feed, what each gets; memory, what it looks at in the encoder's place;
    cross, the mask for that; looks_back, the mask of self-attention; step, what follows each layer; kept, the
    encoder's output for the next; training_inside, what layers get as `training`; finish, after the last layer;
    keys, the scores' names; swapped, the scores stand under each other's; bare and unmasked, whether the last norm or
    the masks are forgotten, where the scores are asked for or not; result.
    """

    class Variant(InNumpy):
        model_of = Decoder

        def split(self, weights):
            embedding, *layers, final = cut(weights, 1, *[26] * self.num_layers)
            options = {"embedding_dim": self.D, "dropout_rate": self.dropout_rate, "norm": self.norm}
            one = layer_variant()
            return {"embedding": embedding, "layers": [one(w, **options) for w in layers], "final": final}

        def __call__(self, token_ids, encoder_output, self_attention_mask=None, cross_attention_mask=None,
                     training=None, return_attention_scores=False):  # fmt: skip
            self_mask = given(self_attention_mask, own(token_ids, self.pad_id))
            if unmasked(return_attention_scores):
                self_mask = cross_attention_mask = None
            x, scores = embed(self, token_ids, training), {}
            for n, part in enumerate(layers(self.parts["layers"])):
                x, self_scores, cross_scores = part(
                    feed(x, encoder_output),
                    memory(encoder_output, x),
                    self_attention_mask=looks_back(self_mask, cross_attention_mask),
                    cross_attention_mask=cross(self_mask, cross_attention_mask),
                    training=training_inside(training),
                    return_attention_scores=True,
                )
                x = step(self, x)
                encoder_output = kept(encoder_output, x)
                both = (cross_scores, self_scores) if swapped else (self_scores, cross_scores)
                scores.update(zip(keys(n), both, strict=True))
            x = x if bare(return_attention_scores) else finish(self, x)
            return result(x, scores, return_attention_scores)

    return Variant
