"""The README's pictures of the app, drawn by its own tests with the demo's model: `python tools/android/screens.py`.

It needs `runs/intents/files/intents.onnx`, which `make demo` leaves there.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import maven
from cache import DownloadFailed, MissingTool
from repository import BuildFailed

CHECKOUT = Path(__file__).resolve().parents[2]
DEMO = CHECKOUT / "runs/intents/files"
PICTURES = {"main-light.png": "app-light.png", "bench-dark.png": "app-bench-dark.png"}


def main() -> None:
    """Draws them anew into docs/images."""
    if not (DEMO / "intents.onnx").exists():
        sys.exit(f"{DEMO / 'intents.onnx'} is not there; `make demo` makes it")
    maven.run(["verify", "-Dtest=ScreenPicturesTest", "-Dsurefire.failIfNoSpecifiedTests=false", f"-Dpocketbert.fixtures={DEMO}"])
    for drawn, name in PICTURES.items():
        target = CHECKOUT / "docs/images" / name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(maven.ROOT / "app/target/screens" / drawn, target)
        print(target.relative_to(CHECKOUT), target.stat().st_size, "bytes")


if __name__ == "__main__":
    try:
        main()
    except (MissingTool, DownloadFailed, BuildFailed) as failed:
        sys.exit(str(failed))
