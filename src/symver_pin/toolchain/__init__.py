"""How a kit's flags reach each build system: ``flags`` prints them, ``cc`` and ``cargo`` run a tool with them."""
