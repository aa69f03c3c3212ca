"""The teacher as a recipe names it: read once for all checks of models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pocketbert.locate import locate
from pocketbert.recipe import Recipe
from pocketbert.stages.data import Splits
from pocketbert.stages.ground import max_length_of

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedTokenizerFast


@dataclass(frozen=True)
class Source:
    """A teacher's folder or hub id, with its configuration and tokenizer; its weights are not read for these.

    `max_length` is the longest text in tokens that it and the student are going to see.
    """

    place: Path | str
    config: PreTrainedConfig
    tokenizer: PreTrainedTokenizerFast
    max_length: int


def read_source(recipe: Recipe, splits: Splits) -> Source:
    """The recipe's teacher.

    Raises:
        UserError: it is not there, or its tokenizer is not one that can be sealed.
    """
    from pocketbert.distill.disk import source_of
    from pocketbert.distill.folders import read_config, read_tokenizer

    place = source_of(locate(recipe.teacher.model))
    return Source(place, read_config(place), read_tokenizer(place), max_length_of(recipe, splits))
