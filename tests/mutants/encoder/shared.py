"""What the answers of this lesson share."""

from utils.layers import Encoder as GivenEncoder
from utils.layers import EncoderLayer as GivenLayer
from utils.layers import FeedForward as GivenFeedForward


def of(given):
    """The lesson's class with another `call`."""
    return lambda call: type(call.__name__, (given,), {"call": call})


feed, one, stack = of(GivenFeedForward), of(GivenLayer), of(GivenEncoder)
