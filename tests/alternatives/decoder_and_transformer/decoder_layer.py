"""Unusual right answers to DecoderLayer."""

import tensorflow as tf
from keras import ops

from utils.layers import DecoderLayer as GivenLayer


def is_layer(call):
    """The lesson's class with this `call`."""
    return type(call.__name__, (GivenLayer,), {"call": call})


@is_layer
def two_branches(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None, training=None,
                 return_attention_scores=False):  # fmt: skip
    scores = {"return_attention_scores": True}
    if self.norm == "post":
        y, first = self.self_attention(x, x, x, attention_mask=self_attention_mask, training=training, **scores)
        x = self.self_norm(x + self.self_dropout(y, training=training))
        y, second = self.cross_attention(
            x, encoder_output, None, attention_mask=cross_attention_mask, training=training, **scores
        )
        x = self.cross_norm(x + self.cross_dropout(y, training=training))
        x = self.feed_forward_norm(x + self.feed_forward(x, training=training))
    else:
        y = self.self_norm(x)
        y, first = self.self_attention(y, y, y, attention_mask=self_attention_mask, training=training, **scores)
        x = x + self.self_dropout(y, training=training)
        y, second = self.cross_attention(
            self.cross_norm(x), encoder_output, None, attention_mask=cross_attention_mask, training=training, **scores
        )
        x = x + self.cross_dropout(y, training=training)
        x = x + self.feed_forward(self.feed_forward_norm(x), training=training)
    if return_attention_scores:
        return [x, first, second]
    return x


@is_layer
def a_helper_inside(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None, training=None,
                    return_attention_scores=False):  # fmt: skip
    """Without handing `training` on: Keras passes it to the layers inside."""
    scores = []

    def block(x, norm, function):
        return x + function(norm(x)) if self.norm == "pre" else norm(x + function(x))

    def look_at_target(x):
        y, s = self.self_attention(x, x, attention_mask=self_attention_mask, return_attention_scores=True)
        scores.append(s)
        return self.self_dropout(y)

    def look_at_source(x):
        y, s = self.cross_attention(
            x, encoder_output, attention_mask=cross_attention_mask, return_attention_scores=True
        )
        scores.append(s)
        return self.cross_dropout(y)

    x = block(tf.convert_to_tensor(x), self.self_norm, look_at_target)
    x = block(x, self.cross_norm, look_at_source)
    x = block(x, self.feed_forward_norm, self.feed_forward)
    return (x, *scores) if return_attention_scores else x


@is_layer
def scores_only_where_asked(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None,
                            training=None, return_attention_scores=False):  # fmt: skip
    asked = {"return_attention_scores": return_attention_scores, "training": training}

    def parts(result):
        return result if return_attention_scores else (result, None)

    h = self.self_norm(x) if self.norm == "pre" else x
    a, s1 = parts(self.self_attention(query=h, value=h, attention_mask=self_attention_mask, **asked))
    x = ops.add(self.self_dropout(a, training=training), x)
    x = self.self_norm(x) if self.norm == "post" else x
    h = self.cross_norm(x) if self.norm == "pre" else x
    a, s2 = parts(
        self.cross_attention(
            query=h, value=encoder_output, key=encoder_output, attention_mask=cross_attention_mask, **asked
        )
    )
    x = ops.add(self.self_dropout(a, training=training), x)  # any dropout of that rate will do
    x = self.cross_norm(x) if self.norm == "post" else x
    h = self.feed_forward_norm(x) if self.norm == "pre" else x
    x = ops.add(self.feed_forward(h, training=training), x)
    x = self.feed_forward_norm(x) if self.norm == "post" else x
    return (x, s1, s2) if return_attention_scores else x


ALTERNATIVES = [two_branches, a_helper_inside, scores_only_where_asked]
