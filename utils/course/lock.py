"""`make lock`: writes the locks from pyproject.toml, for Python 3.11 to 3.13 on every system. Needs `uv`."""

import re
import subprocess
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TORCH = "torch==2.13.0"  # 2.15.0 and TensorFlow abort when one process imports both
# The build without CUDA (Python 3.11, Linux on x86-64) is in no package index; where a machine has its file, pip
# prefers it, and this is its hash.
TORCH_CPU = "sha256:6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b"


def compiled(*options: str, source: str = "pyproject.toml") -> str:
    """What uv resolves a source of requirements to: versions and hashes."""
    command = ["uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header", "--no-annotate"]
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "lock.txt"
        subprocess.run([*command, "--python-version", "3.11", *options, source, "-o", str(lock)], cwd=ROOT, check=True)
        return lock.read_text(encoding="utf-8")


def compiled_from(*wanted: str) -> str:
    """What uv resolves these requirements to, beside what the tests run on."""
    with tempfile.NamedTemporaryFile("w", suffix=".in") as source:
        source.write("\n".join(wanted) + "\n")
        source.flush()
        return compiled("-c", "requirements-test.txt", source=source.name)


def torch_lock() -> str:
    """PyTorch and what it needs besides CUDA: the index's hashes, and that of the build without CUDA."""
    text = compiled_from(TORCH)
    blocks = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)
    kept = [b for b in blocks if not re.match(r"nvidia|cuda|triton", b)]
    first = f"{TORCH} \\\n"
    return "".join(b.replace(first, f"{first}    --hash={TORCH_CPU} \\\n", 1) for b in kept)


def write(name: str, what: str, text: str) -> None:
    """Writes one lock with a line that says what it is."""
    header = f"# {what}. Made by `make lock` from pyproject.toml; do not edit.\n"
    (ROOT / name).write_text(header + text, encoding="utf-8")


if __name__ == "__main__":
    write("requirements.txt", "What the lessons run on", compiled())
    held = ("--extra", "test", "--extra", "serve", "-c", "requirements.txt")
    write("requirements-test.txt", "What the tests run on, requirements.txt included", compiled(*held))
    held = ("--extra", "test", "--extra", "serve", "--extra", "bench", "-c", "requirements-test.txt")
    write("requirements-bench.txt", "What `make bench` runs on, requirements-test.txt included", compiled(*held))
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    what = "What serves a trained model, installed with --no-deps after one of the others"
    write("requirements-serve.txt", what, compiled_from(*extras["serve"]))
    write("requirements-torch.txt", "PyTorch, installed with --no-deps after one of the others", torch_lock())
