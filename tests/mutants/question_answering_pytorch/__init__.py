"""Wrong answers to lesson 13's exercises, as learners write them, with words of the diagnosis each must get."""

from tests.mutants.question_answering_pytorch import qa_model, training_step

MUTANTS = {
    "QAModel": qa_model.MUTANTS,
    "training_step": training_step.MUTANTS,
}
