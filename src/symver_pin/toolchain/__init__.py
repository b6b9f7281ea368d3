"""How a kit's flags reach each build system: ``flags`` prints them, ``run`` starts a compiler with them, ``cargo``
cargo."""
