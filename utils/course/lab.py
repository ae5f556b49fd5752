"""`make learn`: opens JupyterLab on the first exercise, for this machine only."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIRST = "notebooks/exercises/00_start_here.ipynb"
CONFIGURATION = Path(__file__).parent / "jupyter"  # no pop-up with Jupyter's news over the first lesson


def command(port: str, environ: dict[str, str], root: bool, folder: Path = ROOT) -> list[str]:
    """The command that starts JupyterLab: on the loopback address, with Jupyter's own token.

    Args:
        port: where it listens.
        environ: environment variables, which say whether there is a screen.
        root: whether the user is root, to whom Jupyter wants to be told that this is meant.
        folder: the course's folder.
    """
    arguments = ["jupyter", "lab", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.allow_remote_access=False"]
    arguments += [f"--ServerApp.root_dir={folder}", f"--LabApp.default_url=/lab/tree/{FIRST}", "--log-level=WARN"]
    if not has_screen(environ, sys.platform):
        arguments.append("--no-browser")
    return arguments + (["--allow-root"] if root else [])


def environment(environ: dict[str, str]) -> dict[str, str]:
    """The variables that JupyterLab starts with: it finds this Python's programs, and the course's configuration."""
    paths = {"PATH": str(Path(sys.executable).parent), "JUPYTER_CONFIG_PATH": str(CONFIGURATION)}
    joined = {name: os.pathsep.join(filter(None, (path, environ.get(name)))) for name, path in paths.items()}
    return {**environ, **joined}


def has_screen(environ: dict[str, str], platform: str) -> bool:
    """Whether a browser can be opened here."""
    return platform != "linux" or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def main() -> None:
    """Becomes JupyterLab, so that Ctrl-C reaches it."""
    port = sys.argv[1] if len(sys.argv) > 1 else "8888"
    if not (port.isdigit() and 0 < int(port) < 65536):
        sys.exit(f"PORT must be a number from 1 to 65535. Received: PORT={port}")
    arguments = command(port, dict(os.environ), hasattr(os, "geteuid") and os.geteuid() == 0)
    if "--no-browser" in arguments:
        print("No screen here: open the address with the token that Jupyter prints below.", flush=True)
    os.execvpe(sys.executable, [sys.executable, "-m", *arguments], environment(dict(os.environ)))


if __name__ == "__main__":
    main()
