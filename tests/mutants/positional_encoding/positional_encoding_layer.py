"""Wrong answers to PositionalEncoding."""

import keras
import numpy as np
import tensorflow as tf

from utils.layers import PositionalEncoding


# PositionalEncoding
def layer(call):
    return type(call.__name__, (PositionalEncoding,), {"call": call})


@layer
def forgets_the_words(self, x, start=0):
    return tf.zeros_like(x) + self.encoding[start : start + x.shape[1]]


@layer
def only_rows(self, x, start=0):
    return tf.constant(self.encoding[start : start + x.shape[1]])


@layer
def rows_of_one_sentence(self, x, start=0):
    return tf.constant(self.encoding[None, start : start + x.shape[1]])


@layer
def forgets_the_start(self, x, start=0):
    return x + self.encoding[: x.shape[1]]


@layer
def multiplies(self, x, start=0):
    return keras.ops.multiply(x, self.encoding[start : start + x.shape[1]])


@layer
def sets_beside(self, x, start=0):
    rows = tf.repeat(self.encoding[np.newaxis, start : start + x.shape[1]], x.shape[0], axis=0)
    return tf.concat([x, rows], axis=-1)


@layer
def scales_the_words(self, x, start=0):
    return x * x.shape[-1] ** 0.5 + self.encoding[start : start + x.shape[1]]


@layer
def ends_too_early(self, x, start=0):
    return x + self.encoding[start : x.shape[1]]


@layer
def begins_at_zero(self, x, start=0):
    return x + self.encoding[: start + x.shape[1]]


@layer
def counts_pieces(self, x, start=0):
    T = x.shape[1]
    return x + self.encoding[start * T : start * T + T]


@layer
def adds_the_whole_table(self, x, start=0):
    return x + self.encoding[np.newaxis]


@layer
def takes_rows_by_batch(self, x, start=0):
    return x + self.encoding[start : start + len(x)]


@layer
def one_position_a_sentence(self, x, start=0):
    return x + self.encoding[start : start + x.shape[0]][:, None, :]


@layer
def one_position_for_all(self, x, start=0):
    return x + self.encoding[start]


@layer
def one_too_early(self, x, start=0):
    rows = np.arange(x.shape[1]) + start - 1
    return x + self.encoding[rows]


@layer
def backwards(self, x, start=0):
    return x + self.encoding[start : start + x.shape[1]][::-1]


@layer
def adds_the_start(self, x, start=0):
    return x + self.encoding[: x.shape[1]] + start


@layer
def forgets_to_return(self, x, start=0):
    x = x + self.encoding[start : start + x.shape[1]]


@layer
def nothing_added(self, x, start=0):
    keras.ops.add(x, self.encoding[start : start + x.shape[1]])
    return x


@layer
def rows_from_one(self, x, start=0):
    T = x.shape[1]
    return x + self.encoding[np.newaxis, start + 1 : start + T + 1, :]


@layer
def rows_before_start(self, x, start=0):
    return x + self.encoding[start - 1 : start - 1 + x.shape[1]]


@layer
def end_taken_for_the_last(self, x, start=0):
    return x + self.encoding[start : start + x.shape[1] - 1]


@layer
def a_row_too_many(self, x, start=0):
    return x + self.encoding[start : start + x.shape[1] + 1]


@layer
def slice_from_one(self, x, start=0):
    return x + keras.ops.slice(self.encoding, (start + 1, 0), (x.shape[1], x.shape[2]))


@layer
def one_copy_for_each_sentence(self, x, start=0):
    rows = self.encoding[start : start + x.shape[1]]
    return x + np.repeat(rows[np.newaxis], x.shape[0], axis=0)


@layer
def broadcast_to_the_shape(self, x, start=0):
    return x + keras.ops.broadcast_to(self.encoding[start : start + x.shape[1]], x.shape)


@layer
def loops_over_sentences(self, x, start=0):
    rows = self.encoding[start : start + x.shape[1]]
    return keras.ops.stack([x[b] + rows for b in range(x.shape[0])])


@layer
def numbers_at_once(self, x, start=0):
    return keras.ops.convert_to_tensor(x.numpy() + self.encoding[start : start + x.shape[1]])


@layer
def inside_a_list(self, x, start=0):
    return [x + self.encoding[start : start + x.shape[1]]]


@layer
def comma_at_the_end(self, x, start=0):
    return (x + self.encoding[start : start + x.shape[1]],)


@layer
def rounds_the_encoding(self, x, start=0):
    return x + self.encoding[start : start + x.shape[1]].round(4)


@layer
def keeps_the_rows(self, x, start=0):
    if not hasattr(self, "rows"):
        self.rows = self.encoding[start : start + x.shape[1]]
    return x + self.rows


@layer
def keeps_the_length(self, x, start=0):
    if not hasattr(self, "T"):
        self.T = x.shape[1]
    return x + self.encoding[start : start + self.T]


@layer
def counts_for_itself(self, x, start=0):
    first = getattr(self, "position", start)
    self.position = first + x.shape[1]
    return x + self.encoding[first : self.position]


@layer
def cuts_its_table(self, x, start=0):
    self.encoding = self.encoding[start : start + x.shape[1]]
    return x + self.encoding


@layer
def holds_everything_back(self, x, start=0):
    return keras.ops.stop_gradient(x + self.encoding[start : start + x.shape[1]])


@layer
def by_a_function_of_numpy(self, x, start=0):
    rows = self.encoding[start : start + x.shape[1]]
    return tf.ensure_shape(tf.numpy_function(lambda words: words + rows, [x], tf.float32), x.shape)


@layer
def passes_over_zeros(self, x, start=0):
    rows = self.encoding[start : start + x.shape[1]]
    return tf.where(tf.reduce_any(x != 0, axis=-1, keepdims=True), x + rows, tf.zeros_like(x))


@layer
def words_and_rows(self, x, start=0):
    return x, self.encoding[start : start + x.shape[1]]


@layer
def half_precision(self, x, start=0):
    return x + self.encoding[start : start + x.shape[1]].astype("float16").astype("float32")


@layer
def asks_what_x_holds(self, x, start=0):
    if tf.reduce_all(x == 0):
        return x + self.encoding[start : start + x.shape[1]]
    return x + self.encoding[start : start + x.shape[1]]


class TableAsAWeight(PositionalEncoding):
    def build(self, input_shape):
        super().build(input_shape)
        self.table = self.add_weight(shape=self.encoding.shape, trainable=False)
        self.table.assign(self.encoding)

    def call(self, x, start=0):
        return x + self.table[start : start + x.shape[1]]


@layer
def dropped(self, x, start=0, training=None):
    """As Vaswani et al. do, but there it is not the encoding that does it."""
    words = x + self.encoding[start : start + x.shape[1]]
    return keras.random.dropout(words, 0.1) if training else words


MUTANTS = [
    (dropped, "in training something else"),
    (keeps_the_rows, "kept from the first call"),
    (keeps_the_length, "kept from the first call"),
    (counts_for_itself, "kept from the first call"),
    (cuts_its_table, "kept from the first call"),
    (holds_everything_back, "no gradient comes back"),
    (by_a_function_of_numpy, "no gradient comes back"),
    (passes_over_zeros, "a word of zeros"),
    (words_and_rows, "several results"),
    (half_precision, "rounded"),
    (asks_what_x_holds, "no `if`"),
    (TableAsAWeight, "it has weights"),
    (inside_a_list, "inside a list"),
    (comma_at_the_end, "inside a list"),
    (rounds_the_encoding, "rounded"),
    (rows_from_one, "one position too late"),
    (rows_before_start, "one position too early"),
    (end_taken_for_the_last, "one row too few"),
    (a_row_too_many, "one row too many"),
    (slice_from_one, "one position too late"),
    (one_copy_for_each_sentence, "x.shape[0] is None"),
    (broadcast_to_the_shape, "x.shape[0] is None"),
    (loops_over_sentences, "x.shape[0] is None"),
    (numbers_at_once, "x has no values: no NumPy"),
    (forgets_the_words, "without the words"),
    (only_rows, "without the words"),
    (rows_of_one_sentence, "without the words"),
    (forgets_the_start, "`start` is ignored"),
    (multiplies, "multiplied"),
    (sets_beside, "set beside"),
    (scales_the_words, "scaled by √D"),
    (ends_too_early, "rows end at T"),
    (begins_at_zero, "begin at 0"),
    (counts_pieces, "not pieces"),
    (adds_the_whole_table, "all max_length rows"),
    (takes_rows_by_batch, "as many rows as there are sentences"),
    (one_position_a_sentence, "each sentence has one position"),
    (one_position_for_all, "position of the first"),
    (one_too_early, "too early"),
    (backwards, "backward"),
    (adds_the_start, "added as a number"),
    (forgets_to_return, "is a `return` missing?"),
    (nothing_added, "nothing is added"),
]
