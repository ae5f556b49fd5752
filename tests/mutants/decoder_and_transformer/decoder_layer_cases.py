"""Wrong answers to DecoderLayer that are right in one case of several, or but for what they give back."""

import keras
from keras import ops

from tests.mutants.decoder_and_transformer.shared import SCORES, layer
from utils.layers import FeedForward


def branching(
    name,
    norm=lambda s, kind, x: getattr(s, f"{kind}_norm")(x),
    inside=False,
    masks=lambda masks, asked: masks,
    hears=lambda training: training,
    feed=lambda s, x, training: s.feed_forward(x, training=training),
    back=lambda x, one, two, asked: (x, one, two) if asked else x,
):
    """The lesson's class; what is not given is as it should be. `inside`: with pre the norm acts on what comes out."""

    def call(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None, training=None,
             return_attention_scores=False):  # fmt: skip
        training, asked, scores = hears(training), return_attention_scores, []
        both = dict(zip(("self", "cross"), masks((self_attention_mask, cross_attention_mask), asked), strict=True))
        pre = self.norm == "pre"
        for kind in ("self", "cross", "feed_forward"):
            y = norm(self, kind, x) if pre and not inside else x
            if kind == "feed_forward":
                y = feed(self, y, training)
            else:
                attention, value = getattr(self, f"{kind}_attention"), y if kind == "self" else encoder_output
                y, own = attention(y, value, attention_mask=both[kind], training=training, **SCORES)
                y = getattr(self, f"{kind}_dropout")(y, training=training)
                scores.append(own)
            x = x + (norm(self, kind, y) if pre and inside else y)
            x = x if pre else norm(self, kind, x)
        return back(x, *scores, asked)

    call.__name__ = name
    return layer(call)


norms_of_its_own = branching("norms_of_its_own", norm=lambda s, kind, x: keras.layers.LayerNormalization()(x))


trains_where_said_not_to = branching("trains_where_said_not_to", hears=lambda training: training is not None)


trains_unless_said_not_to = branching("trains_unless_said_not_to", hears=lambda training: training is not False)


def with_names(name, asks="one", feeds="two", normed_source=False):
    """Each block's result has a name of its own; which of them the second and the third read."""

    def call(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None, training=None,
             return_attention_scores=False):  # fmt: skip
        pre = self.norm == "pre"

        def before(norm, x):
            return norm(x) if pre else x

        def after(norm, x):
            return x if pre else norm(x)

        h = before(self.self_norm, x)
        h, scores = self.self_attention(h, h, attention_mask=self_attention_mask, training=training, **SCORES)
        found = {"x": x, "one": after(self.self_norm, x + self.self_dropout(h, training=training))}
        h = before(self.cross_norm, found[asks])
        source = before(self.cross_norm, encoder_output) if normed_source else encoder_output
        h, cross = self.cross_attention(h, source, attention_mask=cross_attention_mask, training=training, **SCORES)
        found["two"] = after(self.cross_norm, found["one"] + self.cross_dropout(h, training=training))
        h = self.feed_forward(before(self.feed_forward_norm, found[feeds]), training=training)
        out = after(self.feed_forward_norm, found["two"] + h)
        return (out, scores, cross) if return_attention_scores else out

    call.__name__ = name
    return layer(call)


outputs_normed = branching("outputs_normed", inside=True)


made_anew = branching("made_anew", feed=lambda s, x, t: FeedForward(s.embedding_dim, s.fully_connected_dim)(x))


no_masks_where_asked = branching("no_masks_where_asked", masks=lambda masks, asked: (None, None) if asked else masks)


masks_where_asked = branching("masks_where_asked", masks=lambda masks, asked: masks if asked else (None, None))


trains_in_use = branching("trains_in_use", hears=lambda training: not training)


three_without_brackets = branching("three_without_brackets", back=lambda x, a, b, asked: (x, a, b if asked else x))


a_list_of_one = branching("a_list_of_one", back=lambda x, a, b, asked: (x, a, b) if asked else [x])


scores_in_numpy = branching(
    "scores_in_numpy", back=lambda x, a, b, asked: (x, a, ops.convert_to_numpy(b)) if asked else x
)


in_doubles = branching(
    "in_doubles", back=lambda x, a, b, asked: (ops.cast(x, "float64"), a, b) if asked else ops.cast(x, "float64")
)


MUTANTS = [
    (trains_where_said_not_to, "training=False is taken for training"),
    (trains_unless_said_not_to, "where nothing is said of training"),
    (with_names("input_asks_the_source", asks="x"), "cross-attention asks with the layer's input"),
    (with_names("input_fed_forward", feeds="x"), "the feed-forward reads the layer's input"),
    (with_names("first_block_fed_forward", feeds="one"), "the feed-forward reads what went into cross-attention"),
    (with_names("source_normalised", normed_source=True), "encoder_output is normalised too"),
    (norms_of_its_own, "without a gamma"),
    (outputs_normed, "what a sub-layer gives is normalised"),
    (made_anew, "made inside `call`"),
    (no_masks_where_asked, "the masks are forgotten"),
    (masks_where_asked, "used only where the scores"),
    (trains_in_use, "`training` is turned around"),
    (three_without_brackets, "always three"),
    (a_list_of_one, "list of its own"),
    (scores_in_numpy, "before there are numbers"),
    (in_doubles, "another dtype"),
]
