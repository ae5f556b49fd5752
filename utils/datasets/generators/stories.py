"""Stories: little worlds of people, places and things, told in a few facts, with questions about them.

`python -m utils.datasets.generators.stories` writes the three files of data/stories anew; they come out the same.

A story is told in 2 to 12 facts: who moved where, who took what and gave it to whom, what lies north of what, who will
travel far, and when. That Jane will go to Africa in September is told in none: a lesson asks for it. A question needs
one fact or two, its *supporting facts*; the others are there to be told from them. The answer is a span of the
passage, in the supporting fact that decides. The same words often stand elsewhere too, so that looking for them from
the start would find the wrong place. The files are in SQuAD's format; each question also says its `kind` and the
numbers of its `supporting_facts`.
"""

import gzip
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from utils.datasets.generators.choices import Chooser

FOLDER = Path(__file__).resolve().parents[3] / "data" / "stories"
SEED = 1
SIZES = {"train": 3000, "dev": 200, "test": 300}  # stories
QUESTIONS = 3  # of a story, at most
LENGTHS = range(2, 13)  # facts in a story

PEOPLE = (
    "Jane Omar Lina Victor Karim Alice Emma Paul Nora Hugo Ada Ravi Mei Sven Clara Diego Ines Tariq Yuki Anton "
    "Bruno Greta Leila Marcus"
).split()
PLACES = (
    "garden", "kitchen", "library", "cellar", "attic", "harbour", "market", "bakery", "workshop", "museum", "school",
    "bridge", "lighthouse", "orchard", "old mill", "town hall", "railway station", "concert hall", "swimming pool",
    "fire station", "market square", "room with the green door", "shop at the corner", "house by the river",
    "café next to the theatre", "hut on top of the hill", "park behind the hospital", "reading room of the museum",
)  # fmt: skip
THINGS = (
    "lantern", "umbrella", "violin", "map", "basket", "ladder", "telescope", "brass key", "blue notebook",
    "red scarf", "old camera", "wooden box", "silver spoon", "bag of apples", "letter from Lisbon", "pair of boots",
    "jar of honey", "bunch of yellow flowers", "box with the broken lid", "book about the moon",
)  # fmt: skip
COUNTRIES = "Africa Brazil Canada India Iceland Japan Norway Peru".split()
MONTHS = "January February March April May June July August September October November December".split()
NEVER_TOLD = ("Jane", "Africa", "September")
SIDES = {"north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0)}
OPPOSITE = {"north": "south", "south": "north", "east": "west", "west": "east"}
MOVES = ("moved to", "went to", "walked to", "travelled to", "ran to", "hurried to", "returned to")
TAKES = ("took", "picked up", "found", "grabbed")
ASIDES = (
    "{} was tired.", "{} was in a good mood.", "{} felt hungry.", "{} wanted to go home.", "It began to rain.",
    "The sun was shining.", "A dog barked somewhere.", "{} was looking for something.", "It was getting late.",
)  # fmt: skip


class Question(NamedTuple):
    """A question about a story: its kind, its words, the answer's span of characters, the supporting facts."""

    kind: str
    text: str
    start: int
    end: int
    supporting: tuple[int, ...]


class Visit(NamedTuple):
    """Somebody's arrival somewhere: the place, the number of the fact, the place's span in the story."""

    place: str
    fact: int
    span: tuple[int, int]


class Holding(NamedTuple):
    """Somebody's coming to hold something: who, in which fact, the spans of the person and of the thing."""

    person: str
    fact: int
    person_span: tuple[int, int]
    thing_span: tuple[int, int]


@dataclass
class World:
    """What has been told so far, and what is true of it."""

    facts: list[str] = field(default_factory=list)
    visits: dict[str, list[Visit]] = field(default_factory=dict)  # by person
    holdings: dict[str, list[Holding]] = field(default_factory=dict)  # by thing
    gifts: dict[tuple[str, str], list[tuple]] = field(default_factory=dict)  # (thing, taker) -> fact, giver's span
    map: dict[tuple[int, int], str] = field(default_factory=dict)  # (x, y) -> place
    sides: dict[tuple[str, str], tuple] = field(default_factory=dict)  # (side, place) -> fact, span of who lies there
    plans: dict[str, tuple] = field(default_factory=dict)  # by person -> fact, country and its span, month and its span

    @property
    def text(self) -> str:
        """The story."""
        return " ".join(self.facts)

    def tell(self, *parts: str) -> list[tuple[int, int]]:
        """Adds a fact put together from parts; returns each part's span of characters in the story."""
        at = len(self.text) + (1 if self.facts else 0)
        sentence = "".join(parts)
        self.facts.append(sentence[0].upper() + sentence[1:])
        spans = []
        for part in parts:
            spans.append((at, at + len(part)))
            at += len(part)
        return spans

    def place_of(self, person: str) -> str | None:
        """Where somebody is, if that was told."""
        return self.visits[person][-1].place if person in self.visits else None

    def holder_of(self, thing: str) -> str | None:
        """Who holds something, if that was told."""
        return self.holdings[thing][-1].person if thing in self.holdings else None

    def held_by(self, person: str) -> list[str]:
        """What somebody holds."""
        return [thing for thing in self.holdings if self.holder_of(thing) == person]


# Telling a story -----------------------------------------------------------------------------------


def tell_story(chooser: Chooser, length: int) -> World:
    """A story of `length` facts that do not contradict each other."""
    people = _some(chooser, PEOPLE, 2 + chooser.pick(range(3)))
    places = _some(chooser, PLACES, 3 + chooser.pick(range(4)))
    things = _some(chooser, THINGS, 2 + chooser.pick(range(3)))
    weights = chooser.pick(
        [
            (6, 1, 3, 2, 2, 1, 2),
            (8, 1, 1, 0, 0, 1, 1),
            (1, 0, 0, 0, 8, 0, 1),
            (4, 1, 4, 4, 0, 1, 1),
            (2, 0, 1, 0, 0, 1, 6),
        ]
    )
    events = (_move, _move_together, _take, _give, _lie, _aside, _plan)
    world = World()
    while len(world.facts) < length:
        told = chooser.pick(events, weights=weights)(world, chooser, people, places, things)
        if not told:  # the event is not possible now
            _move(world, chooser, people, places, things)
    return world


def _some(chooser: Chooser, options, number: int) -> list[str]:
    left, chosen = list(options), []
    for _ in range(number):
        chosen.append(chooser.pick(left))
        left.remove(chosen[-1])
    return chosen


def _move(world: World, chooser: Chooser, people, places, things) -> bool:
    person = chooser.pick(people)
    place = chooser.pick([p for p in places if p != world.place_of(person)])
    been = any(visit.place == place for visit in world.visits.get(person, ()))
    verb = chooser.pick([m for m in MOVES if been or m != "returned to"])
    *_, span, _ = world.tell(person, f" {verb} ", f"the {place}", ".")
    world.visits.setdefault(person, []).append(Visit(place, len(world.facts) - 1, span))
    return True


def _move_together(world: World, chooser: Chooser, people, places, things) -> bool:
    pair = _some(chooser, people, 2)
    place = chooser.pick([p for p in places if p not in map(world.place_of, pair)])
    *_, span, _ = world.tell(pair[0], " and ", pair[1], " went to ", f"the {place}", ".")
    for person in pair:
        world.visits.setdefault(person, []).append(Visit(place, len(world.facts) - 1, span))
    return True


def _take(world: World, chooser: Chooser, people, places, things) -> bool:
    free = [thing for thing in things if world.holder_of(thing) is None]
    if not free:
        return False
    person, thing = chooser.pick(people), chooser.pick(free)
    who, _, what, _ = world.tell(person, f" {chooser.pick(TAKES)} ", f"the {thing}", ".")
    world.holdings[thing] = [Holding(person, len(world.facts) - 1, who, what)]
    return True


def _give(world: World, chooser: Chooser, people, places, things) -> bool:
    held = [thing for thing in things if world.holder_of(thing) is not None]
    if not held:
        return False
    thing = chooser.pick(held)
    giver = world.holder_of(thing)
    near = [p for p in people if p != giver and world.place_of(p) == world.place_of(giver)]  # or both not told
    if not near:
        return False
    taker = chooser.pick(near)
    giver_span, _, what, _, who, _ = world.tell(giver, " gave ", f"the {thing}", " to ", taker, ".")
    world.holdings[thing].append(Holding(taker, len(world.facts) - 1, who, what))
    world.gifts.setdefault((thing, taker), []).append((len(world.facts) - 1, giver_span))
    return True


def _lie(world: World, chooser: Chooser, people, places, things) -> bool:
    """Says of two neighbours on the map how they lie; the map grows by the place that is new."""
    if not world.map:
        world.map[0, 0] = chooser.pick(places)
    options = []
    for (x, y), b in world.map.items():
        for side, (dx, dy) in SIDES.items():
            there = world.map.get((x + dx, y + dy))
            new = [p for p in places if p not in world.map.values()] if there is None else [there]
            options += [(side, (x + dx, y + dy), a, b) for a in new if (side, b) not in world.sides]
    if not options:
        return False
    side, cell, a, b = chooser.pick(options)
    world.map[cell] = a
    opposite = OPPOSITE[side]
    if chooser.chance(0.5):
        side, opposite, a, b = opposite, side, b, a
    first, _, second, _ = world.tell(f"the {a}", f" {chooser.pick(['is', 'lies'])} {side} of ", f"the {b}", ".")
    fact = len(world.facts) - 1
    world.sides[side, b] = (fact, first, "direction")
    world.sides[opposite, a] = (fact, second, "opposite direction")
    return True


def _aside(world: World, chooser: Chooser, people, places, things) -> bool:
    world.tell(chooser.pick(ASIDES).format(chooser.pick(people)))
    return True


def _plan(world: World, chooser: Chooser, people, places, things) -> bool:
    free = [person for person in people if person not in world.plans]
    if not free:
        return False
    person, country, month = (chooser.pick(options) for options in (free, COUNTRIES, MONTHS))
    if (person, country, month) == NEVER_TOLD:
        return False
    if chooser.chance(0.5):
        *_, where, _, when, _ = world.tell(person, " will go to ", country, " in ", month, ".")
    else:
        _, when, _, _, _, where, _ = world.tell("In ", month, " ", person, " will go to ", country, ".")
    world.plans[person] = (len(world.facts) - 1, country, where, month, when)
    return True


# Asking --------------------------------------------------------------------------------------------


def questions_about(world: World) -> list[Question]:
    """Every question that the story answers, and answers in one way only."""
    return [*_about_people(world), *_about_things(world), *_about_sides(world), *_about_plans(world)]


def _about_people(world: World):
    for person, visits in world.visits.items():
        last = visits[-1]
        yield Question("where is somebody", f"Where is {person}?", *last.span, (last.fact,))
        if len(visits) > 1:
            first, before = visits[0], visits[-2]
            yield Question("where first", f"Where did {person} go first?", *first.span, (first.fact,))
            if sum(v.place == last.place for v in visits) == 1:
                text = f"Where was {person} before the {last.place}?"
                yield Question("where before", text, *before.span, (before.fact, last.fact))
    for person in sorted({h.person for history in world.holdings.values() for h in history}):
        held = world.held_by(person)
        if len(held) == 1:
            holding = world.holdings[held[0]][-1]
            yield Question("what is carried", f"What does {person} carry?", *holding.thing_span, (holding.fact,))


def _about_things(world: World):
    for thing, history in world.holdings.items():
        holding = history[-1]
        yield Question("who carries", f"Who carries the {thing}?", *holding.person_span, (holding.fact,))
    for (thing, taker), gifts in world.gifts.items():
        if len(gifts) == 1:
            fact, span = gifts[0]
            yield Question("who gave", f"Who gave the {thing} to {taker}?", *span, (fact,))


def _about_sides(world: World):
    for (side, place), (fact, span, kind) in world.sides.items():
        yield Question(kind, f"What is {side} of the {place}?", *span, (fact,))


def _about_plans(world: World):
    for person, (fact, country, where, month, when) in world.plans.items():
        yield Question("when", f"When will {person} go to {country}?", *when, (fact,))
        yield Question("where to", f"Where will {person} go in {month}?", *where, (fact,))


# Data sets -----------------------------------------------------------------------------------------


def generate(seed: int | str, number: int, seen: set[frozenset[str]] | None = None, name: str = "story") -> dict:
    """Distinct stories with up to three questions each, in SQuAD's format.

    Args:
        seed: the same seed gives the same stories.
        number: how many stories.
        seen: stories not to tell again, each as the set of its facts; those told are added.
        name: what the ids begin with.
    """
    chooser, seen = Chooser(seed), set() if seen is None else seen
    asked, articles = Counter(), []
    while len(articles) < number:
        world = tell_story(chooser, chooser.pick(LENGTHS))
        possible = questions_about(world)
        if frozenset(world.facts) in seen or not possible:
            continue
        seen.add(frozenset(world.facts))
        chosen = _choose(chooser, possible, asked)
        title = f"{name}-{len(articles):04}"
        paragraph = {"context": world.text, "qas": [_as_squad(q, world, f"{title}-{n}") for n, q in enumerate(chosen)]}
        articles.append({"title": title, "paragraphs": [paragraph]})
    return {"version": "v2.0", "data": articles}


def _choose(chooser: Chooser, possible: list[Question], asked: Counter) -> list[Question]:
    """Up to three questions of different kinds, those asked least so far before others."""
    chosen = []
    while possible and len(chosen) < QUESTIONS:
        rarest = min(asked[q.kind] for q in possible)
        question = chooser.pick([q for q in possible if asked[q.kind] == rarest])
        asked[question.kind] += 1
        chosen.append(question)
        possible = [q for q in possible if q.kind != question.kind]
    return chosen


def _as_squad(question: Question, world: World, name: str) -> dict:
    answer = {"text": world.text[question.start : question.end], "answer_start": question.start}
    return {
        "id": name,
        "question": question.text,
        "answers": [answer],
        "is_impossible": False,
        "kind": question.kind,
        "supporting_facts": list(question.supporting),
    }


def build() -> dict[str, dict]:
    """The three splits, test first: no story is told twice, within a split or in two."""
    seen: set[frozenset[str]] = set()
    made = {split: generate(f"{SEED} {split}", SIZES[split], seen, split) for split in ("test", "dev", "train")}
    return {split: made[split] for split in SIZES}


def write(folder: Path = FOLDER) -> None:
    """Writes the splits, one gzip file each, always the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, content in build().items():
        packed = gzip.compress(json.dumps(content, ensure_ascii=False).encode(), mtime=0)
        (folder / f"{split}.json.gz").write_bytes(packed)


def main() -> int:
    """Writes the files and says what is in them."""
    write()
    for split, content in build().items():
        paragraphs = [p for article in content["data"] for p in article["paragraphs"]]
        kinds = Counter(q["kind"] for p in paragraphs for q in p["qas"])
        print(f"{split}: {len(paragraphs)} stories, {kinds.total()} questions: {dict(kinds.most_common())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
