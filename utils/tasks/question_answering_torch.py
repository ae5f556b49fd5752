"""Extractive question answering in PyTorch: the same model, files and calls as `question_answering`.

Keras and TensorFlow are not imported here: two such libraries in one process get in each other's way. What both
frameworks share, in NumPy, is in `reader`, `passages` and `spans`.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - what everyone calls it
from torch import nn
from tqdm import tqdm

from utils.pretrained.checkpoint import read_config, read_weights
from utils.tasks.passages import AS_LEARNT, Settings
from utils.tasks.reader import Lessons, Reader, lessons, read_saved, threshold_after
from utils.text.buckets import EncodingBatches, in_epoch

LEARNING_RATE = 2e-4
WARM_UP = 0.1  # share of the steps in which the learning rate rises
WEIGHT_DECAY = 0.01
CLIP_NORM = 1.0
ACTIVATIONS = {
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "relu": F.relu,
    "silu": F.silu,
}


class TorchSelfAttention(nn.Module):
    """Every token looks at all tokens, with H heads at once.

    Args:
        embedding_dim: D. num_heads: H, a divisor of D. dropout_rate: on the attention weights.
    """

    def __init__(self, embedding_dim: int, num_heads: int, dropout_rate: float):
        super().__init__()
        self.num_heads, self.dropout_rate = num_heads, dropout_rate
        self.query = nn.Linear(embedding_dim, embedding_dim)
        self.key = nn.Linear(embedding_dim, embedding_dim)
        self.value = nn.Linear(embedding_dim, embedding_dim)
        self.output = nn.Linear(embedding_dim, embedding_dim)

    def forward(self, x, mask):
        """From x (B, T, D) and mask (B, 1, 1, T), True = may be looked at, to (B, T, D)."""
        B, T, D = x.shape
        heads = (B, T, self.num_heads, D // self.num_heads)
        q, k, v = (part(x).view(heads).transpose(1, 2) for part in (self.query, self.key, self.value))  # (B, H, T, K)
        rate = self.dropout_rate if self.training else 0.0
        x = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=rate)  # (B, H, T, K)
        return self.output(x.transpose(1, 2).reshape(B, T, D))


class TorchFeedForward(nn.Module):
    """The same small network at every position: widen to F, bend, narrow to D.

    Args:
        config: the encoder's arguments, as `utils.pretrained.checkpoint.read_config` gives them.
    """

    def __init__(self, config: dict):
        super().__init__()
        D, F = config["embedding_dim"], config["fully_connected_dim"]
        self.widen, self.narrow = nn.Linear(D, F), nn.Linear(F, D)
        self.activation = ACTIVATIONS[config["activation"]]

    def forward(self, x):
        """From (B, T, D) to (B, T, D)."""
        return self.narrow(self.activation(self.widen(x)))


class TorchEncoderLayer(nn.Module):
    """Self-attention, then feed-forward; each is added to what came in, and normalised.

    Args:
        config: the encoder's arguments, as `utils.pretrained.checkpoint.read_config` gives them.
    """

    def __init__(self, config: dict):
        super().__init__()
        D, eps, rate = config["embedding_dim"], config["layernorm_eps"], config["dropout_rate"]
        self.self_attention = TorchSelfAttention(D, config["num_heads"], config["attention_dropout_rate"])
        self.attention_norm = nn.LayerNorm(D, eps=eps)
        self.feed_forward = TorchFeedForward(config)
        self.feed_forward_norm = nn.LayerNorm(D, eps=eps)
        self.attention_dropout = nn.Dropout(rate if config.get("dropout_after_attention", True) else 0.0)
        self.dropout = nn.Dropout(rate)

    def forward(self, x, mask):
        """From x (B, T, D) and mask (B, 1, 1, T) to (B, T, D)."""
        x = self.attention_norm(x + self.attention_dropout(self.self_attention(x, mask)))
        return self.feed_forward_norm(x + self.dropout(self.feed_forward(x)))


class TorchEmbedding(nn.Module):
    """Word + position + segment, then a norm.

    Args:
        config: the encoder's arguments, as `utils.pretrained.checkpoint.read_config` gives them.
    """

    def __init__(self, config: dict):
        super().__init__()
        D, types = config["embedding_dim"], config["num_token_types"]
        self.word = nn.Embedding(config["input_vocab_size"], D)
        self.position = nn.Embedding(config["maximum_position_encoding"], D)
        self.token_type = nn.Embedding(types, D) if types else None
        self.norm = nn.LayerNorm(D, eps=config["layernorm_eps"])
        self.dropout = nn.Dropout(config["dropout_rate"])

    def forward(self, token_ids, token_type_ids):
        """From two (B, T) to (B, T, D)."""
        positions = torch.arange(token_ids.shape[1], device=token_ids.device)
        x = self.word(token_ids) + self.position(positions)  # (B, T, D) + (T, D)
        x = x if self.token_type is None else x + self.token_type(token_type_ids)
        return self.dropout(self.norm(x))


class TorchEncoder(nn.Module):
    """BERT or DistilBERT: the embedding, then the encoder layers.

    Args:
        config: the encoder's arguments, as `utils.pretrained.checkpoint.read_config` gives them.
    """

    def __init__(self, config: dict):
        super().__init__()
        self.embedding = TorchEmbedding(config)
        self.encoder_layers = nn.ModuleList(TorchEncoderLayer(config) for _ in range(config["num_layers"]))

    def forward(self, token_ids, token_type_ids, padding_mask):
        """From three (B, T), the mask True = token, to hidden states (B, T, D)."""
        x = self.embedding(token_ids, token_type_ids)
        for layer in self.encoder_layers:
            x = layer(x, padding_mask[:, None, None, :])  # (B, 1, 1, T): every token may look at all but padding
        return x


class QAModel(nn.Module):
    """An encoder, and a linear layer that gives each token two numbers: does the answer begin here, end here?

    Args:
        config: the encoder's arguments, as `utils.pretrained.checkpoint.read_config` gives them.
    """

    def __init__(self, config: dict):
        super().__init__()
        self.encoder = TorchEncoder(config)
        self.head = nn.Linear(config["embedding_dim"], 2)

    def forward(self, token_ids, token_type_ids, padding_mask):
        """What begins and what ends at each token.

        Args:
            token_ids: (B, T).
            token_type_ids: (B, T), 0 question, 1 context.
            padding_mask: bool (B, T), True = token.

        Returns:
            Start and end logits (B, T); at padding they are so low that nothing begins or ends there.
        """
        hidden = self.encoder(token_ids, token_type_ids, padding_mask)  # (B, T, D)
        logits = self.head(hidden)  # (B, T, 2)
        lowest = torch.finfo(logits.dtype).min / 2
        logits = logits.masked_fill(~padding_mask[:, :, None], lowest)
        return logits[..., 0], logits[..., 1]


def likeness(hidden, sentences, padding_mask):
    """How much liker the question each token's sentence is than the passage: see `question_answering.likeness`.

    From hidden (B, T, D), sentences (B, T), 0 for the question, and the mask (B, T), to differences of cosines (B, T).
    """
    passage = (sentences > 0) & padding_mask  # (B, T)
    same = (sentences[:, :, None] == sentences[:, None, :]) & padding_mask[:, None, :]  # (B, T, T)
    groups = torch.cat([same, passage[:, None, :]], dim=1)  # (B, T + 1, T), the whole passage last
    means = F.normalize(groups.to(hidden.dtype) @ hidden, dim=-1)  # a sum points where a mean does
    cosines = (means * means[:, :1]).sum(dim=-1)  # (B, T + 1); [CLS] stands first, and has the question's
    return (cosines[:, :-1] - cosines[:, -1:]).masked_fill(~passage, 0.0)


class FindThenRead(QAModel):
    """A `QAModel` that looks for the sentence first: see `question_answering.FindThenRead`.

    Args:
        config: as `QAModel` takes it.
        weight: what a likeness of 1 adds to start and to end.
    """

    def __init__(self, config: dict, weight: float):
        super().__init__(config)
        self.weight, self.last_segment = float(weight), max(config["num_token_types"] - 1, 0)

    def forward(self, token_ids, token_type_ids, padding_mask):
        """Start and end logits (B, T); token_type_ids are 0 for the question, then the sentences' numbers."""
        hidden = self.encoder(token_ids, token_type_ids.clamp(max=self.last_segment), padding_mask)  # (B, T, D)
        found = self.weight * likeness(hidden, token_type_ids, padding_mask)  # (B, T)
        logits = self.head(hidden) + found[:, :, None]  # (B, T, 2)
        logits = logits.masked_fill(~padding_mask[:, :, None], torch.finfo(logits.dtype).min / 2)
        return logits[..., 0], logits[..., 1]


def model_for(config: dict, settings: Settings | None = None) -> QAModel:
    """The network that the settings ask for."""
    return FindThenRead(config, settings.likeness) if settings and settings.likeness else QAModel(config)


def training_step(model, optimizer, batch) -> float:
    """Moves every weight a little so that the right span becomes likelier.

    Args:
        model: a `QAModel`.
        optimizer: from `torch.optim`.
        batch: token_ids, token_type_ids, padding_mask (B, T), start_positions, end_positions (B,): tensors.

    Returns:
        The loss before the step: cross-entropy in nats, the mean over the batch and over start and end.
    """
    token_ids, token_type_ids, padding_mask, start_positions, end_positions = batch
    model.train()  # dropout on
    optimizer.zero_grad()  # or the last step's gradients would be added to these
    start_logits, end_logits = model(token_ids, token_type_ids, padding_mask)
    loss = (F.cross_entropy(start_logits, start_positions) + F.cross_entropy(end_logits, end_positions)) / 2
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    optimizer.step()
    return loss.item()


class QuestionAnswering(Reader):
    """Answers questions about passages; see `utils.tasks.reader.Reader`.

    Args:
        model: a `QAModel`.
        folder, settings, history: see `Reader`.
        matmul_precision: "bfloat16" rounds what products multiply: see `products_of`.
    """

    def __init__(self, model: QAModel, folder: str | os.PathLike, settings: Settings, history: dict | None = None,
                 matmul_precision: str = "float32"):  # fmt: skip
        super().__init__(folder, settings, history)
        self.model, self._products = model, lambda: products_of(matmul_precision)
        with self._products():  # another precision is told now
            pass

    def logits(self, token_ids, token_type_ids, padding_mask):
        """See `Reader.logits`."""
        self.model.eval()
        with torch.no_grad(), self._products():
            pair = self.model(*as_tensors((token_ids, token_type_ids, padding_mask), device_of(self.model)))
        return tuple(part.cpu().numpy() for part in pair)

    def weights(self):
        """See `Reader.weights`."""
        arrays = {name: p.detach().cpu().numpy() for name, p in self.model.state_dict().items()}
        return {path: arrays[name].T if path.endswith("kernel") else arrays[name]
                for path, name in torch_names(self.model).items()}  # fmt: skip


# The same weights under other names ----------------------------------------------------------------


def torch_names(model: QAModel) -> dict[str, str]:
    """The path of each weight in the Keras model -> the name of the same weight here.

    `encoder_layers/0/self_attention/query_kernel` -> `encoder.encoder_layers.0.self_attention.query.weight`
    """
    words = {nn.Linear: ("kernel", "bias"), nn.Embedding: ("embeddings",), nn.LayerNorm: ("gamma", "beta")}
    names = {}
    for name, module in model.named_modules():
        path = name.removeprefix("encoder.").replace(".", "/")
        joint = "_" if "self_attention/" in path else "/"
        for ours, theirs in zip(words.get(type(module), ()), ("weight", "bias"), strict=False):
            names[f"{path}{joint}{ours}"] = f"{name}.{theirs}"
    return names


def set_weights(model: QAModel, weights: dict[str, np.ndarray]) -> None:
    """Gives the model weights by their Keras paths; what is not among them stays as it is."""
    state = model.state_dict()
    for path, name in torch_names(model).items():
        if path in weights:
            array = weights[path].T if path.endswith("kernel") else weights[path]  # Linear keeps (outputs, inputs)
            state[name] = torch.from_numpy(np.ascontiguousarray(array))
    model.load_state_dict(state)


def load_model(folder: str | os.PathLike) -> QAModel:
    """The network of a saved model, whichever framework it was trained in.

    Raises:
        EncoderError: the folder does not hold such a model, whole.
    """
    config, weights, settings = read_saved(folder)
    model = model_for(config, settings)
    set_weights(model, weights)
    return model.eval()


def load_with_encoder(folder: str | os.PathLike, settings: Settings | None = None,
                      config: dict | None = None) -> QAModel:  # fmt: skip
    """An encoder's weights from any BERT or DistilBERT folder, with a head that has learnt nothing.

    Args:
        folder: of the encoder.
        settings: see `model_for`.
        config: what `read_config` gives for this folder, or the same with other dropout; None reads it.

    Raises:
        EncoderError: the folder does not hold such an encoder, whole.
    """
    config = read_config(folder) if config is None else config
    model = fresh_model(config, settings)
    set_weights(model, read_weights(folder, config))
    return model


def load(folder: str | os.PathLike, matmul_precision: str = "float32") -> QuestionAnswering:
    """Reads what `save` wrote, whichever framework it was trained in.

    Args:
        folder: of the model.
        matmul_precision: see `QuestionAnswering`.

    Raises:
        EncoderError: the folder does not hold such a model, whole.
        ValueError: another precision than float32 or bfloat16.
    """
    model, settings = load_model(folder).to(best_device()), read_saved(folder)[2]
    return QuestionAnswering(model, folder, settings, matmul_precision=matmul_precision)


# Training ------------------------------------------------------------------------------------------


def fine_tune(train, dev=None, encoder="minilm", steps: int | None = None, batch_size: int | None = None,
              learning_rate: float | None = None, seed: int = 0, out: str | os.PathLike | None = None,
              pretrained: bool = True, on_step: Callable | None = None, progress: bool = True,
              matmul_precision: str = "float32", **options) -> QuestionAnswering:  # fmt: skip
    """Teaches an encoder to find answers; see `utils.tasks.question_answering.fine_tune`, which takes the same.

    There are no checkpoints: of a training that was stopped the model comes back, and `save` is yours to call.
    """
    data = lessons(train, dev, encoder, steps, batch_size, seed, **AS_LEARNT | options)
    torch.manual_seed(seed)
    config, settings = data.config, data.settings
    model = load_with_encoder(data.folder, settings, config) if pretrained else fresh_model(config, settings)
    with products_of(matmul_precision):
        history = learn(model.to(best_device()), data, learning_rate or LEARNING_RATE, on_step, progress)
    reader = QuestionAnswering(model, data.folder, settings, history)
    threshold_after(reader, data)
    if out is not None and not history["interrupted"]:
        reader.save(out)
    return reader


@contextlib.contextmanager
def products_of(matmul_precision: str) -> Iterator[None]:
    """Inside, matrix products are of float32, or of numbers rounded to bfloat16 where PyTorch finds that quicker.

    Raises:
        ValueError: another precision.
    """
    names = {"float32": "highest", "bfloat16": "medium"}  # as PyTorch calls them
    if matmul_precision not in names:
        raise ValueError(f"`matmul_precision` must be float32 or bfloat16. Received: {matmul_precision!r}")
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(names[matmul_precision])
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def fresh_model(config: dict, settings: Settings | None = None) -> QAModel:
    """A model that has learnt nothing, its weights drawn as BERT's were."""
    model = model_for(config, settings)
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.trunc_normal_(module.weight, std=0.02, a=-0.04, b=0.04)
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)
    return model


def learn(model: QAModel, data: Lessons, learning_rate: float, on_step: Callable | None,
          progress: bool) -> dict:  # fmt: skip
    """Trains; returns {"loss": one for each step, "interrupted": bool}. Ctrl-C ends it."""
    optimizer, schedule = make_optimizer(model, learning_rate, data.steps)

    def step(batch) -> float:
        loss = training_step(model, optimizer, as_tensors(batch, device_of(model)))
        schedule.step()
        return loss

    batches = EncodingBatches(data.windows, data.batch_size, seed=data.seed, pad_id=data.config["pad_id"])
    losses = []
    with tqdm(total=data.steps, unit="step", file=sys.stdout, disable=not progress, mininterval=0.5) as bar:
        try:
            for number in range(data.steps):
                rows, inputs = batches.batch(number)
                labels = in_epoch(data.labels, number // batches.batches_per_epoch)[rows]
                losses.append(step((*inputs, labels[:, 0], labels[:, 1])))
                bar.set_postfix_str(f"loss {np.mean(losses[-20:]):.3f}", refresh=False)
                bar.update()
                if on_step is not None:
                    on_step(number + 1, losses[-1])
        except KeyboardInterrupt:
            pass  # what was learnt stays
    return {"loss": np.array(losses, "float32"), "interrupted": len(losses) < data.steps}


def make_optimizer(model: QAModel, learning_rate: float, steps: int):
    """AdamW and its schedule: the rate rises for a tenth of the steps, then falls in a line to zero.

    Biases and norms do not decay.
    """
    named = list(model.named_parameters())
    groups = [
        {"params": [p for _, p in named if p.ndim > 1], "weight_decay": WEIGHT_DECAY},
        {"params": [p for _, p in named if p.ndim == 1], "weight_decay": 0.0},
    ]
    warm_up = int(WARM_UP * steps)
    optimizer = torch.optim.AdamW(groups, lr=learning_rate)

    def factor(n):
        return max(0.0, min((n + 1) / max(warm_up, 1), (steps - n) / (steps - warm_up)))

    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, factor)


def as_tensors(batch, device="cpu") -> tuple[torch.Tensor, ...]:
    """NumPy arrays as tensors; whole numbers as int64, which `cross_entropy` asks for."""
    arrays = (np.asarray(a) if np.asarray(a).dtype == bool else np.asarray(a, "int64") for a in batch)
    return tuple(torch.from_numpy(a).to(device) for a in arrays)


def best_device() -> str:
    """A GPU where there is one."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def device_of(model: nn.Module) -> torch.device:
    """Where the model's weights are."""
    return next(model.parameters()).device
