"""Wrong answers to sample."""

import keras
import numpy as np
from keras import ops

from utils.generating import check_sampling


def sample_with(temperature_at="logits", zero=True, order="best", k=lambda k: k, cut="before", dice=lambda u: u,
                token=True, again=True, p_first=False, sums="heated", which="best", shift=0, renew_k=True):  # fmt: skip
    """A learner's sample with one thing wrong."""

    def sample(logits, uniform, temperature=1.0, top_k=None, top_p=None):
        logits = np.asarray(logits, "float32")
        if temperature == 0 and zero:
            return logits.argmax(axis=-1)
        by = np.argsort({"best": -logits, "worst": logits, "ids": 0 * logits}[order], axis=-1, kind="stable")
        best = np.argsort(-logits, axis=-1)
        x = np.take_along_axis(logits, best, axis=-1)
        temperature = temperature or 1.0
        heat = {"logits": x / np.float32(temperature), "times": x * np.float32(temperature), "nowhere": x}
        p = ops.convert_to_numpy(ops.softmax(heat[temperature_at], axis=-1))
        rank = np.arange(p.shape[-1])

        def nucleus(p):
            if top_p is None:
                return p
            source = ops.convert_to_numpy(ops.softmax(x, axis=-1)) if sums == "cold" else p
            reach = np.cumsum(source, axis=-1)
            inside = {
                "before": reach - source < top_p,
                "without": (reach <= top_p) | (rank == 0),
                "more": np.roll(reach, 2, axis=-1) * (rank > 1) < top_p,
                "each": (source >= top_p) | (rank == 0),
                "rest": reach - source < 1 - top_p,
                "nothing": source >= 0,
            }[cut]
            kept = np.where(inside | ((rank == 0) & (cut == "rest")), p, 0)
            return kept / kept.sum(axis=-1, keepdims=True) if again else kept

        p = nucleus(p) if p_first else p
        if top_k is not None:
            place = best if which == "ids" else (rank[::-1] if which == "worst" else rank)
            p = np.where(place < k(top_k), p, 0)
            p = p / p.sum(axis=-1, keepdims=True) if again and renew_k else p
        p = p if p_first else nucleus(p)
        p = np.take_along_axis(np.take_along_axis(p, np.argsort(best, axis=-1), axis=-1), by, axis=-1)
        p = p / p.sum(axis=-1, keepdims=True) if again else p
        reach = np.cumsum(p, axis=-1)
        place = np.clip(np.sum(reach <= dice(uniform)[:, None], axis=-1) + shift, 0, p.shape[-1] - 1)
        return np.take_along_axis(by, place[:, None], axis=-1)[:, 0] if token else place

    return sample


def greedy(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    return ops.argmax(logits, axis=-1)


def forgot_return(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    sample_with()(logits, uniform, temperature, top_k, top_p)


def as_floats(logits, uniform, **settings):
    return np.asarray(sample_with()(logits, uniform, **settings), "float32")


def dice_of_its_own(logits, uniform, **settings):
    return sample_with(dice=lambda u: np.random.default_rng().random(len(u)))(logits, uniform, **settings)


def global_dice(logits, uniform, **settings):
    return sample_with(dice=lambda u: np.random.rand(len(u)))(logits, uniform, **settings)  # noqa: NPY002


def by_categorical(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    if temperature == 0:
        return ops.argmax(logits, axis=-1)
    return keras.random.categorical(ops.convert_to_tensor(logits) / temperature, 1)[:, 0]


def seeded_dice(logits, uniform, **settings):
    return sample_with(dice=lambda u: np.random.default_rng(16).random(len(u)))(logits, uniform, **settings)


def in_keras(nucleus=lambda p, top_p: ops.cumsum(p, axis=-1) - p < top_p, renew_k=True, cool_p=False, both=True):
    """A learner's sample in Keras with one thing wrong."""

    def sample(logits, uniform, temperature=1.0, top_k=None, top_p=None):
        if temperature == 0:
            return ops.argmax(logits, axis=-1)
        order = ops.argsort(-logits, axis=-1)
        x = ops.take_along_axis(ops.convert_to_tensor(logits), order, axis=-1)
        p = ops.softmax(x) / temperature if cool_p else ops.softmax(x / temperature)
        if top_k is not None:
            p = ops.where(ops.arange(p.shape[-1]) < top_k, p, 0.0)
            p = p / ops.sum(p, axis=-1, keepdims=True) if renew_k else p
        if top_p is not None and (both or top_k is None):
            p = ops.where(nucleus(p, top_p), p, 0.0)
            p = p / ops.sum(p, axis=-1, keepdims=True)
        place = ops.sum(ops.cast(ops.cumsum(p, axis=-1) <= uniform[:, None], "int32"), axis=-1, keepdims=True)
        return ops.take_along_axis(order, ops.minimum(place, p.shape[-1] - 1), axis=-1)[:, 0]

    return sample


def of_the_first(p, top_p):
    return ops.arange(p.shape[-1]) < ops.sum(ops.cast((ops.cumsum(p, axis=-1) - p < top_p)[0], "int32"))


def logits_in_place(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    if temperature > 0:
        logits /= temperature
    return sample_with()(logits, uniform, 1.0 if temperature else 0, top_k, top_p)


def with_an_axis_too_many(logits, uniform, **settings):
    return sample_with()(logits, uniform, **settings)[:, None]


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def cut_by_sum(p, top_p):
    return np.arange(p.shape[-1]) <= np.argmax(np.cumsum(p, axis=-1) >= top_p, axis=-1)[:, None]


def in_numpy(
    order=lambda x: np.argsort(-x, axis=-1),
    share=softmax,
    heat=lambda x, t: x / t,
    kept=lambda p, top_p: np.cumsum(p, axis=-1) - p < top_p,
    limit=lambda V, top_k: top_k,
    passed=lambda reach, u: reach <= u,
    reach=lambda p: np.cumsum(p, axis=-1),
    last=lambda p: (p > 0).sum(axis=-1) - 1,
    dice=lambda u: u,
    cold=True,
    of=np.asarray,
    out=lambda tokens: tokens.astype("int32"),
    check=check_sampling,
):
    """A third learner's, which is right as it stands."""

    def sample(logits, uniform, temperature=1.0, top_k=None, top_p=None):
        check(temperature, top_k, top_p)
        logits = of(logits)
        if temperature == 0 and cold:
            return out(logits.argmax(axis=-1))
        by = order(logits)
        p = share(heat(np.take_along_axis(logits, by, axis=-1), temperature))
        if top_k is not None:
            p = np.where(np.arange(p.shape[-1]) < limit(p.shape[-1], top_k), p, 0)
            p = p / p.sum(axis=-1, keepdims=True)
        if top_p is not None:
            p = np.where(kept(p, top_p), p, 0)
            p = p / p.sum(axis=-1, keepdims=True)
        place = passed(reach(p), dice(uniform)[:, None]).sum(axis=-1)
        place = place if last is None else np.minimum(place, last(p))
        return out(np.take_along_axis(by, place[:, None], axis=-1)[:, 0])

    return sample


def to_the_last_id(p):
    return p.shape[-1] - 1


def of_large_numbers(x):
    with np.errstate(all="ignore"):
        e = np.exp(x)
        return e / e.sum(axis=-1, keepdims=True)


def no_more_than_there_are(V, top_k):
    if top_k > V:
        raise IndexError(top_k)
    return top_k


def methods_at_0(logits, uniform, temperature=1.0, **settings):
    return logits.argmax(axis=-1) if temperature == 0 else in_numpy()(logits, uniform, temperature, **settings)


def methods_elsewhere(logits, uniform, temperature=1.0, **settings):
    if temperature > 0:
        logits = logits - logits.max(axis=-1, keepdims=True)
    return in_numpy()(logits, uniform, temperature, **settings)


p_divided = in_keras(cool_p=True)
one_or_the_other = in_keras(both=False)
as_the_first_row = in_keras(nucleus=of_the_first)
k_not_renewed = in_keras(renew_k=False)


def never_made_whole(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    """Goes through the tokens that are left; whoever passes them all gets the last."""
    check_sampling(temperature, top_k, top_p)
    tokens = []
    for row, number in zip(np.asarray(logits, "float64"), uniform, strict=True):
        best = np.argsort(-row)
        p = np.exp((row[best] - row[best[0]]) / (temperature or 1e-9))
        p = (p / p.sum())[:top_k]
        p = p[: 1 + int((np.cumsum(p) < (top_p or 2)).sum())]
        place = int((np.cumsum(p) <= number).sum())
        tokens.append(best[min(place, len(p) - 1)])
    return np.array(tokens)


MUTANTS = [
    (never_made_whole, "the last token kept gets all"),
    (in_keras(nucleus=lambda p, top_p: ops.cumsum(p, axis=-1) - p <= top_p), "just top_p together"),
    (in_numpy(check=lambda *knobs: None), "is refused with a ValueError"),
    (greedy, "always the likeliest"),
    (sample_with(order="ids"), "order of their ids"),
    (sample_with(order="worst"), "the least likely come first"),
    (sample_with(dice=lambda u: 1 - u), "the least likely come first"),
    (sample_with(token=False), "the place in the sorted row"),
    (sample_with(shift=1), "one place too far"),
    (sample_with(dice=lambda u: np.repeat(u[:1], len(u))), "all rows get the first number"),
    (sample_with(temperature_at="times"), "the temperature multiplies"),
    (sample_with(temperature_at="nowhere"), "the temperature does nothing"),
    (sample_with(zero=False), "taken for none at all"),
    (sample_with(k=lambda k: 99), "`top_k` does nothing"),
    (sample_with(k=lambda k: k + 1), "one too many: k tokens"),
    (sample_with(which="ids"), "the first k ids"),
    (sample_with(which="worst"), "the k least likely"),
    (sample_with(cut="nothing"), "`top_p` does nothing"),
    (sample_with(cut="without"), "the token that reaches `top_p` is left out"),
    (sample_with(cut="more"), "the last to be kept"),
    (sample_with(cut="each"), "each probability is compared"),
    (sample_with(cut="rest"), "1 - `top_p`"),
    (sample_with(p_first=True), "as if top-k had taken nothing"),
    (sample_with(sums="cold"), "before the temperature"),
    (sample_with(renew_k=False), "as if top-k had taken nothing"),
    (sample_with(again=False), "made a distribution again"),
    (forgot_return, "nothing came back"),
    (as_floats, "the tokens are floats"),
    (dice_of_its_own, "dice of its own"),
    (global_dice, "dice of its own"),
    (by_categorical, "dice of its own"),
    (seeded_dice, "`uniform` is not looked at"),
    (sample_with(shift=-1), "one place too early"),
    (p_divided, "divides the probabilities"),
    (one_or_the_other, "passed over where `top_k`"),
    (as_the_first_row, "as many tokens as the first"),
    (k_not_renewed, "what `top_k` has left"),
    (logits_in_place, "changes the array"),
    (with_an_axis_too_many, "shape (60, 1), expected (60,)"),
    (in_numpy(share=of_large_numbers), "exp of a large number"),
    (in_numpy(share=of_large_numbers, last=to_the_last_id), "exp of a large number"),
    (in_numpy(kept=cut_by_sum), "rounding may never reach"),
    (in_numpy(kept=cut_by_sum, last=to_the_last_id), "rounding may never reach"),
    (in_numpy(heat=lambda x, t: x / max(t, 1e-2), cold=False), "replaced by a small one"),
    (in_numpy(heat=lambda x, t: x / (t + 1e-8), cold=False), "replaced by a small one"),
    (in_numpy(last=None), "passes them all"),
    (in_numpy(last=to_the_last_id), "which is not V - 1"),
    (in_numpy(passed=lambda reach, u: reach < u), "just where a token ends"),
    (in_numpy(limit=no_more_than_there_are), "larger than V"),
    (in_numpy(of=lambda x: x.astype("float32")), "a tensor is given"),
    (methods_at_0, "a tensor is given"),
    (methods_elsewhere, "a tensor is given"),
    (in_numpy(out=lambda tokens: tokens.tolist()), "a list came back"),
    (in_numpy(reach=lambda p: np.cumsum(p, axis=0)), "the sums run over the rows"),
    (in_numpy(reach=lambda p: p), "each probability is compared with the number"),
    (in_numpy(dice=np.sort), "the numbers are sorted"),
    (in_numpy(order=lambda x: np.argsort(x, axis=-1)[::-1]), "turns the rows around"),
]
