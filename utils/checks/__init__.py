"""Checks that say which mistake was made: a folder a lesson, a file an exercise, over one frame.

A learner uses `check`, `hint` and `progress`. The other names are answers to exercises that are not part of the
library itself. In a process with PyTorch, lesson 13's, only that lesson's exercises are loaded: the others need Keras.
"""

import utils.checks.question_answering_pytorch
from utils.checks.frame import here
from utils.checks.interaction import check, hint, progress

if here() == "keras":
    import utils.checks.a_decoder_alone
    import utils.checks.decoder_and_transformer
    import utils.checks.decoding
    import utils.checks.encoder
    import utils.checks.fewer_weights
    import utils.checks.masks
    import utils.checks.multi_head_attention
    import utils.checks.named_entity_recognition
    import utils.checks.positional_encoding
    import utils.checks.pretrained_encoder
    import utils.checks.question_answering_tensorflow
    import utils.checks.self_attention
    import utils.checks.since_2017
    import utils.checks.start_here
    import utils.checks.training_a_translator
    import utils.checks.why_attention
    import utils.checks.your_own_dataset
    from utils.checks.self_attention.attention_for_one_word import attention_for_one_word
    from utils.checks.self_attention.project_qkv import project_qkv
    from utils.checks.start_here.warm_up import warm_up
    from utils.checks.why_attention.attention_pool import attention_pool
    from utils.checks.why_attention.cosine_similarity import cosine_similarity
    from utils.checks.why_attention.softmax import softmax

__all__ = [
    "attention_for_one_word",
    "attention_pool",
    "check",
    "cosine_similarity",
    "hint",
    "progress",
    "project_qkv",
    "softmax",
    "warm_up",
]
