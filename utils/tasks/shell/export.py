"""`export`: a saved model as one file that runs without Keras."""

import sys
from pathlib import Path

from utils.tasks.shell.arguments import RAW, home_path, start_quietly
from utils.tasks.shell.saved import FILES, no_folder

DESCRIPTION = """\
Write a saved model as one file that runs without Keras.

The file takes batches of every size and texts of every length that the encoder takes. It is
run, and compared with the model, before it is left. The tokenizer stays in the folder.

Example:
  python -m utils.tasks export names --to onnx --out names.onnx
"""


def add_to(commands) -> None:
    """Adds the command to the parser of `python -m utils.tasks`."""
    parser = commands.add_parser("export", description=DESCRIPTION, formatter_class=RAW)
    parser.set_defaults(run=run)
    parser.add_argument(
        "folder", type=home_path, metavar="DIR", help="a saved model of ner or qa, or an encoder's folder"
    )
    parser.add_argument("--to", choices=["onnx"], default="onnx", help="the format (default: onnx)")
    parser.add_argument("--out", type=home_path, metavar="FILE", help="default: DIR/model.onnx")


def run(options) -> int:
    """Exports; 0 where the file agrees with the model, 1 where there is none, 2 for a bad call."""
    path = Path(options.out or Path(options.folder) / "model.onnx")
    if wrong := _wrong_call(Path(options.folder), path):
        print(wrong, file=sys.stderr)
        return 2
    start_quietly()
    from utils.pretrained.checkpoint import EncoderError
    from utils.tasks.export import INPUTS, OUTPUTS, ExportError, export_onnx, kind_of

    try:
        difference = export_onnx(options.folder, path)
    except EncoderError as error:
        print(error, file=sys.stderr)
        return 2
    except (ExportError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    outputs = ", ".join(OUTPUTS[kind_of(Path(options.folder))])
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB; inputs {', '.join(INPUTS)}; outputs {outputs}.")
    print(f"Run by onnxruntime it differs from the model by at most {difference:.1e}.")
    return 0


def _wrong_call(folder: Path, path: Path) -> str:
    """Why a folder cannot be exported to a path, as far as one sees without reading weights; "" where it can."""
    from utils.pretrained.checkpoint import EncoderError, read_config

    if wrong := no_folder(folder):
        return wrong
    if path.is_dir():
        return f"{path} is a folder. Name the file, such as {path / 'model.onnx'}"
    if path.is_file() and path.suffix != ".onnx":
        return f"{path} is there, and is no .onnx: it would be lost. Choose another --out"
    if (folder / FILES["translate"]).is_file():
        return f"{folder} holds a translator, and is not exported: pass a model of ner or qa, or an encoder's folder"
    try:
        read_config(folder)
    except EncoderError as error:
        return str(error)
    return ""
