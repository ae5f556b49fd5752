"""The entity sentences: they come out as shipped, every span is where it says, and no split knows another."""

import gzip
import json
import re
from collections import Counter

import pytest

from utils.datasets.generators.entities import sentences as entities
from utils.datasets.generators.entities.lexicon import AFTERTHOUGHTS
from utils.datasets.generators.entities.sentences import (
    FOLDER,
    SPLITS,
    TYPES,
    as_bio,
    generate,
    parse_marked,
    split_words,
)

SHIPPED = {
    split: [json.loads(line) for line in (FOLDER / f"{split}.jsonl").read_text("utf-8").splitlines()]
    for split in SPLITS
}
ALL_TEMPLATES = entities.PROSE + entities.NAMELESS + entities.CHAT + entities.HEADLINES + entities.CVS
EVERY = [(split, line) for split in SPLITS for line in SHIPPED[split]]


def test_run_again_the_generator_gives_the_shipped_files():
    for name, content in entities.contents().items():
        shipped = (FOLDER / name).read_bytes()
        if name.endswith(".gz"):
            content, shipped = gzip.decompress(content), gzip.decompress(shipped)
        assert content == shipped, name


def test_the_sizes_are_those_promised():
    assert len(SHIPPED["test"]) == 200 and len(SHIPPED["dev"]) >= 50
    by_hand = sum(len(entities.read_by_hand(split)) for split in SPLITS)
    assert by_hand >= 300 and len(SHIPPED["train"]) >= 1_500
    assert len(generate(3, 40)) == len({made.text for made in generate(3, 40)}) == 40
    assert generate(3, 40) == generate(3, 40) != generate(4, 40)


def test_every_span_says_where_it_is():
    for _, line in EVERY:
        text, end = line["text"], 0
        starts, ends = (set(column) for column in zip(*split_words(text), strict=True))
        for entity in line["entities"]:
            assert set(entity) == {"start", "end", "label"} and entity["label"] in TYPES
            assert end <= entity["start"] < entity["end"] <= len(text)  # in order, none inside another
            words = text[entity["start"] : entity["end"]]
            assert words == words.strip() and "\n" not in words and any(c.isalnum() for c in words)
            assert entity["start"] in starts and entity["end"] in ends, (text, words)
            end = entity["end"]


def test_the_columns_say_the_same_as_the_spans():
    for split in SPLITS:
        blocks = gzip.decompress((FOLDER / f"{split}.conll.gz").read_bytes()).decode("utf-8").strip("\n").split("\n\n")
        for block, line in zip(blocks, SHIPPED[split], strict=True):
            found, words, text = [], 0, line["text"]
            for (start, end), row in zip(split_words(text), block.splitlines(), strict=True):
                word, label = row.split("\t")
                assert word == text[start:end]
                if label.startswith("B-"):
                    found.append([start, end, label[2:]])
                elif label.startswith("I-"):
                    assert found[-1][2] == label[2:]
                    found[-1][1] = end
                words += 1
            assert found == [[e["start"], e["end"], e["label"]] for e in line["entities"]] and words


def test_no_text_is_in_two_splits_nor_twice_in_one():
    seen = Counter("".join(c for c in line["text"].lower() if c.isalnum()) for _, line in EVERY)
    assert [text for text, count in seen.items() if count > 1] == []


def test_texts_are_clean():
    for _, line in EVERY:
        text = line["text"]
        assert text == text.strip() and "  " not in text and "{" not in text and "[" not in text
        assert all(c == "\n" or c.isprintable() for c in text) and len(text) < 400


def test_each_split_has_all_types_and_sentences_without_any():
    for split in SPLITS:
        counts = Counter(e["label"] for line in SHIPPED[split] for e in line["entities"])
        assert set(counts) == set(TYPES) and min(counts.values()) > 0.1 * sum(counts.values())
        assert 0.08 < sum(not line["entities"] for line in SHIPPED[split]) / len(SHIPPED[split]) < 0.3


def test_most_of_what_the_test_asks_for_is_not_in_train():
    names = {split: {(e["label"], line["text"][e["start"] : e["end"]].lower()) for line in SHIPPED[split]
                     for e in line["entities"]} for split in SPLITS}  # fmt: skip
    for label, least in (("PER", 0.5), ("ORG", 0.8), ("LOC", 0.4), ("DATE", 0.2)):
        asked = {name for name in names["test"] if name[0] == label}
        assert len(asked - names["train"]) / len(asked) > least, label


def as_pattern(template):
    """What a template can give, any entity being <E>."""
    slots = {"ON": "(in|on|last|next|this|every|before|after|by)( the)? <E>( morning| night)?"}
    parts = re.split(r"\{(\w+)\}", template.replace(r"\n", "\n"))
    slots |= {name: f"({'|'.join(map(re.escape, words))})" for name, words in entities.Writer(0).fillers.items()}
    words = [re.escape(p) if n % 2 == 0 else slots.get(p, "(the )?<E>") for n, p in enumerate(parts)]
    return re.compile("".join(words) + f"({'|'.join(map(re.escape, AFTERTHOUGHTS))})?" + r"\W*", re.IGNORECASE)


def test_no_template_could_give_a_sentence_of_the_test_or_dev():
    patterns = [as_pattern(t) for t in ALL_TEMPLATES]
    assert any(p.fullmatch("<E> and <E> went back on <E>.") is None for p in patterns)
    assert any(p.fullmatch("<E> and <E> went back.") for p in patterns)
    for made in entities.read_by_hand("test") + entities.read_by_hand("dev"):
        text = made.text
        for span in reversed(made.spans):
            text = text[: span.start] + "<E>" + text[span.end :]
        assert not any(p.fullmatch(text) for p in patterns), made.text


def test_marks_are_read():
    made = parse_marked(r"[May](PER) sails\nin [May](DATE).", "kind")
    assert made.text == "May sails\nin May." and made.kind == "kind"
    assert [made.text[s.start : s.end] for s in made.spans] == ["May", "May"]
    assert as_bio(made) == "May\tB-PER\nsails\tO\nin\tO\nMay\tB-DATE\n.\tO\n"


@pytest.mark.parametrize("template", ALL_TEMPLATES)
def test_every_template_can_be_filled(template):
    writer = entities.Writer(template)
    text = "".join(piece for piece, _ in writer.fill(template))
    assert text.strip() and "{" not in text
