"""Wrong answers to lesson 13's exercises, as learners write them, with words of the diagnosis each must get."""

import torch
import torch.nn.functional as F  # noqa: N812 - what everyone calls it
from torch import nn

from utils.tasks.question_answering_torch import CLIP_NORM, TorchEncoder


class Base(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.encoder = TorchEncoder(config)
        self.head = nn.Linear(config["embedding_dim"], 2)


class EndFirst(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        x = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        x = torch.where(padding_mask.unsqueeze(-1), x, torch.tensor(-1e30))
        end, start = x.unbind(dim=-1)
        return start, end


class NoMask(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        hidden = self.encoder(token_ids, token_type_ids, padding_mask)
        start_logits, end_logits = self.head(hidden).unbind(dim=-1)
        return start_logits, end_logits


class MaskNotKept(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        logits.masked_fill(~padding_mask[:, :, None], torch.finfo(logits.dtype).min / 2)
        return logits[..., 0], logits[..., 1]


class OnlyStartMasked(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        start, end = self.head(self.encoder(token_ids, token_type_ids, padding_mask)).unbind(-1)
        start = start.masked_fill(~padding_mask, torch.finfo(start.dtype).min / 2)
        return start, end


class OnlyEndMasked(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        start, end = self.head(self.encoder(token_ids, token_type_ids, padding_mask)).unbind(-1)
        start.masked_fill(~padding_mask, -1e30)
        return start, torch.where(padding_mask, end, -1e30)


class MaskInverted(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        logits = logits.masked_fill(padding_mask.unsqueeze(-1), torch.finfo(logits.dtype).min / 2)
        return logits[:, :, 0], logits[:, :, 1]


class MaskedWithInfinity(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        logits[~padding_mask] = -torch.inf
        return logits[:, :, 0], logits[:, :, 1]


class FilledWithInfinity(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        start, end = logits.masked_fill(~padding_mask[:, :, None], float("-inf")).unbind(-1)
        return start, end


class MaskedWithZero(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        logits = logits * padding_mask.unsqueeze(-1).float()
        return logits[:, :, 0], logits[:, :, 1]


class EncoderWithoutMask(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        hidden = self.encoder(token_ids, token_type_ids, torch.ones(token_ids.shape, dtype=torch.bool))
        logits = self.head(hidden).masked_fill(~padding_mask.unsqueeze(-1), -1e30)
        return logits[:, :, 0], logits[:, :, 1]


class WithoutTypes(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        hidden = self.encoder(token_ids, torch.zeros_like(token_ids), padding_mask)
        logits = self.head(hidden).masked_fill(~padding_mask.unsqueeze(-1), -1e30)
        return logits[:, :, 0], logits[:, :, 1]


class InOnePiece(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        return logits.masked_fill(~padding_mask.unsqueeze(-1), -1e30)


class SplitLeavesAnAxis(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        logits = logits.masked_fill(~padding_mask.unsqueeze(-1), -1e30)
        start, end = torch.split(logits, 1, dim=-1)
        return start, end


class Shares(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        logits = logits.masked_fill(~padding_mask.unsqueeze(-1), -1e30)
        return F.softmax(logits[..., 0], dim=1), F.softmax(logits[..., 1], dim=1)


class Detached(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        with torch.no_grad():
            logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        logits = logits.masked_fill(~padding_mask.unsqueeze(-1), -1e30)
        return logits[..., 0], logits[..., 1]


class ForgotReturn(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        self.head(self.encoder(token_ids, token_type_ids, padding_mask))


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


MUTANTS = {
    "QAModel": [
        (EndFirst, "start and end are swapped"),
        (NoMask, "padding's logits are as they were"),
        (MaskNotKept, "a new tensor, which must be kept"),
        (OnlyStartMasked, "the end's padding is not masked"),
        (OnlyEndMasked, "the start's padding is not masked"),
        (MaskInverted, "the mask is turned around"),
        (MaskedWithInfinity, "-inf is not finite"),
        (FilledWithInfinity, "-inf is not finite"),
        (MaskedWithZero, "a logit of 0 is not low"),
        (EncoderWithoutMask, "the encoder does not get the padding mask"),
        (WithoutTypes, "the token types do not reach"),
        (InOnePiece, "in one piece"),
        (SplitLeavesAnAxis, "an axis of length 1"),
        (Shares, "shares, not logits"),
        (Detached, "no gradient passes"),
        (ForgotReturn, "is a `return` missing?"),
    ],
    "training_step": [
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
    ],
}
