"""Wrong answers to lesson 08. For each exercise: (answer, words that its diagnosis must hold)."""

from tests.mutants.training_a_translator import masked_accuracy, masked_loss, train_step, warmup_schedule

MUTANTS = {
    "masked_loss": masked_loss.MUTANTS,
    "masked_accuracy": masked_accuracy.MUTANTS,
    "WarmupSchedule": warmup_schedule.MUTANTS,
    "train_step": train_step.MUTANTS,
}
