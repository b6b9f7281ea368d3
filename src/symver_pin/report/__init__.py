"""Views: a report as text, JSON, SARIF, JUnit, GitHub annotations or HTML, and what other commands print.

``formats`` is the table of the report's formats; each is the module of that name, with ``render(report)``.
"""
