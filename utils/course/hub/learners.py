"""Who is in the class: reads the list, gives everybody a login and a password, and remembers both."""

import csv
import os
import re
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from utils.course.hub.folder import ClassFolder, HubError

LONGEST = 40  # characters of a login: it becomes a folder's name and part of an address
MOST = 2000  # learners in a list; a class has forty
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # of passwords, none that look alike
OTHERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D",
                        "þ": "th", "Þ": "Th", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ı": "i"})  # fmt: skip
RESERVED = ("con", "prn", "aux", "nul", "hub", "user", "services", "api")


@dataclass(frozen=True)
class Learner:
    """Somebody in the class.

    Attributes:
        name: as the list has it.
        login: what they type, what their folder is called: small letters, digits, hyphens.
        password: as it was given to them first.
    """

    name: str
    login: str
    password: str


def read_class(path: Path) -> list[str]:
    """The names in a class list.

    Args:
        path: one name a line, or CSV with a column `learner`. Lines that begin with # are passed over.

    Raises:
        HubError: the file cannot be read, holds nobody, or a name twice; it says where.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise HubError(
            f"{path}: the class list cannot be opened ({error.strerror}). One name a line is enough"
        ) from error
    except UnicodeDecodeError as error:
        raise HubError(f"{path}: the class list is not UTF-8. Save it as UTF-8, or as CSV UTF-8") from error
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")]
    if not lines:
        raise HubError(f"{path}: nobody is in the class list. Write one name a line")
    heading = lines[0][1]
    delimiter = max(",;\t", key=heading.count)
    columns = [column.strip().lower() for column in next(csv.reader([heading], delimiter=delimiter))]
    if "learner" in columns:
        place = columns.index("learner")
        rows = [(n, next(csv.reader([line], delimiter=delimiter))) for n, line in lines[1:]]
        named = [(n, row[place] if place < len(row) else "") for n, row in rows]
    elif heading.count(delimiter) and len(columns) > 1 and len({line.count(delimiter) for _, line in lines}) == 1:
        raise HubError(f'{path}, line {lines[0][0]}: columns, and none is called "learner". Call the names\' column so')
    else:
        named = lines
    names: dict[str, int] = {}
    for number, raw in named:
        name = " ".join(unicodedata.normalize("NFC", raw).split())
        if not name or not name.isprintable():
            raise HubError(f"{path}, line {number}: no name that can be shown stands there: {raw!r}")
        if name in names:
            raise HubError(f"{path}, line {number}: {name} stands in line {names[name]} already. Tell the two apart")
        names[name] = number
    if not names:
        raise HubError(f"{path}: nobody is in the class list below its heading")
    if len(names) > MOST:
        raise HubError(f"{path}: {len(names)} learners; {MOST} are the most. For more machines see deploy/README.md")
    return list(names)


def plain(name: str) -> str:
    """A name without what stands over, under or through its letters: Ångström becomes Angstrom, Łódź Lodz."""
    parts = unicodedata.normalize("NFKD", name.translate(OTHERS))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def login_for(name: str, taken: set[str]) -> str:
    """A login made of a name: José Ångström becomes jose-angstrom; what is taken gets a number."""
    letters = plain(name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:LONGEST].strip("-")
    stem = stem if stem and not stem.isdigit() and stem not in RESERVED else f"learner-{stem}".strip("-")
    login, number = stem, 1
    while login in taken:
        number += 1
        login = f"{stem}-{number}"
    return login


def enrol(names: list[str], folder: ClassFolder, teacher: str) -> list[Learner]:
    """Everybody with login and password, the teacher first. Who is known keeps both; nobody is ever removed.

    They stand in `passwords.csv` of the class's folder, for the teacher to hand out, and again in `roster.csv`,
    without passwords, as the grader reads it.

    Raises:
        HubError: the file of passwords cannot be read.
    """
    file = folder.passwords
    known: dict[str, Learner] = {}
    if file.exists():
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                if not {"learner", "login", "password"} <= {key for key, value in row.items() if key and value}:
                    raise HubError(f"{file}: a line lacks learner, login or password: {row}. Mend it, or move it away")
                known[row["learner"]] = Learner(row["learner"], row["login"], row["password"])
    if teacher in names:
        raise HubError(f"{teacher} is the teacher and stands in the class list too. Name another: --teacher NAME")
    taken = {each.login for each in known.values()}
    for name in [teacher, *names]:
        if name not in known:
            login = login_for(name, taken)
            known[name] = Learner(
                name, login, "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in "123")
            )
            taken.add(login)
    everybody = [known[teacher], *(one for one in known.values() if one.name != teacher)]
    write_whole(file, ["learner", "login", "password"], [[one.name, one.login, one.password] for one in everybody])
    write_whole(folder.roster, ["learner", "folder"], [[one.name, one.login] for one in everybody[1:]])
    return everybody


def write_whole(file: Path, heading: list[str], rows: list[list[str]]) -> None:
    """Writes a CSV that only its owner may read, whole or not at all."""
    part = file.with_name(f"{file.name}.part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([heading, *rows])
    part.replace(file)
