"""Exercises of lesson 03: one word's attention by hand, then all words at once."""

import numpy as np

from utils.checks.why_attention import softmax


def project_qkv(x, w_q, w_k, w_v) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each word's query, key and value.

    Args:
        x: the words' vectors (T, D).
        w_q: (D, K).
        w_k: (D, K).
        w_v: (D, Dv).

    Returns:
        q (T, K), k (T, K), v (T, Dv).
    """
    return x @ w_q, x @ w_k, x @ w_v


def attention_for_one_word(q, k, v, i: int) -> tuple[np.ndarray, np.ndarray]:
    """What word i takes from all words.

    Args:
        q: queries (T, K).
        k: keys (S, K).
        v: values (S, Dv).
        i: whose turn it is, 0 to T - 1.

    Returns:
        Its new vector (Dv,) and its weights (S,): softmax(k·q_i / √K).
    """
    scores = np.array([np.dot(q[i], k_j) for k_j in k]) / np.sqrt(len(q[i]))  # (S,)
    weights = softmax(scores)
    return sum(w * v_j for w, v_j in zip(weights, v, strict=True)), weights
