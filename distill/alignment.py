"""Losses on inner states, with a teacher that runs along: what the intermediate stage is, and what predictions can add."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import cast

import torch
from torch import nn
from transformers import PreTrainedModel

from pocketbert.distill.capture import Capture, Captured, Need
from pocketbert.distill.terms import Term
from pocketbert.distill.texts import inputs_of


class Alignment(nn.Module):
    """The weighted sum of terms between a student and its teacher; what the terms train is part of it."""

    def __init__(self, student: PreTrainedModel, teacher: PreTrainedModel, terms: dict[str, tuple[float, Term]]) -> None:
        """`terms` is name -> (weight, term), as `terms_of` gives it."""
        super().__init__()
        self.weights = {name: weight for name, (weight, _) in terms.items()}
        # a protocol cannot say that every term is an nn.Module
        self.terms = nn.ModuleDict({name: cast(nn.Module, term) for name, (_, term) in terms.items()})
        # In a tuple the teacher is no sub-module: not trained, not saved, not switched to train mode.
        self._teacher = (teacher.eval().requires_grad_(False),)
        self._student_capture = Capture(student, _union(term.student_needs for _, term in terms.values()))
        self._teacher_capture = Capture(teacher, _union(term.teacher_needs for _, term in terms.values()))

    def watch(self) -> contextlib.AbstractContextManager[Captured]:
        """The student is to run in this `with` block; what it gives goes to `forward`."""
        return self._student_capture.watch()

    def forward(self, seen: Captured, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Runs the teacher on the batch; returns the weighted sum, a scalar, and each term by name without its weight."""
        (teacher,) = self._teacher
        # Not inference_mode, whose tensors no backward pass may keep: a term need not know whose states it multiplies.
        with torch.no_grad(), self._teacher_capture.watch() as wanted:
            teacher.base_model(**inputs_of(teacher, batch))
        mask = batch["attention_mask"]  # (batch, tokens)
        parts = {name: term(seen, wanted, mask) for name, term in self.terms.items()}
        return torch.stack([self.weights[name] * part for name, part in parts.items()]).sum(), parts


def _union(needs: Iterable[frozenset[Need]]) -> list[Need]:
    # Sorted: hooks are called in the order of the layers anyway, and a set's own order would be another in each process.
    return sorted(frozenset().union(*needs))
