"""What the tests of several readers share."""

import pytest

from utils.datasets.readers.entity_files import examine_entities
from utils.datasets.readers.text_files import Problem


@pytest.fixture
def read_entities_of():
    """Reads a file of entities: path -> (texts, entities of each as (words, label), problems)."""

    def of(path, **options):
        items = list(examine_entities(path, **options))
        problems = [item for item in items if isinstance(item, Problem)]
        examples = [item for item in items if not isinstance(item, Problem)]
        found = [[(e.text[s.start : s.end], s.label) for s in e.spans] for e in examples]
        return [e.text for e in examples], found, problems

    return of
