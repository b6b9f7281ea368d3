"""A cargo project pinned by each of the three ways: the command, RUSTFLAGS, a configuration file."""
