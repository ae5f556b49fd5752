"""The layer in NumPy, and the same with one of its steps changed."""

from utils.checks.in_numpy import ByChance, added, attended, hidden, lost_by_chance, unchanged
from utils.layers.attention import MultiHeadAttention


def variant(
    inputs=lambda query, value, key: (query, value, key),
    train=lambda training: training,
    lost=lost_by_chance,
    residual=False,
    lacks="",
    result=lambda output, scores, asked: (output, scores) if asked else output,
    **steps,
):
    """The layer with one of its decisions changed.

    What can be changed: inputs, (query, value, key); train, the `training` that dropout hears; lost, what dropout
    does with the rate; residual, the query is added; lacks, what it says where the size of the batch is not known yet;
    result; and the steps of `attended`.
    """

    class Variant(ByChance):
        model_of, lacked = MultiHeadAttention, lacks

        def __init__(self, weights, dropout=0.0, **arguments):
            super().__init__(weights, dropout_rate=dropout, **arguments)

        def drop(self, training):
            if not (train(training) and self.dropout_rate):
                return unchanged
            return lambda x: lost(self.rng, self.dropout_rate, x)

        def __call__(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
            asking, value, key = inputs(query, value, key)
            output, scores = attended(
                self.parts, asking, value, attention_mask, self.drop(training), key, **{"weigh": hidden} | steps
            )
            return result(added(output, asking) if residual else output, scores, return_attention_scores)

    return Variant
