"""The season report as one HTML page: facts in, text out.

In: warehouse.report_facts.Facts. Out: a page that fetches nothing. No SQL, no Dagster, no clock, no file
but its own template, styles and script.
"""

from iracing_pipeline.outputs.report.page import render

__all__ = ["render"]
