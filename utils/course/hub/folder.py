"""The class's folder: where learners' work, what was handed in, and the hub's own state lie."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path


class HubError(Exception):
    """The hub cannot start or go on; the message says what was found and what to do."""


@dataclass(frozen=True)
class ClassFolder:
    """A class's folder.

    Attributes:
        path: of the folder.
    """

    path: Path

    @property
    def learners(self) -> Path:
        """A folder for each login, which is that learner's home inside the walls."""
        return self.path / "learners"

    @property
    def handed_in(self) -> Path:
        """What was handed in, a folder for each login: `make grade` reads it."""
        return self.path / "handed_in"

    @property
    def passwords(self) -> Path:
        """Names, logins and first passwords."""
        return self.path / "passwords.csv"

    @property
    def roster(self) -> Path:
        """Names and folders, as the grader's `--roster` wants them."""
        return self.path / "roster.csv"

    @property
    def state(self) -> Path:
        """The hub's database, tokens, logs."""
        return self.path / "state"

    def make(self) -> None:
        """Makes the folders, closed to others.

        Raises:
            HubError: it cannot be written.
        """
        try:
            for folder in (self.path, self.learners, self.handed_in, self.state):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                folder.chmod(0o700)
            probe = self.state / "probe"
            probe.write_bytes(bytes(2**20))
            probe.unlink()
        except OSError as error:
            raise HubError(f"{self.path}: the class's folder cannot be written ({error.strerror})") from error

    def secrets(self) -> dict[str, str]:
        """The hub's tokens, made once: of the proxy, the class page, the culler, and what signs cookies."""
        file = self.state / "secrets.json"
        if not file.exists():
            made = {name: secrets.token_hex(32) for name in ("proxy", "page", "culler", "cookie")}
            part = file.with_name(file.name + ".part")
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
                json.dump(made, out)
            part.replace(file)
        return json.loads(file.read_text(encoding="utf-8"))
