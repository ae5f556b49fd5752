"""What lesson 15 need not show of its layers: parts built, shapes told beforehand, words checked."""

import keras

from utils.layers.contract import check_token_ids, takes_ids
from utils.layers.frames import FeedForwardFrame, Frame
from utils.layers.onnx import ExportsGelu


class GatedFrame(FeedForwardFrame):
    """For parts called `gate`, `widen` and `narrow`."""

    def build(self, input_shape):
        """`gate` takes what `widen` takes."""
        self.build_all([self.gate], input_shape)
        super().build(input_shape)


class BlockStackFrame(ExportsGelu, Frame, keras.Model):
    """For parts called `embedding`, `blocks`, `output_layer`, and `positional_encoding`, `final_norm` or None."""

    def build(self, token_ids_shape):
        """From ids to logits."""
        x_shape = (*token_ids_shape, self.embedding_dim)
        self.build_all([self.embedding], token_ids_shape)
        self.build_all([self.positional_encoding, *self.blocks, self.final_norm, self.output_layer], x_shape)

    def compute_output_shape(self, token_ids_shape):
        """(B, T, V)."""
        if self.positional_encoding is not None:  # raises where the text is too long
            self.positional_encoding.compute_output_shape((*token_ids_shape, self.embedding_dim))
        return (*token_ids_shape, self.input_vocab_size)

    def compute_output_spec(self, token_ids, **kwargs):
        """The logits."""
        check_token_ids(token_ids, self.input_vocab_size)
        return keras.KerasTensor(self.compute_output_shape(token_ids.shape), self.compute_dtype)


takes_ids(BlockStackFrame)


def check_choice(name: str, value, choices) -> None:
    """Raises ValueError unless an argument is one of the words that it may be."""
    if value not in choices:
        listed = ", ".join(f'"{choice}"' for choice in choices)
        raise ValueError(f"`{name}` must be one of {listed}. Received: {name}={value!r}")
