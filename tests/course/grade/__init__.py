"""The grader."""

from utils.course.grade.isolation import BoxError, check_isolation


def why_no_box() -> str:
    """Why answers cannot be shut in on this machine; "" where they can."""
    try:
        check_isolation("bubblewrap")
    except BoxError as error:
        return str(error)
    return ""


NO_BOX = why_no_box()
