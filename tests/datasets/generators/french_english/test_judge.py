"""The judge of English sentences: a yes is certain, and real sentences mostly get one."""

import pytest

from utils.datasets.generators.french_english import load
from utils.datasets.generators.french_english.judge import Dice, Led, distance, is_given, verb_forms


def test_real_sentences_are_given():
    real = [english for _, english in load("test_random")[:30]]
    assert sum(map(is_given, real)) >= 24


@pytest.mark.parametrize(
    "sentence",
    [
        "Jane visit Africa",
        "Jane visits visits Africa",
        "The bakers goes to Africa",
        "They is ill",
        "Jane visits Africa in in September",
        "Africa visits Jane",
        "I visits Africa",
        "jane visits Africa",
        "Jane visits Africa.",
        "",
    ],
)
def test_what_is_no_english_of_the_grammar_is_not_given(sentence):
    assert not is_given(sentence, draws=300)


def test_a_draw_that_goes_on_too_long_is_given_up(monkeypatch):
    sentence = "Jane visits Africa in September"
    assert is_given(sentence, draws=400)
    monkeypatch.setattr("utils.datasets.generators.french_english.judge.THROWS", 3)
    assert not is_given(sentence, draws=400)


def test_the_sentence_decides_alone():
    sentence = "Jane visits Africa in September"
    assert [is_given(sentence, draws=n) for n in (400, 400)] == [True, True]


def test_it_is_led_by_what_stands_in_the_sentence():
    led = Led("Emma ate the apples in Lisbon")
    assert led.suits("simple_statement") and not led.suits("simple_question") and not led.suits("because")
    assert "ate" in verb_forms("eat") and led.has(verb_forms("eat")) and not led.has(verb_forms("give"))


@pytest.mark.parametrize(
    "a, b, expected", [("", "", 0), ("a b c", "a b c", 0), ("a b c", "a x c", 1), ("a b", "b", 1), ("", "a b", 2)]
)
def test_distance_counts_words(a, b, expected):
    assert distance(a.split(), b.split()) == distance(b.split(), a.split()) == expected


def test_dice_are_thrown_again_a_few_at_a_time():
    dice = Dice("seed")
    first = [dice.random() for _ in range(20)]
    dice.keep()
    dice.throw_again(everything=False)
    second = [dice.random() for _ in range(20)]
    assert 1 <= sum(a != b for a, b in zip(first, second, strict=True)) <= 2
    dice.throw_again(everything=True)
    assert not set(first) & {dice.random() for _ in range(20)}
