"""Right answers to lesson 12's exercises, written otherwise."""

from tests.alternatives.question_answering_tensorflow import (
    best_spans,
    char_span_to_tokens,
    exact_match_and_f1,
    make_windows,
    qa_loss,
)

ALTERNATIVES = {
    "char_span_to_tokens": char_span_to_tokens.ALTERNATIVES,
    "make_windows": make_windows.ALTERNATIVES,
    "qa_loss": qa_loss.ALTERNATIVES,
    "best_spans": best_spans.ALTERNATIVES,
    "exact_match_and_f1": exact_match_and_f1.ALTERNATIVES,
}
