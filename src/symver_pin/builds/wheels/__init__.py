"""Wheels of Python: ``isolated`` builds one from a project with a kit, ``finish`` makes a built one ready to publish.

To finish a wheel is to verify its files, to put libraries that the target's systems may lack into it (``vendor``), and
to give it the platform tag that its files deserve (``tag``).
"""
