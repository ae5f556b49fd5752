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
SHOWN = 4  # of many names, so many are named


def read_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer, which neither cuts nor pads, and sets a mark before and one after each text.

    A mark written in a text ("[SEP]") stays text; other added tokens ("[E1]") are kept whole.

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
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    if len(tokenizer.encode("").ids) == 0:
        tokenizer.post_processor = _marks_around(folder, tokenizer, names)
    if (number := len(tokenizer.encode("").ids)) != 2:
        raise EncoderError(
            f"The tokenizer in {folder} sets {number} marks around a text; BERT's sets two, such as [CLS] and [SEP]. "
            "Mend the post_processor in tokenizer.json, or pass another folder"
        )
    return tokenizer


def marks_of(tokenizer: Tokenizer) -> tuple[int, int]:
    """The ids before and after a text: [CLS] and [SEP], whatever they are called."""
    first, last = tokenizer.encode("").ids
    return first, last


def _name(token) -> str | None:
    """A special token's text, which may be written as an object."""
    return token.get("content") if isinstance(token, dict) else token


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
    if normaliser.get("type") == "BertNormalizer":
        for theirs, ours in NORMALISER.items():
            said = settings.get(theirs, normaliser.get(ours))
            if said != normaliser.get(ours):
                warnings.warn(
                    f"{folder}: tokenizer.json has {ours}={normaliser.get(ours)}, tokenizer_config.json "
                    f"{theirs}={said}. tokenizer.json is followed; transformers may follow the other. Mend the wrong "
                    "one: texts must be read as the model was trained on them",
                    stacklevel=4,
                )
    vocab, path = (content.get("model") or {}).get("vocab"), folder / "vocab.txt"
    if isinstance(vocab, dict) and path.is_file():
        numbers = {piece: n for n, piece in enumerate(_pieces(path))}  # a piece written twice has its last number
        added = {token.get("content") for token in content.get("added_tokens") or []}
        other = [piece for piece, n in numbers.items() if vocab.get(piece) != n and piece not in added - vocab.keys()]
        if other:
            warnings.warn(
                f"{folder}: vocab.txt and tokenizer.json number {len(other)} pieces differently, such as "
                f"{', '.join(map(repr, other[:SHOWN]))}. tokenizer.json is followed. Remove the wrong one",
                stacklevel=4,
            )


# vocab.txt -----------------------------------------------------------------------------------------


def _pieces(path: Path) -> list[str]:
    refuse_pointer(path)
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")  # a piece may be an odd line end
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path} cannot be read, or is damaged: {error}") from error


def _of_vocabulary(folder: Path, settings: dict, names: dict) -> Tokenizer:
    """BERT's tokenizer from a list of pieces, one a line, as tokenizer_config.json and added_tokens.json say."""
    path = folder / "vocab.txt"
    if not path.is_file():
        raise EncoderError(f"There is neither tokenizer.json nor vocab.txt in {folder}")
    pieces = _pieces(path)
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
        warnings.warn(
            f"{folder}: nothing says whether texts are lower-cased. vocab.txt has {'no' if lowercase else 'some'} "
            f'capital letters, so do_lower_case={lowercase} is taken. To settle it, write {{"do_lower_case": '
            f"{str(lowercase).lower()}}} into tokenizer_config.json",
            stacklevel=4,
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
    for token, number in sorted(_added(folder, settings).items(), key=lambda pair: pair[1]):
        tokenizer.add_tokens([AddedToken(token, normalized=False)] if token not in names.values() else [])
        if tokenizer.token_to_id(token) != number:
            raise EncoderError(
                f"{folder}: the added token {token!r} is to have the number {number}, but follows on vocab.txt as "
                f"{tokenizer.token_to_id(token)}. Save the tokenizer again, so that it has a tokenizer.json"
            )
    return tokenizer


def _added(folder: Path, settings: dict) -> dict[str, int]:
    """The tokens that were added to the vocabulary, and their numbers."""
    path = folder / "added_tokens.json"
    added = read_json(path) if path.is_file() else {}
    later = settings.get("added_tokens_decoder") or {}
    added |= {_name(token): int(number) for number, token in later.items() if str(number).isdigit()}
    if wrong := [token for token, number in added.items() if not token or type(number) is not int]:
        raise EncoderError(f"{path} must give each added token a whole number. Received: {wrong}")
    return added


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
        raise EncoderError(
            f"{path}: with vocab.txt alone this is not supported: {wrong}. Where transformers reads the folder, "
            "AutoTokenizer.from_pretrained(folder).save_pretrained(folder) writes a tokenizer.json, which is"
        )


# What is written -----------------------------------------------------------------------------------


def tokenizer_settings(tokenizer: Tokenizer, config: dict) -> dict:
    """tokenizer_config.json for a tokenizer, so that `transformers` gives the same ids.

    It makes a BERT's normaliser anew from this file and lower-cases where that says nothing; any other tokenizer it
    takes from tokenizer.json under the class named here.

    Args:
        tokenizer: as `read_tokenizer` gives it.
        config: config.json of its encoder.
    """
    content = json.loads(tokenizer.to_str())
    normaliser, model = content.get("normalizer") or {}, content["model"]
    (cls, sep), pad = (tokenizer.id_to_token(n) for n in marks_of(tokenizer)), config.get("pad_token_id") or 0
    settings = {"cls_token": cls, "sep_token": sep, "pad_token": tokenizer.id_to_token(pad)}
    settings["unk_token"] = model.get("unk_token") or "[UNK]"
    added = content.get("added_tokens") or []
    masks = [token["content"] for token in added if token["content"] in ("[MASK]", "<mask>")]
    settings |= {"mask_token": masks[0]} if masks else {}
    settings["model_max_length"] = config.get("max_position_embeddings", 512)
    distil = config.get("model_type") == "distilbert"
    settings["model_input_names"] = ["input_ids", *([] if distil else ["token_type_ids"]), "attention_mask"]
    plain = (content.get("pre_tokenizer") or {}).get("type") == "BertPreTokenizer" and model["type"] == "WordPiece"
    if normaliser.get("type") == "BertNormalizer" and plain:
        settings |= {theirs: normaliser.get(ours) for theirs, ours in NORMALISER.items()}
        return {**settings, "tokenizer_class": "BertTokenizer"}
    return {**settings, "tokenizer_class": "PreTrainedTokenizerFast"}
