"""JSON of annotation tools: what is taken, what is left out and counted, how places count; every guess is told."""

import json

import pytest

from utils.datasets.readers.entity_files import EntityFileError, Example, Problem, examine_entities, read_entities
from utils.datasets.readers.validate import validate_entities
from utils.tasks.__main__ import main


@pytest.fixture
def read(tmp_path):
    """Entities of each text (by text), and problems as (kind, line, kept), of a file that holds these objects."""

    def of(*items, whole=False, **options):
        path = tmp_path / "entities.json"
        content = json.dumps(items[0], indent=1) if whole else "".join(json.dumps(item) + "\n" for item in items)
        path.write_text(content, encoding="utf-8")
        found = list(examine_entities(path, **options))
        examples = [item for item in found if isinstance(item, Example)]
        problems = [item for item in found if isinstance(item, Problem)]
        return [(e.text, [(e.text[s.start : s.end], s.label) for s in e.spans]) for e in examples], problems

    return of


def kinds(problems):
    return [(problem.kind, problem.line, problem.kept) for problem in problems]


ANA = {"text": "Ana left", "spans": [{"start": 0, "end": 3, "label": "PER"}]}
FOUND = ("Ana left", [("Ana", "PER")])


# What is left out ----------------------------------------------------------------------------------


def test_what_nobody_accepted_is_left_out_and_counted(read):
    rows = [{**ANA, "answer": answer} for answer in ("accept", "reject", "ignore", "reject")]
    found, problems = read(*rows)
    assert found == [FOUND] and kinds(problems) == [("left out", 2, True), ("left out", 3, True)]
    assert '2 texts, the first here, have the answer "reject"' in problems[0].message


def test_an_accepted_row_without_spans_has_no_entities(read):
    found, problems = read({**ANA, "answer": "accept"}, {"text": "Nobody", "answer": "accept"})
    assert found == [FOUND, ("Nobody", [])] and kinds(problems) == [("left out", 2, True)]


def test_a_file_of_which_nothing_is_left_says_why(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({**ANA, "answer": "reject"}) + "\n")
    with pytest.raises(EntityFileError, match='no text in it can be used.*the answer "reject"'):
        read_entities(path)


def task(text, *annotations, **more):
    return {"id": 1, "data": {"text": text, **more}, "annotations": list(annotations)}


def labelled(start, end, label, text=None, kind="labels"):
    value = {"start": start, "end": end, kind: [label], **({"text": text} if text else {})}
    return {"id": "r", "from_name": "l", "to_name": "text", "type": kind, "value": value}


def test_label_studios_tasks(read):
    choice = {"type": "choices", "value": {"choices": ["good"]}, "from_name": "c", "to_name": "text"}
    relation = {"type": "relation", "from_id": "a", "to_id": "b", "direction": "right"}
    first = {"result": [labelled(0, 3, "PER", "Ana"), choice, relation]}
    found, problems = read(
        [task("Ana left", first), task("Bo left", {"was_cancelled": True, "result": []}), task("Cy left"),
         task("Nobody left", {"result": []}), task("Di left", {"result": []},
         {"result": [labelled(0, 2, "PER")], "ground_truth": True})],
        whole=True,
    )  # fmt: skip
    assert found == [FOUND, ("Nobody left", []), ("Di left", [("Di", "PER")])]
    assert sorted(p.message.split("here, ")[1] for p in problems) == [
        "have further annotations, of which one was taken",
        "have no annotation yet",
        "were skipped by their annotators",
    ]


def test_label_studio_may_call_the_text_as_it_likes(read):
    found, _ = read([{"id": 1, "data": {"note": "Ana left", "by": "x"},
                      "annotations": [{"result": [labelled(0, 3, "PER", "Ana")]}]}], whole=True)  # fmt: skip
    assert found == [FOUND]
    rows = [{"note": "Ana left", "ner": [{"start": 0, "end": 3, "text": "Ana", "labels": ["PER"]}], "annotator": 2}]
    assert read(rows, whole=True)[0] == [FOUND]


def test_label_studios_html_and_dialogues_are_refused(read):
    region = {"type": "hypertextlabels", "value": {"start": "/div[1]/text()[1]", "end": "/p", "startOffset": 0,
              "endOffset": 3, "hypertextlabels": ["PER"]}}  # fmt: skip
    found, problems = read([task("Ana left", {"result": [region]})], whole=True)
    assert found == [] and problems[0].kind == "bad span" and "plain text" in problems[0].advice
    region["value"]["globalOffsets"] = {"start": 0, "end": 3}
    assert read([task("Ana left", {"result": [region]})], whole=True)[0] == [FOUND]


@pytest.mark.parametrize("kind", [str, float])
def test_offsets_that_were_written_as_text_or_with_a_point(read, kind):
    start, end = kind(0), kind(3)
    for span in ({"start": start, "end": end, "label": "PER"}, [start, end, "PER"],
                 {"label": ["PER"], "points": [{"start": start, "end": kind(2), "text": "Ana"}]}):  # fmt: skip
        assert read({"text": "Ana left", "entities": [span]})[0] == [FOUND]


def test_rows_without_labels_are_texts_without_entities_where_the_tool_writes_so(read):
    with_labels = {"id": 1, "text": "Ana left", "label": [{"start": 0, "end": 3, "labels": ["PER"]}]}
    found, problems = read([with_labels, {"id": 2, "text": "Nobody"}], whole=True)
    assert (
        found == [FOUND, ("Nobody", [])] and problems[0].kind == "left out" and "without entities" in str(problems[0])
    )
    found, problems = read(ANA, {"id": 2, "text": "Nobody"})
    assert found == [FOUND] and kinds(problems) == [("no spans", 2, False)]


def test_words_that_nobody_has_judged_are_not_learnt(read):
    tokens = [{"orth": "Ana", "ner": "U-PER"}, {"orth": "left", "ner": "-"}]
    found, problems = read({"id": 0, "paragraphs": [{"sentences": [{"tokens": tokens}, {"tokens": tokens[:1]}]}]})
    assert (
        found == [("Ana", [("Ana", "PER")])] and problems[0].kind == "left out" and "nobody has judged" in str(problems)
    )


def test_several_lists_in_one_file_are_not_mixed(read):
    found, problems = read({"train": [ANA], "test": [ANA]})
    assert found == [] and kinds(problems) == [("several lists", 1, False)] and "train, test" in problems[0].message


# Numbers for labels --------------------------------------------------------------------------------

NUMBERED = {"words": ["Ana", "left"], "ner_tags": [1, 0]}


@pytest.mark.parametrize(
    "head",
    [
        {"id2label": {"0": "O", "1": "B-PER"}},
        {"label2id": {"O": 0, "B-PER": 1}},
        {"names": ["O", "B-PER"]},
        {"features": {"ner_tags": {"feature": {"names": ["O", "B-PER", "I-PER"], "_type": "ClassLabel"}}}},
    ],
)
def test_numbers_are_named_by_the_same_file(read, head):
    assert read(head, NUMBERED) == ([FOUND], [])
    assert read({**head, "data": [NUMBERED, NUMBERED]}, whole=True) == ([FOUND, FOUND], [])
    assert read({**NUMBERED, **head})[0] == [FOUND]


def test_numbers_without_names_are_refused_with_advice(read):
    found, problems = read(NUMBERED)
    assert found == [] and kinds(problems) == [("bad label", 1, False)] and "id2label" in problems[0].advice
    _, problems = read({"names": ["O", "B-PER"]}, {"words": ["Ana"], "ner_tags": [7]})
    assert kinds(problems) == [("bad label", 2, False)]
    _, problems = read({"text": "Ana left", "annotations": [{"label": 2, "start_offset": 0, "end_offset": 3}]})
    assert kinds(problems) == [("bad label", 1, False)] and "number" in problems[0].advice


# Places --------------------------------------------------------------------------------------------

PARTY = {"text": "🎉🎉 Al met Bo today", "entities": [{"start": 5, "end": 7, "label": "PER"}]}


def test_utf16_units_are_told_from_the_whole_file(read):
    late = [{"text": "Ana left", "label": [[0, 3, "PER"]]}] * 3
    found, problems = read(*late, PARTY)
    assert found[-1][1] == [("Al", "PER")] and kinds(problems) == [("counting told", 0, True)]
    assert "UTF-16" in problems[0].message
    found, problems = read(*[{**PARTY, "entities": [[3, 5, "PER"]]}] * 2)
    assert found[0][1] == [("Al", "PER")] and problems == []


def test_a_span_that_fits_by_chance_moves_no_others(read):
    sloppy = [{"text": f"🎉🎉 Al{n} met, Bo today", "label": [[4, 6, "PER"]]} for n in range(4)]
    found, problems = read(PARTY, *sloppy)
    assert found[0][1] != [("Al", "PER")] and "counting told" not in {p.kind for p in problems}


def test_bytes_are_told_where_only_they_fit(read):
    text = "Zoé née Bo va à Rye"
    start = len(text[: text.index("Rye")].encode())
    found, problems = read({"text": text, "label": [[start, start + 3, "LOC"]]})
    assert found == [(text, [("Rye", "LOC")])] and "bytes of UTF-8" in problems[0].message


def test_ends_that_are_the_last_character(read):
    rows = [{"text": f"{name} left Rye", "label": [[0, len(name) - 1, "PER"]]} for name in ("Ana", "Bert", "Cy", "Di")]
    found, problems = read(*rows)
    assert [spans for _, spans in found] == [[(n, "PER")] for n in ("Ana", "Bert", "Cy", "Di")]
    assert "the end being the last one" in problems[0].message


@pytest.mark.parametrize(("first", "last", "said"), [
    (0, -1, "characters, the end being the last one"), (1, 1, "characters from 1, and were"),
    (1, 0, "characters from 1, the end being the last one"),
])  # fmt: skip
def test_two_spans_tell_that_they_are_shifted_and_one_or_an_exception_does_not(read, first, last, said):
    text = "Then Ana Pohl met Bo Ray of Rye."
    spans = [[text.index(w) + first, text.index(w) + len(w) + last, "X"] for w in ("Ana Pohl", "Bo Ray")]
    found, problems = read({"text": text, "label": spans})
    assert found == [(text, [("Ana Pohl", "X"), ("Bo Ray", "X")])]
    assert [p.kind for p in problems] == ["counting told"] and said in problems[0].message
    for other in ([], [[text.index("Rye"), text.index("Rye") + 3, "X"]]):
        _, problems = read({"text": text, "label": spans[:1] + other})
        assert problems and "counting told" not in {p.kind for p in problems}


def test_escapes_of_html_that_were_none_when_places_were_counted(read):
    text = "Smith &amp; Sons hired Ana Pohl &#8212; in Rye."
    then = text.replace("&amp;", "&").replace("&#8212;", "—")
    names = ("Smith & Sons", "Ana Pohl", "Rye")
    found, problems = read({"text": text, "label": [[then.index(n), then.index(n) + len(n), "X"] for n in names]})
    assert found == [(text, [("Smith &amp; Sons", "X"), ("Ana Pohl", "X"), ("Rye", "X")])]
    assert "escapes" in problems[0].message
    found, problems = read({"text": text, "label": [[text.index("Rye"), text.index("Rye") + 3, "X"]]})
    assert found == [(text, [("Rye", "X")])] and "counting told" not in {p.kind for p in problems}


@pytest.mark.parametrize(("written", "counted", "said"), [("\r\n", "\n", "CR LF"), ("\n", "\r\n", "LF being two")])
def test_line_ends_that_were_others_when_places_were_counted(read, written, counted, said):
    text = "One\nAna left\nBo met Cy in Rye\n"
    then = text.replace("\n", counted)
    spans = [[then.index(name), then.index(name) + len(name), "X"] for name in ("Ana", "Bo", "Rye")]
    found, problems = read({"text": text.replace("\n", written), "label": spans})
    assert found[0][1] == [("Ana", "X"), ("Bo", "X"), ("Rye", "X")] and said in problems[0].message


@pytest.mark.parametrize(
    "item",
    [
        {"text": "Ana left", "entities": [{"offset": 0, "length": 3, "category": "PER"}]},
        {"text": "Ana left", "entities": [{"span": [0, 3], "label": "PER"}]},
        {"text": "Ana left", "entities": [{"offsets": [[0, 3]], "type": "PER", "text": ["Ana"]}]},
        {"text": "Ana left", "entities": [[0, 3, ["PER"]]]},
        {"text": "Ana left", "entities": [[0, 3, "PER", "Q7"]]},
        {
            "text": "Ana left",
            "intent": "tell",
            "entities": [{"start": 0, "end": 3, "value": "Anna B.", "entity": "PER"}],
        },
        {"text": "Ana left", "entities": [{"start": 0, "end": 3, "text": "ANA ", "label": "PER"}]},
        {"text": "Ana left", "entities": [["PER", 0, 3]]},
        {"text": "Ana left", "entities": {"PER": [[0, 3]]}},
        {
            "textContent": "Ana left",
            "textSegmentAnnotations": [{"startOffset": 0, "endOffset": 3, "displayName": "PER"}],
        },
        {"text": "Ana left", "tokens": ["Ana", "left"], "spans": [{"start": 0, "end": 3, "label": "PER"}]},
        ["Ana left", [[0, 3, "PER"]]],
        {"one.txt": {"content": "Ana left", "annotations": [[0, 3, "PER"]]}},
        {"version": 1, "documents": [{"content": "Ana left", "entities": [[0, 3, "PER"]]}]},
    ],
)
def test_spans_may_be_written_in_many_ways(read, item):
    assert read(item) == ([FOUND], [])


@pytest.mark.parametrize(
    "item", [{"PER": ["Ana"]}, ["Ana"], [{"text": "Ana", "label": "PER"}], [{"offsets": [[0, 1], [2, 3]]}]]
)
def test_entities_without_a_place_are_refused(read, item):
    found, problems = read({"text": "Ana left", "entities": item})
    assert found == [] and [p.kept for p in problems] == [False]


def test_a_file_without_texts_is_told(tmp_path):
    path = tmp_path / "x.json"
    path.write_text("[]\n")
    assert [p.kind for p in examine_entities(path)] == ["empty file"]


def test_some_spans_that_end_early_do_not_move_the_others(read):
    rows = [{"text": "Ana left Rye", "label": [[0, 3, "PER"]]}] * 5 + [{"text": "Bert left", "label": [[0, 3, "PER"]]}]
    found, problems = read(*rows)
    assert found[0][1] == [("Ana", "PER")] and kinds(problems) == [("span cuts a word", 6, True)]


def drifted(number, drift):
    """A letter in DataTurks' form whose spans stand too far on, from a line on."""
    text = f"Letter {number} from Ana Bell of Rye Mill.\nShe met Cy Dent there, and Ed Fox of Oak Farm too.\n"
    annotation = []
    for name, kind in (
        ("Ana Bell", "PER"),
        ("Rye Mill", "ORG"),
        ("Cy Dent", "PER"),
        ("Ed Fox", "PER"),
        ("Oak Farm", "ORG"),
    ):
        start = text.index(name) + (drift if text.index(name) > text.index("\n") else 0)
        points = [{"start": start, "end": start + len(name) - 1, "text": name}]
        annotation.append({"label": [kind], "points": points})
    return {"content": text, "annotation": annotation}


def test_spans_that_drifted_are_taken_where_their_text_stands(read):
    rows = [drifted(n, n % 5 * 7) for n in range(40)]
    found, problems = read(*rows)
    assert len(found) == 40 and all(
        spans == [("Ana Bell", "PER"), ("Rye Mill", "ORG"), ("Cy Dent", "PER"), ("Ed Fox", "PER"), ("Oak Farm", "ORG")]
        for _, spans in found
    )
    assert {p.kind for p in problems} == {"span says other text"} and all(p.kept for p in problems)
    assert len(problems) == 32 * 3


def claimed(text, start, words):
    return {"content": text, "annotation": [{"label": ["PER"], "points": [
        {"start": start, "end": start + len(words) - 1, "text": words}]}]}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "start", "words", "found", "said"),
    [
        ("Bo met Al, then Bo left Al", 12, "Bo", [(16, 18)], "stands at 16–18"),
        ("Bo met Al, then Bo left Al", 99, "Al", [(24, 26)], "stands at 24–26"),
        ("Bo Al Bo", 3, "Bo", [], "two places equally near"),
        ("Bo left", 3, "Cy", [], "stands nowhere"),
        ("Boat of Bo", 1, "Bo", [(8, 10)], "stands at 8–10"),  # a whole word before a part of one that is nearer
        ("Ana\n  Bell left", 9, "Ana Bell", [(0, 10)], "stands at 0–10"),
    ],
)
def test_where_a_spans_own_text_stands(tmp_path, text, start, words, found, said):
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(claimed(text, start, words)) + "\n")
    problem, example = examine_entities(path)
    assert [(s.start, s.end) for s in example.spans] == found and said in problem.message and problem.kept


@pytest.mark.parametrize(
    ("spans", "kept"),
    [
        ([[0, 22, "ORG"], [11, 22, "ORG"]], [(0, 22, "ORG")]),
        ([[11, 22, "ORG"], [0, 22, "ORG"]], [(0, 22, "ORG")]),
        ([[0, 15, "A"], [11, 22, "B"]], [(0, 15, "A")]),
        ([[0, 3, "A"], [0, 3, "B"]], [(0, 3, "A")]),
        ([[0, 3, "A"], [4, 6, "B"], [0, 6, "C"], [11, 15, "D"]], [(0, 6, "C"), (11, 15, "D")]),
    ],
)
def test_of_spans_that_overlap_the_outer_is_kept(tmp_path, spans, kept):
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"text": "Ana of the Bank of Rye", "label": spans}) + "\n")
    *problems, example = examine_entities(path)
    assert [tuple(s) for s in example.spans] == kept
    assert {p.kind for p in problems} == {"overlapping spans"} and all(p.kept for p in problems)
    assert not any(isinstance(item, Example) for item in examine_entities(path, overlaps="refuse"))
    with pytest.raises(EntityFileError, match="overlap"):
        read_entities(path, overlaps="refuse")
    with pytest.raises(ValueError, match='"outer" or "refuse"'):
        read_entities(path, overlaps="inner")


def test_the_shell_refuses_overlaps_where_it_is_told_to(tmp_path, capsys):
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"text": "Ana of Rye", "label": [[0, 10, "PER"], [7, 10, "LOC"]]}) + "\n")
    assert main(["ner", str(path), "--check-only"]) == 0
    assert "0–10 (PER) was kept" in capsys.readouterr().out
    assert main(["ner", str(path), "--check-only", "--overlaps", "refuse"]) == 1


# Spans over tokens ---------------------------------------------------------------------------------


def over_tokens(*spans, words=("Ana", "Bell", "left", "Rye"), key="entities"):
    return {"tokens": list(words), key: [dict(zip(("start", "end", "label"), span, strict=True)) for span in spans]}


def test_the_end_of_a_span_over_tokens_is_told_from_the_file(read):
    behind = read(over_tokens((0, 2, "PER")), over_tokens((3, 4, "LOC")))
    assert [spans for _, spans in behind[0]] == [[("Ana Bell", "PER")], [("Rye", "LOC")]] and behind[1] == []
    last = read(over_tokens((0, 1, "PER")), over_tokens((3, 3, "LOC")))
    assert [spans for _, spans in last[0]] == [[("Ana Bell", "PER")], [("Rye", "LOC")]] and last[1] == []
    found, problems = read(over_tokens((0, 2, "PER")))
    assert found[0][1] == [("Ana Bell", "PER")] and "nothing shows" in problems[0].message
    found, problems = read(over_tokens((0, 9, "PER")))
    assert found == [] and problems[-1].kind == "span out of range"


def test_spans_beside_a_text_count_tokens_where_only_that_fits(read):
    row = {**over_tokens((0, 2, "PER"), (3, 4, "LOC")), "text": "Ana Bell left Rye"}
    found, problems = read(row)
    assert found[0][1] == [("Ana Bell", "PER"), ("Rye", "LOC")] and "count tokens" in problems[0].message
    found, _ = read({**row, "entities": [{"start": 0, "end": 8, "label": "PER"}]})
    assert found[0][1] == [("Ana Bell", "PER")]


def test_spans_that_list_their_tokens(read):
    row = {"sentence": ["Ana", "Bell", "left"], "ner": [{"index": [0, 1], "type": "PER"}]}
    assert read(row) == ([("Ana Bell left", [("Ana Bell", "PER")])], [])
    row["ner"][0]["index"] = [0, 2]
    assert [(p.kind, p.kept) for p in read(row)[1]] == [("bad span", False)]


def test_line_breaks_among_the_words_are_passed_over(read):
    words, tags = ["Ana", "\n\n", "Bell", " ", "left"], ["B-PER", "I-PER", "I-PER", "O", "O"]
    found, problems = read({"tokens": words, "labels": tags, "trailing_whitespace": [True] * 5})
    assert found == [("Ana Bell left", [("Ana Bell", "PER")])] and kinds(problems) == [("left out", 1, True)]
    assert [p.kept for p in read({"tokens": ["Ana", ""], "labels": ["B-PER", "O"]})[1]] == [False]


def test_words_with_spaces_of_any_kind_stay_whole(tmp_path):
    path = tmp_path / "x.jsonl"
    words = ["New York", "10 000", "Saint\u202fLouis", "is"]
    path.write_text(json.dumps({"tokens": words, "ner_tags": ["B-LOC", "O", "B-LOC", "O"]}) + "\n")
    (example,) = read_entities(path)
    assert [example.text[a:b] for a, b in example.words] == words


def test_an_export_may_be_one_long_line(tmp_path):
    path = tmp_path / "long.json"
    path.write_text(json.dumps([{"text": "Ana left " + "x" * 400, "label": [[0, 3, "PER"]]}] * 3000))
    assert len(read_entities(path)) == 3000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("T1\tPER 0 3\tAna\nR1\tOrig Arg1:T1 Arg2:T1\t\nT2\tLOC 5 8;9 12\tRye\n", "brat"),
        ('TRAIN_DATA = [\n    ("Ana left", {"entities": [(0, 3, "PER")]}),\n]\n', "list of Python"),
        ("<doc><PER>Ana</PER> left.</doc>\n", "XML"),
        ("1\tAna\tana\tPROPN\tX\t_\t2\tnsubj\t_\t_\n2\tleft\tleave\tVERB\tX\t_\t0\troot\t_\t_\n", "CoNLL-U"),
    ],
)
def test_what_is_recognised_and_not_read_is_named(tmp_path, content, words):
    path = tmp_path / "x.ann"
    path.write_text(content)
    (problem,) = examine_entities(path)
    assert problem.kind == "another tool" and words in problem.message and problem.advice and not problem.kept


def test_a_text_with_brats_annotations_beside_it(tmp_path):
    (tmp_path / "x.ann").write_text("T1\tPER 0 3\tAna\n")
    (tmp_path / "x.txt").write_text("Ana left the mill.\n")
    (problem,) = examine_entities(tmp_path / "x.txt")
    assert problem.kind == "another tool" and "x.ann" in problem.message


def test_labels_in_one_string_of_letters_without_spaces(read):
    assert read({"text": "李明在", "labels": "B-PER I-PER O"})[0] == [("李 明 在", [("李 明", "PER")])]
    assert [p.kind for p in read({"text": "李明在", "labels": "B-PER I-PER"})[1]] == ["no label"]


def test_chinese_spans_are_read(read):
    found, problems = read({"text": "李明在上海", "label": [[0, 2, "PER"], [3, 5, "LOC"]]})
    assert found == [("李明在上海", [("李明", "PER"), ("上海", "LOC")])] and problems == []


def test_a_span_may_leave_out_what_is_not_seen(read):
    found, problems = read({"text": "Al\u200b met Zoe\u0308", "label": [[0, 2, "PER"], [8, 11, "PER"], [2, 3, "X"]]})
    assert [spans for _, spans in found] == [[("Al", "PER"), ("Zoe", "PER")]]
    assert kinds(problems) == [("empty span", 1, True)]


def test_the_validator_names_words_of_which_the_tokenizer_makes_nothing(tmp_path):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "ana": 1, "left": 2}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    path = tmp_path / "x.jsonl"
    rows = [{"tokens": ["Ana", "\u200b\u2060", "left"], "ner_tags": ["B-PER", "O", "O"]}]
    rows += [{"text": "A\u0301na\u200c left", "label": [[0, 5, "PER"]]}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = [defect for defect in validate_entities(path, tokenizer) if defect.kind == "word without a piece"]
    assert [(d.line, d.kept) for d in found] == [(1, True)] and r"1 word vanishes" in found[0].message
    assert r"\u200b\u2060" in found[0].message
