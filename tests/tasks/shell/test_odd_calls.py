"""Calls that cannot be right are told at once, in a line, with a status; what is stopped leaves nothing half done."""

import bz2
import contextlib
import io
import itertools
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from utils.tasks.__main__ import main
from utils.tasks.shell import look, predict, train
from utils.tasks.shell.arguments import home_path, of_system, unwritable
from utils.tasks.shell.saved import FolderError, task_of
from utils.training import loop

COLUMNS = "Jane\tB-PER\nleft\tO\nCork\tB-LOC\n\nTom\tB-PER\nstayed\tO\n"
TABLE = "question,context,answer\nWho left?,Jane left Cork in May.,Jane\n"


@pytest.fixture
def columns(tmp_path):
    path = tmp_path / "train.conll"
    path.write_text(COLUMNS)
    return str(path)


@pytest.fixture
def unread(monkeypatch):
    """Data that is looked through fails the test."""
    for name in ("look_through", "other_task"):
        monkeypatch.setattr(train, name, lambda *a: pytest.fail("the data was read"))


def shell(*arguments, **more):
    """The command in a process of its own: status, output, errors."""
    more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "timeout": 120, **more}
    done = subprocess.run([sys.executable, "-m", "utils.tasks", *map(str, arguments)], **more)
    return done.returncode, done.stdout, done.stderr


# Arguments -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "option", "values"),
    [
        ("ner", "--steps", ["0", "-1", "1e3", "", "1.5"]),
        ("translate", "--steps", ["0"]),
        ("ner", "--batch-size", ["0", "-3", "all"]),
        ("ner", "--learning-rate", ["nan", "inf", "0", "-1", "2", "fast"]),
        ("ner", "--seed", ["-1", str(2**32), "x"]),
        ("qa", "--windows", ["0", "-1"]),
        ("qa", "--stride", ["-1"]),
        ("qa", "--max-answer", ["0"]),
        ("qa", "--dropout", ["1", "-0.1", "nan"]),
    ],
)
def test_a_number_out_of_range_is_refused_before_anything_is_done(task, option, values, columns, unread, capsys):
    for value in values:
        with pytest.raises(SystemExit) as stopped:
            main([task, columns, "--out", "out", f"{option}={value}"])
        said = capsys.readouterr().err.splitlines()[-1]
        assert stopped.value.code == 2 and f"argument {option}: " in said and f"not {value!r}" in said


def test_the_home_folder_is_found_where_the_shell_leaves_it(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert home_path("~/a.fr,~/b.en") == f"{tmp_path}/a.fr,{tmp_path}/b.en" and home_path("~") == "~"
    (tmp_path / "~").mkdir()
    (tmp_path / "~" / "mine").write_text("")
    assert home_path("~/mine") == "~/mine" and home_path("~x") == "~x" and home_path("a~/b") == "a~/b"


# The encoder ---------------------------------------------------------------------------------------


def spoilt(encoder, folder, **changes):
    folder.mkdir()
    for path in encoder.iterdir():
        if (content := changes.get(path.stem, path.read_bytes())) is not None:
            (folder / path.name).write_bytes(content)
    return folder


@pytest.mark.parametrize("more", [["--out", "{out}"], ["--check-only"]])
def test_an_encoder_that_cannot_be_used_is_told_before_the_data_is_read(
    more, columns, encoder, tmp_path, unread, capsys
):
    more = [part.format(out=tmp_path / "out") for part in more]
    for name, said in {
        str(tmp_path / "nowhere"): "An encoder is one of minilm, or a folder",
        columns: "a file: pass the folder that it is in",
        "": "--encoder needs a name or a folder. Received: an empty name",
        str(spoilt(encoder, tmp_path / "gpt", config=b'{"model_type": "gpt2"}')): "Received: model_type='gpt2'",
        str(spoilt(encoder, tmp_path / "none", model=None)): "There is no model.safetensors in",
        str(spoilt(encoder, tmp_path / "cut", model=b"cut")): "is damaged or cut short",
        str(spoilt(encoder, tmp_path / "dumb", vocab=None)): "There is neither tokenizer.json nor vocab.txt",
    }.items():
        assert main(["ner", columns, "--encoder", name, *more]) == 2
        shown = capsys.readouterr()
        assert said in shown.err and shown.err.count("\n") == 1 and shown.out == "" and not (tmp_path / "out").exists()


def test_what_is_guessed_of_an_encoder_is_said_once(columns, encoder, tmp_path):
    config = json.loads((encoder / "config.json").read_text())
    plain = {name: value for name, value in config.items() if name not in ("model_type", "architectures")}
    folder = spoilt(encoder, tmp_path / "old", config=json.dumps(plain).encode())
    status, shown, said = shell("ner", columns, "--encoder", folder, "--check-only")
    assert status == 0 and "nothing wrong" in shown
    assert said.count("\n") == said.count("It is taken for a BERT's") == 1


def test_windows_that_do_not_fit_the_encoder_are_told_as_soon(encoder, tmp_path, unread, capsys):
    path = tmp_path / "train.csv"
    path.write_text(TABLE)
    call = ["qa", str(path), "--out", str(tmp_path / "out"), "--encoder", str(encoder), "--stride", "1000"]
    assert main(call) == 2 and "stride=1000" in capsys.readouterr().err


# Files and folders ---------------------------------------------------------------------------------


def test_where_nothing_can_be_written_is_told_at_once(columns, encoder, tmp_path, unread, capsys):
    kept = {path.name: path.read_bytes() for path in encoder.iterdir()}
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "model.safetensors").write_bytes(b"mine")
    for out, said in {
        "": "--out needs a folder. Received: an empty name",
        f"{columns}/deeper/out": f"{columns} is a file, and no folder",
        str(encoder): "is the folder of the encoder, which would be lost",
        str(tmp_path / "weights"): "holds weights that would be lost",
    }.items():
        assert main(["ner", columns, "--encoder", str(encoder), "--out", out]) == 2
        assert said in capsys.readouterr().err
    assert main(["ner", columns, "--encoder", str(encoder), "--out", str(encoder), "--overwrite"]) == 2
    assert kept == {path.name: path.read_bytes() for path in encoder.iterdir()}
    out = str(tmp_path / "out")
    theirs = str(tmp_path / "weights")
    told = {"": "needs a folder", columns: "must be a folder", out: "needs a folder of its own"}
    for shards, said in (told | {theirs: "or of earlier shards; in it: model.safetensors"}).items():
        assert main(["translate", columns, "--out", out, "--shards", shards]) == 2
        assert said in capsys.readouterr().err


def test_a_folder_of_somebody_else(tmp_path, monkeypatch):
    assert unwritable(tmp_path / "a" / "b") == ""
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    assert "a link to nothing" in unwritable(tmp_path / "link" / "a")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert unwritable(tmp_path / "a") == f"nothing may be written to {tmp_path}: it is not yours"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("", "A file has no name. Received: an empty name"),
        ("{there},", "Received: of '{there},' one"),
        ("-", "Standard input can be read but once"),
        (os.devnull, f"{os.devnull} is a pipe or a device"),
        ("\udcff.tsv", "is not UTF-8"),
    ],
)
def test_a_name_that_is_no_file_to_learn_from(path, said, columns, capsys):
    assert main(["translate", path.format(there=columns), "--check-only"]) == 2
    assert said.format(there=columns) in capsys.readouterr().err


def test_a_link_to_nothing_is_called_so(tmp_path, capsys):
    (tmp_path / "train").symlink_to("gone.conll")
    for task, *more in (["ner", "--check-only"], ["translate", "--out", "out"]):
        assert main([task, str(tmp_path / "train"), *more]) == 2
        assert "train is a link to gone.conll, which is not there" in capsys.readouterr().err


def test_what_the_system_says_is_told_in_words():
    refused = of_system(PermissionError(13, "Permission denied", "theirs/train.conll"))
    assert refused.startswith("theirs/train.conll: Permission denied. It is not yours: see `ls -l`")
    assert of_system(OSError(36, "File name too long", "x" * 300)) == f"{'x' * 300}: File name too long."
    assert of_system(FileNotFoundError("There is no file a.")) == "There is no file a."


def test_a_file_that_is_gone_meanwhile_is_named(names, tmp_path, monkeypatch, capsys):
    (path := tmp_path / "texts.txt").write_text("Jane left.\n")
    monkeypatch.setattr(predict, "_wrong_call", lambda options, task: path.unlink())
    assert main(["predict", str(names), str(path)]) == 1
    assert capsys.readouterr().err == f"{path}: No such file or directory.\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_opened_twice(names, tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe")  # whoever opened it would wait for ever
    assert look.absent("ner", str(tmp_path / "pipe")).endswith("Put it into one, and name that.")
    assert main(["predict", str(names), str(tmp_path / "pipe")]) == 2
    assert "Pipe it in, and name -" in capsys.readouterr().err


def test_answers_go_to_a_file_that_can_be_there(names, columns, capsys):
    for out, said in {
        "": "--out needs the name of a file",
        f"{columns}/x": f"{columns} is a file, and no folder",
    }.items():
        assert main(["predict", str(names), columns, "--out", out]) == 2
        assert said in capsys.readouterr().err


def test_an_export_takes_the_place_of_nothing_else(names, capsys):
    before = (names / "model.safetensors").read_bytes()
    assert main(["export", str(names), "--out", str(names / "model.safetensors")]) == 2
    assert "is no .onnx: it would be lost" in capsys.readouterr().err
    assert (names / "model.safetensors").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (bz2.compress(b"Jane left."), "Standard input is a bzip2 archive: unpack it"),
        ("Jane left.\nTom stayed.\n".encode("utf-16"), "UTF-16"),
        (b"<!DOCTYPE html><html><body>Jane</body></html>", "a web page (HTML)"),
        (b"%PDF-1.7\n\xff\x00", "PDF"),
    ],
)
def test_what_is_piped_in_and_is_no_text_is_refused_by_its_name(content, said, names, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(content))))
    assert main(["predict", str(names), "-"]) == 2
    shown = capsys.readouterr()
    assert said in shown.err and shown.err.count("\n") == 1 and shown.out == ""


# Output that goes nowhere, and being stopped -------------------------------------------------------


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no full device")
def test_output_that_cannot_be_written_is_a_line_and_a_status(columns):
    with open("/dev/full", "w") as full:
        status, _, said = shell("ner", columns, "--check-only", stdout=full)
    assert status == 1 and said == "It stops: [Errno 28] No space left on device\n"


def test_a_reader_that_has_seen_enough_is_no_fault(columns):
    into, out = os.pipe()
    os.close(into)
    status, _, said = shell("ner", columns, "--check-only", stdout=out)
    os.close(out)
    assert status == 1 and said == ""


@pytest.mark.skipif(os.name == "nt", reason="streams are closed otherwise there")
def test_streams_that_are_closed(columns, names, tmp_path):
    def run(command, closed, **more):
        line = f'"$@" {closed}'
        return subprocess.run(["sh", "-c", line, "sh", sys.executable, "-m", "utils.tasks", *map(str, command)],
                              capture_output=True, text=True, timeout=120, **more)  # fmt: skip

    done = run(["predict", names, columns], ">&-")
    assert done.returncode == 2 and "Standard output is closed: name a file" in done.stderr
    done = run(["evaluate", names, columns, "--json"], ">&-")
    assert done.returncode == 2 and "Standard output is closed" in done.stderr
    done = run(["predict", names, "-"], "<&-")
    assert done.returncode == 2 and "Standard input is closed" in done.stderr
    done = run(["ner", columns, tmp_path / "nowhere", "--check-only"], "2>&-")
    assert done.returncode == 2 and done.stdout == ""  # what is meant for stderr is not put among the answers


def test_signs_that_the_terminal_does_not_know_are_escaped(tmp_path):
    path = tmp_path / "twice.conll"
    path.write_text("Łódź\tB-LOC\nleft\tO\n", encoding="utf-8")
    status, shown, said = shell("ner", path, path, "--check-only", env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert status == 1 and said == "" and "the text '\\u0141\\xf3d\\u017a left' is also in" in shown


def test_ctrl_c_while_files_are_read_is_a_line(columns, monkeypatch, capsys):
    def pressed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(train, "other_task", pressed)
    assert main(["ner", columns, "--check-only"]) == 1
    assert capsys.readouterr().err == "Stopped.\n"


@pytest.mark.slow
@pytest.mark.parametrize("task", ["ner", "qa", "translate"])
def test_a_training_that_was_stopped_is_not_reported_and_goes_on(task, encoder, tmp_path, monkeypatch, capsys):
    path, out = tmp_path / "train", tmp_path / "out"
    path.write_text({"ner": COLUMNS, "qa": TABLE, "translate": "Un.\tOne.\nDeux.\tTwo.\n"}[task])
    call = [task, str(path), "--out", str(out), "--quiet", "--steps", "2"]
    call += [] if task == "translate" else ["--encoder", str(encoder)]
    asked = itertools.count()
    pressed = SimpleNamespace(is_set=lambda: next(asked) > 0)  # Ctrl-C in the first step
    monkeypatch.setattr(loop, "stop_on_ctrl_c", lambda: contextlib.nullcontext(pressed))
    assert main(call) == 1
    said = capsys.readouterr()
    assert "Stopped after step 1. The same command goes on" in said.err and "Model and report" not in said.out
    assert not (out / "report.json").exists()
    assert not (out / "model.safetensors").exists()
    with pytest.raises(FolderError, match="a training that was stopped"):
        task_of(out)
    monkeypatch.undo()
    assert main(call) == 0
    assert json.loads((out / "report.json").read_text())["learning_curve"][-1]["step"] == 2
