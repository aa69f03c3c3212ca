"""One file a device: `measure(paths, plan, progress) -> list[Record]`."""
