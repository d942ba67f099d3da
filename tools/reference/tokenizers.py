"""Token ids by Hugging Face's Rust tokenizers, the yardstick of libs/tokenization.

    python3 -m venv .venv && .venv/bin/pip install tokenizers==0.23.3
    .venv/bin/python tools/reference/tokenizers.py libs/tokenization/src/reference data/sample/helpdesk.jsonl

Makes a small WordPiece tokenizer of the sample corpus (tokenizer.json) and writes the ids of the strings below
(ids.json). With a third argument, the path of a real tokenizer.json, and a fourth, a text file, it writes nothing and
prints one JSON list of ids for each line of the file, for comparisons by hand. The same version writes the same bytes.
"""

import json
import sys
from collections import Counter
from pathlib import Path

# This script has the package's name: leave its own folder out of the search, or it would import itself.
sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent]

import tokenizers  # noqa: E402
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors  # noqa: E402

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

STRINGS = [
    "",
    " ",
    "Hello",
    "My printer shows error 0x80070057 -- what now?",
    "  tabs\tand\nnew lines\r\n and   spaces ",
    "Ünïcödé café naïve Ångström",
    "e\u0301 is one letter, \u0301 alone is none",
    "İstanbul ǅ ß ﬁ ①",
    "你好 the 世界 mixed",
    "カタカナ and ひらがな, 한국어",
    "🙂👍🏽 emoji \u200b zero\u200dwidth \ufeff",
    "control \u0000\u0001\u007f\u0085 characters",
    "\ufffd replacement",
    "non\u00a0breaking\u2003space\u3000ideographic",
    "x" * 100,
    "x" * 101,
    "it's don't can't 'quoted' “curly” ‘marks’",
    "https://example.org/a_b?c=d&e=f#g user@example.org",
    "C:\\Windows\\System32\\drivers\\etc\\hosts",
    "a [SEP] b [CLS] c [MASK] [PAD] [UNK] [sep]",
    "##ing ## # ###",
    "turn 1",
    "turn 12",
    "user: My laptop will not wake up. What should I do?",
    "system: Which model is it?",
    "١٢٣ १२३ ½ ² Ⅳ",
    "$^`~+=|<> !\"#%&'()*,-./:;?@[\\]_{}",
    "¡¿«»—–…·• €£¥",
    "ALL CAPS and MixedCase",
    "русский текст Ёлка й",
    "עברית עם ניקוד שָׁלוֹם",
    "ไทย ภาษา",
]


def words(tokenizer, lines):
    counts = Counter()
    for line in lines:
        normal = tokenizer.normalizer.normalize_str(line)
        counts.update(word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal))
    return counts


def most_frequent(counts, n):
    """Ties by spelling: the trainer of the package breaks them differently at each run."""
    return [item for item, _ in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:n]]


def vocabulary(tokenizer, sample):
    """Characters, frequent words and frequent endings of the sample corpus; characters of STRINGS too."""
    lines = [utterance["text"] for line in Path(sample).read_text(encoding="utf-8").splitlines() for utterance in json.loads(line)["utterances"]]
    counts = words(tokenizer, lines)
    known = most_frequent(counts, 250)
    endings = Counter()
    for word, count in counts.items():
        for length in (2, 3, 4):
            if len(word) > length:
                endings[word[-length:]] += count
    characters = sorted({character for word in list(counts) + list(words(tokenizer, STRINGS)) for character in word} - {"\ufffd"})
    pieces = SPECIAL + characters + ["##" + character for character in characters] + ["user", "system", "turn"] + known
    pieces += ["##" + ending for ending in most_frequent(endings, 100)]
    return {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}


def small_tokenizer(sample):
    tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.model = models.WordPiece(vocabulary(tokenizer, sample), unk_token="[UNK]", max_input_chars_per_word=100)
    tokenizer.add_special_tokens(SPECIAL)
    ids = {token: tokenizer.token_to_id(token) for token in SPECIAL}
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
    )
    return tokenizer


def encoded(tokenizer, text):
    """Ids of text whose special tokens, if it spells any, stay text: what someone typed is not markup."""
    return tokenizer.encode(text, add_special_tokens=False).ids


def main(folder, sample, real=None, lines=None):
    if real is not None:
        tokenizer = Tokenizer.from_file(real)
        tokenizer.no_truncation()
        tokenizer.no_padding()
        tokenizer.encode_special_tokens = True
        for line in Path(lines).read_text(encoding="utf-8").split("\n"):
            print(json.dumps(encoded(tokenizer, line)))
        return
    tokenizer = small_tokenizer(sample)
    tokenizer.encode_special_tokens = True
    cases = [{"text": text, "ids": encoded(tokenizer, text)} for text in STRINGS]
    framed = tokenizer.encode("turn 1").ids
    # As in many published files: both are for Rust only, and a reader must leave them aside.
    tokenizer.enable_truncation(max_length=8)
    tokenizer.enable_padding(length=8, pad_id=0, pad_token="[PAD]")
    out = Path(folder)
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    reference = {
        "generator": "tools/reference/tokenizers.py",
        "versions": {"tokenizers": tokenizers.__version__},
        "vocabSize": tokenizer.get_vocab_size(with_added_tokens=True),
        "framed": {"text": "turn 1", "ids": framed},
        "cases": cases,
    }
    (out / "ids.json").write_text(json.dumps(reference, ensure_ascii=True, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
