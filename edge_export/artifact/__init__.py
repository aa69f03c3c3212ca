"""The sealed artifact of docs/artifact.md: seal, read, run, check. It never loads torch by itself."""

from __future__ import annotations

from pocketbert.edge_export.artifact.predictor import Predictor, load
from pocketbert.edge_export.artifact.reader import Artifact, open_artifact
from pocketbert.edge_export.artifact.self_check import GoldenReport, check_golden
from pocketbert.edge_export.artifact.session import Session, start

__all__ = ["Artifact", "GoldenReport", "Predictor", "Session", "check_golden", "load", "open_artifact", "start"]
