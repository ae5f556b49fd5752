"""`predict` and `evaluate` on saved models: what comes out, what a bad line costs, what is not written."""

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from utils.datasets.readers import read_entities
from utils.files import opened_whole
from utils.tasks.__main__ import main
from utils.tasks.shell import predict
from utils.tasks.shell.rows import Row, row_of
from utils.tasks.shell.saved import Answer, FolderError, Saved, load, task_of
from utils.tasks.shell.written import Writer

TEXTS = ["Jane left Cork in May.", "", "<script>alert(1)</script> stayed in York", "of " * 300 + "Cork"]


@pytest.fixture
def say(capsys, monkeypatch):
    """Runs the command, with bytes on standard input; status, lines of output, errors."""

    def run(*arguments, given=b"", command="predict"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(given))))
        status = main([command, *map(str, arguments)])
        shown = capsys.readouterr()
        return status, shown.out.splitlines(), shown.err

    return run


def test_entities_of_lines_are_what_the_model_says_of_each_text(say, names, tmp_path):
    from utils.tasks.token_classification import load as load_names

    path = tmp_path / "texts.txt"
    path.write_text("\n".join(TEXTS))
    status, lines, said = say(names, path)
    model, found = load_names(names), [json.loads(line) for line in lines]
    assert status == 0 and "a text a line" in said and [row["line"] for row in found] == [1, 2, 3, 4]
    for row, text in zip(found, TEXTS, strict=True):
        alone = model.predict(text.strip())
        assert row["text"] == text.strip() and row["entities"] == [
            {**entity, "score": pytest.approx(entity["score"], abs=1e-3)} for entity in alone
        ]


@pytest.fixture
def precisions(monkeypatch):
    """The precisions in which models have been asked, one after the other."""
    from utils.layers import quick

    seen, layers_of = [], quick.layers_of
    monkeypatch.setattr(quick, "layers_of", lambda model, how: seen.append(how) or layers_of(model, how))
    return seen


def test_products_of_bfloat16_change_probabilities_a_little(say, names, answers, precisions):
    asked = json.dumps({"question": "Who left?", "context": "Jane left Cork."})
    for folder, given in ((names, "\n".join(TEXTS)), (answers, asked)):
        status, whole, _ = say(folder, "-", given=given.encode())
        status_of_half, half, _ = say(folder, "-", "--matmul-precision", "bfloat16", given=given.encode())
        assert status == status_of_half == 0 and len(whole) == len(half)
    assert precisions == ["float32", "bfloat16"] * 2
    a, b = (json.loads(lines[0])["score"] for lines in (whole, half))
    assert a == pytest.approx(b, abs=0.05)


def test_a_line_that_cannot_be_read_costs_itself_alone(say, names):
    given = b'{"id": "a", "text": "Jane left"}\n{\n{"tokens": ["Cork", "New York"]}\n'
    status, lines, said = say(names, "-", "--quiet", given=given)
    first, bad, last = map(json.loads, lines)
    assert status == 1 and first["id"] == "a" and last["tokens"] == ["Cork", "New York"] and len(last["labels"]) == 2
    assert bad["line"] == 2 and "no JSON" in bad["error"] and "entities" not in bad
    assert "standard input, line 2: the line is no JSON" in said and "One line was not answered" in said


def test_columns_in_columns_out(say, names):
    given = b"Jane\tB-PER\nleft\tO\n\nCork\tB-LOC\n"
    status, lines, _ = say(names, "-", "--to", "conll", given=gzip.compress(given))
    assert status == 0 and [line.split("\t")[0] for line in lines] == ["Jane", "left", "", "Cork", ""]
    _, found, _ = say(names, "-", given=given)
    labels = [label for line in found for label in json.loads(line)["labels"]]
    assert [label for label in labels if label == "O"] == [line[-1] for line in lines if line.endswith("\tO")]


ODD = {  # a text, the word in it that is an entity
    "tabs": ("a\tb Jane\tleft", "Jane"), "quotes": ('"Jane" left', "Jane"), "a quote": ('Jane left "', "Jane"),
    "line ends": ("Jane\nleft\r\nCork", "left"), "other line ends": ("Jane\u2028left\x85Cork\u2029x", "left"),
    "no break": ("Saint\xa0Louis left", "Saint\xa0Louis"), "signs that combine": ("Zoe\u0308 left", "Zoe\u0308"),
    "right to left": ("\u05d9\u05d5\u05e0\u05d4 \u05d4\u05dc\u05db\u05d4.", "\u05d9\u05d5\u05e0\u05d4"),
    "blanks around": ("  Jane  left ", "Jane"), "one token": ("Jane", "Jane"), "a comment's sign": ("# Jane", "Jane"),
    "no space between": ("\u674e\u660e\u5728\u4e0a\u6d77", "\u4e0a\u6d77"),
    "beyond 16 bits": ("\U0001f389\U0001f389 Al met Bo", "Al"),
    "a document's mark": ("Jane saw -DOCSTART- twice", "Jane"), "one of a name": ("-DOCSTART- left", "-DOCSTART-"),
    "labels for words": ("O B-PER Jane", "Jane"), "markup": ("<b> Jane &amp; [Jo](PER)", "Jane"),
}  # fmt: skip


@pytest.mark.parametrize("before", [0, 2])
@pytest.mark.parametrize("form", ["jsonl", "conll"])
@pytest.mark.parametrize("name", ODD)
def test_entities_that_were_written_are_read_back(name, form, before, tmp_path):
    path, asked = tmp_path / "answers", [("Jane left Cork.", "Cork")] * before + [ODD[name]]
    with opened_whole(path) as file:
        writer = Writer(file, "ner", form)
        for line, (text, entity) in enumerate(asked, 1):
            row, start = row_of({"text": text}, "ner", line), text.index(entity)
            found = {"label": "PER", "start": start, "end": start + len(entity), "text": entity, "score": 0.5}
            writer.write(row, Answer({"text": text, "entities": [found]}))
    content = path.read_text(encoding="utf-8")
    assert content.splitlines() == content.split("\n")[:-1]  # a line is one for whoever reads it
    read = read_entities(path)
    assert len(read) == len(asked)
    for example, (text, entity) in zip(read, asked, strict=True):
        ((label, said),) = [(span.label, example.text[span.start : span.end]) for span in example.spans]
        assert label == "PER" and "".join(said.split()) == "".join(entity.split())
        assert form == "conll" or example.text == text


@pytest.mark.parametrize("form", ["html", "text"])
def test_pages_and_plain_text_hold_every_line(form, say, names):
    status, lines, _ = say(names, "-", "--to", form, given="\n".join(TEXTS).encode() + b"\n\xff")
    shown = "\n".join(lines)
    assert status == 1 and (len(lines) == 5 if form == "text" else shown.count('class="row"') == 5)
    assert form == "text" or ("<script>" not in shown and "is not UTF-8" in shown and shown.endswith("</html>"))


def test_answers_with_their_places(say, answers):
    asked = [{"id": n, "question": "Who left?", "context": c} for n, c in enumerate(["Jane left Cork.", "of " * 400])]
    given = "\n".join(map(json.dumps, [*asked, {"question": "Who?"}])).encode()
    status, lines, _ = say(answers, "-", "--top", "3", "--windows", "1", "--stride", "4", given=given)
    found = [json.loads(line) for line in lines]
    assert status == 1 and [row.get("id") for row in found] == [0, 1, None] and 'no "context"' in found[2]["error"]
    for row, question in zip(found[:2], asked, strict=True):
        assert row["answer"] == question["context"][row["start"] : row["end"]] and len(row["answers"]) == 3
    status, lines, said = say(answers, "-", given=b"Who left?")
    assert status == 2 and lines == [] and "a question needs its passage" in said
    status, lines, said = say(answers, "-", "--stride", "1000", given=given)
    assert status == 2 and lines == [] and "stride=1000" in said


def test_answers_to_files_that_qa_learns_from(say, answers, tmp_path):
    context = "Jane left Cork."
    qas = [{"id": "a", "question": "Who left?"}, {"id": "b", "question": " "}, {"id": "c", "question": "When?"}]
    squad = {"data": [{"paragraphs": [{"context": context, "qas": qas}]}]}
    path = tmp_path / "asked"
    for content in (
        json.dumps(squad),
        json.dumps(squad, indent=1),
        json.dumps([q | {"context": context} for q in qas], indent=1),
        json.dumps({"context": context, "qas": qas}),
        "id,question,context\n" + "".join(f'{q["id"]},{q["question"]},"{context}"\n' for q in qas),
    ):
        path.write_text(content)
        status, lines, said = say(answers, path)
        found = [json.loads(line) for line in lines]
        assert status == 1 and [(row["line"], row["id"]) for row in found] == [(1, "a"), (2, "b"), (3, "c")], content
        assert ["error" in row for row in found] == [False, True, False] and "answers are passed over" in said
    path.write_text("\n".join(json.dumps(q | {"context": context}) for q in qas))
    status, lines, said = say(answers, path)
    assert status == 1 and len(lines) == 3 and "a line of JSON for each" in said
    for content, words in (
        ("Who left?", "a question needs its passage"),
        ('{"question": "Who?"}', "keys are 'question'"),
    ):
        path.write_text(content)
        status, lines, said = say(answers, path)
        assert status == 2 and lines == [] and words in said


def test_a_translation_too_long_costs_itself_alone(say):
    given = "Jane part.\n" + "Jane part. " * 100 + "\n\nIl part."
    status, lines, said = say("data/translator", "-", given=given.encode())
    found = [json.loads(line) for line in lines]
    assert status == 1 and [bool(row.get("translation")) for row in found] == [True, False, False, True]
    assert "reads at most" in found[1]["error"] and found[2]["translation"] == "" and "line 2" in said


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_out_may_be_a_pipe_which_stays_one(say, names, tmp_path):
    path, pipe, came = tmp_path / "texts.txt", tmp_path / "pipe", []
    path.write_text("Jane left.\nTom stayed.")
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: came.append(pipe.read_text()))
    reader.start()
    assert say(names, path, "--out", pipe)[0] == 0
    reader.join(20)
    assert [json.loads(line)["text"] for line in came[0].splitlines()] == ["Jane left.", "Tom stayed."]
    assert pipe.is_fifo() and sorted(p.name for p in tmp_path.iterdir()) == ["pipe", "texts.txt"]


def test_out_is_whole_or_not_there(say, names, tmp_path, monkeypatch):
    path, out = tmp_path / "texts.txt", tmp_path / "new" / "said.jsonl"
    path.write_text("Jane left.\nTom stayed.")
    assert say(names, path, "--out", out)[0] == 0 and len(out.read_text().splitlines()) == 2
    status, _, said = say(names, path, "--out", out)
    assert status == 2 and "--overwrite" in said
    assert say(names, path, "--out", path, "--overwrite")[2].startswith(f"{path} is the file that is read")
    before, asked = out.read_text(), []
    end = [signal.SIGTERM]

    def stop(self, rows):
        asked.append(len(rows))
        if len(asked) == 2:
            if end:
                signal.raise_signal(end.pop())
            raise KeyboardInterrupt
        return [Answer({"text": "", "entities": []}) for _ in rows]

    monkeypatch.setattr(Saved, "ask", stop)
    with pytest.raises(SystemExit):
        say(names, path, "--out", out, "--overwrite", "--batch-size", "1")
    assert out.read_text() == before and [p.name for p in out.parent.iterdir()] == ["said.jsonl"]
    asked.clear()
    status, _, said = say(names, path, "--out", out, "--overwrite", "--batch-size", "1")
    assert status == 1 and "was not written" in said and asked == [1, 1]
    assert out.read_text() == before and [p.name for p in out.parent.iterdir()] == ["said.jsonl"]


def test_a_file_that_is_written_piece_by_piece(tmp_path):
    with pytest.raises(ZeroDivisionError), opened_whole(tmp_path / "a") as file:
        file.write("part")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_one_left_the_next_removes_and_nothing_of_one_that_runs(tmp_path):
    script = (
        "import sys, time; from pathlib import Path; from utils.files import opened_whole\n"
        "with opened_whole(Path(sys.argv[1])) as file:\n file.write('part'); print('begun', flush=True); time.sleep(99)"
    )
    path, root = tmp_path / "a[1]", Path(__file__).parents[3]
    other = subprocess.Popen([sys.executable, "-c", script, path], stdout=subprocess.PIPE, cwd=root)
    try:
        assert other.stdout.readline() == b"begun\n"
        (left,) = tmp_path.iterdir()
        with opened_whole(path) as file:
            file.write("whole")
        assert {*tmp_path.iterdir()} == {path, left}
    finally:
        other.kill()
        other.communicate()
    with opened_whole(tmp_path / "b"), opened_whole(path):
        assert left not in {*tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{names}", "nothing.txt"], "There is no file nothing.txt"),
        (["{names}", "-", "--out", "new/"], "new/ is a folder: name a file in it"),
        (["{names}", "-", "--to", "conll", "--beam", "2"], "--beam is for translate; the model in"),
        (["{names}", "-", "--top", "2"], "--top is for qa"),
        (["{names}", "-", "--stride", "0"], "--stride is for qa"),
        (["{answers}", "-", "--tag-column", "1"], "--tag-column is for ner"),
        (["data/translator", "-", "--matmul-precision", "bfloat16"], "--matmul-precision is for ner and qa; the model"),
        (["{answers}", "-", "--to", "conll"], "--to conll writes words and their labels"),
        (["nowhere", "-"], "nowhere is not there"),
        (["README.md", "-"], "is a file"),
        (["data/little_squad", "-"], "holds no model for ner, qa or translate; in it: dev.json"),
    ],
)
def test_calls_that_cannot_be_right(arguments, said, say, names, answers):
    status, lines, shown = say(*(a.format(names=names, answers=answers) for a in arguments))
    assert status == 2 and lines == [] and said in shown


def test_the_task_is_told_from_the_folder(names, answers, tmp_path):
    assert [task_of(f) for f in (names, answers, "data/translator")] == ["ner", "qa", "translate"]
    others = tmp_path / "others"
    others.mkdir()
    (others / "config.json").write_text('{"architectures": ["BertForTokenClassification"]}')
    (others / "model.safetensors").write_bytes(b"")
    assert task_of(others) == "ner"
    with pytest.raises(FolderError):
        load(others, "ner")
    (others / "config.json").write_text('{"architectures": 3}')
    with pytest.raises(FolderError, match="config.json, model.safetensors"):
        task_of(others)
    (others / "training").mkdir()
    with pytest.raises(FolderError, match="it goes on"):
        task_of(others)


def test_what_is_asked_at_once_is_bounded_in_rows_and_characters():
    row = row_of({"text": "a" * 1000}, "ner")
    sizes = [len(b) for b in predict._batches([row] * 1000, 400)]
    assert max(sizes) * 1000 <= predict.CHARACTERS + 1000 and sum(sizes) == 1000
    assert [len(b) for b in predict._batches([Row(1, "a")] * 5, 2)] == [2, 2, 1]


def test_one_bad_row_does_not_silence_its_batch():
    class Picky(Saved):
        def _ask(self, rows):
            if any(row.content == "bad" for row in rows):
                raise ValueError("I do not like it.")
            return [Answer({"said": row.content}) for row in rows]

    rows = [Row(1, "a"), Row(2, "bad"), Row(3, None, error="unread"), Row(4, "b")]
    found = Picky(SimpleNamespace()).ask(rows)
    assert [(a.content.get("said"), a.error) for a in found] == [
        ("a", ""), (None, "I do not like it"), (None, "unread"), ("b", ""),
    ]  # fmt: skip


# evaluate ------------------------------------------------------------------------------------------


def test_scores_of_a_saved_model_after_what_the_validator_says(say, names, tmp_path):
    path = tmp_path / "test.conll"
    path.write_text("Jane\tB-PER\nleft\tO\n\nAcme\tB-ORG\nstayed\tO\n")
    status, lines, _ = say(names, path, command="evaluate")
    assert status == 0 and lines[0].startswith("test.conll: 2 read")
    assert any("has never seen the type 'ORG'" in line for line in lines)
    status, lines, said = say(names, path, "--json", command="evaluate")
    content = json.loads("\n".join(lines))
    assert content["task"] == "ner" and 0 <= content["scores"]["f1"] <= 1 and content["types"]["PER"]["support"] == 1
    assert "test.conll: 2 read" in said


def test_scores_with_products_of_bfloat16(say, names, answers, precisions, tmp_path):
    columns, rows = tmp_path / "test.conll", tmp_path / "test.csv"
    columns.write_text("Jane\tB-PER\nleft\tO\n")
    rows.write_text("question,context,answer\nWho left?,Jane left.,Jane\n")
    for folder, path in ((names, columns), (answers, rows)):
        status, lines, _ = say(folder, path, "--json", "--matmul-precision", "bfloat16", command="evaluate")
        assert status == 0 and 0 <= json.loads("\n".join(lines))["scores"]["f1"] <= 1
    assert set(precisions) == {"bfloat16"} and len(precisions) == 2


def test_what_must_be_mended_is_not_scored(say, answers, tmp_path):
    path = tmp_path / "test.csv"
    path.write_text("question,context,answer\nWho left?,Jane left.,Jane\nWho stayed?,Jane left.,Tom\n")
    status, lines, said = say(answers, path, command="evaluate")
    assert status == 1 and any(line.startswith("BAD") for line in lines) and "--skip-bad" in said
    status, lines, _ = say(answers, path, "--skip-bad", "--json", command="evaluate")
    content = json.loads("\n".join(lines))
    assert status == 0 and content["scores"]["questions"] == 1 and len(content["findings"]) == 1


def test_a_file_for_another_task_is_not_scored(say, names, tmp_path):
    status, _, said = say(names, "data/little_squad/dev.json", command="evaluate")
    assert status == 2 and "looks like a file for qa" in said
    status, _, said = say(names, "README.md", "--reverse", command="evaluate")
    assert status == 2 and "--reverse is for translate" in said
    status, _, said = say(names, tmp_path / "absent", command="evaluate")
    assert status == 2 and "is not there" in said


def test_pairs_too_long_are_left_out_and_told(say, tmp_path):
    path = tmp_path / "test.tsv"
    path.write_text("Il part.\tHe leaves.\n" + "Jane part. " * 100 + "\tJane leaves.\n")
    status, lines, _ = say("data/translator", path, "--json", command="evaluate")
    content = json.loads("\n".join(lines))
    assert status == 0 and content["scores"]["pairs"] == 1 and "1 of 2 sources are longer" in content["notes"][0]
