"""Unusual right answers to lesson 07."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from utils.layers import Decoder as GivenDecoder
from utils.layers import DecoderLayer as GivenLayer
from utils.layers import Transformer as GivenTransformer


def with_numpy(token_ids, start_id):
    rolled = np.roll(token_ids, 1, axis=1)
    rolled[:, 0] = start_id
    return rolled


def with_tensorflow(token_ids, start_id):
    return tf.pad(token_ids, [[0, 0], [1, 0]], constant_values=start_id)[:, :-1]


def by_loops(token_ids, start_id):
    return np.array([[start_id, *(int(i) for i in row[:-1])] for row in token_ids])


def with_keras(token_ids, start_id):
    padded = ops.pad(ops.convert_to_tensor(token_ids), [[0, 0], [1, 0]], constant_values=start_id)
    return ops.slice(padded, (0, 0), token_ids.shape)


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


def is_decoder(call):
    """The lesson's class with this `call`."""
    return type(call.__name__, (GivenDecoder,), {"call": call})


@is_decoder
def masks_by_hand(self, token_ids, encoder_output, self_attention_mask=None, cross_attention_mask=None,
                  training=None, return_attention_scores=False):  # fmt: skip
    ids = tf.convert_to_tensor(token_ids)
    mask = self_attention_mask
    if mask is None:
        T = ids.shape[1]
        mask = tf.linalg.band_part(tf.ones((T, T)), -1, 0) > 0
        mask = mask[None, None] & (ids != self.pad_id)[:, None, None, :]
    x = self.positional_encoding(self.embedding(ids) * self.embedding_dim**0.5)
    x = self.dropout_layer(x, training=training)
    found = {}
    for n in range(self.num_layers):
        x, found[f"decoder/{n}/self"], found[f"decoder/{n}/cross"] = self.decoder_layers[n](
            x, encoder_output, mask, cross_attention_mask, training=training, return_attention_scores=True
        )
    if self.norm == "pre":
        x = self.final_norm(x)
    if return_attention_scores:
        return x, found
    return x


@is_decoder
def a_mask_of_three_axes(self, token_ids, encoder_output, self_attention_mask=None, cross_attention_mask=None,
                         training=None, return_attention_scores=False):  # fmt: skip
    ids = np.asarray(token_ids)
    if self_attention_mask is None:
        self_attention_mask = np.tri(ids.shape[1], dtype=bool)[None] & (ids != self.pad_id)[:, None]  # (B, T, T)
    x = ops.multiply(self.embedding(ids), np.sqrt(np.float32(self.embedding_dim)))
    x, scores = self.dropout_layer(self.positional_encoding(x)), {}
    for n, layer in enumerate(self.decoder_layers):
        results = layer(
            x,
            encoder_output=encoder_output,
            self_attention_mask=self_attention_mask,
            cross_attention_mask=cross_attention_mask,
            return_attention_scores=True,
        )
        x = results[0]
        scores.update({f"decoder/{n}/cross": results[2], f"decoder/{n}/self": results[1]})
    x = self.final_norm(x) if self.final_norm else x
    return [x, scores] if return_attention_scores else x


@is_decoder
def two_loops(self, token_ids, encoder_output, self_attention_mask=None, cross_attention_mask=None,
              training=None, return_attention_scores=False):  # fmt: skip
    if self_attention_mask is None:
        places = keras.ops.arange(token_ids.shape[1])
        self_attention_mask = (places[:, None] >= places) & (token_ids != self.pad_id)[:, None, None]
    x = self.embedding(token_ids) * self.embedding_dim**0.5
    x = self.dropout_layer(self.positional_encoding(x), training=training)
    masks, all_scores = (self_attention_mask, cross_attention_mask), {}
    for n, layer in enumerate(self.decoder_layers):
        if return_attention_scores:
            x, *both = layer(x, encoder_output, *masks, training=training, return_attention_scores=True)
            all_scores |= dict(zip((f"decoder/{n}/self", f"decoder/{n}/cross"), both, strict=True))
        else:
            x = layer(x, encoder_output, *masks, training=training)
    if self.final_norm is not None:
        x = self.final_norm(x)
    return (x, all_scores) if return_attention_scores else x


def is_transformer(call):
    """The lesson's class with this `call`."""
    return type(call.__name__, (GivenTransformer,), {"call": call})


@is_transformer
def masks_left_to_the_parts(self, inputs, training=None, return_attention_scores=False):
    """Both halves build their own mask where none is given; only cross-attention must be told."""
    source, target = inputs[0], inputs[1]
    cross = (source != self.pad_id)[:, None, None, :]
    encoded, one = self.encoder(source, training=training, return_attention_scores=True)
    decoded, two = self.decoder(
        target, encoded, cross_attention_mask=cross, training=training, return_attention_scores=True
    )
    logits = self.output_layer(decoded)
    return (logits, {**one, **two}) if return_attention_scores else logits


@is_transformer
def masks_with_tensorflow(self, inputs, training=None, return_attention_scores=False):
    source, target = (tf.convert_to_tensor(ids) for ids in inputs)
    T = tf.shape(target)[1]
    source_mask = tf.not_equal(source, self.pad_id)[:, tf.newaxis]  # (B, 1, S)
    target_mask = tf.sequence_mask(tf.range(1, T + 1), T) & tf.not_equal(target, self.pad_id)[:, tf.newaxis]
    asked = {"return_attention_scores": return_attention_scores}
    if not return_attention_scores:
        encoded = self.encoder(source, source_mask, training=training)
        return self.output_layer(self.decoder(target, encoded, target_mask, source_mask, training=training))
    encoded, scores = self.encoder(source, source_mask, training=training, **asked)
    decoded, more = self.decoder(target, encoded, target_mask, source_mask, training=training, **asked)
    scores.update(more)
    return self.output_layer(decoded), scores


@is_transformer
def output_by_hand(self, inputs, training=None, return_attention_scores=False):
    (source, target), kernel, bias = inputs, self.output_layer.kernel, self.output_layer.bias
    source_mask = np.asarray(source)[:, None, None] != self.pad_id
    encoded, scores = self.encoder(source, attention_mask=source_mask, training=training, return_attention_scores=True)
    decoded, others = self.decoder(
        target, encoded, cross_attention_mask=source_mask, training=training, return_attention_scores=True
    )
    logits = ops.einsum("btd,dv->btv", decoded, kernel) + bias
    return (logits, scores | others) if return_attention_scores else logits


def built_and_counted(num_layers, embedding_dim, num_heads, fully_connected_dim, input_vocab_size, target_vocab_size):
    """Only feasible because nothing is computed: shapes alone."""
    D, F, parts = embedding_dim, fully_connected_dim, []
    for attentions in (1, 2):
        for _ in range(num_layers):
            parts += [(D, D), (D,)] * 4 * attentions + [(D, F), (F,), (F, D), (D,)] + [(D,)] * 2 * (attentions + 1)
    parts += [(input_vocab_size, D), (target_vocab_size, D), (D, target_vocab_size), (target_vocab_size,)]
    return np.sum([np.prod(p, dtype="int64") for p in parts])


def in_closed_form(N, D, H, F, V, W):
    return N * (12 * D * D + 4 * D * F + 2 * F + 24 * D) + (V + 2 * W) * D + W


def by_keyword(num_layers, embedding_dim, num_heads, fully_connected_dim, input_vocab_size, target_vocab_size):
    def dense(n, m):
        return n * m + m

    D, F = embedding_dim, fully_connected_dim
    encoder_layer = 4 * dense(D, D) + dense(D, F) + dense(F, D) + 4 * D
    decoder_layer = encoder_layer + 4 * dense(D, D) + 2 * D
    stacks = sum(encoder_layer + decoder_layer for _ in range(num_layers))
    return float(stacks + D * input_vocab_size + D * target_vocab_size + dense(D, target_vocab_size))


ALTERNATIVES = {
    "shift_right": [with_numpy, with_tensorflow, by_loops, with_keras],
    "DecoderLayer": [two_branches, a_helper_inside, scores_only_where_asked],
    "Decoder": [masks_by_hand, a_mask_of_three_axes, two_loops],
    "Transformer": [masks_left_to_the_parts, masks_with_tensorflow, output_by_hand],
    "count_parameters": [built_and_counted, in_closed_form, by_keyword],
}
