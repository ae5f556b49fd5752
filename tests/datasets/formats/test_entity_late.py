"""Files whose first thousands of rows label nothing: how labels are written is told from the first that do."""

import json

import pytest

from utils.datasets.readers.entity_columns import PEEK
from utils.datasets.readers.entity_files import Example, examine_entities
from utils.datasets.readers.entity_json import SURVEYED

PLAIN, SIZE = ["the", "mill", "at", "noon"], 4
LATE = ["Ilse", "Brandt", "left"]
PER, NAME = [("PER", "Ilse Brandt")], [("per", "Ilse Brandt")]
WRITTEN = {  # the labels of LATE, and what they mean
    "prefixed": ("B-PER I-PER O", PER),
    "underscores": ("B_PER I_PER O", PER),
    "suffixed": ("PER-B PER-I O", PER),
    "lower-case": ("b-per i-per O", NAME),
    "lower-case underscores": ("b_per i_per O", NAME),
    "full stops, BMES": ("B.PER E.PER O", [("B.PER", "Ilse"), ("E.PER", "Brandt")]),  # no M and no S: it may be a type
    "letters": ("B I O", [("ENTITY", "Ilse Brandt")]),
    "BIOES": ("B-PER E-PER O", PER),
}


@pytest.fixture
def read(tmp_path):
    """The entities of the last example, and the problems, of a file with this content."""

    def of(content):
        (tmp_path / "train").write_text(content, encoding="utf-8")
        items = list(examine_entities(tmp_path / "train"))
        last = [item for item in items if isinstance(item, Example)][-1]
        return [(s.label, last.text[s.start : s.end]) for s in last.spans], [i for i in items if i.__class__ != Example]

    return of


def columns(sign, tags, rows=LATE):
    plain = "".join(f"{word}{sign}O\n" for word in PLAIN) + "\n"
    return plain * (PEEK // SIZE) + "".join(f"{w}{sign}{t}\n" for w, t in zip(rows, tags.split(), strict=True))


def csv_of(tags):
    plain = "".join(f"{word},O\n" for word in PLAIN) + ",\n"
    return (
        "word,tag\n" + plain * (PEEK // SIZE) + "".join(f"{w},{t}\n" for w, t in zip(LATE, tags.split(), strict=True))
    )


def lists(tags):
    plain = json.dumps({"tokens": PLAIN, "ner_tags": ["O"] * SIZE}) + "\n"
    return plain * SURVEYED + json.dumps({"tokens": LATE, "ner_tags": tags.split()}) + "\n"


FORMS = {"tabs": lambda t: columns("\t", t), "spaces": lambda t: columns(" ", t), "CSV": csv_of, "JSON": lists}


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("form", FORMS)
def test_labels_that_come_late_are_read_as_early_ones(read, form, name):
    tags, wanted = WRITTEN[name]
    assert read(FORMS[form](tags))[0] == wanted


OUT = ["o", "NONE", "_", "0", "other", "O-", "OUT"]  # words for O, the only label of the first rows


@pytest.mark.parametrize("out", OUT)
@pytest.mark.parametrize("form", FORMS)
def test_another_word_for_o_is_told_from_the_first_that_are_none(read, form, out):
    content = (
        FORMS[form]("B-PER I-PER O").replace("O\n", f"{out}\n").replace('"O"', f'"{out}"').replace("O,", f"{out},")
    )
    found, told = read(content)
    assert found == PER and all(problem.kept for problem in told)
    if form in ("tabs", "spaces"):  # such files are told apart by fewer lines
        assert read("\n".join(content.split("\n")[-300:]))[0] == PER


def test_numbers_for_labels_that_begin_late_are_named(read, tmp_path):
    (tmp_path / "labels.txt").write_text("O\nB-PER\nI-PER\n")
    assert read(columns("\t", "1 2 0").replace("O\n", "0\n"))[0] == PER


def test_rows_that_all_end_in_one_word_are_no_columns(tmp_path):
    (tmp_path / "train").write_text("we go out\nthey went out\n" * 200 + "we stay in\n")
    (problem,) = examine_entities(tmp_path / "train")
    assert problem.kind == "unknown format"


def test_of_two_columns_of_labels_that_begin_late_the_outer_is_taken(read):
    content = "".join(f"{word}\tO\tO\n" for word in PLAIN) * (PEEK // SIZE) + "\nTSV\tB-ORG\tO\nRain\tI-ORG\tB-LOC\n"
    found, told = read(content)
    assert found == [("ORG", "TSV Rain")] and "columns 2 and 3 hold labels" in told[0].message


def test_ends_that_are_the_last_character_are_told_however_late(read):
    plain = json.dumps({"text": "the mill at noon", "label": []}) + "\n"
    late = json.dumps({"text": "Ilse Brandt left Orsk.", "label": [[0, 10, "PER"], [17, 20, "LOC"]]}) + "\n"
    found, told = read(plain * SURVEYED + late * 2)
    assert found == [("PER", "Ilse Brandt"), ("LOC", "Orsk")] and "the end being the last" in told[0].message


def test_numbers_of_types_that_come_late_are_named(read, tmp_path):
    (tmp_path / "labels.txt").write_text("PER\nLOC\n")
    plain = json.dumps({"text": "the mill at noon", "label": []}) + "\n"
    assert read(plain * SURVEYED + json.dumps({"text": "Orsk", "label": [[0, 4, 1]]}))[0] == [("LOC", "Orsk")]


SCHEMES = {
    "BMES, full stops": ("Ilse\tB.PER\nMaria\tM.PER\nBrandt\tE.PER\nleft\tO\nOrsk\tS.LOC\n", "Ilse Maria Brandt"),
    "BMES behind": ("Ilse\tPER_B\nMaria\tPER_M\nBrandt\tPER_E\nleft\tO\nOrsk\tLOC_S\n", "Ilse Maria Brandt"),
    "lower-case, spaces": ("Ilse b-PER\nBrandt i-PER\nleft o\n", "Ilse Brandt"),
    "lower-case, spaces, one row": ("Ilse b-PER\n", "Ilse"),
    "behind, spaces": ("Ilse PER-B\nBrandt PER-I\nleft O\n", "Ilse Brandt"),
    "behind a stroke": ("Ilse\tPER/B\nBrandt\tPER/I\nleft\tO\n", "Ilse Brandt"),
    "behind a full stop": ("Ilse\tPER.B\nBrandt\tPER.I\nleft\tO\n", "Ilse Brandt"),
    "nothing behind O": ("Ilse\tB-PER\nBrandt\tI-PER\nleft\tO-\nat\tO-\nnoon\tO-\nand\tO-\n", "Ilse Brandt"),
    "none behind O": ("Ilse B-PER\nBrandt I-PER\nleft O-None\nat O-None\nnoon O-None\n", "Ilse Brandt"),
    "O behind O": ("word,tag\nIlse,B-PER\nBrandt,I-PER\nleft,O-O\n", "Ilse Brandt"),
    "BMEWO": ("Ilse\tB_PER\nBrandt\tE_PER\nleft\tO\nOrsk\tW_LOC\n", "Ilse Brandt"),
    "BMEWO+": ("Ilse\tB_PER\nBrandt\tE_PER\nleft\tEE_O_PER\nnear\tBB_O_LOC\nOrsk\tW_LOC\n.\tWW_O_EOS\n", "Ilse Brandt"),
    "underscores, spaces": ("Ilse B_PER\nBrandt I_PER\nleft O\n", "Ilse Brandt"),
}


@pytest.mark.parametrize("name", SCHEMES)
def test_schemes_of_few_labels(read, name):
    content, words = SCHEMES[name]
    found, told = read(content)
    assert found[0] == ("PER", words) and {label for label, _ in found} <= {"PER", "LOC"} and told[0].kept


def test_a_label_of_a_range_of_words_is_not_lost_in_silence(read):
    rows = ["1-2\tau\t{}", "1\tà\tO", "2\tle\tO", "3\tOrsk\tB-LOC"]
    for label, lost in (("B-PER", True), ("O", False), ("_", False)):
        found, told = read("\n".join(rows).format(label) + "\n")
        assert found == [("LOC", "Orsk")] and ("'B-PER' of 1-2" in str(told)) == lost


@pytest.mark.parametrize("types", ["vitamin_B vitamin_E", "B_1 E_2", "B_cell M_cell", "E_621 W_x", "BB_O_1 B_1"])
def test_types_that_end_or_begin_in_a_letter_stay_types(read, types):
    first, second = types.split()
    assert read(f"this\t{first}\nand\tO\nthat\t{second}\n")[0] == [(first, "this"), (second, "that")]
