"""The class report in Chromium."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.helpers.class_report import write_report


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return write_report(tmp_path_factory.mktemp("course"))


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_has_no_barrier_and_asks_for_nothing(chromium, report, width):
    page = chromium.new_page(viewport={"width": width, "height": 900}, bypass_csp=True)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    assert page.locator("script").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("async () => (await axe.run()).violations.map(one => one.id + ' ' + one.nodes[0].target)")
    page.close()
    assert found == [] and asked == [report.as_uri()]
