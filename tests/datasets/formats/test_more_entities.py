"""Entities as further tools write them: names of numbers beside the file, spans in cells, other columns."""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.datasets.readers import entity_json
from utils.datasets.readers.entity_files import Example, examine_entities, format_of

WORDS, TAGS = ["Ilse", "Brandt", "left", "Orsk"], ["B-PER", "I-PER", "O", "B-LOC"]
TEXT, SPANS = "Ilse Brandt left Orsk", [[0, 11, "PER"], [17, 21, "LOC"]]
FOUND = [("PER", "Ilse Brandt"), ("LOC", "Orsk")]
NAMES = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
NUMBERED = json.dumps({"tokens": WORDS, "ner_tags": [1, 2, 0, 3]}) + "\n"
CLASSES = {"feature": {"names": NAMES, "_type": "ClassLabel"}, "_type": "Sequence"}
CHUNKS = {"feature": {"names": ["O", "B-NP", "I-NP", "B-VP", "I-VP"], "_type": "ClassLabel"}, "_type": "Sequence"}


@pytest.fixture
def read(tmp_path):
    def of(content, name="train.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        items = list(examine_entities(path))
        examples = [item for item in items if isinstance(item, Example)]
        found = [(span.label, e.text[span.start : span.end]) for e in examples for span in e.spans]
        return found, [item for item in items if not isinstance(item, Example)]

    return of


def table(header, *rows, separator=","):
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


def dicts(**more):
    return [{"start": a, "end": b, "label": k, **more} for a, b, k in SPANS]


# Names of numbers ----------------------------------------------------------------------------------

BESIDE = {
    "labels.txt": "\n".join(NAMES) + "\n",
    "label_list.json": json.dumps(NAMES),
    "label.json": json.dumps({name: n for n, name in enumerate(NAMES)}),
    "tag2id.json": json.dumps({name: n for n, name in enumerate(NAMES)}),
    "config.json": json.dumps({"model_type": "bert", "id2label": {str(n): name for n, name in enumerate(NAMES)}}),
    "dataset_info.json": json.dumps({"features": {"chunk_tags": CHUNKS, "ner_tags": CLASSES}}),
    "../dataset_infos.json": json.dumps({"default": {"features": {"ner_tags": CLASSES}}}),
    "tags.txt": "".join(f"{n}\t{name}\n" for n, name in enumerate(NAMES)),
}


@pytest.mark.parametrize("name", BESIDE)
def test_numbers_are_named_by_a_file_beside(read, tmp_path, name):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / name).write_text(BESIDE[name])
    found, problems = read(NUMBERED, "data/train.jsonl")
    assert found == FOUND
    assert len(problems) == 1 and problems[0].kept and name.removeprefix("../") in problems[0].message
    rows = table(["tokens", "ner_tags"], [str(WORDS), "[1, 2, 0, 3]"], [str(WORDS), "[1 2 0 3]"])
    assert read(rows, "data/train.csv")[0] == FOUND * 2


REFUSED_NAMES = {
    "too few": ({"labels.txt": "O\nB-PER\nI-PER\n"}, "number 3 is none of them"),
    "differ": ({"labels.txt": "\n".join(NAMES), "tags.txt": "\n".join(reversed(NAMES))}, "differently"),
    "only phrases": ({"dataset_info.json": json.dumps({"features": {"chunk_tags": CHUNKS}})}, None),
    "no names": ({"labels.txt": "a poem of two lines\nabout labels\n", "config.json": "{"}, None),
}


@pytest.mark.parametrize("name", REFUSED_NAMES)
def test_names_that_cannot_be_right_are_refused(read, tmp_path, name):
    beside, said = REFUSED_NAMES[name]
    for file, content in beside.items():
        (tmp_path / file).write_text(content)
    found, problems = read(NUMBERED)
    assert found == [] and all(problem.kind == "bad label" and not problem.kept for problem in problems)
    assert said is None or said in problems[0].message
    assert "labels.txt" in problems[-1].advice


def test_types_of_spans_are_named_by_doccanos_labels(read, tmp_path):
    marks = [{"label": {"PER": 4, "LOC": 7}[k], "start_offset": a, "end_offset": b} for a, b, k in SPANS]
    (tmp_path / "label_config.json").write_text(json.dumps([{"id": 4, "text": "PER"}, {"id": 7, "text": "LOC"}]))
    assert read(json.dumps({"text": TEXT, "annotations": marks}) + "\n")[0] == FOUND


# Spans in cells ------------------------------------------------------------------------------------

CELLS = {
    "Label Studio": table(["annotator", "label", "text"], [1, json.dumps(dicts(text="x")[:0]), "Nothing"],
                          [1, json.dumps([{**d, "labels": [d.pop("label")]} for d in dicts()]), TEXT]),
    "tuples": table(["text", "entities"], [TEXT, str([tuple(s) for s in SPANS])], ["Nothing", "[]"]),
    "objects of Python": table(["", "sentence", "annotations"], [0, TEXT, str(dicts())], [1, "Nothing", ""]),
    "spaCy's": table(["text", "label"], [TEXT, str({"entities": [tuple(s) for s in SPANS]})]),
    "tabs": table(["content", "spans"], [TEXT, json.dumps(SPANS)], separator="\t"),
    "a text with commas and a line break": table(
        ["text", "entities"], ["a, b\n" + TEXT, str([[5, 16, "PER"], [22, 26, "LOC"]])]),
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
def test_spans_in_the_cells_of_a_table(read, name):
    found, problems = read(CELLS[name])
    assert found == FOUND and all(problem.kept for problem in problems)
    assert "their spans" in problems[0].message


def test_a_bad_cell_costs_its_row_alone(read):
    content = table(["text", "entities"], [TEXT, str(SPANS)], [TEXT, "[[0, 4"], [TEXT, str(SPANS)])
    found, problems = read(content)
    assert found == FOUND * 2
    assert [(p.kind, p.line) for p in problems if not p.kept] == [("no spans", 3)]


# Columns -------------------------------------------------------------------------------------------


def columns(form, before=""):
    return before + "".join(form.format(w=w, t=t, n=n) + "\n" for n, (w, t) in enumerate(zip(WORDS, TAGS, strict=True)))


BRACKETS = ["(PER*", "*)", "*", "(LOC)"]
ONTONOTES = "#begin document (x); part 000\n" + "".join(
    f"x/y 0 {n} {w} NN (TOP* - - - - {b} {'* ' * (n % 2)}-\n" 
    for n, (w, b) in enumerate(zip(WORDS, BRACKETS, strict=True))
)  # fmt: skip
COLUMNS = {
    "commas": columns("{w},NN,{t}"),
    "semicolons": columns("{w};{t}"),
    "OntoNotes": ONTONOTES + "\n#end document\n",
    "a header, HIPE's": columns("{w}\t{t}\tO\t_", "TOKEN\tNE-COARSE-LIT\tNE-NESTED\tMISC\n"),
    "a header and numbers": "ID\tFORM\tNER\n" + "".join(
        f"{n}\t{w}\t{t}\n" for n, (w, t) in enumerate(zip(WORDS, TAGS, strict=True), 1)),
    "CoNLL-U with types alone": "".join(
        f"{n}\t{w}\t_\tNOUN\t_\t_\t0\tdep\t_\tNE={t[2:]}\n" if t != "O" else f"{n}\t{w}\t_\tVERB\t_\t_\t0\tdep\t_\t_\n"
        for n, (w, t) in enumerate(zip(WORDS, TAGS, strict=True), 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_other_hands_are_read_and_told(read, name):
    found, problems = read(COLUMNS[name])
    assert found == FOUND and problems and all(problem.kept for problem in problems)


@pytest.mark.parametrize("content", ["I left\nYou left\nWe stayed\nThey stayed\n", "We left it\n\nYou saw it\n\nI\n",
                                     "We went out\nThey stayed out\nI got home\n",
                                     "Jane NNP\nleft VBD\nCork NNP\nMay NNP\n"])  # fmt: skip
def test_plain_sentences_and_parts_of_speech_are_no_columns_of_entities(read, content):
    found, problems = read(content)
    assert found == [] and [problem.kind for problem in problems] == ["unknown format"]


# Objects -------------------------------------------------------------------------------------------

OBJECTS = {
    "SageMaker": {"source": TEXT, "job": {"annotations": {"entities": [
        {"startOffset": a, "endOffset": b, "label": k} for a, b, k in SPANS], "labels": [{"label": "PER"}]}},
        "job-metadata": {"entities": [{"confidence": 0.9}]}},
    "AutoML": {"text_snippet": {"content": TEXT}, "annotations": [
        {"text_extraction": {"text_segment": {"start_offset": a, "end_offset": b}}, "display_name": k}
        for a, b, k in SPANS]},
    "names near to the usual": {"text": TEXT, "mentions": [
        {"charStart": a, "char_end": b, "type": k} for a, b, k in SPANS]},
    "GATE": {"text": TEXT, "entities": {k: [{"indices": [a, b]}] for a, b, k in SPANS}},
    "OneIE": {"tokens": WORDS, "entity_mentions": [{"start": 0, "end": 2, "entity_type": "PER", "text": "Ilse Brandt"},
                                                   {"start": 3, "end": 4, "entity_type": "LOC", "text": "Orsk"}]},
    "Stanza": [{"text": w, "ner": t} for w, t in zip(WORDS, TAGS, strict=True)],
    "the datasets server": {"features": [{"name": "ner_tags", "type": CLASSES}], "rows": [
        {"row_idx": 0, "row": json.loads(NUMBERED), "truncated_cells": []}]},
}  # fmt: skip


@pytest.mark.parametrize("name", OBJECTS)
def test_objects_of_other_tools(read, name):
    found, problems = read(json.dumps(OBJECTS[name]) + "\n", "train.json")
    assert found == FOUND and all(problem.kept for problem in problems)


def test_spans_without_a_label_or_with_two_cost_no_text(read):
    points = [{"start": a, "end": b - 1, "text": TEXT[a:b]} for a, b, _ in SPANS]
    marks = [{"label": ["PER"], "points": points[:1]}, {"label": [], "points": points[1:]}]
    found, problems = read(json.dumps({"content": TEXT, "annotation": marks}) + "\n")
    assert found == FOUND[:1] and [p.kept for p in problems] == [True] and "no label" in problems[0].message
    marks[1]["label"] = ["LOC", "ORG"]
    found, problems = read(json.dumps({"content": TEXT, "annotation": marks}) + "\n")
    assert found == FOUND and '"LOC", "ORG"' in problems[0].message


OTHERS = {
    "a table of Markdown": "| word | tag |\n| :-- | --- |\n| Ana | B-PER |\n| left | O |\n",
    "WebAnno": "#FORMAT=WebAnno TSV 3.3\n#T_SP=x|value\n\n#Text=Orsk\n1-1\t0-4\tOrsk\tLOC\n",
    "WebAnno's TSV, whose first": "#id=1\n#text=Orsk fell\n1-1\tOrsk\tB-LOC\n1-2\tfell\tO\n",
    "WebAnno's": "# webanno.custom.Name | value\n#id=1\n1-1\tOrsk\tB-LOC\n",
    "PubTator": "7|t|Orsk fell.\n7|a|Nothing.\n7\t0\t4\tOrsk\tLOC\tX\n",
    "Rasa's YAML": "version: '3.1'\nnlu:\n- intent: x\n  examples: |\n    - [Orsk](LOC) fell\n",
    "Comprehend": "File,Line,Begin Offset,End Offset,Type\na.txt,0,0,4,LOC\n",
    "tagtog": json.dumps({"annotatable": {"parts": []}, "entities": [{"classId": "e_1"}]}),
    "UIMA": json.dumps({"%TYPES": {}, "%FEATURE_STRUCTURES": []}),
    "GUM": "1\tOrsk\t_\tPROPN\t_\t_\t0\troot\t_\tEntity=(1-place)\n2\tfell\t_\tVERB\t_\t_\t1\tdep\t_\t_\n",
    "chat": json.dumps({"messages": [{"role": "user", "content": "Orsk"}]}) + "\n",
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_read_is_called_by_its_name(read, name):
    found, problems = read(OTHERS[name])
    assert found == [] and [problem.kind for problem in problems] == ["another tool"]
    assert name.split("'")[0].casefold() in problems[0].message.casefold() and problems[0].advice


def test_a_language_before_each_word_is_taken_off_and_told(read):
    found, problems = read("en:Orsk\tB-LOC\nen:fell\tO\nen::\tO\n\nzh-min-nan:Rye\tB-LOC\n")
    assert found == [("LOC", "Orsk"), ("LOC", "Rye")]
    assert "begins with its language, en:" in problems[0].message and problems[0].kept
    found, problems = read("en:Orsk\tB-LOC\nfell\tO\n\n1-1\tO\n")  # not each word; a score is a word
    assert not problems and found == [("LOC", "en:Orsk")]


def test_skeletons_without_words_are_refused(read):
    rows = ["a/b/00/c 0 0 {} NNP * - - - - (PERSON) -", "a/b/00/c 0 1 left VBD * - - - - * -"]
    text = "#begin document (a/b/00/c); part 000\n" + "\n".join(rows) + "\n\n#end document\n"
    assert read(text.format("Ilse"))[0] == [("PERSON", "Ilse")]
    found, (problem,) = read(text.replace("left", "[WORD]").format("[WORD]"))
    assert not found and problem.kind == "another tool" and "without their words" in problem.message


def test_a_comma_and_a_blank_part_columns(read):
    found, problems = read("7, Ilse, B-PER\n7, Brandt, I-PER\n7, left, O\n8, Orsk, B-LOC\n8, fell, O\n")
    assert found == FOUND and "columns with ',' between" in problems[0].message
    assert read("Well, O\nOrsk, B-LOC\n. O\n")[0] == [("LOC", "Orsk,")]  # words as somebody cut them


# What tools write beside spans ---------------------------------------------------------------------

REGION = {"start": 0, "end": 11, "text": "Ilse Brandt"}


@pytest.mark.parametrize(
    ("kind", "said"), [("choices", ["boss"]), ("rating", 4), ("datetime", "1900-01-01"), ("taxonomy", [["A", "B"]])]
)
@pytest.mark.parametrize("first", [True, False])
def test_what_is_said_of_a_region_is_no_entity(read, kind, said, first):
    results = [{"id": "a", "type": "labels", "value": REGION | {"labels": ["PER"]}}]
    results.insert(0 if first else 1, {"id": "a", "type": kind, "value": REGION | {kind: said}})
    found, problems = read(json.dumps([{"data": {"text": TEXT}, "annotations": [{"result": results}]}]))
    assert found == FOUND[:1] and not problems


def test_label_studios_pictures_hold_no_text_and_classes_no_span(read):
    picture = {"type": "rectanglelabels", "value": {"x": 4.8, "y": 1.0, "rectanglelabels": ["Car"]}}
    class_of = {"type": "choices", "value": {"choices": ["good"]}}
    tasks = [({"image": "/data/upload/29/a.png"}, picture), ({"text": TEXT, "image": "a"}, picture),
             ({"text": "https://example.org/a.txt"}, class_of), ({"text": TEXT}, class_of)]  # fmt: skip
    file = [{"data": data, "annotations": [{"result": [result]}]} for data, result in tasks]
    found, problems = read(json.dumps(file))
    assert not found and [problem.kept for problem in problems] == [False, False, False, True]
    assert all("no part of a text" in problem.message for problem in problems[:2])
    assert "there is no text" in problems[2].message and "1 text, the first here, were judged" in problems[3].message


def test_a_taxonomy_alone_labels(read):
    results = [{"id": "a", "type": "taxonomy", "value": REGION | {"taxonomy": [["PER"]]}}]
    assert read(json.dumps([{"data": {"text": TEXT}, "annotations": [{"result": results}]}]))[0] == FOUND[:1]


def test_ubiai_calls_what_was_marked_tokens(read):
    tokens = [{"text": TEXT[a:b], "start": a, "end": b, "token_start": 0, "entityLabel": k} for a, b, k in SPANS]
    rows = [{"documentName": "a", "document": TEXT, "tokens": tokens, "relations": []}]
    rows += [{"documentName": "b", "document": "She sat.", "tokens": [], "relations": []}]
    assert read(json.dumps(rows)) == (FOUND, [])


def test_a_text_that_was_asked_about_one_entity_alone_is_told(read):
    row = {"text": TEXT, "spans": dicts()[:1], "_is_binary": True, "answer": "accept"}
    found, (note,) = read(json.dumps(row) + "\n" + json.dumps(row | {"_is_binary": False}) + "\n")
    assert found == FOUND[:1] * 2 and note.kept and "1 text, the first here, were asked about one" in note.message


def test_german_chunks_are_no_entities(read):
    rows = "Ilse Ilse NE I-NC I-PER\nBrandt Brandt NE I-NC I-PER\nging gehen VVFIN I-VC O\n\nin in APPR I-PC O\n"
    assert read(rows + "Orsk Orsk NE I-NC I-LOC\n")[0] == FOUND


# The short way -------------------------------------------------------------------------------------

PARTS = st.sampled_from(["Jane", "a", "left", "_x", " ", ".", "7", "é", "漢", "\u200b", "\u00a0", "\t", "it's", ""])


@st.composite
def objects(draw):
    if draw(st.booleans()):
        tokens = draw(st.lists(PARTS, min_size=1, max_size=5))
        tags = [draw(st.sampled_from(["O", "B-PER", "I-PER", "I-LOC", "PER", "o", "B-", " B-PER"])) for _ in tokens]
        return {draw(st.sampled_from(["tokens", "words", "text"])): tokens, "ner_tags": tags}
    text = "".join(draw(st.lists(PARTS, max_size=8)))
    numbers = st.integers(-1, len(text) + 1)
    marks = draw(st.lists(st.tuples(numbers, numbers, st.sampled_from(["PER", "LOC", "", " X "])), max_size=3))
    form = draw(st.sampled_from(["list", "dict"]))
    marks = [list(m) if form == "list" else dict(zip(("start", "end", "label"), m, strict=True)) for m in marks]
    return {"text": text, draw(st.sampled_from(["entities", "label", "spans"])): marks} | draw(
        st.sampled_from([{}, {"id": 1}, {"answer": "accept"}, {"meta": {"a": 1}}, {"tokens": ["a"]}])
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(objects(), min_size=1, max_size=4))
def test_the_short_way_gives_what_the_long_one_gives(tmp_path_factory, items):
    path = tmp_path_factory.mktemp("quick") / "file.jsonl"
    path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    short = list(examine_entities(path))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entity_json.Quick, "example", lambda self, line, item: None)
        assert list(examine_entities(path)) == short


def test_the_short_way_is_taken(tmp_path):
    path = tmp_path / "file.jsonl"
    path.write_text(json.dumps({"text": TEXT, "label": SPANS}) + "\n" + json.dumps({"tokens": WORDS, "ner_tags": TAGS}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entity_json, "records", lambda item: iter(()))  # the long way is closed
        assert [len(item.spans) for item in examine_entities(path)] == [2, 2]


def test_format_of_a_table_with_spans(tmp_path):
    (tmp_path / "a.csv").write_text(CELLS["tuples"])
    assert format_of(tmp_path / "a.csv") == "csv with spans"


def test_a_null_of_postgresql_is_no_label(read):
    found, problems = read("Ilse\tB-PER\nBrandt\tI-PER\nleft\t\\N\n\nOrsk\tB-LOC\nfell\t\\N\n")
    assert found == FOUND and all(problem.kept for problem in problems)
