"""What the teacher says of new texts, and which are kept; its answers are counted anew with transformers alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from pocketbert.distill import augment
from pocketbert.distill.augment import Made, Setting, settled
from pocketbert.distill.augmented import check_filter, more_texts
from pocketbert.tasks import Example, Regression, UserError

# The verb decides the label: some variants have another one, some have none.
TEXTS = [Example((text,), None, i) for i, text in enumerate(("wake me at six", "play café jazz", "will it rain on monday"), 1)]
VARIANTS = [
    Made(("listen to café jazz",), 0),
    Made(("wake me at seven thirty",), 0),
    Made(("room room room",), 1),
    Made(("forecast for monday",), 2),
    Made(("wake me at six rain on monday",), None),
]


@dataclass(frozen=True)
class Options:
    copies: int = 2


class Fixed:
    """An operation that makes VARIANTS."""

    Options, SLOW = Options, False

    @staticmethod
    def describe(options):
        return "always the same"

    @staticmethod
    def augment(examples, options, setting):
        return VARIANTS


@pytest.fixture(autouse=True)
def fixed(monkeypatch):
    monkeypatch.setattr(augment, "operation_names", lambda: ["fixed"])
    monkeypatch.setattr(augment, "operation_module", lambda name: Fixed)


def answers(folder: Path, texts: list[str]) -> torch.Tensor:
    """Probabilities, (texts, labels)."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.no_grad():
        return torch.stack([model(**tokenizer(text, return_tensors="pt")).logits[0].softmax(-1) for text in texts])


def made(folder: Path, **filters):
    return more_texts(settled({"fixed": {"copies": 2, **filters}}, 3, False), TEXTS, Setting(folder, 48, 0, Path("none")))


def test_the_report_says_how_often_the_teacher_changes_its_mind(small_folder):
    found, report = made(small_folder)
    assert [example.texts for example in found] == [one.texts for one in VARIANTS]
    assert [example.row for example in found] == [1, 2, 3, 4, 5] and all(example.target is None for example in found)
    old = answers(small_folder, [example.texts[0] for example in TEXTS]).argmax(1)
    new = answers(small_folder, [one.texts[0] for one in VARIANTS[:4]]).argmax(1)
    same = [bool(a == old[one.origin]) for a, one in zip(new, VARIANTS[:4], strict=True)]
    assert False in same and True in same
    entry = report["fixed"]
    assert (entry["what"], entry["made"], entry["kept"], entry["compared"]) == ("always the same", 5, 5, 4)
    assert entry["agreement"] == pytest.approx(sum(same) / 4)
    assert [one["variant"] for one in entry["changed"]] == [v.texts for v, kept in zip(VARIANTS, same, strict=False) if not kept]
    assert all(one["before"] != one["after"] for one in entry["changed"])


def test_agree_drops_the_variants_whose_label_is_another(small_folder):
    everything, report = made(small_folder)
    changed = [one["variant"] for one in report["fixed"]["changed"]]
    found, report = made(small_folder, agree=True)
    # what has no original cannot disagree with it
    assert [e.texts for e in found] == [e.texts for e in everything if e.texts not in changed]
    assert report["fixed"]["kept"] == len(found) < report["fixed"]["made"] == 5


def test_margin_drops_what_the_teacher_is_not_sure_of(small_folder):
    best = answers(small_folder, [one.texts[0] for one in VARIANTS]).topk(2).values
    leads = (best[:, 0] - best[:, 1]).tolist()
    margin = sorted(leads)[2] - 1e-4  # between the second and the third
    found, report = made(small_folder, margin=margin)
    assert [e.texts for e in found] == [one.texts for one, lead in zip(VARIANTS, leads, strict=True) if lead >= margin]
    assert len(found) == report["fixed"]["kept"] == 3


def test_a_filter_needs_labels():
    (chosen, _), *_ = settled({"fixed": {"copies": 1, "agree": True}}, 3, False).values()
    with pytest.raises(UserError, match=r"augment.fixed: agree and margin look at labels"):
        check_filter("fixed", chosen, Regression(pair=False))


def test_gold_labels_leave_auto_without_copies():
    assert settled({"fixed": {"copies": "auto"}}, 100, labels_needed=True) == {}
    assert next(iter(settled({"fixed": "auto"}, 100, False).values()))[1].copies == 3
    assert settled({"fixed": 0}, 100, False) == settled({}, 100, False) == {}
