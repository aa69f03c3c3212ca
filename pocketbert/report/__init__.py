"""A build's summary.json as a web page, a terminal table and a Markdown table; no figure is measured here."""

from __future__ import annotations

from pocketbert.report.markdown import readme_table
from pocketbert.report.page import write_report
from pocketbert.report.terminal import terminal_tables

__all__ = ["readme_table", "terminal_tables", "write_report"]
