"""The tables that lesson 17 sets beside a network: they count, and nothing else."""

from collections import namedtuple

import numpy as np

from benchmarks.experts import by_neighbours, marked
from benchmarks.fewer_weights import between_neighbours

Code = namedtuple("Code", "ids")
SEEN = [[1, 5, 6, 7, 2], [1, 5, 8, 7, 2], [1, 5, 8, 7, 2], [1, 9, 6, 3, 2]]  # 1 and 2 begin and end a sentence
MASK = 99


class Tokenizer:
    def encode_batch(self, texts):
        return [Code(SEEN[text]) for text in texts]


class Blanks:
    mask_id = MASK

    def __init__(self, inputs, labels):
        self.made, self.batches = (np.array(inputs), np.array(labels), None), namedtuple("_", "batches_per_epoch")(1)

    def batch(self, number):
        return self.made


def test_between_two_neighbours_stands_what_stood_there_most_often():
    inputs = [[1, 5, MASK, 7, 2], [1, 5, MASK, 7, 2], [1, MASK, 6, 4, 2], [1, MASK, 4, 4, 2], [1, 4, MASK, 4, 2]]
    labels = [[-100, -100, 8, -100, -100], [-100, -100, 6, -100, -100], [-100, 9, -100, 4, -100],
              [-100, 5, -100, -100, -100], [-100, -100, 5, -100, -100]]  # fmt: skip
    found = between_neighbours(Tokenizer(), range(4), Blanks(inputs, labels))
    # 8 stood twice between 5 and 7, 6 once; between 1 and 6 stood 5 and 9, level, and the first is said; what stands in
    # the input is said; behind 1 stood 5 most often; where neither neighbour was met, 5 is among the commonest
    assert found.tolist() == [True, False, False, True, True, True]


def test_a_word_is_marked_as_it_was_or_as_its_neighbours_say():
    learnt = [marked(text, {"red", "blue"}) for text in ("a red hat", "a blue hat", "the old hat", "he ran")]
    asked = [
        marked(text, {"red", "green"}) for text in ("a red hat", "a green hat", "the green hat", "he green", "x y")
    ]
    found = by_neighbours(learnt, asked)
    assert [row.tolist() for row in found] == [
        [False, True, False],  # red was marked
        [False, True, False],  # a … hat held what was
        [False, False, False],  # the … hat held what was not
        [False, False],  # after he stood ran
        [False, False],  # nothing of this was met
    ]
