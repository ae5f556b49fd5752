"""Unusual right answers to count_parameters."""

import numpy as np


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
    return stacks + D * input_vocab_size + D * target_vocab_size + dense(D, target_vocab_size)


ALTERNATIVES = [built_and_counted, in_closed_form, by_keyword]
