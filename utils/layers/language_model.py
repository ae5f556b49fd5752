"""A decoder alone: a stack of self-attention that may not look ahead, and a score for every word that may come next."""

import keras
from keras import ops

from utils.layers.contract import check_rank, takes_ids
from utils.layers.encoder import Encoder
from utils.layers.frames import Frame
from utils.layers.masks import combine_masks, create_look_ahead_mask, create_padding_mask
from utils.layers.onnx import ExportsGelu


class LanguageModelFrame(ExportsGelu, Frame, keras.Model):
    """For parts called `encoder` and `output_layer`."""

    def build(self, token_ids_shape):
        """The output layer takes what the stack gives."""
        self.build_all([self.encoder], token_ids_shape)
        self.build_all([self.output_layer], self.encoder.compute_output_shape(token_ids_shape))

    def compute_output_shape(self, token_ids_shape):
        """(B, T, V)."""
        return (*token_ids_shape, self.input_vocab_size)

    def compute_output_spec(self, token_ids, return_attention_scores=False, **kwargs):
        """The logits, and where asked the scores of all layers."""
        logits = keras.KerasTensor((*token_ids.shape, self.input_vocab_size), self.compute_dtype)
        _, scores = self.encoder.compute_output_spec(token_ids, return_attention_scores=True)
        return (logits, scores) if return_attention_scores else logits


takes_ids(LanguageModelFrame)


@keras.saving.register_keras_serializable(package="transformer_course")
class LanguageModel(LanguageModelFrame):
    """Reads the beginning of a text, and at each place gives a score to every token that may come next.

    It is a decoder without cross-attention, and that is an `Encoder` with a look-ahead mask (Radford et al. 2018).

    Args:
        num_layers, embedding_dim, num_heads, fully_connected_dim, dropout_rate, layernorm_eps, norm, activation,
            pad_id: see `Encoder`. "pre" is what nearly all such models have.
        input_vocab_size: V. maximum_position_encoding: the longest text.

    Call arguments:
        token_ids: (B, T). return_attention_scores: return (logits, {"encoder/0/self": (B, H, T, T), …}) instead
            of the logits (B, T, V).
    """

    def __init__(self, num_layers, embedding_dim, num_heads, fully_connected_dim, input_vocab_size,
                 maximum_position_encoding, dropout_rate=0.1, layernorm_eps=1e-6, norm="pre",
                 activation="gelu", pad_id=0, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        self.keep(locals())
        self.encoder = Encoder(
            num_layers, embedding_dim, num_heads, fully_connected_dim, input_vocab_size, maximum_position_encoding,
            dropout_rate, layernorm_eps, norm, activation, pad_id,
        )  # fmt: skip
        self.output_layer = keras.layers.Dense(input_vocab_size)  # logits

    def call(self, token_ids, training=None, return_attention_scores=False):
        mask = combine_masks(
            create_look_ahead_mask(ops.shape(token_ids)[1]),  # (T, T): no looking ahead
            create_padding_mask(token_ids, self.pad_id),  # (B, 1, 1, T): no looking at padding
        )
        x, scores = self.encoder(token_ids, attention_mask=mask, training=training, return_attention_scores=True)
        logits = self.output_layer(x)
        return (logits, scores) if return_attention_scores else logits


def next_token_loss(token_ids, logits, pad_id: int = 0):
    """How badly a model foretells a text: minus the log-probability of each token, given those before it; the mean.

    Args:
        token_ids: the text itself, (B, T) whole numbers.
        logits: what the model gave for it, (B, T, V): the scores at place t are for the token at t + 1.
        pad_id: the id that fills short texts up; whoever foretells padding is not asked.

    Returns:
        A scalar in nats a token; 0 where there is nothing to foretell.

    Raises:
        ValueError: the shapes do not fit.
    """
    token_ids, logits = check_text(token_ids, logits)
    following = token_ids[:, 1:]  # (B, T - 1)
    log_p = ops.log_softmax(logits[:, :-1], axis=-1)  # (B, T - 1, V)
    losses = -ops.take_along_axis(log_p, following[..., None], axis=-1)[..., 0]
    is_token = ops.cast(ops.not_equal(following, pad_id), losses.dtype)
    return ops.sum(losses * is_token) / ops.maximum(ops.sum(is_token), 1)


def perplexity(log_p, is_token, units=None):
    """Among how many tokens, all equally likely, a model would be choosing on average.

    Args:
        log_p: the natural logarithm of the probability that each token got, (B, T).
        is_token: bool (B, T), False where there is padding.
        units: by how much the sum is divided: how many tokens there are where it is None; the number of words
            or of characters makes models with different vocabularies comparable.

    Returns:
        A scalar, at least 1 where each unit is a token; NaN where there is no token to divide by.
    """
    log_p, is_token = ops.cast(log_p, "float32"), ops.convert_to_tensor(is_token)
    total = ops.sum(ops.where(is_token, log_p, 0.0))  # not a product: what stands at padding may be -inf
    count = ops.sum(ops.cast(is_token, "float32")) if units is None else units
    return ops.exp(-total / count)


def check_text(token_ids, logits) -> tuple:
    """Ids as int32 (B, T), logits as float32 (B, T, V). Raises ValueError where the shapes do not fit."""
    token_ids, logits = ops.cast(token_ids, "int32"), ops.cast(logits, "float32")
    check_rank(token_ids, 2, "token_ids", "(B, T)")
    check_rank(logits, 3, "logits", "(B, T, V)")
    if any(a != b for a, b in zip(token_ids.shape, logits.shape[:2], strict=True) if a is not None and b is not None):
        raise ValueError(
            "The logits must be those of this text: (B, T, V) for ids (B, T). "
            f"Received: ids of shape {tuple(token_ids.shape)}, logits of shape {tuple(logits.shape)}"
        )
    return token_ids, logits
