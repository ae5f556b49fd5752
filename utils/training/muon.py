"""Muon for all of a Transformer's matrices, those with an axis for the heads as well."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="transformer_course")
class Muon(keras.optimizers.Muon):
    """Keras' Muon (Jordan et al. 2024; scaled as in Liu et al. 2025, section 2.2), which attention's kernels take too.

    Each matrix moves by its momentum with all singular values near 1, so that no direction is left behind. Keras' own
    leaves what has not exactly two axes to AdamW, and with that every kernel of multi-head attention, ours and
    Keras'. Here (D, H, K) is the matrix (D, H·K), and (H, K, D), of an output projection, the matrix (H·K, D).
    Embeddings, norms, biases and what `exclude_layers` names are left to AdamW.

    Args:
        last_by_adam: the last matrix too is left to AdamW: of a Transformer, the layer that gives logits. Its name may
            be another after loading, so that `exclude_layers` would miss it.
        options: `keras.optimizers.Muon`'s.
    """

    def __init__(self, *options, last_by_adam=True, **more):
        super().__init__(*options, **more)
        self.last_by_adam, self._last = last_by_adam, None

    def build(self, variables):
        """Makes the moments, and notes which weights are matrices in disguise."""
        if not self.built:
            self._matrices = [_matrix_of(v) for v in variables]
            if self.last_by_adam:
                self._last = [v for v, matrix in zip(variables, self._matrices, strict=True) if matrix][-1:]
        super().build(variables)

    def _should_use_adamw(self, variable):
        is_last = any(variable is v for v in self._last or ())
        return is_last or _matrix_of(variable) is None or self._is_excluded(variable.path)

    def _is_excluded(self, path: str) -> bool:
        """Whether a weight is left to AdamW because of its name."""
        is_table = self.exclude_embeddings and "embedding" in path.lower()
        return is_table or any(name in path for name in self.exclude_layers)

    def _muon_update_step(self, gradient, variable, lr, m):
        self.assign(m, ops.add(self.momentum * m, gradient))
        g = ops.add(gradient, self.momentum * m) if self.nesterov else m
        matrix = ops.reshape(g, self._matrices[self._get_variable_index(variable)])
        step = self.lr_adjust(lr * self.zeropower_via_newtonschulz5(matrix, self.ns_steps))
        self.assign_sub(variable, ops.reshape(step, variable.shape))

    def get_config(self):
        """What makes the same again."""
        return super().get_config() | {"last_by_adam": self.last_by_adam}


def _matrix_of(variable) -> tuple[int, int] | None:
    """The two axes of the matrix that a kernel is; None for what is none: norms and biases, those of heads too."""
    *_, layer, name = ["", *variable.path.split("/")]
    if "bias" in name or len(variable.shape) not in (2, 3):
        return None
    if len(variable.shape) == 2:
        return tuple(variable.shape)
    first, second, last = variable.shape
    is_output = name == "output_kernel" or layer == "attention_output"  # ours, Keras'
    return (first * second, last) if is_output else (first, second * last)
