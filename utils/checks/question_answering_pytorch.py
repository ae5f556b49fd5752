"""Exercises of lesson 13. They are checked where PyTorch is and Keras is not; elsewhere only their names are known."""

import copy
import functools

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, here, register

HERE = here() == "torch"
if HERE:
    import torch
    import torch.nn.functional as F  # noqa: N812 - what everyone calls it
    from torch import nn

    from utils.tasks.question_answering_torch import CLIP_NORM, QAModel, as_tensors, training_step


def elsewhere(*args, **kwargs):
    """Stands for a reference that this process cannot have."""
    raise RuntimeError("This exercise belongs to lesson 13, whose process has PyTorch and not Keras")


SIZES = {"num_layers": 1, "embedding_dim": 12, "num_heads": 3, "fully_connected_dim": 20, "input_vocab_size": 30}
SIZES |= {"maximum_position_encoding": 16, "num_token_types": 2, "attention_dropout_rate": 0.0}
SIZES |= {"layernorm_eps": 1e-12, "activation": "gelu"}


def _config(dropout_rate=0.0):
    return {**SIZES, "dropout_rate": dropout_rate}


def _weights(seed):
    """Weights for a model of these sizes, drawn apart from the notebook's random numbers."""
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng():
        state = QAModel(_config()).state_dict()
    return {name: torch.from_numpy(rng.normal(0, 0.3, tuple(p.shape)).astype("float32")) for name, p in state.items()}


def _made(answer, weights_seed, dropout_rate=0.0):
    """A model of the learner's class with these weights."""
    with torch.random.fork_rng():
        model = answer(_config(dropout_rate))
    model.load_state_dict(_weights(weights_seed))
    return model.eval()


def _inputs(rng, B, T, padded=False):
    types = np.sort(rng.integers(0, 2, (B, T)), axis=1).astype("int32")
    lengths = rng.integers(2, T, (B, 1)) if padded else np.full((B, 1), T)
    return {
        "weights_seed": int(rng.integers(10**6)),
        "token_ids": rng.integers(1, 30, (B, T)).astype("int32"),
        "token_type_ids": types,
        "padding_mask": np.arange(T) < lengths,
    }


# QAModel -------------------------------------------------------------------------------------------


def _logits(answer, weights_seed, token_ids, token_type_ids, padding_mask):
    """What comes back, tensors as arrays."""
    tensors = as_tensors((token_ids, token_type_ids, padding_mask))
    found = _made(answer, weights_seed)(*tensors)
    return tuple(found) if isinstance(found, list) else found


def _at_tokens(answer, weights_seed, token_ids, token_type_ids, padding_mask):
    """Logits of tokens, 0 at padding."""
    parts = _logits(answer, weights_seed, token_ids, token_type_ids, padding_mask)
    return tuple(np.where(padding_mask, part.detach().numpy(), 0.0) for part in parts)  # not x * 0: -inf * 0 is NaN


def _at_padding(answer, weights_seed, token_ids, token_type_ids, padding_mask):
    """In words, what stands at padding."""
    said = []
    for part in _logits(answer, weights_seed, token_ids, token_type_ids, padding_mask):
        found = part.detach().numpy()[~padding_mask]
        good = np.isfinite(found).all() and (found < -1e4).all()
        low, high = (f"{x + 0.0:.3g}" for x in (found.min(), found.max()))
        said.append("very low and finite" if good else low if low == high else f"{low} to {high}")
    return tuple(said)


def _learns(answer, weights_seed, token_ids, token_type_ids, padding_mask):
    """Whether both logits' gradients reach the head and the encoder."""
    model = _made(answer, weights_seed)
    start, end = model(*as_tensors((token_ids, token_type_ids, padding_mask)))
    if not (start.requires_grad and end.requires_grad):
        return "no gradient"
    mask = torch.from_numpy(padding_mask)
    (start[mask].sum() * 0.5 + (end[mask] ** 2).sum()).backward()
    return "a gradient" if all(p.grad is not None for p in model.parameters()) else "no gradient"


def _inputs_of(*sizes, padded=False):
    return lambda rng: [case(**_inputs(rng, *size, padded=padded)) for size in sizes]


def _model(forward):
    """The class with another forward."""
    return type("QAModel", (QAModel,), {"forward": forward}) if HERE else elsewhere


def _forward(encode=None, mask=None, give=None):
    """The reference's forward with one of its steps done otherwise."""

    def forward(self, token_ids, token_type_ids, padding_mask):
        encoded = encode or (lambda self, ids, types, mask: self.encoder(ids, types, mask))
        logits = self.head(encoded(self, token_ids, token_type_ids, padding_mask))
        logits = mask(logits, padding_mask) if mask else _low(logits, padding_mask)
        return give(logits) if give else (logits[..., 0], logits[..., 1])

    return _model(forward)


def _low(logits, padding_mask):
    return logits.masked_fill(~padding_mask[:, :, None], torch.finfo(logits.dtype).min / 2)


def _leave(logits, padding_mask):
    return logits


def _low_in(column):
    """Makes padding low in one of the two columns only."""

    def mask(logits, padding_mask):
        filled = _low(logits, padding_mask)
        return torch.stack([(filled if n == column else logits)[..., n] for n in (0, 1)], dim=-1)

    return mask


def _without_gradient(self, token_ids, token_type_ids, padding_mask):
    with torch.no_grad():
        return QAModel.forward(self, token_ids, token_type_ids, padding_mask)


def _mask_hidden(self, token_ids, token_type_ids, padding_mask):
    hidden = self.encoder(token_ids, token_type_ids, padding_mask) * padding_mask[:, :, None]
    logits = self.head(hidden)
    return logits[..., 0], logits[..., 1]


def _unmasked(ids, types, mask):
    return ids, types, torch.ones_like(mask)


def _model_mistakes():
    low = torch.finfo(torch.float32).min / 2
    return (
        Mistake("start and end are swapped: the first number of each token is the start's",
                _forward(give=lambda x: (x[..., 1], x[..., 0]))),
        Mistake("padding's logits are as they were: masked_fill gives back a new tensor, which must be kept; "
                "masked_fill_ changes in place",
                _forward(mask=_leave)),
        Mistake("the end's padding is not masked: start and end must both be low there", _forward(mask=_low_in(0))),
        Mistake("the start's padding is not masked: start and end must both be low there", _forward(mask=_low_in(1))),
        Mistake("the mask is turned around: tokens are made low, not padding. True = token, so fill where ~mask",
                _forward(mask=lambda x, m: x.masked_fill(m[:, :, None], low))),
        Mistake("a logit of 0 is not low: the softmax still gives it a share",
                _forward(mask=lambda x, m: x * m[:, :, None])),
        Mistake("a logit of 0 is not low: the softmax still gives it a share",
                _forward(mask=lambda x, m: x.masked_fill(~m[:, :, None], 0.0))),
        Mistake("-inf is not finite: inf - inf is NaN in a loss; take torch.finfo(logits.dtype).min / 2",
                _forward(mask=lambda x, m: x.masked_fill(~m[:, :, None], float("-inf")))),
        Mistake("the hidden states of padding are set to 0, but the head still gives them logits: mask the logits",
                _model(_mask_hidden)),
        Mistake("the encoder does not get the padding mask, so tokens look at padding",
                _forward(encode=lambda self, *x: self.encoder(*_unmasked(*x)))),
        Mistake("the encoder does not get the padding mask, so tokens look at padding",
                _forward(encode=lambda self, *x: self.encoder(*_unmasked(*x)), mask=_leave)),
        Mistake("the encoder gets the padding mask turned around: True = token",
                _forward(encode=lambda self, ids, types, mask: self.encoder(ids, types, ~mask))),
        Mistake("the token types do not reach the encoder: it cannot tell question from context",
                _forward(encode=lambda self, ids, types, mask: self.encoder(ids, torch.zeros_like(types), mask))),
        Mistake("the token types do not reach the encoder: it cannot tell question from context",
                _forward(encode=lambda self, ids, types, mask: self.encoder(ids, mask.long(), mask))),
        Mistake("taken apart along the batch: [0] and [1] are two texts. The two numbers stand on the last axis",
                _forward(give=lambda x: (x[0], x[1]))),
        Mistake("taken apart along the tokens: the two numbers stand on the last axis",
                _forward(give=lambda x: (x[:, 0], x[:, 1]))),
        Mistake("(B, T, 2) in one piece: two results are asked for, start and end, (B, T) each",
                _forward(give=lambda x: x)),
        Mistake("an axis of length 1 is left over: (B, T) is asked for, not (B, T, 1)",
                _forward(give=lambda x: tuple(x.split(1, dim=-1)))),
        Mistake("reshape mixes starts and ends of neighbouring tokens: take x[..., 0] and x[..., 1]",
                _forward(give=lambda x: tuple(x.reshape(x.shape[0], 2, -1).unbind(1)))),
        Mistake("reshape mixes starts and ends of neighbouring tokens: take x[..., 0] and x[..., 1]",
                _forward(give=lambda x: tuple(x.reshape(2, x.shape[0], -1).unbind(0)))),
        Mistake("shares, not logits: leave the softmax to the loss",
                _forward(give=lambda x: (x[..., 0].softmax(-1), x[..., 1].softmax(-1)))),
        Mistake("logarithms of shares, not logits: leave the softmax to the loss",
                _forward(give=lambda x: (x[..., 0].log_softmax(-1), x[..., 1].log_softmax(-1)))),
        Mistake("start against end for each token: the tokens compete, and not here",
                _forward(give=lambda x: x.softmax(-1).unbind(-1))),
        Mistake("each token on its own: no sigmoid is asked for", _forward(give=lambda x: x.sigmoid().unbind(-1))),
        Mistake("the first token's vector stands for all: every token has its own",
                _forward(encode=lambda self, *x: (h := self.encoder(*x))[:, :1].expand_as(h))),
        Mistake("no gradient passes: torch.no_grad(), .detach() or NumPy cuts it off", _model(_without_gradient)),
        Mistake("no gradient passes: torch.no_grad(), .detach() or NumPy cuts it off",
                _forward(give=lambda x: tuple(x.detach().unbind(-1)))),
    )  # fmt: skip


register(
    Exercise(
        name="QAModel",
        notebook="13_question_answering_pytorch",
        reference=QAModel if HERE else elsewhere,
        properties=(
            Property("start and end logits for every token", 2, _inputs_of((1, 4), (2, 5), (3, 7)), run=_logits),
            Property("padding changes no token's logits", 1, _inputs_of((2, 6), (3, 9), padded=True), run=_at_tokens),
            Property(
                "at padding they are very low, and finite", 1, _inputs_of((2, 6), (3, 9), padded=True), run=_at_padding
            ),  # fmt: skip
            Property("a gradient passes through it", 1, _inputs_of((2, 5)), run=_learns),
        ),
        mistakes=_model_mistakes() if HERE else (),
        hints=(
            "Three lines: hidden states from self.encoder, two numbers for each token from self.head, and padding "
            "made low.",
            "self.encoder takes token_ids, token_type_ids, padding_mask and gives (B, T, D); self.head makes (B, T, 2) "
            "of it. logits.masked_fill(where, value) fills where it is True.",
            "The mask is (B, T), the logits are (B, T, 2): ~padding_mask[:, :, None] fits. The value is "
            "torch.finfo(logits.dtype).min / 2. Give back logits[..., 0] and logits[..., 1].",
        ),
        framework="torch",
    )
)

# training_step -------------------------------------------------------------------------------------


WHOLE_NUMBERS = "an error: log_softmax of whole numbers"


def _told(run):
    """A run in which labels given as logits become words: PyTorch's own message does not say what is wrong."""

    @functools.wraps(run)
    def told(answer, **inputs):
        try:
            return run(answer, **inputs)
        except NotImplementedError as error:
            if "log_softmax" not in str(error):
                raise
            return WHOLE_NUMBERS

    return told


def _started(weights_seed, scale=1.0, dropout_rate=0.0):
    """A model to train, its head's matrix scaled, and its optimizer."""
    model = _made(QAModel, weights_seed, dropout_rate)
    with torch.no_grad():
        model.head.weight *= scale
    return model, torch.optim.SGD(model.parameters(), lr=0.5)


@_told
def _loss(answer, weights_seed, **batch):
    """The loss, if it is a float; otherwise in words what it is."""
    loss = answer(*_started(weights_seed), as_tensors(batch.values()))
    return loss if loss is None else np.array(loss) if type(loss) is float else f"a {type(loss).__name__}"


@_told
def _after(answer, weights_seed, scale=0.2, **batches):
    """How far embedding, encoder layer and head have moved after a step on each batch; the last one's loss then."""
    model, optimizer = _started(weights_seed, scale)
    before = copy.deepcopy(model)
    several = batches["token_ids"].ndim == 3
    for batch in zip(*batches.values(), strict=True) if several else [batches.values()]:
        tensors = as_tensors(batch)
        answer(model, optimizer, tensors)
    pairs = [(m.encoder.embedding, m.encoder.encoder_layers, m.head) for m in (before, model)]
    moved = [
        sum(((p - q) ** 2).sum().item() for p, q in zip(old.parameters(), new.parameters(), strict=True)) ** 0.5
        for old, new in zip(*pairs, strict=True)
    ]
    with torch.no_grad():
        start, end = model.eval()(*tensors[:3])
        return np.array(moved), np.array(_mean_entropy(start, end, *tensors[3:]).item())


@_told
def _mode(answer, weights_seed, **batch):
    """Whether dropout was on when the model was called."""
    (model, optimizer), modes = _started(weights_seed, dropout_rate=0.5), []
    model.encoder.register_forward_pre_hook(lambda module, inputs: modes.append(module.training))
    with torch.random.fork_rng():
        answer(model, optimizer, as_tensors(batch.values()))
    return "dropout on" if modes and all(modes) else "dropout off"


def _long_gradient(answer, **inputs):
    return _after(answer, scale=30.0, **inputs)


def _mean_entropy(start, end, start_positions, end_positions):
    return (F.cross_entropy(start, start_positions) + F.cross_entropy(end, end_positions)) / 2


def _batch(rng, B, T):
    positions = np.sort(rng.integers(0, T, (2, B)), axis=0)
    positions[1] = np.minimum(positions[1] + 1, T - 1)
    start_positions, end_positions = positions.astype("int64")
    return {**_inputs(rng, B, T), "start_positions": start_positions, "end_positions": end_positions}


def _batches(*sizes, times=1):
    """One case for each size: a batch, or several, stacked along a first axis."""

    def cases(rng):
        made = []
        for size in sizes:
            drawn = [_batch(rng, *size) for _ in range(times)]
            seed = [batch.pop("weights_seed") for batch in drawn][0]
            arrays = {name: np.stack([batch[name] for batch in drawn]) for name in drawn[0]} if times > 1 else drawn[0]
            made.append(case(weights_seed=seed, **arrays))
        return made

    return cases


def _step(before=("train", "zero"), weigh=None, after=("backward", "clip", "step"), give=None, model_of=None):
    """A training step with its parts in another order, or without some."""

    def step(model, optimizer, batch):
        *inputs, start_positions, end_positions = batch
        parts = {
            "train": model.train,
            "eval": model.eval,
            "zero": optimizer.zero_grad,
            "step": optimizer.step,
            "clip": lambda: nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM),
            "clip each": lambda: [nn.utils.clip_grad_norm_([p], CLIP_NORM) for p in model.parameters()],
            "clip value": lambda: nn.utils.clip_grad_value_(model.parameters(), CLIP_NORM),
            "backward": lambda: loss.backward(),
        }
        for name in before:
            parts[name]()
        start, end = model(*inputs)
        loss = (weigh or _mean_entropy)(start, end, start_positions, end_positions)
        for name in after:
            parts[name]()
        return give(loss) if give else loss.item()

    return step


def _loss_too_late(model, optimizer, batch):
    """Steps, and only then computes the loss that it gives back."""
    _step()(model, optimizer, batch)
    start, end = model(*batch[:3])
    return _mean_entropy(start, end, *batch[3:]).item()


IDLE = "no weight moves: the order is zero_grad, backward, clip, step; one of them is missing, or too early or late"
UNCUT = "long gradients are not shortened: nn.utils.clip_grad_norm_ between backward and step"
ORDER = "labels stand where logits belong: F.cross_entropy(logits, labels), the other way round from Keras"


def _step_mistakes():
    entropy = F.cross_entropy
    return (
        Mistake("old gradients are not cleared, so they add up from step to step: optimizer.zero_grad() first",
                _step(before=("train",))),
        Mistake(IDLE,
                _step(before=("train",), after=("backward", "zero", "clip", "step"))),
        Mistake(IDLE,
                _step(before=("train",), after=("backward", "clip", "zero", "step"))),
        Mistake(IDLE, _step(after=("backward", "clip"))),
        Mistake(IDLE, _step(after=("step",))),
        Mistake(IDLE,
                _step(after=("step", "backward", "clip"))),
        Mistake("dropout is off: model.train() before the model is called", _step(before=("zero",))),
        Mistake("dropout is off: model.train() before the model is called",
                _step(before=("eval", "zero"))),
        Mistake(UNCUT,
                _step(after=("backward", "step"))),
        Mistake(UNCUT, _step(after=("backward", "step", "clip"))),
        Mistake("every number is cut for itself: clip_grad_norm_ shortens the gradient as a whole",
                _step(after=("backward", "clip value", "step"))),
        Mistake("each weight's gradient is shortened by itself: give all of model.parameters() to one clip_grad_norm_",
                _step(after=("backward", "clip each", "step"))),
        Mistake(UNCUT,
                _step(after=("clip", "backward", "step"))),
        Mistake(ORDER,
                _step(weigh=lambda s, e, a, b: (entropy(a, s) + entropy(b, e)) / 2)),
        Mistake("this is the loss after the step: compute it once, before, and give back that one", _loss_too_late),
        Mistake("start and end are summed: halve, for their mean",
                _step(weigh=lambda s, e, a, b: entropy(s, a) + entropy(e, b))),
        Mistake("the end does not count", _step(weigh=lambda s, e, a, b: entropy(s, a))),
        Mistake("the start does not count", _step(weigh=lambda s, e, a, b: entropy(e, b))),
        Mistake("start and end positions are swapped",
                _step(weigh=lambda s, e, a, b: (entropy(s, b) + entropy(e, a)) / 2)),
        Mistake("both ends are compared with the start logits",
                _step(weigh=lambda s, e, a, b: (entropy(s, a) + entropy(s, b)) / 2)),
        Mistake("softmax twice: cross_entropy takes logits",
                _step(weigh=lambda s, e, a, b: (entropy(s.softmax(-1), a) + entropy(e.softmax(-1), b)) / 2)),
        Mistake("summed over the batch: the mean is asked for",
                _step(weigh=lambda s, e, a, b: (entropy(s, a, reduction="sum") + entropy(e, b, reduction="sum")) / 2)),
        Mistake("a tensor came back: loss.item() is a float",
                _step(give=lambda loss: loss)),
        Mistake("a tensor came back: loss.item() is a float", _step(give=lambda loss: loss.detach())),
        Mistake("a NumPy number came back: loss.item() is a float", _step(give=lambda loss: loss.detach().numpy())),
        Mistake("nothing came back: return loss.item()", _step(give=lambda loss: None)),
    )  # fmt: skip


register(
    Exercise(
        name="training_step",
        notebook="13_question_answering_pytorch",
        reference=training_step if HERE else elsewhere,
        properties=(
            Property("the loss before the step, as a float", 1, _batches((1, 5), (3, 6)), run=_loss),
            Property(
                "after one step: how far embedding, layer and head have moved; the loss",
                2,
                _batches((2, 5), (3, 6)),
                run=_after,
                tolerance=1e-5,
            ),
            Property("after three steps: the same", 1, _batches((2, 5), times=3), run=_after, tolerance=1e-5),
            Property(
                "a long gradient is shortened to a norm of CLIP_NORM",
                1,
                _batches((2, 5), (2, 5), (3, 6)),
                run=_long_gradient,
            ),
            Property("dropout is on", 1, _batches((2, 5)), run=_mode),
        ),
        mistakes=_step_mistakes() if HERE else (),
        hints=(
            "The order: mode, clear, forward, loss, backward, shorten, step. In TensorFlow a tape stood for three of "
            "these.",
            "F.cross_entropy(start_logits, start_positions) is the start's surprise, logits first. loss.backward() "
            "leaves each gradient in p.grad; optimizer.step() reads it there.",
            "model.train(); optimizer.zero_grad(); …; loss.backward(); nn.utils.clip_grad_norm_(model.parameters(), "
            "CLIP_NORM); optimizer.step(). What comes back is loss.item().",
        ),
        framework="torch",
    )
)
