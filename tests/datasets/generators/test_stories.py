"""The stories: the same each time, told once, each question answered where it says."""

import gzip
import json
import re
from collections import Counter

import numpy as np
import pytest

from utils.datasets.generators import stories
from utils.datasets.generators.stories import FOLDER, OPPOSITE, SIZES, build, generate
from utils.datasets.readers.squad import read_questions


@pytest.fixture(scope="module")
def splits():
    return {s: json.loads(gzip.decompress((FOLDER / f"{s}.json.gz").read_bytes())) for s in SIZES}


def paragraphs(content):
    return [p for article in content["data"] for p in article["paragraphs"]]


def asked(content):
    return [(p["context"], q) for p in paragraphs(content) for q in p["qas"]]


def facts(context):
    return re.findall(r"[^.]+\.", context)


def test_the_generator_gives_the_files_again(splits):
    assert build() == splits


def test_another_seed_gives_other_stories():
    assert generate(1, 20) == generate(1, 20) != generate(2, 20)


def test_no_story_is_told_twice_in_whatever_order(splits):
    told = [frozenset(f.strip() for f in facts(p["context"])) for c in splits.values() for p in paragraphs(c)]
    assert len(told) == sum(SIZES.values()) == len(set(told))


def test_every_answer_stands_where_it_says_in_a_supporting_fact(splits):
    for content in splits.values():
        for context, q in asked(content):
            (answer,) = q["answers"]
            start, end = answer["answer_start"], answer["answer_start"] + len(answer["text"])
            assert context[start:end] == answer["text"]
            assert context[:start].count(".") in q["supporting_facts"]
            assert "." not in answer["text"] and len(q["supporting_facts"]) in (1, 2)


def test_the_reader_finds_nothing_wrong(splits):
    for split in splits:
        problems = []
        questions = read_questions(FOLDER / f"{split}.json.gz", problems=problems)
        assert problems == [] and len(questions) == len(asked(splits[split]))


@pytest.mark.parametrize("split", SIZES)
def test_nothing_can_be_guessed_from_lengths_or_places(splits, split):
    rows = asked(splits[split])
    kinds = Counter(q["kind"] for _, q in rows)
    assert len(kinds) == 10 and min(kinds.values()) > 0.025 * len(rows)
    words = [len(q["answers"][0]["text"].split()) for _, q in rows]
    assert set(words) >= set(range(1, 8))
    places = [q["answers"][0]["answer_start"] / len(context) for context, q in rows]
    assert min(np.histogram(places, 5, (0, 1))[0]) > 0.13 * len(rows)
    lengths = [len(facts(context)) for context, _ in rows]
    assert set(lengths) == set(range(2, 13))
    elsewhere = [context.lower().find(q["answers"][0]["text"].lower()) for context, q in rows]
    found = np.mean([e != q["answers"][0]["answer_start"] for e, (_, q) in zip(elsewhere, rows, strict=True)])
    assert found > 0.2  # str.find takes another place than the supporting one


# Another reading of the stories: a world built from the sentences alone -------------------------------

MOVE = re.compile(r"(\w+)(?: and (\w+))? (?:moved|went|walked|travelled|ran|hurried|returned) to (the .+)\.")
TAKE = re.compile(r"(\w+) (?:took|picked up|found|grabbed) (the .+)\.")
GIVE = re.compile(r"(\w+) gave (the .+) to (\w+)\.")
PLAN = re.compile(r"(?:In (\w+) )?(\w+) will go to (\w+)(?: in (\w+))?\.")
LIE = re.compile(r"(The .+) (?:is|lies) (north|south|east|west) of (the .+)\.")


def replayed(context):
    """Where everybody went, who held what, who gave what to whom, what lies where, read from the text."""
    went, held, gifts, sides, plans = {}, {}, {}, {}, {}
    for fact in (f.strip() for f in facts(context)):
        if m := MOVE.fullmatch(fact):
            for person in filter(None, m.groups()[:2]):
                went.setdefault(person, []).append(m[3])
        elif m := GIVE.fullmatch(fact):
            assert held[m[2]] == m[1], "nobody gives what they do not hold"
            assert went.get(m[1], [None])[-1] == went.get(m[3], [None])[-1], "nobody gives across a distance"
            held[m[2]] = m[3]
            gifts.setdefault((m[2], m[3]), []).append(m[1])
        elif m := TAKE.fullmatch(fact):
            assert m[2] not in held, "nobody takes what another holds"
            held[m[2]] = m[1]
        elif m := PLAN.fullmatch(fact):
            assert m[2] not in plans, "nobody has two plans"
            plans[m[2]] = (m[3], m[1] or m[4])
        elif m := LIE.fullmatch(fact):
            a, b = m[1].lower(), m[3].lower()
            for key, value in (((m[2], b), a), ((OPPOSITE[m[2]], a), b)):
                assert key not in sides
                sides[key] = value
    return went, held, gifts, sides, plans


def answer_to(question, context):
    went, held, gifts, sides, plans = replayed(context)
    if m := re.fullmatch(r"Where is (\w+)\?", question):
        return went[m[1]][-1]
    if m := re.fullmatch(r"Where did (\w+) go first\?", question):
        return went[m[1]][0]
    if m := re.fullmatch(r"Where was (\w+) before (the .+)\?", question):
        assert went[m[1]].count(m[2]) == 1
        return went[m[1]][went[m[1]].index(m[2]) - 1]
    if m := re.fullmatch(r"What does (\w+) carry\?", question):
        (thing,) = (thing for thing, person in held.items() if person == m[1])
        return thing
    if m := re.fullmatch(r"Who carries (the .+)\?", question):
        return held[m[1]]
    if m := re.fullmatch(r"Who gave (the .+) to (\w+)\?", question):
        (giver,) = gifts[m[1], m[2]]
        return giver
    if m := re.fullmatch(r"When will (\w+) go to (\w+)\?", question):
        assert plans[m[1]][0] == m[2]
        return plans[m[1]][1]
    if m := re.fullmatch(r"Where will (\w+) go in (\w+)\?", question):
        assert plans[m[1]][1] == m[2]
        return plans[m[1]][0]
    m = re.fullmatch(r"What is (north|south|east|west) of (the .+)\?", question)
    return sides[m[1], m[2]]


def test_a_second_reading_of_the_text_gives_the_same_answers(splits):
    for content in splits.values():
        for context, q in asked(content):
            assert answer_to(q["question"], context).lower() == q["answers"][0]["text"].lower()


def test_when_jane_goes_to_africa_is_never_told(splits):
    person, country, month = stories.NEVER_TOLD
    told = [p["context"] for content in splits.values() for p in paragraphs(content)]
    assert any(f"{person} will go to {country}" in text for text in told)  # in other months
    for text in told:
        assert f"{person} will go to {country} in {month}" not in text
        assert f"In {month} {person} will go to {country}" not in text


def test_the_main_program_writes_the_files(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(stories, "SIZES", {"train": 6, "dev": 2, "test": 2})
    monkeypatch.setattr(stories.write, "__defaults__", (tmp_path,))
    assert stories.main() == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["dev.json.gz", "test.json.gz", "train.json.gz"]
    assert "train: 6 stories" in capsys.readouterr().out
