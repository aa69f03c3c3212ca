"""A build's summary.json as a web page, a terminal table and a Markdown table; no figure is measured here."""

from __future__ import annotations

from pocketbert.report.comparison import NOT_WORTH, SCHEMA, WORTH, check_schema
from pocketbert.report.markdown import readme_table
from pocketbert.report.page import write_report
from pocketbert.report.terminal import standing_lines, terminal_tables

__all__ = ["NOT_WORTH", "SCHEMA", "WORTH", "check_schema", "readme_table", "standing_lines", "terminal_tables", "write_report"]
