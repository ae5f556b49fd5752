"""The exercise combine_masks: what must hold, and what each mistake looks like."""

import functools

import keras
import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.in_numpy import fitting
from utils.checks.masks.shared import mask_made
from utils.layers.masks import (
    combine_masks,
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


def _until_none(*masks):
    kept = []
    for mask in masks:
        if mask is None:
            break
        kept.append(mask)
    return _and(*kept)


def _none_among(result, *masks):
    """None is a result like any other where masks are None; where a `return` is missing, there was none before."""
    return "None, no mask" if result is None else result


def _counted(of):
    """Numbers added up, and compared with what `of` says of all masks."""

    def combine(*masks):
        left = [m for m in masks if m is not None]
        return _fold(lambda a, b: a + b)(*(np.int32(m) for m in left)) == of(masks) if left else None

    return combine


def _with_axes(place, combined=np.logical_and):
    """Masks that get an axis where `place` says so of theirs, beside one of four; then combined."""

    def combine(*masks):
        masks = [m for m in masks if m is not None]
        if masks and _rank(masks) == 4:
            masks = [m if (at := place(m.ndim)) is None else np.expand_dims(m, at) for m in masks]
        return functools.reduce(combined, masks) if masks else None

    return combine


def _squeezed(*masks):
    masks = [m for m in masks if m is not None]
    if any(m.ndim == 3 for m in masks):
        masks = [m[:, 0] if m.ndim == 4 else m for m in masks]
    return _batch_on_heads(*masks)


def _every_second_a_tensor(answer, *masks):
    return answer(*(keras.ops.convert_to_tensor(m) if n % 2 else m for n, m in enumerate(masks)))


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
                    case(mask_made(rng, 3, 4), mask_made(rng, 3, 4)),
                ],
            ),
            Property(
                "shapes broadcast: (T, T) and (B, 1, 1, T); tensors will do as well",
                1,
                lambda rng: [
                    case(np.tri(3, dtype=bool), np.array([[[[1, 1, 0]]], [[[0, 1, 1]]]], bool)),
                    case(mask_made(rng, 2, 1, 1, 5), mask_made(rng, 5, 5)),
                    case(mask_made(rng, 2, 3, 5), mask_made(rng, 3, 5)),
                ],
                run=lambda answer, *masks: answer(*map(keras.ops.convert_to_tensor, masks)),
            ),
            Property(
                "None is ignored; all None gives None",
                1,
                lambda rng: [
                    case(mask_made(rng, 2, 3)),
                    case(mask_made(rng, 2, 3), None),
                    case(None, mask_made(rng, 2, 3)),
                    case(None, None),
                    case(mask_made(rng, 2, 3), None, mask_made(rng, 2, 3), None),
                ],
                read=_none_among,
            ),
            Property(
                "three masks and more",
                1,
                lambda rng: [
                    case(*(np.array([m], bool) for m in ([1, 1, 1, 0], [1, 1, 0, 1], [1, 0, 1, 1]))),
                    case(*(rng.random((4, 5)) < 0.8 for _ in range(4))),
                ],
                run=_every_second_a_tensor,
            ),
            Property(
                "a (B, T, S) mask beside one of four axes counts as (B, 1, T, S)",
                1,
                lambda rng: [
                    case(mask_made(rng, 2, 1, 1, 4), mask_made(rng, 2, 3, 4)),
                    case(mask_made(rng, 3, 3, 5), mask_made(rng, 3, 3, 3, 5)),
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
                "only the last two masks count: go on with the result so far, not with the mask before",
                lambda *masks: _and(*[m for m in masks if m is not None][-2:]),
            ),
            Mistake(
                "compared with 2, the sum is right for two masks only: count the masks that there are",
                _counted(lambda masks: 2),
            ),
            Mistake(
                "every None is counted as a mask too: leave them out before you count",
                _counted(len),
            ),
            Mistake(
                "all False: what begins as False stays so. Begin with the first mask, or with True",
                _fold(lambda a, b: a & b & False),
            ),
            Mistake(
                "only the first two masks count",
                lambda *masks: _and(*[m for m in masks if m is not None][:2]),
            ),
            Mistake(
                "a (B, T, S) mask beside one of four axes: its batch lands on the heads. Give it an axis for them, "
                "in place 1",
                _batch_on_heads,
            ),
            Mistake(
                "a (B, T, S) mask gets its axis for the heads only where the mask of four axes came before it",
                _heads_when_known,
            ),
            Mistake(
                "the axis for the heads belongs in place 1, between B and T",
                _with_axes(lambda rank: 2 if rank == 3 else None),
            ),
            *(
                Mistake(
                    "the axis for the heads belongs in place 1, between B and T",
                    _with_axes(lambda rank: 3 if rank == 3 else None, combined),
                )
                for combined in (np.logical_and, functools.partial(fitting, np.logical_and))
            ),
            Mistake(
                "a (T, S) mask gets an axis for the heads too, so that its T lands on the batch: it fits as it is",
                _with_axes(lambda rank: 1 if rank < 4 else None),
            ),
            Mistake(
                "beside a (B, T, S) mask the axis for the heads is taken away: (B, H, T, S) stays, the other gets one",
                _squeezed,
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
                "where the first is None, None comes back: leave every None out, wherever it stands",
                lambda *masks: None if masks[0] is None else _and(*masks),
            ),
            Mistake(
                "one mask alone comes back as None: where nothing is to be combined, the mask itself is the result",
                lambda *masks: _and(*masks) if sum(m is not None for m in masks) > 1 else None,
            ),
            Mistake("the masks behind a None are not looked at: pass over it, and go on", _until_none),
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
