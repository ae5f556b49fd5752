"""Files that are passed by mistake and are no text: told by how they begin, each with what to do. No framework."""

import re
import zipfile
from pathlib import Path

HEAD = 4096  # bytes looked at to tell text from what is not
UTF8 = "save it as UTF-8, or run: iconv -f {} -t UTF-8 FILE > NEW"
UNPACK = "unpack it and pass the text file inside"
AS_LINES = "write its rows as JSON Lines first, with pandas: {}.to_json('train.jsonl', orient='records', lines=True)"
ARROW = "write it as JSON Lines first, with the datasets library: Dataset.from_file(…).to_json('train.jsonl')"
PICTURE = "a picture: pass the labelled text, not an image of it"
WEIGHTS = "the weights of a model, and no labelled text: --encoder takes a model's folder"
BEGINNINGS = {  # how files begin, what they are and what to do
    b"BZh": "a bzip2 archive: unpack it, or pack it with gzip instead",
    b"\xfd7zXZ": "an xz archive: unpack it, or pack it with gzip instead",
    b"\x5d\x00\x00": "an LZMA archive: unpack it, or pack it with gzip instead",
    b"\x28\xb5\x2f\xfd": "a zstd archive: unpack it, or pack it with gzip instead",
    b"\x04\x22\x4d\x18": "an LZ4 archive: unpack it, or pack it with gzip instead",
    b"7z\xbc\xaf": f"a 7z archive: {UNPACK}",
    b"Rar!\x1a": f"a RAR archive: {UNPACK}",
    b"PK\x05\x06": "a zip archive with nothing in it: pack it anew",
    b"\x1f\x8b": "gzip inside gzip: unpack it once",
    b"%PDF": "a PDF: export it as plain text",
    b"{\\rtf": "a document in rich text (RTF): save it as plain text",
    b"\xd0\xcf\x11\xe0": "a document of old Word or Excel: save it as plain text, or as CSV in UTF-8",
    b"PAR1": f"a Parquet file: {AS_LINES.format('pandas.read_parquet(FILE)')}",
    b"ARROW1": f"an Arrow file: {ARROW}",
    b"\xff\xff\xff\xff": f"an Arrow stream, as the datasets library keeps a set: {ARROW}",
    b"FEA1": f"a Feather file: {AS_LINES.format('pandas.read_feather(FILE)')}",
    b"ORC": f"an ORC file: {AS_LINES.format('pandas.read_orc(FILE)')}",
    b"Obj\x01": "an Avro file: write its rows as JSON Lines first",
    b"SQLite format 3": "a data base of SQLite: export the table as CSV with a header",
    b"\x89HDF": f"an HDF5 file: {AS_LINES.format('pandas.read_hdf(FILE)')}",
    b"\x93NUMPY": "an array of NumPy: write texts and labels as JSON Lines first",
    b"\x89PNG": PICTURE,
    b"\xff\xd8\xff": PICTURE,
    b"GIF8": PICTURE,
    b"\xff\xfe\x00\x00": f"UTF-32 text: {UTF8.format('UTF-32')}",
    b"\x00\x00\xfe\xff": f"UTF-32 text: {UTF8.format('UTF-32')}",
    b"\xff\xfe": f"UTF-16 text: {UTF8.format('UTF-16')}",
    b"\xfe\xff": f"UTF-16 text: {UTF8.format('UTF-16')}",
    b"version https://git-lfs": "a pointer of Git LFS, and the file itself was never fetched: run git lfs pull",
}
IN_ZIP = (  # what a zip archive holds, what it is then
    ("word/", "a document of Word (.docx): save it as plain text"),
    ("xl/", "a workbook of Excel (.xlsx): save the sheet as CSV in UTF-8"),
    ("ppt/", "slides of PowerPoint (.pptx): save the text as plain text"),
    ("content.xml", "a document or a sheet of LibreOffice: save it as plain text, or as CSV in UTF-8"),
    (".npy", "arrays of NumPy (.npz): write texts and labels as JSON Lines first"),
    ("data.pkl", WEIGHTS),
)
DOCBIN = (
    "packed by zlib, as spaCy's DocBin (.spacy) is: write doc.to_json() a line as JSON, for each doc of "
    "DocBin().from_disk(FILE).get_docs(spacy.blank('en').vocab)"
)
PAGE = re.compile(rb"\s*(?:<!DOCTYPE html|<html)", re.IGNORECASE)


def recognised(head: bytes, path: Path | None = None) -> str | None:
    """What a file is that is no text, a colon, and what to do; None for text, or for what is not known.

    Args:
        head: its first HEAD bytes, unpacked.
        path: of the file, where it is that of a zip archive's contents.
    """
    if head.startswith(b"PK\x03\x04"):
        return _zipped(path)
    if PAGE.match(head):
        return "a web page (HTML), and no data: fetch the file itself, its raw form where the page has one"
    if head[257:262] == b"ustar":
        return f"a tar archive: {UNPACK}"
    if head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05":
        return "a pickle of Python, which is never opened since it may run code: write it as JSON Lines"
    if len(head) > 8 and head[8:10] == b'{"' and head[:8].endswith(b"\0\0"):
        return f"{WEIGHTS} (safetensors)"
    if head[:2] in (b"x\x9c", b"x\xda", b"x\x01", b"x^") and not _is_text(head):
        return DOCBIN
    text = _is_text(head)  # where a name of letters alone proves nothing
    for beginning, what in BEGINNINGS.items():
        if head.startswith(beginning) and not (text and beginning.isalnum()):
            return what
    return _wide(head)


def _is_text(head: bytes) -> bool:
    try:
        return b"\0" not in head and bool(head[: HEAD - 3].decode("utf-8", "strict"))
    except UnicodeDecodeError as error:
        return error.end >= len(head[: HEAD - 3]) - 3  # cut within a character


def _wide(head: bytes) -> str | None:
    """Text of two or four bytes a letter without the mark that says so: NULs where most letters have them."""
    part = head[: len(head) // 4 * 4]
    zeros = [part[n::4].count(0) / (len(part) / 4) for n in range(4)] if part else [0] * 4
    if max(zeros) < 0.5:
        return None
    for name, which in (("UTF-32LE", {1, 2, 3}), ("UTF-32BE", {0, 1, 2}), ("UTF-16LE", {1, 3}), ("UTF-16BE", {0, 2})):
        if all((zeros[n] > 0.6) == (n in which) for n in range(4)):
            return f"{name[:6]} text without a mark: {UTF8.format(name)}"
    return None


def _zipped(path: Path | None) -> str:
    try:
        names = zipfile.ZipFile(path).namelist() if path is not None else []
    except (OSError, zipfile.BadZipFile, ValueError):
        return f"a zip archive: {UNPACK}"
    for mark, what in IN_ZIP:
        if any(name.startswith(mark) or name.endswith(mark) for name in names):
            return what
    listed = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    return f"a zip archive: {UNPACK}" + (f" ({listed})" if listed else "")


def of_folder(path: Path) -> str:
    """What a folder is that was passed for a file, as a sentence with what to do."""
    names = [inner.name for inner in path.iterdir()] if path.is_dir() else []
    if any(name.endswith(".ann") for name in names):
        return (
            f"{path} is a folder of brat: texts, and their entities in .ann files beside them. Make it one file of "
            'JSON Lines, {"text": …, "entities": [[0, 4, "PER"]]}: a text of brat and its T lines, "T1 PER 0 4"'
        )
    if any(name.endswith((".arrow", ".parquet")) for name in names) or "dataset_dict.json" in names:
        return (
            f"{path} is a folder of the datasets library. Write each split as JSON Lines first: "
            "load_from_disk(FOLDER)['train'].to_json('train.jsonl')"
        )
    return f"{path} is a folder: name a file in it."
