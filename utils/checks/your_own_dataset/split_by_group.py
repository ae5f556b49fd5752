"""The exercise split_by_group: what must hold, and what each mistake looks like."""

import random
from collections import Counter
from collections.abc import Hashable
from functools import partial
from itertools import combinations, groupby, pairwise

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.datasets.readers.validate import split_by_group


def _group(item):
    return item[0]


class _Name(str):
    """A group's name whose place in a set changes with `session`, as every text's does from one session to another."""

    session = 0
    __eq__ = str.__eq__

    def __hash__(self):
        return hash((_Name.session, str(self)))


def _name(item):
    return _Name(item[0])


def _parts(answer, items, fractions, seed, group_of=_group, once=False):
    """The answer's lists, as lists of tuples; and whether the list it was given stayed as it was."""
    given = [type(item)(item) for item in items]
    found = answer(iter(given) if once else given, group_of, fractions, *([seed] if seed else []))  # 0 is the default
    if isinstance(found, dict) or not hasattr(found, "__getitem__"):  # the next cells go through it twice, and by index
        raise TypeError(f"a list of lists is asked for, {_article(found)} came back")
    if others := [part for part in found if isinstance(part, dict) or not hasattr(part, "__len__")]:
        raise TypeError(f"lists are asked for, one is {_article(others[0])}")
    parts = [[tuple(item) if isinstance(item, (tuple, list)) else item for item in part] for part in found]
    return parts, given == [type(item)(item) for item in items]


def _article(value):
    """The name of a value's type, as it is said."""
    what = type(value).__name__
    return f"{'an' if what[0] in 'aeiou' else 'a'} {what}"


def _all_parts(answer, items, fractions, seeds, place=0, once=False):
    """The answer's lists for each seed; the group is what stands at that place of an item.

    With `once`, `items` can be gone through a single time, and has no length.
    """
    return [_parts(answer, items, fractions, seed, lambda item: item[place], once) for seed in seeds]


def _unlike(answer, items, fractions, seeds, once=False):
    """The same; in words where groups are compared that cannot be."""
    try:
        return _all_parts(answer, items, fractions, seeds, once=once)
    except TypeError as error:
        if "not supported between instances" in str(error):
            return COMPARED
        raise


COMPARED = "the groups are compared"
_OTHERS = "the lists hold something else than the items that were given"


def _complete(shown, items, fractions, seeds, place=0):
    """Whether each item is in one list, in words."""
    wanted, said = Counter(tuple(item) for item in items), set()
    for parts, untouched in shown:
        found = Counter(item if isinstance(item, Hashable) else repr(item) for part in parts for item in part)
        if len(parts) != len(fractions):
            said.add("another number of lists than of fractions")
        elif found and not any(item in wanted for item in found):
            said.add("the lists hold groups" if found.keys() <= {item[place] for item in items} else _OTHERS)
        elif not untouched:
            said.add("the list it was given has changed")
        elif wanted - found:
            said.add("items are missing")
        elif found - wanted:
            said.add("items are there twice")
    return "; ".join(sorted(said)) or "each item is in one list"


def _whole(shown, items, fractions, seeds, place=0):
    """Whether a group is in two lists, in words."""
    for parts, _ in shown:
        if len(parts) != len(fractions):
            return f"{len(parts)} lists for {len(fractions)} fractions"
        groups = [{item[place] for item in part if isinstance(item, tuple)} for part in parts]
        if any(a & b for a, b in combinations(groups, 2)):
            return "a group is in two lists"
        if {item[place] for item in items} - set().union(*groups):
            return "a group is in no list"
    return "no group is in two lists"


def _ordered(shown, items, fractions, seeds, once=False):
    """Whether every list has the order of the items, in words."""
    if isinstance(shown, str):
        return shown
    if other := [len(parts) for parts, _ in shown if len(parts) != len(fractions)]:
        return f"{other[0]} lists for {len(fractions)} fractions"
    if not any(part for parts, _ in shown for part in parts):
        return "the lists are empty"
    for part in (part for parts, _ in shown for part in parts):
        left = iter(tuple(item) for item in items)
        if not all(item in left for item in part):  # each behind the one before
            return "the items of a list stand in another order than in `items`"
    return "each list in the order of `items`"


def _size(shown, items, fractions, seeds):
    """How often the sizes are farther off than whole groups make necessary, in words."""
    largest = max(Counter(_group(item) for item in items).values())
    allowed = largest * (len(fractions) - 1)
    missed = []
    for parts, _ in shown:
        gaps = [abs(len(part) - share * len(items)) for part, share in zip(parts, fractions, strict=False)]
        missed.append(max(gaps) > allowed)
        over = [len(part) - share * len(items) for part, share in zip(parts, fractions, strict=False)]
    if all(missed):
        signs = [f"list {n} {'longer' if gap > 0 else 'shorter'}" for n, gap in enumerate(over, start=1)]
        return f"too far off with every seed: {', '.join(signs)} than asked"
    return "too far off with some seeds" if any(missed) else "as near as whole groups allow"


def _calls(answer, items, fractions, seeds):
    """The answer's lists for each seed: twice in one session, then in another."""
    calls = []
    for call, session in enumerate((1, 1, 2)):
        random.seed(call)
        _Name.session = session
        calls.append([_parts(answer, items, fractions, seed, _name)[0] for seed in seeds])
    return calls


def _same(calls, items, fractions, seeds):
    """Whether the seed alone decides, in words."""
    second, session = ("the same" if other == calls[0] else "another" for other in calls[1:])
    others = "others" if any(part != calls[0][0] for part in calls[0]) else "the same"
    return f"one seed gives {second} split on a second call, {session} in a second session; other seeds give {others}"


def _items(sizes, first=0):
    return [(f"g{g}", n) for g, size in enumerate(sizes, start=first) for n in range(size)]


def _grouped(rng):
    mixed = _items(rng.integers(1, 7, 30), first=int(rng.integers(1000)))
    order = rng.permutation(len(mixed))
    return [
        case(_items([2, 1, 2]), fractions=(0.5, 0.5), seeds=[0, 1]),
        case([], fractions=(0.8, 0.2), seeds=[0]),
        case([(None, 7)], fractions=(0.5, 0.5), seeds=[0]),  # None is a group
        case([mixed[i] for i in order], fractions=(0.7, 0.1, 0.2), seeds=[3, 4]),
        case(_items([1] * 23), fractions=(0.8, 0.2), seeds=[5]),
        case([(n % 7, f"g{n % 5}", n % 3) for n in range(40)], fractions=(0.6, 0.4), seeds=[1, 2], place=1),
        case([[f"g{n % 5}", n % 10] for n in range(30)], fractions=(0.5, 0.5), seeds=[0, 6]),  # lists, each three times
        case([(n % 4, n) for n in range(16)], fractions=(0.5, 0.5), seeds=[0, 2]),  # 0 is a group too
        case([(("", "a", "b")[n % 3], n) for n in range(15)], fractions=(0.5, 0.5), seeds=[0]),  # and so is ""
    ]


def _many(rng):
    return [case(_items(rng.integers(1, 7, 30)), fractions=(0.7, 0.1, 0.2), seeds=[0, 3, 4, 5])]


def _in_disorder(rng):
    mixed = _items(rng.integers(1, 7, 20))
    options = {"fractions": (0.5, 0.3, 0.2), "seeds": [0, 1, 2]}
    unlike = [((None, "a", 3, ("b", 1))[n % 4], n) for n in range(12)]  # all hashable, and none before another
    return [
        *(case([mixed[i] for i in rng.permutation(len(mixed))], once=once, **options) for once in (False, True)),
        case(unlike, **options),
    ]


def _uneven(rng):
    return [
        case(_items([1] * 40), fractions=(0.8, 0.2), seeds=list(range(5))),
        case(_items([12] * 6 + [1] * 60), fractions=(0.75, 0.25), seeds=list(range(30))),
        case(_items([2] * 50), fractions=(0.6, 0.1, 0.3), seeds=list(range(5))),
        case(_items([1] * 30), fractions=(0.5, 0.5), seeds=[0, 1]),
        case(_items([1] * 40), fractions=(0.3, 0.7), seeds=[0, 1]),  # the smaller first
    ]


def _dealt(parts_of, listed=list):
    """A split that deals whole groups in the way given: (groups, sizes, fractions, total) -> number of each."""

    def split(items, group_of, fractions, seed=0):
        sizes = Counter(group_of(item) for item in items)
        groups = listed(sizes)
        random.Random(seed).shuffle(groups)
        number = parts_of(groups, sizes, fractions, len(items))
        return [[item for item in items if number.get(group_of(item)) == n] for n in range(len(fractions))]

    return split


def _by_count(groups, sizes, fractions, total, rounded=True):
    """The fractions are taken of the number of groups."""
    edges, place = [], 0.0
    for share in fractions:
        place += share * len(groups)
        edges.append(round(place))
    return {group: next(n for n, edge in enumerate(edges) if i < edge) for i, group in enumerate(groups)}


def _neediest(groups, sizes, fractions, total):
    """As the reference deals."""
    wanted, number = [share * total for share in fractions], {}
    for group in groups:
        number[group] = wanted.index(max(wanted))
        wanted[number[group]] -= sizes[group]
    return number


def _losing(groups, sizes, fractions, total, slack=0.999):
    """Rounded down each time: what is left at the end is in no split."""
    number, place = {}, 0
    for n, share in enumerate(fractions):
        count = int(share * len(groups) * slack)
        number |= dict.fromkeys(groups[place : place + count], n)
        place += count
    return number


def _cut_items(order):
    """Items are dealt one by one, whatever their group."""

    def split(items, group_of, fractions, seed=0):
        items = order(list(items), seed)
        edges, place = [0], 0.0
        for share in fractions:
            place += share * len(items)
            edges.append(round(place))
        return [items[a:b] for a, b in pairwise(edges)]

    return split


def _cut_rounded(items, group_of, fractions, seed=0):
    items, place, parts = _shuffled(list(items), seed), 0, []
    for share in fractions:
        parts.append(items[place : place + round(share * len(items))])
        place += round(share * len(items))
    return parts


def _by_runs(items, group_of, fractions, seed=0):
    """Neighbours of one group stay together, whoever else is of it."""
    runs = [(n, item) for n, (_, run) in enumerate(groupby(items, group_of)) for item in run]
    return [[item for _, item in part] for part in split_by_group(runs, lambda pair: pair[0], fractions, seed)]


def _shuffled(items, seed):
    random.Random(seed).shuffle(items)
    return items


def _in_place(items, group_of, fractions, seed=0):
    random.Random(seed).shuffle(items)
    return split_by_group(items, group_of, fractions, seed)


def _groups_back(items, group_of, fractions, seed=0):
    return [list(dict.fromkeys(map(group_of, part))) for part in split_by_group(items, group_of, fractions, seed)]


def _by_groups(items, group_of, fractions, seed=0):
    parts = split_by_group(items, group_of, fractions, seed)
    return [[i for g in sorted(set(map(group_of, part))) for i in part if group_of(i) == g] for part in parts]


def _unseeded(items, group_of, fractions, seed=0):
    return split_by_group(items, group_of, fractions, random.random())


def _needs_a_list(items, group_of, fractions, seed=0):
    len(items)
    return split_by_group(items, group_of, fractions, seed)


def _goes_through_twice(items, group_of, fractions, seed=0):
    Counter(map(group_of, items))
    return split_by_group(items, group_of, fractions, seed)


def _seedless(items, group_of, fractions, seed=0):
    return split_by_group(items, group_of, fractions, 0)


register(
    Exercise(
        name="split_by_group",
        notebook="14_your_own_dataset",
        reference=split_by_group,
        properties=(
            Property(
                "each item is in one list, and the list given stays as it was", 1, _grouped, _all_parts, read=_complete
            ),
            Property("no group is in two lists", 2, _grouped, _all_parts, read=_whole),
            Property("sizes as near the fractions as whole groups allow", 2, _uneven, _all_parts, read=_size),
            Property("the same seed gives the same split, another seed another", 1, _many, _calls, read=_same),
            Property("each list in the order of `items`", 1, _in_disorder, _unlike, read=_ordered),
        ),
        mistakes=(
            Mistake("items are dealt one by one: a group lands in two lists. Deal groups", _cut_items(_shuffled)),
            Mistake("the seed is ignored: every seed gives the same split", _seedless),
            Mistake(
                "the list is cut where it stands: a group is cut in two, and nothing is shuffled",
                _cut_items(lambda items, seed: items),
            ),
            Mistake(
                "fractions are taken of the number of groups, but groups differ in size: count items", _dealt(_by_count)
            ),
            Mistake(
                "items are cut, each part rounded by itself: some may be lost, and groups are parted. Deal groups",
                _cut_rounded,
            ),
            *(
                Mistake("rounding down loses the last groups: every one must go somewhere", wrong)
                for wrong in (_dealt(_losing), _dealt(partial(_losing, slack=1)))
            ),
            Mistake(
                "the groups are dealt in turn, whatever the fractions: ask which list lacks most",
                _dealt(lambda groups, sizes, fractions, total: {g: i % len(fractions) for i, g in enumerate(groups)}),
            ),
            Mistake(
                "one is taken off for a whole group: take off the number of its items",
                _dealt(
                    lambda groups, sizes, fractions, total: _neediest(groups, dict.fromkeys(sizes, 1), fractions, total)
                ),
            ),
            Mistake(
                "itertools.groupby begins anew wherever the group changes: collect each group's items in a dictionary",
                _by_runs,
            ),
            Mistake(
                "the lists hold the items' parts: append an item, extend takes it apart",
                lambda items, group_of, fractions, seed=0: [
                    [part for item in items for part in item]
                    for items in split_by_group(items, group_of, fractions, seed)
                ],
            ),
            Mistake(
                "the fractions are sorted: the first list gets the first of them",
                lambda items, group_of, fractions, seed=0: split_by_group(items, group_of, sorted(fractions), seed),
            ),
            Mistake(
                "the first list gets everything",
                lambda items, group_of, fractions, seed=0: [list(items), *[[] for _ in fractions[1:]]],
            ),
            Mistake(
                "the fractions are ignored: all lists become equally long",
                lambda items, group_of, fractions, seed=0: split_by_group(
                    items, group_of, [1 / len(fractions)] * len(fractions), seed
                ),
            ),
            Mistake(
                "the fractions are taken from behind",
                lambda items, group_of, fractions, seed=0: split_by_group(items, group_of, fractions[::-1], seed),
            ),
            Mistake(
                "equal items become one, in a set or as a dictionary's keys: each must come out as often as it went in",
                lambda items, group_of, fractions, seed=0: split_by_group(
                    [type(items[0])(item) for item in dict.fromkeys(map(tuple, items))], group_of, fractions, seed
                ),
            ),
            Mistake(
                "the list it was given is changed: copy it before you shuffle or empty it, or shuffle groups",
                _in_place,
            ),
            Mistake(
                "the items of a list stand in another order than in `items`: go through `items` to fill it", _by_groups
            ),
            Mistake(
                "group_of is never called: it says which group an item has, whatever the item is",
                lambda items, group_of, fractions, seed=0: split_by_group(items, _group, fractions, seed),
            ),
            Mistake(
                "a group named 0, None or with an empty text is lost: it is one like others, so do not ask `if group`",
                lambda items, group_of, fractions, seed=0: split_by_group(
                    [item for item in items if group_of(item)], group_of, fractions, seed
                ),
            ),
            Mistake(
                "of two fractions none is looked at: 0.8 and 0.2 are only what the example asks for",
                lambda items, group_of, fractions, seed=0: split_by_group(
                    items, group_of, (0.8, 0.2) if len(fractions) == 2 else fractions, seed
                ),
            ),
            *(
                Mistake(
                    "`items` may be a generator, which has no length and can be gone through once: begin with "
                    "items = list(items)",
                    wrong,
                )
                for wrong in (_needs_a_list, _goes_through_twice)
            ),
            Mistake(
                "groups are compared, as sorted and np.unique do: anything hashable is one, and None stands neither "
                "before nor behind a name. Keep the order in which they come",
                _dealt(_neediest, sorted),
            ),
            Mistake("the lists hold groups: fill them with the groups' items", _groups_back),
            Mistake("the seed does not decide: use random.Random(seed), not random itself", _unseeded),
            Mistake(
                "a set, and the hash of a text, are others in every session: keep the order of the items",
                _dealt(_neediest, lambda sizes: list(set(sizes))),
            ),
            Mistake(
                "an item is in two lists", lambda items, group_of, fractions, seed=0: [list(items) for _ in fractions]
            ),
        ),
        hints=(
            "First the groups: Counter(group_of(item) for item in items) has each with its size. Shuffle the groups.",
            "Deal group after group. Each goes to the list that still lacks most; its size is then taken off.",
            "Keep for each list how many items it still lacks; the largest number gets the group. And a generator can "
            "be gone through only once.",
        ),
    )
)
