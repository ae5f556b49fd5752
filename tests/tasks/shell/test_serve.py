"""`serve`: what it answers, and whom it refuses."""

import http.client
import io
import json
import sys
import threading
from wsgiref.validate import validator

import pytest

from utils.tasks.__main__ import main
from utils.tasks.shell.saved import Answer, Saved
from utils.tasks.shell.serve import BYTES, CHARACTERS, WAITING, App


class Echo(Saved):
    """Finds the first word of every text."""

    task = "ner"

    def __init__(self):
        super().__init__(None)
        self.going_on = threading.Event()
        self.going_on.set()

    def _ask(self, rows):
        self.going_on.wait(20)
        text = rows[0].content.text
        if text == "bad":
            raise ValueError("not this one.")
        return [Answer({"text": text, "entities": [{"label": "<b>", "start": 0, "end": len(text.split()[0])}]})]


@pytest.fixture
def app():
    return App(Echo(), 8765)


def ask(app, body=b'{"text": "Jane left"}', path="/predict", method="POST", **headers):
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "SERVER_NAME": "x", "SERVER_PORT": "8765",
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1:8765", "wsgi.version": (1, 0), "QUERY_STRING": "",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr,
        "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
        "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)), **headers,
    }  # fmt: skip
    told = []
    answer = validator(app)(environ, lambda status, headers, exc=None: told.extend([int(status[:3]), dict(headers)]))
    content = b"".join(answer)
    answer.close()
    return *told, content


def test_a_text_is_answered(app):
    status, headers, content = ask(app, b'{"id": 3, "text": "Jane left"}')
    assert status == 200 and headers["Content-Type"] == "application/json"
    assert json.loads(content) == {"id": 3, "text": "Jane left", "entities": [{"label": "<b>", "start": 0, "end": 4}]}


def test_what_a_page_shows_is_escaped(app):
    shown = json.loads(ask(app, b'{"text": "<script>x left", "html": true}')[2])["html"]
    assert "<script>" not in shown and "&lt;script&gt;" in shown and "<b>" not in shown.replace("<b style", "")


def test_the_page_and_what_it_needs(app):
    for path, kind in (("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript")):
        status, headers, content = ask(app, b"", path, "GET")
        assert status == 200 and headers["Content-Type"].startswith(kind) and content
        assert "script-src 'self'" in headers["Content-Security-Policy"] and headers["Cache-Control"] == "no-store"
    assert ask(app, b"", "/", "HEAD")[2] == b""


@pytest.mark.parametrize(
    ("body", "headers", "status", "said"),
    [
        (b"{}", {"HTTP_HOST": "evil.example:8765"}, 403, "not 'evil.example:8765'"),
        (b"{}", {"HTTP_HOST": "127.0.0.1:1"}, 403, "open it under that address"),
        (b"{}", {"HTTP_HOST": ""}, 403, "open it under that address"),
        (b"{}", {"HTTP_ORIGIN": "http://evil.example"}, 403, "another page"),
        (b"{}", {"HTTP_ORIGIN": "null"}, 403, "another page"),
        (b"{}", {"CONTENT_TYPE": "text/plain"}, 415, "application/json"),
        (b"{}", {"CONTENT_TYPE": "application/x-www-form-urlencoded"}, 415, "application/json"),
        (b"{}", {"CONTENT_LENGTH": ""}, 411, "Content-Length"),
        (b"{}", {"CONTENT_LENGTH": str(BYTES + 1)}, 413, "at most"),
        (b"{", {}, 400, "no JSON"),
        (b"\xff", {}, 400, "no JSON"),
        (b"[" * 100_000, {}, 400, "no JSON"),
        (b"[]", {}, 400, "an object is wanted"),
        (b'{"text": 3}', {}, 400, "must be a text"),
        (b'{"text": "bad"}', {}, 400, "not this one"),
        (b'{"text": "a", "text": "b"}', {}, 400, "the key 'text' stands twice"),
        (b'{"id": "\\ud83d", "text": "a"}', {}, 400, "'id' must be a text or a whole number"),
        (json.dumps({"text": "a" * (CHARACTERS + 1)}).encode(), {}, 413, "characters"),
    ],
)
def test_what_is_refused_says_why(body, headers, status, said, app):
    found, _, content = ask(app, body, **headers)
    assert found == status and said in json.loads(content)["error"]


@pytest.mark.parametrize(("path", "method", "status"), [
    ("/predict", "GET", 405), ("/", "POST", 405), ("/etc/passwd", "GET", 404), ("/predict/../x", "POST", 404),
])  # fmt: skip
def test_other_paths_and_methods(path, method, status, app):
    assert ask(app, path=path, method=method)[0] == status


def test_one_at_a_time_some_wait_and_the_rest_come_again(app):
    app.saved.going_on.clear()
    statuses = []
    threads = [threading.Thread(target=lambda: statuses.append(ask(app)[0])) for _ in range(WAITING)]
    for thread in threads:
        thread.start()
    while app._queue._value:  # until all of them stand in line
        threading.Event().wait(0.01)
    status, headers, content = ask(app)
    assert status == 503 and headers["Retry-After"] == "1" and "Ask again" in json.loads(content)["error"]
    app.saved.going_on.set()
    for thread in threads:
        thread.join(20)
    assert statuses == [200] * WAITING and ask(app)[0] == 200


def test_without_the_server_it_says_what_to_install(monkeypatch, names, capsys):
    monkeypatch.setitem(sys.modules, "waitress", None)
    assert main(["serve", str(names)]) == 2
    assert "requirements-serve.txt" in capsys.readouterr().err


def test_over_a_socket(app):
    waitress = pytest.importorskip("waitress", reason="waitress is not installed: see requirements-serve.txt")
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=2, ident=None)
    app.port = server.effective_port
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        for host, status in ((f"127.0.0.1:{app.port}", 200), ("evil.example", 403)):
            connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=10)
            headers = {"Content-Type": "application/json", "Host": host}
            connection.request("POST", "/predict", json.dumps({"text": "Zoë left"}), headers)
            answer = connection.getresponse()
            content = json.loads(answer.read())
            assert answer.status == status and (status != 200 or content["text"] == "Zoë left")
            connection.close()
    finally:
        server.close()


def test_a_port_that_is_taken_or_none(names, capsys, monkeypatch):
    waitress = pytest.importorskip("waitress", reason="waitress is not installed: see requirements-serve.txt")
    server = waitress.create_server(lambda *_: [], host="127.0.0.1", port=0)
    try:
        assert main(["serve", str(names), "--port", str(server.effective_port)]) == 1
        assert "is in use. Choose another" in capsys.readouterr().err
    finally:
        server.close()
    with pytest.raises(SystemExit):
        main(["serve", str(names), "--port", "70000"])
