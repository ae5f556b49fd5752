"""Each test starts from the same seed and leaves the float policy as it found it."""

import sys

import keras
import pytest

if keras.backend.backend() != "tensorflow":
    sys.modules["tensorflow"] = None  # Keras would import it where it can, and it must not meet PyTorch


def pytest_configure(config):
    config.addinivalue_line("filterwarnings", "ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(autouse=True)
def _fresh_state():
    policy = keras.config.dtype_policy()
    keras.utils.set_random_seed(0)
    yield
    keras.config.set_dtype_policy(policy)
