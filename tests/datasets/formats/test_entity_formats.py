"""Every format of entities: what is written in it comes back equal; whatever breaks it ends in a word about it."""

import gzip
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.datasets.formats.entity_writers import COLUMNS, SPANS, TOKENS, WRITERS, Sentence
from utils.datasets.readers.entity_files import KINDS, Example, Problem, examine_entities, format_of

FIXED = [
    Sentence(("Ana", "Bell", "left", "Rye", "in", "May", "."), ((0, 2, "PER"), (3, 4, "LOC"))),
    Sentence(("Nobody", "wrote", "."), ()),
    Sentence(("In", "Upper", "Rye", "Cy", "waits"), ((1, 3, "LOC"), (3, 4, "PER"))),
]
WIDE = [Sentence(("🎉🎉", "é", "Al", "met", "Bo"), ((2, 3, "PER"), (4, 5, "PER"))), *FIXED]


def look(path, content, **options):
    path.write_text(content, encoding="utf-8")
    items = list(examine_entities(path, **options))
    return [i for i in items if isinstance(i, Example)], [i for i in items if isinstance(i, Problem)]


def as_sentences(examples):
    """Text, spans with their text and type; without regard to case, since one scheme is lower-case."""
    return [(e.text, [(e.text[s.start : s.end], s.label.upper()) for s in e.spans]) for e in examples]


def meant(sentences):
    return [(s.text, [(s.text[a:b], kind) for a, b, kind in s.spans()]) for s in sentences]


@pytest.mark.parametrize("name", WRITERS)
def test_a_format_is_read_as_its_tool_means_it(name, tmp_path):
    examples, problems = look(tmp_path / "file", WRITERS[name](FIXED))
    assert as_sentences(examples) == meant(FIXED)
    assert all(problem.kept for problem in problems) and {p.kind for p in problems} <= {*KINDS}


@pytest.mark.parametrize("name", ["spans, ours", "GLiNER", "CSV of words", "columns, tab"])
def test_so_is_its_gzip(name, tmp_path):
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(WRITERS[name](FIXED).encode()))
    assert as_sentences(examine_entities(path)) == meant(FIXED) and format_of(path)


WORDS = st.sampled_from(["Ana", "Bell", "left", "Rye", "é", "上", "naïve", "7", ".", "(", "ok", "Zoë", "हिन्दी"])


@st.composite
def sentences_of_words(draw):
    """Several sentences, of which one at least has an entity and one word outside; no two entities touch."""
    found = [WIDE[0]]  # which shows how its offsets count
    for _ in range(draw(st.integers(1, 4))):
        words, entities = [], []
        for _ in range(draw(st.integers(0, 3))):
            words += draw(st.lists(WORDS, min_size=1, max_size=3))
            size = draw(st.integers(1, 3))
            entities.append((len(words), len(words) + size, draw(st.sampled_from(["PER", "LOC"]))))
            words += draw(st.lists(WORDS, min_size=size, max_size=size))
        found.append(Sentence((*words, draw(WORDS)), tuple(entities)))
    return found


@pytest.mark.parametrize("name", WRITERS)
@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(sentences=sentences_of_words())
def test_valid_examples_come_back_equal(name, sentences, tmp_path):
    examples, problems = look(tmp_path / "file", WRITERS[name](sentences))
    assert as_sentences(examples) == meant(sentences)
    assert all(problem.kept for problem in problems)


def mutated(content, seed):
    """Bytes of a file in which some were changed, taken out, doubled or put in."""
    chance, found = random.Random(seed), bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(found) + 1)
        kind = chance.randrange(5)
        if kind == 0:
            found[at : at + chance.randint(1, 9)] = b""
        elif kind == 1:
            found[at:at] = chance.choice(
                [b'"', b"\\", b"[", b"]", b"{", b"}", b",", b":", b"\n", b"\t", b" ", b"O", b"-"]
            )
        elif kind == 2:
            found[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 3:
            found[at:at] = found[at : at + chance.randint(1, 60)]
        else:
            found[at:at] = chance.choice(
                [b"null", b"-1", b"1e9", b"99999999999", b"\\ud83d", b"true", b"{}", b"[]", b"\xff"]
            )
    return bytes(found)


@pytest.mark.parametrize("name", WRITERS)
def test_a_damaged_file_ends_in_examples_or_problems(name, tmp_path):
    content, path = WRITERS[name](WIDE).encode(), tmp_path / "file"
    for seed in range(150):
        path.write_bytes(mutated(content, seed))
        items = list(examine_entities(path))
        assert items, seed
        for item in items:
            if isinstance(item, Problem):
                assert item.kind in KINDS and item.message and item.advice and str(item).encode("utf-8"), seed
            else:
                place = 0
                for span in item.spans:
                    assert place <= span.start < span.end <= len(item.text), (seed, item)
                    place = span.end
                assert item.text.encode("utf-8") and len(item.labels()) == len(item.words)


def test_every_family_is_here():
    assert len(COLUMNS) >= 15 and len(SPANS) >= 15 and len(TOKENS) >= 10
