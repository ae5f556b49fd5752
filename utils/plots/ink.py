"""The palette for letters: they are thin, and on white need darker colours than lines and areas do."""

from utils.plots.style import GREEN, ORANGE, PURPLE, RED, SKY

DARKER = {GREEN: "#00785A", ORANGE: "#8F6200", RED: "#B84F00", PURPLE: "#A3457A", SKY: "#1D74A6"}


def ink(colour: str) -> str:
    """The colour in which to write what belongs to a line or area of `colour`; contrast on white is 4.5 or more."""
    return DARKER.get(colour, colour)
