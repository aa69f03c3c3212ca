"""Small .tflite graphs written operator by operator, so that a test knows every number in them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

KINDS = {np.dtype(np.float32): "FLOAT32", np.dtype(np.int32): "INT32", np.dtype(np.int16): "INT16"}


@dataclass
class TinyTflite:
    """Writes tensors and operators in order; `bytes()` gives the file, packed by the schema's own classes."""

    tensors: list = field(default_factory=list)
    buffers: list = field(default_factory=list)
    operators: list = field(default_factory=list)
    codes: list = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)

    def __post_init__(self):
        from ai_edge_litert import schema_py_generated as schema

        self.schema = schema
        self.buffers.append(schema.BufferT())  # the schema's empty one, for whatever is computed

    def tensor(self, shape, dtype=np.float32) -> int:
        """Something computed, or an input."""
        kind = getattr(self.schema.TensorType, KINDS[np.dtype(dtype)])
        entry = self.schema.TensorT(shape=list(shape), type=kind, name=f"t{len(self.tensors)}".encode(), buffer=0)
        self.tensors.append(entry)
        return len(self.tensors) - 1

    def input(self, shape, dtype=np.float32) -> int:
        self.inputs.append(self.tensor(shape, dtype))
        return self.inputs[-1]

    def constant(self, value) -> int:
        index = self.tensor(value.shape, value.dtype)
        self.tensors[index].buffer = len(self.buffers)
        self.buffers.append(self.schema.BufferT(data=np.frombuffer(value.tobytes(), np.uint8)))
        return index

    def operator(self, name, inputs, shape, dtype=np.float32, **options) -> int:
        """Adds an operator with one output of that shape; options are the fields of its options table."""
        code = getattr(self.schema.BuiltinOperator, name)
        if code not in self.codes:
            self.codes.append(code)
        out, table = self.tensor(shape, dtype), "".join(part.capitalize() for part in name.split("_")) + "Options"
        entry = self.schema.OperatorT(opcodeIndex=self.codes.index(code), inputs=list(inputs), outputs=[out])
        if hasattr(self.schema, table + "T"):
            entry.builtinOptionsType = getattr(self.schema.BuiltinOptions, table)
            entry.builtinOptions = getattr(self.schema, table + "T")(**options)
        self.operators.append(entry)
        return out

    def reshape(self, of, shape, told=True) -> int:
        """A RESHAPE with its new shape as a constant, and in its options too where `told`."""
        given = {"newShape": list(shape)} if told else {}
        return self.operator("RESHAPE", [of, self.constant(np.array(shape, np.int32))], shape, **given)

    def bytes(self, *outputs) -> bytes:
        import flatbuffers

        schema = self.schema
        graph = schema.SubGraphT(
            tensors=self.tensors, inputs=self.inputs, outputs=list(outputs or [len(self.tensors) - 1]), operators=self.operators
        )
        codes = [schema.OperatorCodeT(builtinCode=code, deprecatedBuiltinCode=min(code, 127), version=1) for code in self.codes]
        model = schema.ModelT(version=3, operatorCodes=codes, subgraphs=[graph], buffers=self.buffers)
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


@pytest.fixture
def tiny_tflite():
    """The class; skips where the runtime is missing."""
    pytest.importorskip("ai_edge_litert", reason="the LiteRT runtime is not installed")
    return TinyTflite
