"""Relation: how the student's queries relate to each other follows the teacher's; so do keys and values. Any heads fit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_doc import Doc
from annotated_types import Gt
from torch import nn
from torch.nn import functional
from transformers import PreTrainedConfig

from pocketbert.distill.capture import Captured
from pocketbert.distill.options import AUTO, Auto, check
from pocketbert.distill.processes import batch_mean
from pocketbert.distill.terms import Pairs
from pocketbert.tasks import UserError

KINDS = ("query", "key", "value")

# The paper's heads for a base-sized teacher, and the width that they leave in its student of width 384.
MOST_HEADS, LEAST_WIDTH = 48, 8


@dataclass(frozen=True)
class Options:
    """Which layers are compared, and how finely."""

    heads: Annotated[
        Annotated[int, Gt(0)] | Auto,
        Doc(f"Relation heads; must divide both widths. auto: as many as leave them {LEAST_WIDTH} wide, at most {MOST_HEADS}."),
    ] = AUTO
    student_layer: Annotated[int, Doc("Counted from 0; below 0 from the end, so that -1 is the last.")] = -1
    teacher_layer: Annotated[
        int, Doc("Likewise. The paper takes a base-sized teacher's last, and an upper middle one of a large teacher.")
    ] = -1

    def __post_init__(self) -> None:
        check(self)


class Term(nn.Module):
    """Sum of `relation_loss` of queries, keys and values in one layer of each, whatever the layer map."""

    def __init__(self, options: Options, student: PreTrainedConfig, teacher: PreTrainedConfig, pairs: Pairs) -> None:
        super().__init__()
        self.heads = _heads(options.heads, student.hidden_size, teacher.hidden_size)
        self.layers = (
            _layer("student", options.student_layer, student.num_hidden_layers),
            _layer("teacher", options.teacher_layer, teacher.num_hidden_layers),
        )
        self.student_needs, self.teacher_needs = (frozenset((kind, layer) for kind in KINDS) for layer in self.layers)

    def forward(self, seen: Captured, wanted: Captured, mask: torch.Tensor) -> torch.Tensor:
        s, t = self.layers
        losses = [relation_loss(seen.states[kind, s], wanted.states[kind, t], mask, self.heads) for kind in KINDS]
        return torch.stack(losses).sum()


def relation_loss(student: torch.Tensor, teacher: torch.Tensor, mask: torch.Tensor, heads: int) -> torch.Tensor:
    """Divergence of the two relations softmax(A A^T / sqrt(head size)) over the tokens that exist.

    Args:
        student: (batch, tokens, student hidden), queries (or keys, or values) of one layer, all heads side by side.
        teacher: (batch, tokens, teacher hidden), likewise.
        mask: (batch, tokens), 1 for a token, 0 for padding.
        heads: relation heads, into which both are cut anew; must divide both widths, need not be the attention heads of either.

    Returns:
        A scalar, float32: the mean over relation heads and valid tokens of KL(teacher || student).

    Raises:
        ValueError: `heads` does not divide a width.

    Reference:
        MiniLMv2 (arXiv 2012.15828): multi-head self-attention relations, queries with queries, keys with keys, values with
        values, each with weight 1.

    Differences from the reference code:
        Written from the paper. It averages over the tokens of a text; here the mean is over those of the whole batch.

    Example:
        losses: {relation: {heads: 12, teacher_layer: -1}}
    """
    wanted, seen = _relations(teacher, mask, heads), _relations(student, mask, heads)
    divergence = functional.kl_div(seen, wanted, reduction="none", log_target=True)  # (batch, heads, tokens, tokens)
    return batch_mean(divergence.sum(-1).mean(1), mask.to(divergence.dtype))  # of (batch, tokens)


def _relations(states: torch.Tensor, mask: torch.Tensor, heads: int) -> torch.Tensor:
    """log softmax(A A^T / sqrt(head size)), float32 (batch, heads, tokens, tokens); padding has no share."""
    batch, tokens, hidden = states.shape
    if hidden % heads:
        raise ValueError(f"{heads} relation heads do not divide a width of {hidden}")
    with torch.autocast(states.device.type, enabled=False):
        split = states.float().view(batch, tokens, heads, hidden // heads).transpose(1, 2)  # (batch, heads, tokens, size)
        scores = split @ split.transpose(-1, -2) * (hidden // heads) ** -0.5  # (batch, heads, tokens, tokens)
    # Not -inf: KL would subtract it from itself.
    return scores.masked_fill(mask[:, None, None, :] == 0, -1e9).log_softmax(-1)


def _heads(wanted: int | Auto, student: int, teacher: int) -> int:
    fitting = [heads for heads in range(1, math.gcd(student, teacher) + 1) if student % heads == teacher % heads == 0]
    if wanted == AUTO:
        narrow = min(student, teacher)
        return max(heads for heads in fitting if heads == 1 or (heads <= MOST_HEADS and narrow // heads >= LEAST_WIDTH))
    if wanted not in fitting:
        raise UserError(
            f"heads: {wanted} do not divide the widths of student ({student}) and teacher ({teacher}); "
            f"give {AUTO}, or one of {', '.join(map(str, fitting))}."
        )
    return wanted


def _layer(whose: str, wanted: int, layers: int) -> int:
    if not -layers <= wanted < layers:
        raise UserError(f"{whose}_layer: {wanted} is not there; the {whose} has layers 0 to {layers - 1}, and -1 is its last.")
    return wanted % layers
