"""A headless browser for tests of pages."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM, DRIVER = "chromium", "chromedriver"
_OPTIONS = ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--force-device-scale-factor=1")


@contextmanager
def browser() -> Iterator[Any]:
    """Start chromium; skip the test where it, its driver or selenium is absent."""
    selenium = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    programs = {name: shutil.which(name) for name in (CHROMIUM, DRIVER)}
    for name, path in programs.items():
        if path is None:
            pytest.skip(f"{name} is not installed")
    options = selenium.ChromeOptions()
    options.binary_location = programs[CHROMIUM]
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for option in _OPTIONS:
        options.add_argument(option)
    driver = selenium.Chrome(options=options, service=selenium.ChromeService(programs[DRIVER]))
    try:
        yield driver
    finally:
        driver.quit()


def opened(driver: Any, path: Path, width: int = 1200, height: int = 900) -> Any:
    """Open a file in a window of so many pixels, also narrower than a browser's own."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.get(path.as_uri())
    return driver
