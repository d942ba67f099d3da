"""python generation.py: what transformers generates and scores with a small Llama, written to libs/inference/src/reference/generation.json.

Needs torch, transformers, gguf. The model is libs/models/src/reference/small-llama.gguf, dequantised, in float64. For prompts of token ids: the greedy
continuation by `generate` with its own key-value cache, the logarithm of the probability of every token of a few answers (one pass over prompt and
answer), and chats as `apply_chat_template` writes and encodes them with the template of SmolLM2.
"""
import json
import pathlib

import torch
import transformers

ROOT = pathlib.Path(__file__).resolve().parents[3] / "libs"
MODELS, OUT = ROOT / "models/src/reference", ROOT / "inference/src/reference"
TEMPLATE = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
PREFIX = "turn 1\nuser: My printer is offline.\nsystem: Which model is it?\n"
PROMPTS = ["user: Hello", "turn 2\nuser: What should I do about the printer?", "a", "12345 it did say error"]
ANSWERS = ["yes", "no", " printer", "Which version?"]
CHATS = [
    [dict(role="user", content="My printer is offline.")],
    [dict(role="system", content="Answer yes or no."), dict(role="user", content="  two spaces\n"), dict(role="assistant", content="yes"), dict(role="user", content="12 日本")],
]

model = transformers.AutoModelForCausalLM.from_pretrained(MODELS, gguf_file="small-llama.gguf", attn_implementation="eager", dtype=torch.float32).double().eval()
tokenizer = transformers.AutoTokenizer.from_pretrained(MODELS, gguf_file="small-llama.gguf")
tokenizer.chat_template = TEMPLATE


def encode(text):
    return tokenizer(text, add_special_tokens=False)["input_ids"]


def logits_of(ids):
    with torch.no_grad():
        return model(input_ids=torch.tensor([ids])).logits[0]


def case(prompt):
    ids = encode(PREFIX) + encode(prompt)
    with torch.no_grad():
        out = model.generate(input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long), do_sample=False, max_new_tokens=24, use_cache=True, eos_token_id=2, pad_token_id=2)
    tokens = out[0, len(ids):].tolist()
    top = logits_of(ids + tokens)[len(ids) - 1:-1].topk(2).values
    answers = []
    for answer in ANSWERS:
        target = encode(answer)
        rows = logits_of(ids + target)[len(ids) - 1:-1].log_softmax(-1)
        answers.append(dict(text=answer, tokens=target, logProbabilities=[round(rows[i, t].item(), 7) for i, t in enumerate(target)]))
    return dict(prompt=prompt, ids=encode(prompt), generated=tokens, smallestMargin=round((top[:, 0] - top[:, 1]).min().item(), 5), answers=answers)


def chat(messages):
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    return dict(messages=messages, text=text, ids=encode(text))


OUT.mkdir(parents=True, exist_ok=True)
(OUT / "generation.json").write_text(json.dumps(dict(
    provenance=dict(script="tools/reference/pytorch/generation.py", torch=torch.__version__, transformers=transformers.__version__),
    template=TEMPLATE, prefix=PREFIX, prefixIds=encode(PREFIX), endToken=2, cases=[case(p) for p in PROMPTS], chats=[chat(m) for m in CHATS])) + "\n")
