"""Wrong answers to split_by_group."""

import random
from itertools import groupby


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


def asks_for_the_length(items, group_of, fractions, seed=0):
    want, groups = [f * len(items) for f in fractions], list(dict.fromkeys(map(group_of, items)))
    random.Random(seed).shuffle(groups)
    return dealt(groups, items, group_of, fractions) if want else []


def goes_through_again(items, group_of, fractions, seed=0):
    members = {}
    for x in items:
        members.setdefault(group_of(x), []).append(x)
    groups = list(members)
    random.Random(seed).shuffle(groups)
    to, want = {}, [f * sum(map(len, members.values())) for f in fractions]
    for g in groups:
        to[g] = want.index(max(want))
        want[to[g]] -= len(members[g])
    return [[x for x in items if to[group_of(x)] == k] for k in range(len(fractions))]


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


def kept_order(items, group_of, fractions, seed=0, take_off=None, order=None):
    """As it should be; `take_off` and `order` are how it goes wrong."""
    groups = list(dict.fromkeys(group_of(x) for x in items))
    random.Random(seed).shuffle(groups)
    to, want = {}, [f * len(items) for f in (order or list)(fractions)]
    for g in groups:
        to[g] = want.index(max(want))
        want[to[g]] -= take_off or sum(group_of(x) == g for x in items)
    return [[x for x in items if to[group_of(x)] == k] for k in range(len(fractions))]


def one_a_group(items, group_of, fractions, seed=0):
    return kept_order(items, group_of, fractions, seed, take_off=1)


def sorted_fractions(items, group_of, fractions, seed=0):
    return kept_order(items, group_of, fractions, seed, order=sorted)


def list_by_list(items, group_of, fractions, seed=0):
    yield from kept_order(items, group_of, fractions, seed)


def mapped(items, group_of, fractions, seed=0):
    return map(list, kept_order(items, group_of, fractions, seed))


def values_of_a_dictionary(items, group_of, fractions, seed=0):
    return dict(enumerate(kept_order(items, group_of, fractions, seed))).values()


def named(items, group_of, fractions, seed=0):
    return dict(zip(["train", "dev", "test"], kept_order(items, group_of, fractions, seed), strict=False))


def dictionaries(items, group_of, fractions, seed=0):
    out = [{} for _ in fractions]
    for part, found in zip(out, kept_order(items, group_of, fractions, seed), strict=True):
        for item in found:
            part.setdefault(group_of(item), []).append(item)
    return out


def no_seed_where_it_is_0(items, group_of, fractions, seed=0):
    return kept_order(items, group_of, fractions, seed or random.random())


def only_some_are_seeded(items, group_of, fractions, seed=0):
    if seed:
        random.seed(seed)
    return kept_order(items, group_of, fractions, random.random())


def passes_none_over(items, group_of, fractions, seed=0):
    return kept_order([x for x in items if group_of(x) is not None], group_of, fractions, seed)


def nothing_for_nothing(items, group_of, fractions, seed=0):
    return kept_order(items, group_of, fractions, seed) if items else []


def extended(items, group_of, fractions, seed=0):
    out = []
    for part in kept_order(items, group_of, fractions, seed):
        out.append([])
        for item in part:
            out[-1].extend(item)
    return out


def rest_is_lost(items, group_of, fractions, seed=0):
    groups = list(dict.fromkeys(group_of(x) for x in items))
    random.Random(seed).shuffle(groups)
    out, start = [], 0
    for f in fractions:
        mine = groups[start : start + int(f * len(groups))]
        start += int(f * len(groups))
        out.append([x for x in items if group_of(x) in mine])
    return out


def neighbours(items, group_of, fractions, seed=0):
    runs = [(n, x) for n, (_, run) in enumerate(groupby(items, group_of)) for x in run]
    parts = kept_order(runs, lambda pair: pair[0], fractions, seed)
    return [[x for _, x in part] for part in parts]


def in_turn(items, group_of, fractions, seed=0):
    groups = list(dict.fromkeys(group_of(x) for x in items))
    random.Random(seed).shuffle(groups)
    return [[x for x in items if groups.index(group_of(x)) % len(fractions) == k] for k in range(len(fractions))]


def sorted_groups(items, group_of, fractions, seed=0):
    items = list(items)
    groups = sorted({group_of(x) for x in items})
    random.Random(seed).shuffle(groups)
    return dealt(groups, items, group_of, fractions)


MUTANTS = [
    (sorted_groups, "groups are compared"),
    (asks_for_the_length, "`items` may be a generator"),
    (goes_through_again, "`items` may be a generator"),
    (one_a_group, "one is taken off for a whole group"),
    (sorted_fractions, "the fractions are sorted"),
    (list_by_list, "a list of lists is asked for, a generator came back"),
    (mapped, "a list of lists is asked for, a map came back"),
    (values_of_a_dictionary, "a list of lists is asked for, a dict_values came back"),
    (named, "a list of lists is asked for, a dict came back"),
    (dictionaries, "lists are asked for, one is a dict"),
    (no_seed_where_it_is_0, "the seed does not decide"),
    (only_some_are_seeded, "the seed does not decide"),
    (passes_none_over, "items are missing"),
    (nothing_for_nothing, "another number of lists"),
    (extended, "append an item, extend takes it apart"),
    (rest_is_lost, "rounding down loses"),
    (neighbours, "groupby begins anew"),
    (in_turn, "dealt in turn"),
    (groups_that_are_true, "a group named 0"),
    (group_after_group, "another order than in `items`"),
    (shuffled_first, "another order than in `items`"),
    (first_field, "group_of is never called"),
    (numbers_of_lists, "one is an int"),
    (shuffle_and_cut, "rounded by itself"),
    (shuffle_and_slice, "dealt one by one"),
    (counts_groups, "number of groups"),
    (by_global_random, "the seed does not decide"),
    (set_of_groups, "a set, and the hash of a text"),
    (largest_first, "the seed is ignored"),
    (all_in_train, "gets everything"),
    (each_item_once, "equal items become one"),
    (items_as_keys, "unhashable type: 'list'"),
    (filters, "lists are asked for, one is a generator"),
    (seed_is_required, "missing 1 required positional argument: 'seed'"),
    (names_of_groups, "the lists hold groups"),
]
