"""The symbol tables against the real libraries of five glibc releases, and against broken files."""
