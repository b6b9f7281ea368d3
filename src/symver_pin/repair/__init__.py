"""Repair finished files: rewrite programs and libraries, without their source, so that they run on an older glibc."""
