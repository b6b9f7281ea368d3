"""Faults in the structure of one file for which the kernel or a loader stops, whatever else is loaded."""
