"""`load(path).predict(texts)`: labels and scores in the shape of a transformers pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pocketbert.edge_export.artifact.reader import Artifact, open_artifact
from pocketbert.edge_export.artifact.session import Session, start
from pocketbert.tasks import UserError

Text = str | tuple[str, ...] | dict[str, str]


class Predictor:
    """A sealed file, opened; also a context manager. Threads may share it.

    Args:
        session: the file in its runtime.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def artifact(self) -> Artifact:
        return self._session.artifact

    def predict(
        self, texts: Text | Sequence[Text], top_k: int | None = 1, threshold: float = 0.0
    ) -> list[dict[str, Any]] | list[list[dict[str, Any]]]:
        """Labels and scores.

        Args:
            texts: one text, or a list. For a pair model each is a tuple of two strings or {"text": …, "text_pair": …}.
            top_k: how many labels per text, best first; None gives all.
            threshold: below it the best label is None: the model abstains.

        Returns:
            `[{"label": …, "score": …}, …]`, one per text; with top_k other than 1, a list of such dictionaries per text.

        Raises:
            UserError: texts of the wrong form for this model.
        """
        if top_k is not None and top_k < 1:
            raise UserError(f"top_k must be at least 1, found {top_k}.")
        one = isinstance(texts, (str, dict)) or (isinstance(texts, tuple) and self.artifact.task.pair)
        if not one and not isinstance(texts, Iterable):
            raise UserError(f"expected a text or a list of texts, found {texts!r}.")
        found = [self._decode(_strings(text), top_k, threshold) for text in ([texts] if one else texts)]
        return [labels[0] for labels in found] if top_k == 1 else found

    def logits(self, texts: tuple[str, ...]) -> np.ndarray:
        """The graph's raw output for one text or pair: float32 (outputs,)."""
        return self._session.run(self.artifact.encode(texts))

    def _decode(self, texts: tuple[str, ...], top_k: int | None, threshold: float) -> list[dict[str, Any]]:
        output = self.logits(texts)
        if self.artifact.manifest.output.kind == "probabilities":
            output = np.log(np.maximum(output, np.finfo(np.float32).tiny))  # decode applies a softmax, which undoes this
        return self.artifact.task.decode(output, top_k, threshold)

    def close(self) -> None:
        """Frees the runtime's model."""
        self._session.close()

    def __enter__(self) -> Predictor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def load(path: Path | str, threads: int = 1, engine: str = "auto") -> Predictor:
    """Opens a sealed .pte, .tflite or .onnx file: `load("intents.tflite").predict("wake me at six")`.

    Args:
        path: the file.
        threads: of the runtime.
        engine: for .pte: "python" (torch), "native" (no torch, a C++ compiler) or "auto".

    Raises:
        UserError: the file is damaged, not sealed, or its runtime is missing or too old.
    """
    return Predictor(start(open_artifact(path), threads, engine))


def _strings(text: object) -> tuple[str, ...]:
    if isinstance(text, str):
        return (text,)
    if isinstance(text, dict):
        unknown = set(text) - {"text", "text_pair"}
        if unknown or "text" not in text:
            raise UserError(f'expected the keys "text" and "text_pair", found {list(text)}.')
        text = (text["text"],) if text.get("text_pair") is None else (text["text"], text["text_pair"])
    if not isinstance(text, (tuple, list)) or not all(isinstance(part, str) for part in text):
        raise UserError(f"a text is a string, a pair two strings; found {text!r}.")
    return tuple(text)
