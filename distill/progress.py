"""What a person sees while a stage trains, and the losses that are kept."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from tqdm import tqdm

# Without a terminal a line every half minute is enough to see that it lives, and does not fill a log.
PLAIN_SECONDS = 30.0


class Progress:
    """One bar on a terminal; elsewhere a plain line at the start, every half minute, and at the end."""

    def __init__(self, stage: str, total: int, done: int, then: float = 0.0, shown: bool = True) -> None:
        """`then`: seconds planned for what comes after; with them the time left of the whole is shown. `shown`: or nothing is."""
        self.stage, self.total, self.then = stage, total, then
        self.first, self.began = done, time.monotonic()
        self.bar, self.shown = None, shown
        if shown and sys.stderr.isatty():
            self.bar = tqdm(total=total, initial=done, desc=stage, unit="step", dynamic_ncols=True, mininterval=0.5)
        else:
            self._plain(done, f"resumed at step {done}" if done else "begins")
        self.spoke = time.monotonic()

    def step(self, done: int, note: str) -> None:
        """Moves to step `done`; `note` is shown beside it, and what is left of the whole."""
        note += self._whole(done)
        if self.bar is not None:
            self.bar.set_postfix_str(note, refresh=False)
            self.bar.update(done - self.bar.n)
        elif time.monotonic() - self.spoke > PLAIN_SECONDS:
            self._plain(done, note)
            self.spoke = time.monotonic()

    def _whole(self, done: int) -> str:
        if not self.then or done <= self.first:
            return ""
        pace = (time.monotonic() - self.began) / (done - self.first)
        return f", whole run: {(pace * (self.total - done) + self.then) / 60:.0f} min left"

    def close(self, done: int, note: str) -> None:
        if self.bar is not None:
            self.bar.set_postfix_str(note)
            self.bar.close()
        else:
            self._plain(done, note)

    def _plain(self, done: int, note: str) -> None:
        if not self.shown:
            return
        print(f"{self.stage}: {done}/{self.total} {note}", file=sys.stderr, flush=True)


class LossLog:
    """losses.jsonl: one line a step ({"step", "loss", its parts}) and one a dev score ({"step", "dev"}).

    Lines are written at the latest before each checkpoint; a resumed run first drops those that it is about to repeat.
    """

    def __init__(self, path: Path | None, resumed_at: int) -> None:
        """`path`: None in a process that only helps another one, which keeps the losses of both."""
        self.path = path
        self.kept = [line for line in _lines(path) if line["step"] <= resumed_at] if path else []
        if path:
            path.write_text("".join(json.dumps(line) + "\n" for line in self.kept))
        self.pending: list[dict] = []

    def add(self, line: dict) -> None:
        """Keeps a line; values may still be tensors on the device, they are read when flushed."""
        self.pending.append(line)

    def flush(self) -> dict | None:
        """Writes what is pending and returns the last line of losses."""
        lines = [{k: v.item() if hasattr(v, "item") else v for k, v in line.items()} for line in self.pending]
        if self.path:
            with self.path.open("a") as file:
                file.writelines(json.dumps(line) + "\n" for line in lines)
        self.pending = []
        return next((line for line in reversed(lines) if "loss" in line), None)


def _lines(path: Path) -> list[dict]:
    if not path.is_file():
        return []
    lines = []
    for text in path.read_text().splitlines():
        try:
            lines.append(json.loads(text))
        except ValueError:  # the last line of a killed run may be cut
            break
    return lines
