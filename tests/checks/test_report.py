"""What a learner reads of an answer that fails: its own lines, named inputs, the first numbers that differ."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from utils.checks.frame import Exercise, Mistake, Property, brief, case, examine, plain
from utils.checks.interaction import as_text
from utils.decoding import check_request


def exercise(reference, cases, run=None, mistakes=(), tolerance=1e-4):
    options = {"run": run} if run else {}
    properties = tuple(Property(f"property {n}", 1, lambda rng, c=c: c, **options) for n, c in enumerate(cases))
    return Exercise("answer", "00_start_here", reference, properties, mistakes, ("a", "b", "c"))


def read(answer, *args, **kwargs):
    return as_text(examine(answer, exercise(*args, **kwargs), seed=1))


def twice(x):
    return 2 * x


def test_large_arrays_are_shown_where_they_differ():
    def slip(x):
        y = 2 * x
        y[1, 4, 3:] += 1
        return y

    text = read(slip, twice, [[case(np.zeros((2, 5, 6)))]])
    assert "expected  [0., 0., 0.]  at [1, 4, 3:] of the result, shape (2, 5, 6)" in text
    assert "yours     [1., 1., 1.]  at [1, 4, 3:]" in text
    assert "float64 array" not in text.split("What is wrong")[1].split("expected")[1]


def test_a_dtype_that_may_differ_is_no_difference():
    def narrow(x):
        return (2 * x).astype("float32") + 1

    text = read(narrow, twice, [[case(np.zeros((3, 30)))]])
    assert "float32" not in text and "expected  [0., 0., 0., 0.]  at [0, 0:]" in text


def test_not_a_number_is_a_difference():
    text = read(lambda x: np.where(np.arange(30) == 7, np.nan, 2 * x), twice, [[case(np.zeros(30))]])
    assert "yours     [nan, 0., 0., 0.]  at [7:]" in text


@pytest.mark.parametrize("alike", [np.nan, np.inf])
def test_what_is_no_number_in_both_is_none(alike):
    right = np.r_[alike, np.zeros(29)]
    text = read(lambda x: np.where(np.arange(30) == 7, 1, right), lambda x: right, [[case(np.zeros(30))]])
    assert "yours     [1., 0., 0., 0.]  at [7:]" in text


def test_complex_numbers_are_shown_where_they_differ():
    text = read(lambda x: np.where(np.arange(30) == 7, 2j, 0), twice, [[case(np.zeros(30))]])
    assert "at [7:]" in text and "2.j" in text


def test_inputs_have_the_names_of_what_uses_them():
    def use(answer, query, key):
        return answer()(query, key)

    class Adds:
        def __call__(self, a, b):
            return a + b

    class Subtracts(Adds):
        def __call__(self, a, b):
            return a - b

    text = read(Subtracts, Adds, [[case(np.ones(2), np.ones(2))]], run=use)
    assert "input     query = [1., 1.]" in text and "input     key = [1., 1.]" in text


def test_a_dictionary_with_other_keys_is_no_error_of_the_answer():
    def use(answer, x):
        return np.array(answer(x)["f1"])

    text = read(lambda x: {"F1": x, "em": x}, lambda x: {"f1": x}, [[case(1.0)]], run=use)
    assert "'f1' is missing in the dictionary that came back; its keys are ['F1', 'em']" in text
    assert "it raised" not in text


@pytest.mark.parametrize(("given", "words"), [((1,), "a tuple of 1"), (3, "int"), (np.zeros((4, 2)), "shape (4, 2)")])
def test_what_cannot_be_used_is_described(given, words):
    def use(answer, x):
        first, second, third = answer(x)
        return first + second + third

    text = read(lambda x: given, lambda x: (x, x, x), [[case(1.0)]], run=use)
    assert "what came back is not what is asked for" in text and words in text
    assert "it raised" not in text


def test_the_learners_line_is_quoted_and_not_the_librarys():
    class Model:
        input_vocab_size, max_positional_encoding_target, max_positional_encoding_input = 5, 9, 9

    def asks_too_much(x):
        return check_request(Model(), x, 10)  # ten of nine

    text = read(asks_too_much, lambda x: x, [[case(np.zeros((1, 3), "int32"))]])
    assert "it raised ValueError" in text and "check_request(Model(), x, 10)" in text
    assert "raise ValueError" not in text


def test_a_mistake_that_fails_where_the_answer_holds_is_not_named():
    cases = [[case(3.0)], [case(-2.0)]]
    wrong = (Mistake("squared", lambda x: x * x - 3), Mistake("a constant", lambda x: 6.0))
    tripled = exercise(lambda x: 3 * x, cases, mistakes=wrong)
    report = examine(lambda x: 6.0 if x > 0 else -6.0, tripled, seed=1)
    assert report.outcomes == [False, True]
    assert "no mistake known" in report.failure.diagnosis


def test_of_two_that_fit_the_first_property_the_one_that_fits_more_is_named():
    cases = [[case(2.0)], [case(3.0)]]
    wrong = (Mistake("squared", lambda x: x * x), Mistake("twice", lambda x: 2 * x))
    report = examine(lambda x: 2 * x, exercise(lambda x: 3 * x, cases, mistakes=wrong), seed=1)
    assert report.failure.diagnosis == "twice"


def test_a_mistake_that_passes_the_part_is_not_named_for_being_near():
    wrong = (Mistake("a little off", lambda x: 2 * x + 0.00006), Mistake("off by more", lambda x: 2 * x + 0.00011))
    first = examine(lambda x: 2 * x + 0.00011, exercise(twice, [[case(0.0)]], mistakes=wrong[:1]), seed=1)
    assert first.outcomes == [False] and "no mistake known" in first.failure.diagnosis
    both = examine(lambda x: 2 * x + 0.00011, exercise(twice, [[case(0.0)]], mistakes=wrong), seed=1)
    assert both.failure.diagnosis == "off by more"


def test_a_mistake_that_gives_a_list_is_no_trouble():
    wrong = (Mistake("a list", lambda x: []), Mistake("a constant", lambda x: np.array(True)))
    report = examine(lambda x: np.array(True), exercise(lambda x: None, [[case(1.0)]], mistakes=wrong), seed=1)
    assert report.failure.diagnosis == "a constant"


def leaked():
    """A tensor of a graph that is traced and gone."""
    held = []
    tf.function(lambda x: held.append(x + 1) or x).get_concrete_function(tf.TensorSpec((), "float32"))
    return held[0]


BFLOATS = {
    "a number": lambda: tf.cast(1.5, "bfloat16"),
    "an array": lambda: tf.cast([1.5, 2.0], "bfloat16"),
    "a variable": lambda: tf.Variable(tf.cast(1.5, "bfloat16")),
    "Keras's variable": lambda: keras.Variable(1.5, dtype="bfloat16"),
    "one of two": lambda: (tf.cast(1.5, "bfloat16"), tf.constant(1.0))[0],
}


@pytest.mark.parametrize("made", BFLOATS.values(), ids=BFLOATS)
def test_bfloat16_is_read(made):
    value = plain(made())
    assert value.dtype.name == "bfloat16" and value.astype("float32").flat[0] == 1.5
    right = exercise(lambda: np.asarray(value, "float32"), [[case()]])
    assert examine(made, right, seed=1).passed
    text = read(made, lambda: np.asarray(value, "float32") + 1, [[case()]])
    assert "the numbers differ" in text and "1.5" in text


UNREADABLE = {
    "slices": (lambda: tf.IndexedSlices(tf.ones((1,)), tf.constant([0])), "IndexedSlices (ValueError"),
    "leaked": (leaked, "SymbolicTensor (NotImplementedError"),
    "one of two": (lambda: (tf.constant(1.0), leaked()), "tuple (NotImplementedError"),
}


def test_what_came_back_without_a_known_rank_is_a_line_too():
    """Of these slices nobody knows the shape, and the property wants to look into them."""
    wanted = Property("p", 1, lambda rng: [case()], run=lambda answer: answer().numpy())
    whole = Exercise("f", "00_start_here", lambda: tf.ones(3), (wanted,), (), ("one", "two", "three"))
    report = examine(lambda: tf.IndexedSlices(tf.ones((1,)), tf.constant([0])), whole, seed=1)
    assert "compare it with the text: a tensor of shape <unknown>" in report.failure.diagnosis


@pytest.mark.parametrize(("made", "words"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_a_line_and_no_error_of_the_check(made, words):
    text = read(made, lambda: np.float32(1.0), [[case()]])
    assert f"what came back cannot be read as numbers: {words}" in text
    assert "Crash" not in brief(made())
