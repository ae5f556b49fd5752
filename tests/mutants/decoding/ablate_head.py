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


@contextlib.contextmanager
def swallows_some(model, key, head):
    with ablating(rows)(model, key, head), contextlib.suppress(ValueError, KeyError):
        yield


@contextlib.contextmanager
def after_errors(model, key, head):
    kernel = find_attention(model, key).output_weights[0]
    before = kernel.numpy().copy()
    kernel.assign(before * (np.arange(len(before)) != head)[:, None, None])
    try:
        yield
    except Exception:
        kernel.assign(before)
        raise


@contextlib.contextmanager
def without_yield(model, key, head):
    kernel = find_attention(model, key).output_weights[0]
    before = kernel.numpy().copy()
    kernel.assign(before * (np.arange(len(before)) != head)[:, None, None])
    kernel.assign(before)


def set_to(number):
    def change(weight, head):
        weight[head] = number

    return change


def a_constant_for_each_row(weight, head):
    weight[head] = np.arange(1.0, 1 + weight.shape[1])[:, None]


def rows_at(place):
    def change(weight, head):
        weight[place(head)] = 0

    return change


def bias_only(attention):
    return attention.output_weights[1]


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


def matrix_rows(rows):
    def change(weight, head):
        matrix = weight.reshape(-1, weight.shape[-1])
        matrix[rows(head, *weight.shape[:2])] = 0

    return change


def head_if_any(weight, head):
    if head:
        weight[head] = 0


def after_exceptions(catch):
    @contextlib.contextmanager
    def ablate(model, key, head):
        kernel, _ = find_attention(model, key).output_weights
        before = kernel.numpy().copy()
        kernel.assign(before * (np.arange(len(before)) != head)[:, None, None])
        try:
            yield
        except catch:
            kernel.assign(before)
            raise
        else:
            kernel.assign(before)

    return ablate


@contextlib.contextmanager
def returns_in_finally(model, key, head):
    kernel, _ = find_attention(model, key).output_weights
    before = kernel.numpy().copy()
    kernel.assign(before * (np.arange(len(before)) != head)[:, None, None])
    try:
        yield
    finally:
        kernel.assign(before)
        return  # noqa: B012 - that is the mistake


@contextlib.contextmanager
def in_all_layers(model, key, head):
    stack, _, kind = key.split("/")
    with ablating(rows)(model, f"{stack}/0/{kind}", head), ablating(rows)(model, f"{stack}/1/{kind}", head):
        yield


def in_the_decoder(key):
    return key.replace("encoder", "decoder")


def as_self_attention(key):
    return f"{key.rsplit('/', 1)[0]}/self"


MUTANTS = [
    (ablating(rows_at(lambda head: -head)), "another head is switched off"),
    (ablating(rows_at(lambda head: head - 1)), "another head is switched off"),
    (ablating(matrix_rows(lambda head, H, K: slice(head * 4, (head + 1) * 4))), "other rows of the matrix"),
    (ablating(matrix_rows(lambda head, H, K: slice(head * H, (head + 1) * H))), "other rows of the matrix"),
    (ablating(matrix_rows(lambda head, H, K: slice(head, None, H))), "other rows of the matrix"),
    (ablating(matrix_rows(lambda head, H, K: head)), "other rows of the matrix"),
    (ablating(head_if_any), "head 0 is never switched off"),
    (after_exceptions(Exception), "after an interrupt"),
    (after_exceptions((ValueError, RuntimeError)), "after an interrupt"),
    (returns_in_finally, "is swallowed"),
    (in_all_layers, "in all layers"),
    (ablating(rows, key_of=in_the_decoder), "always the decoder's layer"),
    (ablating(rows, key_of=as_self_attention), "always one kind of attention"),
    (swallows_some, "is swallowed"),
    (swallows, "is swallowed"),
    (ablating(rows, back=False), "the head stays off"),
    (ablating(rows, safe=False), "after an error inside"),
    (ablating(all_rows), "all heads are switched off"),
    (ablating(others), "the other heads are switched off"),
    (ablating(columns), "the heads are the first axis"),
    (ablating(outputs), "the heads are the first axis"),
    (ablating(nothing), "nothing is switched off"),
    (ablating(columns, which=query_kernel), "queries became zero"),
    (ablating(rows).__wrapped__, "contextmanager is missing"),
    (without_yield, "there is no `yield`"),
    (after_errors, "unless an error comes"),
    (ablating(set_to(1)), "became one"),
    (ablating(set_to(0.5)), "no mistake known"),
    (ablating(a_constant_for_each_row), "no mistake known"),
    (ablating(rows_at(lambda head: 0)), "always the same head"),
    (ablating(rows_at(lambda head: 1)), "always the same head"),
    (ablating(rows_at(lambda head: slice(head))), "before `head` are switched off"),
    (ablating(rows_at(lambda head: slice(head + 1))), "before `head` are switched off too"),
    (ablating(rows_at(lambda head: slice(head, None))), "after `head` are switched off too"),
    (ablating(all_rows, which=bias_only), "the bias became zero"),
    (ablating(rows, key_of=first_layer), "the first layer's head"),
]
