"""Names of people, organisations and places, and dates: made up from the lexicon, as pieces of a sentence."""

from utils.datasets.generators.choices import Chooser
from utils.datasets.generators.entities import lexicon


class Names:
    """Makes up names and dates. Each method gives a text, or pieces as `assemble` takes them.

    Args:
        seed: the same seed makes the same names in the same order.
    """

    def __init__(self, seed: int | str):
        self.chooser = Chooser(seed)
        self.pick, self.chance = self.chooser.pick, self.chooser.chance

    def first(self) -> str:
        """A first name: one in five is also a word or a place."""
        if self.chance(0.06):
            return self.pick(lexicon.NICKNAMES)
        name = self.pick(lexicon.FIRST_THAT_ARE_WORDS if self.chance(0.2) else lexicon.FIRST)
        return f"{name}-{self.pick(lexicon.FIRST)}" if self.chance(0.03) else name

    def last(self) -> str:
        """A surname, sometimes with a particle, doubled, or a word."""
        name = self.pick(lexicon.LAST_THAT_ARE_WORDS if self.chance(0.07) else lexicon.LAST)
        if self.chance(0.08):
            particle = self.pick(lexicon.PARTICLES)
            return particle + name if particle in ("al-", "O'", "Mc") else f"{particle} {name}"
        return f"{name}-{self.pick(lexicon.LAST)}" if self.chance(0.05) and "-" not in name else name

    def person(self) -> str:
        """A whole name, or a part of one."""
        way = self.pick(("both", "first", "last", "initial", "middle"), weights=(62, 16, 8, 9, 5))
        initial = f"{self.pick(lexicon.LETTERS)}."
        return {
            "both": f"{self.first()} {self.last()}",
            "first": self.first(),
            "last": self.last(),
            "initial": f"{initial} {initial if self.chance(0.3) else ''} {self.last()}".replace("  ", " "),
            "middle": f"{self.first()} {initial} {self.last()}",
        }[way]

    def acronym(self) -> str:
        """Three or four letters, now and then with full stops."""
        letters = [self.pick(lexicon.LETTERS) for _ in range(self.pick((3, 3, 4)))]
        return "".join(f"{letter}." for letter in letters) if self.chance(0.1) else "".join(letters)

    def short_organisation(self) -> str:
        """A public body or firm known to all, or an acronym."""
        return self.pick(lexicon.PUBLIC) if self.chance(0.6) else self.acronym()

    def firm(self) -> str:
        """A company."""
        trade, legal = self.pick(lexicon.TRADES), self.pick(lexicon.LEGAL)
        return self.pick(
            (
                f"{self.pick(lexicon.COINED)} {trade}",
                self.pick(lexicon.COINED),
                f"{self.pick(lexicon.COINED)} {legal}",
                f"{self.last()} {legal}",
                f"{self.last()} {trade}",
                f"{self.pick(lexicon.ADJECTIVES)} {self.pick(lexicon.NOUNS)} {trade}",
                f"{self.pick(lexicon.NOUNS)} & {self.pick(lexicon.NOUNS)}",
                f"{self.last()}, {self.last()} and {self.last()}",
                f"{self.last()} & {self.last()}",
                f"{self.town()} {trade}",
                f"{self.pick(lexicon.COINED)} {1 + self.pick(range(98))}",
                self.short_organisation(),
            ),
            weights=(16, 12, 8, 9, 9, 8, 6, 3, 4, 8, 3, 14),
        )

    def school(self) -> str:
        """Where one learns."""
        return self.pick(
            (
                f"University of {self.town()}",
                f"{self.town()} University",
                f"{self.town()} {self.pick(('College', 'Academy', 'High School', 'Polytechnic'))}",
                f"Technical University of {self.town()}",
                f"{self.person_whole()} {self.pick(('School', 'College', 'Institute'))}",
                f"{self.pick(lexicon.SAINTS)} {self.pick(lexicon.SAINT_NAMES)}'s {self.pick(('College', 'School'))}",
            ),
            weights=(4, 4, 4, 2, 1, 2),
        )

    def person_whole(self) -> str:
        """A first and a last name."""
        return f"{self.pick(lexicon.FIRST)} {self.pick(lexicon.LAST)}"

    def club(self) -> str:
        """A team or a band."""
        if self.chance(0.5):
            return f"{self.town()} {self.pick(lexicon.CLUBS)}"
        return f"{self.pick(lexicon.ADJECTIVES)} {_plural(self.pick(lexicon.NOUNS))}"

    def body(self) -> str:
        """An organisation whose name asks for an article."""
        body, topic = self.pick(lexicon.BODIES), self.pick(lexicon.TOPICS)
        join = "of" if body in ("Ministry", "Department", "Museum", "Academy", "Bureau") else "for"
        return self.pick(
            (
                f"{body} {join} {topic}",
                f"{self.pick(('National', 'International', 'Royal', 'European'))} {body} {join} {topic}",
                f"{self.town()} {body} {join} {topic}",
                f"Bank of {self.pick((self.town(), self.pick(lexicon.COUNTRIES), self.pick(lexicon.REGIONS)))}",
                f"{self.person_whole()} {self.pick(('Foundation', 'Trust', 'Library', 'Fund', 'Museum', 'Clinic'))}",
                f"{self.town()} {self.pick(lexicon.PAPERS)}",
                f"{self.town()} {self.pick(('Museum', 'Hospital', 'Library', 'Theatre', 'Council', 'Zoo', 'Choir'))}",
                f"Friends of the {self.pick(lexicon.ADJECTIVES)} {self.pick(lexicon.NOUNS)}",
            )
        )

    def organisation(self) -> list:
        """Any organisation, with its article where it takes one."""
        way = self.pick(("firm", "school", "body", "short", "pub", "saint", "hotel"), weights=(40, 9, 24, 14, 4, 4, 5))
        if way in ("body", "short"):
            name = self.body() if way == "body" else self.short_organisation()
            bare = way == "short" and not name.isupper()
            return [("" if bare else "the ", None), (name, "ORG")]
        name = {
            "firm": self.firm,
            "school": self.school,
            "pub": lambda: f"The {self.pick(lexicon.ADJECTIVES)} {self.pick(lexicon.NOUNS)}",
            "saint": lambda: f"{self.pick(lexicon.SAINTS)} {self.pick(lexicon.SAINT_NAMES)}'s Hospital",
            "hotel": lambda: f"{self.pick(('Hotel', 'Café', 'Radio', 'Casa', 'Villa'))} {self.pick(lexicon.COINED)}",
        }[way]()
        article = "the " if name.startswith(("University", "Technical")) else ""
        return [(article, None), (name, "ORG")]

    def town(self) -> str:
        """A town: a real city, or one that is on no map."""
        way = self.pick(("city", "made up", "foreign"), weights=(60, 30, 10))
        if way == "city":
            return self.pick(lexicon.CITIES)
        if way == "foreign":
            return self.pick(lexicon.FOREIGN_TOWNS)
        name = self.pick(lexicon.TOWN_STARTS) + self.pick(lexicon.TOWN_ENDS)
        before = self.pick(("", "Upper ", "Little ", "Great ", "Port ", "St. "), weights=(88, 3, 3, 2, 2, 2))
        return before + name

    def street(self) -> str:
        """A street or a named spot in a town; some with a number."""
        if self.chance(0.3):
            name = self.pick(lexicon.STREET_NAMES + lexicon.LAST)
            return f"{name} {self.pick(lexicon.SPOTS)}"
        street = f"{self.pick(lexicon.STREET_NAMES)} {self.pick(lexicon.STREETS)}"
        return f"{1 + self.pick(range(140))} {street}" if self.chance(0.25) else street

    def place(self) -> list:
        """Any place, with its article where it takes one."""
        way = self.pick(
            ("town", "country", "short", "region", "water", "sea", "hills", "planet", "mountain", "lake", "island"),
            weights=(42, 24, 4, 9, 4, 3, 3, 2, 3, 3, 3),
        )
        articles = {"water": "the ", "sea": "the ", "hills": "the "}
        name = {
            "town": self.town,
            "country": lambda: self.pick(lexicon.COUNTRIES),
            "short": lambda: self.pick(lexicon.SHORT_PLACES),
            "region": self.region,
            "water": lambda: self.pick(lexicon.WATERS),
            "sea": lambda: self.pick(lexicon.SEAS),
            "hills": lambda: self.pick(lexicon.HILLS),
            "planet": lambda: self.pick(lexicon.PLANETS),
            "mountain": lambda: f"Mount {self.pick(lexicon.TOWN_STARTS)}{self.pick(lexicon.TOWN_ENDS)}",
            "lake": lambda: f"Lake {self.pick(lexicon.FOREIGN_TOWNS + lexicon.FIRST)}",
            "island": lambda: f"Isle of {self.pick(lexicon.TOWN_STARTS)}",
        }[way]()
        article = articles.get(way, "")
        if way == "island" or (way == "short" and name[0] == "U"):
            article = "the "
        return [(article, None), (name, "LOC")]

    def region(self) -> str:
        """A part of a country or of the world, or a side of one."""
        side = self.pick(("", "North ", "South ", "Upper ", "Lower ", "Western "), weights=(90, 2, 2, 2, 2, 2))
        return side + self.pick(lexicon.REGIONS)

    # Dates -----------------------------------------------------------------------------------------

    def year(self) -> str:
        """A year of these days, or of the past."""
        spread, latest = self.pick(((40, 2029), (120, 1989), (400, 1900)), weights=(75, 18, 7))
        return str(latest - self.pick(range(spread)))

    def day_number(self) -> str:
        """1 to 28."""
        return str(1 + self.pick(range(28)))

    def ordinal(self) -> str:
        """1st to 28th."""
        number = self.day_number()
        return number + {"1": "st", "2": "nd", "3": "rd"}.get(
            number[-1] if number not in ("11", "12", "13") else "", "th"
        )

    def month(self) -> str:
        """A month, one in six shortened."""
        return self.pick(lexicon.SHORT_MONTHS if self.chance(0.16) else lexicon.MONTHS)

    def weekday(self) -> str:
        """A day of the week, one in eight shortened."""
        return self.pick(lexicon.SHORT_DAYS if self.chance(0.12) else lexicon.DAYS)

    def exact_day(self) -> str:
        """A day of a month, in one of many notations."""
        day, month, year = self.day_number(), self.month(), self.year()
        number = f"{1 + lexicon.MONTHS.index(self.pick(lexicon.MONTHS)):02}"
        return self.pick(
            (
                f"{day} {month} {year}",
                f"{day} {month}",
                f"{month} {day}, {year}",
                f"{month} {day}",
                f"{self.ordinal()} {month}",
                f"{month} {self.ordinal()}",
                f"{self.weekday()} {day} {month}",
                f"{self.weekday()}, {day} {month} {year}",
                f"{int(day):02}/{number}/{year}",
                f"{year}-{number}-{int(day):02}",
                f"{int(day):02}.{number}.{year}",
            ),
            weights=(20, 20, 7, 9, 5, 5, 7, 4, 4, 4, 3),
        )

    def span_of_time(self) -> list:
        """A month, a season of a year, a decade, a century, a quarter: what one says "in" before."""
        decade = f"{self.pick('0123456789')}0s"
        return self.pick(
            (
                [("", None), (self.month(), "DATE")],
                [("", None), (f"{self.month()} {self.year()}", "DATE")],
                [("", None), (self.year(), "DATE")],
                [("", None), (f"{self.pick(lexicon.SEASONS)} {self.year()}", "DATE")],
                [("the ", None), (f"{self.pick(('18', '19', '19', ''))}{decade}", "DATE")],
                [("the ", None), (f"{self.pick(lexicon.CENTURIES)} century", "DATE")],
                [("", None), (f"Q{self.pick('1234')} {self.year()}", "DATE")],
                [(self.pick(("early ", "late ", "mid-")), None), (self.month(), "DATE")],
            ),
            weights=(26, 18, 30, 6, 7, 5, 3, 5),
        )

    def date(self) -> list:
        """A date without a preposition."""
        way = self.pick(("day", "weekday", "span", "feast"), weights=(45, 12, 33, 10))
        if way == "span":
            return self.span_of_time()
        return [({"day": self.exact_day, "weekday": self.weekday, "feast": self.feast}[way](), "DATE")]

    def feast(self) -> str:
        """A day with a name of its own."""
        return self.pick(lexicon.FEASTS)

    def when(self) -> list:
        """A date with its preposition, such as "in" or "on", which is no part of it."""
        way = self.pick(("day", "weekday", "this", "span", "feast", "the day"), weights=(24, 18, 9, 36, 8, 5))
        if way == "span":
            return [("in ", None), *self.span_of_time()]
        before, name = {
            "day": ("on ", self.exact_day),
            "weekday": ("on ", self.weekday),
            "this": (
                self.pick(("last ", "next ", "this ", "every ")),
                lambda: self.pick(lexicon.DAYS + lexicon.MONTHS),
            ),
            "feast": (self.pick(("before ", "after ", "by ")), self.feast),
            "the day": ("on the ", self.ordinal),
        }[way]
        after = self.pick(("", " morning", " night"), weights=(85, 8, 7)) if way == "weekday" else ""
        return [(before, None), (name(), "DATE"), (after, None)]


def _plural(noun: str) -> str:
    """More than one of it."""
    if noun == "Wolf":
        return "Wolves"
    return noun + ("es" if noun[-1] in "sx" else "s")
