"""Exercises of lesson 04: masks, as functions and as layers."""

import keras
import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.layers.masks import (
    LookAheadMask,
    PaddingMask,
    combine_masks,
    create_look_ahead_mask,
    create_padding_mask,
    mask_to_additive,
)

LOW = -1e4  # stands for every number that no score can lift into sight


def _sentences(rng, B, S, pad_id=0):
    """Ids with padding in every row and a word in every row; 0 is a word where it is not the padding."""
    ids = rng.integers(0, 12, (B, S)).astype("int32")
    ids[ids == pad_id] = pad_id + 1
    for row in ids:
        row[rng.integers(1, S) :] = pad_id
    return ids


def _scattered(rng, B, S):
    """Ids with padding before, between and after the words."""
    ids = _sentences(rng, B, S)
    return np.stack([rng.permutation(np.roll(row, 1)) for row in ids]).astype("int32")


def _mask(rng, *shape):
    return rng.random(shape) < 0.5


def _first_rows(ids, pad_id=0):
    return np.broadcast_to(ids[:1] != pad_id, ids.shape)[:, None, None]


def _counted(ids, pad_id=0):
    return (np.arange(ids.shape[1]) < (ids != pad_id).sum(1, keepdims=True))[:, None, None]


def _pairs(ids, pad_id=0):
    words = ids != pad_id
    return (words[:, :, None] & words[:, None, :])[:, None]


register(
    Exercise(
        name="create_padding_mask",
        notebook="04_masks",
        reference=create_padding_mask,
        properties=(
            Property(
                "True at words, False at padding, shape (B, 1, 1, S)",
                2,
                lambda rng: [
                    case(np.array([[5, 0]], "int32")),
                    case(np.array([[2, 3, 1], [4, 0, 0]], "int32")),
                    case(_sentences(rng, 3, 5)),
                ],
            ),
            Property(
                "wherever the padding stands, also in front",
                1,
                lambda rng: [case(np.array([[0, 5, 0, 6]], "int32")), case(_scattered(rng, 3, 7))],
            ),
            Property(
                "any id can be the padding",
                1,
                lambda rng: [
                    case(np.array([[5, 0, 3, 3]], "int32"), pad_id=3),
                    case(_sentences(rng, 2, 5, pad_id=7), pad_id=7),
                ],
            ),
        ),
        mistakes=(
            Mistake(
                "inverted: True means *may be looked at*, so True stands at words, not at padding",
                lambda ids, pad_id=0: (ids == pad_id)[:, None, None],
            ),
            Mistake(
                "two axes of length 1 are missing between B and S: they stand for heads and queries",
                lambda ids, pad_id=0: ids != pad_id,
            ),
            Mistake(
                "one axis of length 1 is missing: between B and S stand the heads *and* the queries",
                lambda ids, pad_id=0: (ids != pad_id)[:, None],
            ),
            Mistake(
                "the axes of length 1 stand behind S: they belong between B and S",
                lambda ids, pad_id=0: (ids != pad_id)[:, :, None, None],
            ),
            Mistake(
                "the axes of length 1 stand before B: they belong between B and S",
                lambda ids, pad_id=0: (ids != pad_id)[None, None],
            ),
            Mistake(
                "this masks queries: the words lie on axis 2. Who is *looked at* lies on the last axis",
                lambda ids, pad_id=0: (ids != pad_id)[:, None, :, None],
            ),
            Mistake(
                "queries are masked too, so that padding may look nowhere: only the keys' axis is asked for",
                _pairs,
            ),
            Mistake(
                "`pad_id` is ignored: 0 is taken whatever was passed", lambda ids, pad_id=0: create_padding_mask(ids)
            ),
            Mistake(
                "greater than `pad_id`: smaller ids are words as well",
                lambda ids, pad_id=0: (ids > pad_id)[:, None, None],
            ),
            Mistake(
                "the words are counted, as if all padding stood at the end: compare each id",
                _counted,
            ),
            Mistake("every sentence gets the first one's mask", _first_rows),
            Mistake("all True: the padding may be looked at too", lambda ids, pad_id=0: _first_rows(ids, -1)),
            Mistake("all False: nobody may be looked at", lambda ids, pad_id=0: ~_first_rows(ids, -1)),
            Mistake(
                "the axes of length 1 belong between B and S: one is missing, the other stands behind S",
                lambda ids, pad_id=0: (ids != pad_id)[:, :, None],
            ),
            Mistake(
                "one row for each query is too many: an axis of length 1 says the same, for all",
                lambda ids, pad_id=0: np.repeat((ids != pad_id)[:, None, None], ids.shape[1], axis=2),
            ),
            Mistake(
                "numbers 1 and 0 instead of True and False: leave the comparison as it is",
                lambda ids, pad_id=0: (ids != pad_id)[:, None, None].astype("float32"),
            ),
            Mistake(
                "numbers instead of True and False, and two axes of length 1 are missing",
                lambda ids, pad_id=0: (ids != pad_id).astype("float32"),
            ),
            Mistake(
                "numbers instead of True and False, and one axis of length 1 is missing",
                lambda ids, pad_id=0: (ids != pad_id)[:, None].astype("float32"),
            ),
            Mistake(
                "1 at padding is an older convention: here the mask is boolean, and True at words",
                lambda ids, pad_id=0: (ids == pad_id)[:, None, None].astype("float32"),
            ),
            Mistake(
                "this is the additive form, numbers for the scores: here True and False are asked for",
                lambda ids, pad_id=0: (ids == pad_id)[:, None, None] * np.float32(-1e9),
            ),
        ),
        hints=(
            "Which ids are words? Compare all of them with pad_id at once; the answer is boolean already.",
            "not_equal(token_ids, pad_id) has shape (B, S). What is missing are two axes of length 1.",
            "ops.expand_dims(…, (1, 2)), or [:, None, None, :], puts axes of length 1 where heads and queries will be.",
        ),
    )
)


def _triangle(shift=0):
    return lambda size: np.tri(size, k=shift, dtype=bool)


register(
    Exercise(
        name="create_look_ahead_mask",
        notebook="04_masks",
        reference=create_look_ahead_mask,
        properties=(
            Property(
                "a word may look at itself and back, not ahead",
                3,
                lambda rng: [case(1), case(2), case(3), case(5)],
            ),
            Property("for any length", 1, lambda rng: [case(int(n)) for n in rng.integers(6, 20, 2)]),
        ),
        mistakes=(
            Mistake(
                "inverted: True means *may look*, and stands on and below the diagonal",
                lambda size: ~np.tri(size, dtype=bool),
            ),
            Mistake(
                "transposed: rows are the words that look, columns the words looked at",
                lambda size: np.tri(size, dtype=bool).T,
            ),
            Mistake("the diagonal is left out: a word may look at itself", _triangle(-1)),
            Mistake("one step too far: each word sees the next one, which is the answer it has to guess", _triangle(1)),
            Mistake("each word sees only itself: the past is allowed too", lambda size: np.eye(size, dtype=bool)),
            Mistake("all True: everything may be looked at", lambda size: np.ones((size, size), bool)),
            Mistake("all False: nothing may be looked at", lambda size: np.zeros((size, size), bool)),
            Mistake(
                "the triangle hangs in the wrong corner: one axis counts backwards",
                lambda size: np.tri(size, dtype=bool)[::-1],
            ),
            Mistake(
                "the triangle hangs in the wrong corner: one axis counts backwards",
                lambda size: np.tri(size, dtype=bool)[:, ::-1],
            ),
            Mistake("one word too many: rows and columns are `size`", lambda size: np.tri(size + 1, dtype=bool)),
            Mistake("one word too few: rows and columns are `size`", lambda size: np.tri(size - 1, dtype=bool)),
            Mistake(
                "only the word before and the word itself: all of the past is allowed",
                lambda size: np.tri(size, dtype=bool) & ~np.tri(size, k=-2, dtype=bool),
            ),
            Mistake(
                "one axis too many: (T, T) is asked for, it broadcasts over batch and heads by itself",
                lambda size: np.tri(size, dtype=bool)[None],
            ),
            Mistake(
                "two axes too many: (T, T) is asked for, it broadcasts over batch and heads by itself",
                lambda size: np.tri(size, dtype=bool)[None, None],
            ),
            Mistake("numbers 1 and 0 instead of True and False", lambda size: np.tri(size)),
            Mistake("numbers 1 and 0 instead of True and False, and an axis too many", lambda size: np.tri(size)[None]),
            Mistake("numbers 1 and 0 instead of True and False, and transposed", lambda size: np.tri(size).T),
            Mistake(
                "1 at the future is an older convention: here the mask is boolean, and True at the past",
                lambda size: 1 - np.tri(size),
            ),
            Mistake(
                "this is the additive form, numbers for the scores: here True and False are asked for",
                lambda size: (1 - np.tri(size)) * -1e9,
            ),
            Mistake(
                "this is the additive form, numbers for the scores: here True and False are asked for",
                lambda size: np.where(np.tri(size), 0, -np.inf),
            ),
        ),
        hints=(
            "Row i is the word that looks, column j the word looked at. When is j allowed for i?",
            "Number the positions from 0. A column of them compared with a row of them gives the whole square.",
            "positions as a column, (T, 1), against positions as a row, (1, T): they broadcast to (T, T).",
        ),
    )
)


def _fold(rule):
    def combine(*masks):
        masks = [m for m in masks if m is not None]
        if not masks:
            return None
        rank = max(m.ndim for m in masks)
        masks = [m[:, None] if rank == 4 and m.ndim == 3 else m for m in masks]
        result = masks[0]
        for mask in masks[1:]:
            result = rule(result, mask)
        return result

    return combine


def _rank(masks):
    return max(m.ndim for m in masks if m is not None)


def _heads_when_known(*masks):
    masks = [m for m in masks if m is not None]
    result = masks[0] if masks else None
    for mask in masks[1:]:
        mask = mask[:, None] if mask.ndim == 3 and result.ndim == 4 else mask
        result = result & mask
    return result


def _batch_on_heads(*masks):
    masks = [m for m in masks if m is not None]
    result = masks[0] if masks else None
    for mask in masks[1:]:
        result = result & mask
    return result


_and = _fold(np.logical_and)


def _none_breaks(*masks):
    if any(m is None for m in masks):
        raise TypeError("unsupported operand type: None")
    return _and(*masks)


register(
    Exercise(
        name="combine_masks",
        notebook="04_masks",
        reference=combine_masks,
        properties=(
            Property(
                "allowed is what both allow",
                1,
                lambda rng: [
                    case(np.array([[1, 1, 0, 0]], bool), np.array([[1, 0, 1, 0]], bool)),
                    case(_mask(rng, 3, 4), _mask(rng, 3, 4)),
                ],
            ),
            Property(
                "shapes broadcast: (T, T) and (B, 1, 1, T); tensors will do as well",
                1,
                lambda rng: [
                    case(np.tri(3, dtype=bool), np.array([[[[1, 1, 0]]], [[[0, 1, 1]]]], bool)),
                    case(_mask(rng, 2, 1, 1, 5), _mask(rng, 5, 5)),
                    case(_mask(rng, 2, 3, 5), _mask(rng, 3, 5)),
                ],
                run=lambda answer, *masks: answer(*map(keras.ops.convert_to_tensor, masks)),
            ),
            Property(
                "None is ignored; all None gives None",
                1,
                lambda rng: [
                    case(_mask(rng, 2, 3)),
                    case(_mask(rng, 2, 3), None),
                    case(None, _mask(rng, 2, 3)),
                    case(None, None),
                ],
            ),
            Property(
                "three masks and more",
                1,
                lambda rng: [
                    case(*(np.array([m], bool) for m in ([1, 1, 1, 0], [1, 1, 0, 1], [1, 0, 1, 1]))),
                    case(*(rng.random((4, 5)) < 0.8 for _ in range(4))),
                ],
            ),
            Property(
                "a (B, T, S) mask beside one of four axes counts as (B, 1, T, S)",
                1,
                lambda rng: [
                    case(_mask(rng, 2, 1, 1, 4), _mask(rng, 2, 3, 4)),
                    case(_mask(rng, 3, 3, 5), _mask(rng, 3, 3, 3, 5)),
                ],
            ),
        ),
        mistakes=(
            Mistake(
                "this is *or*: allowed by one is not enough, every mask must allow it",
                _fold(np.logical_or),
            ),
            Mistake(
                "True also where both forbid: this asks whether they are equal, not whether both allow",
                _fold(lambda a, b: a == b),
            ),
            Mistake("True where exactly one allows: every mask must allow it", _fold(np.logical_xor)),
            Mistake("inverted: True must mean *allowed*", _fold(lambda a, b: ~(a & b))),
            Mistake("only the first mask comes back", _fold(lambda a, b: a | (a & b))),
            Mistake("only the last mask comes back", _fold(lambda a, b: b | (a & b))),
            Mistake(
                "only the first two masks count",
                lambda *masks: _and(*[m for m in masks if m is not None][:2]),
            ),
            Mistake(
                "a (B, T, S) mask beside one of four axes: its batch lands on the heads. Give it an axis for them",
                _batch_on_heads,
            ),
            Mistake(
                "a (B, T, S) mask gets its axis for the heads only where the mask of four axes came before it",
                _heads_when_known,
            ),
            Mistake(
                "the axis for the heads belongs in place 1, between B and T",
                lambda *masks: _and(
                    *[m[:, :, None] if m is not None and m.ndim == 3 and _rank(masks) == 4 else m for m in masks]
                ),
            ),
            Mistake(
                "an axis for the heads where no mask has one: (B, T, S) and (T, S) give (B, T, S)",
                lambda *masks: _and(*[m[:, None] if m is not None and m.ndim == 3 else m for m in masks]),
            ),
            Mistake(
                "a None among the masks makes everything None: leave it out instead",
                lambda *masks: None if any(m is None for m in masks) else _and(*masks),
            ),
            Mistake(
                "a None among the masks breaks it: leave every None out first",
                _none_breaks,
            ),
            Mistake(
                "where all are None there is no mask: give None back, not an array",
                lambda *masks: _and(*masks) if any(m is not None for m in masks) else np.array(True),
            ),
            Mistake(
                "a list of all masks came back; combine them into one",
                lambda *masks: [m for m in masks if m is not None],
            ),
            Mistake("numbers instead of True and False", _fold(lambda a, b: np.float32(a) * b)),
            Mistake("numbers instead of True and False", _fold(lambda a, b: np.float32(a) + b)),
        ),
        hints=(
            "First leave out what is None. If nothing is left, the answer is None.",
            "ops.logical_and broadcasts by itself. Go through the masks and keep the result so far.",
            "Beside a mask of four axes, one of three needs an axis of length 1 in place 1, where the heads are.",
        ),
    )
)


def _meaning(answer, mask, dtype="float32"):
    """The additive mask with every low number made the same: which one was taken is the learner's affair."""
    result = answer(mask, dtype=dtype)
    additive = np.asarray(keras.ops.convert_to_numpy(result))
    if additive.dtype == bool:
        return additive
    additive = additive.astype("float64")
    for low, high, mark in ((-np.inf, -5000, LOW), (-5000, -1.5, -1000.0), (5000, np.inf, -LOW)):
        additive = np.where(np.isfinite(additive) & (additive > low) & (additive < high), mark, additive)
    return additive


def _dtype_name(answer, mask, dtype="float32"):
    return keras.backend.standardize_dtype(answer(mask, dtype=dtype).dtype)


def _chosen(where_true, where_false):
    """An additive mask of two numbers, made in float32 and cast at the end."""

    def additive(mask, dtype="float32"):
        return keras.ops.cast(np.where(mask, where_true, where_false).astype("float32"), dtype)

    return additive


def _product(mask, dtype="float32"):
    lowest = keras.ops.cast(keras.ops.convert_to_tensor(-1e9, "float32"), dtype)
    return keras.ops.cast(~np.asarray(mask), dtype) * lowest


_two_words = np.array([[True, False]])

register(
    Exercise(
        name="mask_to_additive",
        notebook="04_masks",
        reference=mask_to_additive,
        properties=(
            Property(
                "0 where True, a low finite number elsewhere",
                2,
                lambda rng: [case(_two_words), case(_mask(rng, 3, 4)), case(_mask(rng, 2, 1, 1, 5))],
                run=_meaning,
                tolerance=1e-6,
            ),
            Property(
                "in the dtype asked for",
                1,
                lambda rng: [case(_two_words, dtype=d) for d in ("float16", "bfloat16", "float32")],
                run=_dtype_name,
            ),
            Property(
                "finite also in float16, which ends at -65504",
                2,
                lambda rng: [case(_two_words, dtype="float16"), case(_mask(rng, 3, 4), dtype="bfloat16")],
                run=_meaning,
                tolerance=1e-6,
            ),
        ),
        mistakes=(
            Mistake("inverted: the low number belongs where the mask is False", _chosen(-1e9, 0.0)),
            Mistake("inverted: what is added where the mask is True must be 0", _chosen(1e9, 0.0)),
            Mistake("1 and 0: this only casts the mask. What is added where True must be 0", _chosen(1.0, 0.0)),
            Mistake(
                "0 and 1: the 1 is still to be turned into a very low number, far below any score", _chosen(0.0, 1.0)
            ),
            Mistake("the sign is missing: a high number draws all weight to what is forbidden", _chosen(0.0, 1e9)),
            Mistake("0 everywhere: nothing is forbidden", _chosen(0.0, 0.0)),
            Mistake("-1 is not low enough: a score of 1 cancels it", _chosen(0.0, -1.0)),
            Mistake("not low enough: take a number that no score can cancel", _chosen(0.0, -1000.0)),
            Mistake(
                "in float16 this number is -inf: take one that the dtype can hold, from its finfo",
                _chosen(0.0, -1e9),
            ),
            Mistake(
                "in float16 this number is -inf: take one that the dtype can hold, from its finfo",
                _chosen(0.0, np.finfo("float32").min),
            ),
            Mistake("-inf makes NaN of a row that may look nowhere: take a finite number", _chosen(0.0, -np.inf)),
            Mistake("`dtype` is ignored", lambda mask, dtype="float32": _chosen(0.0, -1e9)(mask)),
            Mistake("`dtype` is ignored", lambda mask, dtype="float32": _chosen(0.0, -1e9)(mask, "float64")),
            Mistake("in float16 the low number is -inf, and 0 times -inf is NaN: choose with where", _product),
        ),
        hints=(
            "Two numbers are needed: one that changes no score, one that sinks it below all others.",
            "ops.where(mask, …, …) chooses between them; cast the result to dtype.",
            "float16 ends at -65504. lowest(dtype), imported at the top of the lesson, gives a number that fits.",
        ),
    )
)


def _applied(cls, x, **options):
    return cls(**options)(x)


def _compiled(cls, x, **options):
    """The layer inside a compiled function that does not know its lengths beforehand."""
    import tensorflow as tf

    layer = cls(**options)
    signature = [tf.TensorSpec([None] * x.ndim, x.dtype)]
    try:
        compiled = tf.function(lambda inputs: layer(inputs), input_signature=signature, autograph=False)
        return compiled.get_concrete_function()(tf.constant(x))
    except (NotImplementedError, AttributeError) as error:
        if not error.args:
            raise  # not started
        return "it asks for numbers while the model is being compiled"
    except (TypeError, ValueError) as error:
        what = "a length" if "None" in str(error) else "numbers"
        return f"it asks for {what} while the model is being compiled"


def _layer(base, call):
    """The class with another `call`."""
    return type(base.__name__, (base,), {"call": call})


def _padding(call):
    return _layer(PaddingMask, call)


def _look_ahead(call):
    return _layer(LookAheadMask, call)


register(
    Exercise(
        name="PaddingMask",
        notebook="04_masks",
        reference=PaddingMask,
        properties=(
            Property(
                "a layer from ids (B, S) to a mask (B, 1, 1, S)",
                1,
                lambda rng: [case(np.array([[5, 0]], "int32")), case(_sentences(rng, 3, 5))],
                run=_applied,
            ),
            Property(
                "with the `pad_id` it was made with",
                1,
                lambda rng: [
                    case(np.array([[5, 0, 3, 3]], "int32"), pad_id=3),
                    case(_sentences(rng, 2, 5, pad_id=7), pad_id=7),
                ],
                run=_applied,
            ),
            Property(
                "also inside a compiled model, where lengths are not known beforehand",
                1,
                lambda rng: [case(_sentences(rng, 2, 3)), case(_sentences(rng, 2, 4, pad_id=5), pad_id=5)],
                run=_compiled,
            ),
        ),
        mistakes=(
            Mistake(
                "`self.pad_id` is not used: pass it on",
                _padding(lambda self, token_ids: create_padding_mask(token_ids)),
            ),
            Mistake(
                "inverted: True stands at words",
                _padding(lambda self, token_ids: ~create_padding_mask(token_ids, self.pad_id)),
            ),
            Mistake(
                "the axes of length 1 are missing: create_padding_mask makes them",
                _padding(lambda self, token_ids: keras.ops.not_equal(token_ids, self.pad_id)),
            ),
            Mistake(
                "only one of the two axes of length 1 is there: create_padding_mask makes both",
                _padding(lambda self, token_ids: keras.ops.not_equal(token_ids, self.pad_id)[:, None]),
            ),
            Mistake(
                "numbers instead of True and False",
                _padding(
                    lambda self, token_ids: keras.ops.cast(create_padding_mask(token_ids, self.pad_id), "float32")
                ),
            ),
            Mistake("the ids came back, not their mask", _padding(lambda self, token_ids: token_ids)),
            Mistake(
                "it asks for numbers that a model being compiled has not: keras.ops, not NumPy, also in what it calls",
                _padding(
                    lambda self, token_ids: keras.ops.convert_to_tensor(
                        (np.asarray(token_ids) != self.pad_id)[:, None, None]
                    )
                ),
            ),
        ),
        hints=(
            "The work is done already: you have written create_padding_mask.",
            "Call it with the ids, and with the pad_id that the layer was made with.",
            "What was given to __init__ is kept on self.",
        ),
    )
)

register(
    Exercise(
        name="LookAheadMask",
        notebook="04_masks",
        reference=LookAheadMask,
        properties=(
            Property(
                "a layer from ids (B, T) or vectors (B, T, D) to a mask (T, T)",
                2,
                lambda rng: [
                    case(np.zeros((1, 2), "int32")),
                    case(np.zeros((4, 3), "int32")),
                    case(np.zeros((2, 5, 4), "float32")),
                ],
                run=_applied,
            ),
            Property(
                "also inside a compiled model, where T is not known beforehand",
                1,
                lambda rng: [case(np.zeros((2, 3), "int32")), case(np.zeros((2, 5, 4), "float32"))],
                run=_compiled,
            ),
        ),
        mistakes=(
            Mistake(
                "this takes the size of the batch: T is the length of axis 1",
                _look_ahead(lambda self, x: create_look_ahead_mask(keras.ops.shape(x)[0])),
            ),
            Mistake(
                "this takes the last axis: of vectors (B, T, D) that is D. T is the length of axis 1",
                _look_ahead(lambda self, x: create_look_ahead_mask(keras.ops.shape(x)[-1])),
            ),
            Mistake(
                "this takes the axis before the last: of ids (B, T) that is B. T is the length of axis 1",
                _look_ahead(lambda self, x: create_look_ahead_mask(keras.ops.shape(x)[-2])),
            ),
            Mistake(
                "x.shape[1] is None where lengths are not known beforehand: ops.shape(x)[1] always knows",
                _look_ahead(lambda self, x: create_look_ahead_mask(x.shape[1])),
            ),
            Mistake(
                "inverted: True stands on and below the diagonal",
                _look_ahead(lambda self, x: ~create_look_ahead_mask(keras.ops.shape(x)[1])),
            ),
            Mistake(
                "transposed: rows are the words that look",
                _look_ahead(lambda self, x: keras.ops.transpose(create_look_ahead_mask(keras.ops.shape(x)[1]))),
            ),
            Mistake(
                "an axis too many: (T, T) is the same for the whole batch",
                _look_ahead(lambda self, x: create_look_ahead_mask(keras.ops.shape(x)[1])[None]),
            ),
            Mistake(
                "numbers instead of True and False",
                _look_ahead(lambda self, x: keras.ops.cast(create_look_ahead_mask(keras.ops.shape(x)[1]), "float32")),
            ),
            Mistake("x is masked and returned: the mask itself is asked for", _look_ahead(lambda self, x: x)),
            Mistake(
                "it asks for numbers that a model being compiled has not: keras.ops, not NumPy, also in what it calls",
                _look_ahead(lambda self, x: create_look_ahead_mask(np.asarray(x).shape[1])),
            ),
        ),
        hints=(
            "You have written create_look_ahead_mask. All it needs is the length T.",
            "x is (B, T) or (B, T, D): in both T is the length of axis 1.",
            "x.shape[1] can be None inside a compiled model; ops.shape(x)[1] cannot.",
        ),
    )
)
