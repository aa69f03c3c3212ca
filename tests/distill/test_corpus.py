"""Plain text, document after document, and as token ids on disk."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoTokenizer

from pocketbert.distill import corpus, shards
from pocketbert.distill.corpus import documents, files_of
from pocketbert.distill.shards import open_shards, write_shards
from pocketbert.tasks import UserError

WORDS = "wake me at six play some jazz will it rain on monday call my mother dim the lamp in room please now".split()


def text_of(documents: int, lines: int = 3) -> str:
    """Documents of some lines of the small vocabulary's words, each different."""
    made = []
    for d in range(documents):
        made.append("\n".join(" ".join(WORDS[(d * 7 + n * 3 + i) % len(WORDS)] for i in range(9)) for n in range(lines)))
    return "\n\n".join(made) + "\n"


@pytest.fixture
def tokenizer(small_folder):
    return AutoTokenizer.from_pretrained(small_folder)


def test_a_blank_line_ends_a_document(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\r\ntwo\r\n\r\n \nthree\n\n\n\nfour")
    assert list(documents(str(path))) == ["one\ntwo", "three", "four"]
    packed = tmp_path / "a.txt.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert list(documents(str(packed))) == ["one\ntwo", "three", "four"]


def test_rows_are_documents(tmp_path):
    rows = tmp_path / "a.jsonl"
    rows.write_text("".join(json.dumps({"body": text}) + "\n" for text in ("one", "two")))
    assert list(documents(str(rows), "body")) == ["one", "two"]
    with pytest.raises(UserError, match="row 1: has no text in a column text; it has body"):
        list(documents(str(rows)))
    import datasets

    datasets.Dataset.from_dict({"text": ["one", "two"]}).to_parquet(tmp_path / "a.parquet")
    assert list(documents(str(tmp_path / "a.parquet"))) == ["one", "two"]


def test_one_line_of_any_length_takes_no_more_memory_than_a_document(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "LONGEST", 1000)
    path = tmp_path / "long.txt"
    path.write_text("é" * 10_001, encoding="utf-8")  # two bytes each: a part of 1,000 bytes may end within one
    found = list(documents(str(path)))
    assert "".join(found).replace("\n", "") == "é" * 10_001 and max(map(len, found)) <= 2000


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"text\0text", "byte 4: a zero byte"), (b"good\nb\xffd", "after byte 5: not UTF-8"), (b"cut \xc3", "not UTF-8")],
)
def test_what_is_no_text_is_refused(tmp_path, content, says):
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(UserError, match=says):
        list(documents(str(path)))


def test_sources(tmp_path):
    (tmp_path / "inner").mkdir()
    for name in ("b.txt", "a.jsonl", "inner/c.txt.gz", "notes.md"):
        (tmp_path / name).write_text("x")
    found = files_of([str(tmp_path), "datasets:x/train"])
    assert [Path(file).name for file in found[:-1]] == ["a.jsonl", "b.txt", "c.txt.gz"] and found[-1] == "datasets:x/train"
    for source, says in (("missing.txt", "no such file or folder"), (str(tmp_path / "notes.md"), "cannot read a .md")):
        with pytest.raises(UserError, match=says):
            files_of([source])
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="has no .txt, .txt.gz, .jsonl, .parquet file"):
        files_of([str(tmp_path / "empty")])


def test_sequences_hold_every_token_of_a_document_and_of_no_other(tmp_path, tokenizer):
    path = tmp_path / "a.txt"
    path.write_text(text_of(250))
    told = write_shards([str(path)], tokenizer, 16, tmp_path / "corpus")
    train, held = open_shards(tmp_path / "corpus"), open_shards(tmp_path / "corpus", "held-out")
    assert told["documents"] == 250 and told["sequences"] == len(train) and told["held_out"] == len(held) > 0
    assert told["unknown"] == 0 and max(train.lengths) == 16 and min(train.lengths) >= shards.SHORTEST
    # with transformers alone: each document cut into pieces of 14 tokens, every hundredth of them held out
    wanted: dict[bool, list[list[int]]] = {False: [], True: []}
    for number, document in enumerate(path.read_text().strip().split("\n\n"), 1):
        ids = tokenizer(document, add_special_tokens=False)["input_ids"]
        rows = [[tokenizer.cls_token_id, *ids[i : i + 14], tokenizer.sep_token_id] for i in range(0, len(ids), 14)]
        wanted[number % 100 == 0] += [row for row in rows if len(row) >= shards.SHORTEST]
    assert [train[i]["input_ids"] for i in range(len(train))] == wanted[False]
    assert [held[i]["input_ids"] for i in range(len(held))] == wanted[True]
    with pytest.raises(IndexError):
        train[len(train)]


def test_a_killed_reading_goes_on_and_a_whole_one_is_not_repeated(tmp_path, tokenizer, monkeypatch):
    monkeypatch.setattr(shards, "SHARD_TOKENS", 500)
    path = tmp_path / "a.txt"
    path.write_text(text_of(120))
    write_shards([str(path)], tokenizer, 16, tmp_path / "undisturbed")
    whole = open_shards(tmp_path / "undisturbed")
    assert len(whole.ids) > 5
    read, real = [], documents

    def killed(source, column="text"):
        for number, document in enumerate(real(source, column)):
            if len(read) == 50:
                raise KeyboardInterrupt
            read.append(number)
            yield document

    monkeypatch.setattr(shards, "documents", killed)
    with pytest.raises(KeyboardInterrupt):
        write_shards([str(path)], tokenizer, 16, tmp_path / "corpus")
    monkeypatch.setattr(shards, "documents", real)
    write_shards([str(path)], tokenizer, 16, tmp_path / "corpus")
    again = open_shards(tmp_path / "corpus")
    assert [again[i] for i in range(len(again))] == [whole[i] for i in range(len(whole))]

    def never(*_):
        raise AssertionError("read again")

    monkeypatch.setattr(shards, "documents", never)
    write_shards([str(path)], tokenizer, 16, tmp_path / "corpus")
    # but another length, or a changed file, is another corpus
    with pytest.raises(AssertionError, match="read again"):
        write_shards([str(path)], tokenizer, 12, tmp_path / "corpus")


@pytest.mark.parametrize("shard", [500, 10**6])  # noticed in the middle, or at the end of a corpus of one shard
def test_a_file_that_changes_while_it_is_read_is_told(tmp_path, tokenizer, monkeypatch, shard):
    monkeypatch.setattr(shards, "SHARD_TOKENS", shard)
    path = tmp_path / "a.txt"
    path.write_text(text_of(120))
    real = documents

    def changing(source, column="text"):
        for number, document in enumerate(real(source, column)):
            if number == 3:
                path.write_text(text_of(60))
            yield document

    monkeypatch.setattr(shards, "documents", changing)
    with pytest.raises(UserError, match="a.txt: changed while the corpus was read"):
        write_shards([str(path)], tokenizer, 16, tmp_path / "corpus")


def test_text_in_another_script_and_no_text_are_refused(tmp_path, tokenizer):
    path = tmp_path / "a.txt"
    path.write_text("\n\n".join("Всё смешалось в доме Облонских" for _ in range(500)), encoding="utf-8")
    with pytest.raises(UserError, match="the tokenizer has no pieces for .*made for another script"):
        write_shards([str(path)], tokenizer, 16, tmp_path / "corpus")
    path.write_text("\n\n")
    with pytest.raises(UserError, match="no text in it"):
        write_shards([str(path)], tokenizer, 16, tmp_path / "other")


def test_a_shard_that_is_cut_off_is_named(tmp_path, tokenizer):
    path = tmp_path / "a.txt"
    path.write_text(text_of(30))
    write_shards([str(path)], tokenizer, 16, tmp_path / "corpus")
    shard = next((tmp_path / "corpus").glob("train-*"))
    content = shard.read_bytes()
    for damaged in (content[:-10], content[:40], b""):
        shard.write_bytes(damaged)
        with pytest.raises(UserError, match="train-00000.safetensors: damaged .*remove .*corpus and run"):
            open_shards(tmp_path / "corpus")


def test_ids_are_mapped_and_not_read(tmp_path, tokenizer):
    path = tmp_path / "a.txt"
    path.write_text(text_of(30))
    write_shards([str(path)], tokenizer, 16, tmp_path / "corpus")
    assert all(isinstance(ids, np.memmap) and ids.dtype == np.uint16 for ids in open_shards(tmp_path / "corpus").ids)
