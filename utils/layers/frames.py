"""What lessons 06 and 07 need not show of their layers: arguments are kept, parts built, shapes told beforehand.

A frame has neither parts nor a `call`. The layer on top makes the parts in its `__init__`, under the names that the
frame's `build` goes through, and says in `call` what they do.
"""

import keras

from utils.layers.contract import (
    arguments_of,
    check_divisible,
    check_norm,
    check_pair,
    check_plain,
    check_positive,
    check_rate,
    check_token_ids,
    check_width,
    takes_ids,
)
from utils.layers.neighbours import carries_mask
from utils.layers.quantization import KeepsQuantization

SIZES = (
    "num_layers",
    "embedding_dim",
    "num_heads",
    "fully_connected_dim",
    "input_vocab_size",
    "target_vocab_size",
)


class Frame(KeepsQuantization):
    """For a layer or a model: keeps what it was made with, and hands its dtype on to its parts."""

    def keep(self, arguments: dict) -> None:
        """Makes each argument an attribute, and raises ValueError for one that cannot be.

        Args:
            arguments: `locals()`, in the first lines of an `__init__`.
        """
        given = {name: value for name, value in arguments.items() if name not in ("self", "kwargs", "__class__")}
        sizes = {name: value for name, value in given.items() if name in SIZES}
        check_positive(**sizes)
        check_plain(**sizes)
        check_activation(given.get("activation"))
        if "num_heads" in given:
            check_divisible(given["embedding_dim"], given["num_heads"])
        if "norm" in given:
            check_norm(given["norm"])
        check_rate(dropout_rate=given["dropout_rate"])
        for name, value in given.items():
            setattr(self, name, value)

    def __setattr__(self, name, value):
        """A part computes as the whole does."""
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, keras.layers.Layer) and not part.weights:  # it has none before it is built
                for each in part._flatten_layers():
                    each.dtype_policy = self.dtype_policy
        super().__setattr__(name, value)

    def build_all(self, parts, *shapes) -> None:
        """Builds parts that take the same shapes."""
        for part in parts:
            if part is not None:
                part.build(*shapes)

    def get_config(self):
        """All arguments, by name."""
        return {**super().get_config(), **arguments_of(self)}


class FeedForwardFrame(Frame, keras.layers.Layer):
    """For parts called `widen` and `narrow`."""

    def build(self, input_shape):
        """`narrow` takes what `widen` gives."""
        self.build_all([self.widen], input_shape)
        self.build_all([self.narrow], (*input_shape[:-1], self.widen.units))

    def compute_output_shape(self, input_shape):
        """As wide as it was, D."""
        return (*input_shape[:-1], self.embedding_dim)


class EncoderLayerFrame(Frame, keras.layers.Layer):
    """For parts called `self_attention`, `attention_norm`, `feed_forward`, `feed_forward_norm`."""

    def build(self, input_shape):
        """All take x."""
        check_width(input_shape, self.embedding_dim)
        self.build_all([self.self_attention], input_shape, input_shape)
        self.build_all([self.attention_norm, self.feed_forward, self.feed_forward_norm], input_shape)

    def compute_output_shape(self, input_shape):
        """As x."""
        return input_shape

    def compute_output_spec(self, *args, **kwargs):
        """By tracing: may be a pair."""
        return keras.Operation.compute_output_spec(self, *args, **kwargs)


class DecoderLayerFrame(Frame, keras.layers.Layer):
    """For `self_attention`, `cross_attention`, `feed_forward`, `self_norm`, `cross_norm`, `feed_forward_norm`."""

    def build(self, x_shape, encoder_output_shape):
        """Cross-attention takes x and the source, all others x."""
        check_width(x_shape, self.embedding_dim)
        self.build_all([self.self_attention], x_shape, x_shape)
        self.build_all([self.cross_attention], x_shape, encoder_output_shape)
        self.build_all([self.feed_forward, self.self_norm, self.cross_norm, self.feed_forward_norm], x_shape)

    def compute_output_shape(self, x_shape, encoder_output_shape):
        """As x."""
        return x_shape

    def compute_output_spec(self, *args, **kwargs):
        """By tracing: may be three."""
        return keras.Operation.compute_output_spec(self, *args, **kwargs)


class StackFrame(Frame, keras.layers.Layer):
    """What the encoder's and the decoder's frames share: `embedding` and `positional_encoding`, then layers."""

    def build_stack(self, layers, token_ids_shape, *more):
        """The layers take the embedded ids, and `more`."""
        x_shape = (*token_ids_shape, self.embedding_dim)
        self.build_all([self.embedding], token_ids_shape)
        self.build_all([self.positional_encoding, self.final_norm], x_shape)
        self.build_all(layers, x_shape, *more)

    def symbolic(self, token_ids, vocabulary_size, lengths):
        """What comes out for ids that have no values yet: shapes and dtypes of the output and of all scores.

        By hand, not by tracing: for an unknown length JAX would try one that may be longer than the positions.
        """
        check_token_ids(token_ids, vocabulary_size)
        (B, T), H, dtype = token_ids.shape, self.num_heads, self.compute_dtype
        shape = self.positional_encoding.compute_output_shape((B, T, self.embedding_dim))  # raises where too long
        scores = {name: keras.KerasTensor((B, H, T, S), dtype) for name, S in lengths.items()}
        return keras.KerasTensor(shape, dtype), scores


class EncoderFrame(StackFrame):
    """Besides, `encoder_layers`, and `final_norm`, which may be None."""

    def build(self, token_ids_shape):
        """From ids to the last norm."""
        self.build_stack(self.encoder_layers, token_ids_shape)

    def compute_output_shape(self, token_ids_shape):
        """(B, S, D)."""
        return self.positional_encoding.compute_output_shape((*token_ids_shape, self.embedding_dim))

    def compute_output_spec(self, token_ids, return_attention_scores=False, **kwargs):
        """As `symbolic` says."""
        lengths = {f"encoder/{n}/self": token_ids.shape[-1] for n in range(self.num_layers)}
        output, scores = self.symbolic(token_ids, self.input_vocab_size, lengths)
        return (output, scores) if return_attention_scores else output


class DecoderFrame(StackFrame):
    """Besides, `decoder_layers`, and `final_norm`, which may be None."""

    def build(self, token_ids_shape, encoder_output_shape):
        """From ids to the last norm."""
        self.build_stack(self.decoder_layers, token_ids_shape, encoder_output_shape)

    def compute_output_shape(self, token_ids_shape, encoder_output_shape):
        """(B, T, D)."""
        return self.positional_encoding.compute_output_shape((*token_ids_shape, self.embedding_dim))

    def compute_output_spec(self, token_ids, encoder_output, return_attention_scores=False, **kwargs):
        """As `symbolic` says."""
        both = (("self", token_ids.shape[-1]), ("cross", encoder_output.shape[1]))
        lengths = {f"decoder/{n}/{kind}": length for n in range(self.num_layers) for kind, length in both}
        output, scores = self.symbolic(token_ids, self.target_vocab_size, lengths)
        return (output, scores) if return_attention_scores else output


class TransformerFrame(Frame, keras.Model):
    """For parts called `encoder`, `decoder`, `output_layer`."""

    def __call__(self, inputs, *others, **options):
        """The pair is one argument."""
        if others and hasattr(others[0], "shape"):
            raise TypeError("The inputs must be one pair: model((source_ids, target_ids)). Received: two arguments")
        check_pair(inputs)
        return super().__call__(inputs, *others, **options)

    def build(self, input_shape):
        """The decoder takes what the encoder gives."""
        source_shape, target_shape = input_shape
        encoded_shape = self.encoder.compute_output_shape(source_shape)
        self.build_all([self.encoder], source_shape)
        self.build_all([self.decoder], target_shape, encoded_shape)
        self.build_all([self.output_layer], self.decoder.compute_output_shape(target_shape, encoded_shape))

    def compute_output_shape(self, input_shape):
        """(B, T, V)."""
        return (*input_shape[1], self.target_vocab_size)

    def compute_output_spec(self, inputs, return_attention_scores=False, **kwargs):
        """The logits, and where asked the scores of both halves."""
        source_ids, target_ids = inputs
        logits = keras.KerasTensor((*target_ids.shape, self.target_vocab_size), self.compute_dtype)
        encoded, scores = self.encoder.compute_output_spec(source_ids, return_attention_scores=True)
        scores |= self.decoder.compute_output_spec(target_ids, encoded, return_attention_scores=True)[1]
        return (logits, scores) if return_attention_scores else logits


def check_activation(activation) -> None:
    """Raises ValueError for an activation with weights: whoever is loaded again could not tell whose they are."""
    if isinstance(activation, keras.layers.Layer) and type(activation).build is not keras.layers.Layer.build:
        raise ValueError(
            f"`activation` must be a name, a function or a layer without weights. Received: {type(activation).__name__}"
        )


for frame in (FeedForwardFrame, EncoderLayerFrame, DecoderLayerFrame):
    carries_mask(frame)
for frame in (StackFrame, TransformerFrame):
    takes_ids(frame)
