"""Exercises of lesson 12: spans, windows, the loss, the best spans, the scores."""

import utils.checks.question_answering_tensorflow.char_span_to_tokens
import utils.checks.question_answering_tensorflow.make_windows
import utils.checks.question_answering_tensorflow.qa_loss
import utils.checks.question_answering_tensorflow.best_spans
import utils.checks.question_answering_tensorflow.exact_match_and_f1
