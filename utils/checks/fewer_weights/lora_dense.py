"""The exercise LoRADense: what must hold, and what each mistake looks like."""

import math

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.in_numpy import fitting, layer_with, relu, unchanged
from utils.checks.inputs import normal
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
    return layer_with(answer, ((None, None, width),), _weights(seed, learnt), **arguments)


def _run(answer, x, seed, learnt=True, **arguments):
    return _layer(answer, x.shape[-1], seed, learnt, **{"units": 5, "rank": 2, **arguments})(x)


def _learns(answer, x, seed):
    """Whether gradients arrive at A and B in a compiled function; in words."""
    layer = _layer(answer, x.shape[-1], seed, units=5, rank=2, alpha=4)
    if isinstance(layer, Said):
        return layer.words
    import tensorflow as tf

    kernel = np.array(layer.kernel)
    layer(x)
    if not np.array_equal(kernel, np.array(layer.kernel)):
        return KERNEL_CHANGES
    weights = [layer.lora_a.value, layer.lora_b.value]

    def slopes(x):
        with tf.GradientTape() as tape:
            tape.watch(weights)
            loss = tf.reduce_sum(tf.square(layer(x)))
        return tape.gradient(loss, weights)

    function = tf.function(slopes, input_signature=[tf.TensorSpec((None, None, x.shape[-1]))], autograph=False)
    try:
        found = function(tf.constant(x))
    except (NotImplementedError, AttributeError, TypeError, ValueError) as error:
        if isinstance(error, NotImplementedError) and not error.args:
            raise  # not started
        return NOT_COMPILED
    missing = [n for n, g in zip("AB", found, strict=True) if g is None or not np.any(np.asarray(g))]
    return NO_GRADIENT.format(" and ".join(missing)) if missing else LEARNS


LEARNS = "gradients arrive at A and B"
KERNEL_CHANGES = "the kernel is another after a call"


class Said:
    """What has no gradients and says in words what they would be; apart, since what asks it travels to the answer."""

    words = LEARNS


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


def _without_bias_check(self, x):
    if self.bias is None:
        raise ValueError("None is no tensor")
    return InNumpy.__call__(self, x)


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
                2,
                lambda rng: [
                    case(normal(rng, 1, 1, 2), seed=3, units=3, rank=1),
                    case(normal(rng, 2, 3, 4), seed=4),
                    case(normal(rng, 3, 4, 6), seed=5, rank=3),
                ],
                run=_run,
            ),
            Property(
                "it weighs alpha / r",
                2,
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
                ],
                run=_run,
            ),
            Property(
                "A and B can learn, also compiled", 1, lambda rng: [case(normal(rng, 2, 3, 4), seed=11)], run=_learns
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
                "the call changes the kernel: it stays, the change is added to the output", _made(words=KERNEL_CHANGES)
            ),
        ),
        hints=(
            "Two ways lead from x to the output, and they are added: one through the kernel, one through A and then B.",
            "The first is what a dense layer does, x W, plus the bias where there is one. The second is two products, "
            "one after the other, times self.alpha / self.rank.",
            "ops.matmul(ops.matmul(x, self.lora_a), self.lora_b) is the change. self.activation takes the whole sum.",
        ),
    )
)
