"""Wrong answers to lesson 10. For each exercise: (answer, words that its diagnosis must hold)."""

import re

import numpy as np
import tensorflow as tf

from utils.bert import RENAMED

# wordpiece_tokenize --------------------------------------------------------------------------------


def never_cut(word, vocab, unknown="[UNK]"):
    if word in vocab:
        return [word]
    return [unknown]


def no_marks(word, vocab, unknown="[UNK]"):
    out = []
    while word:
        n = len(word)
        while n and word[:n] not in vocab:
            n -= 1
        if n == 0:
            return [unknown]
        out.append(word[:n])
        word = word[n:]
    return out


def marks_added_afterwards(word, vocab, unknown="[UNK]"):
    pieces = no_marks(word, vocab, unknown)
    return [p if i == 0 or p == unknown else "##" + p for i, p in enumerate(pieces)]


def marks_dropped(word, vocab, unknown="[UNK]"):
    out, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            if (word[start:end] if start == 0 else "##" + word[start:end]) in vocab:
                out.append(word[start:end])
                start = end
                break
        else:
            return [unknown]
    return out


def marks_everywhere(word, vocab, unknown="[UNK]"):
    out = []
    while word:
        for n in range(len(word), 0, -1):
            if "##" + word[:n] in vocab:
                break
        else:
            return [unknown]
        out.append("##" + word[:n])
        word = word[n:]
    return out


def shortest_first(word, vocab, unknown="[UNK]"):
    out, start = [], 0
    while start < len(word):
        end = start + 1
        while end <= len(word) and ("##" * (start > 0) + word[start:end]) not in vocab:
            end += 1
        if end > len(word):
            return [unknown]
        out.append("##" * (start > 0) + word[start:end])
        start = end
    return out


def rest_unknown(word, vocab, unknown="[UNK]"):
    out, start = [], 0
    while start < len(word):
        candidates = [e for e in range(start + 1, len(word) + 1) if ("##" * (start > 0) + word[start:e]) in vocab]
        if not candidates:
            return [*out, unknown]
        out.append("##" * (start > 0) + word[start : candidates[-1]])
        start = candidates[-1]
    return out


def letters_skipped(word, vocab, unknown="[UNK]"):
    out, i = [], 0
    while i < len(word):
        j = len(word)
        while j > i and ("##" if i else "") + word[i:j] not in vocab:
            j -= 1
        if j == i:
            out.append(unknown)
            i += 1
        else:
            out.append(("##" if i else "") + word[i:j])
            i = j
    return out


def from_the_right(word, vocab, unknown="[UNK]"):
    out, end = [], len(word)
    while end > 0:
        for start in range(end):
            piece = word[start:end] if start == 0 else "##" + word[start:end]
            if piece in vocab:
                out = [piece, *out]
                end = start
                break
        else:
            return [unknown]
    return out


def with_second_thoughts(word, vocab, unknown="[UNK]"):
    def best(rest, mark):
        if not rest:
            return []
        for n in range(len(rest), 0, -1):
            if mark + rest[:n] in vocab:
                tail = best(rest[n:], "##")
                if tail is not None:
                    return [mark + rest[:n]] + tail
        return None

    return best(word, "") if best(word, "") is not None else [unknown]


def unknown_fixed(word, vocab, unknown="[UNK]"):
    return rest_unknown(word, vocab, "[UNK]") if "[UNK]" not in rest_unknown(word, vocab) else ["[UNK]"]


def empty_is_unknown(word, vocab, unknown="[UNK]"):
    pieces = rest_unknown(word, vocab, unknown)
    return [unknown] if not pieces or unknown in pieces else pieces


def joined(word, vocab, unknown="[UNK]"):
    pieces = rest_unknown(word, vocab, unknown)
    return unknown if unknown in pieces else " ".join(pieces)


def never_ends(word, vocab, unknown="[UNK]"):
    out, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            if ("##" * (start > 0) + word[start:end]) in vocab:
                out.append(word[start:end])
    return out


def forgot_return(word, vocab, unknown="[UNK]"):
    rest_unknown(word, vocab, unknown)


# map_weights ---------------------------------------------------------------------------------------


def path_of(name):
    bare = re.sub(r"^(distil)?bert\.", "", name)
    match = re.search(r"\.(\d+)\.", bare)
    if match is None:
        return RENAMED.get(bare)
    found = RENAMED.get(bare.replace(match[0], ".{n}."))
    return found.format(n=match[1]) if found else None


def collect(checkpoint, change, path=path_of):
    return {path(n): change(path(n), a) for n, a in checkpoint.items() if path(n)}


def old_names(checkpoint):
    return {n: np.transpose(a) if path_of(n).endswith("kernel") else a for n, a in checkpoint.items() if path_of(n)}


def untouched(checkpoint):
    return checkpoint


def none_as_name(checkpoint):
    return {str(path_of(n)): a.T if str(path_of(n)).endswith("kernel") else a for n, a in checkpoint.items()}


def heads_kept(checkpoint):
    return collect(checkpoint, lambda p, a: a.T if p.endswith("kernel") else a, lambda n: path_of(n) or n)


def without_biases(checkpoint):
    weights = {n: a for n, a in checkpoint.items() if not n.endswith(".bias")}
    return collect(weights, lambda p, a: np.swapaxes(a, 0, 1) if p.endswith("kernel") else a)


def not_turned(checkpoint):
    return collect(checkpoint, lambda p, a: a)


def every_matrix(checkpoint):
    return collect(checkpoint, lambda p, a: np.transpose(a) if np.ndim(a) == 2 else a)


def until_it_fits(checkpoint):
    return collect(checkpoint, lambda p, a: a.T if "kernel" in p and a.shape[0] != a.shape[1] else a)


def reshaped(checkpoint):
    return collect(checkpoint, lambda p, a: np.reshape(a, a.shape[::-1]) if "kernel" in p else a)


def attention_only(checkpoint):
    return collect(checkpoint, lambda p, a: a.T if p.endswith("_kernel") else a)


def feed_forward_only(checkpoint):
    return collect(checkpoint, lambda p, a: a.T if p.endswith("/kernel") else a)


def not_the_output(checkpoint):
    parts = ("query_kernel", "key_kernel", "value_kernel", "widen/kernel", "narrow/kernel")
    return collect(checkpoint, lambda p, a: a.T if p.endswith(parts) else a)


def embeddings_only(checkpoint):
    return collect(checkpoint, lambda p, a: a if "kernel" in p else a.T)


def unknown_names_crash(checkpoint):
    return {path_of(n): a.T if path_of(n).endswith("kernel") else a for n, a in checkpoint.items()}


def pairs(checkpoint):
    return [(path_of(n), a.T) for n, a in checkpoint.items()]


# mean_pool -----------------------------------------------------------------------------------------


def plain_mean(hidden, padding_mask):
    return tf.reduce_mean(hidden, 1)


def divided_by_length(hidden, padding_mask):
    return (hidden * padding_mask[:, :, None]).mean(axis=1)


def summed(hidden, padding_mask):
    return np.einsum("btd,bt->bd", hidden, padding_mask.astype("float32"))


def batch_count(hidden, padding_mask):
    return np.where(padding_mask[..., None], hidden, 0).sum(1) / max(np.count_nonzero(padding_mask), 1)


def mask_turned(hidden, padding_mask):
    return np.stack([h[~m].mean(0) if (~m).any() else h[0] * 0 for h, m in zip(hidden, padding_mask, strict=True)])


def only_the_count(hidden, padding_mask):
    return hidden.sum(axis=1) / np.maximum(padding_mask.sum(axis=1), 1)[:, None]


def first_token(hidden, padding_mask):
    return tf.constant(hidden)[:, 0]


def not_the_first(hidden, padding_mask):
    m = padding_mask[:, 1:, None].astype("float32")
    return (hidden[:, 1:] * m).sum(1) / np.clip(m.sum(1), 1, None)


def largest(hidden, padding_mask):
    low = np.where(padding_mask[..., None], hidden, -np.inf).max(axis=1)
    return np.where(np.isfinite(low), low, 0)


def over_texts(hidden, padding_mask):
    return np.mean(hidden, axis=0)


def over_columns(hidden, padding_mask):
    return np.mean(hidden, axis=2)


def very_low(hidden, padding_mask):
    return tf.reduce_mean(tf.where(padding_mask[..., None], hidden, -1e9), axis=1)


def unit_length(hidden, padding_mask):
    pooled = np.einsum("btd,bt->bd", hidden, padding_mask) / np.maximum(padding_mask.sum(1, keepdims=True), 1)
    return pooled / np.maximum(np.sqrt((pooled**2).sum(1, keepdims=True)), 1e-9)


def first_so_many(hidden, padding_mask):
    counts = padding_mask.sum(axis=1)
    return np.stack([h[:n].mean(0) if n else np.zeros(h.shape[1]) for h, n in zip(hidden, counts, strict=True)])


def divided_by_zero(hidden, padding_mask):
    m = tf.cast(padding_mask, tf.float32)[..., None]
    return tf.reduce_sum(hidden * m, 1) / tf.reduce_sum(m, 1)


def axis_kept(hidden, padding_mask):
    m = padding_mask[..., None]
    return (hidden * m).sum(1, keepdims=True) / np.maximum(m.sum(1, keepdims=True), 1)


MUTANTS = {
    "wordpiece_tokenize": [
        (never_cut, "words are never cut"),
        (no_marks, "looked up without ##: a piece"),
        (marks_added_afterwards, "which is added afterwards"),
        (marks_dropped, "the ## is lost"),
        (marks_everywhere, "first piece of a word has no ##"),
        (shortest_first, "the shortest piece is taken"),
        (rest_unknown, "only the rest becomes unknown"),
        (letters_skipped, "a letter that fits no piece is skipped"),
        (from_the_right, "cuts from the right"),
        (with_second_thoughts, "takes a piece back"),
        (unknown_fixed, "`unknown` is ignored"),
        (empty_is_unknown, "an empty word is not unknown"),
        (joined, "joined to one text"),
        (never_ends, "still running"),
        (forgot_return, "is a `return` missing?"),
    ],
    "map_weights": [
        (old_names, "names are still the checkpoint's"),
        (untouched, "names are still the checkpoint's"),
        (none_as_name, "kept under None"),
        (heads_kept, "kept under its own name"),
        (without_biases, "biases are left out"),
        (not_turned, "nothing is turned"),
        (every_matrix, "the embeddings are turned too"),
        (until_it_fits, "only matrices that are not square"),
        (reshaped, "reshaped, not turned"),
        (attention_only, "those of the feed-forward network are not"),
        (feed_forward_only, "those of attention are not"),
        (not_the_output, "attention's output matrix"),
        (embeddings_only, "the other way round"),
        (unknown_names_crash, "it raised"),
        (pairs, "a dictionary path -> array is asked for, a list came back"),
    ],
    "mean_pool": [
        (plain_mean, "the mask is not used"),
        (divided_by_length, "the count does not"),
        (summed, "this is the sum"),
        (batch_count, "the whole batch"),
        (mask_turned, "mask is turned around"),
        (only_the_count, "the sum does not"),
        (first_token, "first token's vector"),
        (not_the_first, "first token is left out"),
        (largest, "largest of each column"),
        (over_texts, "runs over the texts"),
        (over_columns, "D numbers of a token"),
        (very_low, "very low number"),
        (unit_length, "length one"),
        (first_so_many, "as many as the mask counts"),
        (divided_by_zero, "0/0"),
        (axis_kept, "shape"),
    ],
}
