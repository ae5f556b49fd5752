"""Wrong answers to training_step."""

import torch
import torch.nn.functional as F  # noqa: N812 - what everyone calls it
from torch import nn

from utils.tasks.question_answering_torch import CLIP_NORM


def _loss_of(model, batch):
    ids, types, mask, starts, ends = batch
    start_logits, end_logits = model(ids, types, mask)
    return (F.cross_entropy(start_logits, starts) + F.cross_entropy(end_logits, ends)) / 2


def never_clears(model, optimizer, batch):
    model.train()
    loss = _loss_of(model, batch)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    optimizer.step()
    return loss.item()


def clears_too_late(model, optimizer, batch):
    model.train()
    loss = _loss_of(model, batch)
    loss.backward()
    optimizer.zero_grad()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    optimizer.step()
    return loss.item()


def never_steps(model, optimizer, batch):
    model.train()
    optimizer.zero_grad()
    loss = _loss_of(model, batch)
    loss.backward()
    return loss.item()


def never_goes_back(model, optimizer, batch):
    model.train()
    optimizer.zero_grad()
    loss = _loss_of(model, batch)
    optimizer.step()
    return loss.item()


def without_dropout(model, optimizer, batch):
    optimizer.zero_grad()
    loss = _loss_of(model, batch)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    optimizer.step()
    return loss.item()


def never_clips(model, optimizer, batch):
    model.train()
    optimizer.zero_grad()
    loss = _loss_of(model, batch)
    loss.backward()
    optimizer.step()
    return loss.item()


def clips_each(model, optimizer, batch):
    model.train()
    optimizer.zero_grad()
    loss = _loss_of(model, batch)
    loss.backward()
    for p in model.parameters():
        nn.utils.clip_grad_norm_(p, CLIP_NORM)
    optimizer.step()
    return loss.item()


def labels_first(model, optimizer, batch):
    model.train()
    optimizer.zero_grad()
    ids, types, mask, starts, ends = batch
    start_logits, end_logits = model(ids, types, mask)
    loss = (F.cross_entropy(starts, start_logits) + F.cross_entropy(ends, end_logits)) / 2
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    optimizer.step()
    return loss.item()


def labels_first_at_the_end(model, optimizer, batch):
    cross_entropy = nn.CrossEntropyLoss()
    model.train()
    optimizer.zero_grad()
    start_logits, end_logits = model(*batch[:3])
    loss = (cross_entropy(start_logits, batch[3]) + cross_entropy(batch[4], end_logits)) / 2
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    optimizer.step()
    return loss.item()


def loss_after_the_step(model, optimizer, batch):
    model.train()
    optimizer.zero_grad()
    _loss_of(model, batch).backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    optimizer.step()
    return _loss_of(model, batch).item()


def loss_after_the_step_without_dropout(model, optimizer, batch):
    model.train()
    optimizer.zero_grad()
    _loss_of(model, batch).backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    optimizer.step()
    model.eval()
    with torch.no_grad():
        return float(_loss_of(model, batch))


def summed(model, optimizer, batch):
    model.train()
    optimizer.zero_grad()
    ids, types, mask, starts, ends = batch
    start_logits, end_logits = model(ids, types, mask)
    loss = F.cross_entropy(start_logits, starts) + F.cross_entropy(end_logits, ends)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    optimizer.step()
    return loss.item()


def positions_swapped(model, optimizer, batch):
    ids, types, mask, starts, ends = batch
    model.train()
    optimizer.zero_grad()
    loss = _loss_of(model, (ids, types, mask, ends, starts))
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    optimizer.step()
    return loss.item()


def gives_a_tensor(model, optimizer, batch):
    model.train()
    optimizer.zero_grad()
    loss = _loss_of(model, batch)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    optimizer.step()
    return loss


def says_nothing(model, optimizer, batch):
    model.train()
    optimizer.zero_grad()
    loss = _loss_of(model, batch)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    optimizer.step()


def softmax_before(model, optimizer, batch):
    model.train()
    optimizer.zero_grad()
    start, end = (F.softmax(x, dim=-1) for x in model(*batch[:3]))
    loss = (F.cross_entropy(start, batch[3]) + F.cross_entropy(end, batch[4])) / 2
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    optimizer.step()
    return loss.item()


def log_of_a_softmax(model, optimizer, batch):
    model.train()
    optimizer.zero_grad()
    loss = 0.0
    for logits, wanted in zip(model(*batch[:3]), batch[3:], strict=True):
        loss = loss - torch.log(torch.softmax(logits, dim=-1).gather(1, wanted[:, None])).mean() / 2
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    optimizer.step()
    return loss.item()


def gives_a_rounded_loss(model, optimizer, batch):
    model.train()
    optimizer.zero_grad()
    loss = _loss_of(model, batch)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    optimizer.step()
    return round(loss.item(), 2)


def step_with(loss_of=_loss_of, clear_first=True, clear_last=False, clip=None, double=False, give=torch.Tensor.item):
    """A learner's step with one thing wrong."""

    def training_step(model, optimizer, batch):
        model.train()
        if clear_first:
            optimizer.zero_grad()
        loss = loss_of(model, batch)
        loss.backward(retain_graph=double)
        if double:
            loss.backward()
        for part in clip(model) if clip else [model]:
            nn.utils.clip_grad_norm_(part.parameters(), CLIP_NORM)
        optimizer.step()
        if clear_last:
            optimizer.zero_grad()
        return give(loss)

    return training_step


def asking(change):
    """The loss of a batch of which something does not reach the model."""

    def loss_of(model, batch):
        ids, types, mask, *positions = batch
        return _loss_of(model, (*change(ids, types, mask), *positions))

    return loss_of


def halves_the_end_only(model, batch):
    start, end = model(*batch[:3])
    return F.cross_entropy(start, batch[3]) + F.cross_entropy(end, batch[4]) / 2


def nll_of_logits(model, batch):
    start, end = model(*batch[:3])
    return (F.nll_loss(start, batch[3]) + F.nll_loss(end, batch[4])) / 2


def start_labels_twice(model, batch):
    return _loss_of(model, (*batch[:4], batch[3]))


def a_new_optimizer(model, optimizer, batch):
    return step_with()(model, torch.optim.SGD(model.parameters(), lr=0.5), batch)


def clips_to_ten(model, optimizer, batch):
    model.train()
    optimizer.zero_grad()
    loss = _loss_of(model, batch)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 10.0)
    optimizer.step()
    return loss.item()


def ignores_null(model, batch):
    start, end = model(*batch[:3])
    return sum(F.cross_entropy(x, y, ignore_index=0) for x, y in zip((start, end), batch[3:], strict=True)) / 2


def seeds_each_step(model, optimizer, batch):
    torch.manual_seed(42)
    model.train()
    optimizer.zero_grad()
    loss = _loss_of(model, batch)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    optimizer.step()
    return loss.item()


def two_steps(model, optimizer, batch):
    loss = step_with()(model, optimizer, batch)
    optimizer.step()
    return loss


MUTANTS = [
    (seeds_each_step, "a seed is set in each step"),
    (two_steps, "is called twice"),
    (clips_to_ten, "shortened to 10"),
    (step_with(clear_first=False, clear_last=True), "gradients from before"),
    (step_with(loss_of=asking(lambda ids, types, mask: (ids, types, mask | True))), "padding mask does not reach"),
    (step_with(loss_of=asking(lambda ids, types, mask: (ids, types * 0, mask))), "token types do not reach"),
    (step_with(loss_of=halves_the_end_only), "brackets around the sum"),
    (step_with(loss_of=nll_of_logits), "nll_loss wants"),
    (step_with(loss_of=start_labels_twice), "compared with the start positions"),
    (step_with(clip=lambda model: [model.encoder]), "shortened in parts"),
    (step_with(clip=lambda model: model.children()), "shortened in parts"),
    (step_with(clip=lambda model: []), "as a whole is not shortened"),
    (step_with(double=True), "twice the loss's"),
    (step_with(give=lambda loss: round(loss.item(), 4)), "rounded"),
    (step_with(give=lambda loss: round(float(loss), 5)), "rounded"),
    (step_with(give=lambda loss: float(f"{loss.item():.6f}")), "rounded"),
    (step_with(give=lambda loss: loss.detach().numpy()[()]), "a NumPy number"),
    (a_new_optimizer, "the numbers differ"),
    (never_clears, "old gradients are not cleared"),
    (clears_too_late, "no weight moves"),
    (never_steps, "no weight moves"),
    (never_goes_back, "no weight moves"),
    (without_dropout, "dropout is off"),
    (never_clips, "as a whole is not shortened"),
    (clips_each, "shortened by itself"),
    (labels_first, "F.cross_entropy(logits, labels)"),
    (labels_first_at_the_end, "F.cross_entropy(logits, labels)"),
    (loss_after_the_step, "the loss after the step"),
    (loss_after_the_step_without_dropout, "the loss after the step"),
    (summed, "halve"),
    (positions_swapped, "positions are swapped"),
    (gives_a_tensor, "a tensor came back"),
    (says_nothing, "nothing came back"),
    (softmax_before, "softmax twice"),
    (log_of_a_softmax, "log 0"),
    (gives_a_rounded_loss, "rounded"),
    (step_with(loss_of=ignores_null), "windows labelled 0"),
]
