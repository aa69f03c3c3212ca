"""pocketbert: a BERT-type teacher and labelled text go in; one sealed file that runs on a phone or a Raspberry Pi comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pocketbert.edge_export.artifact import load

__version__ = "0.1.0"
__all__ = ["__version__", "load"]


def __getattr__(name: str):
    # `from pocketbert import load` is the public door; it must not make `pocketbert --help` pay for numpy.
    if name == "load":
        from pocketbert.edge_export.artifact import load

        return load
    raise AttributeError(f"module 'pocketbert' has no attribute {name!r}")
