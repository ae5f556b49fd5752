"""Unusual right answers to ablate_head."""

import contextlib

import numpy as np
import tensorflow as tf

from utils.decoding import find_attention


class AblateByClass:
    """A context manager written as a class."""

    def __init__(self, model, key, head):
        self.kernel, self.head = find_attention(model, key).output_weights[0], head

    def __enter__(self):
        self.before = tf.identity(self.kernel)
        heads = tf.range(self.kernel.shape[0])[:, None, None]
        self.kernel.assign(tf.where(heads == self.head, 0.0, self.before))

    def __exit__(self, *error):
        self.kernel.assign(self.before)


@contextlib.contextmanager
def ablate_by_values(model, key, head):
    """A head says nothing, too, where its values are zero, bias and all."""
    attention = find_attention(model, key)
    kernel, bias = attention.value_weights
    before = kernel.numpy(), bias.numpy()
    kernel.assign(before[0] * (np.arange(kernel.shape[1]) != head)[None, :, None])
    bias.assign(before[1] * (np.arange(bias.shape[0]) != head)[:, None])
    try:
        yield
    finally:
        kernel.assign(before[0])
        bias.assign(before[1])


@contextlib.contextmanager
def ablate_by_a_stack(model, key, head):
    with contextlib.ExitStack() as stack:
        kernel, _ = find_attention(model, key).output_weights
        stack.callback(kernel.assign, tf.identity(kernel))
        kernel.assign(tf.tensor_scatter_nd_update(kernel, [[head]], tf.zeros((1, *kernel.shape[1:]))))
        yield


@contextlib.contextmanager
def ablate_by_all_weights(model, key, head):
    before = model.get_weights()
    kernel = find_attention(model, key).output_weights[0]
    kernel.assign(tf.concat([kernel[:head], tf.zeros_like(kernel[:1]), kernel[head + 1 :]], axis=0))
    try:
        yield model
    except BaseException:
        model.set_weights(before)
        raise
    else:
        model.set_weights(before)


class AblateBySubtracting(contextlib.ContextDecorator):
    """What is subtracted is added again."""

    def __init__(self, model, key, head):
        self.kernel = find_attention(model, key).output_weights[0]
        self.part = self.kernel.numpy() * (np.arange(self.kernel.shape[0]) == head)[:, None, None]

    def __enter__(self):
        self.kernel.assign_sub(self.part)
        return self

    def __exit__(self, *error):
        self.kernel.assign_add(self.part)
        return False


ALTERNATIVES = [ablate_by_a_stack, ablate_by_all_weights, AblateBySubtracting]
ALTERNATIVES += [AblateByClass, ablate_by_values]
