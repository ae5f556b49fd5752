"""Wrong answers to wordpiece_tokenize."""

import re


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


def by_beginnings(word, vocab, unknown="[UNK]"):
    pieces, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            p = ("##" if start else "") + word[start:end]
            if any(v.startswith(p) for v in vocab):
                break
        else:
            return [unknown]
        pieces.append(p)
        start = end
    return pieces


def longest_common_beginning(word, vocab, unknown="[UNK]"):
    pieces, rest, mark = [], word, ""
    while rest:
        best = ""
        for piece in vocab:
            for n in range(1, len(rest) + 1):
                if piece.startswith(mark + rest[:n]) and n > len(best):
                    best = rest[:n]
        if not best:
            return [unknown]
        pieces.append(mark + best)
        rest, mark = rest[len(best) :], "##"
    return pieces


def in_one_text(word, vocab, unknown="[UNK]"):
    return cut_with(word, InOneText(vocab), unknown)


class InOneText:
    def __init__(self, vocab):
        self.text = " ".join(vocab)

    def __contains__(self, piece):
        return piece in self.text


def one_text_of_all(word, vocab, unknown="[UNK]"):
    return [" | ".join(cut_with(word, vocab, unknown))] if word else []


def words_for_none(word, vocab, unknown="[UNK]"):
    return cut_with(word, vocab, unknown) or ["no pieces"]


def only_letters(word, vocab, unknown="[UNK]"):
    if word and not word.isalpha():
        return [unknown]
    return cut_with(word, vocab, unknown)


def only_letters_and_digits(word, vocab, unknown="[UNK]"):
    if not all(c.isalnum() for c in word):
        return [unknown]
    return cut_with(word, vocab, unknown)


def by_regex(word, vocab, unknown="[UNK]"):
    words = sorted(vocab, key=len, reverse=True)
    first = re.compile("|".join(p for p in words if p and not p.startswith("##")) or "(?!)")
    later = re.compile("|".join(p[2:] for p in words if p.startswith("##") and p != "##") or "(?!)")
    pieces, start = [], 0
    while start < len(word):
        m = (later if start else first).match(word, start)
        if m is None:
            return [unknown]
        pieces.append(("##" if start else "") + m.group())
        start = m.end()
    return pieces


def by_regex_piece_by_piece(word, vocab, unknown="[UNK]"):
    pieces, rest = [], word
    while rest:
        fits = [
            p for p in vocab if p and p.startswith("##") == bool(pieces) and re.match(p, "##" * bool(pieces) + rest)
        ]
        if not fits:
            return [unknown]
        best = max(fits, key=len)
        pieces.append(best)
        rest = rest[len(best.removeprefix("##")) :]
    return pieces


def at_most(n):
    def pieces_of_at_most(word, vocab, unknown="[UNK]"):
        pieces, start = [], 0
        while start < len(word):
            for end in range(min(len(word), start + n), start, -1):
                p = ("##" if start else "") + word[start:end]
                if p in vocab:
                    break
            else:
                return [unknown]
            pieces.append(p)
            start = end
        return pieces

    return pieces_of_at_most


def breaks_at_unknown(word, vocab, unknown="[UNK]"):
    pieces = []
    start = 0
    while start < len(word):
        end = len(word)
        while start < end:
            sub = word[start:end] if start == 0 else "##" + word[start:end]
            if sub in vocab:
                break
            end -= 1
        if start == end:
            break
        pieces.append(sub)
        start = end
    return pieces


def unknown_where_nothing_was_found(word, vocab, unknown="[UNK]"):
    return breaks_at_unknown(word, vocab, unknown) or ([unknown] if word else [])


def list_of_unknown(word, vocab, unknown="[UNK]"):
    return cut_with(word, vocab, unknown, lost=list(unknown))


def added_with_plus(word, vocab, unknown="[UNK]"):
    pieces = []
    for piece in cut_with(word, vocab, unknown):
        if piece == unknown:
            return [unknown]
        pieces += piece
    return pieces


def list_as_a_default(word, vocab, unknown="[UNK]", pieces=[]):  # noqa: B006 - that is the mistake
    start = 0
    while start < len(word):
        end = len(word)
        while end > start and ("##" if start else "") + word[start:end] not in vocab:
            end -= 1
        if end == start:
            return [unknown]
        pieces.append(("##" if start else "") + word[start:end])
        start = end
    return pieces


MUTANTS = [
    (by_beginnings, "a piece's beginning counts as a piece"),
    (longest_common_beginning, "a piece's beginning counts as a piece"),
    (in_one_text, "a piece's beginning counts as a piece"),
    (one_text_of_all, "expected"),
    (words_for_none, "expected"),
    (only_letters, "other signs than letters"),
    (only_letters_and_digits, "other signs than letters"),
    (by_regex, "taken for a regular expression"),
    (by_regex_piece_by_piece, "taken for a regular expression"),
    *((at_most(n), "long pieces are never tried") for n in (10, 15, 16, 20)),
    (breaks_at_unknown, "what was found before the unknown part comes back"),
    (unknown_where_nothing_was_found, "what was found before the unknown part comes back"),
    (list_of_unknown, "list(unknown) holds its letters"),
    (added_with_plus, "letter by letter"),
    (list_as_a_default, "is made only once"),
    (gives_up_at_a_hundred, "a long word is given up"),
    (single_mark, "the mark is ##"),
    (mark_with_a_space, "no piece is found behind the first one"),
    (behind_the_end, "begins at `end`"),
    (in_order_of_the_alphabet, "sorted"),
    (unknown_as_it_is, "comes back as it is"),
    (an_empty_piece, "holds no empty text"),
    (short_pieces_only, "long pieces are never tried"),
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
