"""What goes wrong in masked_loss: an answer for each mistake, with its name."""

import numpy as np
import tensorflow as tf

from utils.checks.frame import Mistake
from utils.checks.training_a_translator.wrong_losses import (
    arguments_swapped,
    blank_scores,
    by_loops,
    counted,
    cut,
    each_word_apart,
    from_probabilities,
    from_sparse_probabilities,
    guessed_padding,
    in_numpy,
    logarithm_apart,
    loss_with,
    mean_over_tokens,
    miscounted,
    of_exponentials,
    of_labels,
    of_softmax,
    only_padding,
    others_share,
    right_loses_all,
    sentences_apart,
    shared_by_length,
    smoothed,
    smoothed_logits,
    softmax_for_keras,
    sum_over,
    targets_of,
    tokens_in,
    unstable,
    until_padding,
    without_entropy,
    without_padding_id,
)
from utils.training.losses import masked_loss

NUMPY_INSIDE = (
    "no gradient passes: NumPy, float(…), .numpy() or stop_gradient is at work inside. Training needs tf or keras.ops "
    "throughout"
)


PYTHON_INSIDE = (
    "it works number by number, but not compiled: inside tf.function there are no values yet, so no loop, no `if` "
    "and no len() over tensors. Compute all positions at once"
)


def _without_sizes(labels, logits, pad_id=0, label_smoothing=0.0):
    """Right, but only where the batch has a size."""
    B, T = labels.shape
    return masked_loss(tf.reshape(labels, (1, B * T)), tf.reshape(logits, (1, B * T, -1)), pad_id, label_smoothing)


TINY = (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-6, 1e-5, 1e-4, 1e-3, 1e-15, 1e-16, 1e-20, 1e-30)


MISTAKES = (
    Mistake(NUMPY_INSIDE, in_numpy),
    Mistake(PYTHON_INSIDE, by_loops),
    Mistake(
        "while the step is compiled a batch has no size, labels.shape holds None: tf.shape(labels) gives "
        "tensors, or leave the sizes alone",
        _without_sizes,
    ),
    Mistake(
        "padding counts like a word: it must be left out of the sum",
        loss_with(mean=lambda x, *a: tf.reduce_mean(x)),
    ),
    Mistake(
        "padding is left out of the sum, but still counted: divide by the number of tokens, not by B·T",
        loss_with(mean=sum_over(lambda x, m: tf.size(x))),
    ),
    Mistake(
        "padding is left out of the number, but not of the sum: set its losses to 0 before they are added up",
        loss_with(mean=lambda x, *a: tf.math.divide_no_nan(tf.reduce_sum(x), tf.reduce_sum(tokens_in(x, *a)))),
    ),
    Mistake(
        "a sum came back, so long batches weigh more: divide by the number of tokens",
        loss_with(mean=sum_over(lambda x, m: 1)),
    ),
    *(
        Mistake(
            "averaged sentence by sentence, so words of short sentences weigh more: one mean over all tokens",
            loss_with(mean=lambda *a, divide=divide: sentences_apart(*a, divide)),
        )
        for divide in (tf.math.divide_no_nan, tf.math.divide)
    ),
    Mistake(
        "divided by the number of sentences: divide by the number of tokens",
        loss_with(mean=sum_over(lambda x, m: tf.shape(x)[0])),
    ),
    Mistake(
        "divided by the length T: divide by the number of tokens",
        loss_with(mean=sum_over(lambda x, m: tf.shape(x)[1])),
    ),
    Mistake(
        "one is added to the number of tokens: 0/0 alone needs care, and tf.math.divide_no_nan takes it",
        loss_with(mean=sum_over(lambda x, m: tf.reduce_sum(m) + 1)),
    ),
    Mistake(
        "`pad_id` reaches the sum, but not the number: count the labels that are not pad_id",
        loss_with(
            mean=lambda x, labels, pad: tf.math.divide_no_nan(
                tf.reduce_sum(x * tokens_in(x, labels, pad)), counted(labels, 0)
            )
        ),
    ),
    *(
        Mistake(
            "kept in 8 bits, which end at 127 or 255: cast to int32 or float32",
            loss_with(mean=miscounted(kind)),
        )
        for kind in ("int8", "uint8")
    ),
    *(
        Mistake(
            "kept in 8 bits, which end at 127 or 255: cast to int32 or float32",
            of_labels(lambda labels, kind=kind: tf.cast(tf.cast(labels, kind), "int32")),
        )
        for kind in ("int8", "uint8")
    ),
    *(
        Mistake(f"the {which} position is left out: every position counts that is no padding", cut(part))
        for which, part in (("last", slice(None, -1)), ("first", slice(1, None)))
    ),
    Mistake(
        "labels and logits are moved against each other by a place: the logits at a position are for its own label",
        cut(slice(1, None), slice(None, -1)),
    ),
    Mistake(
        "ids are counted from 1: tf.one_hot counts from 0, as the labels do",
        loss_with(targets=lambda labels, V, e: smoothed(labels - 1, V, e)),
    ),
    Mistake(
        "what stands behind a padding is left out too: compare each label with pad_id, wherever it stands",
        loss_with(mean=until_padding),
    ),
    Mistake(
        "the number came back with axes around it: leave keepdims and brackets out",
        loss_with(after=lambda loss: tf.reshape(loss, (1, 1))),
    ),
    *(
        Mistake("each word is asked on its own, by a sigmoid: the words compete, in a softmax", each_word_apart(over))
        for over in (tf.reduce_sum, tf.reduce_mean)
    ),
    Mistake(
        "padding's own score is taken out: in the softmax it is a word like any other",
        without_padding_id(),
    ),
    *(
        Mistake(
            "padding's scores are set to 0, and so it costs ln V each time: it is the losses that the mask "
            "takes out, before they are added up",
            blank_scores(mean),
        )
        for mean in (
            lambda x, *a: tf.reduce_mean(x),
            lambda x, *a: tf.math.divide_no_nan(tf.reduce_sum(x), tf.reduce_sum(tokens_in(x, *a))),
        )
    ),
    Mistake(
        "divided by V too: over the words of a position it is a sum, the mean is over positions",
        loss_with(targets=lambda labels, V, e: smoothed(labels, V, e) / V),
    ),
    Mistake(
        "the mask is turned around: only padding counts",
        loss_with(mean=only_padding),
    ),
    Mistake(
        "the mask comes from what the model guesses: it must come from the labels",
        guessed_padding,
    ),
    *(
        Mistake("one number for each token came back: a single number, their mean, is asked for", loss_with(mean=mean))
        for mean in (
            lambda x, *a: x * tokens_in(x, *a),
            lambda x, *a: x * tokens_in(x, *a) / tf.reduce_sum(tokens_in(x, *a)),
            lambda x, *a: x,
        )
    ),
    *(
        Mistake(
            "one number for each sentence came back: a single number, the mean over all tokens, is asked for",
            loss_with(mean=mean),
        )
        for mean in (
            lambda x, *a: tf.reduce_sum(x * tokens_in(x, *a), axis=1),
            lambda x, *a: tf.reduce_sum(x * tokens_in(x, *a), axis=1) / tf.reduce_sum(tokens_in(x, *a)),
            lambda x, *a: tf.reduce_mean(x, axis=1),
        )
    ),
    Mistake(
        "the losses of the words came back, one by one: a single number, their mean, is asked for",
        loss_with(mean=lambda x, labels, pad_id: x[labels != pad_id]),
    ),
    Mistake("the sign is turned around: likely words must make it small", loss_with(after=lambda x: -x)),
    Mistake("its exponential came back, the perplexity: leave it as it is", loss_with(after=tf.exp)),
    Mistake("logarithms of base 2 (bits): take the natural one (nats)", loss_with(after=lambda x: x / np.log(2))),
    Mistake("logarithms of base 10: take the natural one", loss_with(after=lambda x: x / np.log(10))),
    Mistake(
        "two softmaxes: the loss takes logits and has one inside already. Leave yours out, or pass from_logits",
        loss_with(log_p=lambda x: tf.nn.log_softmax(tf.nn.softmax(x))),
    ),
    Mistake(
        "two softmaxes: the loss takes logits and has one inside already. Leave yours out, or pass from_logits",
        softmax_for_keras,
    ),
    Mistake(
        "1 - p instead of -log p: take the logarithm of the right word's probability",
        loss_with(log_p=lambda x: tf.nn.softmax(x) - 1),
    ),
    Mistake(
        "the right word's logit itself, without a softmax: the other words must count too",
        loss_with(log_p=lambda x: x),
    ),
    *(
        Mistake("logits were taken for probabilities: from_logits=True is missing", wrong)
        for wrong in (from_probabilities, from_sparse_probabilities)
    ),
    Mistake(
        "targets and logits have changed places: the loss takes the targets first",
        arguments_swapped,
    ),
    Mistake(
        "the softmax runs over positions: it belongs on the last axis", loss_with(lambda x: tf.nn.log_softmax(x, 1))
    ),
    Mistake(
        "the softmax runs over sentences: it belongs on the last axis", loss_with(lambda x: tf.nn.log_softmax(x, 0))
    ),
    *(
        Mistake(
            "exp overflows, or the logarithm meets a probability that rounded to 0: give the logits to a loss "
            "that has softmax and logarithm in one",
            loss_with(log_p=lambda x, dtype=dtype: unstable(x, dtype)),
        )
        for dtype in ("float32", "float64")
    ),
    *(
        Mistake(
            "exp overflows, or the logarithm meets a probability that rounded to 0: give the logits to a loss "
            "that has softmax and logarithm in one",
            logarithm_apart(part),
        )
        for part in (of_softmax, of_exponentials)
    ),
    *(
        Mistake(
            "a probability that rounds to 0 is cut off, so the worst errors cost too little: give the logits "
            "to a loss that has softmax and logarithm in one",
            loss_with(log_p=lambda x, tiny=tiny: tf.math.log(tf.nn.softmax(x) + tiny)),
        )
        for tiny in TINY
    ),
    *(
        Mistake(
            "a probability that rounds to 0 is cut off, so the worst errors cost too little: give the logits "
            "to a loss that has softmax and logarithm in one",
            loss_with(log_p=lambda x, tiny=tiny: tf.math.log(tf.maximum(tf.nn.softmax(x), tiny))),
        )
        for tiny in TINY
    ),
    Mistake(
        "`pad_id` is ignored: 0 is taken whatever was passed",
        lambda labels, logits, pad_id=0, label_smoothing=0.0: loss_with()(labels, logits, 0, label_smoothing),
    ),
    Mistake(
        "greater than `pad_id`: smaller ids are words as well",
        loss_with(mean=lambda x, labels, pad: mean_over_tokens(x, tf.maximum(labels, pad), pad)),
    ),
    Mistake(
        "`label_smoothing` is ignored",
        lambda labels, logits, pad_id=0, label_smoothing=0.0: loss_with()(labels, logits, pad_id),
    ),
    Mistake(
        "0.1 is taken for `label_smoothing`, whatever was passed",
        lambda labels, logits, pad_id=0, label_smoothing=0.0: loss_with()(labels, logits, pad_id, 0.1),
    ),
    Mistake(
        "ε is shared among the other V - 1 words: here all V get ε/V, the right one too",
        loss_with(targets=others_share),
    ),
    Mistake(
        "the right word is worth 1 - ε only, and the targets sum to less than 1: it gets its ε/V too",
        loss_with(targets=right_loses_all),
    ),
    Mistake(
        "every word gets ε/V, but the right one still has 1, not 1 - ε: the targets sum to more than 1",
        loss_with(targets=lambda labels, V, e: tf.one_hot(labels, V) + e / V),
    ),
    Mistake(
        "every other word gets the whole ε: share it, ε/V each",
        loss_with(targets=lambda labels, V, e: (1 - e) * tf.one_hot(labels, V) + e * (1 - tf.one_hot(labels, V))),
    ),
    Mistake(
        "every word gets the whole ε: share it, ε/V each",
        loss_with(targets=lambda labels, V, e: (1 - e) * tf.one_hot(labels, V) + e),
    ),
    Mistake(
        "the right word loses ε, but nobody gets it: every word is worth ε/V",
        loss_with(targets=lambda labels, V, e: (1 - e) * tf.one_hot(labels, V)),
    ),
    *(
        Mistake("1 - ε and ε have changed places: the right word keeps most", loss_with(targets=targets))
        for targets in (
            lambda labels, V, e: smoothed(labels, V, 1 - e) if e else tf.one_hot(labels, V),
            lambda labels, V, e: smoothed(labels, V, 1 - e),
            targets_of(lambda e, V: e, lambda e, V: (1 - e) / V),
            targets_of(lambda e, V: e, lambda e, V: 1 - e),
        )
    ),
    *(
        Mistake(
            "the right word's share and the others' have changed places: on_value is the right word's",
            loss_with(targets=targets_of(lambda e, V: e / V, right)),
        )
        for right in (lambda e, V: 1 - e + e / V, lambda e, V: 1 - e)
    ),
    Mistake(
        "the right word has its share, but the others get nothing: every other is worth ε/V",
        loss_with(targets=targets_of(lambda e, V: 1 - e + e / V, lambda e, V: 0.0)),
    ),
    Mistake(
        "the others have their ε/V, but the right word still has 1: it gives ε away, 1 - ε + ε/V are left",
        loss_with(targets=targets_of(lambda e, V: 1.0, lambda e, V: e / V)),
    ),
    Mistake(
        "1 - ε + ε is divided by V: only the ε behind the plus is, so mind the brackets",
        loss_with(targets=targets_of(lambda e, V: 1 / V, lambda e, V: e / V)),
    ),
    Mistake(
        "smoothed twice: your targets are smooth already, so pass no label_smoothing besides",
        loss_with(targets=lambda labels, V, e: (1 - e) * smoothed(labels, V, e) + e / V),
    ),
    Mistake(
        "padding's own id gets no share of ε: all V words get ε/V, that one too",
        without_padding_id(change_targets=True),
    ),
    Mistake("ε is shared by the length T: it is V words that share it", shared_by_length),
    Mistake(
        "ε is shared by V - 1 where V is asked for",
        loss_with(targets=lambda labels, V, e: (1 - e) * tf.one_hot(labels, V) + e / (V - 1)),
    ),
    Mistake("the logits are smoothed: smooth the targets", smoothed_logits),
    Mistake(
        "the targets' own entropy is subtracted, which makes it a divergence: the cross-entropy is asked for",
        without_entropy,
    ),
    Mistake(
        "NaN for a batch of nothing but padding, 0/0: tf.math.divide_no_nan gives 0 there",
        loss_with(mean=sum_over(lambda x, m: tf.reduce_sum(m))),
    ),
)
