"""The first exercise in JupyterLab and in Notebook 7, as a learner opens it: run, answered, checked, looked at."""

import json
import os
import platform
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
from utils.course.notebook import KERNEL
from utils.course.source import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("jupyter")]

ANSWER = ("def warm_up(x):", '"""Twice x."""', "return 2 * x")  # the editor indents
SESSION = "window.jupyterapp?.shell?.currentWidget?.context?.sessionContext?.session"
ACTIVE = "jupyterapp.shell.currentWidget.content.activeCellIndex"
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
    arguments += [f"--{app}.expose_app_in_browser=True" for app in ("LabApp", "JupyterNotebookApp")]  # for the theme
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


@pytest.fixture(params=APPS, ids=lambda name: name.replace(" ", ""))
def visit(request, server, course):
    """A window on the first exercise, as nobody has touched it yet."""
    shutil.copy(ROOT / "notebooks" / "exercises" / "00_start_here.ipynb", course / "notebooks" / "exercises")
    with chromium.opened() as browser:
        made = Visit(browser, home=(server[0], server[0].replace("http", "ws"), "data:", "blob:", "about:"))
        made.page.goto(f"{server[0]}/{APPS[request.param]}/{lab.FIRST}?{FRESH}&token={server[1]}")
        made.page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        yield made
        made.close()


FRESH = "reset"  # a workspace without the tabs of an earlier visit, which would lie on top
OWN = """\
import sys

sys.path[:0] = ["..", "../.."]
from utils.notebook import setup

setup(seed=3)
import keras

from utils.explore import explore
from utils.tasks.translation import Translator

translator = Translator.load()
for weight in translator.model.weights:
    weight.assign(weight + keras.random.normal(weight.shape, stddev=0.2))
print("Python says:", translator("Marie mange une pomme verte"))"""


@pytest.mark.parametrize("app", APPS.values(), ids=APPS)
def test_the_explorer_shows_the_learners_own_weights(app, server, course):
    """Whoever explores in a notebook sees the model that they have there, and not the course's."""
    book = json.loads((ROOT / lab.FIRST).read_text(encoding="utf-8"))
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    book["cells"] = [{**cell, "id": f"c{n}", "source": s} for n, s in enumerate([OWN, "explore(translator)"])]
    (course / "notebooks" / "exercises" / "own.ipynb").write_text(json.dumps(book), encoding="utf-8")
    with chromium.opened() as browser:
        visit = Visit(browser, home=(server[0], server[0].replace("http", "ws"), "data:", "blob:", "about:"))
        page = visit.page
        page.goto(f"{server[0]}/{app}/notebooks/exercises/own.ipynb?{FRESH}&token={server[1]}")
        page.wait_for_function(f"{SESSION}?.kernel?.status === 'idle'")
        page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        frame = page.frame_locator("iframe[title='The translator, explored']")
        frame.locator("#target button").first.wait_for(state="attached")
        printed = page.locator(".jp-OutputArea pre", has_text="Python says:").inner_text()
        said = printed.partition("Python says:")[2].strip()
        assert frame.locator("#status").inner_text() == said != "Marie eats a green apple"
        assert visit.strangers == []
        visit.close()


def test_who_only_opens_an_exercise_has_nothing_to_save(visit):
    visit.page.wait_for_function(f"{SESSION}?.kernel?.status === 'idle'")
    visit.page.wait_for_timeout(2000)  # for what Jupyter writes once it knows the kernel
    panel = "jupyterapp.shell.currentWidget.context.model"
    wrote = visit.page.evaluate(f"{panel}.sharedModel.getMetadata()")
    wrote["language_info"]["version"] = KERNEL["language_info"]["version"]  # another Python's Jupyter marks it
    assert {name: wrote[name] for name in KERNEL} == KERNEL
    if platform.python_version() == KERNEL["language_info"]["version"]:
        assert visit.page.evaluate(f"{panel}.dirty") is False


def run_all(page, cells):
    """Runs cell after cell with the keyboard, and types the answer where a blank is; returns what was printed."""
    page.locator(".jp-Notebook .jp-Cell").first.click(position={"x": 5, "y": 5})
    page.keyboard.press("Escape")
    printed, looked = [], 0
    for _ in range(cells):
        cell = page.locator(".jp-Notebook .jp-Cell.jp-mod-active")
        if "jp-CodeCell" in cell.get_attribute("class"):
            if "raise NotImplementedError" in cell.locator(".cm-content").inner_text():
                page.keyboard.press("Enter")
                page.keyboard.press("Control+a")
                for line in ANSWER:
                    page.keyboard.insert_text(line)
                    page.keyboard.press("Enter")
                page.keyboard.press("Escape")
            page.keyboard.press("Control+Enter")
            ran = cell.locator(".jp-InputPrompt", has_text=re.compile(r"\[\d+\]"))
            ran.wait_for()
            assert cell.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
            printed.append(cell.inner_text())
            if cell.locator(".jp-OutputArea img").count():
                look(page, cell.locator(".jp-OutputArea img").first)
                looked += 1
                cell.locator(".jp-InputPrompt").click()  # a theme that comes in may take the keys' focus with it
        number = page.evaluate(ACTIVE)
        page.keyboard.press("ArrowDown")
        if number + 1 < cells:
            page.wait_for_function(f"number => {ACTIVE} === number + 1", arg=number)
    assert looked == 1
    return printed


def look(page, figure):
    """A figure has its alt text and fits its place, in the dark theme and in the light one."""
    for theme, light in (("Dark", "false"), ("Light", "true")):
        page.evaluate(f"jupyterapp.commands.execute('apputils:change-theme', {{ theme: 'JupyterLab {theme}' }})")
        page.wait_for_function("light => document.body.dataset.jpThemeLight === light", arg=light)
        figure.scroll_into_view_if_needed()
        page.wait_for_function("e => e.complete && e.naturalWidth > 0", arg=figure.element_handle())
        box, room = figure.bounding_box(), figure.locator("xpath=ancestor::*[contains(@class, 'jp-OutputArea ')]").last
        assert "fifteen boxes" in figure.get_attribute("alt")
        assert 0 < box["width"] <= room.bounding_box()["width"]


def test_a_learner_runs_answers_and_looks(visit, course):
    page, path = visit.page, course / lab.FIRST
    page.wait_for_function(f"{SESSION}?.kernel?.status === 'idle'")  # the one of this page, not of an earlier visit
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    printed = run_all(page, len(cells))
    assert len(printed) == sum(cell["cell_type"] == "code" for cell in cells)
    checked = [text for text in printed if "warm_up: 2 of 2 points" in text]
    assert checked and "✗" not in checked[-1]
    assert page.locator("text=Would you like to").count() == 0  # no news over the lesson
    page.keyboard.press("Control+s")
    for _ in range(600):
        saved = path.read_text(encoding="utf-8")
        if "warm_up: 2 of 2" in saved:
            break
        time.sleep(0.2)
    assert "return 2 * x" in saved and "warm_up: 2 of 2" in saved
    assert visit.strangers == []
