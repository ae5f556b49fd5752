"""A folder's tokenizer, from tokenizer.json or from vocab.txt and its settings; and what to write beside it.

Files that say something are obeyed, or refused where they cannot be; where two contradict each other, or one had to be
guessed, a warning says so.
"""

import json
import warnings
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from utils.pretrained.files import EncoderError, read_json, refuse_pointer

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
ROLES = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
# tokenizer_config.json's name -> the normaliser's in tokenizer.json
NORMALISER = {"do_lower_case": "lowercase", "strip_accents": "strip_accents"}
NORMALISER["tokenize_chinese_chars"] = "handle_chinese_chars"
OF_BERT = {"BertTokenizer", "BertTokenizerFast", "DistilBertTokenizer", "DistilBertTokenizerFast", "ElectraTokenizer"}
OF_BERT |= {"ElectraTokenizerFast", "PreTrainedTokenizerFast", "TokenizersBackend", None}
AS_IT_STANDS = {"PreTrainedTokenizerFast", "TokenizersBackend", None}  # classes that take tokenizer.json as it is
KIND_OF = {"Bert": "WordPiece", "DistilBert": "WordPiece", "Electra": "WordPiece", "MPNet": "WordPiece"}
KIND_OF |= {"XLMRoberta": "Unigram", "Roberta": "BPE"}  # of other classes: what their tokenizer.json holds
SHOWN = 4  # of many names, so many are named
WRITE_IT = (
    "Where transformers reads the folder, AutoTokenizer.from_pretrained(folder).save_pretrained(folder) writes a "
)
WRITE_IT += "tokenizer.json, which is read"


def read_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer, which neither cuts nor pads, and sets a mark before and one after each text.

    A mark written in a text ("[SEP]") stays text; other added tokens ("[E1]") are kept whole. Of a pair the second
    text has the type 1, or 0 where the model was not to be told the two apart.

    Raises:
        EncoderError: there is no file of one, it cannot be read, or asks for what is not supported.
    """
    settings = {}
    for name in ("special_tokens_map.json", "tokenizer_config.json"):
        if (folder / name).is_file():
            settings |= read_json(folder / name)
    names = {role: _name(settings.get(role)) or name for role, name in zip(ROLES, SPECIAL, strict=True)}
    path = folder / "tokenizer.json"
    if path.is_file():
        content = read_json(path)
        _say_contradictions(folder, content, settings)
        tokenizer = _built(path, _with_extras_kept_whole(content, names))
    else:
        tokenizer = _of_vocabulary(folder, settings, names)
    _add(folder, tokenizer, settings, names)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    if len(tokenizer.encode("").ids) == 0:
        tokenizer.post_processor = _marks_around(folder, tokenizer, names)
        if path.is_file() and settings.get("tokenizer_class") in AS_IT_STANDS - {None}:
            _warn(
                f"{folder}: tokenizer.json sets no marks around a text. A BERT is trained with them, so "
                f"{' and '.join(tokenizer.encode('').tokens)} are set; transformers sets none. If the model was "
                "trained without them, it cannot be read here"
            )
    if (number := len(tokenizer.encode("").ids)) != 2 or not _are_around(tokenizer):
        raise EncoderError(
            f"The tokenizer in {folder} sets {number} marks beside a text; BERT's sets one before it and one after it, "
            "such as [CLS] and [SEP]. Mend the post_processor in tokenizer.json, or pass another folder"
        )
    if len(tokenizer.encode("", "")) == 0:  # only told what stands around one text
        tokenizer.post_processor = _for_pairs_too(tokenizer)
        _warn(f"{folder}: nothing says which marks stand around two texts. As BERT has it: {_shown(tokenizer)}")
    pair = tokenizer.encode("", "")
    if [*pair.ids[:1], *pair.ids[-1:]] != tokenizer.encode("").ids or len(pair) < 3:
        raise EncoderError(
            f"The tokenizer in {folder} sets {' '.join(tokenizer.encode('').tokens)} around a text, and "
            f"{' '.join(pair.tokens) or 'nothing'} around and between two: they must begin and end alike, with a mark "
            "between. Mend the post_processor in tokenizer.json, or pass another folder"
        )
    _say_other_marks(folder, tokenizer, settings)
    inputs = settings.get("model_input_names")
    if isinstance(inputs, list) and "token_type_ids" not in inputs and second_type(tokenizer):
        tokenizer.post_processor = _of_one_type(tokenizer)
    return tokenizer


def between(tokenizer: Tokenizer) -> list[int]:
    """The ids between the two texts of a pair: [SEP], of some tokenizers twice."""
    return tokenizer.encode("", "").ids[1:-1]


def second_type(tokenizer: Tokenizer) -> int:
    """The type of the second text of a pair: 1, or 0 where the model is not told the two apart."""
    types = tokenizer.encode("", "").type_ids
    return types[-1] if types else 1


def within(text: str, offsets: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The offsets of a text's pieces without the white space that some tokenizers count to a piece (" Cork")."""
    if not any(text[a : a + 1].isspace() or text[b - 1 : b].isspace() for a, b in offsets if a < b):
        return offsets
    found = []
    for start, end in offsets:
        piece = text[start:end]
        end -= len(piece) - len(piece.rstrip()) if piece.strip() else 0
        found.append((min(end, start + len(piece) - len(piece.lstrip())), end))
    return found


def marks_of(tokenizer: Tokenizer) -> tuple[int, int]:
    """The ids before and after a text: [CLS] and [SEP], whatever they are called."""
    first, last = tokenizer.encode("").ids
    return first, last


def _name(token) -> str | None:
    """A special token's text, which may be written as an object."""
    return token.get("content") if isinstance(token, dict) else token


def _warn(said: str) -> None:
    warnings.warn(said, stacklevel=5)


def _are_around(tokenizer: Tokenizer) -> bool:
    """Whether one mark stands before a text and one after it."""
    code = tokenizer.encode("a")
    return code.special_tokens_mask[0] == code.special_tokens_mask[-1] == 1


def _for_pairs_too(tokenizer: Tokenizer) -> processors.PostProcessor:
    """The same marks around one text, and BERT's way of setting them around two."""
    first, last = tokenizer.encode("").tokens
    ends = [(mark, tokenizer.token_to_id(mark)) for mark in dict.fromkeys((first, last))]
    return processors.TemplateProcessing([first, "$A", last], [first, "$A", last, "$B:1", f"{last}:1"], ends)


def _shown(tokenizer: Tokenizer) -> str:
    first, middle, last = tokenizer.encode("", "").tokens
    return f"{first} text {middle} text {last}"


def _of_one_type(tokenizer: Tokenizer) -> processors.PostProcessor:
    """The same marks, with 0 for the type of every piece."""
    first, *middle, last = tokenizer.encode("", "").tokens
    ends = [(mark, tokenizer.token_to_id(mark)) for mark in dict.fromkeys((first, *middle, last))]
    return processors.TemplateProcessing([first, "$A", last], [first, "$A", *middle, "$B:0", last], ends)


def _built(path: Path, content: dict) -> Tokenizer:
    try:
        return Tokenizer.from_str(json.dumps(content))
    except Exception as error:  # the library raises a bare Exception
        raise EncoderError(f"{path} cannot be read, or is damaged: {error}") from error


def _with_extras_kept_whole(content: dict, names: dict) -> dict:
    """The same, its added tokens without a role called ordinary, so that they are found in texts."""
    roles = {*SPECIAL, *names.values(), *((content.get("post_processor") or {}).get("special_tokens") or {})}
    added = [
        {**token, "special": token.get("special", False) and token.get("content") in roles}
        for token in content.get("added_tokens") or []
    ]
    return {**content, "added_tokens": added}


def _marks_around(folder: Path, tokenizer: Tokenizer, names: dict) -> processors.PostProcessor:
    """[CLS] text [SEP], and [CLS] first [SEP] second [SEP], under the names that the folder gives them."""
    for pair in ((names["cls_token"], names["sep_token"]), ("[CLS]", "[SEP]"), ("<s>", "</s>")):
        ends = [(piece, tokenizer.token_to_id(piece)) for piece in pair]
        if all(number is not None for _, number in ends):
            (cls, _), (sep, _) = ends
            return processors.TemplateProcessing(
                [cls, "$A", sep], [cls, "$A", sep, "$B:1", f"{sep}:1"], special_tokens=ends
            )
    raise EncoderError(
        f"The tokenizer in {folder} has no marks for the ends of a text: neither [CLS] and [SEP], nor <s> and </s>. "
        "Name them in tokenizer_config.json as cls_token and sep_token"
    )


# tokenizer.json ------------------------------------------------------------------------------------


def _say_contradictions(folder: Path, content: dict, settings: dict) -> None:
    """Warns where files beside tokenizer.json say something else than it does."""
    normaliser = content.get("normalizer") or {}
    followed = (
        "tokenizer.json is followed; transformers may follow the other. Mend the wrong one: texts must be read as "
    )
    followed += "the model was trained on them"
    if normaliser.get("type") == "BertNormalizer":
        for theirs, ours in NORMALISER.items():
            said = settings.get(theirs, normaliser.get(ours))
            if said != normaliser.get(ours):
                _warn(
                    f"{folder}: tokenizer.json has {ours}={normaliser.get(ours)}, tokenizer_config.json "
                    f"{theirs}={said}. {followed}"
                )
    kind = settings.get("tokenizer_class")
    if kind not in AS_IT_STANDS and not _is_usual(content, str(kind).removesuffix("Fast").removesuffix("Tokenizer")):
        _warn(
            f"{folder}: what tokenizer.json does is not what a {kind} does, as tokenizer_config.json has it. {followed}"
        )
    vocab, path = (content.get("model") or {}).get("vocab"), folder / "vocab.txt"
    if isinstance(vocab, dict) and path.is_file():
        numbers = {piece: n for n, piece in enumerate(_pieces(path))}  # a piece written twice has its last number
        added = {token.get("content") for token in content.get("added_tokens") or []}
        other = [piece for piece, n in numbers.items() if vocab.get(piece) != n and piece not in added - vocab.keys()]
        if other:
            _warn(
                f"{folder}: vocab.txt and tokenizer.json number {len(other)} pieces differently, such as "
                f"{', '.join(map(repr, other[:SHOWN]))}. tokenizer.json is followed. Remove the wrong one"
            )


def _is_usual(content: dict, kind: str) -> bool:
    """Whether tokenizer.json does what transformers' tokenizer of that kind ("Bert") does when it is made anew."""
    model, cuts = content.get("model") or {}, content.get("pre_tokenizer") or {}
    found, normaliser = model.get("type"), content.get("normalizer") or {}
    if KIND_OF.get(kind) != (found or "WordPiece"):
        return False
    if found == "BPE":
        return cuts.get("type") == "ByteLevel"
    if found == "Unigram":
        parts = normaliser.get("normalizers", [normaliser])
        return any(part.get("type") == "Precompiled" for part in parts)
    usual = {"continuing_subword_prefix": "##", "max_input_chars_per_word": 100}
    return all(model.get(name, value) == value for name, value in usual.items()) and is_bert(content)


def is_bert(content: dict) -> bool:
    """Whether tokenizer.json cleans, splits and cuts texts as BERT's own tokenizer does."""
    normaliser, cuts = content.get("normalizer") or {}, content.get("pre_tokenizer") or {}
    types = normaliser.get("type"), cuts.get("type"), (content.get("model") or {}).get("type") or "WordPiece"
    return types == ("BertNormalizer", "BertPreTokenizer", "WordPiece") and normaliser.get("clean_text", True)


def _say_other_marks(folder: Path, tokenizer: Tokenizer, settings: dict) -> None:
    """Warns where tokenizer_config.json names other marks than are set."""
    for role, mark in zip(("cls_token", "sep_token"), tokenizer.encode("").tokens, strict=True):
        if (named := _name(settings.get(role)) or mark) != mark:
            _warn(
                f"{folder}: tokenizer.json sets {mark}, tokenizer_config.json has {role}={named!r}. tokenizer.json is "
                "followed; transformers may follow the other. Mend the wrong one"
            )
    path = folder / "sentence_bert_config.json"
    if path.is_file() and read_json(path).get("do_lower_case") is True:
        normaliser = tokenizer.normalizer
        if normaliser is None or "A" in normaliser.normalize_str("A"):
            _warn(
                f"{path.name} in {folder} has do_lower_case=true: sentence-transformers writes texts in small letters "
                "before its tokenizer, which keeps capitals. That is not done here: pass text.lower()"
            )


# vocab.txt -----------------------------------------------------------------------------------------


def _pieces(path: Path) -> list[str]:
    refuse_pointer(path)
    try:
        return path.read_text(encoding="utf-8-sig").removesuffix("\n").split("\n")  # a piece may be an odd line end
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path} cannot be read, or is damaged: {error}") from error


def _of_vocabulary(folder: Path, settings: dict, names: dict) -> Tokenizer:
    """BERT's tokenizer from a list of pieces, one a line, as tokenizer_config.json and added_tokens.json say."""
    path = folder / "vocab.txt"
    if not path.is_file():
        raise EncoderError(_no_tokenizer(folder))
    pieces = _pieces(path)
    if any(piece.startswith("\u2581") for piece in pieces) and not any(piece.startswith("##") for piece in pieces):
        raise EncoderError(
            f"{path} has pieces of SentencePiece (\u2581), and none that continues a word (##): this is not the "
            f"vocabulary of a BERT's tokenizer. {WRITE_IT}"
        )
    vocab = {piece: i for i, piece in enumerate(pieces)}
    needed = [names[role] for role in ROLES[:4]]
    if absent := [piece for piece in needed if piece not in vocab]:
        raise EncoderError(f"{path} must hold one piece a line, {', '.join(needed)} among them. Missing: {absent}")
    _refuse_variants(folder / "tokenizer_config.json", settings)
    lowercase = settings.get("do_lower_case")
    if lowercase is None:
        lowercase = not any(
            piece != piece.lower()
            for piece in pieces
            if piece not in names.values() and not (piece.startswith("[") and piece.endswith("]"))
        )
        _warn(
            f"{folder}: nothing says whether texts are lower-cased. vocab.txt has {'no' if lowercase else 'some'} "
            f'capital letters, so do_lower_case={lowercase} is taken. To settle it, write {{"do_lower_case": '
            f"{str(lowercase).lower()}}} into tokenizer_config.json"
        )
    tokenizer = Tokenizer(models.WordPiece(vocab, unk_token=names["unk_token"], max_input_chars_per_word=100))
    tokenizer.add_special_tokens([piece for piece in names.values() if piece in vocab])
    tokenizer.normalizer = normalizers.BertNormalizer(
        handle_chinese_chars=settings.get("tokenize_chinese_chars", True),
        strip_accents=settings.get("strip_accents"),
        lowercase=lowercase,
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def _no_tokenizer(folder: Path) -> str:
    """The message for a folder without the two files that are read."""
    others = [p.name for p in folder.glob("*.model")] + [
        n for n in ("vocab.json", "merges.txt") if (folder / n).exists()
    ]
    there = f", only {', '.join(sorted(others))}. {WRITE_IT}" if others else "; get one of them from the model's page"
    return f"There is neither tokenizer.json nor vocab.txt in {folder}{there}"


# Added tokens --------------------------------------------------------------------------------------


def _add(folder: Path, tokenizer: Tokenizer, settings: dict, names: dict) -> None:
    """Adds what the files beside tokenizer.json or vocab.txt add to it, as transformers does; roles are there."""
    for token, number in _added(folder, settings):
        text = token.content
        if text not in names.values():
            tokenizer.add_tokens([token])
        if number is not None and tokenizer.token_to_id(text) != number:
            raise EncoderError(
                f"{folder}: the added token {text!r} is to have the number {number}, but follows on the vocabulary as "
                f"{tokenizer.token_to_id(text)}. Save the tokenizer again, so that its tokenizer.json holds it"
            )


def _added(folder: Path, settings: dict) -> list[tuple[AddedToken, int | None]]:
    """The tokens that were added to the vocabulary, in their order, and their numbers where these are said."""
    path, found = folder / "added_tokens.json", {}
    later = settings.get("added_tokens_decoder") or {}
    if path.is_file():
        found = {text: (number, {"normalized": True}) for text, number in read_json(path).items()}
    found |= {_name(token): (int(n), token) for n, token in later.items() if str(n).isdigit()}
    if wrong := [text for text, (number, _) in found.items() if not text or type(number) is not int]:
        raise EncoderError(f"{path} must give each added token a whole number. Received: {wrong}")
    more = []
    for name in ("additional_special_tokens", "extra_special_tokens"):
        tokens = settings.get(name) or []
        more += tokens.values() if isinstance(tokens, dict) else tokens
    known = {text for text in found}
    added = [(_token(text, how), n) for text, (n, how) in sorted(found.items(), key=lambda item: item[1][0])]
    return added + [(_token(_name(token), token), None) for token in more if _name(token) not in known]


def _token(text: str, how) -> AddedToken:
    """An added token that is found in texts, its switches as an object in the settings has them."""
    how = how if isinstance(how, dict) else {}
    switches = ("single_word", "lstrip", "rstrip", "normalized")
    return AddedToken(text, **{name: bool(how.get(name, False)) for name in switches})


def _refuse_variants(path: Path, settings: dict) -> None:
    """Raises for settings under which vocab.txt is not read as BERT reads it."""
    kind = settings.get("tokenizer_class")
    wrong = {"tokenizer_class": kind} if kind not in OF_BERT else {}
    if settings.get("do_basic_tokenize", True) is not True:
        wrong["do_basic_tokenize"] = settings["do_basic_tokenize"]
    if settings.get("never_split"):
        wrong["never_split"] = settings["never_split"]
    for name in NORMALISER:
        if settings.get(name) not in (True, False, None):
            wrong[name] = settings[name]
    if wrong:
        raise EncoderError(f"{path}: with vocab.txt alone this is not supported: {wrong}. {WRITE_IT}")


# What is written -----------------------------------------------------------------------------------


def tokenizer_settings(tokenizer: Tokenizer, config: dict) -> dict:
    """tokenizer_config.json for a tokenizer, so that `transformers` gives the same ids.

    It makes a BERT's normaliser anew from this file and lower-cases where that says nothing; any other tokenizer it
    takes from tokenizer.json under the class named here.

    Args:
        tokenizer: as `read_tokenizer` gives it.
        config: config.json of its encoder.
    """
    content, vocabulary = json.loads(tokenizer.to_str()), tokenizer.get_vocab()
    cls, sep = (tokenizer.id_to_token(n) for n in marks_of(tokenizer))
    said = [tokenizer.id_to_token(config.get("pad_token_id") or 0)]
    pads = [mark for mark in (*said, "[PAD]", "<pad>") if mark in vocabulary and mark not in (cls, sep)]
    settings = {"cls_token": cls, "sep_token": sep, "pad_token": (pads or said)[0]}
    wanted = {"unk_token": (_unknown(content["model"]), "[UNK]", "<unk>"), "mask_token": ("[MASK]", "<mask>")}
    there = {role: [mark for mark in marks if mark in vocabulary] for role, marks in wanted.items()}
    settings |= {role: marks[0] for role, marks in there.items() if marks}
    settings["model_max_length"] = config.get("max_position_embeddings", 512)
    told = config.get("model_type") != "distilbert" and config.get("type_vocab_size", 2) > 1 and second_type(tokenizer)
    settings["model_input_names"] = ["input_ids", *(["token_type_ids"] if told else []), "attention_mask"]
    pair = second_type(tokenizer) == 1 and between(tokenizer) == [tokenizer.token_to_id(sep)]
    if _is_usual(content, "Bert") and pair and all(role in settings for role in ROLES):
        settings |= {theirs: content["normalizer"].get(ours) for theirs, ours in NORMALISER.items()}
        return {**settings, "tokenizer_class": "BertTokenizer"}
    return {**settings, "tokenizer_class": "PreTrainedTokenizerFast"}


def _unknown(model: dict) -> str | None:
    """The piece for what is in no other, as tokenizer.json's model has it."""
    if (number := model.get("unk_id")) is not None:
        return model["vocab"][number][0]
    return model.get("unk_token")
