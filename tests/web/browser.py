"""A real Chromium, told what to do through its driver, and asked what a person would see."""

import base64
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Self

import httpx

SHOWN = """
const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
return {overflow: wide, title: document.title, scheme: matchMedia('(prefers-color-scheme: dark)').matches};
"""


class Browser:
    """One window. `folder` holds all that it remembers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._driver: subprocess.Popen[bytes] | None = None
        self._http = httpx.Client(trust_env=False, timeout=60)
        self._session = ""

    @staticmethod
    def is_there() -> bool:
        return bool(shutil.which("chromedriver") and shutil.which("chromium"))

    def __enter__(self) -> Self:
        self._driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
        assert self._driver.stdout is not None
        port = 0
        for line in self._driver.stdout:
            if b"successfully on port " in line:
                port = int(line.rpartition(b"on port ")[2].strip(b". \n"))
                break
        assert port, "chromedriver did not say where it listens"
        self._http.base_url = httpx.URL(f"http://127.0.0.1:{port}")
        arguments = [
            "--headless=new", "--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-gpu",
            "--disable-component-update", "--disable-sync", "--hide-scrollbars", f"--user-data-dir={self._folder}",
        ]  # fmt: skip
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments, "binary": shutil.which("chromium")},
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        made = self._post("/session", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/session/{made['sessionId']}"
        return self

    def __exit__(self, *about: object) -> None:
        if self._session:
            self._http.delete(self._session)
        self._http.close()
        if self._driver is not None:
            self._driver.terminate()
            self._driver.wait(10)
            if self._driver.stdout is not None:
                self._driver.stdout.close()

    def look_like(self, width: int, height: int, *, dark: bool) -> None:
        """A screen of that size, for somebody who wants it light or dark."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._tell("Emulation.setDeviceMetricsOverride", size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._tell("Emulation.setEmulatedMedia", {"features": [scheme]})

    def open(self, url: str) -> None:
        self._post(f"{self._session}/url", {"url": url})

    def ask(self, script: str) -> Any:
        return self._post(f"{self._session}/execute/sync", {"script": script, "args": []})

    def click(self, selector: str) -> None:
        element = self._find(selector)
        self._post(f"{self._session}/element/{element}/click", {})

    def write(self, selector: str, text: str) -> None:
        element = self._find(selector)
        self._post(f"{self._session}/element/{element}/value", {"text": text})

    def wait_for(self, script: str) -> Any:
        """The script's answer, once it has one."""
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if found := self.ask(script):
                return found
        raise AssertionError(f"never true: {script}")

    def complaints(self) -> list[str]:
        """What the browser wrote to its console since it was last asked."""
        found = self._post(f"{self._session}/se/log", {"type": "browser"})
        return [f"{one['level']}: {one['message']}" for one in found]

    def picture(self, path: Path) -> None:
        """The whole page, however long."""
        shot = self._tell("Page.captureScreenshot", {"captureBeyondViewport": True})
        path.write_bytes(base64.b64decode(shot["data"]))

    def _find(self, selector: str) -> str:
        found = self._post(f"{self._session}/element", {"using": "css selector", "value": selector})
        return str(next(iter(found.values())))

    def _tell(self, command: str, parameters: dict[str, Any]) -> Any:
        return self._post(f"{self._session}/goog/cdp/execute", {"cmd": command, "params": parameters})

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        answer = self._http.post(path, json=body)
        value = answer.json()["value"]
        assert answer.status_code == 200, value
        return value
