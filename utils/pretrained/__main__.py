"""`python -m utils.pretrained` fetches the checkpoint and prints the folder it lies in."""

import contextlib
import sys

from utils.pretrained import FetchError, fetch


def main() -> int:
    """Fetch the checkpoint and print its folder; return the exit status, 0 or 1."""
    try:
        with contextlib.redirect_stdout(sys.stderr):  # standard output gets the folder and nothing else
            folder = fetch()
    except FetchError as error:
        print(error, file=sys.stderr)
        return 1
    print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
