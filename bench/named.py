"""One file per device or printer; its file name is its name."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from pocketbert.tasks import UserError


def module_of(package: ModuleType, name: str, kind: str) -> ModuleType:
    """The module of that name in the package.

    Raises:
        UserError: there is none; the ones there are get listed.
    """
    known = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    if name not in known:
        raise UserError(f'unknown {kind} "{name}"; use one of {", ".join(known)}.')
    return importlib.import_module(f"{package.__name__}.{name}")
