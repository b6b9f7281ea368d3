"""The documentation site: it builds without a warning, and works in a real browser."""

from __future__ import annotations

import functools
import http.server
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import REPO, need_tool, succeeded
from pinning import run

sys.path[:0] = [str(REPO / "tools")]

PHONE, DESK = 400, 1300
"""Widths of a window in pixels."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    folder = tmp_path_factory.mktemp("site")
    mkdocs: list[str | Path] = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder]
    done = run(mkdocs, {"NO_MKDOCS_2_WARNING": "1"}, cwd=REPO)
    succeeded(done)
    assert "WARNING" not in done.stderr
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The address of a server of the site on the loopback."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_words: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Chromium without a window that reaches the loopback only, driven by Selenium."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = need_tool("chromium")
    for word in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        f"--user-data-dir={tmp_path_factory.mktemp('profile')}",
    ):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(need_tool("chromedriver")))
    yield driver
    driver.quit()


def at_width(browser: Any, width: int) -> None:
    """Set the width of the page; a window itself has a least width."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def test_a_broken_link_or_anchor_fails_the_build(tmp_path: Path) -> None:
    copied = tmp_path / "checkout"
    copied.mkdir()
    succeeded(
        run(["cp", "-r", *(REPO / name for name in ("docs", "src", "tools", "glibc_maps", "cargo_template")), copied])
    )
    succeeded(run(["cp", REPO / "mkdocs.yml", REPO / "pyproject.toml", copied]))
    with (copied / "docs/index.md").open("a") as page:
        page.write("\n[gone](verify.md#no-such-part)\n")
    mkdocs: list[str | Path] = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path / "site"]
    done = run(mkdocs, {"NO_MKDOCS_2_WARNING": "1"}, cwd=copied)
    assert done.returncode != 0 and "no-such-part" in done.stdout + done.stderr


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_no_page_has_a_console_error_or_is_wider_than_the_window(
    width: int, site: Path, address: str, browser: Any
) -> None:
    at_width(browser, width)
    pages = sorted(str(path.relative_to(site)) for path in site.rglob("*.html") if path.name != "404.html")
    assert len(pages) > 25
    wide = []
    for page in pages:
        browser.get(f"{address}/{page}")
        if browser.execute_script("return document.documentElement.scrollWidth") > width:
            wide.append(page)
        broken = "return [...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)"
        assert browser.execute_script(broken) == [], page
    assert [entry for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []
    assert not wide


@pytest.mark.parametrize(
    ("words", "page"),
    [("copy relocation", "copy-relocations.html"), ("link-map", "commands.html"), ("missing-version", "findings.html")],
)
def test_the_search_finds_a_page(words: str, page: str, address: str, browser: Any) -> None:
    from selenium.common.exceptions import StaleElementReferenceException
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    at_width(browser, DESK)
    browser.get(f"{address}/index.html")
    field = browser.find_element(By.CSS_SELECTOR, "input.md-search__input")
    browser.execute_script("arguments[0].focus()", field)
    field.send_keys(words)

    def found(driver: Any) -> bool:
        links = driver.find_elements(By.CSS_SELECTOR, "a.md-search-result__link")
        return any(page in link.get_attribute("href") for link in links)

    # the page replaces its links while one types; a busy machine needs more than half a minute
    WebDriverWait(browser, 180, ignored_exceptions=[StaleElementReferenceException]).until(found)


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        outside = re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=\"?(https?://[^\s\">]+)", path.read_text())
        assert not outside, f"{path.name}: {outside}"


def test_the_way_to_install_is_one_setting(tmp_path: Path) -> None:
    settings = (REPO / "mkdocs.yml").read_text()
    other = tmp_path / "mkdocs.yml"
    places = {"docs_dir: docs": f"docs_dir: {REPO}/docs", "tools/site": f"{REPO}/tools/site", "[src]": f"[{REPO}/src]"}
    for old, new in {**places, "install_from: ./symver-pin": "install_from: symver-pin"}.items():
        assert old in settings
        settings = settings.replace(old, new)
    other.write_text(settings)
    mkdocs: list[str | Path] = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--quiet",
        "-f",
        other,
        "--site-dir",
        tmp_path / "site",
    ]
    succeeded(run(mkdocs, {"NO_MKDOCS_2_WARNING": "1"}))
    page = re.sub(r"<[^>]+>", "", (tmp_path / "site/install.html").read_text())
    assert "pipx install symver-pin" in page and "pip install symver-pin" in page and "install ./symver" not in page


def test_no_page_or_generated_file_assumes_that_an_index_has_the_name() -> None:
    names = [*(REPO / "docs").rglob("*.md"), REPO / "README.md", REPO / "action.yml", *(REPO / "src").rglob("*.j2")]
    for path in names:
        assert not re.search(r"(pipx?|uv tool) install symver-pin", path.read_text()), path
