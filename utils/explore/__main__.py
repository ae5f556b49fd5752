"""`python -m utils.explore [--out FILE]` writes the page in which the translator can be looked into."""

import argparse
from pathlib import Path

from utils.explore import write_page
from utils.tasks.translation import Translator


def main(arguments: list[str] | None = None) -> None:
    """Writes the page, and says where it is."""
    parser = argparse.ArgumentParser(prog="python -m utils.explore", description="Write the explorer's page.")
    parser.add_argument("--out", default="build/explore.html", help="the file to write (default: %(default)s)")
    parser.add_argument("--translator", help="a folder that a translator was saved to (default: the course's own)")
    options = parser.parse_args(arguments)
    path = write_page(Translator.load(options.translator), Path(options.out))
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB. Open it in a browser.")


if __name__ == "__main__":
    main()
