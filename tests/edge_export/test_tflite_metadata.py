"""The metadata inside a .tflite: what it says, that nothing else moves, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from ai_edge_litert.interpreter import Interpreter
from flatbuffers.table import Table

from pocketbert.edge_export.lowering import tflite
from pocketbert.edge_export.lowering.flatbuffer_inline import pack, unpack
from pocketbert.edge_export.lowering.tflite_metadata import ENTRY, IDENTIFIER, attach_text_classifier_metadata
from pocketbert.tasks import UserError


class Sums(torch.nn.Module):
    """Weighs the three inputs differently, so that two of them cannot be swapped unseen."""

    def forward(self, input_ids, attention_mask, token_type_ids):
        """int32 (1, n) each -> {"probabilities": float32 (1, 2)}."""
        mixed = (input_ids + 10 * attention_mask + 100 * token_type_ids).to(torch.float32).sum(1, keepdim=True)
        return {"probabilities": torch.cat([mixed, -mixed], 1)}


def metadata_of(compute: bytes) -> dict[str, object] | None:
    """What the metadata of a .tflite says, or None where it has none.

    Returns:
        inputs: names in graph order; outputs: names; labels: the label files' names; vocabulary: the vocabulary files' names.
    """
    model = unpack(compute)
    entry = next((entry for entry in model.metadata or [] if entry.name == ENTRY.encode()), None)
    if entry is None:
        return None
    content = bytes(model.buffers[entry.buffer].data)
    assert content[4:8] == IDENTIFIER
    root = Table(content, int.from_bytes(content[:4], "little"))
    graph = _tables(root, 3)[0]
    outputs = _tables(graph, 3)
    units = [_table(unit, 1) for unit in _tables(graph, 5)]
    return {
        "inputs": [_string(tensor, 0) for tensor in _tables(graph, 2)],
        "outputs": [_string(tensor, 0) for tensor in outputs],
        "labels": [_string(file, 0) for tensor in outputs for file in _tables(tensor, 6)],
        "vocabulary": [_string(file, 0) for options in units for file in _tables(options, 0)],
    }


def _string(table: Table, slot: int) -> str:
    place = table.Offset(4 + 2 * slot)
    return table.String(place + table.Pos).decode() if place else ""


def _table(table: Table, slot: int) -> Table:
    return Table(table.Bytes, table.Indirect(table.Pos + table.Offset(4 + 2 * slot)))


def _tables(table: Table, slot: int) -> list[Table]:
    place = table.Offset(4 + 2 * slot)
    if not place:
        return []
    start = table.Vector(place)
    return [Table(table.Bytes, table.Indirect(start + 4 * index)) for index in range(table.VectorLen(place))]


@pytest.fixture(scope="module")
def plain() -> bytes:
    return tflite.convert(Sums(), 6)


def test_metadata_says_which_input_is_which(plain):
    compute = attach_text_classifier_metadata(plain, "probabilities", "names.txt", "words.txt")
    assert metadata_of(compute) == {
        "inputs": ["ids", "mask", "segment_ids"],
        "outputs": ["probabilities"],
        "labels": ["names.txt"],
        "vocabulary": ["words.txt"],
    }
    assert metadata_of(plain) is None


def test_metadata_follows_the_order_of_the_graph(plain):
    model = unpack(plain)
    model.subgraphs[0].inputs = np.array(model.subgraphs[0].inputs)[[2, 0, 1]]
    assert metadata_of(attach_text_classifier_metadata(pack(model), "p"))["inputs"] == ["segment_ids", "ids", "mask"]


def test_metadata_changes_no_weight_and_no_result(plain):
    compute = attach_text_classifier_metadata(plain, "probabilities")
    before, after = unpack(plain), unpack(compute)
    for one, other in zip(before.buffers, after.buffers, strict=False):
        assert (one.data is None) == (other.data is None)
        assert one.data is None or bytes(one.data) == bytes(other.data)
    assert len(after.buffers) == len(before.buffers) + 1
    signature = Interpreter(model_content=compute).get_signature_runner()
    values = {"input_ids": [1, 2, 3, 4, 5, 6], "attention_mask": [1, 1, 1, 0, 0, 0], "token_type_ids": [0, 0, 1, 0, 0, 0]}
    given = {name: np.array([row], np.int32) for name, row in values.items()}
    assert signature(**given)["probabilities"].tolist() == [[21 + 30 + 100, -151]]


def test_metadata_is_the_same_twice_and_is_not_attached_twice(plain):
    compute = attach_text_classifier_metadata(plain, "probabilities")
    assert attach_text_classifier_metadata(plain, "probabilities") == compute
    with pytest.raises(UserError, match="TFLITE_METADATA already"):
        attach_text_classifier_metadata(compute, "probabilities")


def test_metadata_refuses_other_inputs(plain):
    model = unpack(plain)
    model.signatureDefs[0].inputs[0].name = b"words"
    with pytest.raises(UserError, match="needs the inputs input_ids, attention_mask, token_type_ids"):
        attach_text_classifier_metadata(pack(model), "probabilities")
