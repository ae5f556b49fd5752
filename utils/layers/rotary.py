"""Rotary positions (Su et al. 2021): queries and keys are turned by their place instead of being moved by it."""

from keras import ops

from utils.layers.contract import check_even

LAYOUTS = ("halves", "interleaved")


def rotary_embedding(x, start=0, base: float = 10000.0, layout: str = "halves"):
    """Turns the vector at each place, pair of features by pair, pair j by place / base^(2j/K) (Su et al. 2021).

    Args:
        x: queries or keys (..., T, K), K even.
        start: the place of the first of them, a whole number or a scalar tensor.
        base: how slow the slowest pair is.
        layout: which features are pair j of K/2: "halves" j and j + K/2, "interleaved" 2j and 2j + 1.

    Returns:
        (..., T, K) in x's dtype, every vector as long as it was. The angles are float32 whatever that is.

    Raises:
        ValueError: K is odd, or there is no such layout.
    """
    x = ops.convert_to_tensor(x)
    K = check_layout(x.shape[-1], layout)
    places = ops.cast(start, "float32") + ops.arange(ops.shape(x)[-2], dtype="float32")  # (T,)
    angles = places[:, None] * base ** (ops.arange(K // 2, dtype="float32") * (-2 / K))  # (T, K/2)
    cos, sin = ops.cast(ops.cos(angles), x.dtype), ops.cast(ops.sin(angles), x.dtype)
    if layout == "halves":
        a, b = x[..., : K // 2], x[..., K // 2 :]
        return ops.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)
    a, b = x[..., 0::2], x[..., 1::2]  # (..., T, K/2)
    turned = ops.stack([a * cos - b * sin, b * cos + a * sin], axis=-1)  # (..., T, K/2, 2)
    return ops.reshape(turned, ops.shape(x))


def check_layout(K: int, layout: str) -> int:
    """K, the width of a head. Raises ValueError where it is odd, or where there is no such layout."""
    check_even(K)
    if layout not in LAYOUTS:
        raise ValueError(f'`layout` must be "halves" or "interleaved". Received: layout={layout!r}')
    return K


def to_halves(kernel, num_heads: int):
    """A query's or key's kernel, made for interleaved pairs, with its columns put in order for halves.

    Scores stay as they were: the features of both change places alike. (The first Llama files are interleaved,
    those that `transformers` reads have halves.)

    Args:
        kernel: (D, H·K), or a bias (H·K,).
        num_heads: H.

    Returns:
        The same shape.
    """
    shape = tuple(kernel.shape)
    pairs = ops.reshape(kernel, (*shape[:-1], num_heads, -1, 2))  # (..., H, K/2, 2)
    return ops.reshape(ops.swapaxes(pairs, -1, -2), shape)
