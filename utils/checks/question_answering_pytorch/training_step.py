"""The exercise training_step, checked where PyTorch is and Keras is not; elsewhere only its name is known."""

import copy
import functools

import numpy as np

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.question_answering_pytorch.shared import HERE, elsewhere, made_with_weights, random_inputs

if HERE:
    import torch
    import torch.nn.functional as F  # noqa: N812 - what everyone calls it
    from torch import nn

    from utils.tasks.question_answering_torch import CLIP_NORM, QAModel, as_tensors, training_step


WHOLE_NUMBERS = "an error: log_softmax of whole numbers"
ROUNDED = "a rounded number"


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
    model = made_with_weights(QAModel, weights_seed, dropout_rate, scale)
    rate = 0.4 + weights_seed % 10 / 50  # no step can know it by heart
    return model, torch.optim.SGD(model.parameters(), lr=rate, momentum=0.5)


@_told
def _loss(answer, weights_seed, scale=1.0, **batch):
    """The loss, if it is a float; otherwise in words what it is."""
    loss = answer(*_started(weights_seed, scale), as_tensors(batch.values()))
    if loss is None:
        return None
    return np.array(float(loss)) if isinstance(loss, float) else f"something of type {type(loss).__name__}"


def _said_if_rounded(loss, **batch):
    """A loss; in words where it has six digits behind the point at most: a float32 between 1 and 4 seldom does."""
    rounded = isinstance(loss, np.ndarray) and loss != 0 and round(float(loss), 6) == float(loss)
    return ROUNDED if rounded else loss


@_told
def _after(answer, weights_seed, scale=0.2, old=None, **batches):
    """How far embedding, encoder layer and head have moved after a step on each batch; the last one's loss then.

    With `old`, gradients of that size lie about from before.
    """
    model, optimizer = _started(weights_seed, scale)
    for parameter in model.parameters() if old else ():
        parameter.grad = torch.full_like(parameter, old)
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
    """Whether dropout was on when the model was called, and the notebook's own dice decide what it drops."""
    (model, optimizer), modes, dice = _started(weights_seed, dropout_rate=0.5), [], []
    model.encoder.register_forward_pre_hook(lambda module, inputs: modes.append(module.training))
    with torch.random.fork_rng():
        for seed in (1, 2):
            torch.manual_seed(seed)
            answer(model, optimizer, as_tensors(batch.values()))
            dice.append(torch.rand(1).item())
    if dice[0] == dice[1]:
        return "dice that fall alike at each step"
    return "dropout on" if modes and all(modes) else "dropout off"


def _sure_and_wrong(answer, **inputs):
    return _loss(answer, scale=3000.0, **inputs)


def _long_gradient(answer, **inputs):
    return _after(answer, scale=100.0, **inputs)


def _mean_entropy(start, end, start_positions, end_positions):
    return (F.cross_entropy(start, start_positions) + F.cross_entropy(end, end_positions)) / 2


def _batch(rng, B, T, padded=False):
    inputs = random_inputs(rng, B, T, padded)
    lengths = inputs["padding_mask"].sum(axis=1)
    positions = np.sort(rng.integers(0, lengths, (2, B)), axis=0)
    positions[1] = np.minimum(positions[1] + 1, lengths - 1)
    if B > 2:
        positions[:, 0] = 0  # no answer in this window
        positions[1, -1] = lengths[-1] - 1  # up to the last token
    start_positions, end_positions = positions.astype("int64")
    return {**inputs, "start_positions": start_positions, "end_positions": end_positions}


def _batches(*sizes, times=1, **options):
    """One case for each size, (B, T) or (B, T, padded): a batch, or several, stacked along a first axis."""

    def cases(rng):
        made = []
        for size in sizes:
            drawn = [_batch(rng, *size) for _ in range(times)]
            seed = [batch.pop("weights_seed") for batch in drawn][0]
            arrays = {name: np.stack([batch[name] for batch in drawn]) for name in drawn[0]} if times > 1 else drawn[0]
            made.append(case(weights_seed=seed, **arrays, **options))
        return made

    return cases


def _several(rng):
    """Three steps, and one where old gradients lie about."""
    return [*_batches((2, 5), times=3)(rng), *_batches((2, 5), old=0.05)(rng)]


OTHER_LENGTHS = (0.1, 0.5, 2.0, 5.0, 10.0)


def _step(
    before=("train", "zero"), weigh=None, after=("backward", "clip", "step"), give=None, asked=lambda *inputs: inputs
):
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
            "clip encoder": lambda: nn.utils.clip_grad_norm_(model.encoder.parameters(), CLIP_NORM),
            "clip head": lambda: nn.utils.clip_grad_norm_(model.head.parameters(), CLIP_NORM),
            **{f"clip to {n:g}": lambda n=n: nn.utils.clip_grad_norm_(model.parameters(), n) for n in OTHER_LENGTHS},
            "clip value": lambda: nn.utils.clip_grad_value_(model.parameters(), CLIP_NORM),
            "backward": lambda: loss.backward(),
        }
        for name in before:
            parts[name]()
        start, end = model(*asked(*inputs))
        loss = (weigh or _mean_entropy)(start, end, start_positions, end_positions)
        for name in after:
            parts[name]()
        return give(loss) if give else loss.item()

    return step


def _log_of_softmax(logits, wanted):
    return -logits.softmax(-1).gather(1, wanted[:, None]).log().mean()


def _seeded(model, optimizer, batch):
    """Seeds first, and so drops the same numbers at each step."""
    torch.manual_seed(0)
    return _step()(model, optimizer, batch)


def _loss_too_late(model, optimizer, batch):
    """Steps, and only then computes the loss that it gives back."""
    _step()(model, optimizer, batch)
    start, end = model(*batch[:3])
    return _mean_entropy(start, end, *batch[3:]).item()


IDLE = "no weight moves: the order is zero_grad, backward, clip, step; one of them is missing, or too early or late"


UNCUT = "the gradient as a whole is not shortened: clip_grad_norm_ of all parameters, between backward and step"


PARTS = "the gradient is shortened in parts: give all of model.parameters() to one clip_grad_norm_"


BRACKETS = "only one of the two is halved: brackets around the sum"


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
        Mistake("a seed is set in each step, so that dropout drops the same numbers again and again: leave it out",
                _seeded),
        Mistake("optimizer.step() is called twice: one step is asked for",
                _step(after=("backward", "clip", "step", "step"))),
        Mistake(UNCUT,
                _step(after=("backward", "step"))),
        Mistake(UNCUT, _step(after=("backward", "step", "clip"))),
        *(Mistake(f"shortened to {n:g}: CLIP_NORM is {CLIP_NORM:g}",
                  _step(after=("backward", f"clip to {n:g}", "step")))
          for n in OTHER_LENGTHS),
        Mistake("every number is cut for itself: clip_grad_norm_ shortens the gradient as a whole",
                _step(after=("backward", "clip value", "step"))),
        Mistake(PARTS, _step(after=("backward", "clip encoder", "step"))),
        Mistake(PARTS, _step(after=("backward", "clip encoder", "clip head", "step"))),
        Mistake("each weight's gradient is shortened by itself: give all of model.parameters() to one clip_grad_norm_",
                _step(after=("backward", "clip each", "step"))),
        Mistake(UNCUT,
                _step(after=("clip", "backward", "step"))),
        Mistake(ORDER,
                _step(weigh=lambda s, e, a, b: (entropy(a, s) + entropy(b, e)) / 2)),
        Mistake("windows labelled 0 are left out: 0 is [CLS], and the right answer there",
                _step(weigh=lambda s, e, a, b: (entropy(s, a, ignore_index=0) + entropy(e, b, ignore_index=0)) / 2)),
        Mistake("this is the loss after the step: compute it once, before, and give back that one", _loss_too_late),
        Mistake("start and end are summed: halve, for their mean",
                _step(weigh=lambda s, e, a, b: entropy(s, a) + entropy(e, b))),
        Mistake(BRACKETS, _step(weigh=lambda s, e, a, b: entropy(s, a) + entropy(e, b) / 2)),
        Mistake(BRACKETS, _step(weigh=lambda s, e, a, b: entropy(s, a) / 2 + entropy(e, b))),
        Mistake("the gradient is twice the loss's: halve before backward, and call backward once",
                _step(weigh=lambda s, e, a, b: entropy(s, a) + entropy(e, b), give=lambda loss: loss.item() / 2)),
        Mistake("gradients from before are added to these: clear them before backward, not only after the step",
                _step(before=("train",), after=("backward", "clip", "step", "zero"))),
        Mistake("the padding mask does not reach the model: hand it on as it is in the batch",
                _step(asked=lambda ids, types, mask: (ids, types, torch.ones_like(mask)))),
        Mistake("the token types do not reach the model: hand them on as they are in the batch",
                _step(asked=lambda ids, types, mask: (ids, torch.zeros_like(types), mask))),
        Mistake("both logits are compared with the start positions",
                _step(weigh=lambda s, e, a, b: (entropy(s, a) + entropy(e, a)) / 2)),
        Mistake("both logits are compared with the end positions",
                _step(weigh=lambda s, e, a, b: (entropy(s, b) + entropy(e, b)) / 2)),
        Mistake("both positions are compared with the end logits",
                _step(weigh=lambda s, e, a, b: (entropy(e, a) + entropy(e, b)) / 2)),
        Mistake("nll_loss wants logarithms of shares: F.cross_entropy takes logits",
                _step(weigh=lambda s, e, a, b: (F.nll_loss(s, a) + F.nll_loss(e, b)) / 2)),
        Mistake("nll_loss wants logarithms of shares: F.cross_entropy takes logits",
                _step(weigh=lambda s, e, a, b: (F.nll_loss(s.softmax(-1), a) + F.nll_loss(e.softmax(-1), b)) / 2)),
        Mistake("the end does not count", _step(weigh=lambda s, e, a, b: entropy(s, a))),
        Mistake("the start does not count", _step(weigh=lambda s, e, a, b: entropy(e, b))),
        Mistake("start and end positions are swapped",
                _step(weigh=lambda s, e, a, b: (entropy(s, b) + entropy(e, a)) / 2)),
        Mistake("both positions are compared with the start logits",
                _step(weigh=lambda s, e, a, b: (entropy(s, a) + entropy(s, b)) / 2)),
        Mistake("softmax twice: cross_entropy takes logits",
                _step(weigh=lambda s, e, a, b: (entropy(s.softmax(-1), a) + entropy(e.softmax(-1), b)) / 2)),
        Mistake("a softmax of which the logarithm is taken afterwards is log 0: F.cross_entropy takes the logits",
                _step(weigh=lambda s, e, a, b: (_log_of_softmax(s, a) + _log_of_softmax(e, b)) / 2)),
        Mistake("the loss is rounded: give it back as it is", _step(give=lambda loss: round(loss.item(), 3))),
        Mistake("summed over the batch: the mean is asked for",
                _step(weigh=lambda s, e, a, b: (entropy(s, a, reduction="sum") + entropy(e, b, reduction="sum")) / 2)),
        Mistake("a tensor came back: loss.item() is a float",
                _step(give=lambda loss: loss)),
        Mistake("a tensor came back: loss.item() is a float", _step(give=lambda loss: loss.detach())),
        Mistake("a NumPy number came back: loss.item() is a float", _step(give=lambda loss: loss.detach().numpy())),
        Mistake("a NumPy number came back: loss.item() is a float", _step(give=lambda loss: np.float32(loss.item()))),
        Mistake("nothing came back: return loss.item()", _step(give=lambda loss: None)),
    )  # fmt: skip


register(
    Exercise(
        name="training_step",
        notebook="13_question_answering_pytorch",
        reference=training_step if HERE else elsewhere,
        properties=(
            Property(
                "the loss before the step, as a float",
                1,
                _batches((1, 5), (3, 6, True), (2, 4), (4, 7, True)),
                run=_loss,
                read=_said_if_rounded,
                tolerance=3e-6,
            ),
            Property(
                "after one step: how far embedding, layer and head have moved; the loss",
                2,
                _batches((2, 5), (3, 6, True)),
                run=_after,
                tolerance=1e-5,
            ),
            Property("after three steps: the same", 1, _several, run=_after, tolerance=1e-5),
            Property(
                "a long gradient is shortened to a norm of CLIP_NORM",
                1,
                _batches((2, 5), (2, 5), (3, 6)),
                run=_long_gradient,
            ),
            Property(
                "finite where the model is quite sure, and wrong", 1, _batches((3, 6), (4, 7)), run=_sure_and_wrong
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
