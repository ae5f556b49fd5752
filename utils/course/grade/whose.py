"""Whose work a file is, told from where it lies: folders and names as platforms, browsers and people make them.

What is a guess is said. Two people are never taken for one without a word, nor one for two.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from utils.course.grade.names import printable
from utils.course.grade.roster import Roster
from utils.course.grade.walls import asked

ENDINGS = re.compile(r"\.ipynb(?:\.txt|\.json)?$", re.IGNORECASE)  # as browsers save it, too
MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+(?:_|$)")
BLACKBOARD = re.compile(r"(?P<name>.+?)_attempt_\d{4}(?:-\d\d){5}(?:_|$)")
BRIGHTSPACE = re.compile(r"(?P<number>\d+)-\d+ ?- (?P<name>.+?) ?- .*\b\d{4} \d{1,2}:?\d\d ?[AaPp]\.?[Mm].*")
UNNAMED = re.compile(r"participants?|participante?s?|teilnehmer(?:in|_in)?|partecipante|deelnemer", re.I)
CANVAS = re.compile(r"(?P<name>[^_]+)_(?P<late>LATE_)?(?P<number>\d{2,})_\d{3,}_.+")
WORD = (
    r"(?:lesson|week|assignment|exercise|homework|notebook|sheet|task|unit|lab|day|hw|ex|nb|übung|uebung|blatt|woche|"
    r"tp|td)"
)
GROUP = re.compile(
    rf"{WORD}s?[ _.-]*\d{{0,2}}|submissions?|submitted|handed[ _-]?in|abgaben?|rendus?|all|class", re.IGNORECASE
)
COPY = re.compile(r"(?:[ _-]*\((\d+)\)|[ _-]+(?:copy|kopie|copie|copia)[ _-]*(\d*)|[ _-]v(\d+))$", re.I)
COPY_OF = re.compile(r"(?:copy of|kopie von|copie de|copia de|cópia de|kopia)[ _-]+", re.IGNORECASE)
NO_NAME = re.compile(
    rf"untitled\d*|unbenannt\d*|sans[ _-]titre\d*|{WORD}s?|solutions?|answers?|final|my|done|\d{{1,2}}", re.IGNORECASE
)
DEEP = 3  # folders of lessons and of all, one within the other
NOT_NAMED = "the roster does not name it: the name of its folder or file is taken for the learner"
NAMELESS = (
    "neither a folder nor the file's name says whose it is: put it into a folder with the learner's name, or name the "
    "file in a roster"
)


@dataclass
class Whose:
    """What a place says of the one who handed in.

    Attributes:
        learner: the name that it gives.
        keys: what a roster may call the place, the most particular first.
        number: the platform's number for the person or the submission; "" where there is none.
        remarks: what was guessed.
    """

    learner: str
    keys: list[str]
    number: str = ""
    remarks: list[str] = field(default_factory=list)


def stem_of(name: str) -> str:
    """A notebook's name without what says that it is one."""
    return ENDINGS.sub("", name)


def is_group(name: str) -> bool:
    """Whether a folder's name is that of a lesson or of the whole, and no person's."""
    return GROUP.fullmatch(name) is not None or any(lesson in name and not _rest(name, lesson) for lesson in _lessons())


def depth_of(places: list[tuple[str, ...]], listed: Roster | None) -> int:
    """How many folders lie above the learners' own: one for each lesson, or one around all.

    Args:
        places: of each notebook, the names from the folder that was given down to the file.
        listed: the roster; whom it names is a learner.
    """
    named = set(listed.named) if listed else set()
    for depth in range(DEEP):
        tops = {place[depth] if len(place) > depth + 1 else "" for place in places}
        if "" in tops or tops & named or not tops:
            return depth
        below = {place[depth + 1] for place in places}
        inner = {place[depth + 1] for place in places if len(place) > depth + 2}
        if all(map(is_group, tops)):
            if all(_says_who(place[depth + 1 :]) for place in places):
                continue
        elif len(tops) == 1 and below == inner and len(inner) > 1 and not any(map(_is_part, inner)):
            continue
        return depth
    return DEEP


def _is_part(name: str) -> bool:
    """Whether a folder's name is that of a part of somebody's work."""
    return is_group(name) or name.isdigit() or name.lower() in ("notebooks", "backup", "old", "new", "src", "source")


def _says_who(place: tuple[str, ...]) -> bool:
    if len(place) > 1:
        return not _is_part(place[0])
    return bool(without_lesson(stem_of(place[0]), ""))


def whose(place: tuple[str, ...], lesson: str) -> Whose:
    """What the first folder's name says, or the file's where it lies at the top.

    Args:
        place: the names from the learners' folders down to the file, or to a folder without a notebook.
        lesson: that the notebook is, "" where that is not known.
    """
    at_top = len(place) == 1
    first = printable(stem_of(place[0]) if at_top else place[0])
    keys = ["/".join(printable(stem_of(part)) for part in place[:n]) for n in range(len(place), 0, -1)]
    if found := MOODLE.match(first):
        name, number = found["name"].strip(), found["number"]
        if UNNAMED.fullmatch(name):  # marked blind: a number for each person, and no name
            return Whose(f"{name} {number}", [*keys, f"{name}_{number}", number])
        return Whose(name, [*keys, f"{name}_{number}", name], number)
    if at_top and (found := CANVAS.fullmatch(first)):
        late = ["Canvas has marked it as late"] if found["late"] else []
        name = found["name"]
        return Whose(name, [*keys, f"{name}_{found['number']}", found["number"], name], found["number"], late)
    if found := BLACKBOARD.match(first):  # below what others write first: a file's name is its learner's choice
        whole = found["name"]  # the lesson as it is called there, a line, the login; both may have lines within
        ends = [whole[n + 1 :] for n, c in enumerate(whole) if c == "_"]
        name = ends[0] if len(ends) == 1 else without_lesson(whole, "") or whole
        return Whose(name, [*keys, whole, *ends])
    if not at_top:
        if found := BRIGHTSPACE.fullmatch(first):
            return Whose(found["name"], [*keys, found["number"], found["name"]], found["number"])
        return Whose(first, keys)
    plain = COPY.sub("", COPY_OF.sub("", first)) or first
    name = without_lesson(plain, lesson)
    return Whose(name or first, [*keys, *([plain, name] if name else [])], remarks=[] if name else [NAMELESS])


def without_lesson(stem: str, lesson: str) -> str:
    """Of "03_self_attention-ana" or "ana_03" the "ana"; "" where no name is left."""
    stem = COPY.sub("", COPY_OF.sub("", stem)) or stem
    for each in [lesson] if lesson else _lessons():
        rest = _rest(stem, each)
        if rest != stem:
            return "" if NO_NAME.fullmatch(rest) else rest
    return "" if NO_NAME.fullmatch(stem) else stem


def _rest(stem: str, lesson: str) -> str:
    """What a name says beside its lesson, named by its slug, its title or its number."""
    number, title = lesson[:2], re.sub("_", r"[ _-]?", re.escape(lesson[3:]))
    parts = (
        rf"{number}[ _.-]*{title}(?:-\d{{1,2}}$)?",
        rf"(?<![^\W_]){title}(?![^\W_])(?:-\d{{1,2}}$)?",
        rf"(?<![^\W_]){WORD}[ _.-]*0?{int(number)}(?!\d)",
        rf"(?<![^\W_]){number}(?![^\W_])",
    )
    for part in parts:
        rest, count = re.subn(part, "", stem, count=1, flags=re.IGNORECASE)
        if count:
            return re.sub(r"([_-])[ _-]+", r"\1", rest).strip("-_. ,")
    return stem


def names_lesson(stem: str, lesson: str) -> bool:
    """Whether a file's name says a lesson in any way."""
    return _rest(stem, lesson) != stem


def copy_number(name: str) -> tuple[str, int]:
    """What tells the later of two files of the same time: a date that a platform put before it, or a copy's number."""
    stem = stem_of(name)
    stamp = re.match(r"(20\d{12})(?!\d)", stem) or re.search(r"_attempt_(\d{4}(?:-\d\d){5})", stem)
    found = COPY.search(stem) or re.search(r"-(\d{1,2})$", stem)
    digits = next((group for group in found.groups() if group), "1") if found else "0"
    return stamp[1] if stamp else "", int(digits[:6])


def _lessons() -> list[str]:
    return list(dict.fromkeys(each.lesson for each in asked()))


# The roster -----------------------------------------------------------------------------------------


class Names:
    """Who the roster says that a place is.

    Args:
        listed: the roster; None where there is none.
        places: every place there is, so that no two are taken for the same by chance.
    """

    def __init__(self, listed: Roster | None, places: list[Whose]):
        self.listed, self.loosely = listed, {}
        named = listed.named if listed else {}
        exact = {named[key] for each in places for key in each.keys if key in named}
        left = {place: learner for place, learner in named.items() if learner not in exact}
        wanted = {each.learner for each in places if not any(key in named for key in each.keys)}
        for forms, place_forms in ((_alone, _alone), (turned, _alone), (as_number, as_number)):
            self._match(left, wanted - set(self.loosely), forms, place_forms)

    def _match(self, left: dict[str, str], wanted: set[str], forms, place_forms) -> None:
        """Notes which names mean the same in spite of capitals, signs and order, where that is certain."""
        known: dict[str, set[str]] = {}
        for place, learner in left.items():
            for form in {form for name in (place, learner) for form in forms(name)}:
                known.setdefault(form, set()).add(learner)
        for learner in {learner for learners in known.values() for learner in learners}:
            own = {form for form, learners in known.items() if learners == {learner}}
            meant = [name for name in wanted if place_forms(name) & own]
            if len(meant) == 1 and learner not in self.loosely.values():
                self.loosely[meant[0]] = learner

    def of(self, one: Whose) -> tuple[str, list[str]]:
        """The learner, and what was guessed."""
        if self.listed is None:
            return one.learner, one.remarks
        named = self.listed.named
        if key := next((key for key in one.keys if key in named), None):
            return named[key], [each for each in one.remarks if each != NAMELESS]
        if learner := self.loosely.get(one.learner):
            return learner, [*one.remarks, f"{one.learner} is taken for the roster's {learner}"]
        return one.learner, [*one.remarks, NOT_NAMED]


def loose(name: str) -> str:
    """A name without capitals, spaces and signs."""
    name = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in name if unicodedata.category(c)[0] not in "ZPC")


def _alone(name: str) -> set[str]:
    return {loose(name)}


def turned(name: str) -> set[str]:
    """The same with the family's name first, as well."""
    words = [loose(word) for word in re.split(r"[\s,_]+", name) if loose(word)]
    return {"".join(words[n:] + words[:n]) for n in range(len(words))}


def as_number(name: str) -> set[str]:
    """A number as a spreadsheet leaves it, without its first zeros; nothing where a name is no number."""
    found = re.fullmatch(r"0*(\d+?)(?:[.,]0{1,2})?", name)
    return {found[1]} if found else set()


def apart(found: list[tuple[str, str, str]]) -> set[str]:
    """Names that more than one person bears: a platform has several numbers for it with the same lesson.

    Args:
        found: of each file the name, the number and the lesson.
    """
    numbers: dict[tuple[str, str], set[str]] = {}
    for name, number, lesson in found:
        if number and lesson:
            numbers.setdefault((name, lesson), set()).add(number)
    return {name for (name, _), several in numbers.items() if len(several) > 1}


def parts_below(path: Path, folder: Path, depth: int) -> tuple[str, ...]:
    """The names from the learners' folders down to a file."""
    return path.relative_to(folder).parts[depth:]
