"""`python -m utils.course build [lessons]`, `python -m utils.course check`."""

import argparse
import sys

from utils.course.build import build, stale
from utils.course.source import BuildError


def main() -> int:
    """Reads the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m utils.course", description="Build the course's notebooks.")
    commands = parser.add_subparsers(dest="command", required=True)
    builder = commands.add_parser("build", help="write the notebooks whose source, or the library under it, changed")
    builder.add_argument("lessons", nargs="*", help="such as 03 or 03_self_attention; all where none is named")
    builder.add_argument("--force", action="store_true", help="run them even where nothing changed")
    commands.add_parser("check", help="prove that every built notebook is what its source gives")
    arguments = parser.parse_args()
    try:
        if arguments.command == "build":
            done = build(arguments.lessons, arguments.force)
            print(f"ran {', '.join(done)}" if done else "nothing to run: every notebook is fresh")
            return 0
        problems = stale()
    except BuildError as error:
        problems = [str(error)]
    print("\n".join(problems) or "every notebook is what its source gives", file=sys.stderr if problems else sys.stdout)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
