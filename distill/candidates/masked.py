"""What a masked language model would write in a word's place, many words of many texts at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForMaskedLM, PreTrainedModel, PreTrainedTokenizerFast

from pocketbert.distill.candidates.words import Word, is_cjk, whole_words
from pocketbert.distill.folders import position_limit, read_config, read_tokenizer
from pocketbert.distill.precision import on_device
from pocketbert.distill.texts import collator, inputs_of, pad_id_of
from pocketbert.tasks import UserError
from pocketbert.tasks.quiet import quiet

# A text is read once for each of so many sets of its words, with the words of one set hidden at a time: about the share that
# such models are trained with, and far enough from each other to leave every hidden word its neighbours.
SETS = 7
BATCH = 256


@dataclass(frozen=True)
class Blank:
    """A word that the model is to fill in.

    Args:
        side, word: its text of the pair and its index there.
        token: its place among the tokens.
        text: as it stands in the text.
    """

    side: int
    word: int
    token: int
    text: str


class MaskedModel:
    """A model with a masked-language-modelling head, in eval mode."""

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, max_length: int) -> None:
        self.model, self.tokenizer, self.max_length = on_device(model.eval()), tokenizer, max_length
        whole = whole_words(tokenizer)
        of_script = {cjk: [i for word, i in whole.items() if is_cjk(word) == cjk] for cjk in (False, True)}
        self.allowed = {cjk: torch.tensor(ids, dtype=torch.int64) for cjk, ids in of_script.items()}  # each (words,)

    def candidates(
        self, texts: Sequence[tuple[str, ...]], words: Sequence[Sequence[Sequence[Word]]], count: int
    ) -> list[list[list[list[str]]]]:
        """For each text, side and word the `count` likeliest other words, best first; [] for a word of several pieces.

        Args:
            texts: each one text, or the two of a pair, which are read together.
            words: of `words_of`, for each text and side.
            count: how many.

        Returns:
            As `words` is nested: texts, sides, words, candidates. A word that lies behind `max_length` has none either.
        """
        found = [[[[] for _ in side] for side in sides] for sides in words]
        rows, blanks = self._hidden(texts, words)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]["input_ids"]))
        for chosen in (order[i : i + BATCH] for i in range(0, len(order), BATCH)):
            asked = [(at, *entry) for at, i in enumerate(chosen) for entry in blanks[i]]
            likeliest = self._fill([rows[i] for i in chosen], [(at, blank) for at, _, blank in asked], count)
            for (_, text, blank), names in zip(asked, likeliest, strict=True):
                found[text][blank.side][blank.word] = names
        return found

    def _hidden(
        self, texts: Sequence[tuple[str, ...]], words: Sequence[Sequence[Sequence[Word]]]
    ) -> tuple[list[dict[str, list[int]]], list[list[tuple[int, Blank]]]]:
        """Tokenized texts with some words hidden, and for each the (text, blank) that it asks for."""
        first, *second = (list(column) for column in zip(*texts, strict=True))
        with quiet():
            encoded = self.tokenizer(
                first, second[0] if second else None, truncation=True, max_length=self.max_length, return_offsets_mapping=True
            )
        names = [name for name in ("input_ids", "attention_mask", "token_type_ids") if name in encoded]
        rows, asked = [], []
        for i, sides in enumerate(words):
            blanks = list(_blanks(sides, encoded["offset_mapping"][i], encoded.sequence_ids(i)))
            for some in filter(None, (blanks[k::SETS] for k in range(SETS))):
                row = {name: list(encoded[name][i]) for name in names}
                for blank in some:
                    row["input_ids"][blank.token] = self.tokenizer.mask_token_id
                rows.append(row)
                asked.append([(i, blank) for blank in some])
        return rows, asked

    def _fill(self, rows: list[dict[str, list[int]]], asked: Sequence[tuple[int, Blank]], count: int) -> list[list[str]]:
        """The likeliest words at the blanks, given as (row of the batch, blank)."""
        where = self.model.device
        batch = {name: tensor.to(where) for name, tensor in collator(pad_id_of(self.tokenizer))(rows).items()}
        places = torch.tensor([[row, blank.token] for row, blank in asked], device=where)

        def only_blanks(module: Any, arguments: Any, output: Any) -> Any:
            # (batch, tokens, width) -> (1, blanks, width): the head's product with the whole vocabulary, which takes longer than
            # the layers of a small model, is made for nothing else
            output.last_hidden_state = output.last_hidden_state[places[:, 0], places[:, 1]].unsqueeze(0)
            return output

        hook = self.model.base_model.register_forward_hook(only_blanks)
        try:
            with torch.inference_mode():
                logits = self.model(**inputs_of(self.model, batch), return_dict=True).logits[0].float()  # (blanks, vocabulary)
        finally:
            hook.remove()
        scripts = [is_cjk(blank.text) for _, blank in asked]
        found: list[list[str]] = [[] for _ in asked]
        for cjk, ids in self.allowed.items():
            chosen = [i for i, script in enumerate(scripts) if script == cjk]
            if not chosen or not len(ids):
                continue
            best = logits[chosen][:, ids].topk(min(count + 1, len(ids))).indices  # (chosen, count + 1)
            for i, row in zip(chosen, ids[best].tolist(), strict=True):
                names = self.tokenizer.convert_ids_to_tokens(row)
                own = asked[i][1].text.lower()
                found[i] = [name for name in names if name.lower() != own][:count]
        return found


def read_masked_model(source: Path | str, max_length: int) -> MaskedModel:
    """A folder or hub id with a masked-language-modelling head.

    Raises:
        UserError: see `check_masked_model`.
    """
    config = check_masked_model(source)
    tokenizer = read_tokenizer(source)
    with quiet():
        model = AutoModelForMaskedLM.from_pretrained(str(source), dtype=torch.float32)
    return MaskedModel(model, tokenizer, min(max_length, position_limit(config)))


def check_masked_model(source: Path | str) -> Any:
    """Its configuration; raises a UserError where it has no such head, or its tokenizer has no mask."""
    config = read_config(source)
    named = getattr(config, "architectures", None) or []
    if not any(name.endswith(("ForMaskedLM", "ForPreTraining")) for name in named):
        raise UserError(
            f"{source}: has no masked-language-modelling head (it is a {', '.join(named) or 'model of unknown kind'}), and a "
            "random one would write nonsense; name a model whose architecture ends in ForMaskedLM, or leave the key out."
        )
    if read_tokenizer(source).mask_token_id is None:
        raise UserError(f"{source}: its tokenizer has no mask token.")
    return config


def _blanks(sides: Sequence[Sequence[Word]], offsets: Sequence[tuple[int, int]], owners: Sequence[int | None]) -> Iterator[Blank]:
    """The words that are one token, in the order of the tokens."""
    tokens: dict[tuple[int, int, int], int] = {}
    for token, ((start, end), side) in enumerate(zip(offsets, owners, strict=True)):
        if side is not None and end > start:
            tokens[side, start, end] = token
    found = []
    for side, words in enumerate(sides):
        for index, word in enumerate(words):
            token = tokens.get((side, word.start, word.end))
            if token is not None:
                found.append(Blank(side, index, token, word.text))
    yield from sorted(found, key=lambda blank: blank.token)
