"""Unusual right answers to lesson 00."""

from tests.alternatives.start_here import warm_up

ALTERNATIVES = {
    "warm_up": warm_up.ALTERNATIVES,
}
