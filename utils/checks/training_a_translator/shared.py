"""What the exercises of this lesson share."""

import numpy as np

NO_GRADIENT, NOT_COMPILED = "no gradient", "an error inside tf.function"
NO_SIZE = "inside tf.function the size of a batch is not known"


def what_is_missing(error):
    """Why an answer that works number by number does not inside tf.function: a size, or numbers."""
    sizes = ("None values", "'NoneType'", "None,", "None)", "unknown")
    return NO_SIZE if any(words in str(error) for words in sizes) else NOT_COMPILED


def one_number(result, labels, *args, **options):
    """A single number as it is; where there are several, in words what they seem to belong to."""
    shape = np.shape(result) if isinstance(result, np.ndarray) else ()
    if shape == ():
        return result
    if result.size == 1:
        return "one number, with axes around it"
    if shape == labels.shape:
        return "one number for each token"
    if shape == labels.shape[:1]:
        return "one number for each sentence"
    return f"an array of shape {shape}" if len(shape) > 1 else "several numbers"


def random_labels(rng, B, T, V, pad_id=None):
    """Tokens from 0 to V - 1; with a pad_id every row but the first ends in padding, each at another place."""
    labels = rng.integers(0, V, (B, T))
    labels[labels == (0 if pad_id is None else pad_id)] = (0 if pad_id is None else pad_id) + 1
    if pad_id is not None:
        for b in range(1, B):
            labels[b, max(1, T - b) :] = pad_id
    return labels.astype("int32")


def random_logits(rng, B, T, V, scale=2.0):
    """Random logits (B, T, V), float32."""
    return (scale * rng.normal(size=(B, T, V))).astype("float32")


def mean_of(losses, labels, pad_id):
    """The mean of the losses of tokens, 0 where there are none."""
    is_token = labels != pad_id
    return (losses * is_token).sum() / is_token.sum() if is_token.any() else 0.0


def sentences_apart(losses, labels, pad_id):
    """The mean over sentences of each one's mean."""
    is_token = labels != pad_id
    each = (losses * is_token).sum(1) / np.maximum(is_token.sum(1), 1)
    return each.mean()


def nan_without_words(losses, labels, pad_id):
    """The mean of the losses of tokens, NaN where there are none."""
    is_token = labels != pad_id
    return (losses * is_token).sum() / is_token.sum()
