"""What the exercises of this lesson share."""

from utils.checks.frame import brief


def say(found) -> str | None:
    """What came back, as the list of pairs that is asked for."""
    if found is None:
        return None
    try:
        return str([(place.item() if hasattr(place, "item") else place, str(kind)) for place, kind in found])
    except (TypeError, ValueError):
        return f"{brief(found)}, which is no list of pairs"
