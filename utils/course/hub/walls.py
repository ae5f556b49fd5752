"""A learner's server behind walls: bubblewrap shows it its own home and, read-only, the course and its environment.

Nothing of other learners, of the hub or of the teacher is in sight, nor any process but its own. The network is the
machine's, since browser and hub must reach the server: others' servers there answer only those who hold their token.
"""

import asyncio
import os
import resource
import shutil
import signal
import sys
from pathlib import Path

import psutil
from jupyterhub.spawner import LocalProcessSpawner
from traitlets import Integer, Unicode

from utils.course.hub.copies import MANIFEST, bring_up_to_date
from utils.course.hub.folder import ClassFolder
from utils.course.source import ROOT

HOME = "/home/learner"
SHOWN = (
    "utils",
    "data",
    "benchmarks",
    "pyproject.toml",
    "requirements.txt",
)  # what lessons read, besides the exercises
LEAST_FREE = 300 * 2**20  # bytes of the disk below which nobody may start
LARGEST_FILE = 2 * 2**30
SCRATCH = 512 * 2**20


def command(home: Path, course: Path, cache: Path, network: bool = True) -> list[str]:
    """The walls, as a command that another one follows.

    Args:
        home: the learner's folder, the only place that can be written.
        course: the course's checkout.
        cache: where the pre-trained encoder lies.
        network: whether the machine's network is in sight.

    Raises:
        FileNotFoundError: there is no bubblewrap.
    """
    if (bwrap := shutil.which("bwrap")) is None:
        raise FileNotFoundError("There is no bubblewrap here (bwrap). Install it: apt-get install bubblewrap")
    walls = [bwrap, "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    walls += [] if network else ["--unshare-net"]
    walls += ["--uid", "1000", "--gid", "1000", "--hostname", "class", "--cap-drop", "ALL"]
    for name in ("usr", "lib", "lib64", "lib32", "bin", "sbin"):
        place = Path("/", name)
        if place.is_symlink():
            walls += ["--symlink", os.readlink(place), str(place)]
        elif place.is_dir():
            walls += ["--ro-bind", str(place), str(place)]
    for name in ("resolv.conf", "hosts", "nsswitch.conf", "ssl", "ca-certificates", "ld.so.cache", "alternatives",
                 "fonts", "localtime", "mime.types"):  # fmt: skip
        walls += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    walls += ["--proc", "/proc", "--dev", "/dev"]
    for place in ("/tmp", "/dev/shm"):  # they lie in memory: a learner may fill so much of it, and no more
        walls += ["--size", str(SCRATCH), "--perms", "1777", "--tmpfs", place]
    roots = sorted({os.path.realpath(sys.base_prefix), sys.base_prefix, os.path.realpath(sys.prefix), sys.prefix})
    for root in roots:
        if not Path(root).is_relative_to("/usr"):
            walls += ["--ro-bind", root, root]
    walls += ["--bind", str(home), HOME]
    for name in SHOWN:
        walls += ["--ro-bind", str(course / name), f"{HOME}/{name}"]
    return [*walls, "--ro-bind-try", str(cache), "/cache", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", HOME]


class WalledSpawner(LocalProcessSpawner):
    """Starts a learner's server behind walls, with their exercises brought up to date first."""

    folder = Unicode(help="The class's folder.").tag(config=True)
    cache = Unicode(help="Where the pre-trained encoder lies.").tag(config=True)
    cores = Integer(2, help="Cores that one learner's processes may use.").tag(config=True)

    @property
    def home(self) -> Path:
        """The learner's home, outside the walls."""
        return ClassFolder(Path(self.folder)).learners / self.user.name

    def make_preexec_fn(self, name):
        """Limits that hold for everything inside: memory of a process, a file's size, cores to begin with."""
        limit = int(self.mem_limit or 0)

        def limits():
            os.nice(5)  # the hub and its proxy go first
            if limit:
                resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
            resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if hasattr(os, "sched_setaffinity"):
                allowed = sorted(os.sched_getaffinity(0))
                first = sum(name.encode()) % len(allowed)
                os.sched_setaffinity(0, [*allowed[first:], *allowed[:first]][: self.cores])

        return limits

    def user_env(self, env):
        """What the server's processes see: nothing of the teacher's environment."""
        kept = {
            key: value for key, value in env.items() if key.startswith("JUPYTERHUB_") or key in ("LANG", "MEM_LIMIT")
        }
        return kept | {
            "HOME": HOME,
            "USER": self.user.name,
            "SHELL": "/bin/bash",
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "LANG": env.get("LANG", "C.UTF-8"),
            "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",
            "COURSE_PROGRESS": f"{HOME}/.progress.json",
            "COURSE_ATTEMPTS": f"{HOME}/.attempts.jsonl",
            "TRANSFORMER_COURSE_CACHE": "/cache",
            "MPLCONFIGDIR": "/tmp/matplotlib",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "OMP_WAIT_POLICY": "PASSIVE",  # PyTorch's threads sleep instead of spinning: the cores are shared
            "OMP_NUM_THREADS": str(self.cores),
        }

    async def start(self):
        """Brings the exercises up to date and starts the server.

        Raises:
            RuntimeError: the disk is full, or the home cannot be written; the learner reads why.
        """
        classroom = ClassFolder(Path(self.folder))
        free = shutil.disk_usage(classroom.path).free
        if free < LEAST_FREE:
            raise RuntimeError(f"The server's disk is full ({free / 2**20:.0f} MB left). Tell your teacher")
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            given = classroom.state / "given"
            given.mkdir(exist_ok=True)
            written = await asyncio.to_thread(bring_up_to_date, self.home, given / f"{self.user.name}{MANIFEST}")
        except OSError as error:
            raise RuntimeError(f"Your folder cannot be written ({error.strerror}). Tell your teacher") from error
        if written:
            self.log.info("%s: wrote %s", self.user.name, ", ".join(written))
        self.cmd = [*command(self.home, ROOT, Path(self.cache)), sys.executable, "-m", "jupyterhub.singleuser"]
        self.args = [
            f"--ServerApp.root_dir={HOME}",
            "--ServerApp.default_url=/lab/tree/exercises",
            "--KernelManager.transport=ipc",  # kernels listen to files in their own /tmp, not to ports that all can see
            "--LabApp.news_url=",
            "--LabApp.extension_manager=readonly",
            "--log-level=WARN",
        ]
        return await super().start()

    def _inside(self) -> list[psutil.Process]:
        """The first process within the walls, whose end ends all others, and the server below it."""
        try:
            return psutil.Process(self.pid).children(recursive=True)[:2]
        except psutil.NoSuchProcess:
            return []

    async def _signal(self, sig):
        """Signals the server behind the walls; killing ends everything there, kernels and all."""
        if sig == 0:
            return await super()._signal(sig)
        inside = self._inside()
        target = inside[0] if sig == signal.SIGKILL or len(inside) < 2 else inside[1] if inside else None
        try:
            target.send_signal(sig) if target else os.kill(self.pid, sig)
        except (psutil.NoSuchProcess, ProcessLookupError):
            return False
        return True
