"""Wrong answers to Encoder."""

import keras
import numpy as np
from keras import ops

from tests.mutants.encoder.shared import stack
from utils.layers import Encoder as GivenEncoder
from utils.layers import create_look_ahead_mask, create_padding_mask


def encoder(self, ids, mask, training, asked, **changes):
    """The right encoder, with ways to go wrong."""
    if mask is None:
        mask = create_padding_mask(ids, self.pad_id)
    x = self.embedding(ids) * changes.get("scale", self.embedding_dim**0.5)
    x = x if changes.get("no_positions") else self.positional_encoding(x)
    x = self.dropout_layer(x, training=training) if changes.get("dropout", True) else x
    scores = {}
    for n, layer in enumerate(changes.get("layers", self.encoder_layers)):
        x, scores[changes.get("key", "encoder/{}/self").format(n)] = layer(
            x, attention_mask=mask, training=training, return_attention_scores=True
        )
    if self.final_norm is not None and changes.get("final", True):
        x = self.final_norm(x)
    return (x, scores) if asked else x


def encoder_with(name, **changes):
    def call(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
        made = {key: value(self) if callable(value) else value for key, value in changes.items()}
        return encoder(self, token_ids, attention_mask, training, return_attention_scores, **made)

    return type(name, (GivenEncoder,), {"call": call})


@stack
def scaled_too_late(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    mask = create_padding_mask(token_ids, self.pad_id) if attention_mask is None else attention_mask
    x = self.positional_encoding(self.embedding(token_ids)) * np.sqrt(self.embedding_dim)
    x, scores = self.dropout_layer(x, training=training), {}
    for n, layer in enumerate(self.encoder_layers):
        x, scores[f"encoder/{n}/self"] = layer(x, mask, training=training, return_attention_scores=True)
    x = x if self.final_norm is None else self.final_norm(x)
    return (x, scores) if return_attention_scores else x


@stack
def embedded_twice(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    mask = create_padding_mask(token_ids, self.pad_id) if attention_mask is None else attention_mask
    x = self.embedding(token_ids) * np.sqrt(self.embedding_dim)
    x = x + self.positional_encoding(x)
    x, scores = self.dropout_layer(x, training=training), {}
    for n, layer in enumerate(self.encoder_layers):
        x, scores[f"encoder/{n}/self"] = layer(x, mask, training=training, return_attention_scores=True)
    x = x if self.final_norm is None else self.final_norm(x)
    return (x, scores) if return_attention_scores else x


def encoder_masked(name, mask_of):
    def call(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
        mask = mask_of(self, token_ids, attention_mask)
        if mask is None:
            mask = np.ones((1, 1, 1, token_ids.shape[1]), bool)
        return encoder(self, token_ids, mask, training, return_attention_scores)

    return type(name, (GivenEncoder,), {"call": call})


@stack
def always_from_the_embedding(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    mask = create_padding_mask(token_ids, self.pad_id) if attention_mask is None else attention_mask
    x = self.positional_encoding(self.embedding(token_ids) * np.sqrt(self.embedding_dim))
    x, scores = self.dropout_layer(x, training=training), {}
    for n, layer in enumerate(self.encoder_layers):
        y, scores[f"encoder/{n}/self"] = layer(x, mask, training=training, return_attention_scores=True)
    y = y if self.final_norm is None else self.final_norm(y)
    return (y, scores) if return_attention_scores else y


@stack
def list_of_scores(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    results = encoder(self, token_ids, attention_mask, training, return_attention_scores)
    return (results[0], list(results[1].values())) if return_attention_scores else results


@stack
def never_the_scores(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    return encoder(self, token_ids, attention_mask, training, False)


@stack
def always_the_scores(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    return encoder(self, token_ids, attention_mask, training, True)


@stack
def norm_every_layer(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    mask = create_padding_mask(token_ids, self.pad_id) if attention_mask is None else attention_mask
    x = self.positional_encoding(self.embedding(token_ids) * np.sqrt(self.embedding_dim))
    x, scores = self.dropout_layer(x, training=training), {}
    for n, layer in enumerate(self.encoder_layers):
        x, scores[f"encoder/{n}/self"] = layer(x, mask, training=training, return_attention_scores=True)
        if self.final_norm is not None:
            x = self.final_norm(x)
    return (x, scores) if return_attention_scores else x


@stack
def drops_always(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    mask = create_padding_mask(token_ids, self.pad_id) if attention_mask is None else attention_mask
    x = self.positional_encoding(self.embedding(token_ids) * np.sqrt(self.embedding_dim))
    x, scores = self.dropout_layer(x, training=True), {}
    for n, layer in enumerate(self.encoder_layers):
        x, scores[f"encoder/{n}/self"] = layer(x, mask, training=training, return_attention_scores=True)
    x = x if self.final_norm is None else self.final_norm(x)
    return (x, scores) if return_attention_scores else x


@stack
def layers_never_train(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    mask = create_padding_mask(token_ids, self.pad_id) if attention_mask is None else attention_mask
    x = self.positional_encoding(self.embedding(token_ids) * np.sqrt(self.embedding_dim))
    x, scores = self.dropout_layer(x, training=training), {}
    for n, layer in enumerate(self.encoder_layers):
        x, scores[f"encoder/{n}/self"] = layer(x, mask, training=False, return_attention_scores=True)
    x = x if self.final_norm is None else self.final_norm(x)
    return (x, scores) if return_attention_scores else x


def numpy_mask(self, ids, mask):
    return (np.asarray(ids) != self.pad_id)[:, None, None] if mask is None else mask


def full_mask(self, ids, mask):
    B, S = ids.shape
    return ops.broadcast_to((ids != self.pad_id)[:, None, None], (B, 1, S, S)) if mask is None else mask


@stack
def brackets_of_the_pair(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    x, scores = encoder(self, token_ids, attention_mask, training, True)
    return x, scores if return_attention_scores else x


@stack
def positions_twice(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    mask = create_padding_mask(token_ids, self.pad_id) if attention_mask is None else attention_mask
    x = self.positional_encoding(self.embedding(token_ids) * np.sqrt(self.embedding_dim))
    x, scores = self.dropout_layer(self.positional_encoding(x), training=training), {}
    for n, layer in enumerate(self.encoder_layers):
        x, scores[f"encoder/{n}/self"] = layer(x, mask, training=training, return_attention_scores=True)
    x = x if self.final_norm is None else self.final_norm(x)
    return (x, scores) if return_attention_scores else x


@stack
def positions_in_the_loop(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    mask = create_padding_mask(token_ids, self.pad_id) if attention_mask is None else attention_mask
    x = self.dropout_layer(self.embedding(token_ids) * np.sqrt(self.embedding_dim), training=training)
    scores = {}
    for n, layer in enumerate(self.encoder_layers):
        x = self.positional_encoding(x)
        x, scores[f"encoder/{n}/self"] = layer(x, mask, training=training, return_attention_scores=True)
    x = x if self.final_norm is None else self.final_norm(x)
    return (x, scores) if return_attention_scores else x


@stack
def dict_in_the_loop(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    x, scores = encoder(self, token_ids, attention_mask, training, True)
    last = f"encoder/{self.num_layers - 1}/self"
    return (x, {last: scores[last]}) if return_attention_scores else x


@stack
def stacked_scores(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    x, scores = encoder(self, token_ids, attention_mask, training, True)
    return (x, ops.stack(list(scores.values()))) if return_attention_scores else x


@stack
def embedded_anew(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    mask = create_padding_mask(token_ids, self.pad_id) if attention_mask is None else attention_mask
    x = keras.layers.Embedding(self.input_vocab_size, self.embedding_dim)(token_ids) * self.embedding_dim**0.5
    x, scores = self.dropout_layer(self.positional_encoding(x), training=training), {}
    for n, layer in enumerate(self.encoder_layers):
        x, scores[f"encoder/{n}/self"] = layer(x, mask, training=training, return_attention_scores=True)
    x = x if self.final_norm is None else self.final_norm(x)
    return (x, scores) if return_attention_scores else x


@stack
def bare_where_asked(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    return encoder(
        self, token_ids, attention_mask, training, return_attention_scores, final=not return_attention_scores
    )


def everything(ids):
    return np.ones((1, 1, 1, ids.shape[1]), bool)


@stack
def no_mask_where_asked(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    mask = everything(token_ids) if return_attention_scores else attention_mask
    return encoder(self, token_ids, mask, training, return_attention_scores)


@stack
def mask_where_asked(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    mask = attention_mask if return_attention_scores else everything(token_ids)
    return encoder(self, token_ids, mask, training, return_attention_scores)


@stack
def trains_unless_told(self, token_ids, attention_mask=None, training=True, return_attention_scores=False):
    return encoder(self, token_ids, attention_mask, training, return_attention_scores)


@stack
def scores_first(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    x, scores = encoder(self, token_ids, attention_mask, training, True)
    return (scores, x) if return_attention_scores else x


@stack
def trains_where_said_not_to(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    return encoder(self, token_ids, attention_mask, training is not None, return_attention_scores)


@stack
def trains_in_use(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    return encoder(self, token_ids, attention_mask, not training, return_attention_scores)


@stack
def in_doubles(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
    x, scores = encoder(self, token_ids, attention_mask, training, True)
    return (ops.cast(x, "float64"), scores) if return_attention_scores else ops.cast(x, "float64")


def rows_too(self, ids, mask):
    words = ops.not_equal(ids, self.pad_id)
    return words[:, None, None] & words[:, None, :, None] if mask is None else mask


MUTANTS = [
    (encoder_with("two_layers", layers=lambda s: s.encoder_layers[:2]), "two layers run"),
    (embedded_anew, "made inside `call`"),
    (bare_where_asked, "the final norm is missing: with pre it comes last in both"),
    (no_mask_where_asked, "the mask is forgotten"),
    (mask_where_asked, "used only where the scores"),
    (trains_unless_told, "its default is None"),
    (scores_first, "the scores come first"),
    (trains_where_said_not_to, "training=False is taken for training"),
    (trains_in_use, "`training` is turned around"),
    (in_doubles, "another dtype"),
    (encoder_with("halved", scale=lambda self: self.embedding_dim**1 / 2), "the root is D**0.5"),
    (
        encoder_masked("rows_hidden_too", rows_too),
        "rows of padding are hidden too",
    ),
    (brackets_of_the_pair, "Put brackets around the pair"),
    (positions_twice, "positions are added twice"),
    (positions_in_the_loop, "before every layer"),
    (dict_in_the_loop, "left in the dict"),
    (stacked_scores, "tensor of 5 axes"),
    (encoder_with("name_without_f", key="encoder/{{n}}/self"), "got 'encoder/{n}/self'"),
    (
        encoder_masked(
            "rows_hidden",
            lambda self, ids, mask: ops.not_equal(ids, self.pad_id)[:, :, None] if mask is None else mask,
        ),
        "hides the rows",
    ),
    (
        encoder_masked(
            "look_ahead", lambda self, ids, mask: create_look_ahead_mask(ids.shape[1]) if mask is None else mask
        ),
        "looks both ways",
    ),
    (
        encoder_masked(
            "joined",
            lambda self, ids, mask: (
                create_padding_mask(ids, self.pad_id) if mask is None else mask & create_padding_mask(ids, self.pad_id)
            ),
        ),
        "joined with the padding mask",
    ),
    (encoder_masked("numpy_mask", numpy_mask), "come too early"),
    (encoder_masked("full_mask", full_mask), "has no size yet"),
    (encoder_with("scale_forgotten", scale=1.0), "not multiplied"),
    (encoder_with("scaled_by_d", scale=lambda self: self.embedding_dim), "square root is meant"),
    (encoder_with("divided", scale=lambda self: 1 / np.sqrt(self.embedding_dim)), "they are multiplied"),
    (scaled_too_late, "scale the embeddings first"),
    (encoder_with("positions_forgotten", no_positions=True), "no positions"),
    (encoder_with("bare_embedding", no_positions=True, scale=1.0), "neither scaled"),
    (embedded_twice, "added twice"),
    (encoder_with("first_layer_only", layers=lambda self: [self.encoder_layers[0]]), "not all layers are run"),
    (encoder_with("backwards", layers=lambda self: self.encoder_layers[::-1]), "reverse order"),
    (
        encoder_with("one_layer_over", layers=lambda self: [self.encoder_layers[0] for _ in self.encoder_layers]),
        "again and again",
    ),
    (always_from_the_embedding, "reads the embeddings"),
    (encoder_masked("mask_forgotten", lambda self, ids, mask: mask), "not hidden"),
    (
        encoder_masked("pad_zero", lambda self, ids, mask: create_padding_mask(ids) if mask is None else mask),
        "id 0",
    ),
    (
        encoder_masked(
            "padding_seen", lambda self, ids, mask: (ids == self.pad_id)[:, None, None] if mask is None else mask
        ),
        "turned around",
    ),
    (
        encoder_masked("mask_overwritten", lambda self, ids, mask: create_padding_mask(ids, self.pad_id)),
        "overwritten",
    ),
    (encoder_with("final_norm_forgotten", final=False), "final norm is missing"),
    (norm_every_layer, "after every layer"),
    (never_the_scores, "only the output"),
    (always_the_scores, "not asked for"),
    (list_of_scores, "as a list"),
    (encoder_with("no_self_in_name", key="encoder/{}"), "missing at their end"),
    (encoder_with("dropout_forgotten", dropout=False), "not dropped"),
    (drops_always, "outside training"),
    (layers_never_train, "does not reach the layers"),
]
