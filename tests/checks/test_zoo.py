"""Lesson 07's zoo: every sabotage can be told from the others, and the verdict cannot be talked round."""

import numpy as np
import pytest

from utils.checks import zoo as z


@pytest.fixture(scope="module")
def facts():
    return {name: z._facts_of(name) for name in z.SABOTAGES} | {"healthy": z._facts(z.healthy())}


def test_each_sabotage_shows_itself_in_another_way(facts):
    assert len({tuple(f) for f in facts.values()}) == len(z.SABOTAGES) + 1
    assert facts["healthy"] == [
        "sees 0 places ahead",
        "does not move when its source is padded",
        "gives no weight to padding in its encoder",
        "gives no weight to padding in its cross-attention",
        "moves when a source word is another",
        "moves when two source words change places",
    ]


def test_one_word_ahead_in_each_layer_adds_up(facts):
    assert facts["sees one word ahead"][0] == "sees 2 places ahead"
    assert facts["sees the whole future"][0] == f"sees {z.TARGET.shape[1] - 1} places ahead"


def test_asked_at_once_a_model_says_what_it_says_one_by_one():
    model, both = z.sabotaged("sees one word ahead"), (z.SOURCE, z.TARGET)
    asked = z._Asked(model)
    z._test(asked)
    asked.ask()
    assert len(asked.answers) == 10
    for (source, target), question in zip(asked.questions.values(), asked.questions, strict=True):
        np.testing.assert_allclose(asked.answers[question][0], z.guesses(model, source, target), atol=2e-6)
    weights = [z.weight_on_padding(m, *both, "decoder/1/cross") for m in (asked, model)]
    np.testing.assert_allclose(*weights, atol=2e-6)


def test_an_animal_that_was_changed_is_measured_anew(capsys):
    zoo = {"fox": z.sabotaged("sees the whole future")}
    assert z.verdict(zoo, {"fox": "sees the whole future"}) == 1
    z._no_positions(zoo["fox"])
    assert z.verdict(zoo, {"fox": "sees the whole future"}) == 0
    assert "the fox does not move when two source words change places" in capsys.readouterr().out


def test_the_seed_draws_who_is_who():
    drawn = [tuple(np.random.default_rng(seed).permutation(list(z.SABOTAGES))) for seed in range(20)]
    assert len(set(drawn)) > 15


def test_the_verdict(facts, capsys):
    animals = z.open_zoo(seed=3)
    who = {tuple(facts[name]): name for name in z.SABOTAGES}
    names = {animal: who[tuple(z._facts(model))] for animal, model in animals.items()}
    assert z.verdict(animals, names) == 6
    assert capsys.readouterr().out.count("✓") == 6
    wrong = dict(zip(names, [*list(names.values())[1:], names["badger"]], strict=True))
    assert z.verdict(animals, wrong) == 0
    text = capsys.readouterr().out
    assert text.count("✗") == 6 and all(f"; the {animal} " in text for animal in z.ANIMALS)
    assert z.verdict(animals, {"badger": "is asleep", "fox": "?"}) == 0
    text = capsys.readouterr().out
    assert "'is asleep' is none of the six" in text and text.count("not named yet") == 5
