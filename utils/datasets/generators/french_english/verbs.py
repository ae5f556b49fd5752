"""The verbs of the French→English grammar: their forms in both languages, and what may follow each of them."""

from dataclasses import dataclass

# The pronouns in the order of the conjugation tables: person and number.
PERSONS = ("1s", "2s", "3s", "1p", "2p", "3p")
ALL_TENSES = "present past future want can must"
MODALS = {"want": "vouloir", "can": "pouvoir", "must": "devoir"}

# Present tense (je, tu, il, nous, vous, ils), participle, and the imperfect where it is used.
IRREGULAR_FRENCH = {
    "acheter": ("achète achètes achète achetons achetez achètent", "acheté"),
    "aller": ("vais vas va allons allez vont", "allé"),
    "apprendre": ("apprends apprends apprend apprenons apprenez apprennent", "appris"),
    "attendre": ("attends attends attend attendons attendez attendent", "attendu"),
    "avoir": ("ai as a avons avez ont", "eu", "avais avais avait avions aviez avaient"),
    "boire": ("bois bois boit buvons buvez boivent", "bu"),
    "connaître": ("connais connais connaît connaissons connaissez connaissent", "connu"),
    "courir": ("cours cours court courons courez courent", "couru"),
    "devoir": ("dois dois doit devons devez doivent", "dû"),
    "dire": ("dis dis dit disons dites disent", "dit"),
    "dormir": ("dors dors dort dormons dormez dorment", "dormi"),
    "écrire": ("écris écris écrit écrivons écrivez écrivent", "écrit"),
    "envoyer": ("envoie envoies envoie envoyons envoyez envoient", "envoyé"),
    "être": ("suis es est sommes êtes sont", "été", "étais étais était étions étiez étaient"),
    "faire": ("fais fais fait faisons faites font", "fait", "faisais faisais faisait faisions faisiez faisaient"),
    "lever": ("lève lèves lève levons levez lèvent", "levé"),
    "lire": ("lis lis lit lisons lisez lisent", "lu"),
    "ouvrir": ("ouvre ouvres ouvre ouvrons ouvrez ouvrent", "ouvert"),
    "partir": ("pars pars part partons partez partent", "parti"),
    "perdre": ("perds perds perd perdons perdez perdent", "perdu"),
    "pleuvoir": ("pleut pleut pleut pleut pleut pleut", "plu"),
    "pouvoir": ("peux peux peut pouvons pouvez peuvent", "pu"),
    "prendre": ("prends prends prend prenons prenez prennent", "pris"),
    "promener": ("promène promènes promène promenons promenez promènent", "promené"),
    "répondre": ("réponds réponds répond répondons répondez répondent", "répondu"),
    "revenir": ("reviens reviens revient revenons revenez reviennent", "revenu"),
    "savoir": ("sais sais sait savons savez savent", "su"),
    "vendre": ("vends vends vend vendons vendez vendent", "vendu"),
    "voir": ("vois vois voit voyons voyez voient", "vu"),
    "vouloir": ("veux veux veut voulons voulez veulent", "voulu"),
}
ETRE_VERBS = frozenset("aller arriver partir rester revenir lever coucher promener reposer".split())

# Past and participle; all other English verbs are regular.
IRREGULAR_ENGLISH = {
    "be": ("was", "been"),
    "buy": ("bought", "bought"),
    "come": ("came", "come"),
    "do": ("did", "done"),
    "drink": ("drank", "drunk"),
    "eat": ("ate", "eaten"),
    "find": ("found", "found"),
    "get": ("got", "got"),
    "give": ("gave", "given"),
    "go": ("went", "gone"),
    "have": ("had", "had"),
    "know": ("knew", "known"),
    "leave": ("left", "left"),
    "learn": ("learnt", "learnt"),
    "lend": ("lent", "lent"),
    "lose": ("lost", "lost"),
    "make": ("made", "made"),
    "meet": ("met", "met"),
    "read": ("read", "read"),
    "run": ("ran", "run"),
    "say": ("said", "said"),
    "see": ("saw", "seen"),
    "sell": ("sold", "sold"),
    "send": ("sent", "sent"),
    "sing": ("sang", "sung"),
    "sleep": ("slept", "slept"),
    "speak": ("spoke", "spoken"),
    "swim": ("swam", "swum"),
    "take": ("took", "taken"),
    "tell": ("told", "told"),
    "think": ("thought", "thought"),
    "travel": ("travelled", "travelled"),
    "wear": ("wore", "worn"),
    "write": ("wrote", "written"),
}


@dataclass(frozen=True)
class Verb:
    """A verb in one of its senses.

    Attributes:
        french: the infinitive, without "se".
        english: the base form, with its particle ("look for").
        frame: what follows it: the name of a function in utils.datasets.generators.french_english.predicates.
        uses: which nouns, fixed phrases or places may follow.
        link: the prepositions before a place or a person, French then English.
        determiners: how a noun may come: D the, I a or some, P possessive, T this, N a number, G Jane's, B a lot of.
        scale: which times suit it: L months and years, D days, d single days only, C hours, O on time.
        tenses: those that suit it.
        asks: the question words that suit it, "oui" for a question to be answered by yes or no.
        pronoun: what le and la stand for, "person" or "thing"; "" where it takes no pronoun.
        where: the locations that may be added.
        weight: how often it comes.
        subject: who does it: "person", "animal" or "vehicle".
        reflexive: whether it takes "se".
    """

    french: str
    english: str
    frame: str
    uses: str = ""
    link: tuple[str, str] = ("", "")
    determiners: str = "DI"
    scale: str = "D"
    tenses: tuple[str, ...] = tuple(ALL_TENSES.split())
    asks: tuple[str, ...] = ("oui",)
    pronoun: str = ""
    where: str = ""
    weight: float = 1.0
    subject: str = "person"
    reflexive: bool = False


# What can be asked of a frame, unless a verb says otherwise.
ASKS = {
    "place": "oui où quand qui pourquoi",
    "thing": "oui que quel combien quand qui pourquoi",
    "person": "oui qui-objet quand pourquoi",
    "give": "oui quand qui pourquoi",
    "to_person": "oui quand pourquoi",
    "fixed": "oui quand qui pourquoi",
    "plain": "oui quand qui où pourquoi",
    "rise": "oui quand qui pourquoi",
}


def _verb(french: str, english: str, frame: str, uses: str = "", **features) -> Verb:
    features.setdefault("asks", ASKS.get(frame, "oui"))
    for name in ("tenses", "asks", "link"):
        if name in features:
            features[name] = tuple(features[name].split())
    return Verb(french, english, frame, uses, **features)


VERBS = (
    # Places: "world" is a country or a city, anything else a use of buildings.
    _verb("visiter", "visit", "place", "world", link="- -", scale="L", asks="oui quand qui que pourquoi", weight=4),
    _verb("visiter", "visit", "place", "visit", link="- -", asks="oui quand qui que pourquoi"),
    _verb("aller", "go", "place", "world", link="à to", scale="L", weight=3),
    _verb("aller", "go", "place", "go", link="à to", scale="DC", weight=4),
    _verb("habiter", "live", "place", "world", link="à in", scale="", tenses="present past future want since",
          asks="oui où qui pourquoi", weight=2),
    _verb("travailler", "work", "place", "world", link="à in", scale="L", tenses=ALL_TENSES + " since", weight=2),
    _verb("travailler", "work", "place", "work", link="à at", scale="D", weight=2),
    _verb("voyager", "travel", "place", "land", link="à in", scale="L", weight=2),
    _verb("partir", "leave", "place", "world", link="pour for", scale="Ld", asks="oui quand qui pourquoi", weight=3),
    _verb("arriver", "arrive", "place", "world", link="à in", scale="LdC",
          tenses="present past future must", asks="oui quand qui", weight=2),
    _verb("arriver", "arrive", "place", "reach", link="à at", scale="DC", tenses="present past future must",
          asks="oui quand qui"),
    _verb("revenir", "come back", "place", "world", link="de from", scale="Ld",
          asks="oui quand qui pourquoi", weight=2),
    _verb("revenir", "come back", "place", "go", link="de from", scale="DC", asks="oui quand qui"),
    _verb("rester", "stay", "place", "world", link="à in", scale="L", asks="oui qui où pourquoi", weight=2),
    _verb("rester", "stay", "place", "stay", link="à at", scale="D", asks="oui qui où pourquoi"),
    _verb("quitter", "leave", "place", "world", link="- -", scale="Ld", asks="oui quand qui pourquoi", weight=2),
    _verb("quitter", "leave", "place", "leave", link="- -", scale="DC", asks="oui quand qui pourquoi"),
    _verb("manger", "eat", "place", "eat", link="à at", scale="DC", asks="oui où quand qui"),
    # Things.
    _verb("manger", "eat", "thing", "eat", determiners="DITN", pronoun="thing", where="home", weight=3),
    _verb("boire", "drink", "thing", "drink", pronoun="thing", asks="oui que qui quand"),
    _verb("acheter", "buy", "thing", "buy afford", determiners="DIITNNB", pronoun="thing", weight=4),
    _verb("vendre", "sell", "thing", "sell afford", determiners="DIPPTNG", pronoun="thing", weight=3),
    _verb("lire", "read", "thing", "read", determiners="DITNG", pronoun="thing", where="home", weight=3),
    _verb("écrire", "write", "thing", "write", determiners="DIITNB", pronoun="thing", where="home", weight=2),
    _verb("ouvrir", "open", "thing", "open", determiners="DDT", scale="dC", pronoun="thing",
          asks="oui que quel qui pourquoi", weight=2),
    _verb("fermer", "close", "thing", "open", determiners="DDT", scale="dC", pronoun="thing",
          asks="oui que quel qui pourquoi", weight=2),
    _verb("chercher", "look for", "thing", "lose", determiners="DPPG", scale="d", pronoun="thing",
          tenses="present past future must", asks="oui que quel où qui pourquoi", weight=2),
    _verb("trouver", "find", "thing", "find lose", determiners="DIPPG", scale="d", pronoun="thing",
          tenses="past future can", asks="oui que quel où qui", weight=2),
    _verb("perdre", "lose", "thing", "lose", determiners="DPPG", scale="d", pronoun="thing", tenses="past",
          asks="oui que quel où quand qui", weight=2),
    _verb("porter", "wear", "thing", "wear dress", determiners="IIPPT", pronoun="thing",
          asks="oui que quel qui pourquoi", weight=3),
    _verb("regarder", "watch", "thing", "watch", determiners="DITN", asks="oui quel combien quand qui", weight=2),
    _verb("regarder", "look at", "thing", "look", determiners="DDTG", asks="oui quel qui", weight=2),
    _verb("écouter", "listen to", "thing", "listen", determiners="DIT", asks="oui quand qui quel"),
    _verb("avoir", "have", "thing", "have", determiners="IIN", scale="", tenses="present want since",
          asks="oui combien qui", weight=2),
    _verb("avoir", "have", "thing", "own", determiners="IINB", scale="", tenses="present", asks="oui combien qui",
          weight=2),
    # Fixed phrases; the English verb comes with the object.
    _verb("écouter", "listen to", "fixed", "listen", scale="D"),
    _verb("prendre", "take", "fixed", "vehicle", scale="DC", weight=2),
    _verb("préparer", "prepare", "fixed", "meal", scale="D", weight=2),
    _verb("faire", "do", "fixed", "do", scale="D", weight=3),
    _verb("jouer", "play", "fixed", "play", scale="D", weight=3),
    _verb("parler", "speak", "fixed", "speak", scale="", tenses="present want can must", asks="oui qui", weight=2),
    _verb("apprendre", "learn", "fixed", "learn", scale="L", weight=2),
    _verb("aimer", "like", "fixed", "like", scale="", tenses="present", asks="oui qui pourquoi", weight=3),
    _verb("détester", "hate", "fixed", "hate", scale="", tenses="present", asks="oui qui pourquoi", weight=2),
    # People.
    _verb("voir", "see", "person", scale="D", pronoun="person", weight=2),
    _verb("rencontrer", "meet", "person", scale="Ld", tenses="present past future want", pronoun="person", weight=2),
    _verb("inviter", "invite", "person", scale="D", pronoun="person", weight=2),
    _verb("remercier", "thank", "person", scale="d", tenses="present past future want must",
          asks="oui qui-objet pourquoi", pronoun="person", weight=2),
    _verb("aider", "help", "person", scale="D", pronoun="person", weight=2),
    _verb("connaître", "know", "person", scale="", tenses="present since", asks="oui qui-objet",
          pronoun="person", weight=2),
    _verb("attendre", "wait for", "person", scale="DC", pronoun="person", where="wait",
          asks="oui qui-objet où pourquoi", weight=2),
    _verb("donner", "give", "give", "give", scale="d", determiners="DIINT", weight=2),
    _verb("montrer", "show", "give", "show", scale="d", determiners="DPPT", weight=2),
    _verb("envoyer", "send", "give", "send", determiners="DIIN", weight=2),
    _verb("prêter", "lend", "give", "lend", scale="d", determiners="PPDT"),
    _verb("raconter", "tell", "give", "tell", determiners="DIT"),
    _verb("parler", "talk", "to_person", link="à to", weight=2),
    _verb("répondre", "answer", "to_person", link="à -", scale="", asks="oui pourquoi", weight=2),
    # Nothing, but perhaps a location.
    _verb("dormir", "sleep", "plain", where="sleep", tenses="present past future want can", weight=2),
    _verb("chanter", "sing", "plain", where="sing", weight=2),
    _verb("danser", "dance", "plain", where="dance", weight=2),
    _verb("nager", "swim", "plain", where="swim", scale="LD", weight=2),
    _verb("courir", "run", "plain", where="run", weight=2),
    _verb("lever", "get up", "rise", reflexive=True, weight=2),
    _verb("coucher", "go to bed", "rise", reflexive=True, weight=2),
    _verb("promener", "walk", "plain", where="walk", reflexive=True, weight=3),
    _verb("reposer", "rest", "plain", where="home", reflexive=True, asks="oui où qui pourquoi"),
    # Animals and vehicles.
    _verb("dormir", "sleep", "plain", where="sleep", tenses="present past", subject="animal", asks="oui où"),
    _verb("courir", "run", "plain", where="run", tenses="present past", subject="animal", asks="oui où"),
    _verb("boire", "drink", "thing", "drink-animal", tenses="present past", subject="animal",
          asks="oui quand"),
    _verb("arriver", "arrive", "place", "stop", link="à at", scale="DCO", tenses="present past future must",
          asks="oui quand", subject="vehicle"),
    _verb("partir", "leave", "place", "world", link="pour for", scale="DC", tenses="present past future must",
          asks="oui quand", subject="vehicle"),
    _verb("quitter", "leave", "place", "stop", link="- -", scale="DCO", tenses="present past future must",
          asks="oui quand", subject="vehicle", weight=2),
    # States.
    _verb("être", "be", "state", scale="d", tenses="present past since", asks="oui pourquoi", weight=6),
    _verb("être", "be", "state", scale="", tenses="present past", asks="oui", weight=6, subject="thing"),
    _verb("être", "be", "located", scale="", tenses="present past", asks="oui où", weight=3, subject="thing"),
    _verb("être", "be", "compare", scale="", tenses="present past", asks="oui", weight=4),
    _verb("avoir", "be", "feeling", scale="d", tenses="present past", asks="oui pourquoi", weight=5),
    _verb("avoir", "be", "age", scale="", tenses="present past", asks="oui", weight=3),
)  # fmt: skip
RAIN = _verb("pleuvoir", "rain", "plain")
SNOW = _verb("neiger", "snow", "plain")
WEATHER = _verb("faire", "be", "weather")
MISS = _verb("manquer", "miss", "miss")
THINK = tuple(
    _verb(french, english, "that") for french, english in (("penser", "think"), ("dire", "say"), ("savoir", "know"))
)


def conjugate(infinitive: str) -> tuple[str, ...]:
    """The six forms of the present tense, in the order of PERSONS."""
    if infinitive in IRREGULAR_FRENCH:
        return tuple(IRREGULAR_FRENCH[infinitive][0].split())
    stem = infinitive.removesuffix("er")
    first_plural = f"{stem}eons" if stem.endswith("g") else f"{stem}ons"  # mangeons, nageons
    return (f"{stem}e", f"{stem}es", f"{stem}e", first_plural, f"{stem}ez", f"{stem}ent")


def imperfect(infinitive: str) -> tuple[str, ...]:
    """The six forms of the imperfect, of être, avoir and faire."""
    return tuple(IRREGULAR_FRENCH[infinitive][2].split())


def participle(infinitive: str, agreement: str = "ms") -> str:
    """The past participle: "allées" for aller and agreement "fp" (gender, then number)."""
    if infinitive in IRREGULAR_FRENCH:
        form = IRREGULAR_FRENCH[infinitive][1]
    else:
        form = f"{infinitive.removesuffix('er')}é"
    plural = "" if agreement[1] == "s" or (agreement[0] == "m" and form.endswith("s")) else "s"
    return form + ("e" if agreement[0] == "f" else "") + plural


def third_person(base: str) -> str:
    """What he or she does: "goes" for go, "looks for" for look for."""
    head, *particle = base.split(" ", 1)
    if head in ("be", "have"):
        form = {"be": "is", "have": "has"}[head]
    elif head.endswith(("s", "sh", "ch", "x", "o")):
        form = f"{head}es"
    elif head.endswith("y") and head[-2] not in "aeiou":
        form = f"{head[:-1]}ies"
    else:
        form = f"{head}s"
    return " ".join([form, *particle])


def simple_past(base: str) -> str:
    """What he or she did: "went" for go, "looked for" for look for."""
    head, *particle = base.split(" ", 1)
    return " ".join([_english_parts(head)[0], *particle])


def past_participle(base: str) -> str:
    """What he or she has done: "lived" for live, "known" for know."""
    head, *particle = base.split(" ", 1)
    return " ".join([_english_parts(head)[1], *particle])


def _english_parts(head: str) -> tuple[str, str]:
    if head in IRREGULAR_ENGLISH:
        return IRREGULAR_ENGLISH[head]
    regular = f"{head}d" if head.endswith("e") else f"{head}ed"
    if head.endswith("y") and head[-2] not in "aeiou":
        regular = f"{head[:-1]}ied"
    return regular, regular
