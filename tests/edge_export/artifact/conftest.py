"""A sealed file made without any runtime: the seal does not look inside the compute bytes."""

from __future__ import annotations

import pytest
import sealing


@pytest.fixture(scope="session")
def sealed():
    """container -> the bytes of a whole sealed file with 300 compute bytes; keyword arguments change manifest fields."""
    return sealing.sealed_file
