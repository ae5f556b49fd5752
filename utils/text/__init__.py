"""Text as token ids: sub-words learnt from the text itself, and batches of about one length. No framework."""

from utils.text.buckets import EncodingBatches
from utils.text.subwords import SubwordVocabulary, check_texts, pad_batch

__all__ = ["EncodingBatches", "SubwordVocabulary", "check_texts", "pad_batch"]
