"""Every planted defect is found with its line, nothing is invented; splits; memory."""

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest

from utils.datasets.generators import planted_defects as planted
from utils.datasets.readers.findings import LISTED, SHOWN
from utils.datasets.readers.repeats import Repeat, Repeats
from utils.datasets.readers.squad import read_questions
from utils.datasets.readers.validate import find_leaks, split_by_group, validate_entities, validate_questions

DATA = Path(__file__).resolve().parents[3] / "data"
ENTITIES, QUESTIONS = planted.entity_plants(), planted.question_plants()


def found(findings):
    return {(defect.kind, defect.line) for defect in findings}


@pytest.mark.parametrize("item", ENTITIES, ids=lambda p: p.name)
def test_a_planted_defect_in_entities_is_found_and_no_other(item, tmp_path):
    ((path, wanted),) = planted.plant(tmp_path, [item]).items()
    assert found(validate_entities(path)) == wanted


@pytest.mark.parametrize("item", QUESTIONS, ids=lambda p: p.name)
def test_a_planted_defect_in_questions_is_found_and_no_other(item, tmp_path):
    ((path, wanted),) = planted.plant(tmp_path, [item]).items()
    assert found(validate_questions(path)) == wanted


def test_the_corpus_is_large_enough():
    kinds = {kind for item in (*ENTITIES, *QUESTIONS) for kind, _ in item.defects}
    assert len(kinds) >= 60


@pytest.mark.parametrize("path", sorted((DATA / "entities").glob("*.*l*")), ids=lambda p: p.name)
def test_nothing_is_invented_in_the_shipped_entities(path):
    assert not validate_entities(path) and validate_entities(path).checked


@pytest.mark.parametrize("folder", ["little_squad", "stories"])
def test_nothing_is_invented_in_the_shipped_questions(folder):
    paths = sorted((DATA / folder).glob("*.json*"))
    assert len(paths) == 3
    for path in paths:
        assert not validate_questions(path)
    assert not find_leaks([next(p for p in paths if p.name.startswith(s)) for s in ("train", "dev", "test")])


def test_every_defect_says_how_to_mend_it(tmp_path):
    for plants, validate in ((ENTITIES, validate_entities), (QUESTIONS, validate_questions)):
        for path in planted.plant(tmp_path, plants):
            for defect in validate(path):
                assert defect.advice and defect.message and str(defect).endswith(".")
                assert defect.file == str(path)


def test_what_is_no_file_is_a_defect(tmp_path):
    for path in (tmp_path, tmp_path / "absent.json"):
        assert found(validate_entities(path)) == {("not a file", 0)}
        assert found(validate_questions(path)) == {("not a file", 0)}


def test_a_question_is_found_in_a_file_of_one_line_and_of_many(tmp_path):
    content = json.loads(planted.squad_file(planted.asked("What stopped it?", "the flood", "q9")))
    content["data"][0]["paragraphs"][0]["qas"][3]["answers"][0]["answer_start"] = 0
    for indent, line in ((None, 1), (1, 43)):
        path = tmp_path / "train.json"
        path.write_text(json.dumps(content, indent=indent))
        (defect,) = validate_questions(path)
        assert (defect.id, defect.line) == ("q9", line)
    assert '"q9"' in path.read_text().splitlines()[43]


def test_a_csv_trains_as_squad_does(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text('question;context;answer\nWho?;"Tom left.\nMia stayed; too.";Mia\nWhy?;Tom left.;\n')
    first, second = read_questions(path)
    assert first.answers == (("Mia", 10),) and first.context == "Tom left.\nMia stayed; too."
    assert second.answers == ()


# Spans that a tokenizer cannot hit -------------------------------------------------------------------


@pytest.fixture(scope="module")
def tokenizer():
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    vocabulary = {"[UNK]": 0, "tom": 1, "met": 2, "##my": 3, "20": 4, "##km": 5, ".": 6}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return made


def test_what_the_tokenizer_does_not_know_is_counted_and_said_of_the_whole_file(tokenizer, tmp_path):
    path = tmp_path / "train.jsonl"
    path.write_text(json.dumps({"text": "สมชายไปกรุงเทพ", "label": [[0, 5, "PER"]]}) + "\n", encoding="utf-8")
    first = validate_entities(path, tokenizer, progress=False)[0]
    assert (first.kind, first.line, first.kept) == ("unknown to the tokenizer", 0, True)
    assert first.message.startswith("100% of all characters") and "1 pieces in 1 texts" in first.message
    assert "unknown to the tokenizer" not in validate_entities(path, progress=False).counts
    table = tmp_path / "qa.jsonl"
    rows = [{"id": str(n), "question": "?", "context": "กรุงเทพ", "answer": "กรุง", "answer_start": 0} for n in range(2)]
    table.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    said = [d.message for d in validate_questions(table, tokenizer, progress=False) if d.line == 0]
    assert any("1 pieces in 1 texts" in message for message in said)  # the passage counts once


def test_spans_that_pieces_cannot_hit(tokenizer, tmp_path):
    path = tmp_path / "a.jsonl"
    rows = [("Tom met.", [(0, 3, "PER")]), ("Зоя met.", [(0, 3, "PER")]), ("Tommy met.", [(0, 2, "PER")])]
    path.write_text("\n".join(planted.line_of(*row) for row in rows))
    assert ("unknown to the tokenizer", 2) in found(validate_entities(path, tokenizer))
    assert ("within a piece", 3) in found(validate_entities(path, tokenizer))
    assert not [d for d in validate_entities(path, tokenizer) if d.line == 1]
    table = tmp_path / "a.csv"
    table.write_text("context,question,answer\nTom met 20km.,How far?,20\nTom met \u00ad .,What?,\u00ad\n")
    kinds = found(validate_questions(table, tokenizer))
    assert ("within a piece", 2) not in kinds and ("no piece", 3) in kinds


# Between files ---------------------------------------------------------------------------------------


def test_leaks_between_entities(tmp_path):
    train, dev = tmp_path / "train.jsonl", tmp_path / "dev.jsonl"
    train.write_text("\n".join(map(planted.line_of, planted.TEXTS, planted.SPANS)))
    rows = [("A new text.", []), ("ADA BELL lives in Cork", [(0, 8, "PER")]), ("The Heron sank.", [(4, 9, "SHIP")])]
    dev.write_text("\n".join(planted.line_of(*row) for row in rows))
    assert found(find_leaks([train, dev])) == {("text in two splits", 2), ("label not in train", 3)}
    assert not find_leaks([train])


def test_leaks_between_questions(tmp_path):
    words = [f"word{n % 97}x{n}" for n in range(300)]
    passages = [" ".join(words[:200]), " ".join(words[100:]), "Quite another passage.", planted.PASSAGE]
    train, dev = tmp_path / "train.csv", tmp_path / "dev.csv"
    head = "context,question,answer\n"
    train.write_text(head + "".join(f"{p},What?,\n" for p in passages[:1]) + f'"{passages[3]}",When?,1790\n')
    dev.write_text(head + f'{passages[1]},What?,\n{passages[2]},What?,\n"{passages[3].upper()}",What?,\n')
    assert found(find_leaks([train, dev])) == {("passages overlap", 2), ("passage in two splits", 4)}


# Groups ----------------------------------------------------------------------------------------------


def test_split_by_group_keeps_groups_whole_and_meets_the_sizes():
    items = [(group, n) for group in range(40) for n in range(1 + group % 5)]
    parts = split_by_group(items, lambda item: item[0], (0.7, 0.1, 0.2), seed=3)
    assert sorted(item for part in parts for item in part) == items
    groups = [{group for group, _ in part} for part in parts]
    assert sum(map(len, groups)) == 40
    for part, share in zip(parts, (0.7, 0.1, 0.2), strict=True):
        assert abs(len(part) - share * len(items)) <= 5 and part == sorted(part)
    assert parts == split_by_group(items, lambda item: item[0], (0.7, 0.1, 0.2), seed=3)
    assert parts != split_by_group(items, lambda item: item[0], (0.7, 0.1, 0.2), seed=4)


def test_split_by_group_says_what_is_wrong():
    with pytest.raises(ValueError, match="sum to one"):
        split_by_group([1, 2], lambda item: item, (0.5, 0.6))
    assert split_by_group([], lambda item: item, (0.5, 0.5)) == [[], []]


def labelled(split, words, key="split"):
    return json.dumps({"text": f"{words} left", "label": [[0, len(words), "PER"]], key: split})


ASKED = '{{"question": "Who {0}?", "context": "Tom {0} left.", "answer": "Tom", "subset": "{1}"}}\n'
SPLIT = {
    "JSON Lines": (labelled("train", "Ilse") + "\n" + labelled("train", "Bo") + "\n" + labelled("test", "Ana"), 3),
    "JSON": (f"[\n{labelled('train', 'Ilse')},\n{labelled('Dev', 'Ana')}]", 3),
    "CSV": ("word,tag,Split\nIlse,B-PER,train\nleft,O,train\nAna,B-PER,validation\n", 4),
    "tabs": ("word\ttag\tpartition\nIlse\tB-PER\ttrain\nAna\tB-PER\ttest\n", 3),
    "questions": (ASKED.format(1, "train") + ASKED.format(2, "valid"), 2),
    "questions in CSV": ('question,context,answer,split\n"Who?","Tom\nleft.",Tom,train\nWho?,Ana came.,Ana,test\n', 4),
}


@pytest.mark.parametrize("name", SPLIT)
@pytest.mark.parametrize("packed", [False, True])
def test_rows_of_several_splits_in_one_file_are_told(name, packed, tmp_path):
    (content, line), path = SPLIT[name], tmp_path / "file"
    path.write_bytes(gzip.compress(content.encode()) if packed else content.encode())
    findings = (validate_questions if "questions" in name else validate_entities)(path)
    told = [(defect.line, defect.kept) for defect in findings if defect.kind == "several splits"]
    assert told == [(line, True)] and findings.unusable == 0
    assert "'train'" in str(findings) and "all were read" in str(findings)


@pytest.mark.parametrize("content", [
    labelled("train", "Ilse") + "\n" + labelled("train", "Ana"),
    labelled("left", "Ilse") + "\n" + labelled("right", "Ana"),
    json.dumps({"text": '"split": "train" and "split": "test"', "label": []}),
    "word,tag,split\nIlse,B-PER,1\nAna,B-PER,2\n",
    "split\tO\ntrain\tO\nIlse\tB-PER\ntest\tO\n",
])  # fmt: skip
def test_what_says_nothing_of_several_splits_is_not_told(content, tmp_path):
    (tmp_path / "file").write_text(content)
    assert "several splits" not in validate_entities(tmp_path / "file").counts


# The report and the memory ---------------------------------------------------------------------------


def test_the_report_escapes_what_it_shows(tmp_path):
    path = tmp_path / "a.jsonl"
    line = planted.line_of("Tom <script>alert(1)</script> left.", [(0, 3, "PER")])
    path.write_text(f"{line}\n{line}\n")  # a text that stands there twice is shown
    page = validate_entities(path)._repr_html_()
    assert "<script" not in page and "&lt;script" in page


def test_many_defects_are_listed_up_to_a_limit_and_counted(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(['{"text": "Eve", "entities": []}'] * 2 + ["{"] * 500))
    findings = validate_entities(path)
    assert findings.counts["not JSON"] == 500 and findings.unusable == 500
    assert len(findings) == LISTED + 2 and findings.left_out["not JSON"] == 500 - LISTED
    assert "not JSON" in str(findings)


def test_among_many_notes_what_is_to_mend_is_shown(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "Eve left", "entities": []}\n' * 50 + "{\n")
    findings = validate_entities(path)
    assert findings[-1].line == 51 and findings.unusable == 1 and len(findings) > SHOWN
    assert "\nBAD  line 51: the line is no JSON" in str(findings) and "line 51" in findings._repr_html_()
    few = "".join(f'{{"text": "Eve left {n}", "entities": []}}\n' for n in range(3))
    path.write_text(few + few + "{\n" + few)
    assert [line.split(":")[0] for line in str(validate_entities(path)).split("\n")[2:7]] == [
        "note line 4", "note line 5", "note line 6", "BAD  line 7", "note line 8",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("task", ["entities", "questions"])
def test_a_hundred_thousand_lines_in_bounded_memory_with_a_bar(task, tmp_path, capsys, monkeypatch):
    import utils.datasets.readers.validate as module

    monkeypatch.setattr(module, "SECONDS", 0)
    path = tmp_path / "large"
    pad = "and so on " * 30
    with path.open("w") as file:
        for n in range(100_000):
            if task == "entities":
                file.write(planted.line_of(f"Tom {n} left, {pad}", [(0, 3, "PER")]) + "\n")
            else:
                file.write(json.dumps({"context": f"Tom {n} left, {pad}", "question": "Who?", "answer": "Tom"}) + "\n")
    validate = validate_entities if task == "entities" else validate_questions
    tracemalloc.start()
    findings = validate(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert findings.checked == 100_000
    assert peak < 60e6 < 2 * path.stat().st_size  # some 300 bytes a text; the file itself has 35 MB
    assert "texts/s" in capsys.readouterr().out


def test_a_hundred_thousand_texts_are_told_apart():
    with Repeats() as repeats:
        for line in range(1, 100_001):
            repeats.add(f"text {line}", line, (line % 3,))
        assert repeats.found(100) == {True: ([], 0), False: ([], 0)}
        for line, of, spans in ((100_001, 8, (2,)), (100_002, 7, ("other",)), (100_003, 8, (2,))):
            repeats.add(f"text {of}", line, spans)
        assert repeats.found(1) == {
            True: ([Repeat(100_001, 8, True, "'text 8'")], 2),
            False: ([Repeat(100_002, 7, False, "'text 7'")], 1),
        }


def test_after_a_look_at_the_repeats_more_texts_are_remembered():
    with Repeats() as repeats:
        for half in range(2):  # of 40,000 texts each part fills a block, whatever the hashes
            for line in range(1, 40_001):
                repeats.add(f"text {line}", 40_000 * half + line, ())
            listed, count = repeats.found(1)[True]
            assert count == 40_000 * half
        assert listed == [Repeat(40_001, 1, True, "'text 1'")]


def test_of_many_repeats_the_first_are_listed_and_all_counted(tmp_path):
    path, long = tmp_path / "train.jsonl", "Ünder the \ud83d\ude00 mill " * 3
    row = json.dumps({"text": long, "label": [[0, 5, "LOC"]]})
    other = json.dumps({"text": long, "label": []})
    path.write_text("\n".join([row] * 3000 + [other] * 250) + "\n")
    findings = validate_entities(path, progress=False)
    assert findings.counts == {"text twice": 2999, "one text, two labellings": 250}
    twice = [defect for defect in findings if defect.kind == "text twice"]
    assert [defect.line for defect in twice] == list(range(2, 102)) and "stands in line 1 already" in twice[0].message
    assert "'Ünder the" in twice[0].message and "…'" in twice[0].message


def test_memory_does_not_grow_with_the_texts():
    peaks = []
    for texts in (20_000, 80_000):
        tracemalloc.start()
        with Repeats() as repeats:
            for line in range(1, texts + 1):
                repeats.add(f"text {line} of a file", line, ())
            assert repeats.found(100)[True] == ([], 0)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0] < 4e6
