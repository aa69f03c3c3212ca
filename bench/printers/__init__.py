"""Records as text, one file per format: `render(records) -> str`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pocketbert.bench.named import module_of
from pocketbert.bench.record import Record


def printed(records: Sequence[Record], form: str) -> str:
    """The records in a form: the name of a file beside this one, such as "md" or "jsonl".

    Raises:
        UserError: no such form.
    """
    return module_of(sys.modules[__name__], form, "format").render(records)
