"""`package:NAME/PATH`: a file or folder that an installed Python package carries, found without importing it or a network."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from pocketbert.tasks import UserError

PREFIX = "package:"


def locate(place: str) -> str:
    """The path behind a `package:` place; anything else is given back as it is.

    Raises:
        UserError: the package is not installed, or does not carry such a file.
    """
    if not place.startswith(PREFIX):
        return place
    package, _, inside = place.removeprefix(PREFIX).partition("/")
    if not all(part.isidentifier() for part in package.split(".")):
        raise UserError(f"{place}: after {PREFIX} comes the name of a Python package, then a slash and a path in it.")
    try:
        spec = importlib.util.find_spec(package)
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None:
        raise UserError(f"{place}: the Python package {package} is not installed; `pip install {package.replace('_', '-')}`.")
    path = Path(spec.origin).parent / inside
    if not path.exists():
        raise UserError(f"{place}: the installed package {package} carries no {inside}.")
    return str(path)
