"""Readers of the formats that people have, a file a family, and the validator over them. No framework."""

from utils.datasets.readers.entity_files import read_entities
from utils.datasets.readers.parallel import read_pairs
from utils.datasets.readers.squad import read_questions
from utils.datasets.readers.validate import split_by_group, validate_entities, validate_questions

__all__ = [
    "read_entities",
    "read_pairs",
    "read_questions",
    "split_by_group",
    "validate_entities",
    "validate_questions",
]
