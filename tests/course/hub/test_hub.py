"""A real hub on the loopback address: two learners work, are kept apart, hand in, and lose nothing when parts die."""

import json
import re
import signal
import subprocess
import time

import psutil
import pytest

from utils.course.grade.collect import submissions
from utils.course.source import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hub")]

ANA, FEN = "ana-brighthollow", "fen"
RIGHT = """
import sys
sys.path[:0] = [".."]
from utils.checks import check
def warm_up(x):
    return 2 * x
check(warm_up)
"""
LOOK = """
import os, pathlib, subprocess, sys
sys.path[:0] = [".."]
import benchmarks
print("course:", all(pathlib.Path("..", name).exists() for name in ("utils", "data", "benchmarks", "pyproject.toml")))
top = pathlib.Path("/home/learner")
print("homes:", sorted(os.listdir("/home")), "root:", os.path.exists("/root/.ssh") or os.path.exists("%s"))
print("processes:", len([p for p in os.listdir("/proc") if p.isdigit()]))
def written(place):
    try:
        pathlib.Path(place, "x").write_text("x")
        return True
    except OSError:
        return False
places = ("/", "/cache", "/dev", "/home/learner", "/home/learner/utils", "/home/learner/data", "/usr", "/etc")
print("written:", [place for place in places if written(place)])
print("secrets:", [name for name in os.environ if "SETTINGS" in name or "PROXY" in name])
"""


@pytest.fixture(scope="module")
def both(hub):
    """The two learners, their servers started."""
    people = [hub.person(ANA), hub.person(FEN)]
    for person in people:
        person.start()
    return people


def test_a_wrong_password_and_an_unknown_name_are_refused(hub):
    known = hub.person(ANA)
    for login, password in ((ANA, "wrong"), (ANA, ""), ("nobody", known.password), (FEN, known.password)):
        assert not type(known)(hub.url, login, password).log_in()


def test_two_work_hand_in_and_the_teacher_sees_where_they_stand(hub, both):
    ana, fen = both
    kernels = [person.kernel() for person in both]
    cells = ana.cells("00_start_here")
    assert any("doubled" in words for words in ana.run(kernels[0], cells))
    assert "2 of 2 points" in ana.run(kernels[0], [RIGHT])[0]
    wrong = RIGHT.replace("2 * x", "x + 2")
    for _ in range(3):
        fen.run(kernels[1], [wrong])
    assert ana.hand_in("00_start_here").json()["handed_in"]
    assert ana.hand_in("no_such_lesson").status_code == 400
    teacher = hub.person("teacher")
    seen = {row["login"]: row for row in teacher.ask("GET", "/services/class/class.json").json()["learners"]}
    assert seen[ANA]["standing"]["points"] == {"00_start_here": 2} and "00_start_here" in seen[ANA]["handed"]
    assert seen[FEN]["standing"]["stuck_at"] == "warm_up" and seen[FEN]["standing"]["tries"] == 3
    assert seen[FEN]["standing"]["diagnosis"] and list(seen)[0] == FEN
    page = teacher.ask("GET", "/services/class/").text
    assert "李 小 / Fen" in page and "warm_up" in page and "handed_in" in page
    found = submissions(hub.folder / "handed_in", hub.folder / "roster.csv")
    assert ("Ana Brighthollow", "00_start_here") in [(one.learner, one.lesson) for one in found]


def test_nobody_reads_anothers_files_or_the_teachers_page(hub, both):
    ana, fen = both
    assert ana.ask("GET", f"/user/{ANA}/api/contents/exercises").status_code == 200
    assert fen.ask("GET", f"/user/{ANA}/api/contents/exercises").status_code in (403, 404)
    assert fen.ask("GET", "/services/class/class.json").status_code == 403
    assert "Brighthollow" not in fen.ask("GET", "/services/class/").text
    assert fen.ask("GET", "/hub/api/users").status_code == 403
    said = fen.run(fen.kernel(), [LOOK % hub.folder])[0]
    assert "course: True" in said  # what lessons read
    assert "homes: ['learner'] root: False" in said
    assert "written: ['/home/learner']" in said and "secrets: []" in said
    assert int(re.search(r"processes: (\d+)", said)[1]) < 12


def test_the_button_hands_in_and_wants_its_own_form(hub, both):
    ana, _ = both
    page = ana.browser.get(f"{hub.url}/services/class/", timeout=60)
    proof = re.search(r'name="_xsrf" value="([^"]+)"', page.text)[1]
    form, browser = f"{hub.url}/services/class/hand-in", {"Accept": "text/html"}
    without = ana.browser.post(form, data={"lesson": "04_masks"}, headers=browser, timeout=60)
    assert without.status_code == 403
    said = ana.browser.post(form, data={"lesson": "04_masks", "_xsrf": proof}, headers=browser, timeout=60)
    assert "04_masks: handed in at" in said.text
    assert len(list((hub.folder / "handed_in" / ANA).glob("04_masks.*.ipynb"))) == 1


def test_a_form_from_before_a_log_out_is_refused_and_holds_nobody_up(hub, both):
    ana, fen = hub.person(ANA), both[1]
    page = ana.browser.get(f"{hub.url}/services/class/", timeout=60)
    assert page.url.endswith("/services/class/")  # where a log-in leads, and what the proxy knows from the beginning
    sent = {"lesson": "04_masks", "_xsrf": re.search(r'name="_xsrf" value="([^"]+)"', page.text)[1]}
    ana.browser.get(f"{hub.url}/hub/logout", timeout=60)
    for _ in range(2):
        answer = ana.browser.post(
            f"{hub.url}/services/class/hand-in", data=sent, headers={"Accept": "text/html"}, timeout=20
        )
        assert answer.status_code == 403 and "Your log-in has ended" in answer.text
    assert fen.ask("GET", "/services/class/").ok


def test_a_link_in_a_learners_folder_leads_nowhere(hub, both):
    _, fen = both
    lesson = "exercises/01_why_attention.ipynb"
    code = f"import os; os.remove('../{lesson}'); os.symlink('/etc/passwd', '../{lesson}')"
    fen.run(fen.kernel(), [code])
    answer = fen.hand_in("01_why_attention")
    assert answer.status_code == 409 and answer.json()["handed_in"] is None
    assert not list((hub.folder / "handed_in").rglob("01_*"))


def parts(hub):
    """The hub's parts by what they run."""
    names = {"configurable-http-proxy": "proxy", "jupyterhub -f": "hub", "utils.course.hub.page": "page"}
    found = {}
    for child in psutil.Process(hub.process.pid).children():
        line = " ".join(child.cmdline())
        found |= {name: child for words, name in names.items() if words in line}
    return found


def test_killed_parts_come_back_and_no_work_is_lost(hub, both):
    ana, _ = both
    kernel = ana.kernel()
    ana.run(kernel, ["kept = 41"])
    running = parts(hub)
    for name in ("proxy", "hub", "page"):
        running[name].send_signal(signal.SIGKILL)
    until = time.monotonic() + 90
    while time.monotonic() < until:
        try:
            if ana.ask("GET", f"/user/{ANA}/api/status").ok and ana.ask("GET", "/services/class/").ok:
                break
        except OSError:  # nobody listens yet
            pass
        time.sleep(0.5)
    assert ana.run(kernel, ["print(kept + 1)"]) == ["42\n"]
    book = ana.ask("GET", f"/user/{ANA}/api/contents/exercises/02_positional_encoding.ipynb").json()
    book["content"]["cells"][0]["source"] = "mine"
    saved = ana.ask("PUT", f"/user/{ANA}/api/contents/exercises/02_positional_encoding.ipynb",
                    json={"type": "notebook", "content": book["content"]})  # fmt: skip
    assert saved.ok
    server = next(
        p
        for p in psutil.process_iter(["cmdline"])
        if str(hub.folder / "learners" / ANA) in " ".join(p.info["cmdline"] or ())
    )
    for each in [*server.children(recursive=True), server]:
        each.kill()
    file = hub.folder / "learners" / ANA / "exercises" / "02_positional_encoding.ipynb"
    assert json.loads(file.read_text())["cells"][0]["source"] in ("mine", ["mine"])
    until = time.monotonic() + 60
    while hub.person(ANA).ask("GET", f"/hub/api/users/{ANA}").json()["server"] and time.monotonic() < until:
        time.sleep(1)
    again = hub.person(ANA)
    again.start()
    assert again.cells("02_positional_encoding") == ana.cells("02_positional_encoding")


def test_a_second_hub_on_the_same_folder_or_port_is_refused(hub, tmp_path):
    second = subprocess.run(hub.command(), cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert second.returncode == 1 and "runs on" in second.stderr and "process" in second.stderr
    elsewhere = [*hub.command(), "--folder", str(tmp_path / "other")]
    taken = subprocess.run(elsewhere, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert taken.returncode == 1 and f"port {hub.port}" in taken.stderr and "PORT=" in taken.stderr


def test_outside_the_machine_only_with_a_certificate(hub, tmp_path):
    open_door = [*hub.command(), "--folder", str(tmp_path / "other"), "--ip", "0.0.0.0"]
    refused = subprocess.run(open_door, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert refused.returncode == 1 and "--certificate" in refused.stderr
