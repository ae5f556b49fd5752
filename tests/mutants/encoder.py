"""Wrong answers to lesson 06. For each exercise: (answer, words that its diagnosis must hold)."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from utils.layers import Encoder as GivenEncoder
from utils.layers import EncoderLayer as GivenLayer
from utils.layers import FeedForward as GivenFeedForward
from utils.layers import create_padding_mask


def divided_by_variance(x, gamma, beta, epsilon=1e-6):
    mean, variance = tf.nn.moments(tf.constant(x), [-1], keepdims=True)
    return gamma * (x - mean) / (variance + epsilon) + beta


def only_centred(x, gamma, beta, epsilon=1e-6):
    return gamma * (x - np.mean(x, -1, keepdims=True)) + beta


def only_divided(x, gamma, beta, epsilon=1e-6):
    return gamma * x / np.sqrt(np.var(x, -1, keepdims=True) + epsilon) + beta


def rms_norm(x, gamma, beta, epsilon=1e-6):
    return gamma * x * ops.rsqrt(ops.mean(ops.square(x), axis=-1, keepdims=True) + epsilon) + beta


def mean_of_squares(x, gamma, beta, epsilon=1e-6):
    mean = ops.mean(x, axis=-1, keepdims=True)
    variance = ops.mean(ops.square(x), axis=-1, keepdims=True)
    return gamma * (x - mean) / ops.sqrt(variance + epsilon) + beta


def summed_squares(x, gamma, beta, epsilon=1e-6):
    left = x - np.mean(x, axis=-1, keepdims=True)
    return gamma * left / (np.linalg.norm(left, axis=-1, keepdims=True) + 1e-12) + beta


def bessel(x, gamma, beta, epsilon=1e-6):
    left = x - x.mean(axis=-1, keepdims=True)
    return gamma * left / np.sqrt((left**2).sum(-1, keepdims=True) / (x.shape[-1] - 1) + epsilon) + beta


def everything_at_once(x, gamma, beta, epsilon=1e-6):
    return gamma * (x - np.mean(x)) / np.sqrt(np.var(x) + epsilon) + beta


def over_words(x, gamma, beta, epsilon=1e-6):
    mean, variance = ops.mean(x, axis=-2, keepdims=True), ops.var(x, axis=-2, keepdims=True)
    return gamma * (x - mean) / ops.sqrt(variance + epsilon) + beta


def over_features(x, gamma, beta, epsilon):
    return gamma * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + epsilon) + beta


def over_the_batch(x, gamma, beta, epsilon=1e-6):
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon) + beta


def batch_norm(x, gamma, beta, epsilon=1e-6):
    axes = tuple(range(x.ndim - 1))
    return gamma * (x - x.mean(axis=axes)) / np.sqrt(x.var(axis=axes) + epsilon) + beta


def per_sentence(x, gamma, beta, epsilon=1e-6):
    axes = tuple(range(1, x.ndim)) if x.ndim > 2 else -1
    return gamma * (x - np.mean(x, axes, keepdims=True)) / np.sqrt(np.var(x, axes, keepdims=True) + epsilon) + beta


def axis_one(x, gamma, beta, epsilon=1e-6):
    axis = 1 if x.ndim > 1 else 0
    return gamma * (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + epsilon) + beta


def keepdims_forgotten(x, gamma, beta, epsilon=1e-6):
    return gamma * (x - np.mean(x, -1)) / np.sqrt(np.var(x, -1) + epsilon) + beta


def no_gamma_beta(x, gamma, beta, epsilon=1e-6):
    return keras.layers.LayerNormalization(epsilon=epsilon, center=False, scale=False)(x)


def no_beta(x, gamma, beta, epsilon=1e-6):
    return over_features(x, gamma, 0, epsilon)


def no_gamma(x, gamma, beta, epsilon=1e-6):
    return over_features(x, 1, beta, epsilon)


def swapped(x, gamma, beta, epsilon=1e-6):
    return over_features(x, beta, gamma, epsilon)


def beta_inside(x, gamma, beta, epsilon=1e-6):
    return gamma * (over_features(x, 1, 0, epsilon) + beta)


def epsilon_outside(x, gamma, beta, epsilon=1e-6):
    return gamma * (x - x.mean(-1, keepdims=True)) / (x.std(-1, keepdims=True) + epsilon) + beta


def no_epsilon(x, gamma, beta, epsilon=1e-6):
    return over_features(x, gamma, beta, 0.0)


def epsilon_of_keras(x, gamma, beta, epsilon=1e-6):
    return over_features(x, gamma, beta, 1e-3)


def epsilon_fixed(x, gamma, beta, epsilon=1e-6):
    return over_features(x, gamma, beta, 1e-6)


def brackets_forgotten(x, gamma, beta, epsilon=1e-6):
    mean, variance = ops.mean(x, -1, keepdims=True), ops.var(x, -1, keepdims=True)
    return gamma * (x - mean / ops.sqrt(variance + epsilon)) + beta


def forgot_return(x, gamma, beta, epsilon=1e-6):
    over_features(x, gamma, beta, epsilon)


def of(given):
    """The lesson's class with another `call`."""
    return lambda call: type(call.__name__, (given,), {"call": call})


feed, one, stack = of(GivenFeedForward), of(GivenLayer), of(GivenEncoder)


@feed
def not_narrowed(self, x, training=None):
    return self.dropout_layer(self.widen(x), training=training)


@feed
def not_widened(self, x, training=None):
    return self.dropout_layer(self.narrow(x), training=training)


@feed
def narrow_first(self, x, training=None):
    return self.dropout_layer(self.widen(self.narrow(x)), training=training)


@feed
def with_residual(self, x, training=None):
    return x + self.dropout_layer(self.narrow(self.widen(x)), training=training)


@feed
def bent_at_the_end(self, x, training=None):
    return self.dropout_layer(ops.relu(self.narrow(self.widen(x))), training=training)


@feed
def always_relu(self, x, training=None):
    hidden = tf.nn.relu(tf.matmul(x, self.widen.kernel) + self.widen.bias)
    return self.dropout_layer(self.narrow(hidden), training=training)


@feed
def never_bent(self, x, training=None):
    hidden = tf.matmul(x, self.widen.kernel) + self.widen.bias
    return self.dropout_layer(self.narrow(hidden), training=training)


@feed
def relu_on_top(self, x, training=None):
    return self.dropout_layer(self.narrow(ops.relu(self.widen(x))), training=training)


@feed
def activation_twice(self, x, training=None):
    hidden = keras.activations.get(self.activation)(self.widen(x))
    return self.dropout_layer(self.narrow(hidden), training=training)


@feed
def no_dropout(self, x, training=None):
    return self.narrow(self.widen(x))


@feed
def dropout_always(self, x, training=None):
    return self.dropout_layer(self.narrow(self.widen(x)), training=True)


@feed
def dropout_inside(self, x, training=None):
    x = self.dropout_layer(self.widen(x), training=training)
    return self.narrow(x)


@feed
def dropout_first(self, x, training=None):
    return self.narrow(self.widen(self.dropout_layer(x, training=training)))


@feed
def nothing_returned(self, x, training=None):
    x = self.widen(x)
    x = self.narrow(x)
    self.dropout_layer(x, training=training)


def attend(self, x, mask, training, **options):
    return self.self_attention(
        x, x, **{"attention_mask": mask, "return_attention_scores": True, "training": training} | options
    )


def encoder_layer(self, x, mask, training, asked, first=None, second=None, pre=None):
    """The right layer, with ways to go wrong: how each residual is added, whether norms come first."""
    pre = self.norm == "pre" if pre is None else pre
    y, scores = attend(self, self.attention_norm(x) if pre else x, mask, training)
    y = self.attention_dropout(y, training=training)
    x = first(x, y) if first else x + y
    x = x if pre else self.attention_norm(x)
    y = self.feed_forward(self.feed_forward_norm(x) if pre else x, training=training)
    x = second(x, y) if second else x + y
    x = x if pre else self.feed_forward_norm(x)
    return (x, scores) if asked else x


@one
def no_residuals(self, x, attention_mask=None, training=None, return_attention_scores=False):
    keep = lambda x, y: y  # noqa: E731
    return encoder_layer(self, x, attention_mask, training, return_attention_scores, first=keep, second=keep)


@one
def no_first_residual(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return encoder_layer(self, x, attention_mask, training, return_attention_scores, first=lambda x, y: y)


@one
def no_second_residual(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return encoder_layer(self, x, attention_mask, training, return_attention_scores, second=lambda x, y: y)


@one
def residual_from_the_start(self, x, attention_mask=None, training=None, return_attention_scores=False):
    start = x
    return encoder_layer(self, x, attention_mask, training, return_attention_scores, second=lambda x, y: start + y)


@one
def norm_ignored_post(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return encoder_layer(self, x, attention_mask, training, return_attention_scores, pre=False)


@one
def norm_ignored_pre(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return encoder_layer(self, x, attention_mask, training, return_attention_scores, pre=True)


@one
def pre_and_post_swapped(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return encoder_layer(self, x, attention_mask, training, return_attention_scores, pre=self.norm == "post")


@one
def residual_after_the_norm(self, x, attention_mask=None, training=None, return_attention_scores=False):
    if self.norm == "pre":
        x = self.attention_norm(x)
    residual = x
    x, scores = attend(self, x, attention_mask, training)
    x = residual + self.attention_dropout(x, training=training)
    x = self.feed_forward_norm(x) if self.norm == "pre" else self.attention_norm(x)
    x = x + self.feed_forward(x, training=training)
    x = x if self.norm == "pre" else self.feed_forward_norm(x)
    return (x, scores) if return_attention_scores else x


@one
def norm_inside_the_sum(self, x, attention_mask=None, training=None, return_attention_scores=False):
    if self.norm == "pre":
        return encoder_layer(self, x, attention_mask, training, return_attention_scores)
    y, scores = attend(self, x, attention_mask, training)
    x = x + self.attention_norm(self.attention_dropout(y, training=training))
    x = x + self.feed_forward_norm(self.feed_forward(x, training=training))
    return (x, scores) if return_attention_scores else x


@one
def no_norms(self, x, attention_mask=None, training=None, return_attention_scores=False):
    y, scores = attend(self, x, attention_mask, training)
    x = x + self.attention_dropout(y, training=training)
    x = x + self.feed_forward(x, training=training)
    return (x, scores) if return_attention_scores else x


@one
def one_norm_for_both(self, x, attention_mask=None, training=None, return_attention_scores=False):
    pre, norm = self.norm == "pre", self.attention_norm
    y, scores = attend(self, norm(x) if pre else x, attention_mask, training)
    x = x + self.attention_dropout(y, training=training)
    x = x if pre else norm(x)
    x = x + self.feed_forward(norm(x) if pre else x, training=training)
    x = x if pre else norm(x)
    return (x, scores) if return_attention_scores else x


@one
def norms_swapped(self, x, attention_mask=None, training=None, return_attention_scores=False):
    pre, norm1, norm2 = self.norm == "pre", self.feed_forward_norm, self.attention_norm
    y, scores = attend(self, norm1(x) if pre else x, attention_mask, training)
    x = x + self.attention_dropout(y, training=training)
    x = x if pre else norm1(x)
    x = x + self.feed_forward(norm2(x) if pre else x, training=training)
    x = x if pre else norm2(x)
    return (x, scores) if return_attention_scores else x


@one
def only_queries_normed(self, x, attention_mask=None, training=None, return_attention_scores=False):
    if self.norm == "post":
        return encoder_layer(self, x, attention_mask, training, return_attention_scores)
    y, scores = self.self_attention(
        self.attention_norm(x), x, attention_mask=attention_mask, return_attention_scores=True, training=training
    )
    x = x + self.attention_dropout(y, training=training)
    x = x + self.feed_forward(self.feed_forward_norm(x), training=training)
    return (x, scores) if return_attention_scores else x


@one
def residual_is_the_sum(self, x, attention_mask=None, training=None, return_attention_scores=False):
    if self.norm == "pre":
        return encoder_layer(self, x, attention_mask, training, return_attention_scores)
    y, scores = attend(self, x, attention_mask, training)
    residual = x + self.attention_dropout(y, training=training)
    x = self.feed_forward(self.attention_norm(residual), training=training)
    x = self.feed_forward_norm(residual + x)
    return (x, scores) if return_attention_scores else x


@one
def feed_forward_forgotten(self, x, attention_mask=None, training=None, return_attention_scores=False):
    pre = self.norm == "pre"
    y, scores = attend(self, self.attention_norm(x) if pre else x, attention_mask, training)
    x = x + self.attention_dropout(y, training=training)
    x = x if pre else self.attention_norm(x)
    return (x, scores) if return_attention_scores else x


@one
def feed_forward_first(self, x, attention_mask=None, training=None, return_attention_scores=False):
    if self.norm == "pre":
        x = x + self.feed_forward(self.feed_forward_norm(x), training=training)
        y, scores = attend(self, self.attention_norm(x), attention_mask, training)
        x = x + self.attention_dropout(y, training=training)
    else:
        x = self.feed_forward_norm(x + self.feed_forward(x, training=training))
        y, scores = attend(self, x, attention_mask, training)
        x = self.attention_norm(x + self.attention_dropout(y, training=training))
    return (x, scores) if return_attention_scores else x


def changed_mask(change):
    def call(self, x, attention_mask=None, training=None, return_attention_scores=False):
        mask = None if attention_mask is None else change(attention_mask)
        return encoder_layer(self, x, mask, training, return_attention_scores)

    return call


def no_mask(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return changed_mask(lambda mask: None)(self, x, attention_mask, training, return_attention_scores)


def mask_turned(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return changed_mask(lambda mask: mask == False)(  # noqa: E712 - as a learner may write it
        self, x, attention_mask, training, return_attention_scores
    )


no_mask, mask_turned = one(no_mask), one(mask_turned)


@one
def mask_as_key(self, x, attention_mask=None, training=None, return_attention_scores=False):
    pre = self.norm == "pre"
    y = self.attention_norm(x) if pre else x
    y, scores = self.self_attention(y, y, attention_mask, return_attention_scores=True, training=training)
    x = x + self.attention_dropout(y, training=training)
    x = x if pre else self.attention_norm(x)
    y = self.feed_forward(self.feed_forward_norm(x) if pre else x, training=training)
    x = x + y if pre else self.feed_forward_norm(x + y)
    return (x, scores) if return_attention_scores else x


@one
def always_a_pair(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return encoder_layer(self, x, attention_mask, training, True)


@one
def never_a_pair(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return encoder_layer(self, x, attention_mask, training, False)


@one
def no_attention_dropout(self, x, attention_mask=None, training=None, return_attention_scores=False):
    pre = self.norm == "pre"
    y, scores = attend(self, self.attention_norm(x) if pre else x, attention_mask, training)
    x = x + y if pre else self.attention_norm(x + y)
    y = self.feed_forward(self.feed_forward_norm(x) if pre else x, training=training)
    x = x + y if pre else self.feed_forward_norm(x + y)
    return (x, scores) if return_attention_scores else x


@one
def always_training(self, x, attention_mask=None, training=None, return_attention_scores=False):
    pre = self.norm == "pre"
    y, scores = attend(self, self.attention_norm(x) if pre else x, attention_mask, training)
    x = x + self.attention_dropout(y, training=True)
    x = x if pre else self.attention_norm(x)
    y = self.feed_forward(self.feed_forward_norm(x) if pre else x, training=training)
    x = x + y if pre else self.feed_forward_norm(x + y)
    return (x, scores) if return_attention_scores else x


@one
def sum_dropped(self, x, attention_mask=None, training=None, return_attention_scores=False):
    pre = self.norm == "pre"
    y, scores = attend(self, self.attention_norm(x) if pre else x, attention_mask, training)
    x = self.attention_dropout(x + y, training=training)
    x = x if pre else self.attention_norm(x)
    y = self.feed_forward(self.feed_forward_norm(x) if pre else x, training=training)
    x = x + y if pre else self.feed_forward_norm(x + y)
    return (x, scores) if return_attention_scores else x


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


MUTANTS = {
    "layer_norm": [
        (divided_by_variance, "square root is missing"),
        (only_centred, "nothing is divided"),
        (only_divided, "not taken out of x"),
        (rms_norm, "RMS norm"),
        (mean_of_squares, "before squaring"),
        (summed_squares, "added up, not averaged"),
        (bessel, "D - 1"),
        (everything_at_once, "all numbers share"),
        (over_words, "over the words"),
        (over_the_batch, "first axis"),
        (batch_norm, "batch norm"),
        (per_sentence, "whole sentence"),
        (axis_one, "axis 1"),
        (keepdims_forgotten, "keepdims"),
        (no_gamma_beta, "both unused"),
        (no_beta, "beta is unused"),
        (no_gamma, "gamma is unused"),
        (swapped, "changed places"),
        (beta_inside, "multiplied too"),
        (epsilon_outside, "after the root"),
        (no_epsilon, "epsilon is unused"),
        (epsilon_of_keras, "epsilon is fixed"),
        (epsilon_fixed, "epsilon is fixed"),
        (brackets_forgotten, "in brackets"),
        (forgot_return, "`return` missing"),
    ],
    "FeedForward": [
        (not_narrowed, "second layer is missing"),
        (not_widened, "incompatible"),
        (narrow_first, "incompatible"),
        (with_residual, "input is added"),
        (bent_at_the_end, "output is bent"),
        (always_relu, "always a relu"),
        (never_bent, "not bent"),
        (relu_on_top, "on top"),
        (activation_twice, "acts twice"),
        (no_dropout, "never applied"),
        (dropout_always, "outside training"),
        (dropout_inside, "on the hidden numbers"),
        (dropout_first, "on the input"),
        (nothing_returned, "`return` missing"),
    ],
    "EncoderLayer": [
        (no_residuals, "both residuals"),
        (no_first_residual, "first residual"),
        (no_second_residual, "second residual is missing"),
        (residual_from_the_start, "second residual is the layer's input"),
        (norm_ignored_post, "with pre the norms stand behind"),
        (norm_ignored_pre, "with post the norms stand before"),
        (pre_and_post_swapped, "with post the norms stand before"),
        (residual_after_the_norm, "keep the x from before"),
        (norm_inside_the_sum, "before the residual is added"),
        (no_norms, "nothing is normalised"),
        (one_norm_for_both, "serves both"),
        (norms_swapped, "two norms have changed"),
        (only_queries_normed, "only the queries"),
        (residual_is_the_sum, "sum from before the first norm"),
        (feed_forward_forgotten, "feed-forward is missing"),
        (feed_forward_first, "comes first"),
        (no_mask, "mask is ignored"),
        (mask_turned, "turned around"),
        (mask_as_key, "third place"),
        (always_a_pair, "not asked for"),
        (never_a_pair, "only the output"),
        (no_attention_dropout, "never dropped"),
        (always_training, "outside training"),
        (sum_dropped, "on the sum"),
    ],
    "Encoder": [
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
    ],
}
