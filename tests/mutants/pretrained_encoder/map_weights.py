"""Wrong answers to map_weights."""

import re

import numpy as np
import tensorflow as tf

from utils.pretrained.checkpoint import RENAMED


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


def as_tensors(checkpoint):
    return collect(checkpoint, lambda p, a: tf.transpose(a) if p.endswith("kernel") else tf.constant(a))


def in_half_precision(checkpoint):
    return collect(checkpoint, lambda p, a: (a.T if p.endswith("kernel") else a).astype("float16"))


def six_layers(checkpoint):
    found = {}
    for pattern, path in RENAMED.items():
        for n in range(6):
            for prefix in ("", "bert.", "distilbert."):
                array = checkpoint.get(prefix + pattern.replace("{n}", str(n)))
                if array is not None:
                    found[path.replace("{n}", str(n))] = array.T if path.endswith("kernel") else array
    return found


def dense_by_name(checkpoint):
    return {path_of(n): (a.T if ".dense." in n else a) for n, a in checkpoint.items() if path_of(n)}


def pops_what_it_leaves_out(checkpoint):
    for name in list(checkpoint):
        if path_of(name) is None:
            checkpoint.pop(name)
    return collect(checkpoint, lambda p, a: a.T if p.endswith("kernel") else a)


def breaks_off(checkpoint):
    ours = {}
    for name, array in checkpoint.items():
        path = path_of(name)
        if path is None:
            break
        ours[path] = array.T if path.endswith("kernel") else array
    return ours


def kernels_only(checkpoint):
    return {path_of(n): a.T for n, a in checkpoint.items() if path_of(n) and "kernel" in path_of(n)}


def no_path_to_a_bias(checkpoint):
    kept = {n: a for n, a in checkpoint.items() if not (path_of(n) or "").endswith("bias")}
    return collect(kept, lambda p, a: a.T if p.endswith("kernel") else a)


def returns_in_the_loop(checkpoint):
    ours = {}
    for name, array in checkpoint.items():
        if path_of(name):
            ours[path_of(name)] = array.T if path_of(name).endswith("kernel") else array
        return ours


def bert_only(checkpoint):
    berts = {n: a for n, a in checkpoint.items() if not re.match("distilbert", n)}
    return collect(berts, lambda p, a: a.T if p.endswith("kernel") else a)


def turned_where_it_stands(checkpoint):
    out = {}
    for name in checkpoint:
        path = path_of(name)
        if path is None:
            continue
        if path.endswith("kernel"):
            checkpoint[name] = checkpoint[name].T
        out[path] = checkpoint[name]
    return out


def some_by_name(*parts):
    def turned(checkpoint):
        mapped = {}
        for name, array in checkpoint.items():
            path = path_of(name)
            if path is not None:
                mapped[path] = array.T if any(part in name for part in parts) and name.endswith("weight") else array
        return mapped

    return turned


def some_by_path(*names):
    return lambda checkpoint: collect(checkpoint, lambda p, a: a.T if p.split("/")[-1] in names else a)


def not_the_query(checkpoint):
    return collect(checkpoint, lambda p, a: a.T if p.endswith("kernel") and "query" not in p else a)


def without(lost):
    def mapped(checkpoint):
        found = collect(checkpoint, lambda p, a: a.T if p.endswith("kernel") else a)
        return {path: array for path, array in found.items() if not lost(path, array)}

    return mapped


def kernel_or_bias(checkpoint):
    out = {}
    for n, a in checkpoint.items():
        p = path_of(n)
        if p and p.endswith("kernel"):
            out[p] = a.T
        if p and p.endswith("bias"):
            out[p] = a
    return out


def pattern_as_name(checkpoint):
    out = {}
    for n, a in checkpoint.items():
        bare = n.removeprefix("bert.").removeprefix("distilbert.")
        p = RENAMED.get(re.sub(r"layer\.\d+\.", "layer.{n}.", bare))
        if p:
            out[p] = a.T if p.endswith("kernel") else a
    return out


def dictionary_as_a_default(checkpoint, mapped={}):  # noqa: B006 - that is the mistake
    for n, a in checkpoint.items():
        if path_of(n):
            mapped[path_of(n)] = a.T if path_of(n).endswith("kernel") else a
    return mapped


DENSE = ("dense", "q_lin", "lin1", "lin2", "out_lin")

MUTANTS = [
    (some_by_name("query", *DENSE), "query's, key's or value's matrices are not turned"),
    (some_by_name("query", "key", "k_lin", *DENSE), "query's, key's or value's matrices are not turned"),
    (some_by_name("dense", "lin1", "lin2", "out_lin"), "query's, key's or value's matrices are not turned"),
    (some_by_path("query_kernel", "key_kernel", "output_kernel", "kernel"), "query's, key's or value's matrices"),
    (not_the_query, "query's, key's or value's matrices are not turned"),
    (without(lambda p, a: p.startswith("embedding/") and not p.endswith("embeddings")), "norms are left out"),
    (without(lambda p, a: p.endswith(("gamma", "beta"))), "norms are left out"),
    (without(lambda p, a: "feed_forward_norm" in p or "attention_norm" in p), "norms are left out"),
    (without(lambda p, a: a.ndim == 1), "what has one axis is no matrix"),
    (without(lambda p, a: "embedding" in p), "the embeddings are left out"),
    (kernel_or_bias, "only what is called kernel or bias"),
    (dictionary_as_a_default, "is made only once"),
    (pattern_as_name, "{n} is left in the path"),
    (turned_where_it_stands, "changes the dictionary it was given"),
    (kernels_only, "only the matrices of dense layers"),
    (no_path_to_a_bias, "biases are left out"),
    (returns_in_the_loop, "inside the loop"),
    (bert_only, "a DistilBERT's weights are left out"),
    (dense_by_name, "query, key and value are dense layers too"),
    (pops_what_it_leaves_out, "changes the dictionary"),
    (as_tensors, "the arrays must be NumPy's"),
    (in_half_precision, "half precision"),
    (six_layers, "some layers are missing"),
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
    (breaks_off, "it stops at the first name"),
    (unknown_names_crash, "it raised"),
    (pairs, "a dictionary path -> array is asked for, a list came back"),
]
