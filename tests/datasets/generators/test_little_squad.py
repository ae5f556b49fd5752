"""Little SQuAD: every answer stands where it is said to stand, and reading is needed to find it."""

import json
import re
from collections import Counter

import pytest

from utils.datasets.generators import little_squad as data

ROOT = data.FOLDER.parents[1]
ARTICLES = {split: json.loads((data.FOLDER / f"{split}.json").read_text("utf-8"))["data"] for split in data.SPLITS}
PASSAGES = [(split, article["title"], article["paragraphs"][0]) for split in data.SPLITS for article in ARTICLES[split]]
QUESTIONS = [(split, passage["context"], question) for split, _, passage in PASSAGES for question in passage["qas"]]
ANSWERABLE = [item for item in QUESTIONS if not item[2]["is_impossible"]]
COMMON = set("a an and are as at be been but by do does did for from had has have he her his how in is it its".split())
COMMON |= set("not of on or she that the their they this to was were what when where which who why with".split())


def words(text):
    return re.findall(r"\w+", text.lower())


def sentences(context):
    """Start and end of each sentence."""
    return [match.span() for match in re.finditer(r"\S.*?(?:[.!?]\W*(?=\s|$)|$)", context, re.MULTILINE)]


def sentence_most_like(question, context):
    """What a reader finds who only counts shared words."""
    asked = set(words(question)) - COMMON
    return max(sentences(context), key=lambda span: len(asked & set(words(context[slice(*span)]))))


def f1(predicted, gold):
    """As SQuAD counts it: articles and punctuation left out."""
    predicted, gold = ([w for w in words(text) if w not in ("a", "an", "the")] for text in (predicted, gold))
    shared = sum((Counter(predicted) & Counter(gold)).values())
    return 2 * shared / (len(predicted) + len(gold))


# The files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("split", data.SPLITS)
def test_the_json_is_what_the_source_compiles_to(split):
    assert (data.FOLDER / f"{split}.json").read_text("utf-8") == data.compile_split(split)
    assert json.loads(data.compile_split(split))["version"] == "v2.0"


def test_every_answer_stands_where_it_is_said_to_stand():
    for _, context, question in QUESTIONS:
        for answer in question["answers"] + question.get("plausible_answers", []):
            text, start = answer["text"], answer["answer_start"]
            end = start + len(text)
            assert context[start:end] == text == text.strip() != ""
            before = start and (context[start - 1] + text[0]).isalnum()
            cuts_a_word = before or (end < len(context) and (text[-1] + context[end]).isalnum())
            assert not cuts_a_word, (question["question"], text)


def test_a_question_has_answers_or_plausible_ones():
    for _, _, question in QUESTIONS:
        expected = {"id", "question", "is_impossible", "answers"}
        expected |= {"plausible_answers"} if question["is_impossible"] else set()
        assert set(question) == expected and question["question"].endswith("?"), question["question"]
        assert bool(question["answers"]) is not question["is_impossible"], question["question"]
        assert question.get("plausible_answers") != [], question["question"]
        texts = [answer["text"] for answer in question["answers"]]
        assert len(texts) == len(set(texts)), question["question"]


def test_there_is_enough_of_it():
    assert len(PASSAGES) >= 300 and len(QUESTIONS) >= 3_500
    counts = Counter(split for split, *_ in PASSAGES)
    assert counts["train"] >= 250 and counts["dev"] >= 40 and counts["test"] >= 22
    for split, title, passage in PASSAGES:
        shortest, longest, fewest = (80, 180, 8) if split == "test" else (35, 320, 4)
        assert shortest <= len(passage["context"].split()) <= longest and len(passage["qas"]) >= fewest, title


@pytest.mark.parametrize(("split", "most"), [("train", 0.2), ("dev", 0.2), ("test", 0.16)])
def test_about_one_in_six_is_unanswerable(split, most):
    impossible = [question["is_impossible"] for where, _, question in QUESTIONS if where == split]
    assert 0.13 <= sum(impossible) / len(impossible) <= most


def test_no_passage_is_in_two_splits():
    titles = [title for _, title, _ in PASSAGES]
    assert len(titles) == len(set(titles))
    seen = Counter()
    for _, _, passage in PASSAGES:
        said = words(passage["context"])
        seen.update({tuple(said[i : i + 8]) for i in range(len(said) - 7)})
    assert [run for run, number in seen.items() if number > 1] == []


def test_no_question_is_nearly_another():
    """Of all the words of any two questions, at most two thirds are in both."""
    bags = [(set(words(question["question"])), question["question"]) for _, _, question in QUESTIONS]
    known, met, near = Counter(word for bag, _ in bags for word in bag), {}, []
    for number, (bag, question) in enumerate(bags):
        rare = sorted(bag, key=lambda word: (known[word], word))[: len(bag) // 3 + 1]  # two that are near share one
        others = {n for word in rare for n in met.get(word, ())}
        near += [(question, bags[n][1]) for n in others if 3 * len(bag & bags[n][0]) > 2 * len(bag | bags[n][0])]
        for word in rare:
            met.setdefault(word, []).append(number)
    assert near == []


NEIGHBOURS = {("The lighthouse lens", "Letter from a lighthouse")}  # a lens in one, a keeper's winter in the other
PLAIN = set(
    "museum label notice letter diary timetable minutes found lost rules first second new little old "
    "town cold road".split()
)


def names(text):
    """Words with a capital that do not begin a sentence."""
    found = Counter()
    for start, end in sentences(text):
        found.update(
            word.removesuffix("'s") for word in re.findall(r"[\w'-]+", text[start:end])[1:] if word[0].isupper()
        )
    return found


def test_no_passage_to_learn_from_is_about_a_subject_of_the_test():
    """No title has another's words, and what a test passage names more than once, or in its title, is in no title."""
    tested = {title: passage["context"] for split, title, passage in PASSAGES if split == "test"}
    subjects = {title: set(words(title)) - COMMON - PLAIN for _, title, _ in PASSAGES}
    for split, title, _ in PASSAGES:
        for other, context in tested.items() if split != "test" else ():
            if (title, other) in NEIGHBOURS:
                continue
            assert not (subjects[title] <= subjects[other] or subjects[other] <= subjects[title]), (title, other)
            named = {name.lower() for name, times in names(context).items() if times > 1 and len(name) > 3}
            assert not subjects[title] & named, (title, other)


SURNAMES = set(
    "Achebe Ahonlinna Appert Coney Dace Donkin Durand Laennec Okell Palmas Pardo Platt Quist Rockmore Seeberger "
    "Solano Spencer Stimson Szeliga Termen Tibbs Umber Walden".split()
)


def test_who_has_a_surname_in_the_test_has_none_elsewhere():
    found = {(split == "test", word) for split, title, passage in PASSAGES
             for word in re.findall(r"\w+", f"{title} {passage['context']}")}  # fmt: skip
    assert {(True, name) for name in SURNAMES} <= found and not {(False, name) for name in SURNAMES} & found


def test_no_sentence_of_the_test_is_learnt():
    tested = {tuple(words(passage["context"][slice(*span)])) for split, _, passage in PASSAGES if split == "test"
              for span in sentences(passage["context"])}  # fmt: skip
    for split, title, passage in PASSAGES:
        said = {tuple(words(passage["context"][slice(*span)])) for span in sentences(passage["context"])}
        assert split == "test" or not said & tested, title


def test_the_ids_are_unique_and_stay_when_others_come_and_go(tmp_path):
    ids = [question["id"] for _, _, question in QUESTIONS]
    assert len(ids) == len(set(ids))
    source = data.FOLDER / "source" / "test" / "journeys_and_notices.txt"
    first, *rest = data.read_source(source)[0]["paragraphs"][0]["qas"]
    assert first["id"] == "jane-s-plans-7e9646ca"
    shorter = tmp_path / "shorter.txt"
    lines = source.read_text("utf-8").split("\n? ")
    shorter.write_text("\n? ".join([lines[0], *lines[2:]]), "utf-8")
    assert data.read_source(shorter)[0]["paragraphs"][0]["qas"] == rest


def test_the_running_sentences_are_there():
    asked = {question["question"]: (split, question) for split, _, question in QUESTIONS}
    split, jane = asked["When will Jane go to Africa?"]
    assert split == "test" and {answer["text"] for answer in jane["answers"]} == {"in September", "September"}
    assert any("The train left the station on time" in passage["context"] for _, _, passage in PASSAGES)
    assert sum("Africa" in passage["context"] and "Jane" in title for _, title, passage in PASSAGES) == 2


def test_the_data_are_described():
    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for split in data.SPLITS:
        assert f"little_squad/{split}.json" in text
    assert f"{len(PASSAGES):,} passages" in text and f"{len(QUESTIONS):,} questions" in text


def test_the_text_is_plain_british_english():
    everything = "\n".join(path.read_text("utf-8") for path in (data.FOLDER / "source").rglob("*.txt"))
    american = (
        r"\b(colors?|(?:centi|kilo)?meters?|liters?|center|gray|favorite|traveled|theater|labor|harbor|neighbors?)\b"
    )
    assert re.findall(american, everything) == [] and re.findall("[“”‘’\t\u00a0]|  ", everything) == []


# Reading is needed ---------------------------------------------------------------------------------


@pytest.mark.parametrize("split", data.SPLITS)
def test_counting_shared_words_does_not_find_the_answer(split):
    scores, found = [], []
    for where, context, question in ANSWERABLE:
        if where == split:
            start, end = sentence_most_like(question["question"], context)
            scores.append(max(f1(context[start:end], answer["text"]) for answer in question["answers"]))
            found.append(any(start <= answer["answer_start"] < end for answer in question["answers"]))
    assert sum(scores) / len(scores) < 0.2 and sum(found) / len(found) < 0.5


@pytest.mark.parametrize("split", data.SPLITS)
def test_shared_words_do_not_tell_what_is_unanswerable(split):
    """Of those that share most words with their passage, most have an answer; of those that share least, too."""
    shares = []
    for where, context, question in QUESTIONS:
        asked = set(words(question["question"])) - COMMON
        if where == split:
            shares.append((len(asked & set(words(context))) / len(asked), question["is_impossible"]))
    number = sum(impossible for _, impossible in shares)
    by_share = [impossible for _, impossible in sorted(shares, key=lambda pair: pair[0])]
    assert sum(by_share[:number]) / number < 0.45 and sum(by_share[-number:]) / number < 0.45


@pytest.mark.parametrize("split", data.SPLITS)
def test_answers_come_from_all_over_the_passage(split):
    fifths, first = Counter(), 0
    items = [(context, question["answers"][0]) for where, context, question in ANSWERABLE if where == split]
    for context, answer in items:
        fifths[5 * answer["answer_start"] // len(context)] += 1
        first += answer["answer_start"] < sentences(context)[0][1]
    assert min(fifths[i] for i in range(5)) / len(items) > 0.12 and first / len(items) < 0.2


@pytest.mark.parametrize("split", data.SPLITS)
def test_answers_and_questions_vary(split):
    chosen = [question for where, _, question in ANSWERABLE if where == split]
    lengths = [len(question["answers"][0]["text"].split()) for question in chosen]
    assert all(
        sum(low <= n <= high for n in lengths) / len(lengths) > 0.15 for low, high in ((1, 1), (2, 2), (3, 4), (5, 99))
    )
    asked = Counter(word for question in chosen for word in words(question["question"])[:2])
    assert all(asked[word] >= 4 for word in ("what", "who", "where", "when", "which", "why", "how"))
    if split != "train":
        assert sum(len(question["answers"]) > 1 for question in chosen) / len(chosen) > 0.5


# The compiler --------------------------------------------------------------------------------------

SMALL = """= Tea

Tea is hot. Cold tea is
not hot.

So there — tea.

? How is tea?
+ hot [1]
+ Tea is hot
? How is coffee?
- hot [2]
"""


@pytest.fixture
def put(tmp_path):
    def write(text):
        (tmp_path / "small.txt").write_text(text, "utf-8")
        return tmp_path / "small.txt"

    return write


def test_a_source_is_read(put):
    (article,) = data.read_source(put(SMALL))
    context = "Tea is hot. Cold tea is not hot.\nSo there — tea."
    assert article["title"] == "Tea" and article["paragraphs"][0]["context"] == context
    first, second = article["paragraphs"][0]["qas"]
    assert first["answers"] == [{"text": "hot", "answer_start": 7}, {"text": "Tea is hot", "answer_start": 0}]
    assert second["plausible_answers"] == [{"text": "hot", "answer_start": 28}] and second["answers"] == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("+ hot [1]", "+ hot", 9, r"stands 2 times .*\[1\]"),
        ("+ hot [1]", "+ hot [3]", 9, r"stands 2 times .* no \[3\]"),
        ("+ hot [1]", "+ warm", 9, 'does not have these words: "warm"'),
        ("+ hot [1]", "+ ho", 9, 'does not have these words: "ho"'),
        ("+ Tea is hot", "- Tea is hot", 10, "not both"),
        ("- hot [2]\n", "", 11, "no answer follows"),
        ("? How is coffee?", "? How is tea?", 11, "the question of line 8 again"),
        ("? How is coffee?", "How is coffee?", 11, "the passage has ended.*How is coffee"),
        ("? How is coffee?", "?", 11, r'nothing stands behind the sign "\?"'),
        ("= Tea\n", "", 2, "a title must come first"),
        ("? How is tea?\n", "", 8, "an answer stands before the first question"),
        ("So there — tea.\n\n?", "So there — tea.\n\n= Milk\n?", 9, "the passage must come before its questions"),
        ("- hot [2]\n", "- hot [2]\n\n= Milk\n\nMilk is white.\n", 16, 'no question follows "Milk is white'),
    ],
)
def test_what_cannot_be_compiled_is_told_with_file_and_line(put, old, new, line, message):
    path = put(SMALL.replace(old, new, 1))
    with pytest.raises(data.SourceError, match=message) as told:
        data.read_source(path)
    assert str(told.value).startswith(f"{path}, line {line}: ")


def test_an_unknown_split_is_told():
    with pytest.raises(ValueError, match=r"train, dev, test. Received: split='valid'"):
        data.compile_split("valid")
