from __future__ import annotations

import logging
import subprocess
import sys
import warnings

import pytest

from pocketbert.tasks.quiet import TALKERS, quiet


def test_inside_only_errors_are_heard_and_afterwards_all_is_as_before(caplog):
    logger = logging.getLogger("datasets")
    before = {name: logging.getLogger(name).level for name in TALKERS}
    logger.setLevel(logging.INFO)
    try:
        with pytest.raises(ValueError), quiet(), warnings.catch_warnings(record=True) as warned:
            logger.warning("held back")
            logger.error("heard")
            warnings.warn("held back too", stacklevel=1)
            raise ValueError
        logger.info("heard again")
        assert [record.message for record in caplog.records] == ["heard", "heard again"] and not warned
    finally:
        logger.setLevel(before["datasets"])
    assert {name: logging.getLogger(name).level for name in TALKERS} == before


def test_weight_loading_bars_come_back_only_where_they_were():
    switch = pytest.importorskip("transformers.utils.logging")
    was = switch.is_progress_bar_enabled()
    try:
        for enabled in (True, False):
            (switch.enable_progress_bar if enabled else switch.disable_progress_bar)()
            with quiet():
                assert not switch.is_progress_bar_enabled()
            assert switch.is_progress_bar_enabled() is enabled
    finally:
        (switch.enable_progress_bar if was else switch.disable_progress_bar)()


SILENT = "from pocketbert.tasks.quiet import quiet\nwith quiet():\n    from transformers import AutoModel, PreTrainedModel\n"


def test_a_command_starts_without_the_warnings_of_torchao():
    pytest.importorskip("torchao")
    done = subprocess.run([sys.executable, "-c", SILENT], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
