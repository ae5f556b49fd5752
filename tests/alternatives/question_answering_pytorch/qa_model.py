"""Unusual right answers to QAModel."""

import torch
from torch import nn

from utils.tasks.question_answering_torch import TorchEncoder


class Base(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.encoder = TorchEncoder(config)
        self.head = nn.Linear(config["embedding_dim"], 2)


class ByWhere(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        hidden = self.encoder(token_ids=token_ids, token_type_ids=token_type_ids, padding_mask=padding_mask)
        start, end = self.head(hidden).unbind(dim=-1)
        low = torch.full_like(start, -1e30)
        return torch.where(padding_mask, start, low), torch.where(padding_mask, end, low)


class ByAddition(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        start, end = torch.movedim(logits, -1, 0) - 1e9 * (~padding_mask).float()
        return [start, end]


class ByHand(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        hidden = self.encoder(token_ids, token_type_ids, padding_mask)
        logits = torch.einsum("btd,cd->cbt", hidden, self.head.weight) + self.head.bias[:, None, None]
        logits = logits.masked_fill(padding_mask.logical_not(), torch.finfo(logits.dtype).min)
        return logits[0], logits[1]


class BySplit(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        start, end = (part.squeeze(-1) for part in logits.split(1, dim=-1))
        return start.masked_fill(padding_mask == 0, -1e6), end.masked_fill(padding_mask == 0, -1e6)


class InPlace(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        logits.masked_fill_(~padding_mask[:, :, None], torch.finfo(logits.dtype).min / 2)
        return logits[..., 0], logits[..., 1]


class InOneTensor(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        """(2, B, T), which comes apart into two like a pair."""
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        return logits.permute(2, 0, 1).masked_fill(~padding_mask, torch.finfo(logits.dtype).min / 2)


class AsInBert(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        return logits.masked_fill(~padding_mask[:, :, None], -1e4).unbind(-1)


ALTERNATIVES = [AsInBert, InOneTensor, ByWhere, ByAddition, ByHand, BySplit, InPlace]
