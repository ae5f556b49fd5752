"""How fast to learn, and when (Vaswani et al. 2017, section 5.3)."""

import keras
from keras import ops

from utils.layers.contract import check_positive


@keras.saving.register_keras_serializable(package="transformer_course")
class WarmupSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A straight line up for `warmup_steps` steps, then down with the root of the step.

    d_model^-0.5 · min(step^-0.5, step · warmup_steps^-1.5); the two meet at the highest point, where
    step = warmup_steps. Keras counts from 0, so the very first update has rate 0 and moves nothing.

    Args:
        d_model: the model's width. The wider it is, the slower it learns.
        warmup_steps: how many steps the way up takes.

    """

    def __init__(self, d_model, warmup_steps=4000):
        check_positive(d_model=d_model, warmup_steps=warmup_steps)
        self.d_model, self.warmup_steps = d_model, warmup_steps

    def __call__(self, step):
        """The learning rate after `step` updates, a float32 scalar."""
        step = ops.cast(step, "float32")
        down = ops.rsqrt(step)  # infinite at step 0, where the other one is smaller
        up = step * self.warmup_steps**-1.5
        return self.d_model**-0.5 * ops.minimum(down, up)

    def get_config(self):
        """What it was made with."""
        return {"d_model": self.d_model, "warmup_steps": self.warmup_steps}
