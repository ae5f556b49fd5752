"""Results on their way out of a box: plain values in JSON and raw numbers, their sizes bounded. Nothing is unpickled.

Both sides use this file: `encode` inside, where nobody is trusted, and `decode` outside, which believes nothing.
"""

import json
import math
import re
from collections.abc import Iterator

import numpy as np

LARGEST = 64 * 2**20  # bytes of a message
HEAD = 4 * 2**20  # bytes of its JSON, which takes many times as much memory once it is read
DEEPEST = 20  # lists within lists
TEXT = 100_000  # characters of a text
AXES = 16
NODE = 11  # bytes of JSON that a value takes at least
DTYPES = {"bool", "bfloat16", "complex64", "complex128"} | {
    f"{kind}{bits}" for kind, every in (("int", (8, 16, 32, 64)), ("uint", (8, 16, 32, 64)), ("float", (16, 32, 64)))
    for bits in every
}  # fmt: skip


class WireError(Exception):
    """What came out of a box is no message: too large, cut short, or something else."""


class TooLarge(Exception):
    """A value that does not fit into a message; the message says what it is."""


class Foreign:
    """Something that is no plain value: what is known of it is the name of its type and a few of its words."""

    def __init__(self, words: str):
        self.words = words

    def __repr__(self) -> str:
        return self.words


def encode(value, crash: type, share: int = 1) -> bytes:
    """A result, as `frame.plain` gives it, or a crash, as bytes: a line of JSON, then the arrays' numbers.

    Args:
        value: the result.
        crash: the class of crashes.
        share: of how many values together this is one: it may have so much less of a message.

    Raises:
        TooLarge: it does not fit.
    """
    most = HEAD // share
    blobs = Blobs((LARGEST - HEAD - 1) // share, most)
    head = json.dumps({"value": _node(value, crash, blobs, 0), "blobs": [len(blob) for blob in blobs]})
    if len(head) > most:
        raise TooLarge
    return head.encode() + b"\n" + b"".join(blobs)


class Blobs(list):
    """The numbers of arrays, and how many bytes of them, and of the line of JSON, there may still be."""

    def __init__(self, most: int, head: int):
        super().__init__()
        self.most, self.head = most, head

    def take(self, array: int, head: int) -> None:
        """Counts what is added."""
        self.most, self.head = self.most - array, self.head - head
        if self.most < 0 or self.head < 0:
            raise TooLarge


def _node(value, crash: type, blobs: Blobs, depth: int) -> dict:
    blobs.take(getattr(value, "nbytes", 0) if isinstance(value, np.ndarray) else 0,
               NODE + (len(value[:TEXT]) if isinstance(value, str) else 0))  # fmt: skip
    if depth > DEEPEST:
        return {"foreign": [type(value).__name__[:60], "nested too deep"]}
    if value is None:
        return {"none": True}
    if type(value) is crash:
        return {"crash": [value.kind[:200], value.line[:1000], bool(value.final)]}
    if isinstance(value, str):
        return {"text": str(value)[:TEXT]}
    if isinstance(value, np.ndarray) and value.dtype.name in DTYPES and value.ndim <= AXES:
        blobs.append(np.ascontiguousarray(np.asarray(value)).tobytes())
        return {"array": [value.dtype.name, list(value.shape), len(blobs) - 1]}
    if isinstance(value, bool):
        return {"bool": bool(value)}
    if isinstance(value, int) and abs(value) < 2**63:
        return {"int": int(value)}
    if isinstance(value, float):
        return {"float": repr(float(value))}
    if type(value) in (tuple, list):
        return {type(value).__name__: [_node(part, crash, blobs, depth + 1) for part in value]}
    if type(value) is dict:
        pairs = [[_node(k, crash, blobs, depth + 1), _node(v, crash, blobs, depth + 1)] for k, v in value.items()]
        return {"dict": pairs}
    try:
        words = repr(value)[:200]
    except Exception:  # noqa: BLE001 - an object that is only half made
        words = ""
    return {"foreign": [type(value).__name__[:60], words]}


def decode(message: bytes, crash: type):
    """The value that a message holds.

    Raises:
        WireError: it is none.
    """
    if len(message) > LARGEST:
        raise WireError(f"a reply of {len(message)} bytes; {LARGEST} are the most")
    head, _, rest = message.partition(b"\n")
    if len(head) > HEAD:
        raise WireError(f"a reply whose first line has {len(head)} bytes; {HEAD} are the most")
    try:
        parsed = json.loads(head)
        lengths = parsed["blobs"]
        if not all(type(n) is int and n >= 0 for n in lengths) or sum(lengths) != len(rest):
            raise WireError("the numbers of the reply do not fit what it says of them")
        ends = np.cumsum([0, *lengths]).tolist()
        blobs = enumerate(rest[a:b] for a, b in zip(ends, ends[1:], strict=False))  # once each: or a small reply grows
        return _value(parsed["value"], crash, blobs, 0)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OverflowError) as error:
        raise WireError(f"the reply cannot be read: {type(error).__name__}") from error


def _value(node: dict, crash: type, blobs: Iterator[tuple[int, bytes]], depth: int):
    if depth > DEEPEST + 1 or len(node) != 1:
        raise ValueError
    ((kind, content),) = node.items()
    if kind == "none":
        return None
    if kind == "text" and isinstance(content, str):
        return content[:TEXT]
    if kind == "bool" and isinstance(content, bool):
        return content
    if kind == "int" and type(content) is int and abs(content) < 2**63:
        return content
    if kind == "float" and isinstance(content, str) and len(content) <= 40:
        return float(content)
    if kind == "array":
        return _array(*content, blobs)
    if kind in ("tuple", "list"):
        return {"tuple": tuple, "list": list}[kind](_value(part, crash, blobs, depth + 1) for part in content)
    if kind == "dict":
        pairs = [(_value(k, crash, blobs, depth + 1), _value(v, crash, blobs, depth + 1)) for k, v in content]
        return dict(pairs)
    if kind == "crash":
        name, line, final = content
        if isinstance(name, str) and isinstance(line, str) and isinstance(final, bool):
            return crash(name[:200], line[:1000], final)
    if kind == "foreign":
        name, words = (str(part) for part in content)
        safe = re.sub(r"\W", "", name)[:60] or "object"
        return type(safe, (Foreign,), {})(words[:200])
    raise ValueError


def _array(dtype: str, shape: list, blob: int, blobs: Iterator[tuple[int, bytes]]) -> np.ndarray:
    if dtype not in DTYPES or len(shape) > AXES or not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError
    if dtype == "bfloat16":
        import ml_dtypes

        kind = np.dtype(ml_dtypes.bfloat16)
    else:
        kind = np.dtype(dtype)
    number, numbers = next(blobs, (None, b""))
    if number != blob or math.prod(shape) * kind.itemsize != len(numbers):
        raise ValueError
    return np.frombuffer(numbers, kind).reshape(shape).copy()
