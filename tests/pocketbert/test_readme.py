"""Every table in README.md and docs/ is what the record that it names says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pocketbert.report.readme import main, pages, rendered, sources_of, stale
from pocketbert.tasks import UserError

ROOT = Path(__file__).resolve().parents[2]

# Invented for the test; it measures nothing.
RECORD = {
    "schema": 2,
    "name": "made-up",
    "command": "pocketbert build made-up.yaml",
    "created": "2026-11-21T08:00:00+00:00",
    "machine": {"cpu": "Made-Up CPU 3000"},
    "versions": {"pocketbert": "0.1.0", "torch": "9.9.1", "rich": "1.0"},
    "metric": "accuracy",
    "data": {"dev": {"name": "dev.tsv", "rows": 520}},
    "models": [
        {"model": "teacher", "precision": "fp32", "what": "", "bytes": 90_000_000, "dev": {"accuracy": 0.985}},
        {
            **{"model": "student", "container": "pte", "precision": "int8", "file": "made-up.pte"},
            **{"what": "", "bytes": 15_000_000, "dev": {"accuracy": 0.977}},
        },
    ],
    "files": [{"container": "pte", "file": "made-up.pte", "bytes": 15_000_000, "passed": True}],
}
TABLE = """| model | accuracy, dev | size |
| --- | ---: | ---: |
| teacher (fp32) | 98.5 % | 90.0 MB |
| student .pte int8 | 97.7 % | 15.0 MB |

Measured by `pocketbert build made-up.yaml` on Made-Up CPU 3000, 2026-11-21. Rows: 520 dev. \
Versions: pocketbert 0.1.0 and torch 9.9.1."""
README = f"""# A page

Before.

<!-- results/made-up.json -->

{TABLE}

<!-- end -->

After, with 98.5 % of its own.
"""


@pytest.fixture
def tree(tmp_path) -> Path:
    """A project whose README is right."""
    (tmp_path / "results").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "results" / "made-up.json").write_text(json.dumps(RECORD))
    (tmp_path / "README.md").write_text(README)
    (tmp_path / "docs" / "plain.md").write_text("no tables here\n")
    return tmp_path


def test_every_page_of_this_project_is_what_its_records_say():
    assert ROOT / "README.md" in pages(ROOT)
    assert stale(ROOT) == [], "run `make readme`"


def test_a_page_that_is_right_is_left_alone(tree):
    assert rendered(tree / "README.md", tree) == README
    assert sources_of(tree / "README.md") == ["results/made-up.json"]
    assert stale(tree) == [] and main(["--root", str(tree)]) == 0


@pytest.mark.parametrize("old, new", [("97.7 %", "97.8 %"), ("15.0 MB", "14.0 MB"), ("torch 9.9.1", "torch 9.9.2")])
def test_a_changed_figure_is_found_and_mended(tree, capsys, old, new):
    page = tree / "README.md"
    page.write_text(README.replace(old, new))
    assert stale(tree) == [page]
    assert main(["--root", str(tree)]) == 1 and "README.md" in capsys.readouterr().out
    assert old not in page.read_text(), "without --write nothing is changed"
    assert main(["--root", str(tree), "--write"]) == 0
    assert page.read_text() == README


def test_a_changed_record_is_found(tree):
    (tree / "results" / "made-up.json").write_text(json.dumps(RECORD).replace("0.977", "0.933"))
    assert stale(tree) == [tree / "README.md"]
    assert "93.3 %" in rendered(tree / "README.md", tree)


def test_pages_in_docs_are_held_too(tree):
    page = tree / "docs" / "results.md"
    page.write_text("<!-- results/made-up.json -->\nold\n<!-- end -->\n")
    assert stale(tree) == [page]
    main(["--root", str(tree), "--write"])
    assert TABLE in page.read_text()


def test_a_missing_record_is_named(tree, capsys):
    (tree / "results" / "made-up.json").unlink()
    with pytest.raises(UserError, match="made-up.json, which is not there"):
        stale(tree)
    assert main(["--root", str(tree)]) == 1 and "error: " in capsys.readouterr().err


@pytest.mark.parametrize("broken", ["{", "[]", '{"schema": 2}', '{"schema": 3, "name": "x"}'])
def test_a_broken_record_is_named(tree, broken):
    (tree / "results" / "made-up.json").write_text(broken)
    with pytest.raises(UserError, match="made-up.json"):
        stale(tree)


def test_a_record_of_an_older_version_is_called_so(tree):
    (tree / "results" / "made-up.json").write_text(json.dumps(RECORD | {"schema": 1}))
    with pytest.raises(UserError, match="written by an older version of pocketbert .* build again"):
        stale(tree)


@pytest.mark.parametrize("text", [README.replace("<!-- end -->", ""), "<!-- results/made-up.json -->\n" + README])
def test_a_table_without_its_end_is_an_error(tree, text):
    (tree / "README.md").write_text(text)
    with pytest.raises(UserError, match="<!-- end -->"):
        stale(tree)


def test_a_pipe_in_a_name_does_not_break_the_table(tree):
    record = json.loads(json.dumps(RECORD))
    record["models"][0] |= {"model": "a|b", "precision": None}
    (tree / "results" / "made-up.json").write_text(json.dumps(record))
    assert "| a\\|b | 98.5 % |" in rendered(tree / "README.md", tree)
