"""The tasks from a shell: `python -m utils.tasks ner train.conll dev.conll --out DIR`; see --help."""

import argparse
import sys
import warnings

from utils.tasks.shell import evaluate, export, predict, serve, train
from utils.tasks.shell.arguments import RAW, no_more_output, of_system, plain_warning, with_three_streams

DESCRIPTION = """\
Teach a model on your own files, and use it.

  ner        find names: people, places, whatever your files label
  qa         find the answer to a question in a passage
  translate  from one language into another

Each file is looked through first: what cannot be used is named with its line and how to mend
it, and nothing is trained until you mend it or pass --skip-bad. The folder then holds the
model, report.html (open it in a browser) and report.json. A training that was stopped goes on
where it was when the same command is given again.

  predict    entities, answers or translations of a file, or of what is piped in
  evaluate   the scores of a saved model on a labelled file
  serve      a page on this machine to try a saved model on, and a JSON endpoint
  export     a saved model as one file (ONNX) that runs without Keras

`python -m utils.tasks ner --help` says which files each of them reads.
"""


def parser() -> argparse.ArgumentParser:
    """What the command understands."""
    top = argparse.ArgumentParser("python -m utils.tasks", description=DESCRIPTION, formatter_class=RAW)
    commands = top.add_subparsers(required=True, metavar="ner|qa|translate|predict|evaluate|serve|export")
    for command in (train, predict, evaluate, serve, export):
        command.add_to(commands)
    return top


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; 0 where all went well, 1 where input must be mended or it was stopped, 2 for a bad call."""
    options = parser().parse_args(arguments)
    try:
        status = options.run(options)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    except BrokenPipeError:  # whoever reads has seen enough, as `head` has
        no_more_output()
    except OSError as error:
        print(f"It stops: {of_system(error)}", file=sys.stderr)
        no_more_output()
    return 1


if __name__ == "__main__":
    with_three_streams()
    warnings.formatwarning = plain_warning
    sys.exit(main())
