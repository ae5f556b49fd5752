"""The first exercise in JupyterLab and in Notebook 7, as a learner opens it: run, answered, checked, looked at."""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from tests import browser as chromium
from tests.browser import Visit
from utils.course import lab
from utils.course.source import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("jupyter")]

ANSWER = 'def warm_up(x):\n"""Twice x."""\nreturn 2 * x'  # the editor indents
APPS = {"JupyterLab": "lab/tree", "Notebook 7": "notebooks"}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A learner's folder: the course, and copies of the exercises, which are typed into."""
    folder = tmp_path_factory.mktemp("course")
    for name in ("utils", "data", "benchmarks", "pyproject.toml", "requirements.txt"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "notebooks" / "exercises", folder / "notebooks" / "exercises")
    return folder


@pytest.fixture(scope="module")
def server(course, tmp_path_factory):
    """Jupyter as `make learn` starts it, with nothing of this machine's own settings; its address and its token."""
    chromium.needed()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home, token = tmp_path_factory.mktemp("home"), secrets.token_hex(16)
    own = {"HOME": home, "JUPYTER_CONFIG_DIR": home / "config", "JUPYTER_DATA_DIR": home / "data"}
    own |= {"JUPYTERLAB_SETTINGS_DIR": home / "settings", "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces"}
    own |= {"COURSE_PROGRESS": home / "progress.json", "JUPYTER_TOKEN": token}
    environ = lab.environment({**os.environ, **{name: str(value) for name, value in own.items()}})
    environ.pop("PYTEST_CURRENT_TEST", None)
    arguments = lab.command(str(port), environ, os.geteuid() == 0, course)
    arguments += [] if "--no-browser" in arguments else ["--no-browser"]
    with open(home / "log", "w") as log:
        process = subprocess.Popen([sys.executable, "-m", *arguments], env=environ, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/api/status?token={token}", process, home / "log")
        yield address, token
    finally:
        process.terminate()
        process.wait(60)


def wait_for(url, process, log):
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(url, timeout=5)
            return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"Jupyter does not answer: {log.read_text()}")


def choose_theme(server, name):
    address, token = server
    body = json.dumps({"raw": json.dumps({"theme": name})}).encode()
    request = urllib.request.Request(
        f"{address}/lab/api/settings/@jupyterlab/apputils-extension:themes", data=body, method="PUT",
        headers={"Authorization": f"token {token}"},
    )  # fmt: skip
    urllib.request.urlopen(request, timeout=60)


@pytest.fixture(params=APPS, ids=lambda name: name.replace(" ", ""))
def visit(request, server, course):
    """A window on the first exercise, as nobody has touched it yet, in the light theme."""
    shutil.copy(ROOT / "notebooks" / "exercises" / "00_start_here.ipynb", course / "notebooks" / "exercises")
    choose_theme(server, "JupyterLab Light")
    with chromium.opened() as browser:
        made = Visit(browser, home=(server[0], server[0].replace("http", "ws"), "data:", "blob:", "about:"))
        made.page.goto(f"{server[0]}/{APPS[request.param]}/{lab.FIRST}?token={server[1]}")
        made.page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        yield made
        made.close()


def run_all(page):
    """Runs cell after cell with the keyboard, and types the answer where a blank is; returns all that was printed."""
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    page.locator(".jp-Notebook .jp-Cell").first.click()
    page.keyboard.press("Escape")
    printed = {}
    for n in range(37):
        cell = page.locator(".jp-Notebook .jp-Cell.jp-mod-active")
        code = "jp-CodeCell" in cell.get_attribute("class")
        if code and "raise NotImplementedError" in cell.locator(".cm-content").inner_text():
            page.keyboard.press("Enter")
            page.keyboard.press("Control+a")
            for line in ANSWER.split("\n"):
                page.keyboard.insert_text(line)
                page.keyboard.press("Enter")
            page.keyboard.press("Escape")
        handle = cell.element_handle()
        page.keyboard.press("Shift+Enter")
        if code:
            page.wait_for_function(
                "cell => /\\[\\d+\\]/.test(cell.querySelector('.jp-InputPrompt').textContent)", arg=handle
            )
            printed[n] = handle.inner_text()
            assert handle.query_selector("[data-mime-type='application/vnd.jupyter.error']") is None, printed[n]
    return printed


def test_a_learner_runs_answers_and_looks(visit, server, course):
    page = visit.page
    printed = run_all(page)
    checked = [text for text in printed.values() if "warm_up: 2 of 2 points" in text]
    assert checked and "✗" not in checked[-1]
    assert len(printed) == 15
    assert page.locator("text=Would you like to").count() == 0  # no news over the lesson
    page.keyboard.press("Control+s")
    path = course / lab.FIRST
    for _ in range(300):
        saved = json.loads(path.read_text(encoding="utf-8"))
        if "warm_up: 2 of 2" in json.dumps(saved["cells"]):
            break
        time.sleep(0.2)
    assert "2 * x" in json.dumps(saved["cells"])
    for theme, light in (("JupyterLab Light", "true"), ("JupyterLab Dark", "false")):
        choose_theme(server, theme)
        page.reload()
        page.wait_for_selector(f"body[data-jp-theme-light='{light}']")
        figure = page.locator(".jp-OutputArea img").first
        figure.wait_for()
        figure.scroll_into_view_if_needed()
        told = figure.evaluate(
            "e => [e.alt, e.naturalWidth, e.getBoundingClientRect().width, e.closest('.jp-OutputArea').clientWidth]"
        )
        assert "fifteen boxes" in told[0] and told[1] > 0 and 0 < told[2] <= told[3]
    assert [url for url in visit.strangers if not re.match(r"devtools:", url)] == []
