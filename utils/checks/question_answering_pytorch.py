"""Exercises of lesson 13. They are checked where PyTorch is and Keras is not; elsewhere only their names are known."""

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


def _made(answer, seed, dropout_rate=0.0):
    """A model of the learner's class with these weights."""
    with torch.random.fork_rng():
        model = answer(_config(dropout_rate))
    model.load_state_dict(_weights(seed))
    return model.eval()


def _inputs(rng, B, T, padded=False):
    types = np.sort(rng.integers(0, 2, (B, T)), axis=1).astype("int32")
    lengths = rng.integers(2, T, (B, 1)) if padded else np.full((B, 1), T)
    return int(rng.integers(10**6)), rng.integers(1, 30, (B, T)).astype("int32"), types, np.arange(T) < lengths


# QAModel -------------------------------------------------------------------------------------------


def _logits(answer, seed, token_ids, token_type_ids, padding_mask):
    """What comes back, tensors as arrays."""
    tensors = as_tensors((token_ids, token_type_ids, padding_mask))
    found = _made(answer, seed)(*tensors)
    return tuple(found) if isinstance(found, list) else found


def _at_tokens(answer, seed, token_ids, token_type_ids, padding_mask):
    """Logits of tokens, 0 at padding."""
    parts = _logits(answer, seed, token_ids, token_type_ids, padding_mask)
    return tuple(part.detach().numpy() * padding_mask for part in parts)


def _at_padding(answer, seed, token_ids, token_type_ids, padding_mask):
    """In words, what stands at padding."""
    said = []
    for part in _logits(answer, seed, token_ids, token_type_ids, padding_mask):
        found = part.detach().numpy()[~padding_mask]
        good = np.isfinite(found).all() and (found < -1e4).all()
        said.append("very low and finite" if good else f"{found.min():.3g} to {found.max():.3g}")
    return tuple(said)


def _learns(answer, seed, token_ids, token_type_ids, padding_mask):
    """Whether both logits' gradients reach the head and the encoder."""
    model = _made(answer, seed)
    start, end = model(*as_tensors((token_ids, token_type_ids, padding_mask)))
    if not (start.requires_grad and end.requires_grad):
        return "no gradient"
    mask = torch.from_numpy(padding_mask)
    (start[mask].sum() * 0.5 + (end[mask] ** 2).sum()).backward()
    return "a gradient" if all(p.grad is not None for p in model.parameters()) else "no gradient"


def _inputs_of(*sizes, padded=False):
    return lambda rng: [case(*_inputs(rng, *size, padded=padded)) for size in sizes]


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
        Mistake("nothing is done about padding: its logits must be so low that nothing begins or ends there",
                _forward(mask=_leave)),
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


def _steps(answer, seed, *batches, scale=1.0, dropout_rate=0.0):
    """The losses of some steps, and the weights after them."""
    model = _made(QAModel, seed, dropout_rate)
    with torch.no_grad():
        model.head.weight *= scale
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    losses = [answer(model, optimizer, as_tensors(batch)) for batch in batches]
    return model, losses


def _loss(answer, seed, *batch):
    """The loss, if it is a float; otherwise in words what it is."""
    _, (loss,) = _steps(answer, seed, batch)
    return loss if loss is None else np.array(loss) if type(loss) is float else f"a {type(loss).__name__}"


def _after(answer, seed, *arrays, scale=1.0):
    """All weights after a step on each batch, as one vector."""
    model, _ = _steps(answer, seed, *[arrays[n : n + 5] for n in range(0, len(arrays), 5)], scale=scale)
    return np.concatenate([p.detach().numpy().reshape(-1) for p in model.parameters()])


def _mode(answer, seed, *batch):
    """Whether dropout was on when the model was called."""
    model, modes = _made(QAModel, seed, 0.5), []
    model.encoder.register_forward_pre_hook(lambda module, inputs: modes.append(module.training))
    with torch.random.fork_rng():
        answer(model, torch.optim.SGD(model.parameters(), lr=0.1), as_tensors(batch))
    return "dropout on" if modes and all(modes) else "dropout off"


def _batch(rng, B, T):
    seed, *arrays = _inputs(rng, B, T)
    positions = np.sort(rng.integers(0, T, (2, B)), axis=0)
    positions[1] = np.minimum(positions[1] + 1, T - 1)
    return seed, (*arrays, *positions.astype("int64"))


def _batches(*sizes, times=1):
    def cases(rng):
        made = []
        for size in sizes:
            seed, batch = _batch(rng, *size)
            others = [_batch(rng, *size)[1] for _ in range(times - 1)]
            made.append(case(seed, *batch, *(array for other in others for array in other)))
        return made

    return cases


def _long_gradient(answer, seed, *arrays):
    return _after(answer, seed, *arrays, scale=30.0)


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
            "clip value": lambda: nn.utils.clip_grad_value_(model.parameters(), CLIP_NORM),
            "backward": lambda: loss.backward(),
        }
        for name in before:
            parts[name]()
        start, end = model(*inputs)
        losses = F.cross_entropy(start, start_positions), F.cross_entropy(end, end_positions)
        if weigh:
            loss = weigh(start, end, start_positions, end_positions)
        else:
            loss = sum(losses) / 2
        for name in after:
            parts[name]()
        return give(loss) if give else loss.item()

    return step


IDLE = "no weight moves: the order is zero_grad, backward, clip, step; one of them is missing, or too early or late"
UNCUT = "long gradients are not shortened: nn.utils.clip_grad_norm_ between backward and step"


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
        Mistake(UNCUT,
                _step(after=("clip", "backward", "step"))),
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
            Property("the weights after one step", 2, _batches((2, 5), (3, 7)), run=_after),
            Property("the weights after three steps", 1, _batches((2, 5), times=3), run=_after),
            Property(
                "a long gradient is shortened to a norm of CLIP_NORM",
                1,
                _batches((2, 5), (2, 5), (3, 7)),
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
