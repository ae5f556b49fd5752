"""What goes wrong in sample: the function in NumPy with one of its decisions changed."""

import functools

import numpy as np

from utils.checks.frame import Mistake
from utils.generating import check_sampling


def softmax(x):
    """Of each row."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def best_k(p, k):
    """The k likeliest of each row, 0 elsewhere."""
    rank = np.argsort(np.argsort(-p, axis=-1, kind="stable"), axis=-1)
    return np.where(rank < k, p, 0)


def nucleus(p, top_p, before=True, more=0):
    """The likeliest, as few as reach top_p; without the one that reaches it, or with some more."""
    order = np.argsort(-p, axis=-1, kind="stable")
    sorted_p = np.take_along_axis(p, order, axis=-1)
    reach = np.cumsum(sorted_p, axis=-1)
    kept = (reach - sorted_p < top_p - 1e-7) if before else (reach <= top_p)
    if more:
        kept = np.arange(p.shape[-1]) < kept.sum(axis=-1, keepdims=True) + more
    return np.take_along_axis(np.where(kept, sorted_p, 0), np.argsort(order, axis=-1), axis=-1)


def whole(p):
    """What is left as a distribution again."""
    return p / p.sum(axis=-1, keepdims=True)


def drawn(
    heat=lambda x, t: x / t,
    cold=lambda x: x.argmax(axis=-1),
    first_k=lambda p, k: best_k(p, k),
    nucleus=nucleus,
    whole=whole,
    between=whole,
    order=lambda p: np.argsort(-p, axis=-1, kind="stable"),
    number=lambda u: u,
    sums=lambda p: np.cumsum(p, axis=-1),
    out=lambda order, place: np.take_along_axis(order, place, axis=-1)[:, 0],
    p_first=False,
    p_of=None,
    last=lambda p: p.shape[-1] - 1,
):
    """`sample` in NumPy with one of its decisions changed.

    What can be changed: heat, what the temperature does; cold, what comes at 0; first_k, nucleus, what they keep;
    between and whole, how what is kept is made a distribution again, after top-k and at the end; order, in which
    order the tokens are passed; number, what is made of the dice; sums, up to which number each token comes; out,
    what comes back; p_first, top-p before top-k; p_of, of which logits top-p takes its sums; last, no place beyond it.
    """

    def wrong(logits, uniform, temperature=1.0, top_k=None, top_p=None):
        check_sampling(temperature, top_k, top_p)
        logits = np.asarray(logits, "float64")
        if temperature == 0 and cold is not None:
            return cold(logits).astype("int32")
        p = softmax(heat(logits, temperature))
        passed = order(p)
        if p_first and top_p is not None:
            p = whole(nucleus(p, top_p))
        if top_k is not None:
            p = between(first_k(p, top_k))
        if not p_first and top_p is not None:
            p = np.where(nucleus(p if p_of is None else p_of(logits), top_p) > 0, p, 0)
        p = whole(p)
        reach = sums(np.take_along_axis(p, passed, axis=-1))
        place = (reach <= number(np.asarray(uniform, "float64"))[:, None]).sum(axis=-1, keepdims=True)
        return out(passed, np.minimum(place, last(p))).astype("int32")

    return wrong


def _argmax(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    check_sampling(temperature, top_k, top_p)
    return np.asarray(logits).argmax(axis=-1).astype("int32")


def _own_dice(logits, uniform, temperature=1.0, top_k=None, top_p=None, seed=None):
    """Everything but the numbers."""
    check_sampling(temperature, top_k, top_p)
    numbers = np.random.default_rng(seed).random(len(logits))
    return drawn()(logits, numbers, temperature, top_k, top_p)


def _floats(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    return drawn()(logits, uniform, temperature, top_k, top_p).astype("float32")


def _cooled_p(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    """The probabilities divided by the temperature, and left so."""
    check_sampling(temperature, top_k, top_p)
    if temperature == 0:
        return _argmax(logits, uniform)
    return drawn()(logits, np.asarray(uniform, "float64") * temperature, 1.0, top_k, top_p)


def _either(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    """Top-k or top-p, never both."""
    return drawn()(logits, uniform, temperature, top_k, top_p if top_k is None else None)


def _k_not_renewed(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    """Made whole after top-p alone."""
    whole = {} if top_p is not None else {"whole": lambda p: p}
    return drawn(between=lambda p: p, **whole)(logits, uniform, temperature, top_k, top_p)


def _in_place(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    """The logits are divided where they lie."""
    check_sampling(temperature, top_k, top_p)
    if temperature not in (0, 1) and isinstance(logits, np.ndarray):
        logits /= np.float32(temperature)
    elif temperature:
        logits = logits / np.float32(temperature)
    return drawn()(logits, uniform, 1.0 if temperature else 0, top_k, top_p)


def _first_rows_nucleus(p, top_p):
    """As many for each row as the first needs."""
    return best_k(p, (nucleus(p, top_p)[0] > 0).sum())


def edge_of(logits, uniform, temperature=1.0, top_k=None, top_p=None):
    """Which of the edges a case lies at, in words; empty where at none."""
    if temperature < 0 or top_k == 0 or top_p == 1.5:
        return REFUSED
    if temperature == 0 and logits.shape[1] < 4:
        return AT_0[0] if logits[0, 0] == logits[0, 1] else AT_0[1]
    if temperature == 0.01:
        return LOW
    if uniform[0] > 0.9999:
        return NEXT_TO_1 if top_k is None else NEXT_WITH_K
    if logits.shape == (2, 2):
        return AT_AN_END if top_p is None else REACHED
    return "top_p=1" if top_p == 1 else ABOVE if top_k == 10 else ""


def _wrong_at(*edges):
    """Other tokens at these edges."""

    def wrong(logits, uniform, **settings):
        if edge_of(logits, uniform, **settings) in edges:
            return np.full(len(logits), -1)
        return drawn()(logits, uniform, **settings)

    return wrong


def _of_arrays(*temperatures):
    """At these temperatures it takes arrays alone."""

    def wrong(logits, uniform, temperature=1.0, **settings):
        if not isinstance(logits, np.ndarray) and temperature in temperatures:
            raise AttributeError("a tensor has no such method")
        return drawn()(logits, uniform, temperature, **settings)

    return wrong


def _listed(logits, uniform, **settings):
    return drawn()(logits, uniform, **settings).tolist()


LOW = "a low temperature, so that logits divided by it are large"
NEXT_TO_1, NEXT_WITH_K = "a number next to 1", "a number next to 1, with top_k"
AT_0 = "two are the likeliest, at temperature 0", "a near one, at temperature 0"
AT_AN_END, ABOVE = "a number that is just where a token ends", "top_k above V"
REACHED = "the likeliest have just top_p together"
REFUSED = "a temperature below 0, top_k below 1, or top_p outside (0, 1]"
RENEW = "what is left must be made a distribution again: divide by its sum"

MISTAKES = (
    Mistake(
        "dice of its own: the same numbers must draw the same tokens. `uniform` holds them, one for each row",
        _own_dice,
    ),
    Mistake(
        "`uniform` is not looked at: the same tokens come whatever the numbers are",
        functools.partial(_own_dice, seed=0),
    ),
    Mistake("the tokens are floats: a token is a whole number, cast them to int32", _floats),
    Mistake("always the likeliest, whatever the number: the dice decide", _argmax),
    Mistake(
        "the tokens are passed in the order of their ids: the likelier come first",
        drawn(order=lambda p: np.tile(np.arange(p.shape[-1]), (len(p), 1))),
    ),
    Mistake(
        "the least likely come first: sort by minus the logits, and take the number as it is",
        drawn(order=lambda p: np.argsort(p, axis=-1)),
    ),
    Mistake(
        "the place in the sorted row came back: which token stands there?",
        drawn(out=lambda order, place: place[:, 0]),
    ),
    Mistake(
        "one place too far: it is how many tokens the number has passed",
        drawn(out=lambda order, place: np.take_along_axis(order, np.minimum(place + 1, order.shape[1] - 1), 1)[:, 0]),
    ),
    Mistake(
        "one place too early: it is how many tokens the number has passed",
        drawn(out=lambda order, place: np.take_along_axis(order, np.maximum(place - 1, 0), 1)[:, 0]),
    ),
    Mistake("the temperature divides the probabilities: it divides the logits, before the softmax", _cooled_p),
    Mistake("`top_p` is passed over where `top_k` is given: first the one, then the other", _either),
    Mistake(
        "all rows get as many tokens as the first: each row has a sum of its own",
        drawn(nucleus=_first_rows_nucleus),
    ),
    Mistake(f"what `top_k` has left is not made whole: {RENEW}", _k_not_renewed),
    Mistake("it changes the array it was given: work on a copy, or build a new array", _in_place),
    Mistake("all rows get the first number: each has its own", drawn(number=lambda u: np.full_like(u, u[0]))),
    Mistake("the temperature multiplies: the logits are divided by it", drawn(heat=lambda x, t: x * t)),
    Mistake(
        "the temperature does nothing: divide the logits by it, before the softmax",
        drawn(heat=lambda x, t: x),
    ),
    Mistake(
        "a temperature of 0 is taken for none at all: the likeliest token comes then",
        drawn(cold=None, heat=lambda x, t: x / (t or 1)),
    ),
    Mistake(
        "a temperature of 0 is a division by 0: the likeliest token comes then",
        drawn(cold=lambda x: np.zeros(len(x))),
    ),
    Mistake(
        "a temperature of 0 is a division by 0: the likeliest token comes then",
        drawn(cold=lambda x: np.full(len(x), x.shape[-1] - 1)),
    ),
    Mistake(
        "a temperature of 0 is a division by 0: the likeliest token comes then",
        drawn(cold=lambda x: np.argsort(-x, axis=-1)[:, -1]),
    ),
    Mistake("`top_k` does nothing: only that many may come", drawn(first_k=lambda p, k: p)),
    Mistake("one too many: k tokens may come, not k + 1", drawn(first_k=lambda p, k: best_k(p, k + 1))),
    Mistake("one too few: k tokens may come, not k - 1", drawn(first_k=lambda p, k: best_k(p, max(k - 1, 1)))),
    Mistake(
        "the first k ids are kept: it is the k likeliest",
        drawn(first_k=lambda p, k: np.where(np.arange(p.shape[-1]) < k, p, 0)),
    ),
    Mistake(
        "the k least likely are kept: it is the k likeliest",
        drawn(first_k=lambda p, k: np.where(np.argsort(np.argsort(p)) < k, p, 0)),
    ),
    Mistake("`top_p` does nothing: as few as reach it may come", drawn(nucleus=lambda p, t: p)),
    Mistake(
        "the token that reaches `top_p` is left out: it belongs to them, and the likeliest always comes",
        drawn(nucleus=lambda p, t: best_k(p, np.maximum((nucleus(p, t, before=False) > 0).sum(-1, keepdims=True), 1))),
    ),
    Mistake(
        "the token that reaches `top_p` is left out: it belongs to them, and the likeliest always comes",
        drawn(nucleus=lambda p, t: nucleus(p, t, before=False)),
    ),
    Mistake(
        "one too many: the token that reaches `top_p` is the last to be kept",
        drawn(nucleus=lambda p, t: nucleus(p, t, more=1)),
    ),
    Mistake(
        "each probability is compared with `top_p`: it is their sum, from the likeliest on",
        drawn(nucleus=lambda p, t: np.where((p >= t) | (p == p.max(-1, keepdims=True)), p, 0)),
    ),
    Mistake(
        "1 - `top_p` is taken: the tokens kept have `top_p` together",
        drawn(nucleus=lambda p, t: nucleus(p, max(1 - t, 1e-6))),
    ),
    Mistake(
        "top-p sums as if top-k had taken nothing: top-k first, what is left made whole, then top-p of that",
        drawn(p_first=True),
    ),
    Mistake(
        "top-p takes its sums before the temperature: the probabilities that it sums are the heated ones",
        drawn(p_of=softmax),
    ),
    Mistake(f"the last token gets all that was taken away: {RENEW}", drawn(whole=lambda p: p, between=lambda p: p)),
    Mistake(f"the last token gets all that was taken away: {RENEW}", drawn(whole=lambda p: p)),
    *(
        Mistake(f"the last token kept gets all that was taken away: {RENEW}", wrong)
        for count in [lambda p: (p > 0).sum(axis=-1, keepdims=True) - 1]
        for wrong in (
            drawn(whole=lambda p: p, between=lambda p: p, last=count),
            drawn(whole=lambda p: p, last=count),
        )
    ),
    Mistake(
        "the sums run over the rows: each row has its own, ops.cumsum(p, axis=-1)",
        drawn(sums=lambda p: np.cumsum(p, axis=0)),
    ),
    Mistake(
        "each probability is compared with the number: it is their sum, ops.cumsum(p, axis=-1)", drawn(sums=lambda p: p)
    ),
    Mistake("the numbers are sorted, so that rows get those of others: each row has its own", drawn(number=np.sort)),
    Mistake(
        "[::-1] turns the rows around, not what stands in them: np.argsort(-logits, axis=-1)",
        drawn(order=lambda p: np.argsort(p, axis=-1)[::-1]),
    ),
    Mistake("a list came back: (B,) int32 is asked for, np.array(…) makes it of one", _listed),
    *(
        Mistake(diagnosis, _wrong_at(*edges, *besides))
        for diagnosis, edges in (
            (
                "exp of a large number is infinite: take each row's largest off first. ops.softmax does",
                (LOW,),
            ),
            (
                "top_p=1 is a sum that rounding may never reach, and then the likeliest alone is left: keep a token "
                "where the sum of those before it is below top_p",
                ("top_p=1",),
            ),
            (
                "a temperature of 0 is replaced by a small one, and the number decides between near tokens: at 0 the "
                "likeliest comes, whatever the number",
                AT_0,
            ),
            (
                "a temperature of 0 is replaced by a small one, and the number decides between near tokens: at 0 the "
                "likeliest comes, whatever the number",
                AT_0[:1],
            ),
            (
                'a number that is just where a token ends belongs to the next: <= where you have <, or side="right"',
                (AT_AN_END,),
            ),
            (
                "those that have just top_p together have reached it, and one more is kept: keep a token where the sum "
                "of those before it is below top_p, < and not <=",
                (REACHED,),
            ),
            ("top_k may be larger than V, and all may come then: min(top_k, V)", (ABOVE,)),
        )
        for refused in ((), (REFUSED,))
        for besides in (refused, (*refused, NEXT_WITH_K), (*refused, NEXT_TO_1, NEXT_WITH_K))
    ),
    Mistake(
        f"{REFUSED}, is refused with a ValueError: begin with check_sampling(temperature, top_k, top_p)",
        _wrong_at(REFUSED),
    ),
    *(
        Mistake(
            "rounding may leave the sum below a number next to 1, and that passes them all: no place beyond the last, "
            "ops.minimum(place, how many may come - 1)",
            _wrong_at(*refused, NEXT_TO_1, NEXT_WITH_K),
        )
        for refused in ((), (REFUSED,))
    ),
    *(
        Mistake(
            "a number next to 1 may pass all that `top_k` has left, and a token comes that may not: no place beyond "
            "the last that has a probability, which is not V - 1",
            _wrong_at(*refused, NEXT_WITH_K),
        )
        for refused in ((), (REFUSED,))
    ),
    *(
        Mistake(
            "a tensor is given in the next cell, which has neither .argmax nor .max and cannot be written into: begin "
            "with np.asarray(logits), or use keras.ops",
            _of_arrays(*temperatures),
        )
        for temperatures in ((0, 1, 0.7), (0,), (1, 0.7))
    ),
)
