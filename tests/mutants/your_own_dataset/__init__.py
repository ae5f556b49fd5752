"""Wrong answers to lesson 14. For each exercise: (answer, words that its diagnosis must hold)."""

from tests.mutants.your_own_dataset import split_by_group, validate_entities, validate_questions

MUTANTS = {
    "validate_entities": validate_entities.MUTANTS,
    "validate_questions": validate_questions.MUTANTS,
    "split_by_group": split_by_group.MUTANTS,
}
