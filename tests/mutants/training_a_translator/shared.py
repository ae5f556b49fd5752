"""What the answers of this lesson share."""

import tensorflow as tf


def words(labels, pad_id):
    return tf.cast(labels != pad_id, tf.float32)
