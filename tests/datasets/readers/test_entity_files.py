"""Reading entities that others marked: every format, every fault with its line, nothing guessed."""

import gzip
import json
import re
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from utils.datasets.readers.entity_files import (
    KINDS,
    EntityFileError,
    Example,
    Problem,
    Span,
    chunks,
    examine_entities,
    format_of,
    read_entities,
    split_words,
)

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
TEXT = "Jane left Cork in May. Ours stayed."
SPANS = [(0, 4, "PER"), (10, 14, "LOC"), (18, 21, "DATE")]
WORDS = "Jane left Cork in May . Ours stayed .".split()
BIO = "B-PER O B-LOC O B-DATE O O O O".split()


@pytest.fixture
def put(tmp_path):
    """Writes bytes or text to a file and gives its path."""

    def write(content, name="entities.txt"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


def columns(rows, separator="\t"):
    return "".join(separator.join(row) + "\n" for row in rows)


def lines(*items):
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items)


def problems_of(path):
    return [item for item in examine_entities(path) if isinstance(item, Problem)]


def examples_of(path):
    return [item for item in examine_entities(path) if isinstance(item, Example)]


def entities(example):
    return [(example.text[s.start : s.end], s.label) for s in example.spans]


@pytest.mark.parametrize(("rows", "texts", "noted"), [
    ("Ana\tB-PER\nsaw\tO\n-DOCSTART-\tO\ntwice\tO\n", ["Ana saw -DOCSTART- twice"], 0),
    ("-DOCSTART-\tB-PER\n\nAna\tB-PER\nleft\tO\n", ["-DOCSTART-", "Ana left"], 0),
    ("-DOCSTART-\tO\nAna\tB-PER\nleft\tO\n\n-DOCSTART-\tO\nBo\tB-PER\n", ["Ana left", "Bo"], 1),
    ("Ana\tB-PER\nleft\tO\n\n-DOCSTART-\tO\n\nBo\tB-PER\n", ["Ana left", "Bo"], 0),
    ("Ana X I-NP B-PER\nleft X O O\n-DOCSTART- -X- O O\nBo X I-NP B-PER\n", ["Ana left", "Bo"], 0),
])  # fmt: skip
def test_the_mark_of_a_document_is_told_from_a_word(put, rows, texts, noted):
    path = put(rows)
    assert [e.text for e in read_entities(path)] == texts
    marks = [p for p in problems_of(path) if "a document's mark right beside a word" in p.message]
    assert len(marks) == noted and all("'-DOCSTART-" in p.message for p in marks)


# Formats -------------------------------------------------------------------------------------------

DATATURKS = {
    "content": TEXT,
    "annotation": [{"label": [k], "points": [{"start": s, "end": e - 1, "text": TEXT[s:e]}]} for s, e, k in SPANS],
    "extras": None,
}
JSON_FORMS = {
    "ours": {"text": TEXT, "entities": [dict(zip(("start", "end", "label"), s, strict=True)) for s in SPANS]},
    "prodigy": {"text": TEXT, "spans": [{"start": s, "end": e, "label": k, "token_start": 0} for s, e, k in SPANS]},
    "spacy": {"text": TEXT, "entities": SPANS},
    "doccano": {"id": 3, "text": TEXT, "label": SPANS, "Comments": []},
    "doccano old": {"id": 3, "text": TEXT, "labels": SPANS, "meta": {}},
    "doccano with relations": {
        "id": 3, "text": TEXT, "relations": [],
        "entities": [{"id": n, "label": k, "start_offset": s, "end_offset": e} for n, (s, e, k) in enumerate(SPANS)],
    },
    "dataturks": DATATURKS,
    "unordered": {"text": TEXT, "label": SPANS[::-1]},
}  # fmt: skip


@pytest.mark.parametrize("form", JSON_FORMS)
def test_json_with_spans(put, form):
    path = put(lines(JSON_FORMS[form], {**JSON_FORMS[form]}))
    first, second = read_entities(path)
    assert first.text == TEXT and first.spans == tuple(Span(*span) for span in SPANS)
    assert (first.line, second.line) == (1, 2) and format_of(path) == "json lines"
    assert first.labels() == BIO and [TEXT[a:b] for a, b in first.words] == WORDS
    packed = put(gzip.compress(lines(JSON_FORMS[form]).encode()), "packed")
    assert read_entities(packed)[0] == first
    array = put(json.dumps([JSON_FORMS[form]] * 2, indent=2), "array.json")
    again = read_entities(array)
    assert format_of(array) == "json" and [e[:3] for e in again] == [first[:3]] * 2 and again[1].line > again[0].line


def test_dataturks_ends_are_the_last_character_and_no_annotation_is_none(put):
    (example,) = read_entities(put(lines({"content": TEXT, "annotation": None})))
    assert example.spans == () and set(example.labels()) == {"O"}
    wrong = json.loads(json.dumps(DATATURKS))
    wrong["annotation"][0]["points"][0]["end"] = 4  # the end of others
    (problem,) = problems_of(put(lines(wrong)))
    assert problem.kind == "span says other text" or problem.kind == "space around a span"


SCHEMES = {
    "bio": "O B-PER I-PER O B-LOC B-LOC I-LOC O",
    "iob1": "O I-PER I-PER O I-LOC B-LOC I-LOC O",
    "bioes": "O B-PER E-PER O S-LOC B-LOC E-LOC O",
    "bilou": "O B-PER L-PER O U-LOC B-LOC L-LOC O",
}


@pytest.mark.parametrize("separator", ["\t", " ", "   ", "\tNNP\t", " NNP B-NP "])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_columns_of_every_scheme(put, scheme, separator):
    tags = SCHEMES[scheme].split()
    rows = columns(zip("aa b c d e f g h".split(), tags, strict=True), separator)
    path = put(f"-DOCSTART-{separator}O\n\n{rows}\n\n{rows}\n-DOCSTART- -X- -X- O\n\n{rows}")
    assert problems_of(path) == [] and format_of(path) == "columns"
    found = read_entities(path)
    assert len(found) == 3 and found[0].text == "aa b c d e f g h"
    assert [e.line for e in found] == [3, 13, 24]
    for example in found:
        assert entities(example) == [("b c", "PER"), ("e", "LOC"), ("f g", "LOC")]
        assert example.labels() == SCHEMES["bio"].split()


def test_columns_as_others_leave_them(put):
    rows = columns(zip(WORDS, BIO, strict=True))
    expected = read_entities(put(rows))
    for content in (
        rows.replace("\n", "\r\n"), "\ufeff" + rows, rows + "\n\n\n", "\n\n" + rows, rows.rstrip("\n"),
        rows + "\t\n" + " \n", "# id 7\tdomain=en\n" + rows, rows.replace("\t", "\t\t"),
    ):  # fmt: skip
        path = put(content)
        assert [p.kind for p in problems_of(path)] == ["columns told"] * content.startswith("#")
        assert [e[:3] for e in read_entities(path)] == [e[:3] for e in expected]
    assert entities(read_entities(put("New York\tB-LOC\nis\tO\n"))[0]) == [("New York", "LOC")]
    assert read_entities(put("#\tO\n1\tO\nJane\tB-PER\n"))[0].text == "# 1 Jane"


def test_a_types_name_may_have_hyphens(put):
    (example,) = read_entities(put("x\tB-creative-work\ny\tI-creative-work\n"))
    assert entities(example) == [("x y", "creative-work")]


def test_words_with_numbers_in_front(put):
    rows = [(str(n + 1), w, t) for n, (w, t) in enumerate(zip(WORDS, BIO, strict=True))]
    path = put(columns(rows))
    assert [p.kind for p in problems_of(path)] == ["numbered words"]
    assert read_entities(path)[0].text == " ".join(WORDS)


def test_a_csv_of_words(put):
    rows = list(zip(WORDS, BIO, strict=True))
    kaggle = "Sentence #,Word,POS,Tag\n" + "".join(
        f"{'Sentence: 1' if n == 0 else ''},{w},NN,{t}\n" for n, (w, t) in enumerate(rows)
    )
    kaggle += 'Sentence: 2,"Acme, ""Ltd""",NNP,B-ORG\n,sank,VBD,O\n'
    path = put(kaggle)
    first, second = read_entities(path)
    assert format_of(path) == "csv" and first.labels() == BIO and first.line == 2
    assert entities(second) == [('Acme, "Ltd"', "ORG")] and second.line == 11
    blank = put("token;label\n" + "".join(f"{w};{t}\n" for w, t in rows) + ";\nJane;B-PER\n")
    assert [len(e.words) for e in read_entities(blank)] == [9, 1]
    every = put("sentence_id,word,ner_tag\n" + "".join(f"{n // 5},{w},{t}\n" for n, (w, t) in enumerate(rows)))
    assert [len(e.words) for e in read_entities(every)] == [5, 4]


def test_lists_of_tokens(put):
    (example,) = read_entities(put(lines({"tokens": WORDS, "ner_tags": BIO})))
    assert example.labels() == BIO
    assert [p.kind for p in problems_of(put(lines({"tokens": WORDS, "ner_tags": [1] * 9})))] == ["bad label"]
    assert [p.kind for p in problems_of(put(lines({"tokens": WORDS, "tags": BIO[1:]})))] == ["no label"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of public data is not there")
def test_a_public_corpus_is_read_whole():
    for split, sentences, spans in (("train", 3394, 1975), ("dev", 1009, 836)):
        path = SHARED / f"wnut17.{split}.conll.gz"
        assert problems_of(path) == []
        found = read_entities(path)
        assert len(found) == sentences and sum(len(e.spans) for e in found) == spans
        assert {s.label for e in found for s in e.spans} >= {"person", "creative-work"}


# Faults --------------------------------------------------------------------------------------------

GOOD = {"text": "Jane left", "entities": [{"start": 0, "end": 4, "label": "PER"}]}


def spans(*found, text="Jane left Cork"):
    return {"text": text, "label": [list(span) for span in found]}


FAULTS = [
    ("span out of range", spans((0, 15, "PER")), "0–15", False),
    ("span out of range", spans((-1, 4, "PER")), "-1–4", False),
    ("span out of range", spans((4, 0, "PER")), "4–0", False),
    ("empty span", spans((4, 4, "PER")), "''", True),
    ("empty span", spans((4, 5, "PER")), "' '", True),
    ("overlapping spans", spans((0, 9, "PER"), (5, 14, "LOC")), "'Jane left'.*'left Cork'", True),
    ("overlapping spans", spans((0, 4, "PER"), (0, 4, "LOC")), "overlap", True),
    ("overlapping spans", spans((0, 14, "ORG"), (10, 14, "LOC")), r"overlap. 0–14 \(ORG\) was kept", True),
    ("span twice", spans((0, 4, "PER"), (0, 4, "PER")), "twice", True),
    ("space around a span", spans((0, 5, "PER")), "Write 0–4", True),
    ("space around a span", spans((9, 14, "LOC")), "Write 10–14", True),
    ("span cuts a word", spans((0, 3, "PER")), "'Jan'", True),
    ("span cuts a word", spans((11, 14, "LOC")), "'ork'", True),
    ("bad span", spans(("from 0", 4, "PER")), '"from 0"', False),
    ("bad span", spans((0.5, 4, "PER")), "0.5", False),
    ("bad span", spans((True, 4, "PER")), "true", False),
    ("bad span", spans((0,)), "no places", False),
    ("bad span", {"text": "Jane", "label": ["PER"]}, "no places", False),
    ("bad span", {"text": "Jane", "entities": [{"label": "PER"}]}, "no places", False),
    ("bad label", spans((0, 4, "")), '""', False),
    ("bad label", spans((0, 4)), "null", False),
    ("bad label", {"content": "J", "annotation": [{"label": [], "points": [{"start": 0, "end": 0}]}]}, "no lab", True),
    ("bad label", {"content": "J", "annotation": [{"label": ["A", "B"], "points": [{"start": 0, "end": 0}]}]},
     r'\["A", "B"\], of which the first was taken', True),
    ("span says other text", {"text": "Jané left", "entities": [{"start": 0, "end": 4, "label": "X", "text": "left"}]},
     "says 'left', which stands at 5–9: it was taken there", True),
    ("span says other text", {"text": "Jané left", "entities": [{"start": 0, "end": 4, "label": "X", "text": "Bo"}]},
     "stands nowhere in the text: the span was left out", True),
    ("span says other text", {"text": "Bo, Al or Bo", "entities": [{"start": 5, "end": 7, "label": "X", "text": "Bo"}]},
     "two places equally near: the span was left out", True),
    ("no text", {"txt": "Jane", "entities": []}, "there is no text", False),
    ("no text", {"text": "  ", "entities": [[0, 1, "PER"]]}, "there is no text", False),
    ("no text", {"text": None, "entities": []}, "there is no text", False),
    ("no spans", {"text": "Jane"}, "there are no spans", False),
    ("no spans", {"text": "Jane", "entities": {"a": 1}}, "says no places", False),
    ("not an object", ["Jane"], "an object is wanted", False),
    ("not an object", 7, "an object is wanted", False),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "item", "words", "kept"), FAULTS)
def test_a_faulty_object_is_reported_by_file_and_line(put, kind, item, words, kept):
    path = put(lines(GOOD, GOOD, item, GOOD))
    (problem,) = problems_of(path)
    assert (problem.kind, problem.line, problem.kept) == (kind, 3, kept) and problem.kind in KINDS
    assert str(path) in str(problem) and "line 3" in str(problem) and problem.advice
    assert re.search(words, str(problem)), str(problem)
    assert len(examples_of(path)) == 3 + kept
    if kept:
        assert len(read_entities(path)) == 4
    else:
        with pytest.raises(EntityFileError, match="line 3") as raised:
            read_entities(path)
        assert raised.value.problem == problem
        seen = []
        assert len(read_entities(path, on_error="skip", on_problem=seen.append)) == 3 and seen == [problem]


@pytest.mark.parametrize("first", ["[1, 2]", "[]", "7", '"Jane"', "null", "true", '["Jane"', '[{"text": "Jane"}]'])
def test_a_first_line_that_is_no_object_is_named_and_the_rest_is_read(put, first):
    path = put(f"{first}\n" + lines(GOOD, GOOD))
    (problem,) = problems_of(path)
    assert problem.line == 1 and problem.kind in ("not an object", "not JSON") and format_of(path) == "json lines"
    assert [example.line for example in examples_of(path)] == [2, 3]


def test_an_array_with_an_object_a_line_stays_an_array(put):
    one = json.dumps(GOOD)
    for form in (f"[\n{one}\n]", f"[{one},\n{one}]", f"[\n{one},\n{one},\n{one}\n]"):
        path = put(form)
        assert format_of(path) == "json" and len(examples_of(path)) == form.count('{"text')


COLUMN_FAULTS = [
    ("no label", "Jane\tB-PER\nleft\nCork\tB-LOC\n", 2, False),
    ("no label", "Jane\tB-PER\nleft\t\nCork\tB-LOC\n", 2, False),
    ("no label", "Jane\tB-PER\n\tO\nCork\tB-LOC\n", 2, False),
    ("bad label", "Jane\tB-PER\nleft\t0-0\nCork\tB-LOC\n", 2, False),
    ("bad label", "Jane\tB-PER\nleft\tO\nCork\tB-\n", 3, False),
    ("label without B- or I-", "Jane\tPER\nleft\tO\nCork\tLOC\n", 1, True),
    ("I- without B-", "Jane\tB-PER\nleft\tO\nCork\tI-LOC\n", 3, True),
    ("NUL byte", "Jane\tB-PER\nle\0ft\tO\nCork\tB-LOC\n", 2, False),
    ("not UTF-8", "Jane\tB-PER\nPür\tO\nCork\tB-LOC\n".encode("latin-1"), 2, False),
    ("other number of columns", "word,tag\nJane,B-PER\nleft,O,O\nCork,B-LOC\n", 3, False),
    ("no label", "word,tag\nJane,B-PER\nleft,\nCork,B-LOC\n", 3, False),
    ("sentence comes back", "sentence,word,tag\n1,Jane,B-PER\n2,left,O\n1,Cork,B-LOC\n2,Bath,B-LOC\n", 4, True),
    ("not JSON", lines(GOOD) + '{"text": "Jane\n' + lines(GOOD), 2, False),
]


@pytest.mark.parametrize(("kind", "content", "line", "kept"), COLUMN_FAULTS)
def test_a_faulty_line_is_reported(put, kind, content, line, kept):
    path = put(content)
    (problem,) = problems_of(path)
    assert (problem.kind, problem.line, problem.kept) == (kind, line, kept) and problem.kind in KINDS
    if not kept and kind != "not JSON":
        assert examples_of(path) == []


FOREIGN = [
    (b"", "empty file"),
    (b"\n \n\n", "empty file"),
    (b"PK\x03\x04 and so on", "not text"),
    (bytes(range(256)) * 20, "not text"),
    ("Jane left Cork.\nThe end.\n".encode("utf-16"), "not text"),
    (gzip.compress(columns([("Jane", "B-PER")] * 400).encode(), mtime=0)[:-30], "broken off"),
    (b"Jane left Cork.\nHe stayed in May, or so.\n", "unknown format"),
    (b"name,age\nJane,7\n", "unknown format"),
    (b'{"text": \n "Jane"}\n', "no spans"),
    (b'[{"text": "Jane", "entities": []}, {"text"', "not JSON"),
]


@pytest.mark.parametrize(("content", "kind"), FOREIGN)
def test_a_file_of_another_kind_is_told(put, content, kind):
    path = put(content)
    problem = problems_of(path)[-1]
    assert problem.kind == kind and problem.kind in KINDS and problem.advice
    with pytest.raises(EntityFileError):
        read_entities(path, on_error="skip") if kind != "not JSON" else read_entities(path)
    assert format_of(path) in (None, "columns", "json")


def test_an_array_without_an_end_is_told(put):
    path = put(json.dumps([GOOD, GOOD])[:-1])
    assert [p.kind for p in problems_of(path)] == ["not JSON"] and len(examples_of(path)) == 2


def test_no_file_is_a_problem_too(tmp_path):
    for path in (tmp_path / "nothing", tmp_path):
        (problem,) = problems_of(path)
        assert problem.kind == "not a file" and not problem.line
        with pytest.raises(EntityFileError):
            read_entities(path)
        assert format_of(path) is None
    with pytest.raises(ValueError, match="on_error"):
        read_entities(tmp_path, on_error="ignore")


def test_the_first_problem_is_named_and_the_others_counted(put):
    path = put(lines(GOOD, spans((0, 99, "X")), spans((0, 98, "X")), 3))
    with pytest.raises(EntityFileError, match=r"line 2.*0–99.*2 more lines.*on_error=\"skip\"") as raised:
        read_entities(path)
    assert len(raised.value.problems) == 3


def test_examples_come_one_by_one(put):
    path = put(lines(*[GOOD] * 30_000))
    tracemalloc.start()
    count = sum(1 for _ in examine_entities(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 30_000 and peak < 2_000_000


TAGS = st.sampled_from(["O", "B-a", "I-a", "B-b", "I-b", "E-a", "S-b", "U-a", "L-b"])


@settings(deadline=None, max_examples=300)
@given(st.lists(TAGS, min_size=1, max_size=9))
def test_entities_of_any_labels_are_apart_and_in_order(tags):
    place = 0
    for label, first, last in chunks(tags):
        assert place <= first < last <= len(tags) and all(tag[2:] == label for tag in tags[first:last])
        place = last
    assert sum(last - first for _, first, last in chunks(tags)) == sum(tag != "O" for tag in tags)


@settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_spans_that_keep_to_words_come_back_from_labels(data):
    text = data.draw(st.text("ab .,'é\n", min_size=1, max_size=30))
    words = split_words(text)
    found, place = [], 0
    while place < len(words):
        last = data.draw(st.integers(place, len(words)))
        if last > place:
            found.append(Span(words[place][0], words[last - 1][1], data.draw(st.sampled_from("XY"))))
        place = max(last, place) + data.draw(st.integers(0, 2))
    labels = Example(text, tuple(found), tuple(words)).labels()
    again = [Span(words[first][0], words[last - 1][1], label) for label, first, last in chunks(labels)]
    assert again == found
