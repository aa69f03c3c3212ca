"""Examples to token ids, and rows of ids to a padded batch."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from pocketbert.tasks import Example, UserError
from pocketbert.tasks.quiet import quiet

# What a tokenizer gives and a model takes; everything else in a batch is a target.
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


@dataclass(frozen=True)
class Encoded:
    """Tokenized examples.

    Args:
        rows: one dict a row, each value a list of the row's own length.
        truncated: share of the rows (0 to 1) that were longer than the limit.
    """

    rows: list[dict[str, list[int]]]
    truncated: float


def encode(tokenizer: PreTrainedTokenizerFast, examples: Sequence[Example], max_length: int) -> Encoded:
    """Tokenizes, truncating to `max_length` tokens (of a pair, the longer text first); token types are kept.

    Raises:
        UserError: a text that is not valid Unicode (half of a surrogate pair), with its row.
    """
    whole = whole_ids(tokenizer, examples)
    first, second = _columns(examples)
    with quiet():
        cut = tokenizer(first, second, truncation=True, max_length=max_length, padding=False)
    names = [name for name in INPUTS if name in cut]
    rows = [{name: cut[name][i] for name in names} for i in range(len(examples))]
    return Encoded(rows, sum(len(ids) > max_length for ids in whole) / max(len(rows), 1))


def whole_ids(tokenizer: PreTrainedTokenizerFast, examples: Sequence[Example]) -> list[list[int]]:
    """The tokens of each whole text or pair, with the special ones.

    Raises:
        UserError: as `encode`.
    """
    first, second = _columns(examples)
    try:
        with quiet():
            return tokenizer(first, second, truncation=False, padding=False)["input_ids"]
    except (UnicodeEncodeError, TypeError):
        raise UserError(f"row {_unreadable(examples)}: the text is not valid Unicode (half of a surrogate pair).") from None


def _columns(examples: Sequence[Example]) -> tuple[list[str], list[str] | None]:
    """All first texts, and all second ones where the examples are pairs."""
    first, *second = (list(column) for column in zip(*(example.texts for example in examples), strict=True))
    return first, second[0] if second else None


def pad_id_of(tokenizer: PreTrainedTokenizerFast) -> int:
    """The id that fills up a batch's shorter rows, of a tokenizer from `read_tokenizer`, which makes sure that it has one."""
    return cast(int, tokenizer.pad_token_id)  # transformers declares all special ids alike, lists among them


def _unreadable(examples: Sequence[Example]) -> int | str:
    for example in examples:
        if any(0xD800 <= ord(character) < 0xE000 for text in example.texts for character in text):
            return example.row
    return "unknown"


def collator(pad_id: int) -> Callable[[list[dict]], dict[str, torch.Tensor]]:
    """A function that pads rows on the right to the longest of the batch and stacks everything else.

    The batch has input_ids, attention_mask (and token_type_ids where rows have them), each (batch, tokens) int64; other keys
    become (batch, ...) tensors.
    """
    fill = {"input_ids": pad_id, "attention_mask": 0, "token_type_ids": 0}

    def collate(rows: list[dict]) -> dict[str, torch.Tensor]:
        longest = max(len(row["input_ids"]) for row in rows)
        batch = {}
        for name in rows[0]:
            if name in fill:
                padded = [row[name] + [fill[name]] * (longest - len(row[name])) for row in rows]
                batch[name] = torch.tensor(padded, dtype=torch.int64)  # (batch, tokens)
            else:
                batch[name] = torch.as_tensor([row[name] for row in rows])
        return batch

    return collate


def inputs_of(model: PreTrainedModel, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The part of a batch that the model's forward takes: teacher and student may differ in token types.

    A table of one token type has no row for the second text of a pair, which a tokenizer may mark all the same.
    """
    taken = set(inspect.signature(model.forward).parameters)
    if getattr(model.config, "type_vocab_size", 2) < 2:
        taken.discard("token_type_ids")
    return {name: batch[name] for name in INPUTS if name in batch and name in taken}
