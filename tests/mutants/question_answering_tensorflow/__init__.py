"""Wrong answers to lesson 12's exercises, as learners write them, with words of the diagnosis each must get."""

from tests.mutants.question_answering_tensorflow import (
    best_spans,
    char_span_to_tokens,
    exact_match_and_f1,
    make_windows,
    qa_loss,
)

MUTANTS = {
    "char_span_to_tokens": char_span_to_tokens.MUTANTS,
    "make_windows": make_windows.MUTANTS,
    "qa_loss": qa_loss.MUTANTS,
    "best_spans": best_spans.MUTANTS,
    "exact_match_and_f1": exact_match_and_f1.MUTANTS,
}
