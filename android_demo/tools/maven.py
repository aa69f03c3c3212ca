"""Maven for android_demo with its downloads in the cache folder: `python tools/maven.py verify -pl text`.

It works without the network where an earlier run with the same poms has fetched everything.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import downloads

ROOT = Path(__file__).resolve().parents[1]


def run(arguments: list[str], **options) -> None:
    """Runs goals in android_demo/.

    Args:
        arguments: goals and options of `mvn`.
        options: of `subprocess.run`.

    Raises:
        downloads.MissingTool: Java, Maven or npm is not there.
        subprocess.CalledProcessError: the build failed.
    """
    downloads.main()
    command = [*arguments, f"-Dpocketbert.aapt2={downloads.aapt2()}"]
    fetched = downloads.CACHE / "fetched" / _key(arguments)
    downloads.maven(command + ["--offline"] * fetched.exists(), folder=ROOT, **options)
    fetched.parent.mkdir(parents=True, exist_ok=True)
    fetched.touch()


def _key(arguments: list[str]) -> str:
    """Names what was asked of which poms: what they need is in the repository once it has passed."""
    said = [argument for argument in arguments if not argument.startswith("-D")]
    poms = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("**/pom.xml"))]
    return hashlib.sha256("\0".join([*said, *poms]).encode()).hexdigest()[:16]


if __name__ == "__main__":
    try:
        run(sys.argv[1:])
    except downloads.MissingTool as missing:
        sys.exit(str(missing))
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.returncode)
