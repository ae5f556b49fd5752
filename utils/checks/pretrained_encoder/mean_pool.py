"""The exercise mean_pool: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.guard import Crash
from utils.checks.inputs import normal
from utils.checks.pretrained_encoder.shared import NOTEBOOK
from utils.pretrained.encoder import mean_pool


def _pool_cases(rng, *lengths, width=None, size=2):
    T = max(lengths) if width is None else width
    return case(normal(rng, len(lengths), T, size), np.arange(T) < np.array(lengths)[:, None])


def _pooled(answer, hidden, padding_mask):
    """What comes back; one vector after another is no array yet."""
    found = answer(hidden, padding_mask)
    if isinstance(found, (list, tuple)):
        kind = type(found).__name__
        if any(len(getattr(part, "shape", ())) > 1 for part in found):
            return Crash("several", f"a {kind} of {len(found)} results came back: return the pooled vectors alone")
        return Crash(kind, f"one array (B, D) is asked for, a {kind} came back: np.stack makes one of the rows")
    return found


def _masks_anywhere(rng):
    mask = np.array([[False, True, True, False, True], [True, False, False, False, False]])
    return case(normal(rng, 2, 5, 3), mask)


def _sums(hidden, mask):
    return np.sum(hidden * mask[..., None], axis=1)


def _counts(mask):
    return np.maximum(mask.sum(axis=1, keepdims=True), 1)


def _over_columns(h, m):
    """The sums where a mask (B, T) without another axis was laid over (T, D)."""
    return np.sum(h * m, axis=1)


def _over_widths(h, m):
    """The sums where the mask, made (B, 1, T), was laid over (B, D)."""
    return np.sum(h * m[:, None], axis=1)


def _over_tokens(hidden, mask, reduce):
    return np.stack(
        [reduce(rows[m]) if m.any() else np.zeros(rows.shape[-1]) for rows, m in zip(hidden, mask, strict=True)]
    )


def _left_out(hidden, mask):
    """The mean without the first and the last of each text's tokens."""
    return _over_tokens(hidden, mask, lambda rows: rows[1:-1].mean(axis=0) if len(rows) > 2 else 0 * rows[0])


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
                lambda rng: [_pool_cases(rng, 2, 2, size=2), _pool_cases(rng, 4, 4, 4, 4, size=4)],
                run=_pooled,
            ),
            Property(
                "padding is left out, of the sum and of the count",
                2,
                lambda rng: [_pool_cases(rng, 1, 2, size=2), _pool_cases(rng, 4, 1, 3, 2, size=4)],
                run=_pooled,
            ),
            Property(
                "the mask decides, not the place, and all three sizes may differ",
                1,
                lambda rng: [_masks_anywhere(rng), _pool_cases(rng, 4, 1, 3, width=7, size=5)],
                run=_pooled,
            ),
            Property(
                "a text without a token gives zeros",
                1,
                lambda rng: [_pool_cases(rng, 2, 0, size=3), _pool_cases(rng, 0, width=3, size=3)],
                run=_pooled,
            ),
        ),
        mistakes=(
            Mistake("padding is counted in: the mask is not used", lambda h, m: np.mean(h, axis=1)),
            Mistake(
                "the sum leaves padding out, the count does not: divide by the number of tokens, not by T",
                lambda h, m: _sums(h, m) / h.shape[1],
            ),
            Mistake(
                "this is the sum, and padding is in it: leave that out, and divide by the number of tokens",
                lambda h, m: np.sum(h, axis=1),
            ),
            *(
                Mistake(
                    "the mask is laid over the wrong axes: (B, T) needs a last axis, (B, T, 1), to fit (B, T, D)",
                    lambda h, m, sums=sums, counts=counts: sums(h, m) / counts(m),
                )
                for sums, counts in (
                    (_over_columns, lambda m: _counts(m)[:, 0]),
                    (_over_columns, _counts),
                    (_over_widths, _counts),
                    (_over_widths, lambda m: 1),
                )
            ),
            Mistake(
                "each column is divided by another text's count: keep the counts' last axis, (B, 1)",
                lambda h, m: _sums(h, m) / _counts(m)[:, 0],
            ),
            Mistake(
                "an axis of length 1 is left over: (B, D) is asked for, not (B, 1, D)",
                lambda h, m: (_sums(h, m) / _counts(m))[:, None],
            ),
            Mistake("this is the sum: divide by the number of tokens of each text", lambda h, m: _sums(h, m)),
            Mistake(
                "divided by the tokens of the whole batch: each text has a count of its own (axis=1)",
                lambda h, m: _sums(h, m) / max(m.sum(), 1),
            ),
            Mistake(
                "divided by the number of texts: each text's sum goes with the number of its tokens",
                lambda h, m: _sums(h, m) / len(h),
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
                "this is the last token's vector: the mean of all tokens is asked for",
                lambda h, m: h[np.arange(len(h)), m.sum(axis=1) - 1],
            ),
            Mistake(
                "the last token is left out: all tokens count, [SEP] too",
                lambda h, m: mean_pool(h, m & (np.arange(m.shape[1]) < m.sum(axis=1, keepdims=True) - 1)),
            ),
            Mistake(
                "the first text's mask is used for all: each text has its own row",
                lambda h, m: mean_pool(h, np.repeat(m[:1], len(m), axis=0)),
            ),
            Mistake(
                "the first token is left out: all tokens count, [CLS] too",
                lambda h, m: mean_pool(h[:, 1:], m[:, 1:]),
            ),
            *(
                Mistake("the first token and the last are left out: all tokens count, [CLS] and [SEP] too", wrong)
                for wrong in (_left_out, lambda h, m: mean_pool(h[:, 1:-1], m[:, 1:-1]))
            ),
            *(
                Mistake(
                    "the count runs over the texts (axis 0): how many tokens each text has is a sum over axis 1",
                    lambda h, m, at=at: _sums(h, m) / np.maximum(m.sum(axis=0), 1)[at],
                )
                for at in ((slice(None), None), slice(None))
            ),
            Mistake(
                "only the first text's vector came back: is the `return` inside the loop?",
                lambda h, m: _over_tokens(h, m, lambda rows: rows.mean(axis=0))[0],
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
                "the mean runs over the D numbers of a token: pool over the tokens, axis 1",
                lambda h, m: (h * m[..., None]).sum(axis=2) / np.maximum(m, 1),
            ),
            Mistake(
                "padding is given a very low number and still counted: leave it out of sum and count",
                lambda h, m: np.mean(np.where(m[..., None], h, -1e9), axis=1),
            ),
            Mistake(
                "divided by one more than there are tokens: the count itself, but at least 1",
                lambda h, m: _sums(h, m) / (m.sum(axis=1, keepdims=True) + 1),
            ),
            Mistake(
                "the numbers are cut to whole ones: the mean of decimals has decimals",
                lambda h, m: np.trunc(_sums(h, m) / _counts(m)),
            ),
            Mistake(
                "the numbers are cut to whole ones: the mean of decimals has decimals",
                lambda h, m: np.floor(_sums(h, m) / _counts(m)),
            ),
            Mistake(
                "one number came back for the whole batch: sum over the tokens alone, axis=1",
                lambda h, m: np.sum(_sums(h, m)) / max(m.sum(), 1),
            ),
            Mistake(
                "the result lies on its side: (B, D) is asked for, not (D, B)",
                lambda h, m: (_sums(h, m) / _counts(m)).T,
            ),
            Mistake(
                "one vector for the whole batch came back: one for each text is asked for",
                lambda h, m: h[m].mean(axis=0),
            ),
            Mistake(
                "one vector for the whole batch came back: one for each text is asked for",
                lambda h, m: (_sums(h, m) / _counts(m)).mean(axis=0),
            ),
            Mistake(
                "each text's vector is divided by D too: the mean runs over tokens alone",
                lambda h, m: _sums(h, m) / _counts(m) / h.shape[-1],
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
