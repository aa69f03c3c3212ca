"""A .tflite between its bytes and the schema's objects, with every weight inside the flatbuffer.

ai-edge-quantizer writes weights behind the flatbuffer (`Buffer.offset`, `Buffer.size`). Readers that re-pack such a file
drop them without a word, and MediaPipe up to 1.0 refuses it, so nothing here lets one out: `pack` puts all weights
inside, each on the 16 bytes that the schema's `force_align` asks for and that the fp32 converter does not give.

Schema: tensorflow/compiler/mlir/lite/schema/schema.fbs, version 3, as ai_edge_litert carries it.
"""

from __future__ import annotations

from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from pocketbert.tasks import UserError

IDENTIFIER = b"TFL3"
# A schema.ModelT; Any, since the generated classes declare every field as optional, and bytes as text.
Model = Any
ALIGNMENT = 16  # schema.fbs: `data:[ubyte] (force_align: 16)`


def unpack(compute: bytes) -> Model:
    """The model's objects; arrays are views of `compute`, data that lay behind the flatbuffer are brought in.

    Raises:
        UserError: the bytes are not a .tflite, or name data past their end.
    """
    if compute[4:8] != IDENTIFIER:
        raise UserError("not a .tflite file: the flatbuffer identifier TFL3 is missing.")
    model: Model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(compute, 0))
    for buffer in model.buffers:
        if buffer.offset > 1:  # 0: inside; 1: the schema's "empty, to be filled later"
            buffer.data = _behind(compute, buffer.offset, buffer.size)
        buffer.offset = buffer.size = 0
    for graph in model.subgraphs:
        for operator in graph.operators or []:
            if operator.largeCustomOptionsOffset > 1:
                start, size = operator.largeCustomOptionsOffset, operator.largeCustomOptionsSize
                operator.customOptions = _behind(compute, start, size)
            operator.largeCustomOptionsOffset = operator.largeCustomOptionsSize = 0
    return model


def pack(model: Model) -> bytes:
    """The objects as a .tflite of one piece, every buffer's data on a multiple of 16 bytes."""
    inside = schema.ModelT(**vars(model))
    inside.buffers = [_AlignedBuffer(data=buffer.data) for buffer in model.buffers]
    weights = sum(0 if buffer.data is None else len(buffer.data) for buffer in model.buffers)
    builder = flatbuffers.Builder(weights + (1 << 20))  # room for all at once: the builder grows by copying
    builder.Finish(inside.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())


def internalise(compute: bytes) -> bytes:
    """The same model with its weights inside the flatbuffer and aligned."""
    return pack(unpack(compute))


class _AlignedBuffer(schema.BufferT):
    """A buffer that packs its data where `force_align` wants it; the generated class leaves it on 4 bytes."""

    def Pack(self, builder: flatbuffers.Builder) -> int:  # noqa: N802 (the generated name)
        data = None
        if self.data is not None:
            content = np.ascontiguousarray(self.data, dtype=np.uint8)
            data = _aligned_vector(builder, content.tobytes())
        schema.BufferStart(builder)
        if data is not None:
            schema.BufferAddData(builder, data)
        return schema.BufferEnd(builder)


def _aligned_vector(builder: flatbuffers.Builder, content: bytes) -> int:
    """CreateByteVector with an alignment, which flatbuffers offers no call for."""
    builder.StartVector(1, len(content), ALIGNMENT)
    builder.head = builder.Head() - len(content)
    builder.Bytes[builder.Head() : builder.Head() + len(content)] = content
    return builder.EndVector()


def _behind(compute: bytes, start: int, size: int) -> np.ndarray:
    if start + size > len(compute):
        raise UserError(f"the .tflite names {size} bytes of weights at {start}, past its end: the file is cut off.")
    return np.frombuffer(compute, np.uint8, size, start)
