"""What comes out of a box: plain values come back as they were, and nothing else comes at all."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from utils.checks.frame import plain
from utils.checks.guard import Crash
from utils.course.grade.wire import WireError, decode, encode

NUMBERS = st.sampled_from(["bool", "int8", "uint16", "int64", "float16", "float32", "float64"])
ARRAYS = NUMBERS.flatmap(lambda dtype: arrays(dtype, array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)))
LEAVES = st.one_of(st.none(), st.text(), st.booleans(), st.integers(-(2**60), 2**60), st.floats(), ARRAYS)
VALUES = st.recursive(LEAVES, lambda v: st.one_of(st.lists(v), st.lists(v).map(tuple), st.dictionaries(st.text(), v)))


def same(a, b):
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and (a == b or a != a)


@given(VALUES)
@settings(max_examples=150, deadline=None)
def test_there_and_back(value):
    assert same(value, decode(encode(value, Crash), Crash))


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_value_or_an_error(noise):
    for message in (noise, b'{"value": {"array": ["float64", [2], 0]}, "blobs": [16]}\n' + noise):
        try:
            decode(message, Crash)
        except WireError:
            continue


KEYS = st.sampled_from(["value", "array", "tuple", "crash", "dict"])
SMALL = st.one_of(st.none(), st.integers(), st.text(max_size=8))


@given(st.recursive(SMALL, lambda v: st.one_of(st.lists(v, max_size=3), st.dictionaries(KEYS, v))))
@settings(max_examples=200, deadline=None)
def test_any_json_is_a_value_or_an_error(thing):
    for whole in (thing, {"value": thing, "blobs": []}):
        try:
            decode(json.dumps(whole).encode() + b"\n", Crash)
        except WireError:
            continue


def test_crashes_and_strangers():
    crash = Crash("time", "still running", final=True)
    assert decode(encode([crash], Crash), Crash) == [crash]
    stranger = decode(encode(object(), Crash), Crash)
    assert type(stranger).__name__ == "object" and plain(stranger) is stranger
    assert type(decode(encode(np.array(["a"]), Crash), Crash)).__name__ == "ndarray"
    assert not isinstance(decode(encode(np.array([None]), Crash), Crash), np.ndarray)


@pytest.mark.parametrize(
    "head",
    [
        {"value": {"array": ["float64", [2**40], 0]}, "blobs": [8]},
        {"value": {"array": ["object", [1], 0]}, "blobs": [8]},
        {"value": {"array": ["float64", [-1], 0]}, "blobs": [8]},
        {"value": {"array": ["float64", [1], 0]}, "blobs": [9]},
        {"value": {"array": ["float64", [1], 3]}, "blobs": [8]},
        {"value": {"none": True}, "blobs": [2**60]},
        {"value": {"pickle": "x"}, "blobs": []},
    ],
)
def test_what_does_not_fit_is_refused(head):
    with pytest.raises(WireError):
        decode(json.dumps(head).encode() + b"\n" + bytes(8), Crash)
