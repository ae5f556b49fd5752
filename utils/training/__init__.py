"""How a Transformer learns: the loss, the schedule, the step; batches, checkpoints and the loop around them."""

from utils.training.losses import masked_accuracy, masked_loss
from utils.training.schedules import WarmupSchedule
from utils.training.steps import train_step

__all__ = ["WarmupSchedule", "masked_accuracy", "masked_loss", "train_step"]
