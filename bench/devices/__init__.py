"""One file per device: `measure(paths, plan, progress) -> list[Record]`."""
