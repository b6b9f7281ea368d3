"""Views of a verifier's report: ``formats`` is the table of them, each is a module with ``render(report) -> str`` and
changes nothing. ``kinds`` says what each kind of finding means; ``terminal`` has what only a terminal gets. The other
modules print what other commands found.
"""
