"""What a study came to, as one JSON; tables are rendered from it alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pocketbert.environment import versions
from pocketbert.study.cells import ROWS_SEED
from pocketbert.study.study_file import Study

SOURCES = ("train", "dev", "test", "unlabelled")
MACHINE = ("cpu", "cores", "gpu", "memory", "system", "architecture", "python")


def record_of(study: Study, notes: Sequence[dict[str, Any]], planned: int, command: str) -> dict[str, Any]:
    """The record.

    Args:
        study: what was wanted.
        notes: of the cells that ended: what `walk` found under "cell", and when it ended.
        planned: how many cells there are, with those that have not run yet.
        command: what the user typed.
    """
    import torch

    from pocketbert.bench import environment

    machine = asdict(environment.before())
    machine["gpu"] = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    return {
        "schema": 1,
        "kind": "study",
        "name": study.name,
        "command": command,
        "created": max(note["ended"] for note in notes),
        "machine": {key: machine[key] for key in MACHINE},
        "versions": versions(),
        "study": shown_study(study),
        "rows_seed": ROWS_SEED,
        "planned": planned,
        "cells": [note["cell"] for note in notes],
    }


def shown_study(study: Study) -> dict[str, Any]:
    """The study as data, without the folders of this machine."""
    content = study.model_dump(exclude_unset=True)
    for section in content["data"].values():
        section |= {name: shown_source(section[name]) for name in SOURCES if section.get(name) is not None}
    for section in (content.get("base", {}), *content["variants"].values()):
        for part, key in (("teacher", "model"), ("student", "layers_from")):
            if isinstance(section, dict) and isinstance(section.get(part), dict) and key in section[part]:
                section[part] |= {key: shown_source(str(section[part][key]))}
    return content


def shown_source(source: str) -> str:
    """A file or folder by its own name; an id, `package:` or `datasets:` as it is."""
    a_place = ":" not in source and (source.startswith((".", "/")) or Path(source).suffix != "")
    return Path(source).name if a_place else source


def shown_error(error: Exception) -> str:
    """What a user is told, without the folders of this machine."""
    return re.sub(r"(?<![\w.:])/(?:[^\s/:,;]+/)+", "", str(error))
