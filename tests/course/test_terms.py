"""The index of terms: in order, each linked to a lesson that speaks of it."""

import re

from utils.course.source import ROOT, SOURCES

ROW = re.compile(r"\| (.+) \| \[(\d\d)\]\((\w+)\.ipynb\) \|")
ROWS = ROW.findall((ROOT / "notebooks" / "TERMS.md").read_text(encoding="utf-8"))
SOUGHT = ("KV cache", "causal mask", "gradient clipping", "exposure bias", "perplexity", "validation set")


def text_of(slug):
    text = (SOURCES / f"{slug}.py").read_text(encoding="utf-8")
    return re.sub(r"\s*\n# ?", " ", text).lower().replace("*", "")


def test_each_term_stands_in_its_lesson():
    assert len(ROWS) > 60
    for term, number, slug in ROWS:
        assert slug.startswith(number) and (SOURCES / f"{slug}.py").exists(), slug
        words = [word[:6] for word in re.findall(r"[a-zé]{3,}", term.lower())]
        assert any(word in text_of(slug) for word in words), f"lesson {number} does not speak of {term}"


def test_terms_are_in_order_and_stand_once():
    names = [term.strip("`[").lower() for term, *_ in ROWS]
    assert names == sorted(set(names))


def test_what_people_search_for_is_named_where_it_is():
    for sought in SOUGHT:
        found = [slug for term, _, slug in ROWS if sought.lower() in term.lower()]
        assert len(found) == 1, sought
        assert sought.lower() in text_of(found[0]), f"{found[0]} does not say {sought!r}"
