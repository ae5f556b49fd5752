"""Unusual right answers to lesson 14."""

from tests.alternatives.your_own_dataset import split_by_group, validate_entities, validate_questions

ALTERNATIVES = {
    "validate_entities": validate_entities.ALTERNATIVES,
    "validate_questions": validate_questions.ALTERNATIVES,
    "split_by_group": split_by_group.ALTERNATIVES,
}
