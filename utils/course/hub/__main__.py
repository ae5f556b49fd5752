"""`python -m utils.course hub CLASS`: a server for one class, on this machine."""

import argparse
import sys
from pathlib import Path

DESCRIPTION = """A server for one class, on this machine: JupyterHub, each learner shut in with their own copies.

CLASS is a file with one name a line, or CSV with a column "learner". Everybody gets a login and a password (they stand
in passwords.csv of the class's folder). Started again, it goes on where it was; new names are added, nobody is removed.
It listens on this machine alone unless --ip says otherwise, and then only with --certificate and --key.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what the command takes."""
    parser.add_argument("learners", type=Path, metavar="CLASS", help="the class list")
    parser.add_argument("--folder", type=Path, default=Path("class"), help="where everything lies (default: class)")
    parser.add_argument("--teacher", default="teacher", help="the teacher's name (default: teacher)")
    parser.add_argument("--ip", default="127.0.0.1", help="where to listen (default: 127.0.0.1, this machine alone)")
    parser.add_argument("--port", type=int, default=8000, help="(default: 8000)")
    parser.add_argument("--certificate", type=Path, help="TLS certificate, PEM")
    parser.add_argument("--key", type=Path, help="its key, PEM")
    parser.add_argument(
        "--memory", type=float, default=4, help="GB that one process of a learner may take (default: 4)"
    )
    parser.add_argument("--cores", type=int, default=2, help="cores that one learner may use (default: 2)")
    parser.add_argument("--idle", type=float, default=60, help="minutes until an unused server is ended (default: 60)")


def main(arguments: argparse.Namespace) -> int:
    """Runs the hub; returns the exit status."""
    try:
        from utils.course.hub.folder import ClassFolder, HubError
        from utils.course.hub.learners import read_class
        from utils.course.hub.run import Settings, run
    except ModuleNotFoundError as error:
        print(f"The hub needs {error.name}, which is not installed: make hub does that", file=sys.stderr)
        return 1
    try:
        if not 0 < arguments.port < 65536:
            raise HubError(f"--port is a number from 1 to 65535. Received: {arguments.port}")
        if min(arguments.memory, arguments.cores, arguments.idle) <= 0:
            raise HubError("--memory, --cores and --idle are above 0")
        run(
            Settings(
                read_class(arguments.learners),
                ClassFolder(arguments.folder.resolve()),
                arguments.teacher,
                arguments.ip,
                arguments.port,
                arguments.certificate and arguments.certificate.resolve(),
                arguments.key and arguments.key.resolve(),
                int(arguments.memory * 2**30),
                arguments.cores,
                int(arguments.idle * 60),
            )
        )
    except HubError as error:
        print(f"The hub stopped: {error}", file=sys.stderr)
        return 1
    return 0
