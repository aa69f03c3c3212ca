"""docs/: messages, links and files that the pages name are there."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("tasks", "distill", "edge_export", "bench", "src/pocketbert")
CODE = "\n".join(path.read_text(encoding="utf-8") for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
HEADINGS = re.findall(r"^### (.+)$", (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("message", HEADINGS)
def test_a_message_of_the_troubleshooting_page_is_one_of_ours(message):
    # a message is written over several lines of code: compared without the quotes and line breaks between its parts
    joined = re.sub(r'["\']\s*\n\s*f?["\']', "", CODE)
    assert message in joined


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_and_headings_that_are_there(page):
    wrong = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            wrong.append(target)
    assert wrong == []


def test_the_work_of_the_shapes_is_that_of_real_students():
    """Counted by torch's profiler of floating-point operations over a BERT of width 384 with six layers, on eight tokens."""
    torch = pytest.importorskip("torch", reason="torch is not installed (pip install -e '.[distill]')")
    from torch.utils.flop_counter import FlopCounterMode
    from transformers import BertConfig, BertModel

    def work(layers: Fraction, neurons: Fraction) -> int:
        config = BertConfig(
            vocab_size=100,
            hidden_size=384,
            num_hidden_layers=int(6 * layers),
            intermediate_size=int(1536 * neurons),
            num_attention_heads=12,
        )
        with FlopCounterMode(display=False) as counter:
            BertModel(config, add_pooling_layer=False)(torch.ones(1, 8, dtype=torch.long))
        return counter.get_total_flops()

    def share(text: str) -> Fraction:
        return Fraction(1 if text == "all" else text)

    page = (ROOT / "docs" / "student.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .* \| (all|\d/\d) \| (all|\d/\d) \| (\d+) % \|", page, re.MULTILINE)
    assert len(rows) == 6
    for layers, neurons, said in rows:
        measured = work(share(layers), share(neurons)) / work(Fraction(1), Fraction(1))
        assert round(100 * measured) == int(said), (layers, neurons)
