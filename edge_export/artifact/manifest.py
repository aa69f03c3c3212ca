"""manifest.json (docs/artifact.md section 3): validated when it is read, the same when it is written."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pocketbert.edge_export.artifact.containers import CONTAINERS, Container
from pocketbert.edge_export.artifact.strict_json import parse_json, shortened
from pocketbert.tasks import Task, UserError, task_from_dict

MAJOR, MINOR = 1, 1
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
RUNTIMES = {"pte": "executorch", "tflite": "litert", "onnx": "onnxruntime"}
TASK_KEYS = {"classification": ("pair", "labels"), "regression": ("pair", "unit")}
MAX_LENGTH = 1 << 16  # no BERT-type position table comes near it; a bound so that a damaged file cannot ask for gigabytes

Runtime = Literal["executorch", "litert", "onnxruntime"]
Whole = Annotated[int, Field(ge=0, lt=1 << 31)]  # every count, size and id of the format
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Number = Annotated[float, Field(allow_inf_nan=False)]


class _Part(BaseModel):
    # strict: "1" is not 1; extra keys are ignored so that a later minor version can add some.
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Format(_Part):
    name: Literal["pocketbert"]
    major: Whole
    minor: Whole


class Digest(_Part):
    size: Whole
    sha256: Sha256


class Output(_Part):
    name: Literal["logits", "probabilities"]
    kind: Literal["logits", "probabilities", "value"]
    size: Whole


class Lengths(_Part):
    """Either `min` and `max` (exact length) or `static`."""

    min: int | None = None
    max: int | None = None
    static: list[int] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Lengths:
        if self.static is not None and (self.min, self.max) != (None, None):
            raise ValueError("has both min and max and static lengths")
        if self.static is None:
            if self.min is None or self.max is None or not 2 <= self.min <= self.max <= MAX_LENGTH:
                raise ValueError("needs 2 <= min <= max, or a list of static lengths")
        elif not self.static or any(not 2 <= n <= MAX_LENGTH for n in self.static):
            raise ValueError("static lengths must be at least 2")
        return self

    @property
    def exact(self) -> tuple[int, int]:
        """(min, max) of a file without static lengths."""
        assert self.min is not None and self.max is not None  # `_one_form` has seen to it
        return self.min, self.max

    @property
    def longest(self) -> int:
        return self.exact[1] if self.static is None else max(self.static)

    def fit(self, n: int) -> int:
        """The length at which a text of n tokens runs: n itself, or the smallest static one that holds it.

        Raises:
            UserError: none does.
        """
        if self.static is None:
            least, most = self.exact
            if least <= n <= most:
                return n
            if n < least:
                raise UserError(f"a text of {n} tokens is too short for this file, which takes {least} to {most}.")
        fitting = [length for length in self.static or () if length >= n]
        if not fitting:
            raise UserError(f"a text of {n} tokens does not fit this file, whose longest length is {self.longest}.")
        return min(fitting)


class QuantizationEntry(_Part):
    recipe: str
    linear_bits: Whole
    linear_granularity: str
    activations: str
    embedding_bits: Whole
    embedding_granularity: str


class WordPiece(_Part):
    cls_id: Whole
    sep_id: Whole
    unk_id: Whole
    prefix: str
    max_characters: Whole


class TokenizerEntry(_Part):
    kind: str
    special_tokens_in_text: bool
    max_length: Annotated[int, Field(ge=5, le=MAX_LENGTH)]  # a pair and its three special tokens
    pad_id: Whole
    wordpiece: WordPiece | None = None


class RuntimeEntry(_Part):
    name: Runtime
    least_version: Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9}){0,7}$")]


class Manifest(_Part):
    """All of manifest.json. `compute` and `entries` are filled in by the seal."""

    format: Format
    container: Container
    compute: Digest
    entries: dict[str, Digest]
    task: dict[str, Any]
    inputs: list[str]
    output: Output
    lengths: Lengths
    vocabulary_size: Whole
    quantization: QuantizationEntry
    tokenizer: TokenizerEntry
    runtime: RuntimeEntry
    metrics: dict[str, Number] = {}
    provenance: dict[str, Any] = {}

    @model_validator(mode="after")
    def _fits_together(self) -> Manifest:
        if self.inputs != list(INPUTS):
            raise ValueError(f"inputs must be {list(INPUTS)}")
        lacking = [key for key in TASK_KEYS.get(str(self.task.get("kind")), ()) if key not in self.task]
        if lacking:
            raise ValueError(f"task lacks {', '.join(lacking)}")
        task = self.read_task()
        if task.outputs != self.output.size:
            raise ValueError("output.size differs from the task's number of outputs")
        if self.output.kind not in (task.output_kind, *(["probabilities"] if task.kind == "classification" else [])):
            raise ValueError(f"output.kind {self.output.kind} does not belong to {task.kind}")
        if self.runtime.name != RUNTIMES[self.container]:
            raise ValueError(f"runtime.name must be {RUNTIMES[self.container]} for .{self.container}")
        if self.tokenizer.max_length > self.lengths.longest:
            raise ValueError("tokenizer.max_length is past the longest length")
        self._check_tokenizer()
        return self

    def _check_tokenizer(self) -> None:
        wordpiece = self.tokenizer.wordpiece
        if wordpiece is not None and (self.tokenizer.kind != "wordpiece" or self.tokenizer.special_tokens_in_text):
            raise ValueError("tokenizer.wordpiece stands only beside kind wordpiece and special_tokens_in_text false")
        ids = [self.tokenizer.pad_id] + ([wordpiece.cls_id, wordpiece.sep_id, wordpiece.unk_id] if wordpiece else [])
        if max(ids) >= self.vocabulary_size:
            raise ValueError(f"the tokenizer's id {max(ids)} is not below vocabulary_size")
        if (wordpiece is not None) != ("normalizer.bin" in self.entries):
            raise ValueError("normalizer.bin is there exactly where tokenizer.wordpiece is")
        if wordpiece is not None and "vocab.txt" not in self.entries:
            raise ValueError("vocab.txt is not there, and tokenizer.wordpiece is")

    def read_task(self) -> Task:
        """The task object that the `task` entry describes."""
        try:
            return task_from_dict(self.task)
        except UserError as error:
            raise ValueError(str(error)) from None

    def to_json(self) -> bytes:
        return json.dumps(self.model_dump(exclude_none=True), ensure_ascii=False, allow_nan=False, indent=1).encode()


def parse_manifest(data: bytes) -> Manifest:
    """The manifest in these bytes.

    Raises:
        UserError: not JSON, another major version (says which one this reader knows), or a key that does not fit (names it).
    """
    entry = parse_json(data, "manifest.json")
    if not isinstance(entry, dict):
        raise UserError("manifest.json is not an object.")
    form = entry.get("format")
    if not isinstance(form, dict) or form.get("name") != "pocketbert":
        raise UserError("manifest.json does not say that this is a pocketbert file.")
    if form.get("major") != MAJOR:
        found = shortened(f"{form.get('major')}.{form.get('minor')}")
        raise UserError(
            f"the file has format {found}, and this reader knows {MAJOR}.x; "
            "update pocketbert, or export the model again with this version."
        )
    if entry.get("container") not in CONTAINERS:
        raise UserError(f"manifest.json names the unknown container {shortened(repr(entry.get('container')))}.")
    try:
        return Manifest.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(shortened(str(part)) for part in first["loc"]) or "the whole"
        raise UserError(f"manifest.json, {place}: {shortened(first['msg'], 500)}.") from None
