"""AdamW as one operation a weight, where TensorFlow has it."""

import keras


@keras.saving.register_keras_serializable(package="transformer_course")
class FusedAdamW(keras.optimizers.AdamW):
    """Keras' AdamW (Loshchilov and Hutter 2017) with the same variables and, but for rounding, the same numbers.

    TensorFlow updates a weight and its two moments in one walk over them, instead of a dozen. Elsewhere, in half
    precision, and for what has a gradient for some rows only, it is Keras'.
    """

    def update_step(self, gradient, variable, learning_rate):
        """Moves one weight, a `tf.Variable`, and its moments."""
        if not self.is_one_operation(gradient, variable):
            return super().update_step(gradient, variable, learning_rate)
        import tensorflow as tf

        n, step = self._get_variable_index(variable), tf.cast(self.iterations + 1, "float32")
        return tf.raw_ops.ResourceApplyAdam(
            var=variable.handle, m=self._momentums[n].value.handle, v=self._velocities[n].value.handle,
            beta1_power=self.beta_1**step, beta2_power=self.beta_2**step, lr=tf.cast(learning_rate, "float32"),
            beta1=self.beta_1, beta2=self.beta_2, epsilon=self.epsilon, grad=gradient,
        )  # fmt: skip

    def is_one_operation(self, gradient, variable) -> bool:
        """Whether TensorFlow's operation does for this weight what Keras' lines do."""
        if keras.backend.backend() != "tensorflow" or self.amsgrad:
            return False
        import tensorflow as tf

        return isinstance(gradient, tf.Tensor) and gradient.dtype == variable.dtype == tf.float32
