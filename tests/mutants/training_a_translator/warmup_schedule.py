"""Wrong answers to WarmupSchedule."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def schedule(name, rate):
    """A learner's class, its `__call__` the only difference."""

    class WarmupSchedule(keras.optimizers.schedules.LearningRateSchedule):
        def __init__(self, d_model, warmup_steps=4000):
            self.d_model, self.warmup_steps = d_model, warmup_steps

        def __call__(self, step):
            return rate(self, step)

        def get_config(self):
            return {"d_model": self.d_model, "warmup_steps": self.warmup_steps}

    WarmupSchedule.__name__ = name
    return WarmupSchedule


class WithoutItsBase:
    def __init__(self, d_model, warmup_steps=4000):
        self.d_model, self.warmup_steps = d_model, warmup_steps

    def __call__(self, step):
        step = number(step)
        return self.d_model**-0.5 * ops.minimum(ops.rsqrt(step), step * self.warmup_steps**-1.5)


def number(step):
    return ops.cast(step, "float32")


def rates(scale=-0.5, down=-0.5, up=-1.5, shift=0, choose=ops.minimum):
    return lambda self, step: (
        self.d_model**scale
        * choose((number(step) + shift) ** down, (number(step) + shift) * float(self.warmup_steps) ** up)
    )


larger = schedule("larger", rates(choose=ops.maximum))


no_width = schedule("no_width", rates(scale=0))


wider_is_faster = schedule("wider_is_faster", rates(scale=0.5))


width_itself = schedule("width_itself", rates(scale=-1))


too_steep_up = schedule("too_steep_up", rates(up=-0.5))


share_of_the_way = schedule("share_of_the_way", rates(up=-1))


too_steep_down = schedule("too_steep_down", rates(down=-1))


root_grows = schedule("root_grows", rates(down=0.5))


from_one = schedule("from_one", rates(shift=1))


added = schedule("added", rates(choose=lambda a, b: a + b))


always_4000 = schedule(
    "always_4000", lambda self, s: self.d_model**-0.5 * ops.minimum(number(s) ** -0.5, number(s) * 4000**-1.5)
)


never_down = schedule("never_down", lambda self, s: self.d_model**-0.5 * number(s) * self.warmup_steps**-1.5)


no_warm_up = schedule("no_warm_up", lambda self, s: self.d_model**-0.5 * number(s) ** -0.5)


level = schedule(
    "level",
    lambda self, s: self.d_model**-0.5 * ops.minimum(self.warmup_steps**-0.5, number(s) * self.warmup_steps**-1.5),
)


nan_at_zero = schedule(
    "nan_at_zero",
    lambda self, s: (self.d_model * number(s)) ** -0.5 * ops.minimum(1.0, (number(s) / self.warmup_steps) ** 1.5),
)


swapped = schedule(
    "swapped",
    lambda self, s: self.warmup_steps**-0.5 * ops.minimum(number(s) ** -0.5, number(s) * self.d_model**-1.5),
)


not_cast = schedule("not_cast", lambda self, s: self.d_model**-0.5 * tf.minimum(s**-0.5, s * self.warmup_steps**-1.5))


needs_a_tensor = schedule(
    "needs_a_tensor",
    lambda self, s: (
        self.d_model**-0.5
        * tf.minimum(
            tf.cast(s, tf.float32) ** -0.5, tf.reshape(tf.cast(s, tf.float32), s.shape) * self.warmup_steps**-1.5
        )
    ),
)


by_if = schedule(
    "by_if",
    lambda self, s: (
        self.d_model**-0.5 * (number(s) * self.warmup_steps**-1.5 if s < self.warmup_steps else number(s) ** -0.5)
    ),
)


by_numpy = schedule(
    "by_numpy",
    lambda self, s: (
        self.d_model**-0.5 * np.float32(min(float(s) ** -0.5 if s > 0 else np.inf, float(s) * self.warmup_steps**-1.5))
    ),
)


always_128 = schedule(
    "always_128",
    lambda self, s: 128**-0.5 * ops.minimum(ops.rsqrt(number(s)), number(s) * self.warmup_steps**-1.5),
)


one_asterisk = schedule(
    "one_asterisk",
    lambda self, s: self.d_model * -0.5 * ops.minimum(ops.rsqrt(number(s)), number(s) * self.warmup_steps**-1.5),
)


forgot_return = schedule("forgot_return", lambda self, s: None)


grows_above = schedule("grows_above", rates(up=1.5))


brackets = schedule(
    "brackets",
    lambda self, s: self.d_model**-0.5 * ops.minimum(number(s) ** -0.5, (number(s) * self.warmup_steps) ** -1.5),
)


other_power = schedule(
    "other_power",
    lambda self, s: self.d_model**-0.5 * ops.minimum(number(s) ** -0.5, number(s) ** -1.5 * self.warmup_steps),
)


down_from_the_top = schedule(
    "down_from_the_top",
    lambda self, s: (
        self.d_model**-0.5 * ops.minimum((number(s) - self.warmup_steps) ** -0.5, number(s) * self.warmup_steps**-1.5)
    ),
)


always_1000 = schedule(
    "always_1000", lambda self, s: self.d_model**-0.5 * ops.minimum(number(s) ** -0.5, number(s) * 1000**-1.5)
)


below_zero = schedule("below_zero", lambda self, s: -rates()(self, s))


one_less = schedule("one_less", rates(shift=-1))


at_the_top = schedule("at_the_top", lambda self, s: (self.d_model * self.warmup_steps) ** -0.5)


down_like_one_over = schedule(
    "down_like_one_over",
    lambda self, s: (
        (self.d_model * self.warmup_steps) ** -0.5
        * ops.minimum(number(s) / self.warmup_steps, self.warmup_steps / number(s))
    ),
)


bent_up = schedule(
    "bent_up",
    lambda self, s: self.d_model**-0.5 * ops.minimum(ops.rsqrt(number(s)), (number(s) / self.warmup_steps) ** 1.5),
)


width_added = schedule(
    "width_added",
    lambda self, s: self.d_model**-0.5 + ops.minimum(number(s) ** -0.5, number(s) * self.warmup_steps**-1.5),
)


width_inside = schedule(
    "width_inside",
    lambda self, s: ops.minimum(
        (self.d_model * number(s)) ** -0.5, number(s) * (self.d_model * self.warmup_steps) ** -1.5
    ),
)


the_papers = schedule("the_papers", lambda self, s: 512**-0.5 * ops.minimum(number(s) ** -0.5, number(s) * 4000**-1.5))


both_of_them = schedule("both_of_them", lambda self, s: (number(s) ** -0.5, number(s) * self.warmup_steps**-1.5))


in_an_array = schedule("in_an_array", lambda self, s: ops.reshape(rates()(self, s), (1,)))


MUTANTS = [
    (WithoutItsBase, "no optimizer takes it for a schedule"),
    (one_less, "counted from one less"),
    (at_the_top, "stands still"),
    (down_like_one_over, "/ step"),
    (bent_up, "is bent"),
    (width_added, "is added"),
    (width_inside, "the power -1.5 on the way up"),
    (the_papers, "are ignored"),
    (both_of_them, "one number is asked for"),
    (in_an_array, "one number is asked for"),
    (forgot_return, "`return` missing"),
    (grows_above, "with a minus"),
    (brackets, "belongs to warmup_steps alone"),
    (other_power, "on the way up"),
    (down_from_the_top, "begins anew"),
    (always_1000, "1000 is taken"),
    (below_zero, "negative"),
    (always_128, "`d_model` is ignored"),
    (one_asterisk, "with two asterisks"),
    (larger, "the larger of the two"),
    (no_width, "`d_model` is missing"),
    (wider_is_faster, "a wider model"),
    (width_itself, "by its root"),
    (too_steep_up, "not -0.5"),
    (share_of_the_way, "not step / warmup_steps"),
    (too_steep_down, "not -1"),
    (root_grows, "grows with the root"),
    (from_one, "counted from 1"),
    (added, "were added"),
    (always_4000, "`warmup_steps` is ignored"),
    (never_down, "only the way up"),
    (no_warm_up, "the way up never counts"),
    (level, "up, then level"),
    (nan_at_zero, "NaN at step 0"),
    (swapped, "changed places"),
    (not_cast, "cast the step"),
    (needs_a_tensor, "only tensors are taken"),
    (by_if, "not compiled"),
    (by_numpy, "not compiled"),
]
