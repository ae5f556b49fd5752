"""The exercise map_weights: what must hold, and what each mistake looks like."""

import re
from itertools import combinations, takewhile

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.guard import Crash
from utils.checks.inputs import normal
from utils.checks.pretrained_encoder.shared import NOTEBOOK
from utils.pretrained.checkpoint import map_weights, our_path


def _unfit(found):
    """What is said of a result that is no dictionary of NumPy's arrays; None where it is one."""
    if isinstance(found, Crash):
        return found
    if not isinstance(found, dict):
        return Crash("no dictionary", f"a dictionary path -> array is asked for, a {type(found).__name__} came back")
    odd = next((array for array in found.values() if not isinstance(array, np.ndarray)), None)
    if odd is not None:
        said = f"the arrays must be NumPy's, as they are in the checkpoint: there is a {type(odd).__name__}"
        return Crash("no array", said)
    return None


def _called(answer, names, arrays):
    given = dict(zip(names, arrays, strict=True))
    found = answer(given)
    if tuple(given) == tuple(names) and all(given[name] is array for name, array in zip(names, arrays, strict=True)):
        return found
    return Crash("mutated", "it changes the dictionary it was given: build a new one")


def _told_from_another(answer, names, arrays):
    """What comes back; in words where it is the very dictionary of another call."""
    found = _called(answer, names, arrays)
    if isinstance(found, dict) and answer(dict(zip(names, arrays, strict=True))) is found:
        line = "two calls gave one and the same dictionary: a default, mapped={}, is made only once; make it inside"
        return Crash("remembers", line)
    return found


def _run_names(answer, names, *arrays):
    """The paths that come back, one a line."""
    found = _told_from_another(answer, names, arrays)
    if found is None or (unfit := _unfit(found)):
        return None if found is None else unfit
    return "\n".join(sorted(map(str, found)))


def _run_arrays(answer, names, *arrays):
    """The arrays that come back, in the order of their paths, between the paths themselves."""
    found = _called(answer, names, arrays)
    if found is None or (unfit := _unfit(found)):
        return None if found is None else unfit
    return tuple(part for path in sorted(found, key=str) for part in (str(path), found[path]))


QUERY = "encoder.layer.{n}.attention.self.query.weight"


WIDEN, NARROW = "encoder.layer.{n}.intermediate.dense.weight", "encoder.layer.{n}.output.dense.weight"


def _checkpoint(rng, shapes: dict):
    return case(tuple(shapes), *(normal(rng, *shape) for shape in shapes.values()))


def _bert(rng, prefix="", n=0, F=3):
    shapes = {QUERY: (2, 2), QUERY.replace("weight", "bias"): (2,), WIDEN: (F, 2), NARROW: (2, F)}
    shapes |= {"encoder.layer.{n}.attention.output.dense.weight": (2, 2), NARROW.replace("weight", "bias"): (2,)}
    shapes |= {QUERY.replace("query", part): (2, 2) for part in ("key", "value")} | {
        WIDEN.replace("weight", "bias"): (F,)
    }
    shapes |= {QUERY.replace("query.weight", f"{part}.bias"): (2,) for part in ("value", "key")}
    shapes |= {f"encoder.layer.{{n}}.{part}LayerNorm.weight": (2,) for part in ("output.", "attention.output.")}
    shapes |= {f"encoder.layer.{{n}}.{part}LayerNorm.bias": (2,) for part in ("attention.output.", "output.")}
    return _checkpoint(rng, {prefix + name.replace("{n}", str(n)): shape for name, shape in shapes.items()})


def _embedding(rng, prefix=""):
    shapes = {"word_embeddings": (5, 3), "position_embeddings": (3, 3), "token_type_embeddings": (2, 3)}
    shapes = {f"{name}.weight": shape for name, shape in shapes.items()}
    shapes |= {"LayerNorm.weight": (3,), "LayerNorm.bias": (3,)}
    return _checkpoint(rng, {f"{prefix}embeddings.{name}": shape for name, shape in shapes.items()})


def _with_heads(rng):
    shapes = {"bert.embeddings.word_embeddings.weight": (4, 2), "bert.pooler.dense.weight": (2, 2)}
    shapes |= {"bert.pooler.dense.bias": (2,), "bert.embeddings.position_embeddings.weight": (3, 2)}
    return _checkpoint(rng, shapes | {"classifier.weight": (3, 2)})


def _distilbert(rng):
    names = {"attention.q_lin": (2, 2), "ffn.lin1": (3, 2), "ffn.lin2": (2, 3), "attention.out_lin": (2, 2)}
    names |= {"attention.v_lin": (2, 2), "attention.k_lin": (2, 2), "sa_layer_norm": (2,), "output_layer_norm": (2,)}
    shapes = {f"distilbert.transformer.layer.1.{name}.weight": shape for name, shape in names.items()}
    shapes |= {f"distilbert.transformer.layer.1.{name}.bias": shape[:1] for name, shape in names.items()}
    shapes |= {"qa_outputs.weight": (2, 2)}
    return _checkpoint(rng, shapes)


def _mapped(turned, kept=lambda name: our_path(name)):
    """`map_weights` with another idea of what is turned, how, and what is kept under which name."""

    def answer(checkpoint):
        paths = {name: kept(name) for name in checkpoint}
        return {path: turned(path, checkpoint[name]) for name, path in paths.items() if path is not None}

    return answer


def _right(path, array):
    return array.T if path.endswith("kernel") else array


def _not_among(parts):
    """Turns the kernels, but for those of these parts of attention."""
    return _kernels(where=lambda path, array: not path.endswith(tuple(f"{part}_kernel" for part in parts)))


def _left_out(lost):
    """Our path; None where `lost` says so of it."""

    def kept(name):
        path = our_path(name)
        return None if path is None or lost(path) else path

    return kept


def _only_layers(number):
    """The path, but for layers from `number` on."""
    return lambda name: None if int((re.findall(r"layer\.(\d+)", name) or [0])[0]) >= number else our_path(name)


def _kernels(*, where):
    return lambda path, array: array.T if path.endswith("kernel") and where(path, array) else array


register(
    Exercise(
        name="map_weights",
        notebook=NOTEBOOK,
        reference=map_weights,
        properties=(
            Property(
                "every tensor gets our path, with and without a prefix",
                1,
                lambda rng: [_bert(rng), _embedding(rng, "bert."), _bert(rng, "bert.", n=11), _bert(rng, n=23)],
                _run_names,
            ),
            Property(
                "what is not the encoder's is left out",
                1,
                lambda rng: [_with_heads(rng)],
                _run_names,
            ),
            Property(
                "the matrices of dense layers are turned, and nothing else",
                3,
                lambda rng: [_bert(rng), _embedding(rng), _bert(rng, "bert.", n=3, F=2)],
                _run_arrays,
                tolerance=1e-7,
            ),
            Property("a DistilBERT too", 1, lambda rng: [_distilbert(rng)], _run_arrays, tolerance=1e-7),
        ),
        mistakes=(
            Mistake(
                "the names are still the checkpoint's: store each array under our_path(name)",
                lambda checkpoint: {
                    name: _right(our_path(name), array) for name, array in checkpoint.items() if our_path(name)
                },
            ),
            Mistake(
                "the names are still the checkpoint's: store each array under our_path(name)",
                lambda checkpoint: dict(checkpoint),
            ),
            Mistake(
                "what is not the encoder's is kept under None: leave it out",
                _mapped(lambda p, a: a.T if p.endswith("kernel") else a, lambda n: our_path(n) or "None"),
            ),
            Mistake(
                "what is not the encoder's is kept under its own name: leave it out",
                _mapped(lambda p, a: a.T if p.endswith("kernel") else a, lambda n: our_path(n) or n),
            ),
            Mistake(
                "biases are left out: they belong to the encoder too",
                _mapped(_right, lambda n: None if n.endswith("bias") else our_path(n)),
            ),
            Mistake(
                "biases are left out: they belong to the encoder too",
                _mapped(_right, lambda n: None if (our_path(n) or "").endswith("bias") else our_path(n)),
            ),
            Mistake(
                "only the matrices of dense layers came back: everything else of the encoder is kept as it is",
                _mapped(_right, lambda n: our_path(n) if (our_path(n) or "").endswith("kernel") else None),
            ),
            *(
                Mistake(
                    "norms are left out, those of the layers or the embeddings' own: they belong to the encoder too",
                    _mapped(_right, _left_out(lost)),
                )
                for lost in (
                    lambda path: path.startswith("embedding/norm"),
                    lambda path: "norm" in path and not path.startswith("embedding/"),
                    lambda path: "norm" in path,
                )
            ),
            Mistake(
                "only what is called kernel or bias came back: embeddings and norms are kept as they are",
                _mapped(_right, _left_out(lambda path: not path.endswith(("kernel", "bias")))),
            ),
            Mistake(
                "biases and norms are left out: what has one axis is no matrix, and kept as it is",
                lambda checkpoint: map_weights({n: array for n, array in checkpoint.items() if array.ndim > 1}),
            ),
            Mistake(
                "the embeddings are left out: they belong to the encoder too",
                _mapped(_right, _left_out(lambda path: path.startswith("embedding/"))),
            ),
            Mistake(
                "{n} is left in the path: the layer's number belongs there; our_path(name) puts it in",
                _mapped(_right, lambda n: our_path(n) and re.sub(r"/\d+/", "/{n}/", our_path(n))),
            ),
            Mistake(
                "only the first tensor came back: the `return` stands inside the loop",
                lambda checkpoint: map_weights(dict(list(checkpoint.items())[:1])),
            ),
            Mistake(
                "a DistilBERT's weights are left out: our_path knows their names too",
                _mapped(_right, lambda n: None if n.startswith("distilbert.") else our_path(n)),
            ),
            *(
                Mistake(
                    "some layers are missing: a checkpoint may have more than this one's six; go through its names",
                    _mapped(_right, _only_layers(number)),
                )
                for number in (1, 6, 12)
            ),
            Mistake(
                "rounded to half precision: hand the numbers on as they are",
                _mapped(lambda p, a: _right(p, a).astype("float16").astype(a.dtype)),
            ),
            Mistake(
                "nothing is turned: a dense layer's matrix is (outputs, inputs) there, (inputs, outputs) here",
                _mapped(lambda p, a: a),
            ),
            Mistake(
                "the embeddings are turned too: a table has one row for each piece, there as here",
                _mapped(lambda p, a: a.T),
            ),
            Mistake(
                "only matrices that are not square are turned: a square one fits either way, and is wrong one way",
                _mapped(_kernels(where=lambda p, a: a.shape[0] != a.shape[1])),
            ),
            Mistake(
                "reshaped, not turned: the shape is right, the numbers stand in the wrong places; use .T",
                _mapped(lambda p, a: a.reshape(a.shape[::-1]) if p.endswith("kernel") else a),
            ),
            Mistake(
                'turned are those with "dense" in their old name: query, key and value are dense layers too',
                lambda checkpoint: {
                    our_path(name): array.T if "dense" in name else array
                    for name, array in checkpoint.items()
                    if our_path(name)
                },
            ),
            Mistake(
                "the matrices of attention are turned, those of the feed-forward network are not",
                _mapped(_kernels(where=lambda p, a: "attention" in p)),
            ),
            Mistake(
                "the matrices of the feed-forward network are turned, those of attention are not",
                _mapped(_kernels(where=lambda p, a: "feed_forward" in p)),
            ),
            *(
                Mistake(
                    "query's, key's or value's matrices are not turned: each is a dense layer's, its path ends in "
                    "kernel",
                    _mapped(_not_among(parts)),
                )
                for number in (1, 2, 3)
                for parts in combinations(("query", "key", "value"), number)
            ),
            Mistake(
                "attention's output matrix is not turned: it is a dense layer like the other three",
                _mapped(_kernels(where=lambda p, a: "output" not in p)),
            ),
            Mistake(
                "the embeddings are turned, the dense layers are not: it is the other way round",
                _mapped(lambda p, a: a.T if p.endswith("embeddings") else a),
            ),
            Mistake(
                "it stops at the first name that has no path: leave that one out, and go on",
                lambda checkpoint: map_weights({name: checkpoint[name] for name in takewhile(our_path, checkpoint)}),
            ),
        ),
        hints=(
            "Go through checkpoint.items(). our_path(name) is the new name, or None for what you leave out.",
            'Ours are called "…kernel" where they are a dense layer\'s matrix: path.endswith("kernel").',
            "A dense layer computes x @ W here and x @ Wᵀ there, so a kernel is stored as array.T; everything else, "
            "embeddings among it, as it is.",
        ),
    )
)
