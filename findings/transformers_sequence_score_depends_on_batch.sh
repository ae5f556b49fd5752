#!/usr/bin/env bash
# One would guess: compute_transition_scores gives a finished text nothing for the padding after its end, so the
#   sum is the text's log-probability.
# What happens: that holds for beam search. For greedy search the padding is charged as if the model had chosen it:
#   the sum depends on how long the batch's other texts run.
# Versions: transformers 5.24.0, torch 2.13.0.
# Where it matters: ranking answers, or a confidence for each: whatever is generated together with something
#   longer looks unlikely.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check transformers==5.24.0 torch==2.13.0
HF_HUB_OFFLINE=1 venv/bin/python - <<'PY'
from importlib.metadata import version

import torch
from transformers import GPT2Config, GPT2LMHeadModel


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("transformers", version("transformers"), "torch", version("torch"))
torch.manual_seed(0)
PAD = 39
model = GPT2LMHeadModel(GPT2Config(vocab_size=40, n_positions=32, n_embd=16, n_layer=1, n_head=2,
                                   initializer_range=0.5, bos_token_id=None, eos_token_id=None)).eval()


def scores(prompts, end, beams):
    prompts = torch.tensor(prompts)
    out = model.generate(prompts, attention_mask=torch.ones_like(prompts), max_new_tokens=8, num_beams=beams,
                         do_sample=False, eos_token_id=end, pad_token_id=PAD, output_scores=True,
                         return_dict_in_generate=True)
    steps = model.compute_transition_scores(out.sequences, out.scores, out.get("beam_indices"), normalize_logits=True)
    return out.sequences[0, prompts.shape[1]:].tolist(), steps[0].sum().item()


first, second = [17, 4], [36, 1]
end = model.generate(torch.tensor([first]), attention_mask=torch.ones(1, 2), max_new_tokens=3, do_sample=False,
                     pad_token_id=PAD)[0, -1].item()
for name, beams in (("greedy", 1), ("beam 2", 2)):
    alone, by_itself = scores([first], end, beams)
    beside, in_company = scores([first, second], end, beams)
    print(f"{name}: alone {alone} {by_itself:.2f}, beside another {beside} {in_company:.2f}")
    still(beside == alone + [PAD] * 5, "the text is another one beside a longer one")
    if beams == 1:
        full = torch.tensor([first + alone])
        likely = model(full).logits.log_softmax(-1)[0, 1:-1].gather(-1, full[0, 2:, None]).sum().item()
        print(f"        the model's own log-probability {likely:.2f}")
        still(abs(likely - by_itself) < 1e-3, "alone, the sum is not the log-probability")
        still(in_company < by_itself - 1, "the padding is no longer charged")
    else:
        still(abs(in_company - by_itself) < 1e-3, "beam search charges the padding too")
PY
