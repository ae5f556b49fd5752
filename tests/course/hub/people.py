"""People who use a hub as a browser does: they log in, start a server, run a lesson's cells, hand it in."""

import asyncio
import json
import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import requests
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect


class Person:
    """Somebody with a login at a hub."""

    def __init__(self, url: str, login: str, password: str):
        self.url, self.login, self.password = url, login, password
        self.browser = requests.Session()
        self.token = ""

    @property
    def proof(self) -> str:
        """What a form of the hub's pages sends along."""
        return self.browser.cookies.get("_xsrf", path="/hub/")

    def log_in(self) -> bool:
        """Logs in by the form; says whether that worked."""
        self.browser.get(f"{self.url}/hub/login", timeout=30)
        answer = self.browser.post(
            f"{self.url}/hub/login", timeout=60,
            data={"username": self.login, "password": self.password, "_xsrf": self.proof},
        )  # fmt: skip
        return "login" not in answer.url.rpartition("/")[2]

    def get_token(self) -> None:
        """Asks the hub for a token of one's own, as a browser's page does."""
        answer = self.browser.post(
            f"{self.url}/hub/api/users/{self.login}/tokens", json={"note": "test"}, timeout=30,
            headers={"X-XSRFToken": self.proof, "Referer": f"{self.url}/hub/token"},
        )  # fmt: skip
        answer.raise_for_status()
        self.token = answer.json()["token"]

    def ask(self, method: str, path: str, **more) -> requests.Response:
        """A request with one's token and nothing else."""
        return requests.request(method, f"{self.url}{path}", headers={"Authorization": f"token {self.token}"},
                                timeout=60, **more)  # fmt: skip

    def start(self, seconds: float = 180) -> float:
        """Starts the server and waits until it answers; says how long that took."""
        begin = time.monotonic()
        answer = self.ask("POST", f"/hub/api/users/{self.login}/server")
        started = answer.status_code in (201, 202) or "already running" in answer.text  # logging in may have started it
        assert started or "pending" in answer.text, answer.text
        while time.monotonic() - begin < seconds:
            answer = self.ask("GET", f"/user/{self.login}/api/status")
            if answer.ok and answer.headers.get("Content-Type", "").startswith("application/json"):
                return time.monotonic() - begin
            time.sleep(0.5)
        raise TimeoutError(f"{self.login}'s server did not answer: {answer.status_code} {answer.text[:300]}")

    def kernel(self) -> str:
        """Starts a kernel; returns its id."""
        answer = self.ask("POST", f"/user/{self.login}/api/kernels", json={"name": "python3", "path": "exercises"})
        answer.raise_for_status()
        return answer.json()["id"]

    def run(self, kernel: str, cells: list[str], seconds: float = 300) -> list[str]:
        """Runs cells one after the other; returns what each printed. An error is part of it."""
        with ThreadPoolExecutor(1) as aside:  # another test's browser may have a loop in this thread
            return aside.submit(asyncio.run, self._run(kernel, cells, seconds)).result()

    async def _run(self, kernel: str, cells: list[str], seconds: float) -> list[str]:
        address = re.sub("^http", "ws", self.url) + f"/user/{self.login}/api/kernels/{kernel}/channels"
        request = HTTPRequest(address, headers={"Authorization": f"token {self.token}"}, connect_timeout=60)
        line = await websocket_connect(request, max_message_size=2**26)
        said = []
        for code in cells:
            one = uuid.uuid4().hex
            content = {
                "code": code,
                "silent": False,
                "store_history": True,
                "user_expressions": {},
                "allow_stdin": False,
            }
            header = {"msg_id": one, "msg_type": "execute_request", "username": "", "session": one, "version": "5.3"}
            message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
            await line.write_message(json.dumps(message | {"channel": "shell", "buffers": []}))
            words = ""
            while True:
                raw = await asyncio.wait_for(line.read_message(), seconds)
                if raw is None:
                    raise ConnectionError("the kernel is gone")
                if isinstance(raw, bytes):
                    continue
                message = json.loads(raw)
                if message["parent_header"].get("msg_id") != one:
                    continue
                kind, content = message["msg_type"], message["content"]
                if kind == "stream":
                    words += content["text"]
                elif kind == "error":
                    words += f"\n{content['ename']}: {content['evalue']}"
                elif kind == "execute_result":
                    words += content["data"].get("text/plain", "")
                elif kind == "status" and content["execution_state"] == "idle":
                    break
            said.append(words)
        line.close()
        return said

    def cells(self, name: str) -> list[str]:
        """The code cells of one's own copy of a lesson."""
        answer = self.ask("GET", f"/user/{self.login}/api/contents/exercises/{name}.ipynb")
        answer.raise_for_status()
        return ["".join(cell["source"]) for cell in answer.json()["content"]["cells"] if cell["cell_type"] == "code"]

    def hand_in(self, lesson: str) -> requests.Response:
        """Hands a lesson in, as a program does."""
        return self.ask("POST", "/services/class/hand-in", data={"lesson": lesson})
