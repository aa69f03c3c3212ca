"""docs/artifact.md sections 4 and 5 are enough to write a tokenizer: this file is one, from the page alone, held against
the reference (Hugging Face's `tokenizers`) over every character and over thousands of nasty strings."""

from __future__ import annotations

import functools
import json
import random
import struct
import sys
from pathlib import Path

import pytest

from pocketbert.edge_export.artifact.normalizer import build_normalizer
from pocketbert.edge_export.artifact.tokenizing import encode, open_tokenizer, portable, prepare_tokenizer, vocabulary_file

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # tests/ is no package
from nasty_texts import SPECIALS, VOCABULARY, nasty  # noqa: E402


class Port:
    """The page, line by line. Nothing of ours and no Unicode table is used."""

    def __init__(self, normalizer: bytes, vocab_txt: bytes, options: dict) -> None:
        self.options, self.vocab = options, {}
        for number, token in enumerate(vocab_txt.decode().split("\n")[:-1]):
            self.vocab[token] = number
        assert normalizer[:4] == b"PBN1"
        self.hangul, at = normalizer[4] & 1, 5
        lists = []
        for _ in range(4):
            (count,) = struct.unpack_from("<H", normalizer, at)
            at += 2
            characters = set()
            for _ in range(count):
                first, last = struct.unpack_from("<II", normalizer, at)
                characters.update(range(first, last + 1))
                at += 8
            lists.append(characters)
        self.deleted, self.padded, self.punctuation, self.space = lists
        (count,) = struct.unpack_from("<H", normalizer, at)
        at += 2
        self.mapping = {}
        for _ in range(count):
            code, k = struct.unpack_from("<IB", normalizer, at)
            self.mapping[code] = list(struct.unpack_from(f"<{k}I", normalizer, at + 5))
            at += 5 + 4 * k
        assert at == len(normalizer)

    def normalize(self, text: str) -> list[int]:
        out = []
        for code in map(ord, text):
            if code in self.deleted:
                continue
            if self.hangul and 0xAC00 <= code <= 0xD7A3:
                s = code - 0xAC00
                mapped = [0x1100 + s // 588, 0x1161 + s % 588 // 28] + ([0x11A7 + s % 28] if s % 28 else [])
            else:
                mapped = self.mapping.get(code, [code])
            out += [32, *mapped, 32] if code in self.padded else mapped
        return out

    def pieces(self, text: str) -> list[int]:
        words, word = [], []
        for code in self.normalize(text):
            if code in self.space or code in self.punctuation:
                words.append(word)
                words.append([code] if code in self.punctuation else [])
                word = []
            else:
                word.append(code)
        words.append(word)
        return [number for word in words if word for number in self.word("".join(map(chr, word)))]

    def word(self, word: str) -> list[int]:
        unknown, prefix = [self.options["unk_id"]], self.options["prefix"]
        if len(word) > self.options["max_characters"]:
            return unknown
        out, begin = [], 0
        while begin < len(word):
            for end in range(len(word), begin, -1):
                piece = word[begin:end] if begin == 0 else prefix + word[begin:end]
                if piece in self.vocab:
                    break
            else:
                return unknown
            out.append(self.vocab[piece])
            begin = end
        return out

    def encode(self, texts: tuple[str, ...], max_length: int) -> tuple[list[int], list[int]]:
        parts = [self.pieces(text) for text in texts]
        m = max_length - (2 if len(parts) == 1 else 3)
        if len(parts) == 1:
            parts = [parts[0][:m]]
        elif sum(map(len, parts)) > m:
            small, large = (0, 1) if len(parts[0]) <= len(parts[1]) else (1, 0)
            s, most = len(parts[small]), None
            most = s if s > m else max(s, m - s)
            if s + most > m:
                s = m // 2
                most = s + m % 2
            parts[small], parts[large] = parts[small][:s], parts[large][:most]
        ids, types = [self.options["cls_id"]], [0]
        for kind, part in enumerate(parts):
            ids += [*part, self.options["sep_id"]]
            types += [kind] * (len(part) + 1)
        return ids, types


def _tokenizer_json(vocabulary: list[str], **options) -> str:
    from tokenizers import BertWordPieceTokenizer

    return BertWordPieceTokenizer(vocab={token: i for i, token in enumerate(vocabulary)}, **options).to_str()


@functools.cache
def _table(text: str) -> bytes:
    return build_normalizer(open_tokenizer(*prepare_tokenizer(text, 16)))


def _port_and_reference(text: str, max_length: int):
    rewritten, entry = prepare_tokenizer(text, max_length)
    reference = open_tokenizer(rewritten, entry)
    return Port(_table(text), vocabulary_file(reference), json.loads(entry.wordpiece.model_dump_json())), reference


@pytest.mark.parametrize(
    "options",
    [{"lowercase": True}, {"lowercase": False}, {"lowercase": True, "strip_accents": False}, {"clean_text": False}],
    ids=str,
)
def test_every_character_alone_and_between_letters(options):
    port, reference = _port_and_reference(_tokenizer_json(VOCABULARY, **options), 64)
    codes = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
    chosen = codes[: 0x3000 if options != {"lowercase": True} else None]
    for begin in range(0, len(chosen), 20):  # 20 characters a string: each between spaces, then each between letters
        part = [chr(c) for c in chosen[begin : begin + 20]]
        for text in (" ".join(part), "a".join(["", *part, ""])):
            assert (
                port.pieces(text) == reference.encode(text, add_special_tokens=False).ids[:62] or len(port.pieces(text)) > 62
            ), (hex(chosen[begin]), text)


def test_thousands_of_nasty_texts_and_pairs_with_truncation():
    rng = random.Random(21)
    for max_length in (5, 8, 17, 64):
        port, reference = _port_and_reference(_tokenizer_json(VOCABULARY, lowercase=True), max_length)
        for _ in range(1500):
            texts = (nasty(rng),) if rng.random() < 0.5 else (nasty(rng), nasty(rng))
            found = encode(reference, texts)
            assert port.encode(texts, max_length) == (found.input_ids[0].tolist(), found.token_type_ids[0].tolist()), texts


def test_the_real_bert_vocabulary(minilm_folder):
    port, reference = _port_and_reference((minilm_folder / "tokenizer.json").read_text(encoding="utf-8"), 128)
    rng = random.Random(22)
    for _ in range(1500):
        texts = (nasty(rng),)
        assert port.encode(texts, 128)[0] == encode(reference, texts).input_ids[0].tolist(), texts


def test_special_tokens_in_text_are_ordinary_characters():
    _, reference = _port_and_reference(_tokenizer_json(VOCABULARY, lowercase=True), 64)
    tokens = encode(reference, ("[SEP]",)).tokens
    assert tokens[0] == "[CLS]" and tokens[-1] == "[SEP]" and tokens[1] == "[" and len(tokens) == 7


def test_lone_surrogates_are_dropped():
    _, reference = _port_and_reference(_tokenizer_json(VOCABULARY, lowercase=True), 64)
    assert encode(reference, ("wake\ud800 the",)).tokens == encode(reference, ("wake the",)).tokens


def test_a_vocabulary_with_marks_that_may_be_reordered_gets_no_table():
    # U+302E and U+0903 survive accent stripping (Mc), and U+302E has combining class 224
    reference = open_tokenizer(*prepare_tokenizer(_tokenizer_json([*SPECIALS, "a", "\u302e"], lowercase=True), 16))
    assert build_normalizer(reference) is None


@pytest.mark.parametrize("change", ["added word", "another normalizer", "another frame", "plain"])
def test_only_a_tokenizer_that_the_page_describes_is_called_portable(change):
    from tokenizers import Tokenizer, normalizers, processors

    other = Tokenizer.from_str(_tokenizer_json(VOCABULARY, lowercase=True))
    if change == "added word":
        other.add_tokens(["covid-19"])
    if change == "another normalizer":
        other.normalizer = normalizers.Lowercase()
    if change == "another frame":
        other.post_processor = processors.TemplateProcessing("[CLS] $A", "[CLS] $A $B", [("[CLS]", 2)])
    rewritten, entry = prepare_tokenizer(other.to_str(), 16)
    found, normalizer, vocabulary = portable(open_tokenizer(rewritten, entry), entry)
    whole = change == "plain"
    assert [found.wordpiece is not None, normalizer is not None, vocabulary is not None] == [whole] * 3


@pytest.mark.parametrize("long", [["x" * 2_000_001], [f"{i:01000}" for i in range(8400)]], ids=["beginnings", "bytes"])
def test_a_vocabulary_that_is_too_large_for_a_port_gets_no_file(long):
    reference = open_tokenizer(*prepare_tokenizer(_tokenizer_json([*VOCABULARY, *long], lowercase=True), 16))
    assert vocabulary_file(reference) is None


def test_a_tokenizer_that_is_not_berts_gets_no_table():
    from tokenizers import Tokenizer, models

    bpe = Tokenizer(models.BPE({"<pad>": 0, "a": 1}, []))
    assert build_normalizer(bpe) is None


def test_the_carried_truncation_and_padding_are_replaced():
    from tokenizers import Tokenizer

    other = Tokenizer.from_str(_tokenizer_json(VOCABULARY, lowercase=True))
    other.enable_truncation(7)
    other.enable_padding(length=30)
    rewritten, entry = prepare_tokenizer(other.to_str(), 12)
    stored = json.loads(rewritten)
    assert stored["padding"] is None and stored["truncation"]["max_length"] == 12
    assert encode(open_tokenizer(rewritten, entry), ("a b c d e f g h",)).length == 10
