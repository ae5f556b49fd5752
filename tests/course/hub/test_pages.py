"""The class page without a hub: as a teacher and learners see it, and what it says when something goes wrong."""

import asyncio
import hashlib
import json
import os
import threading
import time
from contextlib import contextmanager

import pytest
import requests

from tests import browser as chromium
from tests.browser import Visit, axe

pytest.importorskip("jupyterhub", reason="the hub's packages are not installed")
from utils.course.hub import page as served  # noqa: E402 (it needs what the line above asks for)
from utils.course.hub.folder import ClassFolder  # noqa: E402
from utils.course.hub.learners import enrol  # noqa: E402

pytestmark = pytest.mark.xdist_group("class page")

BASE = "/services/class/"
LESSONS = [f"{n:02d}_lesson_of_some_length" for n in range(18)]
NAMES = {
    "zoe": "Zoë Quiñones-Fernández de Córdoba y Álvarez de Toledo",
    "learner": "محمد الفاروقي",
    "wolfe": "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwaren",
    "bobby": "<b>Bobby</b> Tables",
    "asa": "Åsa Öberg",
    "ada": "ada",
} | {f"pupil-{n}": f"Pupil {n}" for n in range(1, 35)}


@contextmanager
def at_work(folder, names, lessons=LESSONS):
    """The page's address; who asks is who the cookie `who` says, nobody without one."""
    given = {"folder": str(folder.path), "names": names, "teacher": "teacher", "exercises": [[f"f{n}", lesson, 20]
             for n, lesson in enumerate(lessons)]}  # fmt: skip
    started, address = threading.Event(), []

    async def serve():
        server = served.application(given, BASE, b"secret").listen(0, "127.0.0.1")
        address.append(f"http://127.0.0.1:{next(iter(server._sockets.values())).getsockname()[1]}")
        ends.append((asyncio.get_running_loop(), asyncio.Event()))
        started.set()
        await ends[0][1].wait()
        server.stop()

    ends = []
    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert started.wait(10)
    yield address[0]
    ends[0][0].call_soon_threadsafe(ends[0][1].set)
    thread.join(10)


@pytest.fixture
def somebody(monkeypatch):
    """Who asks, as the page is told by the hub; the list says how often it was asked."""
    asked = []

    def get_current_user(self):
        asked.append(self.request.path)
        return {"name": self.get_cookie("who")} if self.get_cookie("who") else None

    monkeypatch.setattr(served.Handler, "get_current_user", get_current_user)
    return asked


@pytest.fixture
def folder(tmp_path):
    """A class at work: most have points, two are stuck, one of them for long."""
    folder = ClassFolder(tmp_path / "the class")
    folder.make()
    for n, login in enumerate(NAMES):
        home = folder.learners / login
        (home / "exercises").mkdir(parents=True)
        (home / ".progress.json").write_text(json.dumps({f"f{m}": 20 for m in range(n % 19)}))
        (folder.handed_in / login).mkdir()
        for lesson in LESSONS[: n % 19]:
            (folder.handed_in / login / f"{lesson}.2026-01-31T10-00-00-000000.ipynb").write_text("{}")
    for login, tries in (("learner", 9), ("pupil-10", 3)):
        line = {"at": time.time() - 300, "exercise": "f4", "passed": False, "diagnosis": "a_long_name" * 12}
        (folder.learners / login / ".attempts.jsonl").write_text(f"{json.dumps(line)}\n" * tries)
    return folder


def as_who(visit, url, login):
    visit.context.add_cookies([{"name": "who", "value": login, "url": url}])
    visit.page.goto(url + BASE)
    return visit.page


WIDTHS = """() => ({
  page: document.documentElement.scrollWidth - innerWidth,
  table: document.querySelector(".wide, .scroll").scrollWidth - document.querySelector(".wide, .scroll").clientWidth,
  cut: [...document.querySelectorAll("p, li, h1, code, button, a")].filter(
    (e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.textContent),
})"""


def test_a_class_of_forty_is_seen_whole_on_a_projector_and_renewed_in_its_place(somebody, folder):
    with chromium.opened() as browser, at_work(folder, NAMES) as url:
        visit = Visit(browser, 1280, 720, home=(url,))
        page = as_who(visit, url, "teacher")
        assert axe(page, [".wide tbody tr:nth-child(n+5)"]) == [] and page.title() == "The class"
        told = page.evaluate(WIDTHS)
        assert told["page"] == 0 and told["table"] <= 0 and told["cut"] == []  # every lesson and the sum, unscrolled
        names = page.locator(".wide tbody th").all_inner_texts()
        assert names.index("ada") < names.index("Åsa Öberg") < names.index("Pupil 2") < names.index("Pupil 10")
        assert names[0] == NAMES["bobby"] and len(names) == len(NAMES)
        assert page.locator("h2").first.inner_text() == "Stuck now: 2"
        assert "محمد الفاروقي at f4, 9 tries, 5 min ago" in page.locator("li").first.inner_text()
        assert f"SUBMISSIONS='{folder.handed_in}'" in page.locator("code").inner_text()  # a blank is in it
        page.locator(".wide").evaluate("(e) => { e.scrollTop = 99; e.focus(); }")
        (folder.learners / "learner" / ".attempts.jsonl").unlink()
        page.evaluate("renew()")
        assert page.locator("h2").first.inner_text() == "Stuck now: 1"
        assert page.evaluate("[document.querySelector('.wide').scrollTop, document.activeElement.className]") == [
            99, "scroll wide"]  # fmt: skip
        page.get_by_role("button", name="Pause").press("Enter")
        assert page.get_by_role("button", name="Go on").count() == 1 and page.locator("#gone").inner_text() == ""
        for width in (360, 320):
            page.set_viewport_size({"width": width, "height": 500})
            told = page.evaluate(WIDTHS)
            assert told["page"] == 0 and told["cut"] == [], (width, told)
        visit.context.clear_cookies(name="who")
        visit.context.route("**/services/class/", lambda route: route.abort())
        page.evaluate("renew()")
        assert "the server does not answer" in page.locator("#gone").inner_text()
        assert visit.strangers == visit.errors == []


def test_a_learner_hands_in_without_scripts_and_reads_once_what_came_of_it(somebody, folder):
    lesson = f"{LESSONS[3]}.ipynb"
    with chromium.opened() as browser, at_work(folder, NAMES) as url:
        context = browser.new_context(java_script_enabled=False, forced_colors="active", viewport={"width": 320,
                                      "height": 600})  # fmt: skip
        context.add_cookies([{"name": "who", "value": "asa", "url": url}])
        page = context.new_page()
        page.goto(url + BASE)
        button = page.locator("button").nth(3)
        assert button.get_attribute("aria-label") == f"Hand in {LESSONS[3]}"
        assert button.evaluate("(e) => getComputedStyle(e).borderTopStyle") == "solid"  # a button in any colours
        button.click()
        said = page.locator("[role=status]")
        assert "was not handed in: there is no" in said.inner_text() and "bad" in said.get_attribute("class")
        assert page.title().startswith(LESSONS[3])  # a page's title is what is read out first
        page.reload()
        assert said.count() == 0 and page.title() == "Hand in"
        home, given = folder.learners / "asa" / "exercises" / lesson, folder.state / "given"
        home.write_text("as given")
        given.mkdir()
        manifest = {lesson: hashlib.sha256(b"as given").hexdigest()}
        (given / f"asa{served.MANIFEST}").write_text(json.dumps(manifest))
        page.locator("button").nth(3).click()
        assert "nothing in it is changed" in said.inner_text()
        home.write_text("my work")
        os.utime(home, (saved := time.time() - 7200, saved))
        page.locator("button").nth(3).click()
        when = served.clock(served.datetime.datetime.fromtimestamp(saved))
        assert said.inner_text().endswith(f"as it was saved at {when}") and "bad" not in said.get_attribute("class")
        assert page.locator("tr", has_text="✓").count() == 4
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        page.go_back()
        assert said.count() == 0
        visit = Visit(browser, dark=True, home=(url,))
        page = as_who(visit, url, "asa")
        assert axe(page) == [] and visit.strangers == []


def test_a_form_from_before_is_refused_in_words_and_nobody_is_asked_for(somebody, folder):
    html = {"Accept": "text/html"}
    with at_work(folder, NAMES) as url:
        somebody.clear()
        old = requests.post(f"{url}{BASE}hand-in", {"lesson": LESSONS[0], "_xsrf": "old"}, headers=html, timeout=5)
        assert old.status_code == 403 and "Your log-in has ended" in old.text and f'href="{BASE}"' in old.text
        assert somebody == []  # the proof is looked at before anybody is asked who it is
        form = requests.Session()
        form.cookies.set("who", "asa")
        proof = form.get(url + BASE, timeout=5).text.partition('name="_xsrf" value="')[2].partition('"')[0]
        form.cookies.set("who", "ada")
        sent = {"lesson": LESSONS[0], "_xsrf": proof, "who": "asa"}
        other = form.post(f"{url}{BASE}hand-in", sent, headers=html, timeout=5)
        assert other.status_code == 403 and "This was asa&#39;s page, and ada is logged in" in other.text
        odd = form.post(f"{url}{BASE}hand-in", sent | {"who": "ada", "lesson": "99% <b>"}, headers=html, timeout=5)
        assert odd.status_code == 400 and "No lesson is called &#39;99% &lt;b&gt;&#39;" in odd.text
        assert form.get(f"{url}{BASE}class.json", headers=html, timeout=5).text.count("This is the teacher") == 1
        assert form.get(f"{url}{BASE}hand-in", timeout=5).url == form.get(url + BASE[:-1], timeout=5).url == url + BASE
        nowhere = form.get(f"{url}{BASE}nothing", headers=html, timeout=5)
        assert nowhere.status_code == 404 and "There is no such page" in nowhere.text


def test_a_class_in_which_nothing_has_happened_says_so(somebody, tmp_path):
    folder = ClassFolder(tmp_path / "class")
    folder.make()
    with at_work(folder, {"ana": "Ana"}, LESSONS[:1]) as url:
        page = requests.get(url + BASE, cookies={"who": "teacher"}, timeout=5).text
        assert "Stuck now: nobody" in page and "Ana" in page and ">none<" in page
        assert "script-src 'nonce-" in requests.get(url + BASE, cookies={"who": "ana"}, timeout=5).headers[
            "Content-Security-Policy"]  # fmt: skip


@pytest.mark.parametrize(("seconds", "said"), [(None, "none"), (20, "now"), (600, "10 min"), (9000, "2 h"),
                                               (900000, "10 days")])  # fmt: skip
def test_how_long_ago_is_said_as_one_says_it(seconds, said):
    assert served.ago(seconds) == said


@pytest.mark.parametrize("seconds", [1e12, -1e17, float("inf"), float("nan")])
def test_a_time_that_no_clock_shows_is_said_to_be_none(seconds):
    assert served.saved_at(seconds) == "at a time that no clock shows"
    assert served.saved_at(time.time()).startswith("at ")


def test_a_list_of_passwords_saved_by_a_spreadsheet_is_still_read(tmp_path):
    folder = ClassFolder(tmp_path / "class")
    folder.make()
    first = enrol(["Łukasz Żółć", "Þóra"], folder, "teacher")
    assert [one.login for one in first] == ["teacher", "lukasz-zolc", "thora"]
    folder.passwords.write_bytes(b"\xef\xbb\xbf" + folder.passwords.read_bytes())
    assert enrol(["Łukasz Żółć", "Þóra"], folder, "teacher") == first
