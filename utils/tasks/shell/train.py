"""`ner`, `qa`, `translate`: looks through the files, trains, leaves the model and a report."""

import argparse
import os
import sys
from pathlib import Path

from utils.tasks.shell import cluster
from utils.tasks.shell.arguments import (
    RAW,
    add_precision,
    count,
    home_path,
    number,
    positive,
    rate,
    seed,
    share,
    start_quietly,
    two_numbers,
    unwritable,
)
from utils.tasks.shell.learn import Interrupted, learn
from utils.tasks.shell.look import absent, look_through, other_task, unusable_encoder

STEPS = {  # what --help says of the defaults
    "ner": "three times all sentences, at least 100 steps",
    "qa": "three times all windows, at least 200 steps",
    "translate": "2000",
}
NER = """\
Teach an encoder to find the entities that your sentences label.

Files, told by their content, plain or gzip:
  columns     a word and its label a line (tab or space), a blank line between sentences;
              BIO, IOB1, BIOES, types alone or letters alone; "-DOCSTART-" lines, comments (#)
              and columns of numbers are told from the file; --tag-column chooses the labels;
              or a sentence, a tab and its labels a line; OntoNotes' brackets
  JSON        an object a line, an array, or objects around it, with
     spans    {"text": "Jane left", "entities": [{"start": 0, "end": 4, "label": "PER"}]}, also
              [0, 4, "PER"]; exports of Doccano, DataTurks, Prodigy, Label Studio; spaCy's data
     tokens   {"tokens": ["Jane", "left"], "ner_tags": ["B-PER", "O"]}, or spans over tokens;
              of numbers the names may lie beside: labels.txt, config.json, dataset_info.json
  CSV         with a header that names the columns: sentence, word, tag; or a sentence a row,
              its words and labels lists or parted by spaces; or a text and its spans a row;
              or an entity a row: text, start, end, label

How offsets count (characters, UTF-16, bytes) is told from the file, and what was guessed is
printed. Of spans that overlap the outer is kept; --overlaps refuse leaves such texts out.

Example:
  python -m utils.tasks ner train.conll dev.conll --test test.conll --out names
"""
QA = """\
Teach an encoder to find answers in passages.

Files, told by their content, plain or gzip:
  SQuAD       JSON of SQuAD 1.1 or 2.0
  CSV         with a header: question, context, answer, and perhaps answer_start, id, title;
              an empty answer says that the passage does not answer
  JSON        an object with the same keys a line, an array of them, or an object of columns

Where some questions have no answer, the threshold under which one is declined is chosen on
dev; scores of the same dev flatter a little, those of --test do not.

Example:
  python -m utils.tasks qa train.json dev.json --test test.json --out answers
"""
TRANSLATE = """\
Teach a Transformer from scratch to translate.

Files, plain or gzip:
  columns     source and target with a tab between; columns of numbers (Tatoeba's, a score), of
              one language code, and a first row of names are told and passed over
  CSV         whose first row names both sides: source,target or en,fr
  JSON        {"translation": {"en": "…", "fr": "…"}}, {"source": "…", "target": "…"}, or a pair
              as a list; one a line, or as an array
  TMX, XLIFF  of two languages
  two files   whose lines are translations of each other, joined by a comma: train.fr,train.en

What was guessed is printed. --columns 2,4 chooses, counted from 1; --reverse exchanges the sides.

Example:
  python -m utils.tasks translate train.tsv dev.tsv --out translator --steps 4000
  python -m utils.tasks translate fra.txt --reverse --out translator
"""


def add_to(commands) -> None:
    """Adds the three commands that train to the parser of `python -m utils.tasks`."""
    for name, description in (("ner", NER), ("qa", QA), ("translate", TRANSLATE)):
        task = commands.add_parser(name, description=description, formatter_class=RAW)
        task.set_defaults(run=run, task=name)
        task.add_argument("train", type=home_path, help="the file to learn from")
        task.add_argument("dev", nargs="?", type=home_path, help="another file: what is chosen is chosen on it, and "
                          "without --test the report's scores are measured on it")  # fmt: skip
        task.add_argument("--test", type=home_path, metavar="FILE", help="a third file, on which nothing is chosen and "
                          "the report's scores are measured (default: none, they are measured on dev)")  # fmt: skip
        task.add_argument(
            "--out", type=home_path, metavar="DIR", help="the folder for model and report, made if need be"
        )
        task.add_argument("--steps", type=positive, help=f"how many steps to train (default: {STEPS[name]})")
        task.add_argument("--seed", type=seed, default=0, help="of everything random (default: 0)")
        task.add_argument("--skip-bad", action="store_true", help="leave out what cannot be used, and of dev and test "
                          "what also stands in train")  # fmt: skip
        task.add_argument("--check-only", action="store_true", help="look through the files and stop there")
        task.add_argument("--overwrite", action="store_true", help="train anew where --out holds a finished model")
        task.add_argument("--quiet", action="store_true", help="no bars")
        cluster.add_cluster(task)
        if name == "ner":
            task.add_argument("--tag-column", type=number, metavar="N", help="of columns, which holds the labels, "
                              "counted from 1 (default: told from the file)")  # fmt: skip
            task.add_argument("--overlaps", choices=("outer", "refuse"), default="outer", help="of spans that overlap "
                              "keep the outer, or leave out the text (default: outer)")  # fmt: skip
        if name == "translate":
            task.add_argument("--columns", type=two_numbers, metavar="N,M", help="which columns hold the two sides, "
                              "counted from 1 (default: told from the file)")  # fmt: skip
            task.add_argument("--reverse", action="store_true", help="the second side is the source")
            shards = "for files larger than the memory (a JSON array is held all the same): the pairs are read, not "
            shards += "held, and their pieces kept in this folder, new or empty, from which training reads; it may be "
            shards += "removed afterwards (default: none)"
            task.add_argument("--shards", type=home_path, metavar="DIR", help=shards)
            continue
        task.add_argument("--encoder", type=home_path, default="minilm", help='"minilm" (default), or the folder of a '
                          "BERT or DistilBERT")  # fmt: skip
        task.add_argument("--batch-size", type=positive, help="texts a step (default: 16)")
        task.add_argument("--learning-rate", type=rate, help="at its highest; it falls to 0 (default: 2e-4"
                          + (", or 5e-5 for an encoder as wide as BERT)" if name == "ner" else ")"))  # fmt: skip
        add_precision(task, "a step")
        if name == "qa":
            add_windows(task)
            crop = (
                "of a window so many pieces of the passage are learnt from at once, cut anew each time; 0: all of it "
            )
            task.add_argument("--crop", type=count, metavar="N", help=f"{crop}(default: 112)")
            task.add_argument(
                "--dropout", type=share, metavar="RATE", help="while learning, at least 0 and below 1 (default: 0)"
            )


def add_windows(task: argparse.ArgumentParser, saved: bool = False) -> None:
    """Adds how passages are cut; `saved`: for a model that has settings of its own."""
    task.add_argument("--windows", type=positive, metavar="N", help="of a long passage so many windows are read, those "
                      "with most of the question's words (default: "
                      + ("as it was trained)" if saved else "6)"))  # fmt: skip
    task.add_argument("--stride", type=count, metavar="N", help="pieces that two neighbouring windows share (default: "
                      + ("as it was trained)" if saved else "64, or less for a small encoder)"))  # fmt: skip
    task.add_argument("--max-answer", type=positive, metavar="N", help="pieces of an answer, at most (default: "
                      + ("as it was trained)" if saved else "30)"))  # fmt: skip


def run(options) -> int:
    """Validates, trains, reports; 0 where all went well, 1 where the files must be mended first, 2 for a bad call."""
    if wrong := _wrong_folder(options):
        print(wrong, file=sys.stderr)
        return 2
    if wrong := cluster.wrong(options) if cluster.is_wanted(options) else cluster.wrong_alone(options):
        print(wrong, file=sys.stderr)
        return 2
    paths = [path for path in (options.train, options.dev, options.test) if path is not None]
    for path in paths:
        if wrong := absent(options.task, path):
            print(wrong, file=sys.stderr)
            return 2
    options.tokenizer, wrong, status = unusable_encoder(options)
    if wrong:
        print(wrong, file=sys.stderr)
        return status
    for path in paths:
        if other := other_task(options.task, path):
            print(f"{path} looks like a file for {other}: python -m utils.tasks {other} --help", file=sys.stderr)
            return 2
    findings, unusable = look_through(options, paths)
    if options.check_only:
        return 1 if unusable else 0
    if unusable and not options.skip_bad:
        what = "This must be mended" if unusable == 1 else f"These {unusable} must be mended"
        print(f"\n{what} before training. Or leave them out: --skip-bad", file=sys.stderr)
        return 1
    if cluster.is_wanted(options):
        ended = cluster.supervise(options)
        if ended != cluster.DONE or options.process:
            return min(ended, 1)
        os.environ["KERAS_BACKEND"] = "tensorflow"  # the checkpoint of the last step is read, saved and scored there
    start_quietly()
    try:
        content = learn(options, findings)
    except Interrupted as stopped:
        print(stopped, file=sys.stderr)
        return 1
    except (ValueError, OSError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    from utils.tasks.report import in_words

    scores = ", ".join(f"{k} {v:.3f}" for k, v in in_words(content["scores"]).items() if isinstance(v, float))
    where = content["scored_on"]
    nothing = f"Nothing of {where} is left to score." if where else "Without a dev or test file there are no scores."
    print(f"On {where}: {scores}" if scores else nothing)
    if content["note"]:
        print(content["note"])
    print(f"Model and report are in {options.out}: open report.html there.")
    print(f"Use it: python -m utils.tasks predict {options.out} FILE")
    return 0


def _wrong_folder(options) -> str:
    """Why nothing may be written to --out, before anything is trained; "" where it may."""
    if options.check_only:
        return ""
    if options.out is None:
        return "Say where the model is to go: --out DIR. Or pass --check-only to look through the files alone."
    for name in ("out", "shards"):
        if (folder := getattr(options, name, None)) is None:
            continue
        if not folder.strip():
            return f"--{name} needs a folder. Received: an empty name"
        if Path(folder).exists() and not Path(folder).is_dir():
            return f"--{name} must be a folder, new or old. Received: {folder}, which is a file"
        if wrong := unwritable(Path(folder)):
            return f"--{name} {folder} cannot be written: {wrong}. Choose another folder"
    out, encoder = Path(options.out), getattr(options, "encoder", None)
    if encoder and out.is_dir() and Path(encoder).is_dir() and out.samefile(encoder):
        return f"--out {out} is the folder of the encoder, which would be lost. Choose another folder"
    if (shards := getattr(options, "shards", None)) and Path(shards).absolute() == out.absolute():
        return f"--shards needs a folder of its own. Received: {shards}, which is --out"
    if shards and (foreign := _not_shards(Path(shards) / (f"process-{options.process}" if options.processes else ""))):
        return f"--shards {shards} must be new, empty, or of earlier shards; in it: {foreign}. Choose another folder"
    stopped = (out / "training").is_dir()
    if (out / "report.json").is_file() and not options.overwrite:
        return f"{out} holds a finished model. Choose another --out, or pass --overwrite to train it anew."
    if any(out.glob("*.safetensors")) and not stopped and not options.overwrite:
        return f"{out} holds weights that would be lost. Choose another --out, or pass --overwrite."
    return ""


def _not_shards(folder: Path) -> str:
    """Names of files in a folder that holds no shards; "" where some may be written to it."""
    names = sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []
    return "" if "shards.json" in names else ", ".join(names[:4])
