"""How a Transformer learns: the loss, the schedule, the step; batches, checkpoints and the loop around them."""

from utils.training.batches import BucketedBatches
from utils.training.checkpoint import (
    CheckpointError,
    average_checkpoints,
    list_checkpoints,
    load_checkpoint,
    save_checkpoint,
)
from utils.training.loop import evaluate, fit, make_optimizer
from utils.training.losses import MaskedLoss, masked_accuracy, masked_loss
from utils.training.schedules import WarmupSchedule
from utils.training.steps import train_step

__all__ = [
    "BucketedBatches",
    "CheckpointError",
    "MaskedLoss",
    "WarmupSchedule",
    "average_checkpoints",
    "evaluate",
    "fit",
    "list_checkpoints",
    "load_checkpoint",
    "make_optimizer",
    "masked_accuracy",
    "masked_loss",
    "save_checkpoint",
    "train_step",
]
