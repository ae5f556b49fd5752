"""What Sphinx has to know to make the site; `utils.course.teach.site` calls it on what it has laid out.

Sphinx with MyST-NB reads the notebooks as they are stored, and the PyData theme brings search, dark and light, and all
of its files in the package.
"""

from docutils import nodes

from utils.course.teach.text import mathml

project = "The Transformer, by building it"
author = "the course"
language = "en"
extensions = ["myst_nb"]
exclude_patterns = ["downloads/**"]
nb_execution_mode = "off"  # outputs are those that the notebooks hold
nb_merge_streams = True
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
html_theme = "pydata_sphinx_theme"
html_title = project
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_extra_path = ["extra"]
html_sidebars = {"**": ["contents.html"]}
templates_path = ["_templates"]
html_copy_source = html_show_sourcelink = html_show_sphinx = False
html_show_copyright = False
html_show_search_summary = False  # it would fetch pages, which a browser refuses to a page opened from disk
html_context = {"default_mode": "auto"}  # dark or light as the reader's system is
html_math_renderer = "mathml"
html_permalinks_icon = "#"
html_theme_options = {
    "logo": {"text": "The Transformer"},
    "navbar_center": [],
    "navbar_end": ["theme-switcher"],
    "footer_start": [],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "show_toc_level": 2,
    "search_bar_text": "Search the lessons …",
    "back_to_top_button": False,
    "show_prev_next": True,
    "surface_warnings": False,
}


def inline_formula(self, node):
    """A formula in a line, as MathML."""
    self.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def formula(self, node):
    """A formula on a line of its own; where it is too wide, its box scrolls."""
    self.body.append(
        f'<div class="formula" tabindex="0" role="group" aria-label="Formula">{mathml(node.astext(), True)}</div>'
    )
    raise nodes.SkipNode


def name_empty_headers(app, doctree, docname):
    """A table without a heading loses its empty one; a cell left empty in a heading gets a name for screen readers."""
    for table in list(doctree.findall(nodes.tgroup)):
        for head in list(table.findall(nodes.thead)):
            if not head.astext().strip():
                table.remove(head)
                continue
            for entry in head.findall(nodes.entry):
                if not entry.astext().strip():
                    entry.append(nodes.paragraph("", "", nodes.inline("", "Of each row", classes=["visually-hidden"])))


def setup(app):
    """Has formulas set as MathML, and tables' headings mended."""
    app.add_html_math_renderer("mathml", (inline_formula, None), (formula, None))
    app.connect("doctree-resolved", name_empty_headers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
