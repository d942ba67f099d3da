"""python gguf_sentencepiece.py: a SentencePiece BPE as a GGUF file lists it, to libs/models/src/reference/sentencepiece.json.

Tokens, scores and types in the words of llama.cpp's converter, and the ids and texts of SentencePiece itself. Text that spells a user-defined token is left out: after it, tokenizers of
transformers add another space, SentencePiece does not. Needs sentencepiece.
"""
import io
import json
import pathlib

import sentencepiece

OUT = pathlib.Path(__file__).resolve().parents[2] / "libs/models/src/reference/sentencepiece.json"
TEXTS = [
    "", " ", "a", "Hello world", " Hello  world ", "don't I'll we've", "tabs\tand\nnew\r\nlines\n\n", "12345 3.14 1,000", "naïve café Zoë", "日本語のテキスト", "🙂👍🏽 emoji",
    "foo_bar(baz) => {return x[0];}", "https://example.com/a?b=c&d=%20", "The printer is offline. Which printer is it?", "   leading", "trailing   ", "▁underscore ▁▁", "\u00a0nbsp\u2003em",
]
model = io.BytesIO()
sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter([text for text in TEXTS if text.strip()] * 8 + ["The printer does not work. What should I do about the printer?"] * 8),
    model_writer=model, model_type="bpe", vocab_size=420, byte_fallback=True, character_coverage=0.98, split_digits=True, normalization_rule_name="identity",
    add_dummy_prefix=True, remove_extra_whitespaces=False, allow_whitespace_only_pieces=True, user_defined_symbols=["<|user|>"], unk_id=0, bos_id=1, eos_id=2, hard_vocab_limit=False, minloglevel=2,
)
sp = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
ids = range(sp.vocab_size())
# llama_token_type
types = [2 if sp.is_unknown(i) else 3 if sp.is_control(i) else 6 if sp.is_byte(i) else 4 if sp.id_to_piece(i) == "<|user|>" else 1 for i in ids]
OUT.write_text(json.dumps(dict(
    version=sentencepiece.__version__, tokens=[sp.id_to_piece(i) for i in ids], scores=[sp.get_score(i) for i in ids], types=types,
    cases=[dict(text=text, ids=sp.encode(text), decoded=sp.decode(sp.encode(text))) for text in TEXTS],
), ensure_ascii=False))
