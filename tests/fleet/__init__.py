"""Surveys of many packages: real packages behind a loopback server, killed processes, full disks, and scale."""
