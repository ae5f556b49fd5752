"""What the exercises of this lesson share."""

import numpy as np

from utils.checks.frame import here

HERE = here() == "torch"
if HERE:
    import torch

    from utils.tasks.question_answering_torch import QAModel


def elsewhere(*args, **kwargs):
    """Stands for a reference that this process cannot have."""
    raise RuntimeError("This exercise belongs to lesson 13, whose process has PyTorch and not Keras")


SIZES = {"num_layers": 1, "embedding_dim": 12, "num_heads": 3, "fully_connected_dim": 20, "input_vocab_size": 30}
SIZES |= {"maximum_position_encoding": 16, "num_token_types": 2, "attention_dropout_rate": 0.0}
SIZES |= {"layernorm_eps": 1e-12, "activation": "gelu"}


def config_of(dropout_rate=0.0):
    """A small encoder's config."""
    return {**SIZES, "dropout_rate": dropout_rate}


def _shapes():
    """The names of a model's weights with their shapes: known beforehand, so that no model is needed to draw them."""
    with torch.random.fork_rng():
        return {name: tuple(p.shape) for name, p in QAModel(config_of()).state_dict().items()}


SHAPES = _shapes() if HERE else {}


def random_weights(seed):
    """Weights for a model of these sizes, drawn apart from the notebook's random numbers."""
    rng = np.random.default_rng(seed)
    return {name: torch.from_numpy(rng.normal(0, 0.3, shape).astype("float32")) for name, shape in SHAPES.items()}


def made_with_weights(answer, weights_seed, dropout_rate=0.0, scale=1.0):
    """A model of the learner's class with these weights, its head's matrix scaled."""
    with torch.random.fork_rng():
        model = answer(config_of(dropout_rate))
    model.load_state_dict(random_weights(weights_seed))
    with torch.no_grad():
        model.head.weight *= scale
    return model.eval()


def random_inputs(rng, B, T, padded=False):
    """Ids, token types and padding mask, (B, T) each; where padding is, any ids stand, 0 with padded="zeros"."""
    types = np.sort(rng.integers(0, 2, (B, T)), axis=1).astype("int32")
    lengths = rng.integers(2, T, (B, 1)) if padded else np.full((B, 1), T)
    mask, ids = np.arange(T) < lengths, rng.integers(1, 30, (B, T)).astype("int32")
    return {
        "weights_seed": int(rng.integers(10**6)),
        "token_ids": ids * mask if padded == "zeros" else ids,
        "token_type_ids": types,
        "padding_mask": mask,
    }
