"""TFLite Metadata, the part of it that MediaPipe's TextClassifier reads.

A flatbuffer `ModelMetadata` inside the model says which input is which, which file is the vocabulary and which holds the
labels; the files themselves lie in the zip behind the model, which the seal writes.

Schema: mediapipe/tasks/metadata/metadata_schema.fbs, 1.5.0. Table slots below are its field numbers.
"""

from __future__ import annotations

from typing import Any

import flatbuffers
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import number_types

from pocketbert.edge_export.lowering.flatbuffer_inline import Model, pack, unpack
from pocketbert.tasks import UserError

ENTRY = "TFLITE_METADATA"
IDENTIFIER = b"M001"
PARSER_VERSION = "1.3.0"  # what mediapipe's own writer computes for a model with these fields
# The names by which MediaPipe finds a BERT model's inputs; it does not check that they sit on the right tensors.
INPUT_NAMES = {"input_ids": "ids", "attention_mask": "mask", "token_type_ids": "segment_ids"}
TENSOR_AXIS_LABELS, VOCABULARY = 2, 5  # enum AssociatedFileType
FEATURE_PROPERTIES = 1  # union ContentProperties
BERT_TOKENIZER_OPTIONS = 4  # union ProcessUnitOptions

# A table to write: slot -> string, (scalar type, number), table, or list of tables.
Fields = dict[int, Any]


def attach_text_classifier_metadata(
    compute: bytes, output_name: str, labels_file: str = "labels.txt", vocab_file: str = "vocab.txt"
) -> bytes:
    """The model with the metadata that TextClassifier asks for; weights and graph are unchanged.

    Args:
        compute: .tflite with inputs input_ids, attention_mask, token_type_ids and nothing behind the flatbuffer.
        output_name: becomes the head's name in MediaPipe's results. The output must be probabilities: it applies no softmax.
        labels_file: zip entry with one label per line, in the order of the output.
        vocab_file: zip entry with one WordPiece per line, in the order of the ids.

    Raises:
        UserError: the file has metadata already, several graphs, or other inputs.
    """
    model = unpack(compute)
    if any(entry.name == ENTRY.encode() for entry in model.metadata or []):
        raise UserError(f"the .tflite has an entry {ENTRY} already.")
    inputs = input_names(model)
    if sorted(inputs) != sorted(INPUT_NAMES):
        raise UserError(f"MediaPipe needs the inputs {', '.join(INPUT_NAMES)}; this .tflite has {', '.join(inputs)}.")
    content = _model_metadata([INPUT_NAMES[name] for name in inputs], output_name, labels_file, vocab_file)
    model.metadata = [*(model.metadata or []), schema.MetadataT(name=ENTRY, buffer=len(model.buffers))]
    model.buffers = [*model.buffers, schema.BufferT(data=list(content))]
    return pack(model)


def input_names(model: Model) -> list[str]:
    """The names that the signature gives the graph's inputs, in the order of the graph, which is MediaPipe's.

    Raises:
        UserError: not exactly one graph with one signature; MediaPipe takes no other.
    """
    if len(model.subgraphs) != 1 or len(model.signatureDefs or []) != 1:
        raise UserError("MediaPipe takes a .tflite of one graph with one signature.")
    names = {entry.tensorIndex: entry.name.decode() for entry in model.signatureDefs[0].inputs}
    return [names[tensor] for tensor in model.subgraphs[0].inputs]


def _model_metadata(inputs: list[str], output: str, labels_file: str, vocab_file: str) -> bytes:
    graph: Fields = {
        2: [_tensor(name) for name in inputs],
        3: [_tensor(output, _file(labels_file, TENSOR_AXIS_LABELS))],
        5: [{0: (number_types.Uint8Flags, BERT_TOKENIZER_OPTIONS), 1: {0: [_file(vocab_file, VOCABULARY)]}}],
    }
    builder = flatbuffers.Builder(1024)
    builder.Finish(_write(builder, {0: "BertTextClassifier", 3: [graph], 7: PARSER_VERSION}), IDENTIFIER)
    return bytes(builder.Output())


def _tensor(name: str, *files: Fields) -> Fields:
    content: Fields = {0: (number_types.Uint8Flags, FEATURE_PROPERTIES), 1: {}}
    return {0: name, 3: content, **({6: list(files)} if files else {})}


def _file(name: str, kind: int) -> Fields:
    return {0: name, 2: (number_types.Int8Flags, kind)}


def _write(builder: flatbuffers.Builder, fields: Fields) -> int:
    """Writes a table, what it refers to first, as flatbuffers wants it; gives the table's offset."""
    offsets: dict[int, int] = {}
    for slot, value in fields.items():
        if isinstance(value, str):
            offsets[slot] = builder.CreateString(value)
        elif isinstance(value, dict):
            offsets[slot] = _write(builder, value)
        elif isinstance(value, list):
            tables = [_write(builder, entry) for entry in value]
            builder.StartVector(4, len(tables), 4)
            for table in reversed(tables):
                builder.PrependUOffsetTRelative(table)
            offsets[slot] = builder.EndVector()
    builder.StartObject(max(fields, default=-1) + 1)
    for slot, value in fields.items():
        if slot in offsets:
            builder.PrependUOffsetTRelativeSlot(slot, offsets[slot], 0)
        else:
            kind, number = value
            builder.PrependSlot(kind, slot, number, 0)
    return builder.EndObject()
