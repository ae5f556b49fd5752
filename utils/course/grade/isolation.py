"""Whether answers can be shut in here, and what to do where they cannot."""

import shutil
import subprocess

ISOLATIONS = ("bubblewrap", "process")
ADVICE = (
    "Install it (Debian, Ubuntu: apt install bubblewrap) and allow unprivileged user namespaces; or grade work that "
    "you trust with --isolation process, which protects from accidents and not from malice."
)


class BoxError(RuntimeError):
    """A box cannot be had here, or has broken: what was found and what to do."""


def check_isolation(isolation: str) -> None:
    """Tries in a moment whether answers can be shut in here.

    Raises:
        BoxError: they cannot; it says why.
    """
    if isolation != "bubblewrap":
        return
    if (bwrap := shutil.which("bwrap")) is None:
        raise BoxError(f"There is no bubblewrap here (bwrap). {ADVICE}")
    within = (
        ["unshare", "--user", "--pid", "--fork", "true"] if shutil.which("unshare") else ["true"]
    )  # a child's walls
    command = [bwrap, "--unshare-all", "--ro-bind", "/", "/", *within]
    tried = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if tried.returncode:
        raise BoxError(f"bubblewrap cannot shut anything in here: {tried.stderr.strip()}. {ADVICE}")
