"""Unusual right answers to WarmupSchedule."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def schedule(name, rate):
    class WarmupSchedule(keras.optimizers.schedules.LearningRateSchedule):
        def __init__(self, d_model, warmup_steps=4000):
            self.d_model, self.warmup_steps = d_model, warmup_steps

        def __call__(self, step):
            return rate(self, step)

        def get_config(self):
            return {"d_model": self.d_model, "warmup_steps": self.warmup_steps}

    WarmupSchedule.__name__ = name
    return WarmupSchedule


def by_tensorflow(self, step):
    step = tf.cast(step, tf.float32)
    arg1 = tf.math.rsqrt(step)
    arg2 = step * (self.warmup_steps**-1.5)
    return tf.math.rsqrt(tf.cast(self.d_model, tf.float32)) * tf.math.minimum(arg1, arg2)


def by_where(self, step):
    step = ops.cast(step, "float32")
    up, down = step / self.warmup_steps**1.5, 1 / ops.sqrt(ops.maximum(step, 1))
    return ops.where(step < self.warmup_steps, up, down) / self.d_model**0.5


def by_the_peak(self, step):
    step, peak = tf.cast(step, tf.float32), (self.d_model * self.warmup_steps) ** -0.5
    return peak * tf.minimum(step / self.warmup_steps, tf.sqrt(self.warmup_steps / tf.maximum(step, 1.0)))


def by_cond(self, step):
    step = tf.cast(step, tf.float32)
    up, down = (lambda: step * self.warmup_steps**-1.5), (lambda: step**-0.5)
    return self.d_model**-0.5 * tf.cond(step < self.warmup_steps, up, down)


def by_logarithms(self, step):
    step = ops.cast(step, "float32")
    down, up = -0.5 * ops.log(step), ops.log(step) - 1.5 * np.log(self.warmup_steps)
    return ops.exp(ops.minimum(down, up)) / np.sqrt(self.d_model)


def by_sorting(self, step):
    step = tf.cast(step, tf.float64)
    return tf.sort([step**-0.5, step * self.warmup_steps**-1.5])[0] * self.d_model**-0.5


ALTERNATIVES = [
    schedule(f.__name__, f) for f in (by_tensorflow, by_where, by_the_peak, by_cond, by_logarithms, by_sorting)
]
