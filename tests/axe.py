"""What axe, the checker of accessible pages, finds on a page in a real browser."""

import json
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def barriers(page: Page) -> list[tuple[str, str, str]]:
    """What it finds by the rules of WCAG 2.2 A and AA, each with the first element it is at."""
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE)
    found = page.evaluate(f"axe.run({json.dumps({'runOnly': RULES})})")
    assert len(found["passes"]) > 5
    return [
        (one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"][:300])
        for one in found["violations"]
    ]
