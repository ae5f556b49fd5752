"""From text to token ids and back: a vocabulary of word pieces, learnt from the text itself (section 5.1)."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = ("<pad>", "<start>", "<end>", "<unk>")  # their ids are 0, 1, 2, 3
SPACE = "▁"  # how a piece shows the space before it
UNKNOWN = "\N{REPLACEMENT CHARACTER}"  # what an unknown character is decoded to
WORDS = f"{SPACE}?\\w+['’]?|{SPACE}?[^\\w\\s{SPACE}]"  # no piece reaches across these: l'|Afrique, where|?


class SubwordVocabulary:
    """Pieces of words, by byte-pair encoding: frequent words are one piece, rare ones several.

    Every character seen in training has a piece; any other becomes one unknown token. Text comes back exactly,
    but that runs of white space become one space, and characters their composed form (NFC).

    Attributes:
        pad_id, start_id, end_id, unknown_id: 0, 1, 2, 3.
    """

    pad_id, start_id, end_id, unknown_id = range(4)

    def __init__(self, tokenizer: Tokenizer):
        self.tokenizer = tokenizer
        tokenizer.no_truncation()
        tokenizer.no_padding()
        tokenizer.encode_special_tokens = True  # "<end>" in a text is five characters, not the end

    @classmethod
    def train(cls, texts: Iterable[str], size: int = 8000, lowercase: bool = False) -> "SubwordVocabulary":
        """Learns at most `size` pieces (more only where the characters alone are more). Same texts, same pieces.

        Of an iterator the texts are taken one by one, and none is held. Memory still grows with the number of words
        that differ, by about 1 KB each.

        Raises:
            TypeError: a text is not a string.
            ValueError: there is no text, or no room for a piece.
        """
        if size <= len(SPECIAL):
            raise ValueError(f"There must be room for more than {len(SPECIAL)} pieces. Received: size={size}")
        texts = some_text(texts if isinstance(texts, Iterator) else check_texts(texts))
        tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
        forms = [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
        tokenizer.normalizer = normalizers.Sequence(forms + [normalizers.Lowercase()] * lowercase)
        split = pre_tokenizers.Split(Regex(WORDS), "isolated")
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Metaspace(SPACE), split])
        trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=list(SPECIAL), show_progress=False)
        tokenizer.train_from_iterator(texts, trainer)
        ends = [("<start>", cls.start_id), ("<end>", cls.end_id)]
        tokenizer.post_processor = processors.TemplateProcessing("<start> $A <end>", special_tokens=ends)
        return cls(tokenizer)

    @classmethod
    def load(cls, path: str | os.PathLike) -> "SubwordVocabulary":
        """Reads a tokenizer.json. Raises FileNotFoundError, or ValueError where it is not one of ours."""
        if not Path(path).is_file():
            raise FileNotFoundError(f"There is no vocabulary here. Received: path={os.fspath(path)!r}")
        try:
            tokenizer = Tokenizer.from_file(os.fspath(path))
        except Exception as error:  # the library raises a bare Exception
            raise ValueError(f"{os.fspath(path)!r} is not a tokenizer.json: {error}") from error
        if [tokenizer.id_to_token(i) for i in range(4)] != list(SPECIAL):
            raise ValueError(f"{os.fspath(path)!r} is a vocabulary of another kind: ids 0 to 3 must be {SPECIAL}")
        return cls(tokenizer)

    def save(self, path: str | os.PathLike) -> None:
        """Writes the vocabulary as tokenizer.json."""
        Path(path).write_text(self.tokenizer.to_str(pretty=True), encoding="utf-8")

    def __len__(self) -> int:
        """V, how many ids there are."""
        return self.tokenizer.get_vocab_size()

    def encode(self, text: str) -> np.ndarray:
        """The ids of one text, start first and end last, (T,) int32."""
        return self.encode_all([text])[0]

    def encode_all(self, texts: Iterable[str]) -> list[np.ndarray]:
        """`encode` for many texts at once. Raises TypeError where one is not a string."""
        return [np.array(code.ids, "int32") for code in self.tokenizer.encode_batch(check_texts(texts))]

    def pieces(self, text: str) -> list[str]:
        """The pieces of a text, without start and end; `▁` stands for the space before a word."""
        return self.tokenizer.encode(text, add_special_tokens=False).tokens

    def decode(self, ids: Sequence[int] | np.ndarray) -> str:
        """The text of one row of ids: cut at the end, start and padding left out, unknown as �.

        Raises:
            ValueError: an id is not in the vocabulary.
        """
        shown = {self.pad_id: "", self.start_id: "", self.unknown_id: UNKNOWN}
        pieces = []
        for i in np.asarray(ids).tolist():
            if not 0 <= i < len(self):
                raise ValueError(f"Ids must lie in 0…{len(self) - 1}. Received: id {i}")
            if i == self.end_id:
                break
            pieces.append(shown[i] if i in shown else self.tokenizer.id_to_token(i))
        return "".join(pieces).replace(SPACE, " ").strip()


def some_text(texts: Iterable[str]) -> Iterator[str]:
    """The texts one by one. Raises TypeError for what is not a string, ValueError at the end where none says a word."""
    found = False
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"Every text must be a str. Received: text {index}, {text!r}")
        found = found or bool(text.strip())
        yield text
    if not found:
        raise ValueError("There must be some text to learn pieces from. Received: none")


def check_texts(texts: Iterable[str]) -> list[str]:
    """The texts as a list. Raises TypeError for a single string and for what is not a string."""
    if isinstance(texts, (str, bytes)):
        raise TypeError(f"Pass a list of texts, [{texts!r}] for a single one. Received: {texts!r}")
    texts = list(texts)
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"Every text must be a str. Received: texts[{index}]={text!r}")
    return texts


def pad_batch(rows: Sequence[np.ndarray], pad_id: int = 0, length: int | None = None) -> np.ndarray:
    """Rows of ids (T,) side by side, padding on the right: (B, T) int32, T the longest or `length`."""
    length = max(map(len, rows), default=0) if length is None else length
    batch = np.full((len(rows), length), pad_id, "int32")
    for filled, row in zip(batch, rows, strict=True):
        filled[: len(row)] = row
    return batch
