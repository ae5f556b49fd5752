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


MUTANTS = [
    (never_clears, "old gradients are not cleared"),
    (clears_too_late, "no weight moves"),
    (never_steps, "no weight moves"),
    (never_goes_back, "no weight moves"),
    (without_dropout, "dropout is off"),
    (never_clips, "long gradients are not shortened"),
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
]
