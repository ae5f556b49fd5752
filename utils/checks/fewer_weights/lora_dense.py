"""The exercise LoRADense: what must hold, and what each mistake looks like."""

import math

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.in_numpy import fitting, relu, unchanged
from utils.checks.inputs import normal
from utils.checks.since_2017.shared import fresh_with
from utils.layers.low_rank import LoRADense

BENDS = {None: unchanged, "relu": relu, "tanh": np.tanh}
NOT_COMPILED = "it works with numbers alone"
NO_GRADIENT = "no gradient arrives at {}"


def _weights(seed, learnt=True):
    """What draws the weights of a layer by their names, all large enough to see; B is zero where nothing is learnt."""

    def draw(weights):
        rng = np.random.default_rng(seed)
        drawn = {w.name: normal(rng, *w.shape) for w in sorted(weights, key=lambda w: w.name)}
        if not learnt:
            drawn["lora_b"] = np.zeros_like(drawn["lora_b"])
        return [drawn[w.name] for w in weights]

    return draw


def _layer(answer, width, seed, learnt=True, **arguments):
    return fresh_with(answer, ((None, None, width),), _weights(seed, learnt), **arguments)


def _run(answer, x, seed, learnt=True, **arguments):
    return _layer(answer, x.shape[-1], seed, learnt, **{"units": 5, "rank": 2, **arguments})(x)


def _or_failing(answer, x, seed):
    """The output; in words where it fails."""
    layer = _layer(answer, x.shape[-1], seed, units=5, rank=2)
    try:
        return layer(x)
    except NotImplementedError:
        raise  # not started
    except Exception:  # noqa: BLE001 - with three axes it was right
        return f"it fails where x has {x.ndim} axes"


def _again(answer, x, seed):
    """The output twice, then with another kernel, then with another A besides; in words if it differs in training."""
    layer, new = (_layer(answer, x.shape[-1], seed, units=5, rank=2, alpha=3) for _ in range(2))
    made = []
    for name in (None, None, *(("kernel", "lora_a") if hasattr(layer, "lora_a") else ("kernel", "a"))):
        if name is not None:
            weight = getattr(layer, name)
            weight.assign(2 * weight) if hasattr(weight, "assign") else setattr(layer, name, 2 * weight)
        made.append(np.array(layer(x)))
    in_training = new.in_training(x) if isinstance(new, Said) else np.array(new(x, training=True))
    return tuple(made) if np.allclose(in_training, made[0], atol=1e-4) else IN_TRAINING


def _learns(answer, x, seed):
    """Whether gradients arrive at A and B in a compiled function, in words; and the one that arrives at x."""
    layer = _layer(answer, x.shape[-1], seed, **LEARNING)
    if isinstance(layer, Said):
        return layer.words
    import tensorflow as tf

    kernel, weights = np.array(layer.kernel), [layer.lora_a.value, layer.lora_b.value]

    def slopes(x):
        with tf.GradientTape() as tape:
            tape.watch([*weights, x])
            loss = tf.reduce_sum(tf.square(layer(x)))
        return tape.gradient(loss, [*weights, x])

    function = tf.function(slopes, input_signature=[tf.TensorSpec((None, None, x.shape[-1]))], autograph=False)
    try:
        *found, of_x = function(tf.constant(x))
    except (NotImplementedError, AttributeError, TypeError, ValueError) as error:
        if isinstance(error, NotImplementedError) and not error.args:
            raise  # not started
        return NOT_COMPILED
    if not np.array_equal(kernel, np.array(layer.kernel)):
        return KERNEL_CHANGES
    missing = [n for n, g in zip("AB", found, strict=True) if g is None or not np.any(np.asarray(g))]
    if missing:
        return NO_GRADIENT.format(" and ".join(missing))
    return LEARNS, np.zeros(1) if of_x is None else np.asarray(of_x)


def _arrives_at_x(result, x, seed):
    """The words; where all is well with A and B, whether x gets its whole gradient too."""
    if not isinstance(result, tuple):
        return result
    words, found = result
    layer = _layer(InNumpy, x.shape[-1], seed, **LEARNING)
    of_y = 2 * layer(x)
    of_change = layer.scale() * of_y @ layer.b.T @ layer.a.T
    parts = {words: of_y @ layer.kernel.T + of_change, STOPPED[0]: of_change, STOPPED[1]: of_y @ layer.kernel.T}
    near = (said for said, part in parts.items() if found.shape == part.shape and np.allclose(found, part, atol=1e-3))
    return next(near, STOPPED[2])


LEARNING = {"units": 5, "rank": 2, "alpha": 4}
STOPPED = tuple(f"x gets no gradient {way}" for way in ("through the kernel", "through A and B", "that is right"))
LEARNS = "gradients arrive at A and B"
IN_TRAINING = "something else in training"
KERNEL_CHANGES = "the kernel is another after a call"


class Said:
    """What has no gradients and says in words what they would be; apart, since what asks it travels to the answer."""

    words = LEARNS

    def in_training(self, x):
        """What the first call gives in training."""
        return self(x)


class InNumpy(Said):
    """The layer in NumPy: weights in the library's order, A and B before what stays."""

    model_of = LoRADense

    def __init__(self, weights, units, rank, alpha=None, activation=None, use_bias=True):
        self.a, self.b, self.kernel, *bias = weights
        self.bias, self.rank, self.activation = (bias or [None])[0], rank, BENDS[activation]
        self.alpha = rank if alpha is None else alpha

    def change(self, x):
        """(x A) B, not yet weighed."""
        return fitting(np.matmul, fitting(np.matmul, x, self.a), self.b)

    def scale(self):
        """What the change is multiplied with."""
        return self.alpha / self.rank

    def plain(self, x):
        """What the dense layer alone gives, before the bend."""
        y = fitting(np.matmul, x, self.kernel)
        return y if self.bias is None else y + self.bias

    def __call__(self, x):
        """As the layer is called."""
        return self.activation(self.plain(x) + self.scale() * self.change(x))


def _made(call=None, words=LEARNS, **methods):
    """The layer with one of its decisions changed."""
    methods = methods | ({} if call is None else {"__call__": call})
    return type("Variant", (InNumpy,), {"words": words, **methods})


class _OfAxes(InNumpy):
    """Right where x has as many axes."""

    axes = (3,)

    def __call__(self, x):
        """As the layer is called."""
        if x.ndim not in self.axes:
            raise ValueError("so many axes are too much for it, or too few")
        return super().__call__(x)


class _KeepsKernel(InNumpy):
    """The first call's kernel stays."""

    words, first = NOT_COMPILED, None

    def plain(self, x):
        """What the dense layer alone gives, before the bend."""
        self.first = self.kernel if self.first is None else self.first
        y = fitting(np.matmul, x, self.first)
        return y if self.bias is None else y + self.bias


class _KeepsChange(InNumpy):
    """The first call's A B stays."""

    first = None

    def change(self, x):
        """(x A) B, not yet weighed."""
        self.first = fitting(np.matmul, self.a, self.b) if self.first is None else self.first
        return fitting(np.matmul, x, self.first)


class _GrowingA(InNumpy):
    """A is weighed where it lies, at each call."""

    def change(self, x):
        """(x A) B, weighed; the scale is taken out again."""
        self.a = self.scale() * self.a
        return super().change(x) / self.scale()


class _GrowingKernel(InNumpy):
    """The change is added to the kernel, at each call."""

    words = KERNEL_CHANGES

    def __call__(self, x):
        """As the layer is called."""
        self.kernel = self.kernel + self.scale() * fitting(np.matmul, self.a, self.b)
        return self.activation(self.plain(x))


def _without_bias_check(self, x):
    if self.bias is None:
        raise ValueError("None is no tensor")
    return InNumpy.__call__(self, x)


def _bent_with_a_bias(self, x):
    y = self.plain(x) + self.scale() * self.change(x)
    return y if self.bias is None else self.activation(y)


def _changed_with_a_bias(self, x):
    return self.activation(self.plain(x)) if self.bias is None else InNumpy.__call__(self, x)


def _bias_dropped(self, x):
    return fitting(np.matmul, x, self.kernel)


def _bias_twice(self, x):
    y = fitting(np.matmul, x, self.kernel)
    return y if self.bias is None else y + 2 * self.bias


def _kernel_weighed(self, x):
    y = self.scale() * fitting(np.matmul, x, self.kernel) + self.change(x)
    return self.activation(y if self.bias is None else y + self.bias)


def _bias_weighed(self, x):
    change = self.change(x) if self.bias is None else self.change(x) + self.bias
    return self.activation(fitting(np.matmul, x, self.kernel) + self.scale() * change)


def _bias_last(self, x):
    y = self.activation(fitting(np.matmul, x, self.kernel) + self.scale() * self.change(x))
    return y if self.bias is None else y + self.bias


def _scales(scale):
    return _made(scale=scale)


register(
    Exercise(
        name="LoRADense",
        notebook="17_fewer_weights",
        reference=LoRADense,
        oracle=InNumpy,
        properties=(
            Property(
                "before anything is learnt: what the dense layer gives",
                1,
                lambda rng: [
                    case(normal(rng, 1, 1, 2), seed=1, learnt=False, units=2),  # square: A and B fit either way
                    case(normal(rng, 1, 1, 2), seed=1, learnt=False, units=3),
                    case(normal(rng, 2, 4, 3), seed=2, learnt=False, alpha=6),
                ],
                run=_run,
            ),
            Property(
                "the change is (x A) B",
                1,
                lambda rng: [
                    case(normal(rng, 1, 1, 2), seed=3, units=2, rank=2),  # square: A and B fit either way
                    case(normal(rng, 1, 1, 2), seed=3, units=3, rank=1),
                    case(normal(rng, 2, 3, 4), seed=4),
                    case(normal(rng, 3, 4, 7), seed=5, rank=3),
                ],
                run=_run,
            ),
            Property(
                "it weighs alpha / r",
                1,
                lambda rng: [
                    case(normal(rng, 1, 2, 3), seed=6, rank=2, alpha=8),
                    case(normal(rng, 2, 3, 4), seed=7, rank=4, alpha=2),
                    case(normal(rng, 2, 3, 4), seed=7, rank=3, alpha=6.0),
                ],
                run=_run,
            ),
            Property(
                "the activation comes last, once",
                1,
                lambda rng: [
                    case(normal(rng, 2, 3, 4), seed=8, activation="relu", alpha=3),
                    case(normal(rng, 2, 3, 4), seed=9, activation="tanh", alpha=1),
                ],
                run=_run,
            ),
            Property(
                "with a bias or without",
                1,
                lambda rng: [
                    case(normal(rng, 1, 2, 3), seed=10),  # a crash without one would leave nothing to compare
                    case(normal(rng, 2, 3, 4), seed=10, use_bias=False),
                    case(normal(rng, 2, 3, 4), seed=15, use_bias=False, activation="relu"),
                ],
                run=_run,
            ),
            Property(
                "x is (…, D), of two axes or four too",
                1,
                lambda rng: [case(normal(rng, 3, 4), seed=12), case(normal(rng, 2, 3, 1, 6), seed=13)],
                run=_or_failing,
            ),
            Property(
                "call after call: the weights stay, and other weights are read",
                1,
                lambda rng: [case(normal(rng, 2, 3, 4), seed=14)],
                run=_again,
            ),
            Property(
                "A and B can learn, also compiled, and what comes before them",
                1,
                lambda rng: [case(normal(rng, 2, 3, 4), seed=11)],
                run=_learns,
                read=_arrives_at_x,
            ),
        ),
        mistakes=(
            Mistake(
                "the change is missing: this is the dense layer alone", _made(lambda s, x: s.activation(s.plain(x)))
            ),
            Mistake(
                "the kernel's part is missing: only the change came back",
                _made(lambda s, x: s.activation(s.scale() * s.change(x))),
            ),
            Mistake(
                "the kernel's part is missing: only the change and the bias came back",
                _made(plain=lambda s, x: 0.0 if s.bias is None else s.bias),
            ),
            Mistake("the change is not weighed: it is multiplied with alpha / r", _scales(lambda s: 1)),
            Mistake("the change is multiplied with alpha, not shared among the r columns", _scales(lambda s: s.alpha)),
            Mistake("upside down: r / alpha, where alpha / r is asked for", _scales(lambda s: s.rank / s.alpha)),
            Mistake("alpha is left out: the change is multiplied with 1 / r", _scales(lambda s: 1 / s.rank)),
            Mistake("alpha times r: divide by r", _scales(lambda s: s.alpha * s.rank)),
            Mistake("divided by the root of r: alpha / r is asked for", _scales(lambda s: s.alpha / math.sqrt(s.rank))),
            Mistake("divided by D: alpha / r is asked for", _scales(lambda s: s.alpha / len(s.a))),
            Mistake("divided by M: alpha / r is asked for", _scales(lambda s: s.alpha / s.b.shape[1])),
            Mistake("whole numbers: // rounds alpha / r down", _scales(lambda s: s.alpha // s.rank)),
            Mistake("alpha / r is applied twice: once is enough", _scales(lambda s: (s.alpha / s.rank) ** 2)),
            Mistake("divided by r twice: alpha / r is asked for", _scales(lambda s: s.alpha / s.rank**2)),
            Mistake(
                "B before A: x goes through A, (D, r), then through B, (r, M)",
                _made(change=lambda s, x: fitting(np.matmul, fitting(np.matmul, x, s.b), s.a)),
            ),
            Mistake(
                "A is transposed: x A as it comes, (D, r)",
                _made(change=lambda s, x: fitting(np.matmul, fitting(np.matmul, x, s.a.T), s.b)),
            ),
            Mistake(
                "B is transposed: (x A) B as it comes, (r, M)",
                _made(change=lambda s, x: fitting(np.matmul, fitting(np.matmul, x, s.a), s.b.T)),
            ),
            Mistake(
                "the change is made of what the kernel gives: both ways begin with x",
                _made(lambda s, x: s.activation(s.plain(x) + s.scale() * s.change(s.plain(x)))),
            ),
            Mistake(
                "the change is multiplied with the dense layer's part: it is added",
                _made(lambda s, x: s.activation(s.plain(x) * (s.scale() * s.change(x)))),
            ),
            Mistake("divided by alpha + r: alpha / r is asked for", _scales(lambda s: s.alpha / (s.alpha + s.rank))),
            Mistake(
                "relu whatever `activation` is: self.activation, which may be the identity",
                _made(lambda s, x: relu(s.plain(x) + s.scale() * s.change(x))),
            ),
            *(
                Mistake(
                    "x is (…, D), with any number of axes in front: ops.matmul takes them all, ops.einsum writes them "
                    'as "...d"',
                    type("OfAxes", (_OfAxes,), {"axes": axes}),
                )
                for axes in ((3,), (2, 3), (3, 4))
            ),
            Mistake(
                "the kernel of the first call is kept: whoever loads other weights gets the old ones. Read self.kernel "
                "in each call",
                _KeepsKernel,
            ),
            Mistake(
                "A B of the first call is kept: as A and B learn, the change must follow. Read them in each call",
                _KeepsChange,
            ),
            Mistake("each call changes A, so that it grows and grows: weigh the product, not self.lora_a", _GrowingA),
            *(
                Mistake(
                    "x does not get its whole gradient, and the layers before would learn from a half: that the kernel "
                    "stays says `build`. No stop_gradient",
                    _made(words=words),
                )
                for words in STOPPED
            ),
            Mistake(
                "the kernel's part is weighed and the change is not: alpha / r belongs to the change",
                _made(_kernel_weighed),
            ),
            Mistake("the bias is weighed too: alpha / r belongs to the change alone", _made(_bias_weighed)),
            Mistake("the bias is added behind the activation: that takes the whole sum", _made(_bias_last)),
            Mistake("the change is taken away: it is added", _scales(lambda s: -s.alpha / s.rank)),
            Mistake(
                "the whole sum is weighed: alpha / r belongs to the change alone",
                _made(lambda s, x: s.activation(s.scale() * (s.plain(x) + s.change(x)))),
            ),
            Mistake("the bias is missing", _made(plain=_bias_dropped)),
            Mistake("the bias is added twice", _made(plain=_bias_twice)),
            Mistake("without a bias, self.bias is None: look before you add", _made(_without_bias_check)),
            Mistake(
                "the activation stands within the `if`, and comes only where there is a bias: it comes either way",
                _made(_bent_with_a_bias),
            ),
            Mistake(
                "the change stands within the `if`, and comes only where there is a bias: it comes either way",
                _made(_changed_with_a_bias),
            ),
            Mistake(
                "the activation is missing",
                _made(lambda s, x: s.plain(x) + s.scale() * s.change(x)),
            ),
            Mistake(
                "the activation bends the dense layer's part alone: it belongs around the sum",
                _made(lambda s, x: s.activation(s.plain(x)) + s.scale() * s.change(x)),
            ),
            Mistake(
                "the activation bends the change alone: it belongs around the sum",
                _made(lambda s, x: s.plain(x) + s.scale() * s.activation(s.change(x))),
            ),
            Mistake(
                "the activation stands between A and B: the change is straight, the bend comes last",
                _made(change=lambda s, x: s.activation(x @ s.a) @ s.b),
            ),
            Mistake(
                "each part is bent by itself: bend their sum",
                _made(lambda s, x: s.activation(s.plain(x)) + s.activation(s.scale() * s.change(x))),
            ),
            Mistake(
                "the activation acts twice",
                _made(lambda s, x: s.activation(s.activation(s.plain(x) + s.scale() * s.change(x)))),
            ),
            Mistake(
                "it works on numbers alone, not compiled as a model runs it: NumPy, .numpy(), float(…), a loop over "
                "rows and sizes that may be None, as in x.shape, come too early. Write it with ops, for any (…, D)",
                _made(words=NOT_COMPILED),
            ),
            *(
                Mistake(
                    f"no gradient arrives at {n}: something on the way, such as stop_gradient or .numpy(), lets none "
                    "through",
                    _made(words=NO_GRADIENT.format(n)),
                )
                for n in ("A", "B", "A and B")
            ),
            Mistake(
                "in training something else comes back: neither dropout nor anything else that asks for `training` "
                "is wanted here",
                _made(in_training=lambda self, x: 0 * self(x)),
            ),
            Mistake("the call changes the kernel: it stays, the change is added to the output", _GrowingKernel),
        ),
        hints=(
            "Two ways lead from x to the output, and they are added: one through the kernel, one through A and then B.",
            "The first is what a dense layer does, x W, plus the bias where there is one. The second is two products, "
            "one after the other, times self.alpha / self.rank.",
            "ops.matmul(ops.matmul(x, self.lora_a), self.lora_b) is the change. self.activation takes the whole sum.",
        ),
    )
)
