"""Unusual right answers to wordpiece_tokenize."""


def pieces_by_while(word, vocab, unknown="[UNK]"):
    out, rest, mark = [], word, ""
    while rest:
        n = len(rest)
        while n > 0 and mark + rest[:n] not in vocab:
            n -= 1
        if n == 0:
            return [unknown]
        out.append(mark + rest[:n])
        rest, mark = rest[n:], "##"
    return out


def pieces_by_recursion(word, vocab, unknown="[UNK]", mark=""):
    if word == "":
        return []
    for n in reversed(range(1, len(word) + 1)):
        if mark + word[:n] in vocab:
            rest = pieces_by_recursion(word[n:], vocab, unknown, "##")
            return [unknown] if rest == [unknown] and word[n:] else [mark + word[:n], *rest]
    return [unknown]


def pieces_by_max(word, vocab, unknown="[UNK]"):
    known, out, start = set(vocab), [], 0
    while start < len(word):
        mark = "##" if start else ""
        fits = [end for end in range(start + 1, len(word) + 1) if mark + word[start:end] in known]
        if not fits:
            return [unknown]
        out += [mark + word[start : max(fits)]]
        start = max(fits)
    return out


def pieces_by_vocabulary(word, vocab, unknown="[UNK]"):
    pieces, start = [], 0
    while start < len(word):
        mark = "##" if pieces else ""
        fits = [piece for piece in vocab if (mark + word[start:]).startswith(piece) and len(piece) > len(mark)]
        if not fits:
            return [unknown]
        pieces.append(max(fits, key=len))
        start += len(pieces[-1]) - len(mark)
    return pieces


ALTERNATIVES = [pieces_by_vocabulary, pieces_by_while, pieces_by_recursion, pieces_by_max]
