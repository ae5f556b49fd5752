"""Exercises of lesson 14: a small validator for entities, one for questions, and splits that do not leak."""

import utils.checks.your_own_dataset.validate_entities
import utils.checks.your_own_dataset.validate_questions
import utils.checks.your_own_dataset.split_by_group
