"""Wrong answers to lesson 00. For each exercise: (answer, words that its diagnosis must hold)."""

from tests.mutants.start_here import warm_up

MUTANTS = {
    "warm_up": warm_up.MUTANTS,
}
