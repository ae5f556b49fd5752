"""Several devices, by Keras' own `fit` under MirroredStrategy: the loss curve is that of one device."""

import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest

SCRIPT = """
import json, sys
import keras, numpy as np, tensorflow as tf
from tests.training.small import make_model
from utils.training import MaskedLoss, make_optimizer

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
devices = ["CPU:0", "CPU:1"][: int(sys.argv[1])]
ids = np.random.default_rng(0).integers(3, 20, (8, 8, 12)).astype("int32")
for batch in ids:  # both halves of a batch have as many tokens, so the mean of their means is the mean of all
    for half in (batch[:4], batch[4:]):
        for row, length in zip(half, (12, 5, 9, 7)):
            row[length:] = 0
ids = ids.reshape(64, 12)
data = tf.data.Dataset.from_tensor_slices(((ids, ids[:, :-1]), ids[:, 1:])).batch(8)
with tf.distribute.MirroredStrategy(devices, tf.distribute.ReductionToOneDevice()).scope():
    model = make_model(dropout_rate=0.0)
    model.compile(make_optimizer(16, 10), loss=MaskedLoss(label_smoothing=0.1))
print(json.dumps(model.fit(data, epochs=4, shuffle=False, verbose=0).history["loss"]))
"""


def loss_curve(devices):
    command = [sys.executable, "-c", SCRIPT, str(devices)]
    run = subprocess.run(command, cwd=pathlib.Path(__file__).parents[2], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]
    return np.array(json.loads(run.stdout.splitlines()[-1]))


@pytest.mark.slow
def test_two_devices_learn_as_one_does():
    one, two = loss_curve(1), loss_curve(2)
    assert one[-1] < one[0] - 0.1
    np.testing.assert_allclose(one, two, atol=1e-4)
