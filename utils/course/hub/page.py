"""The class page beside the notebooks: the teacher sees where everybody stands, a learner hands a lesson in.

Runs as a service of the hub on the loopback address, and says who somebody is only as the hub says it.
"""

import asyncio
import datetime
import json
import os
import re
from pathlib import Path

import jinja2
from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
from jupyterhub.utils import url_path_join
from tornado import web

from utils.course.hub.copies import read_inside
from utils.course.hub.folder import ClassFolder
from utils.course.hub.progress import Asked, Standing, standing
from utils.files import write_whole

LARGEST = 32 * 2**20  # bytes of a notebook, as the grader reads it
ATTEMPTS = 50  # of one lesson that are kept; then the oldest but the first goes
TEMPLATES = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)


class Handler(HubOAuthenticated, web.RequestHandler):
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
        """A form must prove that it is ours; a program that sends a token has proved it, no other page can send one."""
        if not self.request.headers.get("Authorization"):
            super().check_xsrf_cookie()

    def show(self, template: str, **values) -> None:
        """Writes a page on which nothing runs and nothing is loaded."""
        self.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
        self.set_header("Cache-Control", "no-store")
        self.write(TEMPLATES.get_template(template).render(**values))


class ClassPage(Handler):
    """The teacher's table, or a learner's own lessons."""

    @web.authenticated
    async def get(self):
        """Shows it."""
        exercises, shown = self.settings["exercises"], self.settings["class"]
        lessons = list(dict.fromkeys(each.lesson for each in exercises))
        most = {lesson: sum(each.points for each in exercises if each.lesson == lesson) for lesson in lessons}
        if self.teaches:
            rows = await asyncio.to_thread(rows_of, self.folder, shown["names"], exercises)
            self.show("teacher.html", rows=rows, lessons=lessons, most=most, folder=shown["folder"],
                      now=datetime.datetime.now().strftime("%H:%M"))  # fmt: skip
        else:
            own = standing(self.folder.learners / self.login, exercises)
            self.show("learner.html", lessons=lessons, most=most, points=own.points, base=self.settings["base"],
                      handed=handed_in(self.folder, self.login), name=shown["names"].get(self.login, self.login),
                      xsrf=self.xsrf_token.decode(), said=self.get_query_argument("said", ""))  # fmt: skip


class ClassData(Handler):
    """The same as JSON, for the teacher alone."""

    @web.authenticated
    async def get(self):
        """Writes it."""
        if not self.teaches:
            raise web.HTTPError(403, "this is the teacher's")
        rows = await asyncio.to_thread(
            rows_of, self.folder, self.settings["class"]["names"], self.settings["exercises"]
        )
        self.write({"learners": [row | {"standing": vars(row["standing"])} for row in rows]})


class HandIn(Handler):
    """Takes a learner's notebook as it is saved now, and puts it where the grader reads it."""

    @web.authenticated
    async def post(self):
        """Hands a lesson in; a browser is sent back to the page, a program gets JSON."""
        lesson = self.get_body_argument("lesson", "")
        if lesson not in {each.lesson for each in self.settings["exercises"]}:
            raise web.HTTPError(400, f"no lesson is called {lesson[:60]!r}")
        try:
            place = await asyncio.to_thread(hand_in, self.folder, self.login, lesson)
            said = f"{lesson}: handed in at {datetime.datetime.now():%H:%M}, as it was saved last"
        except OSError as error:
            place, said = None, f"{lesson} could not be handed in: {error.strerror or error}"
        if "text/html" in self.request.headers.get("Accept", ""):
            self.redirect(f"{self.settings['base']}?said={web.escape.url_escape(said)}")
        else:
            self.set_status(200 if place else 409)
            self.write({"handed_in": place.name if place else None, "said": said})


def hand_in(folder: ClassFolder, login: str, lesson: str) -> Path:
    """Copies a learner's notebook to `handed_in`, whole or not at all.

    The copy's own time says when; the learner cannot write there.

    Raises:
        OSError: the notebook is not there, is no plain file or too large, or the disk is full.
    """
    text = read_inside(folder.learners / login, ["exercises", f"{lesson}.ipynb"], LARGEST)
    place = folder.handed_in / login
    place.mkdir(exist_ok=True, mode=0o700)
    stamp = datetime.datetime.now().strftime("%Y-%m-%dT%H-%M-%S-%f")
    target = place / f"{lesson}.{stamp}.ipynb"
    write_whole(target, text)
    for old in sorted(place.glob(f"{lesson}.*.ipynb"))[1 : 1 - ATTEMPTS]:
        old.unlink()
    return target


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
    return sorted(rows, key=lambda row: (-row["standing"].tries, row["name"]))


def ago(seconds: float | None) -> str:
    """How long ago, as one says it."""
    if seconds is None:
        return "no check yet"
    return "now" if seconds < 90 else f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.0f} h"


async def main() -> None:
    """Serves the page until it is ended."""
    given = json.loads(Path(os.environ["HUB_SETTINGS"]).read_text(encoding="utf-8"))
    base = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
    exercises = [Asked(*each) for each in given["exercises"]]
    application = web.Application(
        [
            (base, ClassPage),
            (url_path_join(base, "hand-in"), HandIn),
            (url_path_join(base, "class.json"), ClassData),
            (url_path_join(base, "oauth_callback"), HubOAuthCallbackHandler),
        ],
        cookie_secret=os.urandom(32),
        xsrf_cookies=True,
        base=base,
        exercises=exercises,
        **{"class": given},
    )
    application.listen(given["ports"]["page"], "127.0.0.1", max_body_size=2**20)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
