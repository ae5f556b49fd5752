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
