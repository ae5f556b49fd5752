"""Times in both languages at once: hours, days, months, "two years ago", "since Monday"."""

from collections.abc import Collection

from utils.datasets.generators.choices import Chooser
from utils.datasets.generators.french_english import lexicon, phrases
from utils.datasets.generators.french_english.plans import When


def _when(french: str, english: str, habit: bool = False, *tags: str) -> When:
    return When(tuple(french.split()), tuple(english.split()), habit, frozenset({"time", *tags}))


def choose_hour(chooser: Chooser, hours: Collection[str] = tuple(lexicon.NUMBERS)[:10]) -> When:
    """At one of the full hours, or at noon."""
    if "deux" in hours and chooser.chance(0.15):
        return _when("à midi", "at noon", False, "hour")
    french = chooser.pick(hours, "hour")
    return _when(f"à {french} heures", f"at {lexicon.NUMBERS[french]} o'clock", False, "hour")


def choose_month(chooser: Chooser, months: Collection[str] = lexicon.MONTHS) -> When:
    """In a month, one of those given."""
    french = chooser.pick(months, "month", [5 if month == "septembre" else 1 for month in months])
    return _when(f"en {french}", f"in {lexicon.MONTHS[french]}", False, f"month:{french}")


def _months_and_seasons(chooser: Chooser, tense: str) -> When:
    if tense == "present" and chooser.chance(0.25):
        french, english = chooser.pick(lexicon.SEASONS.items(), "season")
        return _when(french, english, True, "season")
    return choose_month(chooser)


def _weekday(chooser: Chooser, tense: str) -> When:
    """Le lundi, on Mondays, in the present; lundi, on Monday, of a single day in the past or to come."""
    french, english = chooser.pick(lexicon.DAYS.items(), "day")
    if tense == "present":
        return _when(f"le {french}", f"on {english}s", True, "weekday")
    return _when(french, f"on {english}", False, "weekday")


def _distance(chooser: Chooser, tense: str, unit: str) -> When:
    """Two years ago, in three days."""
    french = phrases.choose_number(chooser)
    english = lexicon.NUMBERS[french]
    units = {"L": (("ans", "years"), ("mois", "months")), "D": (("jours", "days"), ("semaines", "weeks"))}[unit]
    french_unit, english_unit = chooser.pick(units, "unit")
    if tense == "past":
        return _when(f"il y a {french} {french_unit}", f"{english} {english_unit} ago", False, "ago")
    return _when(f"dans {french} {french_unit}", f"in {english} {english_unit}", False, "in-days")


def _choose_since(chooser: Chooser) -> When:
    """For two years, since Monday, since September."""
    if chooser.chance(0.6):
        number = phrases.choose_number(chooser)
        french_unit, english_unit = chooser.pick((("ans", "years"), ("mois", "months"), ("semaines", "weeks")), "unit")
        english = f"for {lexicon.NUMBERS[number]} {english_unit}"
        return _when(f"depuis {number} {french_unit}", english, False, "depuis")
    french, english = chooser.pick((*lexicon.MONTHS.items(), *lexicon.DAYS.items()), "month")
    month = (f"month:{french}",) if french in lexicon.MONTHS else ()
    return _when(f"depuis {french}", f"since {english}", False, "depuis", *month)


def choose_time(chooser: Chooser, scale: str, tense: str) -> When:
    """A time that suits the scale of the verb ("L" months and years, "D" days, "C" hours) and the tense."""
    if tense == "since":
        return _choose_since(chooser)
    single, tense = tense in ("past", "future"), tense if tense in ("present", "past") else "future"
    kind = chooser.pick(scale, "scale").upper()
    if kind == "C":
        return choose_hour(chooser)
    if kind == "O":
        return _when("à l' heure", "on time", False, "on-time")
    if kind == "L" and chooser.chance(0.65):
        return _months_and_seasons(chooser, tense)
    if single and chooser.chance(0.25):
        return _distance(chooser, tense, kind)
    if kind == "D" and chooser.chance(0.45):
        return _weekday(chooser, tense)
    french, english = chooser.pick(lexicon.FIXED_TIMES[tense, kind].items(), "time")
    return _when(french, english, tense == "present", f"time:{french}")
