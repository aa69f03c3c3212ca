"""A build's summary.json as a web page, a terminal table and a Markdown table; no figure is measured here."""

from __future__ import annotations

from pocketbert.report.page import write_report
from pocketbert.report.summary import NOT_WORTH, SCHEMA, WORTH, read_summary
from pocketbert.report.tables import readme_table, standing_lines, terminal_tables

__all__ = ["NOT_WORTH", "SCHEMA", "WORTH", "read_summary", "readme_table", "standing_lines", "terminal_tables", "write_report"]
