"""The exercise QAModel, checked where PyTorch is and Keras is not; elsewhere only its name is known."""

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.guard import Crash
from utils.checks.question_answering_pytorch.shared import HERE, elsewhere, made_with_weights, random_inputs

if HERE:
    import torch

    from utils.tasks.question_answering_torch import QAModel, as_tensors


def _found(answer, weights_seed, training, *inputs, scale=1.0):
    """What comes back, or what is wrong with its kind; what can be taken apart into start and end is."""
    model, tensors = made_with_weights(answer, weights_seed, scale=scale).train(training), as_tensors(inputs)
    model(
        *as_tensors((inputs[0][:, ::-1].copy(), *inputs[1:]))
    )  # asked before about other texts, which must not matter
    found = model(*tensors)
    if not all(map(torch.equal, tensors, as_tensors(inputs))):
        return Crash("inputs", "forward changes the tensors it was given: the next call would get others")
    if any(module.training != training for module in model.modules()):
        return Crash("mode", "forward changes the mode: leave train() and eval() to whoever calls the model")
    if isinstance(found, torch.Tensor):
        return tuple(found) if found.shape == (2, *inputs[0].shape) else found
    if not isinstance(found, (list, tuple)):
        return found
    odd = next((part for part in found if not isinstance(part, torch.Tensor)), None)
    if odd is not None:
        return Crash("no tensor", f"tensors are asked for: of a {type(odd).__name__} no gradient comes back")
    return tuple(found)


LOUD = 3000.0  # makes logits of some thousands
LOW = -5e3  # -1e4 does, added to a logit or in its place; -1000 does not


def _clamped(part):
    """So that one very low number is like another, whichever was taken."""
    return part.clamp(min=-1e4) if isinstance(part, torch.Tensor) and part.is_floating_point() else part


def _logits(answer, weights_seed, token_ids, token_type_ids, padding_mask, training=False, scale=1.0):
    """What comes back, tensors as arrays."""
    found = _found(answer, weights_seed, training, token_ids, token_type_ids, padding_mask, scale=scale)
    return tuple(_clamped(part) for part in found) if isinstance(found, tuple) else _clamped(found)


def _misshapen(parts, padding_mask):
    """What to say where a part is not (B, T); None where all are."""
    for shape in (tuple(part.shape) for part in parts if tuple(part.shape) != padding_mask.shape):
        return Crash("shape", f"shape {shape}, expected {padding_mask.shape}: each token has two numbers, padding too")
    return None


def _at_tokens(answer, weights_seed, token_ids, token_type_ids, padding_mask):
    """Logits of tokens, 0 at padding."""
    parts = _logits(answer, weights_seed, token_ids, token_type_ids, padding_mask)
    if isinstance(parts, Crash) or _misshapen(parts, padding_mask):
        return parts if isinstance(parts, Crash) else _misshapen(parts, padding_mask)
    return tuple(np.where(padding_mask, part.detach().numpy(), 0.0) for part in parts)  # not x * 0: -inf * 0 is NaN


def _at_padding(answer, weights_seed, token_ids, token_type_ids, padding_mask):
    """In words, what stands at padding, where it is learnt from and where it is asked."""
    said = []
    for training in (False, True):
        parts = _found(answer, weights_seed, training, token_ids, token_type_ids, padding_mask)
        if isinstance(parts, Crash) or _misshapen(parts, padding_mask):
            return parts if isinstance(parts, Crash) else _misshapen(parts, padding_mask)
        for part in parts:
            found = part.detach().numpy()[~padding_mask]
            good = np.isfinite(found).all() and (found <= LOW).all()
            low, high = (f"{x + 0.0:.3g}" for x in (found.min(), found.max()))
            said.append("very low and finite" if good else low if low == high else f"{low} to {high}")
    return tuple(said)


def _learns(answer, weights_seed, token_ids, token_type_ids, padding_mask):
    """Whether both logits' gradients reach the head and the encoder."""
    model = made_with_weights(answer, weights_seed)
    start, end = model(*as_tensors((token_ids, token_type_ids, padding_mask)))
    if not (start.requires_grad and end.requires_grad):
        return "no gradient"
    mask = torch.from_numpy(padding_mask)
    (start[mask].sum() * 0.5 + (end[mask] ** 2).sum()).backward()
    return "a gradient" if all(p.grad is not None for p in model.parameters()) else "no gradient"


def _inputs_of(*sizes, padded=(False, False, False)):
    return lambda rng: [case(**random_inputs(rng, *size, padded=p)) for size, p in zip(sizes, padded, strict=False)]


def _any_mode(rng):
    """Small ones first; one is asked in training, without dropout: the logits are the same. The last are large."""
    *first, last, loud = (random_inputs(rng, *size) for size in ((1, 4), (2, 5), (3, 7), (2, 6)))
    return [*(case(**inputs) for inputs in first), case(**last, training=True), case(**loud, scale=LOUD)]


PADDED = {"padded": ("zeros", True)}


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


def _told_by(where):
    """Fills where (token_ids, token_type_ids) say so, not where the mask does."""

    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        return _low(logits, ~where(token_ids, token_type_ids, padding_mask)).unbind(-1)

    return _model(forward)


def _masked_where(mode):
    """Fills padding only where mode(model) says so."""

    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        return (_low(logits, padding_mask) if mode(self) else logits).unbind(-1)

    return forward


def _keeps_the_first(self, token_ids, token_type_ids, padding_mask):
    """Asks the encoder once, and never again."""
    if not hasattr(self, "kept"):
        self.kept = self.encoder(token_ids, token_type_ids, padding_mask)
    return _low(self.head(self.kept), padding_mask).unbind(-1)


def _unmasked(ids, types, mask):
    return ids, types, torch.ones_like(mask)


def _model_mistakes():
    low = torch.finfo(torch.float32).min / 2
    return (
        Mistake("start and end are swapped: the first number of each token is the start's",
                _forward(give=lambda x: (x[..., 1], x[..., 0]))),
        Mistake("start and end are the same number: each token has two",
                _forward(give=lambda x: (x[..., 0], x[..., 0]))),
        Mistake("start and end are the same number: each token has two",
                _forward(give=lambda x: (x[..., 1], x[..., 1]))),
        Mistake("padding is told by the id 0: padding_mask says where it is, whatever ids stand there",
                _told_by(lambda ids, types, mask: ids == 0)),
        Mistake("the question is made low too: only padding is, where padding_mask is False",
                _told_by(lambda ids, types, mask: (types == 0) | ~mask)),
        Mistake("the question is made low in padding's place: fill where padding_mask is False",
                _told_by(lambda ids, types, mask: types == 0)),
        Mistake("padding's logits are as they were: masked_fill gives back a new tensor, which must be kept; "
                "masked_fill_ changes in place",
                _forward(mask=_leave)),
        Mistake("padding is masked in one mode only: it must be low in training as well as after eval()",
                _model(_masked_where(lambda self: not self.training))),
        Mistake("padding is masked in one mode only: it must be low in training as well as after eval()",
                _model(_masked_where(lambda self: self.training))),
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
        *(Mistake("not low enough: take torch.finfo(logits.dtype).min / 2",
                  _forward(mask=lambda x, m, value=value: x.masked_fill(~m[:, :, None], value)))
          for value in (-10.0, -100.0, -999.0, -1000.0)),
        *(Mistake("not low enough: take torch.finfo(logits.dtype).min / 2",
                  _forward(mask=lambda x, m, value=value: x + value * ~m[:, :, None]))
          for value in (-10.0, -100.0, -999.0, -1000.0)),
        *(Mistake("not low at all: of torch.finfo(logits.dtype) it is `min` that is the lowest number",
                  _forward(mask=lambda x, m, value=value: x.masked_fill(~m[:, :, None], value)))
          for value in (-low, -2 * low, torch.finfo(torch.float32).tiny, torch.finfo(torch.float32).eps)),
        Mistake("what the encoder gave at the first call is kept, and given for every other text: ask it each time",
                _model(_keeps_the_first)),
        Mistake("token types and padding mask have changed places: the encoder takes token_ids, token_type_ids, "
                "padding_mask",
                _forward(encode=lambda self, ids, types, mask: self.encoder(ids, mask.long(), types.bool()))),
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
        Mistake("squeeze() takes away the batch's axis too where there is one text: squeeze(-1) takes the last alone",
                _forward(give=lambda x: tuple(part.squeeze() for part in x.split(1, dim=-1)))),
        Mistake("the head's numbers are bent: logits come back as they are",
                _forward(mask=lambda x, m: _low(x.relu(), m))),
        Mistake("the head's numbers are bent: logits come back as they are",
                _forward(mask=lambda x, m: _low(x.tanh(), m))),
        *(Mistake("the logits are cut off: they may be of any size, nothing needs to be clipped",
                  _forward(mask=lambda x, m, most=most: _low(x.clamp(-most, most), m)))
          for most in (1, 2, 3, 5, 10, 20, 30, 50, 100)),
        *(Mistake("the head's numbers are bent: logits come back as they are",
                  _forward(mask=lambda x, m, most=most: _low(most * (x / most).tanh(), m)))
          for most in (5, 10, 20, 30, 50)),
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
        Mistake("start against end for each token: the tokens compete, and not here",
                _forward(mask=lambda x, m: _low(x.log_softmax(-1), m))),
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
            Property("start and end logits for every token", 2, _any_mode, run=_logits),
            Property("padding changes no token's logits", 1, _inputs_of((2, 6), (3, 9), **PADDED), run=_at_tokens),
            Property(
                "at padding they are very low, and finite", 1, _inputs_of((2, 6), (3, 9), **PADDED), run=_at_padding
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
