"""The exercise WarmupSchedule: what must hold, and what each mistake looks like."""

import keras
import tensorflow as tf

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.training_a_translator.shared import NOT_COMPILED
from utils.training.schedules import WarmupSchedule

SEVERAL = "more than a single number for a step"
NO_SCHEDULE = "an object that no optimizer takes for a schedule"


def _schedule(rate):
    """A schedule whose rate is rate(step, d_model, warmup_steps), step a float32 tensor."""

    class WarmupSchedule(keras.optimizers.schedules.LearningRateSchedule):
        def __init__(self, d_model, warmup_steps=4000):
            self.d_model, self.warmup_steps = d_model, warmup_steps

        def __call__(self, step):
            return rate(tf.cast(step, "float32"), self.d_model, self.warmup_steps)

        def get_config(self):
            return {"d_model": self.d_model, "warmup_steps": self.warmup_steps}

    return WarmupSchedule


def _without_its_base():
    """The right rates, of a class of its own."""
    made = _schedule(lambda s, d, w: d**-0.5 * tf.minimum(s**-0.5, s * w**-1.5))
    return type("WarmupSchedule", (), {name: vars(made)[name] for name in ("__init__", "__call__", "get_config")})


def _uncast():
    """A schedule that takes the step as it comes."""
    made = _schedule(None)
    made.__call__ = lambda self, step: self.d_model**-0.5 * tf.minimum(step**-0.5, step * self.warmup_steps**-1.5)
    return made


def _tensors_only():
    """A schedule that asks the step for what a Python number does not have."""
    made = _schedule(None)

    def rate(self, step):
        step = tf.cast(step, "float32") if step.dtype else step
        return self.d_model**-0.5 * tf.minimum(step**-0.5, step * self.warmup_steps**-1.5)

    made.__call__ = rate
    return made


def _branching(step, d, w):
    return d**-0.5 * step * w**-1.5 if step < w else d**-0.5 * step**-0.5


def _rates(answer, d_model, warmup_steps, steps, dtype="float32"):
    """Without a dtype the steps are Python's numbers, as the lesson passes them."""
    schedule = answer(d_model, warmup_steps)
    rates = [schedule(step if dtype is None else tf.constant(step, dtype)) for step in steps]
    if any(isinstance(rate, (tuple, list)) or getattr(rate, "shape", ()) != () for rate in rates):
        return SEVERAL
    return None if any(rate is None for rate in rates) else tf.stack([tf.cast(rate, "float32") for rate in rates])


def _hundredfold(*args):
    """The same times 100, so that small rates can be told apart."""
    rates = _rates(*args)
    return rates if rates is None or isinstance(rates, str) else 100 * rates


def _any_sizes(rng):
    """A width and a warm-up that is over before the fifth step."""
    return [case(int(rng.integers(4, 33)), int(rng.integers(2, 5)))]


def _steered(answer, d_model, warmup_steps):
    """Where a weight goes in five steps of slope -1 that an optimizer takes with the schedule, compiled."""
    weight, schedule = keras.Variable(0.0), answer(d_model, warmup_steps)
    if not isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        return NO_SCHEDULE
    optimizer = keras.optimizers.SGD(schedule)
    optimizer.build([weight])

    @tf.function(autograph=False)
    def step():
        optimizer.apply([tf.constant(-1.0)])
        return weight.value + 0.0

    try:
        return tf.stack([step() for _ in range(5)])
    except Exception:  # whatever the answer meets there has one reason
        return NOT_COMPILED


register(
    Exercise(
        name="WarmupSchedule",
        notebook="08_training_a_translator",
        reference=WarmupSchedule,
        properties=(
            Property(
                "up in a line, down with the root, at every width",
                3,
                lambda rng: [
                    case(1, 4, (1, 2, 4, 8, 16, 100)),
                    case(16, 4, (1, 3, 4, 5, 20)),
                    case(9, 100, (1, 50, 99, 100, 101, 400, 2000)),
                    case(
                        int(rng.integers(20, 90)),
                        int(rng.integers(5, 50)),
                        tuple(sorted(rng.integers(1, 90, 6).tolist())),
                    ),
                ],
                run=_hundredfold,
            ),
            Property(
                "step 0: the rate is 0",
                1,
                lambda rng: [case(4, 10, (0,)), case(7, 3, (0, 2)), case(int(rng.integers(3, 60)), 6, (0, 3))],
                run=_rates,
            ),
            Property(
                "steps are whole numbers, as an optimizer counts them",
                1,
                lambda rng: [
                    case(4, 10, (1.0, 20.0)),
                    case(4, 10, (1, 5, 10, 20), dtype="int64"),
                    case(4, 10, (2, 30), dtype="int32"),
                    case(4, 10, (1, 5, 10, 20), dtype=None),
                    case(int(rng.integers(3, 60)), 6, (2, 6, 9), dtype="int64"),
                ],
                run=_rates,
            ),
            Property("inside an optimizer, compiled", 1, _any_sizes, run=_steered),
        ),
        mistakes=(
            Mistake(
                "it works number by number, but not compiled: NumPy, math and `if` need a value, and inside an "
                "optimizer there is none yet. ops.minimum takes the smaller of two tensors",
                _schedule(_branching),
            ),
            Mistake(
                "the larger of the two is taken: the way up and the way down are both limits, take the smaller",
                _schedule(lambda s, d, w: d**-0.5 * tf.maximum(s**-0.5, s * w**-1.5)),
            ),
            Mistake(
                "`d_model` is missing: multiply by d_model**-0.5",
                _schedule(lambda s, d, w: tf.minimum(s**-0.5, s * w**-1.5)),
            ),
            Mistake(
                "a wider model must learn more slowly: d_model to the power -0.5, not 0.5",
                _schedule(lambda s, d, w: d**0.5 * tf.minimum(s**-0.5, s * w**-1.5)),
            ),
            Mistake(
                "divided by d_model: by its root",
                _schedule(lambda s, d, w: tf.minimum(s**-0.5, s * w**-1.5) / d),
            ),
            Mistake(
                "d_model**-0.5 reaches only one of the two: it stands before the minimum",
                _schedule(lambda s, d, w: tf.minimum(d**-0.5 * s**-0.5, s * w**-1.5)),
            ),
            Mistake(
                "d_model**-0.5 reaches only one of the two: it stands before the minimum",
                _schedule(lambda s, d, w: tf.minimum(s**-0.5, d**-0.5 * s * w**-1.5)),
            ),
            Mistake(
                "the way up is too steep: warmup_steps to the power -1.5, not -0.5",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(s**-0.5, s * w**-0.5)),
            ),
            Mistake(
                "the way up is too steep: warmup_steps to the power -1.5, with a minus",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(s**-0.5, s * w**1.5)),
            ),
            Mistake(
                "the power -1.5 belongs to warmup_steps alone: step · warmup_steps**-1.5",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(s**-0.5, (s * w) ** -1.5)),
            ),
            Mistake(
                "step and warmup_steps have changed places on the way up: it is warmup_steps that has the power -1.5",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(s**-0.5, w * s**-1.5)),
            ),
            Mistake(
                "the way down begins anew behind the warm-up: it has the power of `step`, counted from the very start",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum((s - w) ** -0.5, s * w**-1.5)),
            ),
            Mistake(
                "the rate is negative, which goes uphill: it is the powers that are",
                _schedule(lambda s, d, w: -(d**-0.5) * tf.minimum(s**-0.5, s * w**-1.5)),
            ),
            Mistake(
                "the way up is too steep: step · warmup_steps**-1.5, not step / warmup_steps",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(s**-0.5, s / w)),
            ),
            Mistake(
                "the way down is too steep: step to the power -0.5, not -1",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(1 / s, s * w**-1.5)),
            ),
            Mistake(
                "the rate grows with the root of the step: the power is -0.5",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(s**0.5, s * w**-1.5)),
            ),
            Mistake("only the way up: it never comes down again", _schedule(lambda s, d, w: d**-0.5 * s * w**-1.5)),
            Mistake(
                "the way up never counts, or is missing: step · warmup_steps**-1.5 is the smaller one early on",
                _schedule(lambda s, d, w: d**-0.5 * s**-0.5),
            ),
            Mistake(
                "the two were added: take the smaller",
                _schedule(lambda s, d, w: d**-0.5 * (s**-0.5 + s * w**-1.5)),
            ),
            Mistake(
                "the two were multiplied: take the smaller",
                _schedule(lambda s, d, w: d**-0.5 * (s**-0.5 * s * w**-1.5)),
            ),
            Mistake(
                "up, then level: it must come down with the root of the step",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(w**-0.5, s * w**-1.5)),
            ),
            Mistake(
                "step**-0.5 and step have changed places: the root belongs to the way down",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(s, s**-0.5 * w**-1.5)),
            ),
            Mistake(
                "d_model and warmup_steps have changed places",
                _schedule(lambda s, d, w: w**-0.5 * tf.minimum(s**-0.5, s * d**-1.5)),
            ),
            Mistake(
                "counted from 1: take the step as it comes",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum((s + 1) ** -0.5, (s + 1) * w**-1.5)),
            ),
            *(
                Mistake(
                    f"`warmup_steps` is ignored: {fixed} is taken whatever was passed",
                    _schedule(lambda s, d, w, fixed=fixed: d**-0.5 * tf.minimum(s**-0.5, s * fixed**-1.5)),
                )
                for fixed in (4000, 1000)
            ),
            *(
                Mistake(
                    "`d_model` is ignored: one width is taken whatever was passed",
                    _schedule(lambda s, d, w, width=width: width**-0.5 * tf.minimum(s**-0.5, s * w**-1.5)),
                )
                for width in (64, 128, 256, 512)
            ),
            Mistake(
                "multiplied by -0.5: the root is a power, d_model**-0.5 with two asterisks",
                _schedule(lambda s, d, w: d * -0.5 * tf.minimum(s**-0.5, s * w**-1.5)),
            ),
            Mistake(
                "NaN at step 0, infinity times 0: take the minimum of the two before anything is multiplied",
                _schedule(lambda s, d, w: d**-0.5 * s**-0.5 * tf.minimum(1.0, (s / w) ** 1.5)),
            ),
            *(
                Mistake(
                    "one number is asked for: the smaller of the two, times d_model**-0.5, without an axis",
                    _schedule(lambda s, d, w, give=give: give(d**-0.5 * tf.minimum(s**-0.5, s * w**-1.5))),
                )
                for give in (lambda rate: (rate, rate), lambda rate: [rate])
            ),
            Mistake(
                "counted from one less: take the step as it comes",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum((s - 1) ** -0.5, (s - 1) * w**-1.5)),
            ),
            Mistake(
                "the rate stands still at its top: it has to depend on the step",
                _schedule(lambda s, d, w: tf.ones_like(s) * d**-0.5 * w**-0.5),
            ),
            Mistake(
                "the way down is too steep: step to the power -0.5, not warmup_steps**0.5 / step",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(w**0.5 / s, s * w**-1.5)),
            ),
            Mistake(
                "the way up is bent: step itself, not a power of it, times warmup_steps**-1.5",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(s**-0.5, s**1.5 * w**-1.5)),
            ),
            Mistake(
                "d_model**-0.5 is added: multiply by it",
                _schedule(lambda s, d, w: d**-0.5 + tf.minimum(s**-0.5, s * w**-1.5)),
            ),
            Mistake(
                "d_model has the power -1.5 on the way up: d_model**-0.5 stands before the minimum",
                _schedule(lambda s, d, w: tf.minimum((d * s) ** -0.5, s * (d * w) ** -1.5)),
            ),
            *(
                Mistake(
                    "`d_model` and `warmup_steps` are ignored: the same are taken whatever was passed",
                    _schedule(lambda s, d, w, two=two: two[0] ** -0.5 * tf.minimum(s**-0.5, s * two[1] ** -1.5)),
                )
                for two in ((512, 4000), (128, 1000))
            ),
            Mistake(
                "step 0 is treated as step 1: leave it 0",
                _schedule(lambda s, d, w: d**-0.5 * tf.minimum(tf.maximum(s, 1) ** -0.5, tf.maximum(s, 1) * w**-1.5)),
            ),
            Mistake(
                "a whole number has no root in TensorFlow: cast the step to float32 first",
                _uncast(),
            ),
            Mistake(
                "no optimizer takes it for a schedule: leave keras.optimizers.schedules.LearningRateSchedule in the "
                "class's first line",
                _without_its_base(),
            ),
            Mistake(
                "only tensors are taken: a step may be a plain number too; ops.cast makes either a tensor",
                _tensors_only(),
            ),
        ),
        hints=(
            "Two curves, both functions of the step: one grows, one falls. Which of them holds at each step?",
            "The way down is step to the power -0.5, the way up is step times warmup_steps to the power -1.5.",
            "ops.minimum of the two, times d_model to the power -0.5; ops.cast(step, 'float32') comes first.",
        ),
    )
)
