"""Make the tables: ``abilist``, ``libraries`` and ``dumps`` each read one kind of source into observations; ``merge``
turns all observations of one architecture into one table.
"""
