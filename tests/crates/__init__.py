"""Real crates from the registry, built pinned to 2.17: each does its real job on a real 2.17 and on this machine."""
