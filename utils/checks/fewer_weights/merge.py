"""The exercise merge: what must hold, and what each mistake looks like."""

import functools
import math

import keras
import numpy as np
from keras import ops

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.in_numpy import fitting
from utils.checks.inputs import normal
from utils.layers.low_rank import merge


def _merge(
    scale=lambda alpha, r, D, M: alpha / r,
    together=lambda kernel, change: kernel + change,
    product=lambda a, b: fitting(np.matmul, a, b),
    shaped=lambda change, kernel: fitting(np.reshape, change, kernel.shape),
):
    """The function with one of its decisions changed."""

    def variant(kernel, lora_a, lora_b, alpha):
        kernel, lora_a, lora_b = map(np.asarray, (kernel, lora_a, lora_b))
        (D, r), M = lora_a.shape, lora_b.shape[1]
        change = np.float32(scale(alpha, r, D, M)) * shaped(product(lora_a, lora_b), kernel)
        return together(kernel, change)

    return variant


def _parts(rng, *shape, rank=2):
    """A kernel of that shape, and A and B that fit."""
    M = math.prod(shape[1:])
    return normal(rng, *shape), normal(rng, shape[0], rank), normal(rng, rank, M)


def _of_variables(answer, kernel, lora_a, lora_b, alpha):
    """What comes of Keras variables, and the kernel afterwards; in words where it fails."""
    given = [keras.Variable(array) for array in (kernel, lora_a, lora_b)]
    try:
        merged = ops.convert_to_numpy(answer(*given, alpha))
    except NotImplementedError:
        raise  # not started
    except Exception:  # noqa: BLE001 - with arrays it was right
        return "it fails with variables"
    return merged, ops.convert_to_numpy(given[0])


def _of_arrays(*axes):
    """Right, but where kernels of so many axes are no arrays."""

    def wrong(kernel, lora_a, lora_b, alpha):
        if not isinstance(kernel, np.ndarray) and len(kernel.shape) in axes:
            raise AttributeError("a variable has no such method")
        return _merge()(kernel, lora_a, lora_b, alpha)

    return wrong


def _into_the_kernel(kernel, lora_a, lora_b, alpha):
    merged = _merge()(kernel, lora_a, lora_b, alpha)
    if isinstance(kernel, keras.Variable):
        kernel.assign(merged)
    return merged


def _both_weighed(kernel, lora_a, lora_b, alpha):
    kernel = np.asarray(kernel)
    return (1 - alpha / lora_a.shape[1]) * kernel + _merge()(0 * kernel, lora_a, lora_b, alpha)


def _sum_weighed(kernel, lora_a, lora_b, alpha):
    return np.float32(alpha / lora_a.shape[1]) * _merge(lambda *_: 1)(kernel, lora_a, lora_b, alpha)


def _flat(kernel, lora_a, lora_b, alpha):
    kernel = np.asarray(kernel)
    return _merge()(kernel.reshape(len(kernel), -1), lora_a, lora_b, alpha)


def _swapped(change, kernel):
    """An attention's kernel filled head last, as if it were (D, K, H)."""
    if kernel.ndim == 2:
        return change
    D, H, K = kernel.shape
    return change.reshape(D, K, H).swapaxes(1, 2)


register(
    Exercise(
        name="merge",
        notebook="17_fewer_weights",
        reference=merge,
        oracle=_merge(),
        properties=(
            Property(
                "W + A B, where alpha is r",
                2,
                lambda rng: [
                    case(*_parts(rng, 2, 2), 2),  # square: A and B fit in any order
                    case(*_parts(rng, 1, 2, rank=1), 1),
                    case(*_parts(rng, 3, 4), 2),
                    case(*_parts(rng, 5, 4, rank=3), 3),
                ],
            ),
            Property(
                "alpha / r weighs the change",
                1,
                lambda rng: [
                    case(*_parts(rng, 3, 5), alpha=8),
                    case(*_parts(rng, 6, 5, rank=4), alpha=2.0),
                    case(*_parts(rng, 4, 6, rank=2), alpha=5),
                ],
            ),
            Property(
                "an attention's kernel (D, H, K) keeps its shape",
                1,
                lambda rng: [
                    case(*_parts(rng, 3, 2), 2),
                    case(*_parts(rng, 5, 2, 3), 2),
                    case(*_parts(rng, 6, 3, 2, rank=1), alpha=4),
                ],
            ),
            Property(
                "Keras variables: they stay as they are",
                1,
                lambda rng: [case(*_parts(rng, 4, 5, rank=3), alpha=2), case(*_parts(rng, 3, 2, 4), alpha=5)],
                run=_of_variables,
            ),
        ),
        mistakes=(
            Mistake("only the change came back: add it to the kernel", _merge(together=lambda kernel, change: change)),
            Mistake("the kernel came back as it was", _merge(together=lambda kernel, change: kernel)),
            Mistake("the change is taken away: it is added", _merge(together=lambda kernel, change: kernel - change)),
            Mistake("the change is multiplied onto the kernel: add it", _merge(together=lambda w, change: w * change)),
            Mistake("the change is not weighed: alpha / r is missing", _merge(lambda alpha, r, D, M: 1)),
            Mistake("the change is multiplied with alpha: divide by r", _merge(lambda alpha, r, D, M: alpha)),
            Mistake("alpha is left out: 1 / r", _merge(lambda alpha, r, D, M: 1 / r)),
            Mistake("upside down: r / alpha, where alpha / r is asked for", _merge(lambda alpha, r, D, M: r / alpha)),
            Mistake(
                "divided by D, the rows of A: r is the number of its columns", _merge(lambda alpha, r, D, M: alpha / D)
            ),
            Mistake(
                "divided by M, the columns of B: r is the number of its rows", _merge(lambda alpha, r, D, M: alpha / M)
            ),
            Mistake("alpha / r is applied twice: once is enough", _merge(lambda alpha, r, D, M: (alpha / r) ** 2)),
            Mistake("divided by r twice: alpha / r is asked for", _merge(lambda alpha, r, D, M: alpha / r**2)),
            Mistake("alpha times r: divide by r", _merge(lambda alpha, r, D, M: alpha * r)),
            *(
                Mistake(line, _merge(product=lambda a, b, of=of, used=used: of(*used(a, b))))
                for of in (np.matmul, functools.partial(fitting, np.matmul))
                for line, used in (
                    ("B times A: A comes first, (D, r) times (r, M)", lambda a, b: (b, a)),
                    ("A is transposed: A B as they are, (D, r) times (r, M)", lambda a, b: (a.T, b)),
                    ("B is transposed: A B as they are, (D, r) times (r, M)", lambda a, b: (a, b.T)),
                )
            ),
            Mistake("A B is transposed: it is (D, M) as it comes", _merge(product=lambda a, b: np.matmul(a, b).T)),
            Mistake(
                "the kernel is weighed too, by what the change leaves: W stays whole, the change is added to it",
                _both_weighed,
            ),
            Mistake("divided by the root of r: alpha / r is asked for", _merge(lambda a, r, D, M: a / math.sqrt(r))),
            Mistake("whole numbers: // rounds alpha / r down", _merge(lambda alpha, r, D, M: alpha // r)),
            Mistake(
                "the whole sum is weighed: alpha / r belongs to the change alone",
                _sum_weighed,
            ),
            Mistake(
                "a matrix (D, M) came back: an attention's kernel has three axes, give back its shape",
                _flat,
            ),
            *(
                Mistake(
                    "(D, M) does not fit (D, H, K): reshape A B to the kernel's shape",
                    _merge(shaped=lambda change, kernel: change, together=together),
                )
                for together in (lambda kernel, change: kernel + change, lambda *two: fitting(np.add, *two))
            ),
            *(
                Mistake(
                    "A and B are multiplied number by number: a matrix product is asked for, A @ B", _merge(product=of)
                )
                for of in (np.multiply, functools.partial(fitting, np.multiply))
            ),
            Mistake(
                "the change is multiplied with the kernel before it is added: W + alpha / r A B",
                _merge(together=lambda kernel, change: kernel + kernel * change),
            ),
            *(
                Mistake(
                    "the next cell gives Keras variables, which have neither .reshape nor .copy: begin with "
                    "np.asarray(…), or with ops.convert_to_tensor(…), for all three",
                    _of_arrays(*axes),
                )
                for axes in ((2, 3), (3,))
            ),
            Mistake(
                "the kernel that was given is changed, and who merges twice adds twice: give back kernel + …",
                _into_the_kernel,
            ),
            Mistake("heads and their columns are mixed up: reshape to (D, H, K), H before K", _merge(shaped=_swapped)),
        ),
        hints=(
            "A times B is a matrix as large as the kernel. Weigh it, shape it as the kernel is, add.",
            "r is the number of columns of A: lora_a.shape[1]. The change is multiplied with alpha / r.",
            "ops.reshape(ops.matmul(lora_a, lora_b), kernel.shape) fits kernels of two axes and of three.",
        ),
    )
)
