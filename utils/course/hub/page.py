"""The class page beside the notebooks: the teacher sees where everybody stands, a learner hands a lesson in.

Runs as a service of the hub on the loopback address, and says who somebody is only as the hub says it.
"""

import asyncio
import contextlib
import datetime
import hashlib
import json
import os
import re
import secrets
import shlex
from pathlib import Path

import jinja2
from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
from jupyterhub.utils import url_path_join
from tornado import web

from utils.course.hub.copies import GIVEN, MANIFEST, read_inside
from utils.course.hub.folder import ClassFolder
from utils.course.hub.learners import plain
from utils.course.hub.progress import Asked, Standing, standing
from utils.files import write_whole

LARGEST = 32 * 2**20  # bytes of a notebook, as the grader reads it
ATTEMPTS = 50  # of one lesson that are kept; then the oldest but the first goes
HERE = Path(__file__).parent / "templates"
TEMPLATES = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), autoescape=True)
RENEW = (HERE / "renew.js").read_text(encoding="utf-8")
SAID = "said"  # the cookie with what a page says once: nothing of an address is believed, nothing said again
WHY = {
    403: "Your log-in has ended, or this page was open for too long: nothing was done. Open the class page again.",
    404: "There is no such page.",
}


class Refusal(web.HTTPError):
    """A refusal whose own words are for who asked."""

    def __init__(self, status_code: int, said: str):
        super().__init__(status_code, said)
        self.said = said


class Worded(web.RequestHandler):
    """Whoever comes here reads words, and where to go on, whatever happens."""

    def show(self, template: str, **values) -> None:
        """Writes a page that loads nothing, and on which nothing runs but what is ours."""
        once = secrets.token_urlsafe(16)
        self.set_header(
            "Content-Security-Policy",
            f"default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{once}'; connect-src 'self'; "
            "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        )
        self.set_header("Cache-Control", "no-store")
        self.write(TEMPLATES.get_template(template).render(once=once, base=self.settings["base"], **values))

    def write_error(self, status_code: int, **more) -> None:
        """What went wrong, in words."""
        if "text/html" not in self.request.headers.get("Accept", ""):
            super().write_error(status_code, **more)
            return
        error = more.get("exc_info", (None, None))[1]
        fallback = "The class page has failed here. Try again; if it stays so, tell your teacher."
        why = error.said if isinstance(error, Refusal) else WHY.get(status_code, fallback)
        self.show("error.html", status=status_code, why=why)


class Nowhere(Worded):
    """An address at which there is nothing."""

    def prepare(self):
        """Says so."""
        raise web.HTTPError(404)


class Alive(web.RequestHandler):
    """Says that the page answers, to whoever started it."""

    def get(self):
        """Says so."""
        self.write("yes")


class Callback(Worded, HubOAuthCallbackHandler):
    """Where the hub sends back whom it knows; its failures are said in words as well."""


class Handler(HubOAuthenticated, Worded):
    """Somebody the hub knows."""

    @property
    def folder(self) -> ClassFolder:
        """The class's folder."""
        return ClassFolder(Path(self.settings["class"]["folder"]))

    @property
    def login(self) -> str:
        """Who asks."""
        return self.current_user["name"]

    @property
    def teaches(self) -> bool:
        """Whether it is the teacher."""
        return self.login == self.settings["class"]["teacher"]

    def check_xsrf_cookie(self) -> None:
        """A form must prove that it is ours; a program that sends a token has proved it, no other page can send one.

        Tornado's own proof, and not the hub's, which asks who it is, where who it is asks for the proof.
        """
        if not self.request.headers.get("Authorization"):
            web.RequestHandler.check_xsrf_cookie(self)

    xsrf_token = web.RequestHandler.xsrf_token


class ClassPage(Handler):
    """The teacher's table, or a learner's own lessons."""

    @web.authenticated
    async def get(self):
        """Shows it."""
        exercises, shown = self.settings["exercises"], self.settings["class"]
        lessons = list(dict.fromkeys(each.lesson for each in exercises))
        most = {lesson: sum(each.points for each in exercises if each.lesson == lesson) for lesson in lessons}
        common = dict(lessons=lessons, most=most, titles=self.settings["titles"], now=clock(datetime.datetime.now()),
                      xsrf=self.xsrf_token.decode())  # fmt: skip
        if self.teaches:
            rows = await asyncio.to_thread(rows_of, self.folder, shown["names"], exercises)
            self.show("teacher.html", stuck=[row for row in rows if row["standing"].stuck_at], renew=RENEW,
                      rows=sorted(rows, key=by_name), command=grading(self.folder), **common)  # fmt: skip
        else:
            own = standing(self.folder.learners / self.login, exercises)
            said = (self.get_signed_cookie(SAID, max_age_days=0.01) or b"").decode()
            self.clear_cookie(SAID, path=self.settings["base"])
            self.show("learner.html", points=own.points, handed=handed_in(self.folder, self.login), said=said[1:],
                      well=said[:1] == "+", name=shown["names"].get(self.login, self.login), login=self.login,
                      **common)  # fmt: skip


class ClassData(Handler):
    """The same as JSON, for the teacher alone."""

    @web.authenticated
    async def get(self):
        """Writes it."""
        if not self.teaches:
            raise Refusal(403, "This is the teacher's.")
        rows = await asyncio.to_thread(
            rows_of, self.folder, self.settings["class"]["names"], self.settings["exercises"]
        )
        self.write({"learners": [row | {"standing": vars(row["standing"])} for row in rows]})


class HandIn(Handler):
    """Takes a learner's notebook as it is saved now, and puts it where the grader reads it."""

    async def get(self):
        """Leads to the page: who logs in again is sent here, and so is who opens the address from their history."""
        self.redirect(self.settings["base"])

    @web.authenticated
    async def post(self):
        """Hands a lesson in; a browser is sent back to the page, a program gets JSON."""
        lesson, who = self.get_body_argument("lesson", ""), self.get_body_argument("who", self.login)
        if who != self.login:
            raise Refusal(403, f"This was {who}'s page, and {self.login} is logged in here now: nothing was handed in.")
        if lesson not in {each.lesson for each in self.settings["exercises"]}:
            raise Refusal(400, f"No lesson is called {lesson[:60]!r}.")
        try:
            place, said = await asyncio.to_thread(hand_in, self.folder, self.login, lesson)
        except FileNotFoundError:
            place, said = None, (
                f"{lesson} was not handed in: there is no {lesson}.ipynb in your folder exercises. If yours has "
                "another name, give it this one; if you have not begun, open your notebooks, and it is there"
            )  # fmt: skip
        except OSError as error:
            place, said = None, f"{lesson} was not handed in: {error.strerror or error}. Tell your teacher"
        if "text/html" in self.request.headers.get("Accept", ""):
            self.set_signed_cookie(SAID, ("+" if place else "-") + said, expires_days=None, path=self.settings["base"],
                                   httponly=True, samesite="Lax")  # fmt: skip
            self.redirect(self.settings["base"])
        else:
            self.set_status(200 if place else 409)
            self.write({"handed_in": place.name if place else None, "said": said})


def clock(when: datetime.datetime) -> str:
    """A time with its zone, a server's not always being a learner's; with the day where that is not today."""
    day = "" if when.date() == datetime.date.today() else f"{when:%d %b }"
    return f"{day}{when.astimezone():%H:%M %Z}"


def hand_in(folder: ClassFolder, login: str, lesson: str) -> tuple[Path, str]:
    """Copies a learner's notebook to `handed_in`, whole or not at all.

    The copy's own time says when; the learner cannot write there.

    Returns:
        The copy, and what the learner is told: when the file was saved, and whether it is still as it was given.

    Raises:
        OSError: the notebook is not there, is no plain file or too large, or the disk is full.
    """
    text = read_inside(folder.learners / login, ["exercises", f"{lesson}.ipynb"], LARGEST)
    saved = (folder.learners / login / "exercises" / f"{lesson}.ipynb").lstat().st_mtime
    place = folder.handed_in / login
    place.mkdir(exist_ok=True, mode=0o700)
    stamp = datetime.datetime.now().strftime("%Y-%m-%dT%H-%M-%S-%f")
    target = place / f"{lesson}.{stamp}.ipynb"
    write_whole(target, text)
    for old in sorted(place.glob(f"{lesson}.*.ipynb"))[1 : 1 - ATTEMPTS]:
        old.unlink()
    said = f"{lesson}: handed in at {clock(datetime.datetime.now())}"
    if hashlib.sha256(text).hexdigest() == as_given(folder, login).get(f"{lesson}.ipynb"):
        return target, f"{said}, but nothing in it is changed since it was given to you. Save it, and hand it in again"
    return target, f"{said}, as it was saved {saved_at(saved)}"


def saved_at(seconds: float) -> str:
    """When a file was saved; its time is the learner's to set, and need be none that a clock shows."""
    try:
        return f"at {clock(datetime.datetime.fromtimestamp(seconds))}"
    except (ValueError, OverflowError, OSError):
        return "at a time that no clock shows"


def as_given(folder: ClassFolder, login: str) -> dict[str, str]:
    """What a learner was given last: file name -> hash of the text; nothing where that is not known."""
    with contextlib.suppress(OSError, ValueError):
        return json.loads((folder.state / "given" / f"{login}{MANIFEST}").read_text(encoding="utf-8"))
    return {}


def handed_in(folder: ClassFolder, login: str) -> dict[str, list[str]]:
    """When a learner handed in what: lesson -> times, the last one last."""
    found: dict[str, list[str]] = {}
    place = folder.handed_in / login
    for file in sorted(place.glob("*.ipynb")) if place.is_dir() else ():
        when = datetime.datetime.fromtimestamp(file.stat().st_mtime)
        found.setdefault(re.sub(r"\.[^.]*\.ipynb$", "", file.name), []).append(f"{when:%d %b %H:%M}")
    return found


def rows_of(folder: ClassFolder, names: dict[str, str], exercises: list[Asked]) -> list[dict]:
    """Everybody in the class, those who are stuck first, then by name."""
    rows = []
    for login, name in names.items():
        home = folder.learners / login
        where = standing(home, exercises) if home.is_dir() else Standing()
        rows.append({"name": name, "login": login, "standing": where, "handed": handed_in(folder, login),
                     "total": sum(where.points.values()), "ago": ago(where.seconds)})  # fmt: skip
    return sorted(rows, key=lambda row: (-row["standing"].tries, by_name(row)))


def grading(folder: ClassFolder) -> str:
    """The command that grades what was handed in, to be copied."""
    places = {"SUBMISSIONS": folder.handed_in, "OUT": folder.path / "grades", "ROSTER": folder.roster}
    return " ".join(["make grade", *(f"{name}={shlex.quote(str(place))}" for name, place in places.items())])


def by_name(row: dict) -> list:
    """Where a row stands among others: å beside a, small beside large letters, 2 before 10."""
    parts = re.split(r"([0-9]+)", plain(row["name"]).casefold())
    return [(part, 0) if n % 2 == 0 else ("", int(part)) for n, part in enumerate(parts)] + [(row["name"], 0)]


def ago(seconds: float | None) -> str:
    """How long ago, as one says it."""
    if seconds is None:
        return "none"
    if seconds < 90:
        return "now"
    return (
        f"{seconds / 60:.0f} min" if seconds < 5400
        else f"{seconds / 3600:.0f} h" if seconds < 48 * 3600
        else f"{seconds / 86400:.0f} days"
    )  # fmt: skip


def titles(lessons: list[str], given: Path = GIVEN) -> dict[str, str]:
    """Each lesson's own title, `03 · Self-attention`, the first line of its notebook; its slug where there is none."""
    found = {}
    for lesson in lessons:
        found[lesson] = lesson
        with contextlib.suppress(OSError, ValueError, LookupError):
            book = json.loads((given / f"{lesson}.ipynb").read_text(encoding="utf-8"))
            found[lesson] = "".join(book["cells"][0]["source"]).splitlines()[0].lstrip("# ")
    return found


def application(given: dict, base: str, secret: bytes) -> web.Application:
    """The page, for a class.

    Args:
        given: what `run` wrote into HUB_SETTINGS.
        base: the address below which it stands.
        secret: what signs cookies; the same after a new start, so that forms that are open then can still be sent.
    """
    exercises = [Asked(*each) for each in given["exercises"]]
    return web.Application(
        [
            (base, ClassPage),
            (base.rstrip("/"), web.RedirectHandler, {"url": base}),
            (url_path_join(base, "hand-in"), HandIn),
            (url_path_join(base, "class.json"), ClassData),
            (url_path_join(base, "oauth_callback"), Callback),
            (url_path_join(base, "alive"), Alive),
        ],
        default_handler_class=Nowhere,
        cookie_secret=secret,
        xsrf_cookies=True,
        xsrf_cookie_name="class-xsrf",  # beside the hub's and the notebooks' own
        xsrf_cookie_kwargs={"path": base, "httponly": True, "samesite": "Lax"},
        base=base,
        exercises=exercises,
        titles=titles(list(dict.fromkeys(each.lesson for each in exercises))),
        **{"class": given},
    )


async def main() -> None:
    """Serves the page until it is ended."""
    given = json.loads(Path(os.environ["HUB_SETTINGS"]).read_text(encoding="utf-8"))
    secret = hashlib.sha256(f"page {ClassFolder(Path(given['folder'])).secrets()['cookie']}".encode()).digest()
    page = application(given, os.environ["JUPYTERHUB_SERVICE_PREFIX"], secret)
    page.listen(given["ports"]["page"], "127.0.0.1", max_body_size=2**20)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
