"""Named methods, one YAML file each: what a recipe's `intermediate` and `prediction` sections say under the name of a paper."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pocketbert.tasks import UserError

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Method:
    """A method by name.

    Args:
        name: its file's.
        summary: what it does, in a sentence.
        reference: the paper.
        sections: what it sets of a recipe: `intermediate` (None: the stage is left out) and `prediction`.
    """

    name: str
    summary: str
    reference: str
    sections: dict[str, Any]


def method_names() -> list[str]:
    """The methods there are."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def read_method(name: str) -> Method:
    """The method of that name.

    Raises:
        UserError: there is none.
    """
    if name not in method_names():
        raise UserError(f'unknown method "{name}"; use auto, {", ".join(method_names())}.')
    content = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return Method(name, content.pop("summary"), content.pop("reference"), content)
