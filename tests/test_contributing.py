"""CONTRIBUTING.md: its examples are whole, and work as files where it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pocketbert.tasks import UserError

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"<!-- example: (\S+) -->\n```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


def placed(name: str, folder: Path) -> str:
    """Writes an example into a folder; gives its module's name."""
    path = folder / Path(name).name
    path.write_text(EXAMPLES[name], encoding="utf-8")
    return path.stem


def test_a_loss_of_the_page_trains_a_student(tmp_path, monkeypatch):
    torch = pytest.importorskip("torch")
    from transformers import BertConfig

    from pocketbert.distill import terms
    from pocketbert.distill.capture import Captured

    monkeypatch.setattr(terms, "__path__", [*terms.__path__, str(tmp_path)])
    name = placed("distill/terms/pooled.py", tmp_path)
    assert name in terms.term_names()
    shape = {"num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "vocab_size": 9}
    student, teacher = (BertConfig(hidden_size=width, **shape) for width in (8, 12))
    _, term = terms.terms_of({name: {"scale": 2.0}}, student, teacher, ((0, 0),))[name]
    states = torch.ones(1, 3, 8, requires_grad=True)
    captured = [Captured({("hidden", 0): entry}, 2) for entry in (states, torch.zeros(1, 3, 12))]
    mask = torch.tensor([[1, 1, 0]])
    loss = term(*captured, mask)
    loss.backward()
    assert loss > 0 and states.grad[0, 0].abs().sum() > 0 and states.grad[0, 2].abs().sum() == 0
    with pytest.raises(UserError, match="loss pooled: .*scale"):
        terms.terms_of({name: {"scale": -1.0}}, student, teacher, ((0, 0),))


def test_an_operation_of_the_page_makes_texts(tmp_path, monkeypatch):
    from pocketbert.distill import augment
    from pocketbert.tasks import Example

    monkeypatch.setattr(augment, "__path__", [*augment.__path__, str(tmp_path)])
    name = placed("distill/augment/swap.py", tmp_path)
    assert name in augment.operation_names()
    ((_, options),) = augment.settled({name: 2}, 10, labels_needed=False).values()
    setting = augment.Setting("none", 64, 0, tmp_path)
    made = augment.operation(name).augment([Example(("play some jazz",), 0, 1)], options, setting)
    assert len(made) == 2 and all(one.texts[0] in ("some play jazz", "play jazz some") and one.origin == 0 for one in made)
    with pytest.raises(UserError, match=r"augment.swap.copies: .*found -1"):
        augment.read_operations({name: -1})


def test_a_printer_of_the_page_prints_records(tmp_path, monkeypatch):
    from pocketbert.bench import printers

    monkeypatch.setattr(printers, "__path__", [*printers.__path__, str(tmp_path)])
    name = placed("bench/printers/tsv.py", tmp_path)
    assert printers.printed([], name) == "name\tforward_p50_ms\tbytes\n"


def test_every_file_and_folder_that_the_page_names_is_there():
    named = set(re.findall(r"`([a-z_]+/[A-Za-z_./]*)`", PAGE)) - set(EXAMPLES) - {"tasks/kinds/NAME.py"}
    assert len(named) > 8
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
