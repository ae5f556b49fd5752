"""The tasks from a shell: help, validation first, training, the report."""

import json
from pathlib import Path

import pytest

from utils.datasets.generators import planted_defects as planted
from utils.datasets.readers.entity_files import Example
from utils.datasets.readers.validate import without_leaks
from utils.tasks.__main__ import main, parser
from utils.tasks.report import as_html, learning_curve, write_report
from utils.tasks.shell.learn import _note, train_pairs, translation_options

ROWS = [("Jane left Cork.", [(0, 4, "PER"), (10, 14, "LOC")]), ("Acme stayed in York.", [(0, 4, "ORG")])]


def entity_file(path, *more):
    path.write_text("\n".join([planted.line_of(*row) for row in ROWS] + list(more)))
    return str(path)


def test_help_says_every_default(capsys):
    commands = next(a for a in parser()._actions if hasattr(a, "choices") and a.choices)
    assert list(commands.choices) == ["ner", "qa", "translate", "predict", "evaluate", "serve", "export"]
    for name, command in commands.choices.items():
        shown = command.format_help()
        assert "Example:" in shown and f"python -m utils.tasks {name} " in shown, name
        assert max(map(len, shown.splitlines())) <= 100, name
        for action in command._actions:
            takes_value = action.option_strings and action.nargs is None and action.dest not in ("out", "help")
            assert not takes_value or "default" in action.help, (name, action.dest)


@pytest.mark.parametrize("task", ["ner", "qa", "translate"])
def test_help_shows_the_files_and_an_example(task, capsys):
    with pytest.raises(SystemExit) as stopped:
        parser().parse_args([task, "--help"])
    text = capsys.readouterr().out
    assert stopped.value.code == 0
    assert f"python -m utils.tasks {task} " in text and "--skip-bad" in text and "Example:" in text
    assert max(map(len, text.splitlines())) <= 100


def test_a_bad_line_stops_it_before_anything_is_trained(tmp_path, capsys):
    train = entity_file(tmp_path / "train.jsonl", "{")
    assert main(["ner", train, "--out", str(tmp_path / "out")]) == 1
    shown = capsys.readouterr()
    assert "BAD  line 3" in shown.out and "--skip-bad" in shown.err
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_not_there(tmp_path, capsys):
    assert main(["qa", str(tmp_path / "nothing.json"), "--out", str(tmp_path)]) == 2
    assert "nothing.json is not there" in capsys.readouterr().err
    assert main(["qa", str(tmp_path), "--check-only"]) == 2
    assert "is a folder: name a file in it" in capsys.readouterr().err


def test_what_dev_shares_with_train_is_to_be_mended(tmp_path, capsys):
    train, dev = entity_file(tmp_path / "train.jsonl"), entity_file(tmp_path / "dev.jsonl")
    assert main(["ner", train, dev, "--out", str(tmp_path / "out")]) == 1
    shown = capsys.readouterr()
    assert "BAD  dev.jsonl, line 1" in shown.out and "is also in train.jsonl, line 1" in shown.out
    assert "These 2 must be mended" in shown.err and not (tmp_path / "out").exists()


def test_with_shards_the_pairs_to_learn_from_are_read_again_not_held(tmp_path):
    (tmp_path / "train.tsv").write_text("Un.\tOne.\nDeux.\tTwo.\n")
    given = ["translate", str(tmp_path / "train.tsv"), "--out", str(tmp_path / "out"), "--steps", "8"]
    held = parser().parse_args(given)
    assert train_pairs(held) == [("Un.", "One."), ("Deux.", "Two.")] and "shards" not in translation_options(held)
    read = parser().parse_args([*given, "--shards", str(tmp_path / "shards")])
    pairs = train_pairs(read)
    assert list(pairs()) == list(pairs()) == train_pairs(held)
    assert translation_options(read) == translation_options(held) | {"shards": tmp_path / "shards"}
    of_two = parser().parse_args(
        [*given, "--shards", str(tmp_path), "--cluster", "a:1", "--processes", "2", "--process", "1"]
    )
    assert translation_options(of_two)["shards"] == tmp_path / "process-1"


def test_so_is_what_test_shares_with_either(tmp_path, capsys):
    pairs = {"train": "Un.\tOne.\n", "dev": "Deux.\tTwo.\n", "test": "Un.\tOne.\nDeux.\tTwo.\nTrois.\tThree.\n"}
    for name, text in pairs.items():
        (tmp_path / name).write_text(text)
    files = [str(tmp_path / name) for name in ("train", "dev")]
    assert main(["translate", *files, "--test", str(tmp_path / "test"), "--check-only"]) == 1
    assert "2 of 3 pairs also stand in train or dev" in capsys.readouterr().out


def test_what_damaged_the_texts_of_pairs_is_told_once_a_kind(tmp_path, capsys):
    rows = [
        "Go.\tZo\u00c3\u00ab va.",
        "Say.\tDis.",
        "Come.\tZo\u00c3\u00ab vient &amp; va.",
        "Sit.\tAssis\u200b.",
        "See.\tZo\u00eb.",
        "Le@@ ave.\tPars.",
    ]
    (tmp_path / "train").write_text("en\tfr\tsplit\n" + "".join(f"{row}\ttrain\n" for row in rows), encoding="utf-8")
    (tmp_path / "dev").write_text("en\tfr\tsplit\nStop.\tArr\u00eate.\ttrain\nHop.\tSaute.\tdev\n", encoding="utf-8")
    assert main(["translate", str(tmp_path / "train"), str(tmp_path / "dev"), "--check-only"]) == 0
    shown = capsys.readouterr().out
    assert "train: 6 can be used; 4 notes." in shown and "dev: 2 can be used; 1 note." in shown
    assert "pair 1: UTF-8 was read as Windows-1252: 'Zo\\xc3\\xab va.', and in 1 more" in shown
    assert "pair 3: markup of a web page" in shown and "pair 4: an invisible character" in shown
    assert "pair 6: words were cut into pieces" in shown
    assert "line 3: rows say that they are of 'train' and of 'dev'" in shown


def test_where_the_threshold_comes_from_is_said():
    assert "flatter" in _note(True, True, "dev") and "flatter" not in _note(True, True, "test")
    assert "no question without an answer on which one could be chosen" in _note(False, True, "test")
    assert "always answers" in _note(False, False, "dev")


def test_or_left_out_of_the_scores():
    train = [Example(text, (), ()) for text in ("Jane left Cork.", "Tom stayed.")]
    dev = [Example(text, (), ()) for text in ("JANE left Cork!", "Mia came.", "JANE left Cork!")]
    assert [e.text for e in without_leaks(train, dev)] == ["Mia came."]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda out: out.write_text("mine"), "must be a folder"),
        (lambda out: (out.mkdir(), (out / "report.json").write_text("{}")), "holds a finished model"),
    ],
)
def test_what_stands_in_the_way_is_said_before_anything_is_trained(make, said, tmp_path, capsys):
    make(tmp_path / "out")
    train = entity_file(tmp_path / "train.jsonl")
    assert main(["ner", train, "--out", str(tmp_path / "out")]) == 2
    assert said in capsys.readouterr().err
    assert main(["ner", train]) == 2
    assert "--out DIR" in capsys.readouterr().err
    assert main(["ner", train, "--check-only"]) == 0


def test_a_file_for_another_task(tmp_path, capsys):
    squad, columns = tmp_path / "mine.json", tmp_path / "mine.conll"
    squad.write_text(planted.squad_file())
    columns.write_text("Jane\tB-PER\nleft\tO\n")
    assert main(["ner", str(squad), "--check-only"]) == main(["qa", str(columns), "--check-only"]) == 2
    said = capsys.readouterr().err
    assert "mine.json looks like a file for qa" in said and "mine.conll looks like a file for ner" in said


def test_parallel_text_is_looked_through(tmp_path, capsys):
    (tmp_path / "train.tsv").write_text("Bonjour.\tHello.\nMerci.\n")
    assert main(["translate", str(tmp_path / "train.tsv"), "--out", str(tmp_path), "--check-only"]) == 1
    assert "BAD  line 2" in capsys.readouterr().out


@pytest.mark.slow
def test_names_from_a_shell(tmp_path, encoder, capsys):
    train, dev = entity_file(tmp_path / "train.jsonl", "{"), tmp_path / "dev.jsonl"
    lines = planted.line_of("Jane <script>alert(1)</script> left.", [(0, 4, "PER")]), planted.line_of(*ROWS[0])
    dev.write_text("\n".join(lines))
    command = ["ner", train, str(dev), "--out", str(tmp_path / "out"), "--steps", "3", "--quiet", "--skip-bad"]
    assert main([*command, "--encoder", str(encoder)]) == 0
    assert "1 of 2 in dev also stand in train, and are left out" in capsys.readouterr().out
    content = json.loads((tmp_path / "out" / "report.json").read_text())
    assert content["learning_curve"][-1]["step"] == 3 and "f1" in content["scores"]
    assert [Path(d["file"]).name for d in content["defects"] if not d["kept"]] == ["train.jsonl", "dev.jsonl"]
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<script" not in page and (tmp_path / "out" / "model.safetensors").is_file()


@pytest.mark.slow
def test_answers_from_a_shell(tmp_path, encoder, capsys):
    path = tmp_path / "train.csv"
    path.write_text("question,context,answer\nWho left?,Jane left Cork in May.,Jane\nWhy?,Jane left Cork in May.,\n")
    dev = tmp_path / "dev.csv"
    dev.write_text("question,context,answer\nWho came?,Tom came from Bonn.,Tom\nWhen?,Tom came from Bonn.,\n")
    test = tmp_path / "test.csv"
    test.write_text(
        "question,context,answer\nWho sang?,Mia sang in Graz.,Mia\nHow?,Mia sang in Graz.,\nWho sat?,Ada,Ada\n"
    )
    command = ["qa", str(path), str(dev), "--out", str(tmp_path / "out"), "--steps", "3", "--quiet"]
    more = ["--encoder", str(encoder), "--windows", "2", "--stride", "5"]
    assert main([*command, *more]) == 0
    shown = capsys.readouterr().out
    assert "On dev: " in shown and "was chosen on dev, and these are scores of the same dev" in shown
    content = json.loads((tmp_path / "out" / "report.json").read_text())
    assert content["scores"]["questions"] == 2 and content["classes"] and content["scored_on"] == "dev"
    assert content["about"]["windows"] == 2 and content["about"]["stride"] == 5
    assert main([*command, *more, "--test", str(test), "--overwrite"]) == 0
    assert "On test: " in capsys.readouterr().out
    content = json.loads((tmp_path / "out" / "report.json").read_text())
    assert content["scores"]["questions"] == 3 and content["scored_on"] == "test"
    assert "nothing was chosen on test" in content["note"]
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Scores on test" in page and "nothing was chosen on test" in page


def test_the_report_escapes_and_its_curve_is_short(tmp_path):
    content = write_report(
        tmp_path, "<b>Names</b>", {"f1": 0.5, "f1_interval": (0.4, 0.6)}, {"<i>": {"f1": 1.0}},
        [{"text": "<script>"}], [2.0] * 500 + [1.0] * 500,
    )  # fmt: skip
    page = as_html(content)
    assert "<script>" not in page and "<i>" not in page and "<b>Names" not in page
    assert "0.400 to 0.600" in page and "<svg" in page
    assert len(content["learning_curve"]) == 100 and content["learning_curve"][-1] == {"step": 1000, "loss": 1.0}
    assert json.loads((tmp_path / "report.json").read_text()) == json.loads(json.dumps(content))


def test_a_curve_of_nothing():
    assert learning_curve([]) == [] and learning_curve([1.0]) == [{"step": 1, "loss": 1.0}]


def test_letters_that_the_encoder_does_not_know_are_named_before_training(tmp_path, encoder, capsys, monkeypatch):
    train = tmp_path / "train.jsonl"
    train.write_text(json.dumps({"text": "สมชายไป", "label": [[0, 5, "PER"]]}) + "\n", encoding="utf-8")
    assert main(["ner", str(train), "--check-only", "--encoder", str(encoder)]) == 0
    shown = capsys.readouterr().out
    assert "pieces that the encoder's tokenizer does not know" in shown and "--encoder DIR" in shown
    monkeypatch.setenv("TRANSFORMER_COURSE_CACHE", str(tmp_path / "cache"))  # where nothing was fetched yet
    assert main(["ner", str(train), "--check-only"]) == 0
    assert "does not know" not in capsys.readouterr().out and not (tmp_path / "cache").exists()
