"""BERT (Devlin et al. 2018) in our layers: learnt positions, segments, a norm on the embedding, encoder layers."""

import keras
from keras import ops

from utils.layers.contract import (
    arguments_of,
    check_positive,
    check_rank,
    check_rate,
    check_token_ids,
    concrete,
    takes_ids,
)
from utils.layers.encoder import EncoderLayer
from utils.layers.masks import check_mask
from utils.layers.onnx import ExportsGelu
from utils.layers.quantization import KeepsQuantization


@keras.saving.register_keras_serializable(package="transformer_course")
def gelu_tanh(x):
    """The approximation of `gelu` by a tanh that some checkpoints were trained with; it differs by up to 5e-4."""
    return keras.activations.gelu(x, approximate=True)


ACTIVATIONS = {"gelu_tanh": gelu_tanh}  # beside those that Keras knows by name


@keras.saving.register_keras_serializable(package="transformer_course")
class BertEmbedding(keras.layers.Layer):
    """Word + position + segment, each a row of a table that is learnt; then a norm. No factor √D, no sines.

    Args:
        input_vocab_size: V. embedding_dim: D. maximum_position_encoding: the longest text.
        num_token_types: how many segments; 0 for none.
        layernorm_eps: the norm's epsilon. dropout_rate: after the norm.

    Call arguments:
        token_ids: (B, T). token_type_ids: (B, T), the segment; None is all 0; unused where there are none.
        Returns (B, T, D).
    """

    def __init__(self, input_vocab_size, embedding_dim, maximum_position_encoding, num_token_types=2,
                 layernorm_eps=1e-12, dropout_rate=0.1, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        check_positive(input_vocab_size=input_vocab_size, maximum_position_encoding=maximum_position_encoding)
        self.input_vocab_size, self.embedding_dim = input_vocab_size, embedding_dim
        self.maximum_position_encoding, self.num_token_types = maximum_position_encoding, num_token_types
        self.layernorm_eps, self.dropout_rate = layernorm_eps, dropout_rate
        self.word = self.make_table(input_vocab_size)
        self.position = self.make_table(maximum_position_encoding)
        self.token_type = self.make_table(num_token_types) if num_token_types else None
        self.norm = keras.layers.LayerNormalization(epsilon=layernorm_eps, dtype=self.dtype_policy)
        self.dropout_layer = keras.layers.Dropout(dropout_rate, dtype=self.dtype_policy)

    def make_table(self, rows):
        initializer = keras.initializers.TruncatedNormal(stddev=0.02)  # BERT's; a checkpoint overwrites it
        return keras.layers.Embedding(rows, self.embedding_dim, initializer, dtype=self.dtype_policy)

    def build(self, token_ids_shape):
        for table in (self.word, self.position, self.token_type):
            if table is not None:
                table.build(token_ids_shape)
        self.norm.build((*token_ids_shape, self.embedding_dim))

    def call(self, token_ids, token_type_ids=None, training=None):
        x = self.word(token_ids)  # (B, T, D)
        x = x + self.position(ops.arange(ops.shape(token_ids)[1]))  # (T, D), the same for every text
        if self.token_type is not None:
            x = x + self.token_type(segments(token_ids, token_type_ids, self.num_token_types))
        return self.dropout_layer(self.norm(x), training=training)

    def get_config(self):
        return {**super().get_config(), **arguments_of(self)}

    def compute_output_shape(self, token_ids_shape):
        return (*token_ids_shape, self.embedding_dim)


@keras.saving.register_keras_serializable(package="transformer_course")
class PretrainedEncoder(ExportsGelu, KeepsQuantization, keras.Model):
    """BERT's encoder: its embedding, then `num_layers` of our encoder layers. DistilBERT's too.

    Args:
        num_layers, embedding_dim, num_heads, fully_connected_dim, layernorm_eps, activation: see `EncoderLayer`.
        input_vocab_size, maximum_position_encoding, num_token_types: see `BertEmbedding`.
        dropout_rate: on the embedding and the sub-layers' outputs. attention_dropout_rate: on attention weights.
        dropout_after_attention: False leaves the output of attention out of it, as DistilBERT does.
        pad_id: the id that fills short texts up, for those who make batches.

    Call arguments:
        token_ids: (B, T). token_type_ids: (B, T), 0 first text, 1 second; None is all 0.
        padding_mask: bool (B, T), True = token; None = all are tokens. Returns hidden states (B, T, D).
    """

    def __init__(self, num_layers, embedding_dim, num_heads, fully_connected_dim, input_vocab_size,
                 maximum_position_encoding, num_token_types=2, dropout_rate=0.1, attention_dropout_rate=0.1,
                 dropout_after_attention=True, layernorm_eps=1e-12, activation="gelu", pad_id=0, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        check_positive(num_layers=num_layers)
        check_rate(dropout_rate=dropout_rate, attention_dropout_rate=attention_dropout_rate)
        self.num_layers, self.embedding_dim, self.num_heads = num_layers, embedding_dim, num_heads
        self.fully_connected_dim, self.input_vocab_size = fully_connected_dim, input_vocab_size
        self.maximum_position_encoding, self.num_token_types = maximum_position_encoding, num_token_types
        self.dropout_rate, self.attention_dropout_rate = dropout_rate, attention_dropout_rate
        self.dropout_after_attention, self.layernorm_eps = dropout_after_attention, layernorm_eps
        self.activation, self.pad_id = activation, pad_id
        sizes = (input_vocab_size, embedding_dim, maximum_position_encoding, num_token_types)
        self.embedding = BertEmbedding(*sizes, layernorm_eps, dropout_rate, dtype=self.dtype_policy)
        self.encoder_layers = [self.make_layer() for _ in range(num_layers)]

    def make_layer(self):
        sizes = (self.embedding_dim, self.num_heads, self.fully_connected_dim)
        options = (self.layernorm_eps, "post", ACTIVATIONS.get(self.activation, self.activation))
        highest = max(self.dropout_rate, self.attention_dropout_rate)
        layer = EncoderLayer(*sizes, highest, *options, dtype=self.dtype_policy)
        layer.self_attention.dropout = layer.self_attention.dropout_layer.rate = self.attention_dropout_rate
        layer.attention_dropout.rate = self.dropout_rate if self.dropout_after_attention else 0.0
        layer.feed_forward.dropout_layer.rate = self.dropout_rate
        return layer

    def build(self, token_ids_shape):
        self.embedding.build(token_ids_shape)
        for layer in self.encoder_layers:
            layer.build((*token_ids_shape, self.embedding_dim))

    def call(self, token_ids, token_type_ids=None, padding_mask=None, training=None):
        check_token_ids(token_ids, self.input_vocab_size)
        self.compute_output_shape(token_ids.shape)  # raises where it is too long
        x = self.embedding(token_ids, token_type_ids=token_type_ids, training=training)
        mask = None if padding_mask is None else spread(padding_mask)
        for layer in self.encoder_layers:
            x = layer(x, attention_mask=mask, training=training)
        return x

    def get_config(self):
        return {**super().get_config(), **arguments_of(self)}

    def compute_output_shape(self, token_ids_shape, *other_shapes):
        T = token_ids_shape[1]
        if isinstance(T, int) and T > self.maximum_position_encoding:
            raise ValueError(
                f"This encoder has learnt {self.maximum_position_encoding} positions. Received: token_ids of shape "
                f"{tuple(token_ids_shape)}. Cut the text into windows"
            )
        return (*token_ids_shape, self.embedding_dim)

    def compute_output_spec(self, token_ids, *args, **kwargs):
        check_rank(token_ids, 2, "token_ids", "(B, T)")
        return keras.KerasTensor(self.compute_output_shape(token_ids.shape), self.compute_dtype)


takes_ids(BertEmbedding)
takes_ids(PretrainedEncoder)


def segments(token_ids, token_type_ids, number: int):
    """The segment of every token, (B, T): what was given, checked as far as it is known, or all 0."""
    if token_type_ids is None:
        return ops.zeros_like(token_ids)
    shapes = tuple(token_type_ids.shape), tuple(token_ids.shape)
    known = [pair for pair in zip(*shapes, strict=False) if None not in pair]
    if len(shapes[0]) != len(shapes[1]) or any(a != b for a, b in known):
        raise ValueError(f"`token_type_ids` must have the shape of the ids, {shapes[1]}. Received: shape {shapes[0]}")
    values = concrete(token_type_ids)
    if values is not None and values.size and not 0 <= values.min() <= values.max() < number:
        wrong = values.min() if values.min() < 0 else values.max()
        raise ValueError(f"Segments must lie in 0…{number - 1}. Received: {wrong}")
    return token_type_ids


def spread(padding_mask):
    """A padding mask (B, T) as an attention mask (B, 1, 1, T): the same for every head and every query."""
    check_rank(padding_mask, 2, "padding_mask", "(B, T)")
    return ops.expand_dims(check_mask(padding_mask), (1, 2))
