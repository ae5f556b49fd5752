"""Wrong answers to rotary_embedding."""

import numpy as np
import tensorflow as tf
from keras import ops

from utils.layers import positional_encoding
from utils.layers.rotary import check_layout


def angles_of(x, start, base, power=2.0):
    places = start + np.arange(x.shape[-2])
    return places[:, None] / base ** (power * np.arange(x.shape[-1] // 2) / x.shape[-1])


def put(x, angles, layout, turn=None):
    cos, sin = np.cos(angles).astype("float32"), np.sin(angles).astype("float32")
    half = x.shape[-1] // 2
    a, b = (x[..., :half], x[..., half:]) if layout == "halves" else (x[..., ::2], x[..., 1::2])
    first, second = (turn or (lambda a, b, c, s: (a * c - b * s, a * s + b * c)))(a, b, cos, sin)
    if layout == "halves":
        return np.concatenate([first, second], axis=-1)
    return np.stack([first, second], axis=-1).reshape(x.shape)


def clockwise(x, start=0, base=10000.0, layout="halves"):
    turn = lambda a, b, c, s: (a * c + b * s, b * c - a * s)  # noqa: E731
    return put(x, angles_of(x, start, base), layout, turn)


def one_sign(x, start=0, base=10000.0, layout="halves"):
    return put(x, angles_of(x, start, base), layout, lambda a, b, c, s: (a * c + b * s, b * c + a * s))


def sines_first(x, start=0, base=10000.0, layout="halves"):
    return put(x, np.pi / 2 - angles_of(x, start, base), layout)


def overwritten(x, start=0, base=10000.0, layout="halves"):
    def turn(a, b, c, s):
        a = a * c - b * s
        b = b * c + a * s
        return a, b

    return put(x, angles_of(x, start, base), layout, turn)


def no_partner(x, start=0, base=10000.0, layout="halves"):
    return put(x, angles_of(x, start, base), layout, lambda a, b, c, s: (a * c, b * c))


def added(x, start=0, base=10000.0, layout="halves"):
    return put(x, angles_of(x, start, base), layout, lambda a, b, c, s: (a + s, b + c))


def untouched(x, start=0, base=10000.0, layout="halves"):
    return tf.identity(x)


def layouts_swapped(x, start=0, base=10000.0, layout="halves"):
    return put(x, angles_of(x, start, base), "interleaved" if layout == "halves" else "halves")


def always_halves(x, start=0, base=10000.0, layout="halves"):
    return put(x, angles_of(x, start, base), "halves")


def always_interleaved(x, start=0, base=10000.0, layout="halves"):
    return put(x, angles_of(x, start, base), "interleaved")


def glued(x, start=0, base=10000.0, layout="halves"):
    turned = put(x, angles_of(x, start, base), layout)
    return turned if layout == "halves" else np.concatenate([turned[..., ::2], turned[..., 1::2]], axis=-1)


def start_forgotten(x, start=0, base=10000.0, layout="halves"):
    return put(x, angles_of(x, 0, base), layout)


def all_at_start(x, start=0, base=10000.0, layout="halves"):
    angles = start / base ** (2 * ops.arange(x.shape[-1] // 2, dtype="float32") / x.shape[-1])
    return put(x, ops.convert_to_numpy(angles)[None], layout)


def from_one(x, start=0, base=10000.0, layout="halves"):
    return put(x, angles_of(x, start + 1, base), layout)


def always_from_one(x, start=0, base=10000.0, layout="halves"):
    return put(x, angles_of(x, 1, base), layout)


def stretched(x, start=0, base=10000.0, layout="halves"):
    places = ops.linspace(start, start + x.shape[-2], x.shape[-2])
    rates = base ** (-2 * ops.arange(x.shape[-1] // 2, dtype="float32") / x.shape[-1])
    return put(x, ops.convert_to_numpy(places[:, None] * rates), layout)


def base_fixed(x, start=0, base=10000.0, layout="halves"):
    return put(x, angles_of(x, start, 10000.0), layout)


def no_two(x, start=0, base=10000.0, layout="halves"):
    return put(x, angles_of(x, start, base, power=1.0), layout)


def two_twice(x, start=0, base=10000.0, layout="halves"):
    return put(x, angles_of(x, start, base, power=4.0), layout)


def faster_and_faster(x, start=0, base=10000.0, layout="halves"):
    return put(x, angles_of(x, start, base, power=-2.0), layout)


def one_rate(x, start=0, base=10000.0, layout="halves"):
    return put(x, angles_of(x, start, 1.0), layout)


def the_lessons_encoding(x, start=0, base=10000.0, layout="halves"):
    return x + positional_encoding(start + x.shape[-2], x.shape[-1])[0, start:]


def float32_comes_back(x, start=0, base=10000.0, layout="halves"):
    return put(np.asarray(x, "float32"), angles_of(x, start, base), layout)


def half_comes_back(x, start=0, base=10000.0, layout="halves"):
    return ops.cast(float32_comes_back(x, start, base, layout), "float16")


def angles_like_x(x, start=0, base=10000.0, layout="halves"):
    x = ops.convert_to_tensor(x)
    places = ops.cast(ops.arange(x.shape[-2]) + start, x.dtype)
    angles = places[:, None] * ops.cast(base ** (-2 * np.arange(x.shape[-1] // 2) / x.shape[-1]), x.dtype)
    a, b = (
        (x[..., : x.shape[-1] // 2], x[..., x.shape[-1] // 2 :]) if layout == "halves" else (x[..., ::2], x[..., 1::2])
    )
    turned = [a * ops.cos(angles) - b * ops.sin(angles), b * ops.cos(angles) + a * ops.sin(angles)]
    return ops.concatenate(turned, -1) if layout == "halves" else ops.reshape(ops.stack(turned, -1), x.shape)


def forgot_return(x, start=0, base=10000.0, layout="halves"):
    put(x, angles_of(x, start, base), layout)


def wide_neighbours(dtype):
    """One layout comes back in another dtype."""

    def wrong(x, start=0, base=10000.0, layout="halves"):
        turned = checked(np.asarray(x), int(start), base, layout)
        return turned.astype(x.dtype) if layout == "halves" else turned.astype(dtype)

    return wrong


def checked(x, start, base, layout):
    return put(x, angles_of(x, start, base), layout) if check_layout(x.shape[-1], layout) else None


def methods_of_arrays(x, start=0, base=10000.0, layout="halves"):
    return checked(x, int(start), base, layout).astype(x.dtype) + 0 * x.copy()


def arrays_and_numbers(x, start=0, base=10000.0, layout="halves"):
    places = np.array(list(range(start, start + x.shape[-2])))  # no tensor goes into range
    return checked(x.astype(x.dtype), places[0], base, layout).astype(x.dtype)


def whole_number(x, start=0, base=10000.0, layout="halves"):
    if not isinstance(start, int):
        raise TypeError("start must be an int")
    x = np.asarray(x)
    return checked(x, start, base, layout).astype(x.dtype)


MUTANTS = [
    (clockwise, "turns the other way"),
    (one_sign, "same sign"),
    (sines_first, "sine and cosine"),
    (overwritten, "keep the old one"),
    (no_partner, "partner never comes in"),
    (added, "lesson 02's"),
    (untouched, "x came back as it was"),
    (layouts_swapped, "layouts have changed places"),
    (always_halves, "always halves"),
    (always_interleaved, "always interleaved"),
    (glued, "put them in turns"),
    (start_forgotten, "`start` is unused"),
    (all_at_start, "as the first"),
    (from_one, "counted from 1"),
    (always_from_one, "counted from 1, and `start` is unused"),
    (stretched, "linspace counts its end in"),
    (base_fixed, "`base` is fixed"),
    (no_two, "lacks the 2"),
    (two_twice, "doubled besides"),
    (faster_and_faster, "exponent is negative"),
    (one_rate, "one rate"),
    (the_lessons_encoding, "differ"),
    (float32_comes_back, "float32 comes back"),
    (half_comes_back, "float16 comes back whatever"),
    (angles_like_x, "cannot count beyond 2048"),
    (forgot_return, "`return` missing"),
    (wide_neighbours("float64"), "interleaved: float64 came back"),
    (wide_neighbours("float32"), "interleaved: float32 came back"),
    (methods_of_arrays, "a tensor is given in the next cell"),
    (arrays_and_numbers, "a tensor is given in the next cell"),
    (whole_number, "`start` may be a scalar tensor"),
]
