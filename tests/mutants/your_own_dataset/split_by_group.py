"""Wrong answers to split_by_group."""

import random


def shuffle_and_cut(items, group_of, fractions, seed=0):
    items = list(items)
    random.Random(seed).shuffle(items)
    out, start = [], 0
    for f in fractions:
        end = start + round(f * len(items))
        out.append(items[start:end])
        start = end
    return out


def shuffle_and_slice(items, group_of, fractions, seed=0):
    items = sorted(items, key=lambda x: random.Random(f"{seed}{x}").random())
    ends = [round(sum(fractions[: k + 1]) * len(items)) for k in range(len(fractions))]
    return [items[a:b] for a, b in zip([0, *ends], ends, strict=False)]


def counts_groups(items, group_of, fractions, seed=0):
    groups = sorted({group_of(x) for x in items})
    random.Random(seed).shuffle(groups)
    out, start = [], 0
    for k, f in enumerate(fractions):
        end = len(groups) if k == len(fractions) - 1 else start + round(f * len(groups))
        mine = set(groups[start:end])
        out.append([x for x in items if group_of(x) in mine])
        start = end
    return out


def dealt(groups, items, group_of, fractions):
    """Group after group to the list that lacks most: as it should be, so that the order is the mistake."""
    to, want = {}, [f * len(items) for f in fractions]
    for g in groups:
        to[g] = want.index(max(want))
        want[to[g]] -= sum(group_of(x) == g for x in items)
    return [[x for x in items if to.get(group_of(x)) == k] for k in range(len(fractions))]


def by_global_random(items, group_of, fractions, seed=0):
    groups = list(dict.fromkeys(group_of(x) for x in items))
    random.shuffle(groups)
    return dealt(groups, items, group_of, fractions)


def set_of_groups(items, group_of, fractions, seed=0):
    groups = list({group_of(x) for x in items})
    random.Random(seed).shuffle(groups)
    return dealt(groups, items, group_of, fractions)


def largest_first(items, group_of, fractions, seed=0):
    groups = sorted({group_of(x) for x in items}, key=lambda g: (-sum(group_of(x) == g for x in items), g))
    return dealt(groups, items, group_of, fractions)


def all_in_train(items, group_of, fractions, seed=0):
    out = [[] for _ in fractions]
    out[0] = list(items)
    return out


def names_of_groups(items, group_of, fractions, seed=0):
    groups = sorted({group_of(x) for x in items})
    random.Random(seed).shuffle(groups)
    edge = round(fractions[0] * len(groups))
    return [groups[:edge], groups[edge:]] + [[] for _ in fractions[2:]]


def each_item_once(items, group_of, fractions, seed=0):
    items = [list(x) if isinstance(items[0], list) else x for x in dict.fromkeys(tuple(x) for x in items)]
    groups = list(dict.fromkeys(group_of(x) for x in items))
    random.Random(seed).shuffle(groups)
    return dealt(groups, items, group_of, fractions)


def items_as_keys(items, group_of, fractions, seed=0):
    groups = list(dict.fromkeys({x: group_of(x) for x in items}.values()))
    random.Random(seed).shuffle(groups)
    return dealt(groups, items, group_of, fractions)


def filters(items, group_of, fractions, seed=0):
    groups = list(dict.fromkeys(group_of(x) for x in items))
    random.Random(seed).shuffle(groups)
    parts = dealt(groups, items, group_of, fractions)
    return [(x for x in part) for part in parts]


def seed_is_required(items, group_of, fractions, seed):
    groups = list(dict.fromkeys(group_of(x) for x in items))
    random.Random(seed).shuffle(groups)
    return dealt(groups, items, group_of, fractions)


def group_after_group(items, group_of, fractions, seed=0):
    groups = list(dict.fromkeys(group_of(x) for x in items))
    random.Random(seed).shuffle(groups)
    parts = dealt(groups, items, group_of, fractions)
    return [[x for g in groups for x in part if group_of(x) == g] for part in parts]


def shuffled_first(items, group_of, fractions, seed=0):
    items = random.Random(seed).sample(items, len(items))
    return dealt(list(dict.fromkeys(group_of(x) for x in items)), items, group_of, fractions)


def first_field(items, group_of, fractions, seed=0):
    groups = list(dict.fromkeys(x[0] for x in items))
    random.Random(seed).shuffle(groups)
    return dealt(groups, items, lambda x: x[0], fractions)


def numbers_of_lists(items, group_of, fractions, seed=0):
    return [k for k, part in enumerate(seed_is_required(items, group_of, fractions, seed)) for _ in part]


def groups_that_are_true(items, group_of, fractions, seed=0):
    groups = [g for g in dict.fromkeys(map(group_of, items)) if g]
    random.Random(seed).shuffle(groups)
    out, lacking = [[] for _ in fractions], [f * len(items) for f in fractions]
    for group in groups:
        n = max(range(len(lacking)), key=lambda n: lacking[n])
        members = [i for i in items if group_of(i) == group]
        lacking[n] -= len(members)
        out[n] += members
    return [[i for i in items if i in part] for part in out]


MUTANTS = [
    (groups_that_are_true, "a group named 0"),
    (group_after_group, "another order than in `items`"),
    (shuffled_first, "another order than in `items`"),
    (first_field, "group_of is never called"),
    (numbers_of_lists, "one is an int"),
    (shuffle_and_cut, "rounded by itself"),
    (shuffle_and_slice, "dealt one by one"),
    (counts_groups, "number of groups"),
    (by_global_random, "the seed does not decide"),
    (set_of_groups, "a set has another order"),
    (largest_first, "the seed is ignored"),
    (all_in_train, "gets everything"),
    (each_item_once, "equal items become one"),
    (items_as_keys, "unhashable type: 'list'"),
    (filters, "lists are asked for, one is a generator"),
    (seed_is_required, "missing 1 required positional argument: 'seed'"),
    (names_of_groups, "the lists hold groups"),
]
