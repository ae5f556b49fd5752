"""What a hub stands on, without one: the class list, logins, learners' copies, what is read of their homes."""

import json
import os
import time
from pathlib import Path

import pytest

from utils.course.hub.copies import bring_up_to_date, read_inside
from utils.course.hub.folder import ClassFolder, HubError
from utils.course.hub.learners import enrol, login_for, read_class
from utils.course.hub.progress import Asked, standing


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ana\nBela\n", ["Ana", "Bela"]),
        ("\ufeff# 7b\nAna  Lu \n\nBela\n", ["Ana Lu", "Bela"]),
        ('learner,email\nAna,a@example.org\n"Lu, Bela",b@example.org\n', ["Ana", "Lu, Bela"]),
        ("id;Learner\n1;Ana\n2;Bela\n", ["Ana", "Bela"]),
        ("Lu, Ana\nBela\n", ["Lu, Ana", "Bela"]),
    ],
)
def test_a_class_list_is_read(tmp_path, text, names):
    (tmp_path / "class.txt").write_text(text, encoding="utf-8")
    assert read_class(tmp_path / "class.txt") == names


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "nobody is in the class list"),
        (b"# only a remark\n", "nobody is in the class list"),
        (b"learner,email\n", "nobody is in the class list below"),
        (b"Ana\nBela\nAna\n", "line 3: Ana stands in line 1 already"),
        (b"Ana\nB\x07ela\n", "line 2: no name that can be shown"),
        ("Bj\xf6rn\n".encode("latin-1"), "not UTF-8"),
        (b"name,email\nAna,a@example.org\n", 'none is called "learner"'),
        (b"learner,email\n,a@example.org\n", "line 2: no name"),
    ],
)
def test_what_is_wrong_with_a_class_list_is_said_with_its_line(tmp_path, content, words):
    (tmp_path / "class.txt").write_bytes(content)
    with pytest.raises(HubError, match=words):
        read_class(tmp_path / "class.txt")


def test_logins_are_plain_and_differ():
    taken: set[str] = set()
    names = ["José Ångström", "Jose Angstrom", "李雷", "韩梅梅", "../../etc", "CON", "42", "a" * 100, "-", "Ş. / Ö\\"]
    for name in names:
        login = login_for(name, taken)
        assert login and len(login) <= 43 and set(login) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert login not in taken and not login.isdigit()
        taken.add(login)
    assert {"jose-angstrom", "jose-angstrom-2", "learner", "learner-2"} <= taken


def test_everybody_keeps_login_and_password_and_nobody_is_removed(tmp_path):
    folder = ClassFolder(tmp_path / "class")
    folder.make()
    first = enrol(["Ana", "Bela"], folder, "teacher")
    second = enrol(["Bela", "Cem"], folder, "teacher")
    assert second[: len(first)] == first and [one.name for one in second] == ["teacher", "Ana", "Bela", "Cem"]
    assert len({one.password for one in second}) == 4
    assert folder.passwords.stat().st_mode & 0o077 == 0
    assert "password" not in folder.roster.read_text() and first[1].password not in folder.roster.read_text()
    with pytest.raises(HubError, match="stands in the class list too"):
        enrol(["Ana"], folder, "Ana")
    folder.passwords.write_text("learner,login\nAna,ana\n")
    with pytest.raises(HubError, match="lacks learner, login or password"):
        enrol(["Ana"], folder, "teacher")


@pytest.fixture
def given(tmp_path) -> Path:
    """A course with two exercises."""
    folder = tmp_path / "given"
    folder.mkdir()
    for name in ("00_a", "01_b"):
        (folder / f"{name}.ipynb").write_text(f"{name} first")
    return folder


def test_copies_are_brought_up_to_date_and_changed_ones_kept(tmp_path, given):
    home, manifest = tmp_path / "home", tmp_path / "given.json"
    assert bring_up_to_date(home, manifest, given) == ["00_a.ipynb", "01_b.ipynb"]
    assert bring_up_to_date(home, manifest, given) == []
    mine = home / "exercises" / "00_a.ipynb"
    mine.write_text("my work")
    for name in ("00_a", "01_b"):
        (given / f"{name}.ipynb").write_text(f"{name} second")
    new, replaced = bring_up_to_date(home, manifest, given)
    assert mine.read_text() == "my work" and replaced == "01_b.ipynb"
    assert new.startswith("00_a.new-") and (home / "exercises" / new).read_text() == "00_a second"
    assert (home / "exercises" / "01_b.ipynb").read_text() == "01_b second"
    assert bring_up_to_date(home, manifest, given) == []
    mine.unlink()
    (given / "00_a.ipynb").write_text("00_a third")
    assert bring_up_to_date(home, manifest, given) == ["00_a.ipynb"] and mine.read_text() == "00_a third"


def test_what_was_put_beside_is_not_overwritten_either(tmp_path, given):
    home, manifest = tmp_path / "home", tmp_path / "given.json"
    bring_up_to_date(home, manifest, given)
    (home / "exercises" / "00_a.ipynb").write_text("my work")
    (given / "00_a.ipynb").write_text("second")
    (beside,) = bring_up_to_date(home, manifest, given)
    (home / "exercises" / beside).write_text("my work in the new one")
    (given / "00_a.ipynb").write_text("third, the same day")
    (another,) = bring_up_to_date(home, manifest, given)
    assert another != beside and (home / "exercises" / beside).read_text() == "my work in the new one"
    assert (home / "exercises" / another).read_text() == "third, the same day"


def test_without_a_manifest_nothing_is_overwritten(tmp_path, given):
    home = tmp_path / "home"
    (home / "exercises").mkdir(parents=True)
    (home / "exercises" / "00_a.ipynb").write_text("my work")
    bring_up_to_date(home, tmp_path / "given.json", given)
    assert (home / "exercises" / "00_a.ipynb").read_text() == "my work"


def test_copies_follow_no_link(tmp_path, given):
    home, other = tmp_path / "home", tmp_path / "other"
    other.mkdir()
    (other / "00_a.ipynb").write_text("another's")
    home.mkdir()
    (home / "exercises").symlink_to(other)
    bring_up_to_date(home, tmp_path / "given.json", given)
    assert (other / "00_a.ipynb").read_text() == "another's" and not (other / "01_b.ipynb").exists()
    mine = home / "exercises" / "01_b.ipynb"
    mine.unlink()
    mine.symlink_to(other / "00_a.ipynb")
    (given / "01_b.ipynb").write_text("01_b second")
    bring_up_to_date(home, tmp_path / "given.json", given)
    assert (other / "00_a.ipynb").read_text() == "another's" and mine.read_text() == "01_b second"


def test_reading_a_home_follows_no_link_waits_for_no_pipe_and_is_bounded(tmp_path):
    home, secret = tmp_path / "home", tmp_path / "secret"
    (home / "exercises").mkdir(parents=True)
    secret.write_text("secret")
    (home / "exercises" / "link.ipynb").symlink_to(secret)
    os.mkfifo(home / "exercises" / "pipe.ipynb")
    (home / "exercises" / "folder.ipynb").mkdir()
    (home / "exercises" / "large.ipynb").write_bytes(b"a" * 50 + b"b" * 50)
    (home / "away").symlink_to(tmp_path)
    for place in (["exercises", "link.ipynb"], ["exercises", "pipe.ipynb"], ["exercises", "folder.ipynb"],
                  ["away", "secret"], ["exercises", "large.ipynb"], ["exercises", "none"]):  # fmt: skip
        with pytest.raises(OSError):
            read_inside(home, place, 50)
    assert read_inside(home, ["exercises", "large.ipynb"], 50, tail=True) == b"b" * 50


def test_a_file_without_an_end_is_not_read(tmp_path, monkeypatch):
    """A learner's file may say that it has terabytes, and take no room; the hub is everybody's."""
    given, home, manifest = tmp_path / "given", tmp_path / "home", tmp_path / "manifest.json"
    given.mkdir()
    (given / "01.ipynb").write_text("one")
    bring_up_to_date(home, manifest, given)
    os.truncate(home / "exercises" / "01.ipynb", 2**33)
    (given / "01.ipynb").write_text("two")
    monkeypatch.setattr(Path, "read_bytes", lambda self: b"two" if self.stat().st_size < 100 else pytest.fail("read"))
    assert len(written := bring_up_to_date(home, manifest, given)) == 1 and written[0].startswith("01.new-")
    assert (home / "exercises" / "01.ipynb").stat().st_size == 2**33


EXERCISES = [Asked("softmax", "01_why_attention", 5), Asked("warm_up", "00_start_here", 2)]


def noted(home: Path, *attempts, points=None) -> None:
    home.mkdir(exist_ok=True)
    lines = [
        json.dumps({"at": at, "exercise": name, "points": 0, "passed": passed, "diagnosis": "why"})
        for at, name, passed in attempts
    ]
    (home / ".attempts.jsonl").write_text("\n".join(lines) + "\n")
    (home / ".progress.json").write_text(json.dumps(points or {}))


def test_who_fails_three_times_is_stuck_until_it_holds(tmp_path):
    now = time.time()
    home = tmp_path / "home"
    failed = [(now - 60 + n, "softmax", False) for n in range(3)]
    noted(home, *failed[:2])
    assert standing(home, EXERCISES).stuck_at == ""
    noted(home, (now - 90, "warm_up", False), *failed, points={"warm_up": 2})
    found = standing(home, EXERCISES)
    assert (found.stuck_at, found.tries, found.diagnosis) == ("softmax", 3, "why")
    assert found.points == {"00_start_here": 2} and found.seconds < 90
    noted(home, *failed, (now, "softmax", True))
    assert standing(home, EXERCISES).stuck_at == ""
    noted(home, *[(now - 9000, "softmax", False)] * 4)
    assert standing(home, EXERCISES).stuck_at == ""


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"softmax": "many"}', '{"softmax": 900}', '{"other": 1}', "[" * 90000, "null"]
)
def test_what_learners_write_into_their_progress_harms_nobody(tmp_path, text):
    home = tmp_path / "home"
    home.mkdir()
    (home / ".progress.json").write_text(text)
    (home / ".attempts.jsonl").write_text(text + '\n{"exercise": "softmax"}\n{"at": "x", "exercise": 3, "passed": 1}\n')
    assert sum(standing(home, EXERCISES).points.values()) <= 5


@pytest.mark.parametrize("at", ["NaN", "Infinity", "-Infinity", "-1e308", "1" + "0" * 400])
def test_a_time_that_is_none_is_no_attempt(tmp_path, at):
    """Whatever a learner writes there, the teacher's page shows the others."""
    line = f'{{"exercise": "softmax", "at": {at}, "passed": false, "diagnosis": "x"}}\n'
    (tmp_path / ".attempts.jsonl").write_text(line * 3)
    assert (found := standing(tmp_path, EXERCISES)).seconds is None and not found.stuck_at
    good = line.replace(at, str(time.time())).replace('"x"', r'"a\u202eb\u001b"')
    (tmp_path / ".attempts.jsonl").write_text(good * 3 + line)
    assert (found := standing(tmp_path, EXERCISES)).stuck_at == "softmax" and found.diagnosis == "a\ufffdb\ufffd"
