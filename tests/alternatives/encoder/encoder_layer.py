"""Unusual right answers to EncoderLayer."""

import keras
import tensorflow as tf

from tests.alternatives.encoder.shared import of
from utils.layers import EncoderLayer as GivenLayer
from utils.layers.encoder import layer_norm


@of(GivenLayer)
def two_branches(self, x, attention_mask=None, training=None, return_attention_scores=False):
    def attend(x):
        return self.self_attention(x, x, x, attention_mask, return_attention_scores=True, training=training)

    if self.norm == "pre":
        y, scores = attend(self.attention_norm(x))
        x = x + self.attention_dropout(y, training=training)
        x = x + self.feed_forward(self.feed_forward_norm(x), training=training)
    else:
        y, scores = attend(x)
        x = self.attention_norm(x + self.attention_dropout(y, training=training))
        x = self.feed_forward_norm(x + self.feed_forward(x, training=training))
    if return_attention_scores:
        return x, scores
    return x


@of(GivenLayer)
def training_from_the_context(self, x, attention_mask=None, training=None, return_attention_scores=False):
    pre = self.norm == "pre"
    y = self.attention_norm(x) if pre else x
    y, scores = self.self_attention(y, value=y, attention_mask=attention_mask, return_attention_scores=True)
    x = keras.layers.add([x, self.attention_dropout(y)])
    x = x if pre else self.attention_norm(x)
    x = keras.layers.add([x, self.feed_forward(self.feed_forward_norm(x) if pre else x)])
    x = x if pre else self.feed_forward_norm(x)
    return [x, scores] if return_attention_scores else x


@of(GivenLayer)
def scores_only_where_asked(self, x, attention_mask=None, training=None, return_attention_scores=False):
    identity = keras.layers.Identity()
    pre1, post1 = (self.attention_norm, identity) if self.norm == "pre" else (identity, self.attention_norm)
    pre2, post2 = (self.feed_forward_norm, identity) if self.norm == "pre" else (identity, self.feed_forward_norm)
    y = self.self_attention(pre1(x), pre1(x), attention_mask=attention_mask, training=training)
    scores = None
    if return_attention_scores:
        _, scores = self.self_attention(pre1(x), pre1(x), attention_mask=attention_mask, return_attention_scores=True)
    x = post1(tf.add(x, self.attention_dropout(y, training=training)))
    x = post2(tf.add(x, self.feed_forward(pre2(x), training=training)))
    return x if scores is None else (x, scores)


@of(GivenLayer)
def norms_by_formula(self, x, attention_mask=None, training=None, return_attention_scores=False):
    pre, asked = self.norm == "pre", {"return_attention_scores": True, "training": training}

    def normed(x, norm):
        return layer_norm(x, norm.gamma, norm.beta, self.layernorm_eps)

    y = normed(x, self.attention_norm) if pre else x
    y, scores = self.self_attention(y, y, attention_mask=attention_mask, **asked)
    x = x + self.attention_dropout(y, training=training)
    x = x if pre else normed(x, self.attention_norm)
    y = normed(x, self.feed_forward_norm) if pre else x
    x = x + self.feed_forward(y, training=training)
    x = x if pre else normed(x, self.feed_forward_norm)
    return (x, scores) if return_attention_scores else x


ALTERNATIVES = [two_branches, training_from_the_context, scores_only_where_asked, norms_by_formula]
