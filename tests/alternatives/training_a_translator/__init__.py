"""Unusual right answers to lesson 08."""

from tests.alternatives.training_a_translator import masked_accuracy, masked_loss, train_step, warmup_schedule

ALTERNATIVES = {
    "masked_loss": masked_loss.ALTERNATIVES,
    "masked_accuracy": masked_accuracy.ALTERNATIVES,
    "WarmupSchedule": warmup_schedule.ALTERNATIVES,
    "train_step": train_step.ALTERNATIVES,
}
