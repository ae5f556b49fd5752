#!/usr/bin/env bash
# One would guess: beam search ends with a sentence at least as likely as the greedy one, if both are among
#   its beams.
# What happens: a finished beam goes on being extended, and pays for each token after its end. The sentence
#   END of probability 0.6 is charged a sixth for the token that follows, comes to 0.1, and loses to one of
#   0.4.
# Versions: keras-hub 0.32.0, keras 3.15.1, jax 0.10.2.
# Where it matters: translation with a wider beam: the score of the corpus falls, and long sentences win over
#   short ones.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check keras-hub==0.32.0 keras==3.15.1 jax==0.10.2 numpy==2.4.6
TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=jax venv/bin/python - <<'PY'
from importlib.metadata import version

import numpy as np
from keras import ops
from keras_hub.samplers import BeamSampler, GreedySampler


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


for package in ("keras-hub", "keras", "jax"):
    print(package, version(package))
START, WORD, END, VOCABULARY = 0, 1, 2, 6
model = np.full((VOCABULARY, VOCABULARY), 1 / VOCABULARY)  # after END: no preference
model[START] = [1e-9, 0.4, 0.6, 1e-9, 1e-9, 1e-9]
model[WORD] = [1e-9, 1e-9, 1.0, 1e-9, 1e-9, 1e-9]


def logits(prompt, cache, index):
    last = ops.take(prompt, index - 1, axis=1)
    return ops.take(ops.convert_to_tensor(np.log(model).astype("float32")), last, axis=0), None, cache


def sentence(sampler):
    prompt = ops.full((1, 4), START, dtype="int32")
    given = ops.convert_to_tensor([[True, False, False, False]])
    tokens = np.array(sampler(logits, prompt, index=1, mask=given, stop_token_ids=[END]))[0].tolist()
    tokens = tokens[: tokens.index(END) + 1]
    likely = float(np.prod([model[before, after] for before, after in zip(tokens, tokens[1:])]))
    print(f"{type(sampler).__name__}: {tokens}, probability {likely:.2f}")
    return round(likely, 2)


greedy, beam = sentence(GreedySampler()), sentence(BeamSampler(num_beams=2))
still(greedy == 0.6, "greedy says something else")
still(beam == 0.4, "the beam's sentence is as likely as the greedy one")
PY
