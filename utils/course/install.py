"""The set-up: `python -m utils.course.install PURPOSE` makes `.venv` and installs that purpose's lock into it.

Uses the standard library only: it runs before anything is installed.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCKS = {
    "learn": "requirements.txt",
    "grade": "requirements-grade.txt",
    "teach": "requirements-teach.txt",
    "hub": "requirements-hub.txt",
    "test": "requirements-test.txt",
    "bench": "requirements-bench.txt",
}
HOLD = {  # what a purpose finds in another's lock
    "learn": tuple(LOCKS),
    "grade": ("grade", "teach", "hub", "test", "bench"),
    "teach": ("teach", "test", "bench"),
    "hub": ("hub", "test", "bench"),
    "test": ("test", "bench"),
}
TORCH = "requirements-torch.txt"


class SetUpError(Exception):
    """The set-up cannot go on: what is missing, and what to do."""


def main() -> int:
    """Reads the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m utils.course.install", description=__doc__)
    parser.add_argument("purpose", choices=LOCKS)
    parser.add_argument("--no-torch", action="store_true", help="leave PyTorch out of the tests")
    arguments = parser.parse_args()
    try:
        make_environment()
        install(arguments.purpose)
        if arguments.purpose not in ("learn", "teach") and not arguments.no_torch:
            install_torch()
        fetch_encoder()
    except SetUpError as error:
        print(f"The set-up stopped: {error}", file=sys.stderr)
        return 1
    return 0


def make_environment() -> None:
    """Makes `.venv` with the Python that runs this."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise SetUpError(
            f"Python 3.11, 3.12 or 3.13 is needed, this is {sys.version.split()[0]}. "
            "Name another one: make learn PYTHON=python3.11"
        )
    if PYTHON.exists():
        return
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except (subprocess.CalledProcessError, OSError) as error:
        raise SetUpError(
            f"{VENV} could not be made ({error}). On Debian and Ubuntu the package python3-venv is needed; "
            "otherwise see that the folder is writable and the disk has 4 GB free"
        ) from error


def install(purpose: str) -> None:
    """Installs a purpose's lock, unless it is installed already, or one that holds it."""
    if any(is_installed(LOCKS[p]) for p in HOLD.get(purpose, (purpose,))):
        return
    print(f"Installing {LOCKS[purpose]} into .venv: some minutes, about 2 GB on the disk, once.", flush=True)
    pip("install", "--quiet", "--no-compile", "--require-hashes", "-r", LOCKS[purpose])
    compile_packages()
    mark_installed(LOCKS[purpose])


def install_torch() -> None:
    """Installs PyTorch; where only a build with CUDA is on offer, says so first."""
    if is_installed(TORCH):
        return
    lock = (ROOT / TORCH).read_text(encoding="utf-8")
    version = next(line.split()[0] for line in lock.splitlines() if line.startswith("torch=="))
    report = pip(
        "install", "--dry-run", "--quiet", "--ignore-installed", "--no-deps", "--report", "-", version, capture=True
    )
    offer = json.loads(report)["install"][0]
    file, offered = offer["download_info"]["url"].rsplit("/", 1)[-1], offer["metadata"]["version"]
    cuda = sys.platform == "linux" and "cpu" not in offered
    if cuda:
        print(
            f"The only PyTorch on offer for this machine is {file}, which needs CUDA: several GB to download, "
            "GPU or not.\nTo do without it, stop here (Ctrl-C) and add TORCH=no: what needs PyTorch is skipped then.",
            flush=True,
        )
    with tempfile.TemporaryDirectory() as folder:
        pinned = Path(folder) / TORCH  # asked for by hash alone, pip would pass a local file without CUDA over
        pinned.write_text(lock.replace(f"{version} ", f"torch=={offered} "), encoding="utf-8")
        pip("install", "--quiet", "--no-compile", "--no-deps", "--require-hashes", "-r", str(pinned))
    if cuda:
        pip("install", "--quiet", "--no-compile", version)  # its CUDA libraries, pinned by its own metadata
    compile_packages()
    mark_installed(TORCH)


def fetch_encoder() -> None:
    """Fetches the pre-trained encoder; without it most lessons still run, so a failure only says what is missing."""
    result = subprocess.run([PYTHON, "-m", "utils.pretrained"], cwd=ROOT, stdout=subprocess.DEVNULL)
    if result.returncode:
        print("The lessons that need the encoder will try to fetch it again. The others run now.", flush=True)


def pip(*arguments: str, capture: bool = False) -> str:
    """Runs the environment's pip; returns what it printed where `capture` is set."""
    command = [PYTHON, "-m", "pip", "--disable-pip-version-check", *arguments]
    result = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE if capture else None)
    if result.returncode:
        raise SetUpError("pip failed; its message stands above. With a network, running the same command again goes on")
    return result.stdout or ""


def compile_packages() -> None:
    """Compiles what was installed, on all cores: pip does it on one. What is no Python of today is left, as by pip."""
    where = subprocess.run([PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
                           check=True, capture_output=True, text=True).stdout.strip()  # fmt: skip
    subprocess.run([PYTHON, "-m", "compileall", "-qq", "-j", "0", where], stdout=subprocess.DEVNULL)


def is_installed(lock: str) -> bool:
    """Whether this very lock was installed into this environment."""
    stamp = VENV / f".installed-{lock}"
    return stamp.exists() and stamp.read_text() == fingerprint(lock)


def mark_installed(lock: str) -> None:
    """Notes that a lock is installed."""
    (VENV / f".installed-{lock}").write_text(fingerprint(lock))


def fingerprint(lock: str) -> str:
    """The lock's hash."""
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
