"""General distillation as a command: plain text and an encoder in, a small encoder out that any recipe can begin with."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pocketbert.console import say
from pocketbert.distill.options import AUTO, GeneralOptions
from pocketbert.environment import check_training_python
from pocketbert.locate import locate
from pocketbert.run_folder import open_run
from pocketbert.tasks import UserError


def general(
    teacher: str, text: Sequence[str], out: Path, student: Any, options: GeneralOptions, column: str = "text"
) -> dict[str, Any]:
    """Distils an encoder from `teacher` into the folder `out`; killed and called again, it resumes.

    Started by `torchrun`, its processes share each batch: the main one reads the corpus and writes, and all train.

    Args:
        teacher: a folder, hub id or package:NAME/PATH.
        text: files, folders and data sets, see `distill.corpus`.
        out: where the encoder goes, whole or not at all.
        student: a `distill.student.NewShape` or `TeacherLayers`.
        options: "auto" in its training is decided here.
        column: that holds the text, where a source has rows.

    Returns:
        {"corpus": what `write_shards` tells, "report": what `train` does}.

    Raises:
        UserError: models, corpus or options do not fit, or `out` is something that would be lost.
    """
    check_training_python()
    from pocketbert.distill.auto import settle_general
    from pocketbert.distill.card import write_encoder_card
    from pocketbert.distill.disk import check_out, source_of
    from pocketbert.distill.folders import read_config, read_tokenizer
    from pocketbert.distill.general import general as distil
    from pocketbert.distill.processes import processes
    from pocketbert.distill.shards import write_shards
    from pocketbert.distill.student import write_encoder
    from pocketbert.stages.plan import choice_line

    if not text:
        raise UserError("general distillation needs text: name files, folders or data sets with --text.")
    seed = 0 if options.training.seed == AUTO else options.training.seed
    place = source_of(locate(teacher))
    out = check_out(out, [place, *(source for source in text if ":" not in source)])
    work, together = out.with_name(f".{out.name}.work"), processes()
    key = [str(place), type(student).__name__, asdict(student), seed]
    start = work / f"student-{hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16]}"
    corpus: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:
        if together.is_main_process:
            stack.enter_context(open_run(work, say))
            corpus = write_shards(text, read_tokenizer(place), options.max_length, work / "corpus", column)
            say(f"  corpus: {corpus['documents']:,} documents, {corpus['tokens']:,} tokens in {corpus['sequences']:,} sequences")
            if not (start / "config.json").is_file():
                write_encoder(place, student, options.max_length, seed, start)
        together.wait_for_everyone()
        shape = read_config(start)
        training, choices = settle_general(options.training, shape.hidden_size, shape.num_hidden_layers, seed)
        if together.is_main_process:
            for choice in choices:
                say(f"  [dim]{choice_line(choice.to_dict())}[/]")
        settled = replace(options, training=training)
        tell = say if together.is_main_process else lambda line: None
        report = distil(place, start, work / "corpus", out, settled, work / "checkpoints", say=tell)
        together.wait_for_everyone()
        if together.is_main_process:
            write_encoder_card(out, Path(teacher).name if Path(teacher).exists() else teacher, corpus, report)
            shutil.rmtree(work)
    return {"corpus": corpus, "report": report}
