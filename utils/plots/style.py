"""The one style: palette, sizes, and how a figure is shown with its alt text."""

import base64
import html
import io

import matplotlib.pyplot as plt

# Okabe and Ito's palette: told apart by colour-blind eyes, and by their greys in print.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#666666",
)  # fmt: skip
CYCLE = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY)
WEIGHTS = "Blues"  # weights from 0 to 1
SIGNED = "RdBu_r"  # values around zero


def use_style() -> None:
    """Sets the style for all figures that follow: readable from the back of a classroom."""
    plt.rcParams.update(
        {
            "figure.figsize": (9.0, 4.6),
            "figure.dpi": 100,
            "figure.constrained_layout.use": True,
            "font.size": 15,
            "axes.titlesize": 17,
            "axes.titlelocation": "left",
            "axes.labelsize": 15,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.prop_cycle": plt.cycler(color=CYCLE),
            "lines.linewidth": 2.5,
            "legend.frameon": False,
            "image.cmap": WEIGHTS,
        }
    )


def finish(figure: plt.Figure, alt: str) -> None:
    """Shows a figure with its alt text, and closes it.

    As an `<img>` of HTML: what shows a bare image/png (JupyterLab, nbconvert) drops its alt text.

    Args:
        figure: what was drawn.
        alt: what it shows, in a sentence or two, for those who cannot see it.
    """
    from IPython.display import display

    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=144, metadata={"Software": None})
    width = round(figure.get_figwidth() * 96)
    plt.close(figure)
    display({"text/html": as_img(buffer.getvalue(), alt, width), "text/plain": f"Figure: {alt}"}, raw=True)


def listed(values, digits: int = 2) -> str:
    """Numbers as an alt text says them: "0.12, 0.50"."""
    return ", ".join(f"{value:.{digits}f}" for value in values)


def as_img(png: bytes, alt: str, width: int) -> str:
    """A picture as HTML, `width` CSS pixels wide where there is room, else as wide as there is."""
    source = f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
    return f'<img alt="{html.escape(alt)}" width="{width}" style="max-width: 100%; height: auto" src="{source}">'
