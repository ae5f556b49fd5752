"""AdamW as one operation a weight, and of a large table only over the rows in use, where TensorFlow is."""

import keras

ROWS = 4096  # a table with fewer is moved as a whole


@keras.saving.register_keras_serializable(package="transformer_course")
class FusedAdamW(keras.optimizers.AdamW):
    """Keras' AdamW (Loshchilov and Hutter 2017) with the same variables and, but for rounding, the same numbers.

    TensorFlow updates a weight and its two moments in one walk over them, instead of a dozen. Elsewhere, in half
    precision, and where more than weight decay is asked for, it is Keras'.

    Two things are different. The gradient of a table of embeddings is a `tf.IndexedSlices`, a part for each token: here
    the parts of a row are added up first; Keras adds up their squares for the second moment. And of a large table only
    rows are walked over that a gradient has reached, now or earlier. The others' moments are zero, so that only weight
    decay would move them: it begins when a gradient reaches them, and sub-words that no text uses stay as they were.
    """

    def build(self, variables):
        """Makes the moments, and room to note which rows of large tables were reached."""
        if not self.built:
            tables = {n: x.shape[0] for n, x in enumerate(variables) if len(x.shape) == 2 and x.shape[0] >= ROWS}
            on_tensorflow = keras.backend.backend() == "tensorflow"
            self._reached = {n: _Reached(rows) for n, rows in tables.items()} if on_tensorflow else {}
        super().build(variables)

    def update_step(self, gradient, variable, learning_rate):
        """Moves one weight, a `tf.Variable`, and its moments; weight decay is done."""
        if not self.is_one_operation(gradient, variable):
            return super().update_step(gradient, variable, learning_rate)
        import tensorflow as tf

        m, v, *powers = self._state_of(variable)
        return tf.raw_ops.ResourceApplyAdam(
            var=variable.handle, m=m.handle, v=v.handle, beta1_power=powers[0], beta2_power=powers[1],
            lr=tf.cast(learning_rate, "float32"), beta1=self.beta_1, beta2=self.beta_2, epsilon=self.epsilon,
            grad=tf.convert_to_tensor(gradient),
        )  # fmt: skip

    def is_one_operation(self, gradient, variable) -> bool:
        """Whether TensorFlow's operation does for this weight what Keras' lines do."""
        if keras.backend.backend() != "tensorflow" or self.amsgrad:
            return False
        import tensorflow as tf

        known = isinstance(gradient, (tf.Tensor, tf.IndexedSlices))
        return known and gradient.dtype == variable.dtype == tf.float32

    def _backend_apply_gradients(self, grads, trainable_variables):
        """Weight decay and update of each weight, one after the other, without what Keras does for many devices."""
        if not self._is_plain():
            return super()._backend_apply_gradients(grads, trainable_variables)
        import tensorflow as tf

        learning_rate = tf.cast(self.learning_rate, "float32")
        for gradient, variable in zip(grads, trainable_variables, strict=True):
            decay = learning_rate * self.weight_decay if self._use_weight_decay(variable) else None
            reached, variable = self._reached.get(self._get_variable_index(variable)), variable.value
            if reached and isinstance(gradient, tf.IndexedSlices) and self.is_one_operation(gradient, variable):
                self._move_rows(summed(gradient), variable, reached, learning_rate, decay)
                continue
            if reached:
                reached.rows.assign(tf.ones_like(reached.rows))
            if decay is not None:
                variable.assign_sub(variable * tf.cast(decay, variable.dtype))
            self.update_step(gradient, variable, learning_rate)

    def _is_plain(self) -> bool:
        """Whether there are one device and no averages, accumulated or shortened gradients."""
        if keras.backend.backend() != "tensorflow" or self.amsgrad or self.use_ema or self.gradient_accumulation_steps:
            return False
        import tensorflow as tf

        return not (self.clipnorm or self.global_clipnorm or self.clipvalue or tf.distribute.has_strategy())

    def _state_of(self, variable) -> tuple:
        """Both moments of a weight, and both decays to the power of the step."""
        import tensorflow as tf

        n, step = self._get_variable_index(variable), tf.cast(self.iterations + 1, "float32")
        return self._momentums[n].value, self._velocities[n].value, self.beta_1**step, self.beta_2**step

    def _move_rows(self, gradient, variable, reached, learning_rate, decay):
        """Weight decay and update of the rows that this gradient or an earlier one has reached."""
        import tensorflow as tf

        m, v, power_1, power_2 = self._state_of(variable)
        is_some = tf.reduce_any(tf.not_equal(gradient.values, 0.0), axis=1)  # padding's is zero
        indices, values = (tf.boolean_mask(x, is_some) for x in (gradient.indices, gradient.values))
        rows = reached.with_these(indices, m, v, self.iterations)  # (R,)
        place_of = tf.scatter_nd(rows[:, tf.newaxis], tf.range(tf.size(rows)), variable.shape[:1])
        places = tf.gather(place_of, indices)[:, tf.newaxis]  # of the gradient's rows among these
        g = tf.scatter_nd(places, values, (tf.size(rows), variable.shape[1]))  # (R, D)
        new_m, new_v, moved = tf.gather(m, rows), tf.gather(v, rows), tf.gather(variable, rows)
        new_m += (g - new_m) * (1 - self.beta_1)
        new_v += (tf.square(g) - new_v) * (1 - self.beta_2)
        moved -= 0.0 if decay is None else moved * decay
        moved -= learning_rate * tf.sqrt(1 - power_2) / (1 - power_1) * new_m / (tf.sqrt(new_v) + self.epsilon)
        for whole, part in ((m, new_m), (v, new_v), (variable, moved)):
            whole.scatter_update(tf.IndexedSlices(part, rows))


class _Reached:
    """Which rows of a table a gradient has reached."""

    def __init__(self, rows: int):
        import tensorflow as tf

        with tf.init_scope():
            self.rows = tf.Variable(tf.zeros(rows, "bool"), trainable=False)
            self.steps = tf.Variable(-1, trainable=False)  # so far; at another number moments were loaded

    def with_these(self, indices, m, v, iterations):
        """All rows that were reached, these among them, (R,) int32."""
        import tensorflow as tf

        steps = tf.cast(iterations, "int32")
        tf.cond(tf.equal(self.steps, steps), tf.no_op, lambda: self.look(m, v))
        self.steps.assign(steps + 1)
        self.rows.scatter_update(tf.IndexedSlices(tf.ones_like(indices, "bool"), indices))
        return tf.cast(tf.where(self.rows)[:, 0], "int32")

    def look(self, m, v):
        """Finds out which rows were reached, from their moments (V, D)."""
        import tensorflow as tf

        self.rows.assign(tf.reduce_any(tf.not_equal(m, 0.0) | tf.not_equal(v, 0.0), axis=1))
        return tf.no_op()


def summed(gradient):
    """A gradient; where it is for some rows, one by one, each row once and its parts added up, as its length needs."""
    import tensorflow as tf

    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    rows, places = tf.unique(gradient.indices)
    values = tf.math.unsorted_segment_sum(gradient.values, places, tf.size(rows))
    return tf.IndexedSlices(values, rows, gradient.dense_shape)
