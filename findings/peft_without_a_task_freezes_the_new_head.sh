#!/usr/bin/env bash
# One would guess: LoRA beside the attention of a BertForTokenClassification leaves its new head to learn, as without it; and
#   what `save_pretrained` writes gives the same answers again on the same pre-trained model.
# What happens: unless `task_type` says what the model is for, the head is frozen as it was drawn. Training moves the changes
#   alone, under a head of random numbers; the file does not hold it, and whoever loads draws another: other answers. The
#   wrong task (QUESTION_ANS for tagging) does the same. No warning.
# Versions: peft 0.21.2, transformers 5.24.0, accelerate 1.15.0, torch 2.13.0.
# Where it matters: any new head on a pre-trained encoder. The loss falls, only less, and the loss of the head shows on
#   another day. `modules_to_save=["classifier"]` says it in words.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check peft==0.21.2 transformers==5.24.0 accelerate==1.15.0 torch==2.13.0 numpy==2.4.6
cat >head.py <<'PY'
from importlib.metadata import version

import peft
import torch
import transformers

print("peft", version("peft"), " transformers", version("transformers"))
SIZES = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
transformers.BertModel(transformers.BertConfig(**SIZES)).save_pretrained("pretrained")
KINDS = {"token classification": transformers.BertForTokenClassification}
KINDS |= {"question answering": transformers.BertForQuestionAnswering}
TASKS = {"token classification": (None, "QUESTION_ANS", "TOKEN_CLS"), "question answering": (None, "TOKEN_CLS", "QUESTION_ANS")}
ids = 5 + torch.arange(12).reshape(2, 6)


def answers(model):
    model.eval()
    with torch.no_grad():
        return torch.cat([part.flatten() for part in model(ids).values()])


for kind, made in KINDS.items():
    for task in TASKS[kind]:
        options = peft.LoraConfig(r=2, target_modules=["query", "value"], task_type=task)
        transformers.set_seed(1)
        model = peft.get_peft_model(made.from_pretrained("pretrained"), options)
        learns = any(weight.requires_grad for name, weight in model.named_parameters() if "lora_" not in name)
        model.save_pretrained("adapter")
        transformers.set_seed(2)
        again = peft.PeftModel.from_pretrained(made.from_pretrained("pretrained"), "adapter")
        same = torch.allclose(answers(model), answers(again))
        print(f"{kind}, task_type={task}: the head learns: {learns}; the same answers once loaded: {same}", flush=True)
        if (learns, same) != ((True, True) if task == TASKS[kind][-1] else (False, False)):
            raise SystemExit("CHANGED: the head learns without the task, or is saved")
PY
HF_HUB_OFFLINE=1 venv/bin/python head.py 2>errors || { grep CHANGED errors || cat errors; exit 1; }
