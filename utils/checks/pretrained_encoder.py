"""Exercises of lesson 10: word pieces, a checkpoint's weights under our names, one vector for a sentence."""

import numpy as np

from utils.bert import map_weights, our_path, wordpiece_tokenize
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.guard import Crash
from utils.checks.inputs import normal
from utils.encoders import mean_pool

NOTEBOOK = "10_pretrained_encoder"


# wordpiece_tokenize --------------------------------------------------------------------------------

VOCAB = (
    "un",
    "unt",
    "##aff",
    "##able",
    "##table",
    "able",
    "a",
    "##a",
    "aff",
    "##ble",
    "the",
    "them",
    "##m",
    "##s",
    "##e",
)
VOCAB += ("date", "dat", "##ex", "##ext")


def _as_text(pieces):
    """A list of pieces as a text; whatever else came back as it is."""
    if isinstance(pieces, (list, tuple)) and all(isinstance(piece, str) for piece in pieces):
        return " | ".join(pieces)
    return pieces


def _run_pieces(answer, *args, **kwargs):
    return _as_text(answer(*args, **kwargs))


def _greedy(word, vocab, unknown, first="", later="##", asked="##", shortest=False, lost="all", shown=None):
    """The greedy cut with one of its parts done in another way."""
    pieces, start = [], 0
    while start < len(word):
        ends = range(start + 1, len(word) + 1) if shortest else range(len(word), start, -1)
        mark = asked if start else first
        end = next((e for e in ends if mark + word[start:e] in vocab), None)
        if end is None:
            if lost == "all":
                return [unknown]
            pieces.append(unknown)
            if lost == "rest":
                return pieces
            end = start + 1
        else:
            pieces.append(((later if shown is None else shown) if start else first) + word[start:end])
        start = end
    return pieces


def _whole_words_only(word, vocab, unknown="[UNK]"):
    return [word] if word in vocab else [unknown]


def _from_the_right(word, vocab, unknown="[UNK]"):
    pieces, end = [], len(word)
    while end > 0:
        start = next((s for s in range(end) if ("##" if s else "") + word[s:end] in vocab), None)
        if start is None:
            return [unknown]
        pieces.insert(0, ("##" if start else "") + word[start:end])
        end = start
    return pieces


def _takes_back(word, vocab, unknown="[UNK]"):
    def cuts(start):
        if start == len(word):
            return []
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            rest = cuts(end) if piece in vocab else None
            if rest is not None:
                return [piece, *rest]
        return None

    found = cuts(0)
    return [unknown] if found is None else found


def _words(*words, **kwargs):
    return lambda rng: [case(word, VOCAB, **kwargs) for word in words]


register(
    Exercise(
        name="wordpiece_tokenize",
        notebook=NOTEBOOK,
        reference=wordpiece_tokenize,
        properties=(
            Property("a word that is a piece stays whole", 1, _words("date", "them", "un"), _run_pieces),
            Property(
                "else it is cut, the longest piece first; ## marks what continues",
                2,
                _words("dates", "thems", "unaffable", "untable", "affable"),
                _run_pieces,
            ),
            Property(
                "the whole word is unknown where one part is",
                1,
                _words("datex", "unx", "xdate", "ble", "unxaff", "datextable"),
                _run_pieces,
            ),
            Property(
                "unknown is called as asked, and an empty word has no pieces",
                1,
                lambda rng: [case("datex", VOCAB, unknown="?"), case("dates", VOCAB, unknown="?"), case("", VOCAB)],
                _run_pieces,
            ),
        ),
        mistakes=(
            Mistake(
                "words are never cut: look for the longest piece at the start, then go on behind it",
                _whole_words_only,
            ),
            Mistake(
                "pieces inside a word are looked up without ##: a piece that continues is another piece",
                lambda word, vocab, unknown="[UNK]": _greedy(word, vocab, unknown, later="", asked=""),
            ),
            Mistake(
                "pieces inside a word are looked up without ##, which is added afterwards",
                lambda word, vocab, unknown="[UNK]": _greedy(word, vocab, unknown, asked=""),
            ),
            Mistake(
                "the ## is lost: the piece that comes back is the one that stands in the vocabulary",
                lambda word, vocab, unknown="[UNK]": _greedy(word, vocab, unknown, shown=""),
            ),
            Mistake(
                "the first piece of a word has no ##",
                lambda word, vocab, unknown="[UNK]": _greedy(word, vocab, unknown, first="##"),
            ),
            Mistake(
                "the shortest piece is taken: try the longest first",
                lambda word, vocab, unknown="[UNK]": _greedy(word, vocab, unknown, shortest=True),
            ),
            Mistake(
                "only the rest becomes unknown; the whole word is, and what was found before is dropped",
                lambda word, vocab, unknown="[UNK]": _greedy(word, vocab, unknown, lost="rest"),
            ),
            Mistake(
                "a letter that fits no piece is skipped; the whole word is unknown",
                lambda word, vocab, unknown="[UNK]": _greedy(word, vocab, unknown, lost="letter"),
            ),
            Mistake("this cuts from the right; the longest piece at the start comes first", _from_the_right),
            Mistake(
                "this takes a piece back where the rest fits none; greedy never does, and the word is unknown",
                _takes_back,
            ),
            Mistake(
                "`unknown` is ignored: it may be called otherwise",
                lambda word, vocab, unknown="[UNK]": wordpiece_tokenize(word, vocab),
            ),
            Mistake(
                "an empty word is not unknown: it has no pieces",
                lambda word, vocab, unknown="[UNK]": wordpiece_tokenize(word, vocab, unknown) if word else [unknown],
            ),
            Mistake(
                "the pieces were joined to one text: return them as a list",
                lambda word, vocab, unknown="[UNK]": " ".join(wordpiece_tokenize(word, vocab, unknown)),
            ),
        ),
        hints=(
            "Two loops: the outer one goes on while some of the word is left, the inner one looks for the longest "
            "piece that stands at that place.",
            "Keep `start`. For end = len(word), len(word) - 1, …, start + 1 ask whether word[start:end] is in the "
            'vocabulary, with "##" in front where start is not 0.',
            "Found: add the piece, as it stands in the vocabulary, and move start to end. Nothing found, not even one "
            "letter: return [unknown] at once. A loop's `else` runs where no `break` did.",
        ),
    )
)


# map_weights ---------------------------------------------------------------------------------------


def _no_dictionary(found):
    if found is None:
        return None
    return Crash("no dictionary", f"a dictionary path -> array is asked for, a {type(found).__name__} came back")


def _run_names(answer, names, *arrays):
    """The paths that come back, one a line."""
    found = answer(dict(zip(names, arrays, strict=True)))
    return "\n".join(sorted(map(str, found))) if isinstance(found, dict) else _no_dictionary(found)


def _run_arrays(answer, names, *arrays):
    """The arrays that come back, in the order of their paths, between the paths themselves."""
    found = answer(dict(zip(names, arrays, strict=True)))
    if not isinstance(found, dict):
        return _no_dictionary(found)
    return tuple(part for path in sorted(found, key=str) for part in (str(path), found[path]))


QUERY = "encoder.layer.{n}.attention.self.query.weight"
WIDEN, NARROW = "encoder.layer.{n}.intermediate.dense.weight", "encoder.layer.{n}.output.dense.weight"


def _checkpoint(rng, shapes: dict):
    return case(tuple(shapes), *(normal(rng, *shape) for shape in shapes.values()))


def _bert(rng, prefix="", n=0, F=3):
    shapes = {QUERY: (2, 2), QUERY.replace("weight", "bias"): (2,), WIDEN: (F, 2), NARROW: (2, F)}
    shapes |= {"encoder.layer.{n}.attention.output.dense.weight": (2, 2), NARROW.replace("weight", "bias"): (2,)}
    shapes |= {"encoder.layer.{n}.output.LayerNorm.weight": (2,), "encoder.layer.{n}.output.LayerNorm.bias": (2,)}
    return _checkpoint(rng, {prefix + name.replace("{n}", str(n)): shape for name, shape in shapes.items()})


def _embedding(rng, prefix=""):
    shapes = {"word_embeddings": (5, 3), "position_embeddings": (3, 3), "token_type_embeddings": (2, 3)}
    return _checkpoint(rng, {f"{prefix}embeddings.{name}.weight": shape for name, shape in shapes.items()})


def _with_heads(rng):
    shapes = {"bert.embeddings.word_embeddings.weight": (4, 2), "bert.pooler.dense.weight": (2, 2)}
    return _checkpoint(rng, shapes | {"bert.pooler.dense.bias": (2,), "classifier.weight": (3, 2)})


def _distilbert(rng):
    names = {"attention.q_lin": (2, 2), "ffn.lin1": (3, 2), "ffn.lin2": (2, 3), "attention.out_lin": (2, 2)}
    shapes = {f"distilbert.transformer.layer.1.{name}.weight": shape for name, shape in names.items()}
    shapes |= {"distilbert.transformer.layer.1.sa_layer_norm.weight": (2,), "qa_outputs.weight": (2, 2)}
    return _checkpoint(rng, shapes)


def _mapped(turned, kept=lambda name: our_path(name)):
    """`map_weights` with another idea of what is turned, how, and what is kept under which name."""

    def answer(checkpoint):
        paths = {name: kept(name) for name in checkpoint}
        return {path: turned(path, checkpoint[name]) for name, path in paths.items() if path is not None}

    return answer


def _right(path, array):
    return array.T if path.endswith("kernel") else array


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
                lambda rng: [_bert(rng), _embedding(rng, "bert."), _bert(rng, "bert.", n=11)],
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
            ),
            Property("a DistilBERT too", 1, lambda rng: [_distilbert(rng)], _run_arrays),
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
                "the matrices of attention are turned, those of the feed-forward network are not",
                _mapped(_kernels(where=lambda p, a: "attention" in p)),
            ),
            Mistake(
                "the matrices of the feed-forward network are turned, those of attention are not",
                _mapped(_kernels(where=lambda p, a: "feed_forward" in p)),
            ),
            Mistake(
                "attention's output matrix is not turned: it is a dense layer like the other three",
                _mapped(_kernels(where=lambda p, a: "output" not in p)),
            ),
            Mistake(
                "the embeddings are turned, the dense layers are not: it is the other way round",
                _mapped(lambda p, a: a.T if p.endswith("embeddings") else a),
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


# mean_pool -----------------------------------------------------------------------------------------


def _pool_cases(rng, *lengths, width=None, size=2):
    T = max(lengths) if width is None else width
    return case(normal(rng, len(lengths), T, size), np.arange(T) < np.array(lengths)[:, None])


def _masks_anywhere(rng):
    mask = np.array([[False, True, True, False, True], [True, False, False, False, False]])
    return case(normal(rng, 2, 5, 3), mask)


def _sums(hidden, mask):
    return np.sum(hidden * mask[..., None], axis=1)


def _counts(mask):
    return np.maximum(mask.sum(axis=1, keepdims=True), 1)


def _over_tokens(hidden, mask, reduce):
    return np.stack(
        [reduce(rows[m]) if m.any() else np.zeros(rows.shape[-1]) for rows, m in zip(hidden, mask, strict=True)]
    )


def _unit(pooled):
    return pooled / np.maximum(np.linalg.norm(pooled, axis=-1, keepdims=True), 1e-9)


register(
    Exercise(
        name="mean_pool",
        notebook=NOTEBOOK,
        reference=mean_pool,
        properties=(
            Property(
                "without padding: the mean over the tokens",
                1,
                lambda rng: [_pool_cases(rng, 2, size=1), _pool_cases(rng, 5, 5, 5, size=4)],
            ),
            Property(
                "padding is left out, of the sum and of the count",
                2,
                lambda rng: [_pool_cases(rng, 2, 3, size=1), _pool_cases(rng, 4, 1, 3, width=7, size=5)],
            ),
            Property("the mask decides, not the place", 1, lambda rng: [_masks_anywhere(rng)]),
            Property(
                "a text without a token gives zeros",
                1,
                lambda rng: [_pool_cases(rng, 2, 0), _pool_cases(rng, 0, width=3)],
            ),
        ),
        mistakes=(
            Mistake("padding is counted in: the mask is not used", lambda h, m: np.mean(h, axis=1)),
            Mistake(
                "the sum leaves padding out, the count does not: divide by the number of tokens, not by T",
                lambda h, m: _sums(h, m) / h.shape[1],
            ),
            Mistake("this is the sum: divide by the number of tokens of each text", lambda h, m: _sums(h, m)),
            Mistake(
                "divided by the tokens of the whole batch: each text has a count of its own (axis=1)",
                lambda h, m: _sums(h, m) / max(m.sum(), 1),
            ),
            Mistake(
                "the mask is turned around: this is the mean of the padding; True is a token",
                lambda h, m: _sums(h, ~m) / _counts(~m),
            ),
            Mistake(
                "the count leaves padding out, the sum does not: what the encoder says of padding is not empty",
                lambda h, m: np.sum(h, axis=1) / _counts(m),
            ),
            Mistake("this is the first token's vector: the mean of all tokens is asked for", lambda h, m: h[:, 0]),
            Mistake(
                "the first token is left out: all tokens count, [CLS] too",
                lambda h, m: mean_pool(h[:, 1:], m[:, 1:]),
            ),
            Mistake(
                "the largest of each column, not the mean",
                lambda h, m: _over_tokens(h, m, lambda rows: rows.max(axis=0)),
            ),
            Mistake(
                "the mean runs over the texts (axis 0): one vector for each text, so axis 1", lambda h, m: h.mean(0)
            ),
            Mistake(
                "the mean runs over the D numbers of a token: pool over the tokens, axis 1", lambda h, m: h.mean(-1)
            ),
            Mistake(
                "padding is given a very low number and still counted: leave it out of sum and count",
                lambda h, m: np.mean(np.where(m[..., None], h, -1e9), axis=1),
            ),
            Mistake("scaled to length one: the mean itself is asked for", lambda h, m: _unit(_sums(h, m) / _counts(m))),
            Mistake(
                "the first tokens are taken, as many as the mask counts; take those that the mask names",
                lambda h, m: mean_pool(h, np.arange(h.shape[1]) < m.sum(axis=1, keepdims=True)),
            ),
            Mistake(
                "0/0 for a text without a token: divide by at least 1",
                lambda h, m: _sums(h, m) / m.sum(axis=1, keepdims=True).astype("float32"),
            ),
        ),
        hints=(
            "Two numbers for each text: the sum of its tokens' vectors, and how many tokens there are.",
            "Make the mask (B, T) a number, 1 for a token, and give it a last axis: (B, T, 1) multiplies (B, T, D) "
            "and wipes padding out. Then sum over axis 1.",
            "The count is the sum of the same mask over axis 1. Divide by it, but by at least 1, so that a text "
            "without a token gives 0/1.",
        ),
    )
)
