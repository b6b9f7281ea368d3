"""The pin header of a target release: ``pins`` chooses its symbols, ``header`` renders it, ``cache`` keeps it."""
