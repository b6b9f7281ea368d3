"""Why something that tests or the demo need cannot be had: the two kinds of reason, which callers treat differently."""

from __future__ import annotations


class Unavailable(Exception):  # noqa: N818 (a state of the machine, not a fault of the caller)
    """Something cannot be had on this machine: a tool is missing, a folder cannot be written, a download is not the
    file that it was when its checksum was recorded.

    The text is the reason, one line. Tests that meet it fail: the set-up is meant to prevent it.
    """


class NotServed(Unavailable):
    """A package registry does not serve something today, after retries and after all other places were tried.

    The text is the reason, one line. Tests that need just this thing are reported as not run, with the reason.
    """
