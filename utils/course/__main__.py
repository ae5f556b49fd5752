"""`python -m utils.course build [lessons]`, and `check`, `guide`, `grade`, `hub`, `slides`, `site` …: see `--help`."""

import argparse
import sys
from pathlib import Path

from utils.course.grade import __main__ as grading
from utils.course.hub import __main__ as hub
from utils.course.source import ROOT, BuildError


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
    decks = commands.add_parser("slides", help="write a deck for each lesson, to build/slides")
    decks.add_argument("lessons", nargs="*", help="such as 03 or 03_self_attention; all where none is named")
    pages = commands.add_parser("site", help="write the lessons as a static site, to build/site")
    commands.add_parser("explore", help="write the translator as a page to look into, to build/explore.html")
    for command, folder in ((decks, "build/slides"), (pages, "build/site")):
        command.add_argument("--out", type=Path, default=ROOT / folder, help=f"the folder (default: {folder})")
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
        if arguments.command in TEACHING:
            return TEACHING[arguments.command](arguments)
        problems = stale() + guide.stale()
    except ModuleNotFoundError as error:
        problems = [f"{error.name} is not installed. Install what teaching needs: python -m utils.course.install teach"]
    except (BuildError, OSError) as error:
        problems = [str(error)]
    print(
        "\n".join(problems) or "every notebook is what its source gives, and the guide has the checks' words",
        file=sys.stderr if problems else sys.stdout,
    )
    return 1 if problems else 0


def slides(arguments: argparse.Namespace) -> int:
    """Writes the decks."""
    from utils.course.teach.slides import write_slides  # here, since the build needs none of what it imports

    written = write_slides(arguments.lessons, arguments.out)
    made = f"{len(written)} deck{'' if len(written) == 1 else 's'} in {arguments.out}"
    print(f"{made}: open one in a browser; S opens the speaker's view, ?print-pdf prints")
    return 0


def site(arguments: argparse.Namespace) -> int:
    """Writes the site."""
    from utils.course.teach.site import write_site

    print(f"{write_site(arguments.out)}: open it in a browser")
    return 0


def explorer(arguments: argparse.Namespace) -> int:
    """Writes the explorer's page."""
    from utils.explore.__main__ import main as write

    write([])
    return 0


TEACHING = {"slides": slides, "site": site, "explore": explorer}

if __name__ == "__main__":
    sys.exit(main())
