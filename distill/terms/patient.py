"""Patient: the first token's hidden states, which the answer is read from, follow the teacher's on the way to the last layer."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional
from transformers import PreTrainedConfig

from pocketbert.distill.capture import Captured
from pocketbert.distill.processes import batch_mean
from pocketbert.distill.projection import new_projection, projected
from pocketbert.distill.terms import Pairs
from pocketbert.tasks import UserError


@dataclass(frozen=True)
class Options:
    """None of its own."""


class Term(nn.Module):
    """Sum of `patient_loss` over the matched layers, without the student's last: the predictions lead that one already."""

    def __init__(self, options: Options, student: PreTrainedConfig, teacher: PreTrainedConfig, pairs: Pairs) -> None:
        super().__init__()
        self.pairs = tuple((s, t) for s, t in pairs if s != student.num_hidden_layers - 1)
        if not self.pairs:
            raise UserError(
                f"the student's last layer is left out, and of its {student.num_hidden_layers} no other is matched; take a "
                "student of two layers or more with layer_map: uniform, or put cosine in its place (losses: {cosine: {}})."
            )
        self.student_needs = frozenset(("hidden", s) for s, _ in self.pairs)
        self.teacher_needs = frozenset(("hidden", t) for _, t in self.pairs)
        self.projections = nn.ParameterDict({str(s): new_projection(student, teacher) for s, _ in self.pairs})

    def forward(self, seen: Captured, wanted: Captured, mask: torch.Tensor) -> torch.Tensor:
        # Texts are padded on the right: the first token is always one.
        losses = [
            patient_loss(seen.states["hidden", s][:, 0], wanted.states["hidden", t][:, 0], self.projections[str(s)])
            for s, t in self.pairs
        ]
        return torch.stack(losses).sum()


def patient_loss(student: torch.Tensor, teacher: torch.Tensor, projection: torch.Tensor | None) -> torch.Tensor:
    """Squared distance of two states of length 1.

    Args:
        student: (batch, student hidden), the first token's state in one layer, any floating type; compared in float32.
        teacher: (batch, teacher hidden).
        projection: (student hidden, teacher hidden); None where the widths are equal and none is wanted.

    Returns:
        A scalar, float32, from 0 to 4: the mean over the batch.

    Raises:
        ValueError: the widths differ and no projection is given.

    Reference:
        BERT-PKD (arXiv 1908.09355), equation 7: L_PT = sum_j || h_S^j / |h_S^j| - h_T^j / |h_T^j| ||^2, over the layers j.

    Differences from the reference code:
        The code averages over layers and over the numbers of a state where the paper sums: its weight beta is ours times
        layers and width. Its widths are always equal.

    Example:
        losses: {patient: {weight: 0.03}}
    """
    seen = functional.normalize(projected(student, teacher, projection), dim=-1)  # (batch, teacher hidden)
    wanted = functional.normalize(teacher.float(), dim=-1)  # (batch, teacher hidden)
    distances = (seen - wanted).square().sum(-1)  # (batch,)
    return batch_mean(distances, torch.ones_like(distances))
