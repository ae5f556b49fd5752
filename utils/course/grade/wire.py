"""Results on their way out of a box: plain values in JSON and raw numbers, their sizes bounded. Nothing is unpickled.

Both sides use this file: `encode` inside, where nobody is trusted, and `decode` outside, which believes nothing.
"""

import json
import math
import re

import numpy as np

HEAD = 4 * 2**20  # bytes of a message's JSON, which takes many times as much memory once it is read
NUMBERS = 2 * 2**20  # in all its arrays: a judgement makes some fifty bytes of each; right answers have 180,000 at most
LARGEST = HEAD + 1 + 8 * NUMBERS  # bytes of a message
DEEPEST = 20  # lists within lists
TEXT = 100_000  # characters of a text
CHARACTERS = 2**24  # of a list of texts as an array, in which each takes as much room as the longest
KEYS = 1000  # of a dictionary that are tuples: many that share a hash, chosen to, would keep a reader busy
AXES = 16
NODE = 11  # bytes of JSON that a value takes at least
DTYPES = {"bool", "bfloat16", "complex64", "complex128"} | {
    f"{kind}{bits}" for kind, every in (("int", (8, 16, 32, 64)), ("uint", (8, 16, 32, 64)), ("float", (16, 32, 64)))
    for bits in every
}  # fmt: skip


class WireError(Exception):
    """What came out of a box is no message: too large, cut short, or something else."""


class TooLarge(ValueError):
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
    blobs = Blobs((LARGEST - HEAD - 1) // share, NUMBERS // share, most)
    node = _node(value, crash, blobs, 0)
    _widest(node)
    head = json.dumps({"value": node, "blobs": [len(blob) for blob in blobs]})
    if len(head) > most:
        raise TooLarge
    return head.encode() + b"\n" + b"".join(blobs)


class Blobs(list):
    """The bytes of arrays, and how many of them, of numbers, and of bytes of the line of JSON, there may still be."""

    def __init__(self, *left: int):
        super().__init__()
        self.left = left

    def take(self, *added: int) -> None:
        """Counts what is added: bytes of an array, its numbers, bytes of JSON."""
        self.left = tuple(left - more for left, more in zip(self.left, added, strict=True))
        if min(self.left) < 0:
            raise TooLarge


class Parts:
    """The arrays' bytes in a message, each given out once and in order: or a small reply grows."""

    def __init__(self, blobs: list[bytes]):
        self.blobs, self.left = enumerate(blobs), NUMBERS

    def take(self, blob: int, count: int) -> bytes:
        """The bytes of the next array, of so many numbers."""
        self.left -= count
        number, numbers = next(self.blobs, (None, b""))
        if number != blob or self.left < 0:
            raise ValueError
        return numbers


def _widest(node: dict) -> tuple[int, int]:
    """How many values a node holds, and the length of its longest text: in a list together they may be too much."""
    ((kind, content),) = node.items()
    if kind == "text":
        return 1, len(content[:TEXT])
    if kind == "dict":
        for _, value in content:
            _widest(value)
    if kind not in ("list", "tuple"):
        return 1, 0
    parts = [_widest(part) for part in content]
    count, longest = sum(count for count, _ in parts), max((longest for _, longest in parts), default=0)
    if count * longest > CHARACTERS:
        raise TooLarge
    return count, longest


def _node(value, crash: type, blobs: Blobs, depth: int) -> dict:
    array = (value.nbytes, _room(value.shape)) if isinstance(value, np.ndarray) else (0, 0)
    blobs.take(*array, NODE + (len(value[:TEXT]) if isinstance(value, str) else 0))
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
        if sum(type(key) is tuple for key in value) > KEYS:
            raise TooLarge
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
        _widest(parsed["value"])
        return _value(parsed["value"], crash, Parts([rest[a:b] for a, b in zip(ends, ends[1:], strict=False)]), 0)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OverflowError) as error:
        raise WireError(f"the reply cannot be read: {type(error).__name__}") from error


def _value(node: dict, crash: type, blobs: Parts, depth: int):
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
        if sum(type(key) is tuple for key, _ in pairs) > KEYS:
            raise ValueError
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


def _room(shape) -> int:
    """How many numbers an array has, or would have without its empty axes: a sum over one has so many."""
    return math.prod(n or 1 for n in shape)


def _array(dtype: str, shape: list, blob: int, blobs: Parts) -> np.ndarray:
    if dtype not in DTYPES or len(shape) > AXES or not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError
    if dtype == "bfloat16":
        import ml_dtypes

        kind = np.dtype(ml_dtypes.bfloat16)
    else:
        kind = np.dtype(dtype)
    numbers = blobs.take(blob, _room(shape))
    if math.prod(shape) * kind.itemsize != len(numbers):
        raise ValueError
    return np.frombuffer(numbers, kind).reshape(shape).copy()
