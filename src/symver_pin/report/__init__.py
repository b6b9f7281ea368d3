"""Views of a verifier's report, one format a module: ``text`` for people, ``json`` for programs. Each has
``render(report, ...) -> str`` and changes nothing.
"""
