"""Wrong answers to lesson 11. For each exercise: (answer, words that its diagnosis must hold)."""

from tests.mutants.named_entity_recognition import align_labels, decode_bio, entity_f1, token_classification_loss

MUTANTS = {
    "align_labels": align_labels.MUTANTS,
    "decode_bio": decode_bio.MUTANTS,
    "entity_f1": entity_f1.MUTANTS,
    "token_classification_loss": token_classification_loss.MUTANTS,
}
