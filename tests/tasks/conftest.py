"""What the tests of several tasks share."""

import pytest


@pytest.fixture
def eagerly():
    """Runs the few steps of a training, and what it predicts, one operation at a time: compiling would take longer.

    For tests whose subject is what goes in or comes out; those of the compiled steps do without.
    """
    import tensorflow as tf

    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(before)
