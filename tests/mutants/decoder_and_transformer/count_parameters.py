"""Wrong answers to count_parameters."""

import numpy as np
import tensorflow as tf

from utils.layers import Transformer


def three_matrices(N, D, H, F, V, W):
    encoder = 3 * (D * D + D) + 2 * D * F + F + D + 4 * D
    decoder = 6 * (D * D + D) + 2 * D * F + F + D + 6 * D
    return N * (encoder + decoder) + D * (V + W) + (D + 1) * W


def kernels_only(N, D, H, F, V, W):
    encoder = 4 * D * D + 2 * D * F + 4 * D
    decoder = 8 * D * D + 2 * D * F + 6 * D
    return N * (encoder + decoder) + D * (V + W) + D * W


def heads_multiplied(N, D, H, F, V, W):
    attention = H * (4 * D * D + 4 * D)
    feed_forward = D * F + F + F * D + D
    return N * (3 * attention + 2 * feed_forward + 10 * D) + D * (V + W) + (D + 1) * W


def without_norms(N, D, H, F, V, W):
    return N * (12 * (D * D + D) + 2 * (2 * D * F + F + D)) + D * (V + W) + (D + 1) * W


def two_encoders(N, D, H, F, V, W):
    layer = 4 * (D * D + D) + 2 * D * F + F + D + 4 * D
    return 2 * N * layer + D * (V + W) + (D + 1) * W


def no_embeddings(N, D, H, F, V, W):
    return N * (12 * (D * D + D) + 2 * (2 * D * F + F + D) + 10 * D) + (D + 1) * W


def right(N, D, H, F, V, W):
    return N * (12 * (D * D + D) + 2 * (2 * D * F + F + D) + 10 * D) + D * (V + W) + (D + 1) * W


def no_output(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - (D + 1) * W


def output_by_source(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - (D + 1) * W + (D + 1) * V


def no_output_bias(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - W


def one_layer(N, D, H, F, V, W):
    return right(1, D, H, F, V, W)


def all_times_layers(N, D, H, F, V, W):
    return N * right(1, D, H, F, V, W)


def as_a_float(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) * 1.0


def by_division(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) * H / H


def nothing_returned(N, D, H, F, V, W):
    right(N, D, H, F, V, W)


def way_back_without_biases(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - 2 * N * D


def one_norm_each(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - N * (2 * D + 4 * D)


def tied(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - W * D


def of_one_size(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) + (V - W) * D


def embedded_in_each_layer(N, D, H, F, V, W):
    layers = 12 * (D * D + D) + 2 * (2 * D * F + F + D) + 10 * D
    return N * (layers + D * (V + W)) + (D + 1) * W


def a_norm_at_the_end(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) + 2 * D


def one_bias_in_four(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - 9 * N * D


def a_bias_is_one_number(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - 12 * N * (D - 1)


def one_head(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - 12 * N * (D * D - D * (D // H))


def both_inner(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) + 2 * N * (F - D)


def both_outer(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) + 2 * N * (D - F)


def inner_biases_forgotten(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - 2 * N * F


def biases_of_layers_forgotten(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - N * (12 * D + 2 * (F + D))


def two_encoders_for_a_decoder(N, D, H, F, V, W):
    encoder = 4 * (D * D + D) + 2 * D * F + F + D + 4 * D
    return N * 3 * encoder + D * (V + W) + (D + 1) * W


def layers_twice(N, D, H, F, V, W):
    return 2 * N * (12 * (D * D + D) + 2 * (2 * D * F + F + D) + 10 * D) + D * (V + W) + (D + 1) * W


def brackets(N, D, H, F, V, W):
    encoder = 4 * (D * D + D) + 2 * D * F + F + D + 4 * D
    decoder = 8 * (D * D + D) + 2 * D * F + F + D + 6 * D
    return N * encoder + decoder + D * (V + W) + (D + 1) * W


def one_matrix(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - 9 * N * (D * D + D)


def last_bias_of_attention(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - 3 * N * D


def without_feed_forward(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - 2 * N * (2 * D * F + F + D)


def encoders_feed_forward_only(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - N * (2 * D * F + F + D)


def three_feed_forwards(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) + N * (2 * D * F + F + D)


def one_norm_and_two(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - 4 * N * D


def rounded(N, D, H, F, V, W):
    return int(np.float32(right(N, D, H, F, V, W)))


def as_text(N, D, H, F, V, W):
    return f"{right(N, D, H, F, V, W):,}"


def as_a_tensor(N, D, H, F, V, W):
    return tf.constant(right(N, D, H, F, V, W))


def as_an_array(N, D, H, F, V, W):
    return np.array(right(N, D, H, F, V, W))


def counted_in_the_machine(N, D, H, F, V, W):
    """The lesson asks it for the weights without any words, too."""
    machine = Transformer(N, D, H, F, V, W, 9, 8)
    machine.build(((None, 9), (None, 8)))
    return machine.count_params()


MUTANTS = [
    (one_matrix, "here is one: query"),
    (last_bias_of_attention, "biases of the attention's output"),
    (without_feed_forward, "both feed-forwards"),
    (encoders_feed_forward_only, "one feed-forward is missing"),
    (three_feed_forwards, "one feed-forward too many"),
    (one_norm_and_two, "three norms here"),
    (rounded, "seven digits"),
    (as_text, "a text came back"),
    (as_a_tensor, "a tensor or an array"),
    (as_an_array, "a tensor or an array"),
    (counted_in_the_machine, "it raised ValueError"),
    (way_back_without_biases, "2·D are missing"),
    (one_norm_each, "two norms here"),
    (tied, "W·D are missing"),
    (of_one_size, "of one size"),
    (embedded_in_each_layer, "counted in every layer"),
    (a_norm_at_the_end, "2·D too many"),
    (one_bias_in_four, "four biases of D"),
    (a_bias_is_one_number, "one number for all"),
    (one_head, "only one head"),
    (both_inner, "both are F"),
    (both_outer, "both are D"),
    (inner_biases_forgotten, "F biases are forgotten"),
    (biases_of_layers_forgotten, "biases of attention and feed-forward"),
    (two_encoders_for_a_decoder, "two of the encoder's"),
    (layers_twice, "counted twice"),
    (brackets, "only one half is multiplied"),
    (three_matrices, "four matrices"),
    (kernels_only, "all biases"),
    (heads_multiplied, "counted at the full width"),
    (without_norms, "norms are forgotten"),
    (two_encoders, "counted as an encoder's"),
    (no_embeddings, "both embeddings"),
    (no_output, "layer at the end is missing"),
    (output_by_source, "not the source"),
    (no_output_bias, "last layer's biases"),
    (one_layer, "not multiplied"),
    (all_times_layers, "all is multiplied"),
    (as_a_float, "not an int"),
    (by_division, "not an int"),
    (nothing_returned, "nothing came back"),
]
