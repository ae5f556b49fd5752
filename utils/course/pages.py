"""A whole page in an output, such as the explorer's: too large to be stored, so a line stands for it.

A cell that shows a page in a frame writes megabytes, weights and all. In a stored lesson that line says where the page
comes from; site and slides lead to the page itself. Under nbval both are made the same, and are compared like any
other output.
"""

import re

FRAME = re.compile(r'<iframe title="([^"]*)"[^>]* srcdoc="[^"]*"[^>]*></iframe>')
LINE = r'<p class="page">\1: run this cell, and it appears here.</p>'
STORED = re.compile(r'<p class="page">(.*?): run this cell, and it appears here\.</p>')


def without_pages(made: str) -> str:
    """An output's HTML with a line in place of each page in a frame.

    Args:
        made: the HTML.
    """
    return FRAME.sub(LINE, made)


def with_link(made: str, address: str | None) -> str:
    """A stored output's HTML with a link in place of the line.

    Args:
        made: the HTML, as `without_pages` left it.
        address: where the page lies; None where nobody has written it, then the line says how.
    """
    if address is None:
        return STORED.sub(r'<p class="page">\1: <code>make explore</code> writes it.</p>', made)
    return STORED.sub(rf'<p class="page"><a href="{address}">\1</a></p>', made)
