"""Checks that say which mistake was made: one module a lesson, over one frame.

A learner uses `check`, `hint` and `progress`. The other names are answers to exercises that are not part of the
library itself.
"""

from utils.checks.interaction import check, hint, progress
from utils.checks.start_here import warm_up
from utils.checks.why_attention import attention_pool, cosine_similarity, softmax

__all__ = ["attention_pool", "check", "cosine_similarity", "hint", "progress", "softmax", "warm_up"]
