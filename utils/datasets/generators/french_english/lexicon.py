"""The words of the French→English grammar: what they look like in both languages, and what goes with what.

Nothing here decides anything: utils.datasets.generators.french_english.grammar puts the words together.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Name:
    """A first name, the same in both languages; gender "m" or "f"."""

    text: str
    gender: str


@dataclass(frozen=True)
class Noun:
    """A noun: singular and plural in both languages, gender, what may be done with it, adjectives that suit it.

    A noun without a plural ("pain", "lait") is a mass.
    """

    french: str
    plural: str
    gender: str
    english: str
    english_plural: str
    uses: frozenset[str] = frozenset()
    adjectives: tuple[str, ...] = ()

    @property
    def mass(self) -> bool:
        """Whether it cannot be counted."""
        return not self.plural


@dataclass(frozen=True)
class Adjective:
    """The four French forms by gender and number, that of "un vieil homme" where there is one, and the English."""

    forms: dict[str, str] = field(hash=False)
    english: str
    before: bool


@dataclass(frozen=True)
class Place:
    """A continent, a country or a city; article "le", "la", "les", or "" for a city."""

    article: str
    french: str
    english: str


def _rows(text: str) -> list[list[str]]:
    """Lines of a table, blank ones left out, as lists of stripped cells between bars."""
    return [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line.strip()]


def _nouns(text: str) -> tuple[Noun, ...]:
    found = []
    for french, english, uses, *adjectives in _rows(text):
        *forms, gender = french.split()
        words = [word.replace("_", " ") for word in english.split()]
        plural, english_plural = (forms[1], words[1]) if len(forms) > 1 else ("", "")
        groups = adjectives[0].split() if adjectives else ()
        suits = tuple(word for group in groups for word in GROUPS.get(group, group).split())
        found.append(Noun(forms[0], plural, gender, words[0], english_plural, frozenset(uses.split()), suits))
    return tuple(found)


def _adjectives(text: str) -> dict[str, Adjective]:
    keys = ("ms", "fs", "mp", "fp", "vowel")
    rows = [(forms.split(), english, place) for forms, english, place in _rows(text)]
    return {
        forms[0]: Adjective(dict(zip(keys, forms, strict=False)), english, place == "before")
        for forms, english, place in rows
    }


# Adjectives that often come together, by the name that the tables below give them.
GROUPS = {
    "sizes": "petit grand",
    "ages": "vieux nouveau",
    "colours": "blanc noir rouge vert bleu",
    "origins": "français anglais italien japonais",
}

NAMES = tuple(
    Name(text, gender)
    for gender, names in (("f", "Jane Marie Alice Emma Lina"), ("m", "Paul Omar Karim Victor Antoine Martin"))
    for text in names.split()
)

# French singular, plural and gender | English | what may be done with it | adjectives that suit it
THINGS = _nouns("""
    pomme pommes f | apple apples | eat buy give | petit beau bon rouge vert
    orange oranges f | orange oranges | eat buy give | petit beau bon
    fraise fraises f | strawberry strawberries | eat buy | petit beau bon rouge
    gâteau gâteaux m | cake cakes | eat buy give | sizes beau bon
    œuf œufs m | egg eggs | eat buy | sizes
    tomate tomates f | tomato tomatoes | eat buy | petit beau bon rouge vert
    pain m | bread | eat buy | bon
    fromage m | cheese | eat buy | bon français italien
    soupe f | soup | eat | bon chaud
    poisson m | fish | eat buy | bon
    viande f | meat | eat buy | bon
    riz m | rice | eat buy |
    chocolat m | chocolate | eat buy | bon noir
    eau f | water | drink drink-animal | chaud froid
    lait m | milk | drink drink-animal | chaud froid
    thé m | tea | drink | bon chaud froid vert
    café m | coffee | drink | bon chaud froid
    livre livres m | book books | show read write buy sell give own find lose | ages origins petit beau bon intéressant
    lettre lettres f | letter letters | show read write send find | petit beau vieux
    journal journaux m | newspaper newspapers | read buy | vieux français anglais italien
    histoire histoires f | story stories | read write tell | ages petit beau bon intéressant
    poème poèmes m | poem poems | read write | ages petit beau
    porte portes f | door doors | open | colours sizes vieux
    fenêtre fenêtres f | window windows | open | sizes vieux
    boîte boîtes f | box boxes | open buy find | colours sizes vieux beau
    robe robes f | dress dresses | show dress buy sell own | colours ages petit beau joli jaune gris
    manteau manteaux m | coat coats | wear warm buy sell own lose | colours ages beau gris
    chapeau chapeaux m | hat hats | show wear buy sell own find lose | colours sizes ages beau joli
    chemise chemises f | shirt shirts | wear buy sell own | colours ages beau jaune
    écharpe écharpes f | scarf scarves | wear warm buy sell own find lose | colours ages beau joli jaune gris
    clé clés f | key keys | own lose | ages petit
    montre montres f | watch watches | show buy sell own lose give | ages petit beau joli
    sac sacs m | bag bags | buy sell own lose find | colours sizes ages beau
    parapluie parapluies m | umbrella umbrellas | buy own lose lend | sizes ages noir rouge vert bleu jaune
    vélo vélos m | bike bikes | show buy sell own lend | colours ages petit beau jaune
    voiture voitures f | car cars | show afford own lend | colours sizes ages origins beau gris
    maison maisons f | house houses | afford | sizes ages beau joli blanc
    appartement appartements m | flat flats | afford | sizes ages beau
    photo photos f | photo photos | look show send | sizes beau vieux
    tableau tableaux m | painting paintings | look show buy sell | sizes beau vieux italien français
    fleur fleurs f | flower flowers | look buy sell give | petit beau joli blanc rouge jaune bleu
    étoile étoiles f | star stars | look | petit beau
    film films m | film films | watch | ages origins beau bon intéressant
    chanson chansons f | song songs | listen | ages origins beau joli
    musique f | music | listen | beau
    chat chats m | cat cats | have | sizes beau vieux jeune blanc noir gris
    chien chiens m | dog dogs | have | sizes beau vieux jeune blanc noir
    cheval chevaux m | horse horses | have | sizes beau vieux jeune blanc noir
    oiseau oiseaux m | bird birds | have | sizes beau joli blanc noir bleu jaune
""")

PEOPLE = _nouns("""
    homme hommes m           | man men             | | jeune vieux
    femme femmes f           | woman women         | | jeune vieux
    garçon garçons m         | boy boys            | | petit
    fille filles f           | girl girls          | | petit
    enfant enfants m         | child children      | | petit
    médecin médecins m       | doctor doctors      | | jeune vieux nouveau
    professeur professeurs m | teacher teachers    | | jeune vieux nouveau
    voisin voisins m         | neighbour neighbours | | nouveau vieux
    voisine voisines f       | neighbour neighbours | | nouveau vieux
    étudiant étudiants m     | student students    | | jeune nouveau
    étudiante étudiantes f   | student students    | | jeune nouveau
    boulanger boulangers m   | baker bakers        | | jeune vieux nouveau
    boulangère boulangères f | baker bakers        | | jeune vieux nouveau
""")

KIN = _nouns("""
    frère frères m | brother brothers   | |
    sœur sœurs f   | sister sisters     | |
    père m         | father             | |
    mère f         | mother             | |
    ami amis m     | friend friends     | |
    amie amies f   | friend friends     | |
    oncle oncles m | uncle uncles       | |
    tante tantes f | aunt aunts         | |
    fille filles f | daughter daughters | |
""")

VEHICLES = _nouns("""
    train trains m   | train trains  | | vieux
    bus bus m        | bus buses     | | petit vieux
    avion avions m   | plane planes  | | petit vieux
    bateau bateaux m | boat boats    | | petit vieux blanc
""")

# Buildings that one goes to; a dash: English leaves the article out.
BUILDINGS = _nouns("""
    marché m       | market    | go eat
    école f        | school    | go stay -
    maison f       | home      | stay work eat -
    gare f         | station   | go reach leave
    hôpital m      | hospital  | go work reach leave
    musée m        | museum    | go work visit reach
    plage f        | beach     | go eat
    parc m         | park      | go
    bibliothèque f | library   | go work leave stay
    restaurant m   | restaurant | go work eat reach leave
    hôtel m        | hotel     | go work stay reach leave eat
    aéroport m     | airport   | go work reach leave
    cinéma m       | cinema    | go
    piscine f      | swimming_pool | go
    château m      | castle    | visit go
    port m         | harbour   | go
""")
STOPS = {
    vehicle: next(noun for noun in BUILDINGS if noun.french == stop)
    for vehicle, stop in {"train": "gare", "bus": "hôpital", "avion": "aéroport", "bateau": "port"}.items()
}

ADJECTIVES = _adjectives("""
    petit petite petits petites                       | small       | before
    grand grande grands grandes                       | big         | before
    beau belle beaux belles bel                       | beautiful   | before
    joli jolie jolis jolies                           | pretty      | before
    bon bonne bons bonnes                             | good        | before
    vieux vieille vieux vieilles vieil                | old         | before
    nouveau nouvelle nouveaux nouvelles nouvel        | new         | before
    jeune jeune jeunes jeunes                         | young       | before
    blanc blanche blancs blanches                     | white       | after
    noir noire noirs noires                           | black       | after
    rouge rouge rouges rouges                         | red         | after
    vert verte verts vertes                           | green       | after
    bleu bleue bleus bleues                           | blue        | after
    jaune jaune jaunes jaunes                         | yellow      | after
    gris grise gris grises                            | grey        | after
    chaud chaude chauds chaudes                       | hot         | after
    froid froide froids froides                       | cold        | after
    intéressant intéressante intéressants intéressantes | interesting | after
    français française français françaises             | French      | after
    anglais anglaise anglais anglaises                | English     | after
    italien italienne italiens italiennes             | Italian     | after
    japonais japonaise japonais japonaises            | Japanese    | after
    fatigué fatiguée fatigués fatiguées               | tired       | after
    heureux heureuse heureux heureuses                | happy       | after
    malade malade malades malades                     | ill         | after
    triste triste tristes tristes                     | sad         | after
    prêt prête prêts prêtes                           | ready       | after
    absent absente absents absentes                   | absent      | after
    ouvert ouverte ouverts ouvertes                   | open        | after
    fermé fermée fermés fermées                       | closed      | after
    cher chère chers chères                           | expensive   | after
    vide vide vides vides                             | empty       | after
""")
COLOURS_AND_ORIGINS = frozenset(
    "blanc noir rouge vert bleu jaune gris français anglais italien japonais chaud froid".split()
)
MOODS = ("fatigué", "heureux", "malade", "triste", "prêt", "absent")
# A comparison of two people: French adjective, English comparative.
COMPARATIVES = {"grand": "taller", "petit": "shorter", "jeune": "younger", "fort": "stronger"}
ADJECTIVES |= _adjectives("fort forte forts fortes | strong | after")
# What a thing can be said to be.
STATES = {
    "porte": "ouvert fermé blanc vert rouge",
    "fenêtre": "ouvert fermé petit grand",
    "boîte": "ouvert fermé vide petit",
    "sac": "vide ouvert petit noir",
    "maison": "petit grand beau vieux cher",
    "appartement": "petit grand cher",
    "voiture": "rouge bleu cher vieux petit",
    "robe": "beau rouge cher bleu",
    "manteau": "noir gris vieux cher",
    "soupe": "chaud froid bon",
    "café": "chaud froid bon",
    "thé": "chaud froid bon",
    "eau": "chaud froid",
    "livre": "intéressant cher vieux",
    "film": "intéressant bon",
    "gâteau": "bon petit",
    "fleur": "beau rouge jaune",
    "montre": "cher vieux",
}

# What can belong to somebody, beside what is marked "own"; what can lie somewhere.
OWNED = frozenset("lettre photo tableau histoire poème".split())
NOT_LYING = frozenset("voiture vélo soupe histoire poème viande eau".split())
MOVABLE = frozenset("livre lettre journal robe manteau chapeau chemise écharpe clé montre sac parapluie photo".split())

PLACES = tuple(
    Place(article, *pair.split("/"))
    for article, pairs in {
        "la": "Afrique/Africa Asie/Asia Europe/Europe France/France Italie/Italy Espagne/Spain Inde/India "
        "Chine/China Grèce/Greece Égypte/Egypt Norvège/Norway",
        "le": "Japon/Japan Brésil/Brazil Canada/Canada Maroc/Morocco Portugal/Portugal Sénégal/Senegal Ouganda/Uganda",
        "les": "États-Unis/the_United_States Pays-Bas/the_Netherlands",
        "": "Paris/Paris Londres/London Rome/Rome Athènes/Athens Lisbonne/Lisbon Tokyo/Tokyo Dakar/Dakar "
        "Vienne/Vienna Bruxelles/Brussels Oslo/Oslo",
    }.items()
    for pair in pairs.split()
)

BY_SEA = frozenset(
    "Afrique Asie Europe Italie Espagne Inde Grèce Égypte Norvège Japon Brésil Portugal Maroc Sénégal "
    "États-Unis Pays-Bas Londres Lisbonne Athènes Tokyo Dakar Oslo".split()
)

MONTHS = dict(
    pair.split("/")
    for pair in "janvier/January février/February mars/March avril/April mai/May juin/June juillet/July août/August "
    "septembre/September octobre/October novembre/November décembre/December".split()
)
DAYS = dict(
    pair.split("/")
    for pair in "lundi/Monday mardi/Tuesday mercredi/Wednesday jeudi/Thursday vendredi/Friday samedi/Saturday "
    "dimanche/Sunday".split()
)
SEASONS = {"en été": "in summer", "en automne": "in autumn", "en hiver": "in winter", "au printemps": "in spring"}
NUMBERS = dict(
    pair.split("/")
    for pair in "deux/two trois/three quatre/four cinq/five six/six sept/seven huit/eight neuf/nine dix/ten "
    "onze/eleven douze/twelve".split()
)
ADULT_AGES = {"vingt": "twenty", "trente": "thirty", "quarante": "forty"}
CHILDREN = frozenset({"noun:garçon", "noun:fille", "noun:enfant"})

# Times that are one fixed phrase: by tense and by scale (L months and years, D days).
FIXED_TIMES = {
    ("present", "L"): {"chaque année": "every year", "chaque été": "every summer", "chaque hiver": "every winter"},
    ("present", "D"): {
        "le matin": "in the morning",
        "le soir": "in the evening",
        "l'après-midi": "in the afternoon",
        "tous les jours": "every day",
        "tous les soirs": "every evening",
        "tous les matins": "every morning",
    },
    ("past", "L"): {
        "l'année dernière": "last year",
        "le mois dernier": "last month",
        "l'été dernier": "last summer",
        "l'hiver dernier": "last winter",
    },
    ("past", "D"): {
        "hier": "yesterday",
        "hier soir": "last night",
        "ce matin": "this morning",
        "la semaine dernière": "last week",
    },
    ("future", "L"): {
        "l'année prochaine": "next year",
        "le mois prochain": "next month",
        "l'été prochain": "next summer",
        "l'hiver prochain": "next winter",
    },
    ("future", "D"): {
        "demain": "tomorrow",
        "demain matin": "tomorrow morning",
        "ce soir": "tonight",
        "la semaine prochaine": "next week",
    },
}
BEDTIMES = {"lever": ("cinq", "six", "sept", "huit", "neuf"), "coucher": ("huit", "neuf", "dix", "onze")}
ADVERBS = {"souvent": "often", "parfois": "sometimes", "rarement": "rarely"}

# Where things happen: French preposition and English, then the nouns.
PREPOSITIONS = {
    "dans": "in",
    "sur": "on",
    "sous": "under",
    "devant": "in front of",
    "derrière": "behind",
    "près de": "near",
    "à côté de": "next to",
}
SPOTS = _nouns("""
    jardin m  | garden    |
    parc m    | park      |
    cuisine f | kitchen   |
    chambre f | bedroom   |
    forêt f   | forest    |
    rue f     | street    |
    plage f   | beach     |
    maison f  | house     |
    école f   | school    |
    gare f    | station   |
    musée m   | museum    |
    rivière f | river     |
    lac m     | lake      |
    mer f     | sea       |
    arbre m   | tree      |
    table f   | table     |
    lit m     | bed       |
    sac m     | bag       |
    boîte f   | box       |
    voiture f | car       |
    fenêtre f | window    |
    pont m    | bridge    |
    piscine f | swimming_pool |
""")
LOCATIONS = {
    "sleep": "dans jardin, dans chambre, sous arbre, sur plage, dans voiture, près de fenêtre",
    "sing": "dans jardin, dans rue, dans cuisine, devant musée, sous arbre, devant école",
    "dance": "dans rue, dans cuisine, sur plage, dans jardin, devant gare",
    "swim": "dans lac, dans mer, dans rivière, dans piscine",
    "run": "dans parc, dans forêt, dans rue, sur plage, près de rivière, à côté de lac",
    "walk": "dans parc, dans forêt, dans rue, sur plage, près de rivière, près de lac, derrière musée",
    "wait": "devant gare, devant musée, devant école, près de pont, à côté de gare, devant maison",
    "home": "dans jardin, dans parc, dans cuisine, sous arbre, près de fenêtre",
    "things": "sur table, sous table, sur lit, sous lit, dans sac, dans boîte, dans voiture, dans cuisine, "
    "près de fenêtre, à côté de lit",
    "food": "sur table, dans cuisine, près de fenêtre",
    "animals": "dans jardin, dans rue, devant maison, derrière maison, sous arbre, dans parc, sur pont, près de lac, "
    "à côté de école, derrière école",
}

# Objects that are one fixed phrase: French: English verb, English phrase.
FIXED_OBJECTS = {
    "vehicle": {
        "le train": "take the train",
        "le bus": "take the bus",
        "l' avion": "take the plane",
        "le bateau": "take the boat",
        "le petit-déjeuner": "have breakfast",
    },
    "meal": {
        "le petit-déjeuner": "prepare breakfast",
        "le déjeuner": "prepare lunch",
        "le dîner": "prepare dinner",
    },
    "do": {
        "la cuisine": "cook",
        "les courses": "do the shopping",
        "la vaisselle": "wash the dishes",
        "le ménage": "do the housework",
    },
    "play": {
        "à le football": "play football",
        "à le tennis": "play tennis",
        "à les échecs": "play chess",
        "à les cartes": "play cards",
        "de le piano": "play the piano",
        "de la guitare": "play the guitar",
        "de le violon": "play the violin",
        "de la flûte": "play the flute",
    },
    "speak": {
        "français": "speak French",
        "anglais": "speak English",
        "espagnol": "speak Spanish",
        "italien": "speak Italian",
        "japonais": "speak Japanese",
        "arabe": "speak Arabic",
    },
    "learn": {
        "le français": "learn French",
        "l' anglais": "learn English",
        "l' espagnol": "learn Spanish",
        "l' italien": "learn Italian",
        "le japonais": "learn Japanese",
        "l' arabe": "learn Arabic",
        "la musique": "learn music",
    },
    "like": {
        "le chocolat": "like chocolate",
        "le fromage": "like cheese",
        "le thé": "like tea",
        "le café": "like coffee",
        "la soupe": "like soup",
        "le poisson": "like fish",
        "la musique": "like music",
        "la mer": "like the sea",
        "les chats": "like cats",
        "les chiens": "like dogs",
        "les chevaux": "like horses",
        "les oiseaux": "like birds",
        "les fleurs": "like flowers",
        "les livres": "like books",
        "les films": "like films",
        "l' hiver": "like winter",
        "l' automne": "like autumn",
        "voyager": "like to travel",
        "lire": "like to read",
        "nager": "like to swim",
        "danser": "like to dance",
        "chanter": "like to sing",
    },
    "listen": {"la radio": "listen to the radio", "la chanson": "listen to the song"},
}
FIXED_OBJECTS["hate"] = {
    french: english.replace("like", "hate", 1) for french, english in FIXED_OBJECTS["like"].items()
}
FEELINGS = {
    "faim": "hungry",
    "soif": "thirsty",
    "froid": "cold",
    "chaud": "hot",
    "peur": "afraid",
    "sommeil": "sleepy",
    "raison": "right",
    "tort": "wrong",
}
WEATHER = {"froid": "cold", "chaud": "hot"}

# Pairs of verbs with one object, which the second names by a pronoun; by what is done to it: first, then second.
CHAINS = (
    ("acheter", "manger", "eat"),
    ("acheter", "lire", "read"),
    ("acheter", "porter", "wear"),
    ("trouver", "lire", "read"),
    ("trouver", "ouvrir", "open"),
    ("trouver", "porter", "wear"),
)
# By what people are told from others: "la femme qui porte une robe".
WHO = ("habiter", "porter", "vendre", "travailler", "parler")
FOR_ADULTS = frozenset({"travailler"})
# What somebody did to a thing before, and what is done to it now: "le livre que Jane a acheté".
RELATIVES = {
    "acheter": ("lire", "porter", "manger", "ouvrir", "vendre"),
    "écrire": ("lire", "acheter"),
    "trouver": ("lire", "porter", "ouvrir"),
    "perdre": ("chercher", "trouver"),
    "vendre": ("lire", "porter", "chercher"),
}
# What people do, and the states that explain it: adjectives, or what French has.
REASONS = {
    "manger": ("faim",),
    "boire": ("soif",),
    "dormir": ("fatigué", "malade", "sommeil"),
    "rester": ("malade", "fatigué", "peur"),
    "coucher": ("fatigué", "sommeil", "malade"),
    "reposer": ("fatigué", "malade", "triste"),
    "porter": ("froid",),
    "chanter": ("heureux",),
    "danser": ("heureux",),
}
REASONS_NOT_TO = {
    "travailler": ("malade", "fatigué"),
    "courir": ("fatigué", "malade"),
    "nager": ("froid", "peur", "malade"),
    "danser": ("triste", "fatigué"),
    "chanter": ("triste", "malade"),
    "voyager": ("malade", "peur"),
    "jouer": ("fatigué", "malade", "triste"),
}
# Where it snows, and when the weather is what it is.
SNOWY = frozenset(
    "Europe France Norvège Canada Japon Chine Italie Oslo Vienne Bruxelles Paris Londres Tokyo Pays-Bas".split()
)
SEASONABLE = {
    "pleuvoir": ("avril", "mai", "septembre", "octobre", "novembre", "janvier"),
    "neiger": ("décembre", "janvier", "février"),
    "froid": ("novembre", "décembre", "janvier", "février", "mars"),
    "chaud": ("juin", "juillet", "août", "septembre"),
    "beau": ("avril", "mai", "juin", "juillet", "août", "septembre"),
}
# What the weather makes people do.
WEATHER_ACTS = {
    "pleuvoir": ("rester", "lire", "dormir", "écouter", "faire"),
    "neiger": ("rester", "lire", "préparer", "dormir"),
    "froid": ("rester", "porter", "dormir", "lire"),
    "chaud": ("nager", "reposer", "dormir", "boire"),
}
