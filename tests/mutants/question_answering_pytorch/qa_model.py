"""Wrong answers to QAModel."""

import torch
import torch.nn.functional as F  # noqa: N812 - what everyone calls it
from torch import nn

from utils.tasks.question_answering_torch import TorchEncoder


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


class Squeezed(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        start, end = logits.masked_fill(~padding_mask.unsqueeze(-1), -1e30).chunk(2, dim=-1)
        return start.squeeze(), end.squeeze()


class StartTwice(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))[..., 0]
        logits = logits.masked_fill(~padding_mask, -1e30)
        return logits, logits


class MaskedById(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        logits = logits.masked_fill((token_ids == 0)[..., None], -1e20)
        return logits[..., 0], logits[..., 1]


class QuestionMaskedToo(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        keep = padding_mask & (token_type_ids == 1)
        return tuple(part.masked_fill(~keep, -1e20) for part in logits.unbind(-1))


class MaskInvertedOtherwise(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        return tuple(part - 1e9 * padding_mask for part in logits.unbind(-1))


class EndsInEval(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        self.eval()
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        return tuple(part.masked_fill(~padding_mask, -1e20) for part in logits.unbind(-1))


class Trains(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        self.train()
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        return tuple(part.masked_fill(~padding_mask, -1e20) for part in logits.unbind(-1))


class InNumPy(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        logits = logits.masked_fill(~padding_mask[..., None], -1e20).detach().numpy()
        return logits[..., 0], logits[..., 1]


class Bent(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = F.relu(self.head(self.encoder(token_ids, token_type_ids, padding_mask)))
        return tuple(part.masked_fill(~padding_mask, -1e20) for part in logits.unbind(-1))


class MaskedWhenAsked(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        if not self.training:
            logits = logits.masked_fill(~padding_mask[:, :, None], -1e30)
        return logits[..., 0], logits[..., 1]


class ZeroesTheIds(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        token_ids[~padding_mask] = 7
        logits = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        return logits.masked_fill(~padding_mask[:, :, None], -1e30).unbind(-1)


class Hundred(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        x = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        x = x.masked_fill(~padding_mask.unsqueeze(-1), -100.0)
        return x[..., 0], x[..., 1]


class Highest(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        x = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        x = x.masked_fill(~padding_mask.unsqueeze(-1), torch.finfo(x.dtype).max / 2)
        return x[..., 0], x[..., 1]


class Remembers(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        if getattr(self, "hidden", None) is None:
            self.hidden = self.encoder(token_ids, token_type_ids, padding_mask)
        x = self.head(self.hidden).masked_fill(~padding_mask.unsqueeze(-1), -1e30)
        return x[..., 0], x[..., 1]


class ArgumentsSwapped(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        x = self.head(self.encoder(token_ids, padding_mask.int(), token_type_ids == 1))
        x = x.masked_fill(~padding_mask.unsqueeze(-1), -1e30)
        return x[..., 0], x[..., 1]


class CutToTheLongest(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        longest = int(padding_mask.sum(dim=1).max())
        token_ids, token_type_ids, padding_mask = (x[:, :longest] for x in (token_ids, token_type_ids, padding_mask))
        x = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        x = x.masked_fill(~padding_mask.unsqueeze(-1), -1e30)
        return x[..., 0], x[..., 1]


class HundredAdded(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        x = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        x = x + (1 - padding_mask.float()).unsqueeze(-1) * -100
        return x[..., 0], x[..., 1]


class Clipped(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        x = self.head(self.encoder(token_ids, token_type_ids, padding_mask)).clip(-20, 20)
        return x.masked_fill(~padding_mask[..., None], -1e9).unbind(-1)


class SoftlyCapped(Base):
    def forward(self, token_ids, token_type_ids, padding_mask):
        x = self.head(self.encoder(token_ids, token_type_ids, padding_mask))
        x = 30 * torch.tanh(x / 30)
        return x.masked_fill(~padding_mask[..., None], -1e9).unbind(-1)


MUTANTS = [
    (HundredAdded, "not low enough"),
    (Clipped, "cut off"),
    (SoftlyCapped, "are bent"),
    (Hundred, "not low enough"),
    (Highest, "not low at all"),
    (Remembers, "at the first call"),
    (ArgumentsSwapped, "token types and padding mask"),
    (CutToTheLongest, "padding too"),
    (MaskedWhenAsked, "in one mode only"),
    (ZeroesTheIds, "changes the tensors it was given"),
    (Squeezed, "takes away the batch's axis too"),
    (StartTwice, "the same number"),
    (MaskedById, "told by the id 0"),
    (QuestionMaskedToo, "the question is made low too"),
    (MaskInvertedOtherwise, "the mask is turned around"),
    (EndsInEval, "changes the mode"),
    (Trains, "changes the mode"),
    (InNumPy, "tensors are asked for"),
    (Bent, "are bent"),
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
]
