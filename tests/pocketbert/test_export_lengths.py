"""Lengths that a user asks for and the model has not, or has more of."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from pocketbert import load
from pocketbert.recipe import Export
from pocketbert.tasks import UserError

pytest.importorskip("onnxscript", reason="export is not installed (pip install -e '.[export]')")
from pocketbert.stages.export import export_folder  # noqa: E402


def test_a_static_length_below_the_models_cuts_there(small_folder, tmp_path):
    """Against transformers, told to cut at the same length; the golden texts hold longer ones than 16 tokens."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    wanted = Export(formats=["onnx"], quantization="fp32", static_length=16)
    made = export_folder(small_folder, wanted, tmp_path, print, name="short")
    tokenizer = AutoTokenizer.from_pretrained(small_folder)
    model = AutoModelForSequenceClassification.from_pretrained(small_folder).eval()
    with load(tmp_path / made["files"]["onnx"]["file"]) as predictor:
        for text in ("wake me at six", "call my mother now " * 8, ""):
            with torch.inference_mode():
                logits = model(**tokenizer(text, truncation=True, max_length=16, return_tensors="pt")).logits.numpy()[0]
            assert np.abs(predictor.logits((text,)) - logits).max() < 1e-4, text


def test_a_static_length_past_the_positions_is_refused_before_any_work(small_folder, tmp_path):
    with pytest.raises(UserError, match="a length of 49 tokens is outside what the model's positions allow, 2 to 48"):
        export_folder(small_folder, Export(formats=["onnx"], static_length=49), tmp_path, pytest.fail, name="long")
    assert list(tmp_path.iterdir()) == []


def test_a_longest_text_past_the_positions_is_refused_too(small_folder, tmp_path):
    from pocketbert.edge_export.source import load_source

    source = load_source(small_folder, max_length=512)
    with pytest.raises(UserError, match="a length of 512 tokens"):
        export_folder(small_folder, Export(formats=["onnx"]), tmp_path, pytest.fail, source=source)


@pytest.mark.parametrize("length", [0, -4])
def test_a_length_of_nothing_is_refused_by_the_recipe(length):
    with pytest.raises(ValidationError, match="static_length"):
        Export(static_length=length)
