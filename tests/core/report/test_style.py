"""The page in a browser without a head: at any width, light and dark, with nothing refused."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest
from past import Past

from agent_memory.core.report.page import page
from agent_memory.core.report.standing import Standing

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE, DESK = 390, 1200
DARK = "--blink-settings=preferredColorScheme=0"
Stood = Callable[..., Standing]
Opened = Callable[..., subprocess.CompletedProcess[bytes]]
Measured = Callable[..., list[dict[str, Any]]]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

# A window without a head is never as narrow as a phone; a frame within it is.
FRAME = '<iframe style="border:0;width:{width}px;height:800px" srcdoc="{page}"></iframe>'
LOOKS = """
<script>
onload = () => {
  const seen = [...document.querySelectorAll("iframe")].map(frame => {
    const root = frame.contentDocument, html = root.documentElement;
    const look = element => frame.contentWindow.getComputedStyle(element);
    const right = element => element.getBoundingClientRect().right;
    const wide = [...root.querySelectorAll("body *")].filter(one =>
      !one.closest("svg, thead, .scroll > *") && right(one) > frame.clientWidth + 1);
    return {
      room: html.clientWidth,
      taken: html.scrollWidth,
      wide: wide.map(one => one.tagName + " " + one.className),
      ground: look(root.body).backgroundColor,
      ink: look(root.body).color,
      cell: look(root.querySelector("td[dir]")).display,
      heights: [...root.querySelectorAll("section")].map(one => one.offsetHeight),
      bar: root.querySelector(".meter .full").getBoundingClientRect().width,
      nodes: root.querySelectorAll(".node").length,
      targets: [...root.querySelectorAll("nav a")].map(one => one.offsetHeight),
    };
  });
  document.body.dataset.seen = JSON.stringify(seen);
};
</script>"""


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """Opens HTML in the browser; stdout is the page's elements, stderr what its console says."""

    def browse(text: str, *options: str) -> subprocess.CompletedProcess[bytes]:
        file = tmp_path / "report.html"
        file.write_text(text, encoding="utf-8")
        command = [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--enable-logging=stderr", "--window-size=1400,900", *options,
            f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", file.as_uri(),
        ]  # fmt: skip
        return subprocess.run(command, capture_output=True, timeout=60, check=True)

    return browse


@pytest.fixture
def measured(opened: Opened) -> Measured:
    """What a page comes to in frames of these widths."""

    def measure(standing: Standing, *widths: int, dark: bool = False) -> list[dict[str, Any]]:
        frames = [FRAME.format(width=width, page=escape(page(standing))) for width in widths]
        text = f"<!doctype html><body>{''.join(frames)}{LOOKS}"
        done = opened(text, *([DARK] if dark else []))
        seen = re.search('data-seen="([^"]*)"', done.stdout.decode())
        assert seen, done.stderr.decode()
        result = json.loads(unescape(seen[1]))
        assert isinstance(result, list)
        return result

    return measure


@pytest.fixture
def unbroken(past: Callable[..., Past], stood: Stood) -> Standing:
    """Names and words with no place to break at, which are the first to run over an edge."""
    long = "x" * 300
    grown = past({"MEMORY.md": f"# {long}\n\n- [{long}]({long[:90]}.md)\n"})
    grown.remember(f"Probably `{long}` is `src/{long}.py`", "a", actor=f"{long}@host")
    grown.outside({f"{long[:90]}.md": f"# {long}\n\n- {long}\n"})
    return stood(grown, name=long)


def test_nothing_runs_over_the_edge(measured: Measured, full: Standing, unbroken: Standing) -> None:
    for standing in (full, unbroken):
        for seen in measured(standing, 320, PHONE, 720, DESK):
            assert seen["wide"] == []
            assert seen["taken"] <= seen["room"]


def test_every_section_is_there_to_be_seen(measured: Measured, full: Standing) -> None:
    for seen in measured(full, PHONE, DESK):
        assert len(seen["heights"]) == 9
        assert all(height > 60 for height in seen["heights"])
        assert seen["bar"] > 200
        assert seen["nodes"] == len(full.graph.nodes)


def test_a_table_is_a_list_of_cards_on_a_phone(measured: Measured, full: Standing) -> None:
    phone, desk = measured(full, PHONE, DESK)
    assert desk["cell"] == "table-cell"
    assert phone["cell"] == "block"
    assert all(height >= 40 for height in phone["targets"])


def test_light_and_dark_follow_the_reader(measured: Measured, full: Standing) -> None:
    (light,), (dark,) = measured(full, DESK), measured(full, DESK, dark=True)
    assert (light["ground"], light["ink"]) == ("rgb(251, 250, 247)", "rgb(29, 37, 44)")
    assert (dark["ground"], dark["ink"]) == ("rgb(18, 23, 28)", "rgb(232, 237, 241)")


def test_the_browser_has_nothing_to_complain_of(
    opened: Opened, full: Standing, hostile: Standing
) -> None:
    for standing in (full, hostile):
        done = opened(page(standing))
        assert b"CONSOLE" not in done.stderr, done.stderr.decode()
        assert b"<script" not in done.stdout


def test_what_is_slipped_into_a_page_is_refused(opened: Opened, full: Standing) -> None:
    slipped = page(full).replace("</main>", "</main><script>document.title = 'ran'</script>")
    done = opened(slipped)
    assert b"CONSOLE" in done.stderr
    assert b"<title>ran" not in done.stdout
