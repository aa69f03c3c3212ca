"""A corpus as token ids on disk: tokenized once, read by memory map, gone on with after a kill."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save
from transformers import PreTrainedTokenizerFast

from pocketbert.distill.corpus import documents, files_of, identity_of
from pocketbert.distill.progress import Progress
from pocketbert.tasks import UserError
from pocketbert.tasks.files import write_file
from pocketbert.tasks.quiet import quiet

SHARD_TOKENS = 4_000_000  # what a kill costs at most, a minute or so
SHORTEST = 8  # tokens: the rest of a document that is shorter says too little to be read alone
HELD_OUT = 100  # every so many documents are kept from training
MOST_UNKNOWN = 0.3  # share of tokens that the vocabulary has no pieces for; above it the text is in another script


@dataclass(frozen=True)
class Shards:
    """Sequences of token ids, each of one document, memory-mapped.

    Args:
        ids: one array per shard, all of its sequences one after the other.
        ends: one array per shard, where each of its sequences ends.
        lengths: tokens of every sequence, (sequences,).
    """

    ids: list[Any]
    ends: list[np.ndarray]
    lengths: np.ndarray

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, index: int) -> dict[str, list[int]]:
        """A row as training takes it."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        shard = int(np.searchsorted(self._firsts, index, side="right")) - 1
        at = index - self._firsts[shard]
        start = 0 if at == 0 else self.ends[shard][at - 1]
        row = self.ids[shard][int(start) : int(self.ends[shard][at])].tolist()
        return {"input_ids": row, "attention_mask": [1] * len(row)}

    @cached_property
    def _firsts(self) -> np.ndarray:
        """Which sequence each shard begins with."""
        return np.cumsum([0, *(len(ends) for ends in self.ends)])


def write_shards(
    sources: Sequence[str], tokenizer: PreTrainedTokenizerFast, max_length: int, folder: Path, column: str = "text"
) -> dict[str, Any]:
    """Tokenizes a corpus into a folder, or goes on where a kill stopped it; what is whole already is not read again.

    A sequence is [CLS], up to `max_length - 2` tokens of one document, [SEP]: no attention crosses from one document to another.

    Args:
        sources: as `corpus.files_of` takes them.
        tokenizer: the teacher's.
        max_length: of a sequence, in tokens.
        folder: of this corpus alone.
        column: of the text, where a source has rows.

    Returns:
        {"documents", "sequences", "tokens", "held_out": sequences, "unknown": share of the tokens, "sources": [...]}.

    Raises:
        UserError: a source cannot be read or has changed since, there is no text, or the tokenizer has no pieces for it.
    """
    files = files_of(sources)
    key = {"files": [identity_of(file) for file in files], "length": max_length, "column": column}
    key |= {"vocabulary": _fingerprint(tokenizer)}
    state = _state(folder, key)
    if not state["done"]:
        _tokenize(files, tokenizer, max_length, folder, column, key, state)
    if not state["sequences"]:
        raise UserError(f"{', '.join(sources)}: no text in it that is as long as {SHORTEST} tokens.")
    return {name: state[name] for name in ("documents", "sequences", "tokens", "held_out")} | {
        "unknown": state["unknown"] / max(state["read"], 1),
        "sources": [Path(file).name for file in files],
    }


def open_shards(folder: Path, kind: str = "train") -> Shards:
    """What `write_shards` wrote.

    Args:
        folder: its folder.
        kind: "train", or "held-out".

    Raises:
        UserError: a shard is missing or damaged; the file is named.
    """
    ids, ends = [], []
    for path in sorted(folder.glob(f"{kind}-*.safetensors")):
        try:
            tensors = _mapped(path)
        except (SafetensorError, OSError, KeyError, ValueError) as error:
            raise UserError(f"{path}: damaged ({error}); remove {folder} and run the same command again.") from None
        ids.append(tensors["ids"])
        ends.append(np.array(tensors["ends"]))
        if not len(ends[-1]) or int(ends[-1][-1]) != len(ids[-1]):
            raise UserError(f"{path}: damaged (its parts do not fit); remove {folder} and run the same command again.")
    lengths = [np.diff(part, prepend=0) for part in ends]
    return Shards(ids, ends, np.concatenate(lengths) if lengths else np.zeros(0, np.int64))


def _mapped(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a safetensors file as memory maps; `safe_open` would copy them, and checks the file first."""
    with safe_open(path, "np") as shard:
        names = list(shard.keys())
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    kinds = {"U16": np.uint16, "I32": np.int32, "I64": np.int64}
    return {
        name: np.memmap(path, kinds[entry["dtype"]], "r", 8 + size + entry["data_offsets"][0], tuple(entry["shape"]))
        for name in names
        if (entry := header[name])
    }


class _Writer:
    """Sequences on their way into the next shard of a kind."""

    def __init__(self, kind: str) -> None:
        self.kind, self.rows = kind, []
        self.tokens = 0

    def add(self, row: list[int]) -> None:
        self.rows.append(row)
        self.tokens += len(row)

    def write(self, folder: Path, number: int, largest: int) -> None:
        if not self.rows:
            return
        narrow = np.uint16 if largest < 1 << 16 else np.int32
        ids = np.concatenate([np.asarray(row, narrow) for row in self.rows])
        ends = np.cumsum([len(row) for row in self.rows], dtype=np.int64)
        write_file(folder / f"{self.kind}-{number:05d}.safetensors", save({"ids": ids, "ends": ends}))
        self.rows, self.tokens = [], 0


def _tokenize(
    files: list[str], tokenizer: Any, max_length: int, folder: Path, column: str, key: dict[str, Any], state: dict[str, Any]
) -> None:
    progress = Progress("corpus", len(files), 0)
    train, held = _Writer("train"), _Writer("held-out")
    largest = len(tokenizer) - 1

    def keep(done: bool) -> None:
        for file, known in zip(files[: state["file"] + 1], key["files"], strict=False):
            if identity_of(file) != known:
                raise UserError(f"{file}: changed while the corpus was read; run the same command again.")
        for writer in (train, held):
            writer.write(folder, state["shards"], largest)
        state["shards"] += 1
        state["done"] = done
        write_file(folder / "corpus.json", json.dumps({"key": key, "state": state}, indent=1).encode())

    for index, document in _from(files, column, state):
        rows, read, unknown = _sequences(tokenizer, document, max_length)
        target = held if state["documents"] % HELD_OUT == HELD_OUT - 1 else train
        for row in rows:
            target.add(row)
        state["documents"] += 1
        state["tokens"] += sum(map(len, rows))
        state["read"] += read
        state["unknown"] += unknown
        state["held_out" if target is held else "sequences"] += len(rows)
        if state["unknown"] > MOST_UNKNOWN * max(state["read"], 1000):
            raise UserError(
                f"{files[index]}: the tokenizer has no pieces for {state['unknown'] / state['read']:.0%} of the text up to here; "
                "this teacher was made for another script."
            )
        progress.step(index, f"{state['tokens']:,} tokens")
        if train.tokens + held.tokens >= SHARD_TOKENS:
            keep(done=False)
    keep(done=True)
    progress.close(len(files), f"{state['tokens']:,} tokens")


def _from(files: list[str], column: str, state: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """(index of its file, document) of what is not in the shards yet."""
    first, skipped = state["file"], state["in_file"]
    for index in range(first, len(files)):
        state["file"], state["in_file"] = index, 0
        for document in documents(files[index], column):
            state["in_file"] += 1
            if index == first and state["in_file"] <= skipped:
                continue
            yield index, document


def _sequences(tokenizer: Any, document: str, max_length: int) -> tuple[list[list[int]], int, int]:
    """(sequences of one document, its tokens, those of them that are unknown)."""
    with quiet():
        ids = tokenizer(document, add_special_tokens=False, verbose=False)["input_ids"]
    inner = max_length - 2
    parts = [ids[start : start + inner] for start in range(0, len(ids), inner)]
    whole = [part for part in parts if len(part) + 2 >= SHORTEST]
    rows = [[tokenizer.cls_token_id, *part, tokenizer.sep_token_id] for part in whole]
    return rows, len(ids), ids.count(tokenizer.unk_token_id)


def _state(folder: Path, key: dict[str, Any]) -> dict[str, Any]:
    """Where an earlier run stopped, where it was of the same corpus; else the folder is emptied."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        found = json.loads((folder / "corpus.json").read_text(encoding="utf-8"))
        if found["key"] == json.loads(json.dumps(key)):
            return found["state"]
    for path in (*folder.glob("train-*.safetensors"), *folder.glob("held-out-*.safetensors")):
        path.unlink()
    counts = ("documents", "sequences", "tokens", "held_out", "read", "unknown", "shards", "file", "in_file")
    return dict.fromkeys(counts, 0) | {"done": False}


def _fingerprint(tokenizer: Any) -> str:
    return hashlib.sha256(tokenizer.backend_tokenizer.to_str().encode()).hexdigest()
