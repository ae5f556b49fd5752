"""Markdown as HTML, formulas as MathML: a browser sets them itself, without a script, a font or a network."""

import html
import re
from functools import cache
from xml.etree import ElementTree

from latex2mathml import exceptions
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from utils.course.source import BuildError

UNREADABLE = tuple(error for name, error in vars(exceptions).items() if name.endswith("Error"))
PARTS = dict.fromkeys(("mfrac", "msub", "msup", "munder", "mover", "mroot"), 2) | {"msubsup": 3, "munderover": 3}
LINK = re.compile(r"\]\((\d\d_\w+)\.ipynb")


def mathml(tex: str, block: bool = False) -> str:
    """A formula as MathML, which every browser of today sets by itself; screen readers read it.

    Args:
        tex: the formula, without dollars.
        block: whether it stands on a line of its own.

    Raises:
        BuildError: the formula is not understood.
    """
    words = re.sub(r"\\mathrm\{([A-Za-z]{2,})\}", r"\\text{\1}", tex.strip()).replace(r"\!", "")  # whole words, upright
    try:
        made = convert(words, display="block" if block else "inline")
    except UNREADABLE as error:
        raise BuildError(
            f"the formula {tex!r} is not understood ({type(error).__name__}). Write it more simply"
        ) from error
    if tex.replace(r"\{", "").count("{") != tex.replace(r"\}", "").count("}") or not _is_whole(made):
        raise BuildError(
            f"the formula {tex!r} is not whole: a brace, or what belongs to a fraction or an index, is missing"
        )
    if unknown := re.search(r"\\[A-Za-z]+", html.unescape(made)):
        raise BuildError(f"the formula {tex!r} uses {unknown[0]}, which has no MathML here. Write it another way")
    made = made.replace("<mo>&#x0221E;</mo>", "<mi>&#x0221E;</mi>")  # a number, not an operator with room around it
    return made.replace("<math ", f'<math alttext="{html.escape(tex.strip())}" ', 1)


def _is_whole(made: str) -> bool:
    """Whether every fraction and every index has its parts."""
    elements = ElementTree.fromstring(made).iter()
    return all(len(e) == PARTS.get(e.tag.rpartition("}")[2], len(e)) for e in elements)


@cache
def reader() -> MarkdownIt:
    """Reads Markdown as the lessons write it: tables, HTML, formulas between dollars."""

    def formula(tex: str, options: dict) -> str:
        return mathml(tex, options["display_mode"])

    made = MarkdownIt("commonmark", {"html": True}).enable("table")
    return made.use(dollarmath_plugin, allow_space=True, allow_digits=False, renderer=formula)


def as_html(markdown: str) -> str:
    """Markdown as HTML; links to lessons lead to the page of the same name."""
    return reader().render(LINK.sub(r"](\1.html", markdown)).strip()


def inline_html(markdown: str) -> str:
    """One line of Markdown as HTML, without a paragraph around it."""
    return reader().renderInline(LINK.sub(r"](\1.html", markdown)).strip()


def plain(made: str) -> str:
    """What is read of a piece of HTML."""
    return html.unescape(re.sub(r"<[^>]+>", "", made)).strip()
