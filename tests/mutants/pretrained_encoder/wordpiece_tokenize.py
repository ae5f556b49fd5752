"""Wrong answers to wordpiece_tokenize."""


def never_cut(word, vocab, unknown="[UNK]"):
    if word in vocab:
        return [word]
    return [unknown]


def no_marks(word, vocab, unknown="[UNK]"):
    out = []
    while word:
        n = len(word)
        while n and word[:n] not in vocab:
            n -= 1
        if n == 0:
            return [unknown]
        out.append(word[:n])
        word = word[n:]
    return out


def marks_added_afterwards(word, vocab, unknown="[UNK]"):
    pieces = no_marks(word, vocab, unknown)
    return [p if i == 0 or p == unknown else "##" + p for i, p in enumerate(pieces)]


def marks_dropped(word, vocab, unknown="[UNK]"):
    out, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            if (word[start:end] if start == 0 else "##" + word[start:end]) in vocab:
                out.append(word[start:end])
                start = end
                break
        else:
            return [unknown]
    return out


def marks_everywhere(word, vocab, unknown="[UNK]"):
    out = []
    while word:
        for n in range(len(word), 0, -1):
            if "##" + word[:n] in vocab:
                break
        else:
            return [unknown]
        out.append("##" + word[:n])
        word = word[n:]
    return out


def shortest_first(word, vocab, unknown="[UNK]"):
    out, start = [], 0
    while start < len(word):
        end = start + 1
        while end <= len(word) and ("##" * (start > 0) + word[start:end]) not in vocab:
            end += 1
        if end > len(word):
            return [unknown]
        out.append("##" * (start > 0) + word[start:end])
        start = end
    return out


def rest_unknown(word, vocab, unknown="[UNK]"):
    out, start = [], 0
    while start < len(word):
        candidates = [e for e in range(start + 1, len(word) + 1) if ("##" * (start > 0) + word[start:e]) in vocab]
        if not candidates:
            return [*out, unknown]
        out.append("##" * (start > 0) + word[start : candidates[-1]])
        start = candidates[-1]
    return out


def letters_skipped(word, vocab, unknown="[UNK]"):
    out, i = [], 0
    while i < len(word):
        j = len(word)
        while j > i and ("##" if i else "") + word[i:j] not in vocab:
            j -= 1
        if j == i:
            out.append(unknown)
            i += 1
        else:
            out.append(("##" if i else "") + word[i:j])
            i = j
    return out


def from_the_right(word, vocab, unknown="[UNK]"):
    out, end = [], len(word)
    while end > 0:
        for start in range(end):
            piece = word[start:end] if start == 0 else "##" + word[start:end]
            if piece in vocab:
                out = [piece, *out]
                end = start
                break
        else:
            return [unknown]
    return out


def with_second_thoughts(word, vocab, unknown="[UNK]"):
    def best(rest, mark):
        if not rest:
            return []
        for n in range(len(rest), 0, -1):
            if mark + rest[:n] in vocab:
                tail = best(rest[n:], "##")
                if tail is not None:
                    return [mark + rest[:n]] + tail
        return None

    return best(word, "") if best(word, "") is not None else [unknown]


def unknown_fixed(word, vocab, unknown="[UNK]"):
    return rest_unknown(word, vocab, "[UNK]") if "[UNK]" not in rest_unknown(word, vocab) else ["[UNK]"]


def empty_is_unknown(word, vocab, unknown="[UNK]"):
    pieces = rest_unknown(word, vocab, unknown)
    return [unknown] if not pieces or unknown in pieces else pieces


def joined(word, vocab, unknown="[UNK]"):
    pieces = rest_unknown(word, vocab, unknown)
    return unknown if unknown in pieces else " ".join(pieces)


def never_ends(word, vocab, unknown="[UNK]"):
    out, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            if ("##" * (start > 0) + word[start:end]) in vocab:
                out.append(word[start:end])
    return out


def forgot_return(word, vocab, unknown="[UNK]"):
    rest_unknown(word, vocab, unknown)


def as_tuple(word, vocab, unknown="[UNK]"):
    pieces = rest_unknown(word, vocab, unknown)
    return (unknown,) if unknown in pieces else tuple(pieces)


def each_once(word, vocab, unknown="[UNK]"):
    pieces = []
    for piece in rest_unknown(word, vocab, unknown):
        if piece not in pieces:
            pieces.append(piece)
    return [unknown] if unknown in pieces else pieces


def longest_from(word, vocab, unknown, least, last):
    out, start = [], 0
    while start < len(word):
        fits = [e for e in range(start + least, len(word) + 1 - last) if "##" * (start > 0) + word[start:e] in vocab]
        if not fits:
            return [unknown]
        out.append("##" * (start > 0) + word[start : fits[-1]])
        start = fits[-1]
    return out


def from_two_letters_on(word, vocab, unknown="[UNK]"):
    return longest_from(word, vocab, unknown, 2, 0)


def never_the_whole(word, vocab, unknown="[UNK]"):
    return longest_from(word, vocab, unknown, 1, 1)


def unknown_as_text(word, vocab, unknown="[UNK]"):
    pieces = longest_from(word, vocab, unknown, 1, 0)
    return unknown if unknown in pieces else pieces


def a_generator(word, vocab, unknown="[UNK]"):
    yield from longest_from(word, vocab, unknown, 1, 0)


def nothing_for_unknown(word, vocab, unknown="[UNK]"):
    pieces = longest_from(word, vocab, unknown, 1, 0)
    return [] if unknown in pieces else pieces


def none_for_unknown(word, vocab, unknown="[UNK]"):
    return nothing_for_unknown(word, vocab, unknown) or ([] if word == "" else None)


def backwards(word, vocab, unknown="[UNK]"):
    return list(reversed(longest_from(word, vocab, unknown, 1, 0)))


def lower_cased(word, vocab, unknown="[UNK]"):
    return longest_from(word.casefold(), vocab, unknown, 1, 0)


def at_most_thirty(word, vocab, unknown="[UNK]"):
    return longest_from(word, vocab, unknown, 1, 0) if len(word) <= 30 else [unknown]


def either_way(word, vocab, unknown="[UNK]"):
    pieces, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            p = ("##" if start > 0 else "") + word[start:end]
            if p in vocab or word[start:end] in vocab:
                break
        else:
            return [unknown]
        pieces.append(p)
        start = end
    return pieces


def cut_with(word, vocab, unknown, mark="##", step=0, lost=None):
    out, start = [], 0
    while start < len(word):
        ahead = mark if start else ""
        end = next((e for e in range(len(word), start, -1) if ahead + word[start:e] in vocab), None)
        if end is None:
            return [unknown] if lost is None else lost
        out.append(ahead + word[start:end])
        start = end + step
    return out


def single_mark(word, vocab, unknown="[UNK]"):
    return cut_with(word, vocab, unknown, mark="#")


def mark_with_a_space(word, vocab, unknown="[UNK]"):
    return cut_with(word, vocab, unknown, mark="## ")


def behind_the_end(word, vocab, unknown="[UNK]"):
    return cut_with(word, vocab, unknown, step=1)


def in_order_of_the_alphabet(word, vocab, unknown="[UNK]"):
    pieces = cut_with(word, vocab, unknown)
    pieces.sort()
    return pieces


def unknown_as_it_is(word, vocab, unknown="[UNK]"):
    return cut_with(word, vocab, unknown, lost=[word])


def an_empty_piece(word, vocab, unknown="[UNK]"):
    return cut_with(word, vocab, unknown) if word else [word]


def short_pieces_only(word, vocab, unknown="[UNK]"):
    out, start = [], 0
    while start < len(word):
        mark = "##" if start else ""
        for end in range(min(len(word), start + 12), start, -1):
            if mark + word[start:end] in vocab:
                break
        else:
            return [unknown]
        out.append(mark + word[start:end])
        start = end
    return out


def gives_up_at_a_hundred(word, vocab, unknown="[UNK]"):
    if len(word) > 100:
        return [unknown]
    out, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in vocab:
                break
        else:
            return [unknown]
        out.append(piece)
        start = end
    return out


MUTANTS = [
    (gives_up_at_a_hundred, "a long word is given up"),
    (single_mark, "the mark is ##"),
    (mark_with_a_space, "no piece is found behind the first one"),
    (behind_the_end, "begins at `end`"),
    (in_order_of_the_alphabet, "sorted"),
    (unknown_as_it_is, "comes back as it is"),
    (an_empty_piece, "holds no empty text"),
    (short_pieces_only, "expected"),
    (as_tuple, "a list of pieces is asked for, a tuple came back"),
    (each_once, "twice"),
    (never_cut, "no piece is found behind the first one"),
    (no_marks, "looked up without ##: a piece"),
    (marks_added_afterwards, "which is added afterwards"),
    (marks_dropped, "the ## is lost"),
    (marks_everywhere, "first piece of a word has no ##"),
    (shortest_first, "the shortest piece is taken"),
    (rest_unknown, "only the rest becomes unknown"),
    (letters_skipped, "a letter that fits no piece is skipped"),
    (from_the_right, "cuts from the right"),
    (with_second_thoughts, "takes a piece back"),
    (unknown_fixed, "`unknown` is ignored"),
    (empty_is_unknown, "an empty word is not unknown"),
    (joined, "a list of pieces is asked for, a text came back"),
    (unknown_as_text, "a list of pieces is asked for, a text came back"),
    (a_generator, "a list of pieces is asked for, a generator came back"),
    (from_two_letters_on, "single letters are never tried"),
    (never_the_whole, "the whole rest is never tried"),
    (nothing_for_unknown, "gives no pieces"),
    (none_for_unknown, "gives None"),
    (backwards, "from back to front"),
    (lower_cased, "the word is lower-cased"),
    (at_most_thirty, "long words are given up"),
    (never_ends, "still running"),
    (either_way, "a piece counts without ## too"),
    (forgot_return, "is a `return` missing?"),
]
