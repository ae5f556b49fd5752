"""`python -m utils.course build [lessons]`, and `check`, `guide`, `grade`, `instructor`, `hub`: see `--help`."""

import argparse
import sys
from pathlib import Path

from utils.course.grade import __main__ as grading
from utils.course.hub import __main__ as hub
from utils.course.source import BuildError


def main() -> int:
    """Reads the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m utils.course", description="Build the course, grade what learners hand in, serve a class."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    builder = commands.add_parser("build", help="write the notebooks whose source, or the library under it, changed")
    builder.add_argument("lessons", nargs="*", help="such as 03 or 03_self_attention; all where none is named")
    builder.add_argument("--force", action="store_true", help="run them even where nothing changed")
    commands.add_parser(
        "check", help="prove that every notebook is what its source gives, and the guide's words the checks'"
    )
    commands.add_parser("guide", help="write the checks' diagnoses into the pages of the teacher's guide")
    raw = argparse.RawDescriptionHelpFormatter
    grading.add_arguments(
        commands.add_parser(
            "grade", help="grade a folder of notebooks", description=grading.DESCRIPTION, formatter_class=raw
        )
    )
    instructor = commands.add_parser("instructor", help="write the lessons as a course that nbgrader works on")
    instructor.add_argument("out", type=Path, help="the course's folder; made if need be")
    hub.add_arguments(
        commands.add_parser("hub", help="start a server for a class", description=hub.DESCRIPTION, formatter_class=raw)
    )
    arguments = parser.parse_args()
    if arguments.command == "hub":
        return hub.main(arguments)
    if arguments.command == "grade":
        return grading.main(arguments)
    # notebooks' own library takes a second to import, which a hub or a grader need not wait for
    from utils.course import guide
    from utils.course.build import build, stale
    from utils.course.instructor import write_instructor

    try:
        if arguments.command == "build":
            done = build(arguments.lessons, arguments.force)
            print(f"ran {', '.join(done)}" if done else "nothing to run: every notebook is fresh")
            return 0
        if arguments.command == "instructor":
            written = write_instructor(arguments.out)
            print(f"{len(written) - 1} lessons in {arguments.out}. Run nbgrader's commands there")
            return 0
        if arguments.command == "guide":
            print("\n".join(guide.rewrite()) or "every page has the checks' words")
            return 0
        problems = stale() + guide.stale()
    except BuildError as error:
        problems = [str(error)]
    print(
        "\n".join(problems) or "every notebook is what its source gives, and the guide has the checks' words",
        file=sys.stderr if problems else sys.stdout,
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
