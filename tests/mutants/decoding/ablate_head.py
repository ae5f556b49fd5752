"""Wrong answers to ablate_head."""

import contextlib

import numpy as np

from utils.decoding import (
    find_attention,
)


def ablating(change, back=True, safe=True, which=lambda attention: attention.output_weights[0], key_of=lambda k: k):
    """A learner's context manager with one thing wrong."""

    @contextlib.contextmanager
    def ablate(model, key, head):
        weight = which(find_attention(model, key_of(key)))
        before = weight.numpy().copy()
        after = before.copy()
        change(after, head)
        weight.assign(after)
        if not safe:
            yield
            weight.assign(before)
            return
        try:
            yield
        finally:
            if back:
                weight.assign(before)

    return ablate


def swallows(model, key, head):
    with_care = ablating(rows)

    @contextlib.contextmanager
    def ablate():
        with with_care(model, key, head):
            try:
                yield
            except Exception:  # noqa: BLE001 - that is the mistake
                pass

    return ablate()


def rows(weight, head):
    weight[head] = 0


def all_rows(weight, head):
    weight[:] = 0


def columns(weight, head):
    weight[:, head] = 0


def outputs(weight, head):
    weight[..., head] = 0


def others(weight, head):
    weight[np.arange(len(weight)) != head] = 0


def nothing(weight, head):
    pass


def query_kernel(attention):
    return attention.query_weights[0]


def first_layer(key):
    stack, _, kind = key.split("/")
    return f"{stack}/0/{kind}"


MUTANTS = [
    (swallows, "is swallowed"),
    (ablating(rows, back=False), "the head stays off"),
    (ablating(rows, safe=False), "after an error inside"),
    (ablating(all_rows), "all heads are switched off"),
    (ablating(others), "the other heads are switched off"),
    (ablating(columns), "the heads are the first axis"),
    (ablating(outputs), "the heads are the first axis"),
    (ablating(nothing), "nothing is switched off"),
    (ablating(columns, which=query_kernel), "queries became zero"),
    (ablating(rows, key_of=first_layer), "the first layer's head"),
]
