"""The exercise ablate_head: what must hold, and what each mistake looks like."""

import contextlib
from collections.abc import Generator

import numpy as np
from keras import ops

from utils import decoding
from utils.checks.decoding.shared import SOURCES, TARGETS, any_seed, model_for
from utils.checks.decoding.twin import on_the_twin
from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.guard import Crash
from utils.decoding import ablate_head


class _Stop(RuntimeError, ValueError, TypeError):
    """An error inside the `with`, of all the kinds that an answer might swallow."""


class _Interrupt(BaseException):
    """What is no Exception, as the KeyboardInterrupt of a notebook's stop button."""


QUERIES, SEEN = (np.random.default_rng(0).normal(size=(2, n, 12)).astype("float32") for n in (3, 4))


def _of_itself(attention):
    """What the attention itself gives: the norm behind it would hide what is the same in all D outputs."""
    if hasattr(attention, "look"):  # the twin's
        return attention.look(QUERIES, *attention.keys_and_values(SEEN), None)
    return ops.convert_to_numpy(attention(QUERIES, SEEN))


def _has_no_yield(manager):
    """Whether what contextlib.contextmanager decorated ran to its end at once."""
    made_by_it = isinstance(manager, contextlib._GeneratorContextManager)
    return made_by_it and not isinstance(manager.gen, Generator)


def _inside_and_after(answer, seed, key, head, fails=False, within=None):
    """The logits inside the `with`, once it is left, and at the end; what the attention gives; whether errors go on.

    With a head of `within` off around it, where one is given.
    """
    model = model_for(answer, seed, 2)
    inputs = SOURCES, TARGETS[:, :4]
    attention = decoding.find_attention(model, key)
    inside, came_out = None, not fails
    around = answer(model, *within) if within else contextlib.nullcontext()
    with around:
        try:
            manager = answer(model, key, head)
            if isinstance(manager, Generator):
                return Crash("no decorator", "@contextlib.contextmanager is missing above the function")
            if _has_no_yield(manager):
                return Crash("no yield", "there is no `yield`: what is inside the `with` runs there")
            with manager:
                of_itself = _of_itself(attention)
                if fails:
                    raise _Stop
                inside = ops.convert_to_numpy(model(inputs))
        except _Stop:
            came_out = True
        after = ops.convert_to_numpy(model(inputs))
    told = "errors go on" if came_out else "the error inside went no further"
    return inside, after, ops.convert_to_numpy(model(inputs)) if within else after, of_itself, told


def _interrupted(answer, seed, key, head):
    """What the attention gives inside the `with` and afterwards, where what ends it is no Exception."""
    attention = decoding.find_attention(model := model_for(answer, seed, 2), key)
    told = "the interrupt went no further"
    try:
        with answer(model, key, head):
            inside = _of_itself(attention)
            raise _Interrupt
    except _Interrupt:
        told = "interrupts go on"
    return inside, _of_itself(attention), told


def _however_it_ends(answer, seed, key, head, fails):
    if fails == "error":
        return _inside_and_after(answer, seed, key, head, fails=True)
    return _interrupted(answer, seed, key, head)


def _ablation(
    change, weights=lambda attention: attention.output_weights[:1], restore="always", pick=None, swallow=False
):
    """`ablate_head` with its usual slips.

    Args:
        change: (copy of a weight, head) -> None, in place.
        weights: which weights of the attention are changed.
        restore: "always", "without exceptions", "after errors" only, "but interrupts", "never", or "to zero",
            where what was kept is the changed array.
        pick: (model, key) -> which attention, or a list of them; None: the right one.
        swallow: whether an error inside ends there; "all": an interrupt too.
    """

    @on_the_twin
    @contextlib.contextmanager
    def ablate(model, key, head):
        picked = (pick or decoding.find_attention)(model, key)
        variables = [w for attention in (picked if isinstance(picked, list) else [picked]) for w in weights(attention)]
        before = [w.copy() for w in variables]
        for variable, old in zip(variables, before, strict=True):
            new = old if restore == "to zero" else old.copy()
            change(new, head)
            variable[:] = new

        def put_back():
            for variable, old in zip(variables, before, strict=True):
                variable[:] = old

        if restore == "without exceptions":
            yield
            put_back()
            return
        try:
            yield
        except Exception:
            if restore in ("after errors", "but interrupts"):
                put_back()
            if not swallow:
                raise
        except BaseException:
            if swallow != "all":
                raise
        else:
            if restore == "but interrupts":
                put_back()
        finally:
            if restore not in ("never", "after errors", "but interrupts"):
                put_back()

    return ablate


def _zero(place):
    """Sets what `place` names of a weight, given the head, to zero."""

    def change(weight, head):
        weight[place(head)] = 0.0

    return change


def _ones(weight, head):
    weight[head] = 1.0


def _mean(weight, head):
    weight[head] = weight.mean(axis=0)


def _if_head(weight, head):
    if head:
        weight[head] = 0.0


def _rows_of_the_matrix(rows):
    """The kernel taken for the matrix (H·K, D), and these of its rows set to zero: (head, H, K) -> which."""

    def change(weight, head):
        H, K, D = weight.shape
        weight.reshape(-1, D)[rows(head, H, K)] = 0.0

    return change


def _only(weight, head):
    weight[[h for h in range(len(weight)) if h != head]] = 0.0


def _kernel(name):
    return lambda attention: getattr(attention, f"{name}_weights")[:1]


def _other_stack(model, key):
    """The layer asked for, in the other kind of attention."""
    stack, layer, kind = key.split("/")
    if stack == "decoder":
        return decoding.find_attention(model, f"decoder/{layer}/{'self' if kind == 'cross' else 'cross'}")
    return decoding.find_attention(model, f"decoder/{layer}/self")


def _decoders(model, key):
    return decoding.find_attention(model, key.replace("encoder", "decoder"))


def _always(kind):
    def pick(model, key):
        stack, layer, _ = key.split("/")
        return decoding.find_attention(model, f"{stack if kind == 'self' else 'decoder'}/{layer}/{kind}")

    return pick


def _all_layers(model, key):
    stack, _, kind = key.split("/")
    return [decoding.find_attention(model, f"{stack}/{n}/{kind}") for n in range(2)]


def _first_layer(model, key):
    stack, _, kind = key.split("/")
    return decoding.find_attention(model, f"{stack}/0/{kind}")


ROWS = _zero(lambda head: head)  # of W_O (H, K, D): all that a head may say


register(
    Exercise(
        name="ablate_head",
        notebook="09_decoding",
        reference=ablate_head,
        oracle=_ablation(ROWS),
        properties=(
            Property(
                "inside the `with`, the head says nothing; afterwards all is as before",
                2,
                lambda rng: [
                    case(seed=any_seed(rng), key="decoder/1/cross", head=1),
                    case(seed=any_seed(rng), key="encoder/1/self", head=0),
                    case(seed=any_seed(rng), key="decoder/0/self", head=2),
                ],
                run=_inside_and_after,
            ),
            Property(
                "after an error inside the `with`, or an interrupt, it comes back, and the error goes on",
                1,
                lambda rng: [
                    case(seed=any_seed(rng), key="decoder/0/cross", head=0, fails="error"),
                    case(seed=any_seed(rng), key="decoder/1/self", head=2, fails="interrupt"),
                ],
                run=_however_it_ends,
            ),
            Property(
                "two heads of one attention, one `with` inside the other",
                1,
                lambda rng: [case(seed=any_seed(rng), key="decoder/1/self", head=1, within=("decoder/1/self", 0))],
                run=_inside_and_after,
            ),
        ),
        mistakes=(
            Mistake(
                "after an error inside the `with` the head stays off: put it back in `finally`",
                _ablation(ROWS, restore="without exceptions"),
            ),
            Mistake(
                "the head stays off unless an error comes: put it back in `finally`, which is run either way",
                _ablation(ROWS, restore="after errors"),
            ),
            Mistake(
                "the head stays off: after the `yield`, assign a copy of what was there before",
                _ablation(ROWS, restore="never"),
            ),
            Mistake(
                "the head stays off: after the `yield`, assign a copy of what was there before",
                _ablation(ROWS, restore="to zero"),
            ),
            Mistake(
                "an error inside the `with` is swallowed: `finally` lets it pass, `except` does not",
                _ablation(ROWS, swallow=True),
            ),
            Mistake(
                "an error inside the `with` is swallowed: `finally` lets it pass, without a `return` in it",
                _ablation(ROWS, swallow="all"),
            ),
            Mistake(
                "after an interrupt inside the `with` the head stays off: it is no Exception; put it back in `finally`",
                _ablation(ROWS, restore="but interrupts"),
            ),
            Mistake("nothing is switched off: assign the changed W_O to the kernel", _ablation(lambda w, head: None)),
            Mistake(
                "all heads are switched off: only rows `head` of W_O become zero",
                _ablation(_zero(lambda head: slice(None))),
            ),
            Mistake(
                "the other heads are switched off: rows `head` of W_O become zero, counted from 0",
                _ablation(_only),
            ),
            *(
                Mistake(
                    "another head is switched off: rows `head` of W_O become zero, counted from 0",
                    _ablation(_zero(place)),
                )
                for place in (lambda h: h - 1, lambda h: (h + 1) % 4, lambda h: -h, lambda h: -h - 1)
            ),
            *(
                Mistake(
                    "it is always the same head that is switched off: rows `head` of W_O become zero",
                    _ablation(_zero(lambda head, number=number: number)),
                )
                for number in range(4)
            ),
            *(
                Mistake(
                    "other rows of the matrix (H·K, D) become zero: a head's are head·K up to (head + 1)·K, K as the "
                    "kernel's shape says",
                    _ablation(_rows_of_the_matrix(rows)),
                )
                for rows in (
                    lambda head, H, K: slice(head * H, (head + 1) * H),
                    lambda head, H, K: slice(head, None, H),
                    lambda head, H, K: head,
                    lambda head, H, K: slice(head, head + K),
                    lambda head, H, K: slice(2 * head, 2 * (head + 1)),
                )
            ),
            Mistake(
                "head 0 is never switched off: 0 is false to `if`, and the number of a head",
                _ablation(_if_head),
            ),
            Mistake(
                "the head is switched off in all layers: the key names the one that is meant",
                _ablation(ROWS, pick=_all_layers),
            ),
            Mistake(
                "all heads before `head` are switched off: only rows `head` of W_O become zero",
                _ablation(_zero(lambda head: slice(head))),
            ),
            Mistake(
                "the heads before `head` are switched off too: only rows `head` of W_O become zero",
                _ablation(_zero(lambda head: slice(head + 1))),
            ),
            Mistake(
                "the heads after `head` are switched off too: only rows `head` of W_O become zero",
                _ablation(_zero(lambda head: slice(head, None))),
            ),
            Mistake(
                "the heads after `head` are switched off: rows `head` of W_O become zero, counted from 0",
                _ablation(_zero(lambda head: slice(head + 1, None))),
            ),
            Mistake("the head's rows of W_O became one: only with zero does it add nothing", _ablation(_ones)),
            Mistake(
                "column `head` of every head became zero: the heads are the first axis of W_O (H, K, D)",
                _ablation(_zero(lambda head: (slice(None), head))),
            ),
            Mistake(
                "one of the D outputs became zero: the heads are the first axis of W_O (H, K, D)",
                _ablation(_zero(lambda head: (Ellipsis, head))),
            ),
            Mistake("only one row of the head became zero: W_O has K rows for it", _ablation(_zero(lambda h: (h, 0)))),
            Mistake(
                "the bias became zero, and the head goes on speaking: its rows of the kernel become zero",
                _ablation(_zero(lambda head: slice(None)), weights=lambda attention: attention.output_weights[1:]),
            ),
            Mistake(
                "the bias went too: it belongs to no head",
                _ablation(
                    lambda w, head: _zero(lambda h: h if w.ndim == 3 else slice(None))(w, head),
                    weights=lambda attention: attention.output_weights,
                ),
            ),  # fmt: skip
            Mistake(
                "the head's queries became zero: then it looks at all words alike, and goes on speaking",
                _ablation(_zero(lambda head: (slice(None), head)), weights=_kernel("query")),
            ),
            Mistake(
                "the head's keys became zero: then it looks at all words alike, and goes on speaking",
                _ablation(_zero(lambda head: (slice(None), head)), weights=_kernel("key")),
            ),
            Mistake(
                "the head's values became zero, but not their bias: that is still said. Its rows of W_O hold it all",
                _ablation(_zero(lambda head: (slice(None), head)), weights=_kernel("value")),
            ),
            Mistake("the head got the mean of all heads' rows: it should say nothing", _ablation(_mean)),
            Mistake(
                "another attention was changed: find_attention(model, key) finds the one that is meant",
                _ablation(ROWS, pick=_other_stack),
            ),
            *(
                Mistake(
                    "it is always the decoder's layer, or always one kind of attention: find_attention(model, key) "
                    "finds the one that is meant",
                    _ablation(ROWS, pick=pick),
                )
                for pick in (_decoders, _always("self"), _always("cross"))
            ),
            Mistake(
                "the first layer's head was switched off: the key names the layer", _ablation(ROWS, pick=_first_layer)
            ),
        ),
        hints=(
            "Lesson 05: the output of the layer is a sum, and head h adds head_h · W_O^h. What must be zero for that "
            "to add nothing?",
            "find_attention(model, key).output_weights is the pair (kernel, bias); the kernel is (H, K, D). Copy it to "
            "a NumPy array, set the head's rows to zero, kernel.assign(…).",
            "Then `yield`, which runs what stands inside the `with`; and in `finally`, after it, assign what was there "
            "before.",
        ),
    )
)
