"""The table of what one `make apk` weighs."""

from __future__ import annotations

from typing import Any

MEGA = 1e6


def apk_table(record: dict[str, Any]) -> str:
    """A Markdown table, one line a part of the APK, and a line that says which command made it, when and with what.

    Raises:
        KeyError: the record is not complete.
    """
    rows = [("part of the APK", "size"), ("---", "---:")]
    rows += [(part, f"{size / MEGA:.1f} MB") for part, size in record["bytes"].items()]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    models = ", ".join(f"`{model['file']}`" for model in record["models"])
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    sentences = [
        f"Made by `{record['command']}`, {record['created'][:10]}, with {models}.",
        f"It runs from API level {record['min_sdk']} on and is built for {record['target_sdk']}. Versions: {versions}.",
        "A store sends a phone only the library of its own processor.",
    ]
    return f"{table}\n\n{' '.join(sentences)}"
