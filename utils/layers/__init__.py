"""The Transformer's parts as Keras layers, from a position's encoding to the whole machine.

All of them use `keras.ops` only and run on TensorFlow, JAX and PyTorch. Masks are boolean, True = may attend.
Shapes: B batch, T query length, S key length, H heads, K head width, D model width, V vocabulary.
"""

from utils.layers.attention import (
    MultiHeadAttention,
    ScaledDotProductAttention,
    merge_heads,
    scaled_dot_product_attention,
    split_heads,
)
from utils.layers.block import Block, BlockStack
from utils.layers.decoder import Decoder, DecoderLayer, shift_right
from utils.layers.encoder import Encoder, EncoderLayer, FeedForward, layer_norm
from utils.layers.gated import SwiGLU, rms_norm
from utils.layers.grouped import GroupedQueryAttention, cache_bytes
from utils.layers.language_model import LanguageModel, next_token_loss, perplexity
from utils.layers.masks import (
    LookAheadMask,
    PaddingMask,
    combine_masks,
    create_look_ahead_mask,
    create_padding_mask,
    mask_to_additive,
)
from utils.layers.positional_encoding import PositionalEncoding, get_angles, positional_encoding, shift_matrix
from utils.layers.rotary import rotary_embedding, to_halves
from utils.layers.transformer import Transformer, count_parameters

__all__ = [
    "Block",
    "BlockStack",
    "Decoder",
    "DecoderLayer",
    "Encoder",
    "EncoderLayer",
    "FeedForward",
    "GroupedQueryAttention",
    "LanguageModel",
    "LookAheadMask",
    "MultiHeadAttention",
    "PaddingMask",
    "PositionalEncoding",
    "ScaledDotProductAttention",
    "SwiGLU",
    "Transformer",
    "cache_bytes",
    "combine_masks",
    "count_parameters",
    "create_look_ahead_mask",
    "create_padding_mask",
    "get_angles",
    "layer_norm",
    "mask_to_additive",
    "merge_heads",
    "next_token_loss",
    "perplexity",
    "positional_encoding",
    "rms_norm",
    "rotary_embedding",
    "scaled_dot_product_attention",
    "shift_matrix",
    "shift_right",
    "split_heads",
    "to_halves",
]
