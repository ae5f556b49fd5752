"""Exercises of lesson 08: what training makes small, what it watches, how fast it learns, and one step of it."""

import utils.checks.training_a_translator.masked_loss
import utils.checks.training_a_translator.masked_accuracy
import utils.checks.training_a_translator.warmup_schedule
import utils.checks.training_a_translator.train_step
