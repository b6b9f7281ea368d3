"""A real browser without a window, which may not reach any network."""

from __future__ import annotations

from pathlib import Path

from conftest import need_tool, succeeded
from pinning import run

#: Blink's numbers of a preferred colour scheme.
DARK, LIGHT = 0, 1


def _chromium(profile: Path, page: Path, scheme: int, *words: str) -> str:
    fixed = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={profile}",
        f"--blink-settings=preferredColorScheme={scheme}",
    )
    return succeeded(run([need_tool("chromium"), *fixed, *words, page.as_uri()]))


def dom_of(page: Path, scheme: int = LIGHT) -> str:
    """The page's elements as text, after all that the page does."""
    return _chromium(page.parent / "profile", page, scheme, "--dump-dom")


def screenshot(page: Path, output: Path, scheme: int = LIGHT, width: int = 1400, height: int = 900) -> bytes:
    """The page as a PNG file."""
    _chromium(page.parent / "profile", page, scheme, f"--screenshot={output}", f"--window-size={width},{height}")
    return output.read_bytes()
