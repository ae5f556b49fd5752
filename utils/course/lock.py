"""`make lock`: writes the locks from pyproject.toml, for Python 3.11 to 3.13 on every system. Needs `uv`.

Versions that still fit stay as they are: to have the newest of all, delete the locks first.
"""

import re
import shutil
import subprocess
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TORCH = "torch==2.13.0"  # 2.15.0 and TensorFlow abort when one process imports both
# The build without CUDA (Python 3.11, Linux on x86-64) is in no package index; where a machine has its file, pip
# prefers it, and this is its hash.
TORCH_CPU = "sha256:6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b"


def compiled(name: str, *options: str, source: str = "pyproject.toml") -> str:
    """What uv resolves a source of requirements to, versions and hashes; those of the old lock where they fit."""
    command = ["uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header", "--no-annotate"]
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "lock.txt"
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, lock)
        subprocess.run([*command, "--python-version", "3.11", *options, source, "-o", str(lock)], cwd=ROOT, check=True)
        return lock.read_text(encoding="utf-8")


def compiled_from(name: str, *wanted: str) -> str:
    """What uv resolves these requirements to, beside what the tests run on."""
    with tempfile.NamedTemporaryFile("w", suffix=".in") as source:
        source.write("\n".join(wanted) + "\n")
        source.flush()
        return compiled(name, "-c", "requirements-test.txt", source=source.name)


def torch_lock() -> str:
    """PyTorch and what it needs besides CUDA: the index's hashes, and that of the build without CUDA."""
    text = compiled_from("requirements-torch.txt", TORCH)
    blocks = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)
    kept = [b for b in blocks if not re.match(r"nvidia|cuda|triton", b)]
    first = f"{TORCH} \\\n"
    kept = [b.replace(f"    --hash={TORCH_CPU} \\\n", "") for b in kept]
    return "".join(b.replace(first, f"{first}    --hash={TORCH_CPU} \\\n", 1) for b in kept)


def write(name: str, what: str, text: str) -> None:
    """Writes one lock with a line that says what it is."""
    header = f"# {what}. Made by `make lock` from pyproject.toml; do not edit.\n"
    (ROOT / name).write_text(header + text, encoding="utf-8")


if __name__ == "__main__":
    write("requirements.txt", "What the lessons run on", compiled("requirements.txt"))
    held, purposes = (
        "requirements.txt",
        {
            "grade": "the grader runs",
            "hub": "a class's hub and the grader run",
            "teach": "slides, site and grader run",
            "test": "the tests run",
            "bench": "`make bench` runs",
        },
    )
    with_those = {
        "hub": ("grade", "hub"),
        "teach": ("grade", "teach"),
        "bench": ("test", "bench"),
    }  # what a lock holds besides
    for extra, purpose in purposes.items():
        name, chosen = f"requirements-{extra}.txt", with_those.get(extra, (extra,))
        options = [part for each in chosen for part in ("--extra", each)]
        write(name, f"What {purpose} on, {held} included", compiled(name, *options, "-c", held))
        held = held if extra == "hub" else name  # hub and site stand beside each other
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    after = {
        "serve": "What serves a trained model",
        "onnx": "What exports one",
        "dask": "What grades on several machines",
        "cluster": "What trains on several machines",
    }
    for extra, what in after.items():
        name = f"requirements-{extra}.txt"
        write(name, f"{what}, installed after one of the others", compiled_from(name, *extras[extra]))
    write("requirements-torch.txt", "PyTorch, installed with --no-deps after one of the others", torch_lock())
