"""`serve`: a page on this machine to try a saved model on, and a JSON endpoint."""

import argparse
import errno
import html
import json
import sys
import threading
from collections.abc import Callable, Iterable

from utils.tasks.shell.arguments import RAW, home_path, start_quietly
from utils.tasks.shell.page import CSS, SCRIPT, page
from utils.tasks.shell.rows import Twice, once, row_of
from utils.tasks.shell.saved import FolderError, Saved, load, task_of
from utils.tasks.shell.written import as_html

HOST, PORT = "127.0.0.1", 8765
BYTES = 2**18  # of a request's body
CHARACTERS = 20_000  # of a text, or of a question and its passage
WAITING = 8  # requests that wait for the model, the one it answers among them
DESCRIPTION = f"""\
Try a saved model on a page, or ask it from a program. What it was taught is told from the folder.

It listens on {HOST} alone: nobody on another machine can reach it. Programs send JSON:

  curl -H 'Content-Type: application/json' -d '{{"text": "Jane left Cork."}}' \\
       http://{HOST}:{PORT}/predict

and get what `predict` writes, or {{"error": "…"}}; for answers they send "question" and "context".
Texts have at most {CHARACTERS:,} characters, requests {BYTES // 1024} KiB. One is answered at a
time, {WAITING - 1} more may wait; others are told to come again (503).

It needs waitress, which is not part of the set-up:
  .venv/bin/pip install --require-hashes -r requirements-serve.txt

Example:
  python -m utils.tasks serve names
"""
HEADERS = [
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    ),
]
STATUS = {
    200: "200 OK", 400: "400 Bad Request", 403: "403 Forbidden", 404: "404 Not Found", 405: "405 Method Not Allowed",
    411: "411 Length Required", 413: "413 Content Too Large", 415: "415 Unsupported Media Type",
    500: "500 Internal Server Error", 503: "503 Service Unavailable",
}  # fmt: skip


def add_to(commands) -> None:
    """Adds the command to the parser of `python -m utils.tasks`."""
    command = commands.add_parser("serve", description=DESCRIPTION, formatter_class=RAW)
    command.set_defaults(run=run)
    command.add_argument("folder", type=home_path, metavar="DIR", help="the --out of a training")
    command.add_argument("--port", type=_port, default=PORT, help=f"0 takes one that is free (default: {PORT})")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a number from 0 to 65535 is wanted; not {text!r}")
    return int(text)


class Refused(Exception):
    """A request is not answered: status and what to do."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status


class App:
    """The model as a WSGI application (PEP 3333).

    Other web pages cannot use it: a request must name this machine as its host (against DNS rebinding), come from
    this page or from no page, and hold JSON by its Content-Type (which browsers send nowhere else without asking).

    Args:
        saved: the model.
        port: what `Host` must name; may be set later.
    """

    def __init__(self, saved: Saved, port: int = PORT):
        self.saved, self.port = saved, port
        self._model, self._queue = threading.Lock(), threading.BoundedSemaphore(WAITING)
        self._pages = {
            "/": ("text/html; charset=utf-8", page(saved.task)),
            "/page.css": ("text/css; charset=utf-8", CSS),
            "/page.js": ("text/javascript; charset=utf-8", SCRIPT),
        }

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        """Answers one request."""
        status, kind, extra = 200, "application/json", []
        try:
            self._check_origin(environ)
            method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/")
            if path in self._pages and method in ("GET", "HEAD"):
                kind, body = self._pages[path]
            elif path == "/predict" and method == "POST":
                body = json.dumps(self._predict(environ), ensure_ascii=False)
            elif path == "/predict" or path in self._pages:
                extra = [("Allow", "POST" if path == "/predict" else "GET, HEAD")]
                raise Refused(405, f"{path} takes {extra[0][1]}")
            else:
                raise Refused(404, "there is / with a page, and /predict, to which JSON is posted")
        except Refused as refused:
            status, kind, body = refused.status, "application/json", json.dumps({"error": str(refused)})
            extra += [("Retry-After", "1")] if status == 503 else []
        data = body.encode("utf-8", "replace")
        start_response(STATUS[status], [("Content-Type", kind), ("Content-Length", str(len(data))), *HEADERS, *extra])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [data]

    def _check_origin(self, environ: dict) -> None:
        names = {f"{name}:{self.port}" for name in (HOST, "localhost")}
        if (host := environ.get("HTTP_HOST", "")).lower() not in names:
            raise Refused(403, f"this is {HOST}:{self.port}, not {host[:80]!r}: open it under that address")
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and origin.lower().removeprefix("http://") not in names:
            raise Refused(403, "another page may not ask this one")

    def _predict(self, environ: dict) -> dict:
        asked = _body(environ)
        row = row_of(asked, self.saved.task)
        if row.error:
            raise Refused(400, row.error)
        if row.size > CHARACTERS:
            raise Refused(413, f"a text has at most {CHARACTERS} characters; this one has {row.size}")
        if not self._queue.acquire(blocking=False):
            raise Refused(503, f"{WAITING} requests are waiting already. Ask again in a moment")
        try:
            with self._model:
                (answer,) = self.saved.ask([row])
        finally:
            self._queue.release()
        if answer.error:
            raise Refused(400, answer.error)
        content = {"id": row.id, **answer.content} if row.id is not None else dict(answer.content)
        if asked.get("html") is True:
            said = answer.content.get("translation")
            shown = as_html(self.saved.task, answer.content, row) if said is None else f"<p>{html.escape(said)}</p>"
            content["html"] = shown
        return content


def _body(environ: dict):
    """What the request says in JSON."""
    if environ.get("CONTENT_TYPE", "").split(";")[0].strip().lower() != "application/json":
        raise Refused(415, "send JSON, and say so: Content-Type: application/json")
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        raise Refused(411, "say how long the request is: Content-Length")
    if int(length) > BYTES:
        raise Refused(413, f"a request has at most {BYTES} bytes; this one has {length}")
    try:
        return json.loads(environ["wsgi.input"].read(int(length)).decode("utf-8"), object_pairs_hook=once)
    except Twice as error:
        raise Refused(400, str(error)) from error
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"this is no JSON: {error}") from error


def run(options) -> int:
    """Serves until Ctrl-C; 0 at its end, 1 where it cannot listen, 2 for a bad call."""
    try:
        import waitress
    except ImportError:
        print("serve needs waitress, a small server, which is not installed. Install it:\n  .venv/bin/pip install "
              "--require-hashes -r requirements-serve.txt", file=sys.stderr)  # fmt: skip
        return 2
    try:
        task = task_of(options.folder)
        start_quietly()
        app = App(load(options.folder, task), options.port)
    except FolderError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        server = waitress.create_server(app, host=HOST, port=options.port, threads=WAITING + 2, ident=None,
                                        max_request_body_size=BYTES, max_request_header_size=2**14,
                                        connection_limit=64, channel_timeout=30)  # fmt: skip
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        what = f"port {options.port} is in use. Choose another: --port 0 takes one that is free" if taken else error
        print(f"It cannot listen: {what}", file=sys.stderr)
        return 1
    app.port = server.effective_port
    print(f"http://{HOST}:{app.port}/ (on this machine only; Ctrl-C ends it)", flush=True)
    server.run()
    return 0
