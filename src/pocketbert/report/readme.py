"""Holds the tables in README.md and docs/*.md equal to what they come from: records in results/, and the recipe's options.

A table stands between two comments, `<!-- results/demo.json -->` and `<!-- end -->`; what stands between them is rendered
from the record that the first one names, or with `<!-- options -->` from the sections of the recipe.

    python -m pocketbert.report.readme            # names the pages that are not what their sources say
    python -m pocketbert.report.readme --write    # writes them anew
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

from pocketbert.report.android_tables import apk_table, engines_table, tokenizer_table
from pocketbert.report.options_page import options_tables
from pocketbert.report.study_table import study_table
from pocketbert.report.summary import read_summary
from pocketbert.report.tables import readme_table
from pocketbert.tasks import UserError
from pocketbert.tasks.files import write_file
from pocketbert.tasks.quiet import quiet

OPTIONS = "options"
# A build's record names no kind.
TABLES = {"tokenizer_speed": tokenizer_table, "engines": engines_table, "apk": apk_table, "study": study_table}
BLOCK = re.compile(
    r"(?P<begin><!-- (?P<source>results/[\w./-]+\.json|options) -->\n)(?P<inside>.*?)(?P<end><!-- end -->)", re.DOTALL
)
BEGIN = re.compile(r"<!-- (results/[\w./-]+\.json|options) -->")


def pages(root: Path) -> list[Path]:
    """README.md and docs/*.md."""
    return [path for path in (root / "README.md", *sorted((root / "docs").glob("*.md"))) if path.is_file()]


def sources_of(page: Path) -> list[str]:
    """What the tables of a page come from, in its order."""
    return [found["source"] for found in BLOCK.finditer(page.read_text(encoding="utf-8"))]


def rendered(page: Path, root: Path) -> str:
    """The page as its sources say it should be.

    Raises:
        UserError: a record is missing or is none, or a table has no end.
    """
    text = page.read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(text))
    if len(BEGIN.findall(text)) != len(blocks) or any(BEGIN.search(found["inside"]) for found in blocks):
        raise UserError(f"{page}: a table that begins with <!-- results/… --> or <!-- options --> needs <!-- end --> behind it.")
    return BLOCK.sub(lambda found: f"{found['begin']}\n{_table(found['source'], root, page)}\n\n{found['end']}", text)


def stale(root: Path) -> list[Path]:
    """The pages that are not equal to what their sources say."""
    return [page for page in pages(root) if page.read_text(encoding="utf-8") != rendered(page, root)]


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 if every page is (now) equal to its sources, else 1."""
    first = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m pocketbert.report.readme", description=first)
    parser.add_argument("--write", action="store_true", help="write the pages anew")
    parser.add_argument("--root", type=Path, default=Path(), help="folder with README.md, docs/ and results/")
    given = parser.parse_args(arguments)
    try:
        with quiet():
            changed = stale(given.root)
            for page in changed if given.write else ():
                write_file(page, rendered(page, given.root).encode("utf-8"))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for page in changed:
        print(f"{page}: {'written' if given.write else 'is not what its sources say; add --write'}")
    return 0 if given.write or not changed else 1


def _table(source: str, root: Path, page: Path) -> str:
    if source == OPTIONS:
        return options_tables()
    record = root / source
    try:
        summary = json.loads(record.read_text(encoding="utf-8"))
        if "kind" in summary:
            if summary["schema"] != 1:
                raise UserError(f"{record}: has schema {summary['schema']}, this version knows 1.")
            return TABLES[summary["kind"]](summary)
        if not read_summary(summary, record).models:
            raise UserError(f"{record}: names no models, so there is no table to make.")
        return readme_table(summary)
    except FileNotFoundError:
        how = "the page beside it says which command writes it; a build's is `pocketbert report RUN --record FILE`"
        raise UserError(f"{page} names {record}, which is not there; {how}.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{record}: is not the summary of a build ({type(error).__name__}: {error}).") from None


if __name__ == "__main__":
    sys.exit(main())
