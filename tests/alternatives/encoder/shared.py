"""What the answers of this lesson share."""


def of(given):
    """The lesson's class with another `call`."""
    return lambda call: type(call.__name__, (given,), {"call": call})
