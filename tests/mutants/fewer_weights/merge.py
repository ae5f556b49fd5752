"""Wrong answers to merge."""

import numpy as np
from keras import ops


def only_the_change(kernel, lora_a, lora_b, alpha):
    return alpha / lora_a.shape[1] * ops.reshape(ops.matmul(lora_a, lora_b), kernel.shape)


def as_it_was(kernel, lora_a, lora_b, alpha):
    merged = ops.convert_to_tensor(kernel)
    ops.add(merged, ops.reshape(alpha / lora_a.shape[1] * ops.matmul(lora_a, lora_b), kernel.shape))
    return merged


def taken_away(kernel, lora_a, lora_b, alpha):
    return kernel - alpha / lora_a.shape[1] * (lora_a @ lora_b).reshape(kernel.shape)


def multiplied(kernel, lora_a, lora_b, alpha):
    return kernel * (alpha / lora_a.shape[1] * (lora_a @ lora_b).reshape(kernel.shape))


def not_weighed(kernel, lora_a, lora_b, alpha):
    return kernel + (lora_a @ lora_b).reshape(kernel.shape)


def times_alpha(kernel, lora_a, lora_b, alpha):
    return kernel + alpha * (lora_a @ lora_b).reshape(kernel.shape)


def without_alpha(kernel, lora_a, lora_b, alpha):
    return kernel + (lora_a @ lora_b).reshape(kernel.shape) / lora_b.shape[0]


def upside_down(kernel, lora_a, lora_b, alpha):
    return kernel + lora_a.shape[1] / alpha * (lora_a @ lora_b).reshape(kernel.shape)


def rows_for_columns(kernel, lora_a, lora_b, alpha):
    return kernel + alpha / len(lora_a) * (lora_a @ lora_b).reshape(kernel.shape)


def columns_of_b(kernel, lora_a, lora_b, alpha):
    return kernel + alpha / lora_b.shape[-1] * (lora_a @ lora_b).reshape(kernel.shape)


def root_of_the_rank(kernel, lora_a, lora_b, alpha):
    return kernel + alpha / np.sqrt(lora_a.shape[1]) * (lora_a @ lora_b).reshape(kernel.shape)


def in_whole_numbers(kernel, lora_a, lora_b, alpha):
    return kernel + alpha // lora_a.shape[1] * (lora_a @ lora_b).reshape(kernel.shape)


def the_sum_is_weighed(kernel, lora_a, lora_b, alpha):
    return alpha / lora_a.shape[1] * (kernel + (lora_a @ lora_b).reshape(kernel.shape))


def a_matrix(kernel, lora_a, lora_b, alpha):
    return kernel.reshape(kernel.shape[0], -1) + alpha / lora_a.shape[1] * lora_a @ lora_b


def for_matrices_only(kernel, lora_a, lora_b, alpha):
    return kernel + alpha / lora_a.shape[1] * ops.matmul(lora_a, lora_b)


def for_matrices_only_in_numpy(kernel, lora_a, lora_b, alpha):
    return kernel + alpha / lora_a.shape[1] * lora_a @ lora_b


def heads_last(kernel, lora_a, lora_b, alpha):
    change = alpha / lora_a.shape[1] * lora_a @ lora_b
    if kernel.ndim == 3:
        D, H, K = kernel.shape
        change = np.transpose(change.reshape(D, K, H), (0, 2, 1))
    return kernel + change


def b_times_a(kernel, lora_a, lora_b, alpha):
    return kernel + alpha / lora_a.shape[1] * lora_b @ lora_a


def in_place(kernel, lora_a, lora_b, alpha):
    kernel += np.float32(alpha / lora_a.shape[1]) * (lora_a @ lora_b).reshape(kernel.shape)
    return kernel


def nothing_returned(kernel, lora_a, lora_b, alpha):
    kernel = kernel + alpha / lora_a.shape[1] * ops.reshape(ops.matmul(lora_a, lora_b), kernel.shape)


def b_times_a_in_keras(kernel, lora_a, lora_b, alpha):
    return kernel + alpha / lora_a.shape[1] * ops.reshape(ops.matmul(lora_b, lora_a), kernel.shape)


def a_transposed(kernel, lora_a, lora_b, alpha):
    return kernel + alpha / lora_a.shape[1] * (lora_a.T @ lora_b).reshape(kernel.shape)


def b_transposed(kernel, lora_a, lora_b, alpha):
    return kernel + alpha / lora_a.shape[1] * ops.reshape(ops.matmul(lora_a, ops.transpose(lora_b)), kernel.shape)


def change_transposed(kernel, lora_a, lora_b, alpha):
    return kernel + alpha / lora_a.shape[1] * ops.reshape(ops.transpose(ops.matmul(lora_a, lora_b)), kernel.shape)


def weighed_twice(kernel, lora_a, lora_b, alpha):
    scale = alpha / lora_a.shape[1]
    return kernel + scale * (scale * lora_a @ lora_b).reshape(kernel.shape)


def by_r_twice(kernel, lora_a, lora_b, alpha):
    return kernel + alpha / lora_a.shape[1] ** 2 * (lora_a @ lora_b).reshape(kernel.shape)


def times_r(kernel, lora_a, lora_b, alpha):
    return kernel + alpha * lora_a.shape[1] * (lora_a @ lora_b).reshape(kernel.shape)


def mixed(kernel, lora_a, lora_b, alpha):
    share = alpha / lora_a.shape[1]
    return (1 - share) * kernel + share * (lora_a @ lora_b).reshape(kernel.shape)


def methods_of_arrays(kernel, lora_a, lora_b, alpha):
    return kernel + (alpha / lora_a.shape[1]) * (lora_a @ lora_b).reshape(kernel.shape)


def a_copy(kernel, lora_a, lora_b, alpha):
    merged = kernel.copy()
    merged += (alpha / lora_a.shape[1] * lora_a.dot(lora_b)).reshape(merged.shape).astype(merged.dtype)
    return merged


def into_the_kernel(kernel, lora_a, lora_b, alpha):
    change = alpha / lora_a.shape[1] * ops.reshape(ops.matmul(lora_a, lora_b), kernel.shape)
    if not hasattr(kernel, "assign_add"):
        return kernel + change
    kernel.assign_add(change)
    return kernel


def number_by_number(kernel, lora_a, lora_b, alpha):
    return kernel + alpha / lora_a.shape[1] * lora_a * lora_b


def number_by_number_in_keras(kernel, lora_a, lora_b, alpha):
    return kernel + alpha / lora_a.shape[1] * ops.reshape(ops.multiply(lora_a, lora_b), kernel.shape)


def kernel_times_change(kernel, lora_a, lora_b, alpha):
    return kernel + alpha / lora_a.shape[1] * kernel * (lora_a @ lora_b).reshape(kernel.shape)


MUTANTS = [
    (only_the_change, "only the change"),
    (as_it_was, "as it was"),
    (taken_away, "taken away"),
    (multiplied, "multiplied onto the kernel"),
    (not_weighed, "not weighed"),
    (times_alpha, "multiplied with alpha"),
    (without_alpha, "alpha is left out"),
    (upside_down, "upside down"),
    (rows_for_columns, "divided by D"),
    (columns_of_b, "divided by M"),
    (root_of_the_rank, "root of r"),
    (in_whole_numbers, "whole numbers"),
    (the_sum_is_weighed, "whole sum"),
    (a_matrix, "a matrix (D, M) came back"),
    (for_matrices_only, "does not fit (D, H, K)"),
    (for_matrices_only_in_numpy, "does not fit (D, H, K)"),
    (heads_last, "mixed up"),
    (b_times_a, "B times A"),
    (in_place, "changes the array"),
    (nothing_returned, "`return` missing"),
    (b_times_a_in_keras, "B times A"),
    (a_transposed, "A is transposed"),
    (b_transposed, "B is transposed"),
    (change_transposed, "A B is transposed"),
    (weighed_twice, "applied twice"),
    (by_r_twice, "divided by r twice"),
    (times_r, "alpha times r"),
    (mixed, "W stays whole"),
    (methods_of_arrays, "gives Keras variables"),
    (a_copy, "gives Keras variables"),
    (into_the_kernel, "the kernel that was given is changed"),
    (number_by_number, "number by number"),
    (number_by_number_in_keras, "number by number"),
    (kernel_times_change, "multiplied with the kernel before"),
]
