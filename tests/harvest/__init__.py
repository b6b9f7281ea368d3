"""How tables are made: each source's reader, and the rules by which they are merged."""
