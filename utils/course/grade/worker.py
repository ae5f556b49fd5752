"""A worker's task. Nothing is imported before the framework is known: Keras and PyTorch never meet in one process."""

import atexit
import multiprocessing.util

from utils.course.grade.collect import Submission

_box = None


def grade_one(submission: Submission, seed: int, framework: str, isolation: str, only: set[str] | None) -> list[dict]:
    """Marks a submission's answers. A box that breaks is made anew once: what broke it may have been another's.

    Args:
        submission: with its code.
        seed: of the inputs.
        framework: "keras" or "torch", the same for all that this process is asked.
        isolation: see `Box`.
        only: names of exercises; None for all.

    Raises:
        BoxError: it broke twice, or cannot be had here.
    """
    __import__(framework)
    from utils.course.grade.box import BoxError
    from utils.course.grade.marking import mark_submission

    try:
        return mark_submission(_worker_box(framework, isolation), submission, seed, only)
    except BoxError:
        return mark_submission(_worker_box(framework, isolation, again=True), submission, seed, only)


def _worker_box(framework: str, isolation: str, again: bool = False):
    """This process' box, made when it is first asked for; `again` after it has broken."""
    global _box
    import utils.checks  # noqa: F401 - fills the list of exercises
    from utils.course.grade.box import Box

    if _box is not None and again:
        _box.close()
        _box = None
    if _box is None:
        _box = Box(framework, isolation)
        atexit.register(_box.close)
        multiprocessing.util.Finalize(_box, _box.close, exitpriority=10)
    return _box
