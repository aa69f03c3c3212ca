"""Candidates of a masked language model, held against one forward pass per word, as TinyBERT's code makes them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer, BertConfig, BertForMaskedLM

from pocketbert.distill.augment import Setting
from pocketbert.distill.augment.replace import Options, augment
from pocketbert.distill.candidates import masked, neighbours
from pocketbert.distill.candidates.masked import read_masked_model
from pocketbert.distill.candidates.words import words_of
from pocketbert.tasks import Example


@pytest.fixture(scope="module")
def masked_folder(small_folder, tmp_path_factory) -> Path:
    """A BERT with the small vocabulary and random weights, large enough for clear differences between its logits."""
    folder = tmp_path_factory.mktemp("masked")
    tokenizer = AutoTokenizer.from_pretrained(small_folder)
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=48,
        initializer_range=0.5,
    )
    BertForMaskedLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def found_one_by_one(folder: Path, texts: tuple[str, ...], side: int, start: int, end: int, count: int) -> list[str]:
    """The words that transformers alone finds most likely in the place of one word."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForMaskedLM.from_pretrained(folder).eval()
    hidden = list(texts)
    hidden[side] = hidden[side][:start] + tokenizer.mask_token + hidden[side][end:]
    inputs = tokenizer(*hidden, return_tensors="pt")
    at = (inputs["input_ids"][0] == tokenizer.mask_token_id).nonzero().item()
    with torch.no_grad():
        order = model(**inputs).logits[0, at].argsort(descending=True).tolist()
    names = tokenizer.convert_ids_to_tokens(order)
    own = texts[side][start:end].lower()
    chinese = "\u4e00" <= own[0] <= "\u9fff"
    fits = [n for n in names if n not in tokenizer.all_special_tokens and not n.startswith("##") and n.isalpha() and n != own]
    return [n for n in fits if ("\u4e00" <= n[0] <= "\u9fff") == chinese and (chinese or len(n) > 1)][:count]


@pytest.mark.parametrize("texts", [("wake me at seven, please",), ("play 北京天气", "will it rain on monday")])
def test_a_batch_gives_what_one_pass_per_word_gives(masked_folder, texts, monkeypatch):
    monkeypatch.setattr(masked, "SETS", 100)  # one word hidden at a time
    model = read_masked_model(masked_folder, 48)
    words = [words_of(text) for text in texts]
    # beside others, longer and shorter, so that it is padded
    others = [("play", "now") if len(texts) == 2 else ("play",), texts, ("brighten the kitchen now",) * len(texts)]
    found = model.candidates(others, [[words_of(text) for text in each] for each in others], 4)[1]
    vocabulary = model.tokenizer.get_vocab()
    compared = 0
    for side, entries in enumerate(words):
        for word, names in zip(entries, found[side], strict=True):
            if word.text.lower() not in vocabulary:
                assert names == []
                continue
            assert names == found_one_by_one(masked_folder, texts, side, word.start, word.end, 4)
            compared += 1
    assert compared >= 4


def test_words_of_one_set_are_hidden_together_and_none_is_left_out(masked_folder):
    model = read_masked_model(masked_folder, 48)
    text = ("will it rain on monday now please",)
    words = [words_of(text[0])]
    rows, asked = model._hidden([text], [words])
    hidden = [row["input_ids"].count(model.tokenizer.mask_token_id) for row in rows]
    blanks = [blank.word for some in asked for _, blank in some]
    assert sorted(blanks) == sorted(set(blanks)) and hidden == [len(some) for some in asked]
    single = [i for i, word in enumerate(words[0]) if word.text in model.tokenizer.get_vocab()]
    assert sorted(blanks) == single and len(rows) <= masked.SETS


def test_what_lies_behind_the_longest_length_has_no_candidates(masked_folder):
    text = "play now please monday rain on"
    found = read_masked_model(masked_folder, 6).candidates([(text,)], [[words_of(text)]], 2)
    assert [bool(names) for names in found[0][0]][-1] is False and any(found[0][0])


def test_the_operation_fills_the_rest_by_near_words(masked_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(neighbours, "COMMONEST", 0)
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("xylophone 1 0\nglockenspiel 0.9 0.1\nplay 0 1\nlisten 0.1 0.9\n")
    options = Options(8, 1.0, 1, model=str(masked_folder), vectors=str(vectors))
    texts = [Example(("play the xylophone",), None, 1)]
    found = augment(texts, options, Setting("none", 48, 0, tmp_path / "kept"))
    assert [made.texts[0].split()[2] for made in found] == ["glockenspiel"]
    assert found[0].texts[0].split()[0] == found_one_by_one(masked_folder, texts[0].texts, 0, 0, 4, 1)[0]
