"""Wrong answers to count_parameters."""


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


MUTANTS = [
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
