"""A file that is whole or not there. No framework."""

import contextlib
import os
from pathlib import Path

PARTIAL = "checkpoint.partial"  # being written; whoever finds one may overwrite it


def write_whole(path: Path, content: bytes) -> None:
    """Writes beside the file, then renames: a reader sees the old file or the new one, never a part."""
    partial = path.with_name(PARTIAL)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise
