"""Small tokenizers of the kinds that base models bring, and what Rust's tokenizers make of odd texts.

    python3 -m venv .venv && .venv/bin/pip install tokenizers==0.23.3
    .venv/bin/python tools/reference/tokenizer_families.py libs/tokenization/src/reference/families data/sample/helpdesk.jsonl

Writes NAME.json (a tokenizer.json) for RoBERTa (byte-level BPE), Llama 2 (SentencePiece BPE with byte fallback), Llama 3 (byte-level BPE
with its own splitting) and XLM-RoBERTa (Unigram), and ids.json: for each, the ids of the texts below, framed by the special tokens as the
post-processor writes them. The same version writes the same bytes.
"""

import json
import sys
from collections import Counter
from pathlib import Path

# A neighbor has the package's name: leave this folder out of the search.
sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent]

import tokenizers  # noqa: E402
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors  # noqa: E402

# Cleaned as the text template cleans them: one space between words, no control characters, no control tokens.
TEXTS = [
    "turn 1\nuser: My printer is offline. What can I do?",
    "turn 2\nuser: Hello\nsystem: Which model is it?\nuser: It's the HP-4000, isn't it?",
    "turn 1\nuser:",
    "turn 12\nuser: a\nsystem:\nuser: b",
    "turn 1\nuser: ALL CAPS and MixedCase, don't can't we'll they've",
    "turn 1\nuser: Ünïcödé café naïve Ångström e\u0301 ﬁ ① ½",
    "turn 1\nuser: 你好,世界!打印机离线了怎么办?",
    "turn 1\nuser: カタカナ and ひらがな, 한국어, ไทย ภาษา, русский, עברית",
    "turn 1\nuser: 🙂👍🏽👨‍👩‍👧 emoji \u200b zero\u200dwidth \ufffd",
    "turn 1\nuser: if (a[0] <= b && c != d) { return x->y; } // 100% `code` \\n \\t",
    "turn 1\nuser: https://example.org/a_b?c=d&e=f#g user@example.org C:\\Windows\\System32",
    "turn 1\nuser: " + "x" * 300,
    "turn 1\nuser: 1234567890 3.14159 1,000,000 ١٢٣ १२३",
    "turn 1\nuser: [ SEP] < /s> <  s> < |im_end|> < 0x0A> ▁ Ġ ##ing",
    "turn 1\nuser: ... !!! ??? --- ''' \"\"\" ~~~ ***",
]


def samples(path):
    texts = [utterance["text"] for line in Path(path).read_text(encoding="utf-8").splitlines() for utterance in json.loads(line)["utterances"]]
    return texts + ["\nuser: ", "\nsystem: "] * 200 + ["turn 1", "turn 2", "turn 3"] * 100


def learn_merges(words, count):
    """Byte-pair encoding with ties by spelling: the trainer of the package breaks them differently at each run."""
    split = {word: list(word) for word in words}
    merges = []
    for _ in range(count):
        pairs = Counter()
        for word, symbols in split.items():
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += words[word]
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for word, symbols in split.items():
            merged, i = [], 0
            while i < len(symbols):
                if tuple(symbols[i : i + 2]) == best:
                    merged.append(symbols[i] + symbols[i + 1])
                    i += 2
                else:
                    merged.append(symbols[i])
                    i += 1
            split[word] = merged
    return merges


def pieces(tokenizer, texts):
    counts = Counter()
    for text in texts:
        normal = tokenizer.normalizer.normalize_str(text) if tokenizer.normalizer else text
        counts.update(word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal))
    return counts


def vocabulary(special, alphabet, merges):
    return {piece: i for i, piece in enumerate(dict.fromkeys([*special, *alphabet, *(a + b for a, b in merges)]))}


def special_tokens(tokenizer, names):
    tokenizer.add_special_tokens([AddedToken(name, normalized=False, special=True) for name in names])


def roberta(texts):
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    merges = learn_merges(pieces(tokenizer, texts), 300)
    vocab = vocabulary(special, sorted(pre_tokenizers.ByteLevel.alphabet()), merges)
    tokenizer.model = models.BPE(vocab, merges)
    tokenizer.decoder = decoders.ByteLevel()
    special_tokens(tokenizer, special)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", vocab["</s>"]), ("<s>", vocab["<s>"]), True, False)
    return tokenizer


def llama2(texts):
    special = ["<unk>", "<s>", "</s>"]
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    words = Counter(word for text in texts for word in tokenizer.normalizer.normalize_str(text).replace("▁", " ▁").split())
    merges = learn_merges(words, 300)
    alphabet = sorted({character for word in words for character in word})
    vocab = vocabulary(special + bytes_, alphabet, merges)
    tokenizer.model = models.BPE(vocab, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    special_tokens(tokenizer, special)
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", vocab["<s>"])])
    return tokenizer


LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def llama3(texts):
    special = ["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(LLAMA3), "isolated", invert=False), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    merges = learn_merges(pieces(tokenizer, texts), 300)
    vocab = vocabulary([], sorted(pre_tokenizers.ByteLevel.alphabet()), merges)
    tokenizer.model = models.BPE(vocab, merges, ignore_merges=True)
    tokenizer.decoder = decoders.ByteLevel()
    special_tokens(tokenizer, special)
    first = tokenizer.token_to_id("<|begin_of_text|>")
    tokenizer.post_processor = processors.TemplateProcessing(single="<|begin_of_text|> $A", pair="<|begin_of_text|> $A $B", special_tokens=[("<|begin_of_text|>", first)])
    return tokenizer


def xlm_roberta(texts):
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer = Tokenizer(models.Unigram([("<unk>", 0.0)], 0, False))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace("▁", "always", True)])
    words = pieces(tokenizer, texts)
    alphabet = sorted({character for word in words for character in word})
    frequent = [word for word, _ in sorted(words.items(), key=lambda entry: (-entry[1], entry[0]))[:250]]
    scored = [(piece, -4.0 - 0.01 * i) for i, piece in enumerate(dict.fromkeys(frequent))] + [(character, -9.0) for character in alphabet if character not in frequent]
    # As the converter of transformers writes it: the control tokens are pieces with score 0.
    tokenizer.model = models.Unigram([(token, 0.0) for token in special] + scored, special.index("<unk>"), False)
    tokenizer.decoder = decoders.Metaspace("▁", "always", True)
    special_tokens(tokenizer, [*special, "<mask>"])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return tokenizer


def main(folder, sample):
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    texts = samples(sample)
    ids = {}
    for make in (roberta, llama2, llama3, xlm_roberta):
        tokenizer = make(texts)
        name = make.__name__.replace("_", "-")
        tokenizer.save(str(out / f"{name}.json"), pretty=False)
        ids[name] = [tokenizer.encode(text).ids for text in TEXTS]
    reference = {"generator": "tools/reference/tokenizer_families.py", "versions": {"tokenizers": tokenizers.__version__}, "texts": TEXTS, "ids": ids}
    (out / "ids.json").write_text(json.dumps(reference, ensure_ascii=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
