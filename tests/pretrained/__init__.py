import pytest

pytest.register_assert_rewrite("tests.pretrained.tiny_checkpoint")
