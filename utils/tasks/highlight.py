"""Entities in their text, as HTML for a notebook; what the text holds stays text."""

import html
from collections.abc import Iterable

COLOURS = ("#cfe4f5", "#fbe3b5", "#c9ecdf", "#f7d3c0", "#eed9e6", "#d9eefb", "#e2e2e2")  # the palette's, paler
KNOWN = ("PER", "ORG", "LOC", "DATE")  # these keep their colours, whichever of them occur


class Highlighted:
    """A text with its entities marked; a notebook shows it in colours, a terminal with brackets.

    Args:
        text: the text.
        entities: dictionaries with start, end, label and perhaps score, as `predict` gives them.
        scores: show each entity's score.

    Raises:
        ValueError: two entities overlap, or one lies outside the text.
    """

    def __init__(self, text: str, entities: Iterable[dict], scores: bool = False):
        self.text, self.scores = text, scores
        self.entities = sorted(entities, key=lambda entity: entity["start"])
        place = 0
        for entity in self.entities:
            if not place <= entity["start"] < entity["end"] <= len(text):
                raise ValueError(f"Entities must lie in the text, none within another. Received: {entity}")
            place = entity["end"]

    def pieces(self) -> list[tuple[str, dict | None]]:
        """The text cut up: each entity with what is known of it, what lies between with None."""
        found, place = [], 0
        for entity in self.entities:
            found += [(self.text[place : entity["start"]], None), (self.text[entity["start"] : entity["end"]], entity)]
            place = entity["end"]
        return [(piece, entity) for piece, entity in [*found, (self.text[place:], None)] if piece]

    def _repr_html_(self) -> str:
        parts = []
        for piece, entity in self.pieces():
            shown = html.escape(piece).replace("\n", "<br>")
            if entity is None:
                parts.append(shown)
                continue
            label = html.escape(str(entity["label"]))
            score = f" {entity['score']:.2f}" if self.scores and "score" in entity else ""
            style = f"background:{colour(entity['label'])};color:#111;padding:.1em .35em;border-radius:.35em"
            name = f'<b style="font-size:.7em;margin-left:.4em">{label}{score}</b>'
            parts.append(f'<mark style="{style}">{shown}{name}</mark>')
        return f'<div style="line-height:2;font-size:1.15em">{"".join(parts)}</div>'

    def __repr__(self) -> str:
        return "".join(p if e is None else f"[{p}]({e['label']})" for p, e in self.pieces())


def colour(label: str) -> str:
    """The background of a type: always the same for the same name."""
    number = KNOWN.index(label) if label in KNOWN else len(KNOWN) + sum(map(ord, label)) % (len(COLOURS) - len(KNOWN))
    return COLOURS[number]
