# %% [markdown]
# # 13 · The same in PyTorch
#
# **What is the model, and what is only the framework?**
#
# Many papers come with PyTorch. Here is the model of lesson 12 in that language: the same layers, the **same file of
# weights**, the same logits, and in the end the same training, step by step. What differs stands in one table near the
# end. You write the model's `forward` and the training step.
#
# | | |
# |---|---|
# | **You build** | `QAModel.forward`, `training_step` |
# | **Minutes** | 40 |
# | **You need** | 12; PyTorch (the first cell says how to get it); the encoder's files, fetched once by the set-up |

# %%
import sys

sys.path[:0] = ["..", "../.."]  # where the course's library, utils, lies

from utils.notebook import ROOT, setup, show

setup(seed=13, framework="torch")

# %% [markdown]
# There is no TensorFlow in this process, and no Keras: for comparisons Keras runs in a process of its own.

# %%
import numpy as np
import torch
from torch import nn

assert not {"keras", "tensorflow"} & sys.modules.keys()

# %% [markdown]
# ## A dense layer, twice
#
# PyTorch's dense layer is `nn.Linear(inputs, outputs)`. It computes x·Wᵀ + b, and so keeps its matrix **the other way
# round** from Keras, turned (transposed): (outputs, inputs).

# %%
layer = nn.Linear(4, 3)
x = torch.randn(2, 5, 4)
by_hand = x @ layer.weight.T + layer.bias
show(weight=tuple(layer.weight.shape), output=tuple(layer(x).shape), difference=(layer(x) - by_hand).abs().max().item())
assert layer.weight.shape == (3, 4) and torch.allclose(layer(x), by_hand, atol=1e-6)

# %% [markdown]
# Carry weights over without turning them, and you get an error where the matrix is not square, and none where it is.
# All of BERT's attention matrices are square; below you try it with one.
#
# ## Masks, two conventions in one library
#
# Lesson 04 had a table of them. In PyTorch a boolean mask means *may attend* for the function
# `scaled_dot_product_attention`, and *is ignored* for the layer `nn.MultiheadAttention`. The same mask, both ways:

# %%
import torch.nn.functional as F

q = k = v = torch.randn(1, 1, 3, 4)  # one text, one head, three tokens of width 4
may_attend = torch.tensor([[True, True, False]] * 3)
output = F.scaled_dot_product_attention(q, k, v, attn_mask=may_attend)
first_two = F.scaled_dot_product_attention(q, k[:, :, :2], v[:, :, :2])
attention = nn.MultiheadAttention(4, 1, batch_first=True)
_, weights = attention(q[0], k[0], v[0], attn_mask=may_attend)
show(function_looks_at_the_first_two=torch.allclose(output, first_two, atol=1e-6), layer_weights=weights[0].detach())
assert torch.allclose(output, first_two, atol=1e-6) and (weights[0, :, :2] == 0).all()

# %% [markdown]
# The layer did the opposite: all its weight lies on the token that should be hidden. We use the function: True = may
# attend.
#
# ## The encoder, piece by piece
#
# Five short modules. A module lists its parts in `__init__` and says in `forward` what happens; `nn.Module` notes the
# parts, and so finds every weight. First attention: the three projections, cut into heads, as in lesson 05.


# %% tags=["from:utils.tasks.question_answering_torch.TorchSelfAttention"]
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


# %% [markdown]
# `view` and `transpose` put the heads on axis 1, (B, H, T, K). Then the feed-forward network; `ACTIVATIONS` holds the
# activations, or bends, that checkpoints use; ours is `F.gelu`.

# %%
from utils.tasks.question_answering_torch import ACTIVATIONS

assert ACTIVATIONS["gelu"](torch.zeros(1)) == 0


# %% [markdown]
# Widen, bend, narrow. In this class's `__init__`, and only there, `F` is a width, as in lesson 06; everywhere else here
# it is `torch.nn.functional`.


# %% tags=["from:utils.tasks.question_answering_torch.TorchFeedForward"]
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


# %% [markdown]
# The encoder layer of lesson 06, with the norm after each residual:


# %% tags=["from:utils.tasks.question_answering_torch.TorchEncoderLayer"]
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


# %% [markdown]
# Words, positions and token types are added up:


# %% tags=["from:utils.tasks.question_answering_torch.TorchEmbedding"]
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


# %% [markdown]
# And the whole. The mask (B, T) gets two axes, so that it fits scores of shape (B, H, T, T):


# %% tags=["from:utils.tasks.question_answering_torch.TorchEncoder"]
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


# %% [markdown]
# ## Exercise: `QAModel.forward`
#
# `self.encoder` gives hidden states (B, T, D), `self.head` two numbers for each token, (B, T, 2). Give back
# `start_logits` and `end_logits`, (B, T) each: the first number of each token is the start's. At padding, where
# `padding_mask` is False, both must be so low that nothing begins or ends there, but finite:
# `torch.finfo(logits.dtype).min / 2`. Whether dropout is on is the caller's to say. Look up `Tensor.masked_fill`;
# `hint("QAModel")`, once the check has run, says more, three times.


# %% tags=["from:utils.tasks.question_answering_torch.QAModel", "exercise:forward"]
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


# %% [markdown]
# The check gives your class the library's weights:

# %%
from utils.checks import check, hint

QAModel = check(QAModel)

# %% [markdown]
# ## The same file
#
# The encoder's file of lesson 10, read into such a model. Its head is new and random, hence the seed. How many weights
# is that?

# %%
from utils.pretrained import fetch
from utils.pretrained.checkpoint import load_tokenizer, read_config, read_weights
from utils.tasks.question_answering_torch import QuestionAnswering, set_weights, torch_names

folder = fetch("minilm")
config = read_config(folder)
torch.manual_seed(13)
model = QAModel(config)
set_weights(model, read_weights(folder, config))
show(parameters=sum(p.numel() for p in model.parameters()), tensors=len(model.state_dict()))
assert sum(p.numel() for p in model.parameters()) == 22_566_146

# %% [markdown]
# Each weight has three names: the path by which this course knows it, PyTorch's, and BERT's own in the file, which
# lesson 10 read. Four of the 103, with their shapes:

# %%
from safetensors import safe_open

from utils.pretrained.checkpoint import our_path

names, shapes = torch_names(model), {path: array.shape for path, array in read_weights(folder, config).items()}
with safe_open(folder / "model.safetensors", framework="numpy") as file:
    in_file = {our_path(name): (name, tuple(file.get_slice(name).get_shape())) for name in file.keys()}
parts = "self_attention/query_kernel", "feed_forward/widen/kernel", "attention_norm/gamma"
for path in ("embedding/word/embeddings", *(f"encoder_layers/0/{part}" for part in parts)):
    here = names[path], tuple(model.state_dict()[names[path]].shape)
    for where, (name, shape) in {"path": (path, shapes[path]), "PyTorch": here, "file": in_file[path]}.items():
        print(f"{where:8} {name:53} {shape}")
assert len(names) == len(model.state_dict()) == 103

# %% [markdown]
# The file keeps the matrices of dense layers as PyTorch does, (outputs, inputs); under our paths they are turned, as
# Keras wants them. The third weight shows it; in the second, which is square, the shapes do not. The head's two weights
# are not in this file.
#
# Now the proof. The model is saved, and a process with Keras reads **the same file** and computes logits for the same
# batch: two questions about a passage, padded to one length.

# %%
import tempfile
from pathlib import Path

from utils.tasks.keras_logits import logits_of_keras
from utils.tasks.passages import Settings
from utils.tasks.question_answering_torch import as_tensors
from utils.text.buckets import pad_encodings

passage = "Simon went to Africa in May. In September Jane will go there by ship."
tokenizer = load_tokenizer(folder)
batch = pad_encodings([tokenizer.encode(q, passage) for q in ("When will Jane go to Africa?", "Who went by ship?")])
reader = QuestionAnswering(model, folder, Settings())
with tempfile.TemporaryDirectory() as scratch:
    reader.save(scratch)
    theirs = np.array(logits_of_keras(scratch, *batch))  # (2, B, T): start and end

# %% [markdown]
# In PyTorch `model.eval()` switches dropout off, and `torch.no_grad()` keeps no notes for a gradient.

# %%
model.eval()
with torch.no_grad():
    ours = np.array([part.numpy() for part in model(*as_tensors(batch))])
is_token = batch[2]
difference = np.abs(ours - theirs)[:, is_token].max()
show(four_start_logits_in_keras=theirs[0, 0, :4], the_same_in_pytorch=ours[0, 0, :4])
print("largest difference over all tokens below 1e-4:", bool(difference < 1e-4))
assert difference < 1e-4

# %% [markdown]
# Every token's logits are the same to 1e-4. **A model is its weights and its formulas.** The framework is how you write
# the formulas down.
#
# And if a square matrix is not turned? Here, in a copy, the first layer's query matrix is turned once too often:

# %%
import copy

wrong = copy.deepcopy(model)
query = wrong.encoder.encoder_layers[0].self_attention.query
with torch.no_grad():
    query.weight.copy_(query.weight.T.clone())
    others = wrong(*as_tensors(batch))[0].numpy()
show(four_start_logits_now=others[0, :4], largest_difference=np.abs(others - ours[0])[is_token].max())
assert np.abs(others - ours[0])[is_token].max() > 1e-2

# %% [markdown]
# No error, and other logits, from one of 24 attention matrices. Only the comparison shows it.
#
# ## Four habits that differ
#
# **Gradients add up.** In TensorFlow a tape is made anew for each step. Here every weight keeps its gradient in
# `.grad`, and `backward` *adds* to what is there:

# %%
weight = nn.Parameter(torch.tensor([2.0]))
sizes = []
for _ in range(3):
    (weight**2).sum().backward()
    sizes.append(weight.grad.item())
print(sizes)
assert sizes == [4.0, 8.0, 12.0]

# %% [markdown]
# The gradient of w² at 2 is 4, and it stays 4. So a step begins with `optimizer.zero_grad()`.
#
# **The mode is the model's.** Keras is told at each call, `training=True`. A PyTorch model remembers, and starts in
# `train` mode: the same question twice, with dropout on, gives two answers.

# %%
tensors = as_tensors(batch)
difference = {}
for mode in ("train", "eval"):
    getattr(model, mode)()
    with torch.no_grad():
        first, second = (model(*tensors)[0] for _ in range(2))
    difference[mode] = (first - second)[tensors[2]].abs().max().item()
print({mode: "the same twice" if d == 0 else "two answers" for mode, d in difference.items()})
assert difference["eval"] == 0 < difference["train"]

# %% [markdown]
# **Logits first.** `F.cross_entropy(logits, labels)`, where Keras has labels first. And labels in int32 are refused:
# give it int64. Equal logits at T = 40 places cost ln 40:

# %%
loss = F.cross_entropy(torch.zeros(3, 40), torch.tensor([4, 0, 7]))
show(loss=loss.item(), ln_40=np.log(40), digits=4)
assert abs(loss.item() - np.log(40)) < 1e-5

# %% [markdown]
# **A tensor remembers how it was made.** A loss kept in a list keeps the graph of its step alive. `loss.item()` is a
# plain number.

# %%
losses = [(weight**2).sum(), (weight**2).sum().item()]
print([type(value).__name__ for value in losses], "made by", type(losses[0].grad_fn).__name__)
assert losses[0].grad_fn is not None

# %% [markdown]
# ## Exercise: `training_step`
#
# `batch` is a tuple of five tensors: `token_ids`, `token_type_ids`, `padding_mask`, (B, T) each, `start_positions` and
# `end_positions`, (B,). One step: dropout on; old gradients cleared, whoever left them; logits; the loss of lesson 12,
# the mean of start's and end's cross-entropy; gradients; gradients as a whole shortened to a norm of at most
# `CLIP_NORM` (gradient clipping) by `nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)`; the optimizer's step.
# Give back the loss before the step as a float.

# %%
CLIP_NORM = 1.0

# %% [markdown]
# A gradient longer than that is shortened, as in lesson 12.


# %% tags=["from:utils.tasks.question_answering_torch.training_step", "exercise"]
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


# %% [markdown]
# Check it:

# %%
training_step = check(training_step)

# %% [markdown]
# ## Train
#
# Stories, windows, labels and batches come from the same functions as in lesson 12. `make_optimizer` gives AdamW and
# its schedule, which here are two objects: `optimizer.step()`, then `schedule.step()`.

# %%
from utils.datasets.readers.squad import read_questions
from utils.tasks.question_answering_torch import make_optimizer
from utils.tasks.reader import lessons

stories = read_questions(ROOT / "data" / "stories" / "train.json.gz")
short = [q for q in stories if len(q.context) < 170]
STEPS = 40
data = lessons(short, None, "minilm", STEPS, batch_size=24, seed=0, max_length=64, stride=16)
show(questions=len(short), windows=len(data.windows), labels=data.labels.shape)

# %% [markdown]
# Your step, 40 times, a quarter of lesson 12's; half a minute or so on two cores.

# %% tags=["nbval-ignore-output"]
from utils.text.buckets import EncodingBatches

torch.manual_seed(13)  # dropout draws
batches = EncodingBatches(data.windows, 24, seed=0)
optimizer, schedule = make_optimizer(model, 5e-4, STEPS)
losses = []
for step in range(STEPS):
    rows, inputs = batches.batch(step)
    losses.append(training_step(model, optimizer, as_tensors((*inputs, *data.labels[rows].T))))
    schedule.step()
    if step % 20 == 19:
        print(f"step {step + 1:3}   loss {np.mean(losses[-20:]):.2f}")

# %% [markdown]
# From near ln T, as in lesson 12:

# %%
began, ended = losses[0], np.mean(losses[-20:])
print("began near ln T:", 3 < began < 5, "  then fell by half:", bool(ended < 0.5 * began))
assert 3 < began < 5 and ended < 0.5 * began

# %% [markdown]
# ## Ask it
#
# `QuestionAnswering` has the same calls as lesson 12's. Everything around the model, windows and spans and scores, is
# the same code.

# %% tags=["nbval-ignore-output"]
reader = QuestionAnswering(model, folder, data.settings)
story = "Simon will go to Africa in May. In September Jane will go to Africa. Omar went to the harbour."
for answer in reader.answer("When will Jane go to Africa?", story, top_k=3):
    print(f"{answer['score']:.2f}  {answer['text']!r}")

# %% [markdown]
# After 40 steps it answers with a month, and here with the wrong one. Lesson 12 took four times as many steps.
#
# ## The same training?
#
# Do the same weights also learn the same? For that nothing may be left to chance: no dropout, the same batches in the
# same order, AdamW with the same rates. Keras, in its own process, opens what PyTorch has learnt so far, and goes on
# training from there, for five steps:

# %% tags=["nbval-ignore-output"]
from benchmarks.two_frameworks import keras_goes_on

more = []
for step in range(STEPS, STEPS + 5):
    rows, inputs = batches.batch(step)
    more.append((*inputs, *data.labels[rows].T))
with tempfile.TemporaryDirectory() as scratch:
    reader.save(scratch)
    files = sorted(path.name for path in Path(scratch).iterdir())
    keras = keras_goes_on(scratch, more, 5e-4)
print("files:", ", ".join(files))
print("Keras keeps the query matrix as", keras["query_kernel"].tolist())
assert keras["query_kernel"].tolist() == [384, 12, 32]

# %% [markdown]
# First the logits of a batch of 24 questions that neither has learnt from, trained here and read there:

# %%
ours, is_token = np.array(reader.logits(*more[0][:3])), more[0][2]
difference = np.abs(ours - keras["logits"])[:, is_token].max()
print("trained here, read there, largest difference below 1e-4:", bool(difference < 1e-4))
assert difference < 1e-4

# %% [markdown]
# `model.safetensors` holds nothing but names, shapes and numbers. It is no program, unlike a pickle, which can run
# anything when it is opened; and its names are BERT's, so transformers reads it too:
# `AutoModelForQuestionAnswering.from_pretrained(folder)`.
#
# Now PyTorch takes the same five steps, with your `training_step`: a twin without dropout, and for comparison one with:


# %% tags=["nbval-ignore-output"]
def go_on(**rates):
    """The loss before each of the five steps, from the same weights; rates of dropout as said."""
    torch.manual_seed(0)
    twin = QAModel({**config, **rates})
    twin.load_state_dict(model.state_dict())
    optimizer, schedule = make_optimizer(twin, 5e-4, len(more))
    found = []
    for batch in more:
        found.append(training_step(twin, optimizer, as_tensors(batch)))
        schedule.step()
    return np.array(found)


in_torch, with_dropout = go_on(dropout_rate=0.0, attention_dropout_rate=0.0), go_on()
show(keras=keras["losses"], pytorch=in_torch, pytorch_with_dropout=with_dropout)

# %% [markdown]
# The optimizer is new, and five steps have no warm-up. The loss leaps, alike in both:

# %% tags=["nbval-ignore-output"]
from utils.plots.question_answering_tensorflow import losses_side_by_side

sides = {"Keras": keras["losses"], "PyTorch": in_torch, "PyTorch with\ndropout": with_dropout}
largest = losses_side_by_side(sides)

# %% [markdown]
# How far apart?

# %%
apart, drawn = np.abs(in_torch - keras["losses"]).max(), np.abs(in_torch - with_dropout).max()
print(
    "the frameworks lie less than 0.01 apart:", bool(apart < 0.01), "  dropout moves the loss more:", drawn > 3 * apart
)
assert abs(in_torch[0] - keras["losses"][0]) < 1e-4 and apart < 0.01 and drawn > 3 * apart

# %% [markdown]
# The first loss is the same to 1e-4, the later ones to a hundredth or better. One draw of dropout makes more difference
# than the framework. **Over these five steps the training, too, is its formulas.** (Over thousands rounding parts even
# two runs of one program, as lesson 12 showed.)
#
# And the scores of whole trainings? Five groups on the little SQuAD, each with more questions and more steps than the
# one before (`python -m benchmarks.qa`). Within a group the batches are the same in both frameworks (in the last Keras
# makes more steps, in bfloat16); the head's first weights and dropout are drawn, in each otherwise. Transformers' own
# model and loss, with batches and settings of their own, stand beside the first and the last. F1 on the test passages,
# with 95 % intervals from resampling passages:

# %%
import json

stored = json.loads((ROOT / "data" / "experiments" / "qa.json").read_text())
then = {row["arm"]: row for row in stored["with_745"]}
between = {row["arm"]: row for row in stored["with_3401"]}
most = {row["arm"]: row for row in stored["with_11584"]}
earlier = {row["arm"]: row for row in stored["with_13265"] if row["seed"] == 0}
now = {row["arm"]: row for row in stored["rows"] if row["set"] == "shipped"}
for rows, arms in (
    (then, ("keras", "torch", "transformers")),
    (between, ("keras", "torch")),
    (most, ("keras", "torch")),
    (earlier, ("keras", "torch")),
    (now, ("keras", "torch", "transformers")),
):
    intervals = [rows[arm]["f1_interval"] for arm in arms]
    for arm, (low, high) in zip(arms, intervals, strict=True):
        row = rows[arm]
        print(f"{row['train_questions']:6} questions   {arm:13} F1 {row['f1']:.2f}   interval {low:.2f} to {high:.2f}")
    assert max(low for low, _ in intervals) < min(high for _, high in intervals)

# %% [markdown]
# Within each group the intervals overlap. Scores of one training each do not tell one program from another: whether two
# are the same, logits and losses say far more sharply. Single answers are coarser still:

# %%
test = read_questions(ROOT / "data" / "little_squad" / "test.json")
(n,) = [n for n, q in enumerate(test) if q.question == "When will Jane go to Africa?"]
for questions, rows in (("13,265", earlier), ("19,051", now)):
    for arm in ("keras", "torch"):
        text, _, score = rows[arm]["said"][n]
        print(f"after {questions} questions, {arm:6} {score:.2f} {text!r}")
        assert text.endswith("September") if rows is earlier else not text

# %% [markdown]
# The readers of 13,265 questions have the month; those of 19,051, though they score a little more, decline to say, in
# both frameworks.
#
# ## The Rosetta table
#
# | what | TensorFlow, Keras | PyTorch |
# |---|---|---|
# | a part with weights | `keras.layers.Layer`, `call` | `nn.Module`, `forward` |
# | weights made | in `build`, from the first shape | in `__init__`, sizes said beforehand |
# | dense layer's matrix | (inputs, outputs): `x @ kernel` | (outputs, inputs): `x @ weight.T` |
# | embedding, norm | `embeddings`; `gamma`, `beta` | `weight`; `weight`, `bias` |
# | boolean attention mask | True = may attend | the function: the same; `nn.MultiheadAttention`: **the opposite** |
# | dropout on, off | `training=` at each call | `model.train()`, `model.eval()`, remembered |
# | no gradient wanted | nothing to do: only a tape takes notes | `with torch.no_grad():` |
# | gradients | `tape.gradient(loss, weights)`, anew each time | `loss.backward()`, added to `p.grad`: clear them |
# | loss | labels first, `from_logits=True` | logits first, always logits; labels int64 |
# | a step | `optimizer.apply_gradients(…)`, schedule inside | `optimizer.step()`, then `schedule.step()` |
# | speed | `tf.function` makes a graph | runs line by line; `torch.compile` makes a graph |
# | where | placed by itself | `model.to(device)`, `tensor.to(device)` |
# | to NumPy | `np.array(tensor)` | `tensor.detach().cpu().numpy()` |
# | all weights by name | `model.weights`, `get_weights()` | `model.state_dict()`, `load_state_dict()` |
#
# No cell here calls `torch.compile` or `to(device)`.

# %% [markdown]
# ## What to remember
#
# - A model is its weights and its formulas; both frameworks read one file and say the same to 1e-4.
# - So is a training: from one file, on the same batches, without dropout, both have the same losses step by step, to a
#   hundredth, over the five steps tried.
# - `Linear` keeps its matrix turned.
# - Attention masks mean opposite things within one library.
# - Four habits: clear the gradients with `zero_grad`; set the mode with `train` and `eval`; logits first, then labels;
#   keep a loss as `item()`, not as a tensor.
# - To compare two programs, compare logits and losses; the scores of one training each are too coarse.

# %% [markdown]
# ## Three questions for yourself
#
# <details><summary>1. You forget zero_grad. The loss still falls at first. Why does it go wrong later?</summary>
# Without clipping each step goes along the sum of all gradients so far, like a ball that never slows down: it rolls on
# when the slope has turned. Here clipping shortens what is left to 1 each time, so a rest of the old ones is mixed into
# each new one.
# </details>
#
# <details><summary>2. Your saved model answers differently each time it is asked. What was forgotten?</summary>
# `model.eval()`: dropout is still on. `no_grad` does not switch it off; the two have nothing to do with each other.
# </details>
#
# <details><summary>3. You copy a square attention matrix from Keras to Linear without turning it. What then?</summary>
# No error: the shape fits. But the logits are others, as you saw with a single matrix; only a comparison like the one
# above tells you.
# </details>

# %% [markdown]
# **Where to read on:** PyTorch's own *Learn the basics* tutorials; the source of transformers' `modeling_bert.py`,
# which you can now read line by line.
#
# **Next:** [14 · Your own dataset](14_your_own_dataset.ipynb)
