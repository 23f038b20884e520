"""The harness itself: it must hear what a page complains of."""

import pytest
from playwright.async_api import Page

from tests.browser.complaints import Complaints


@pytest.mark.parametrize(
    ("script", "heard"),
    [
        ("console.error('broken')", "broken"),
        ("setTimeout(() => { throw new Error('thrown') })", "thrown"),
        ("document.body.insertAdjacentHTML('beforeend', '<b style=\"color:red\">')", "policy: style-src"),
        ("fetch('https://example.invalid/').catch(() => {})", "policy: connect-src"),
    ],
)
async def test_complaints_are_heard(page: Page, complaints: Complaints, script: str, heard: str) -> None:
    await page.goto("/dashboard")
    complaints.require_none()
    await page.evaluate(script)
    await page.evaluate("new Promise((done) => setTimeout(done, 50))")
    with pytest.raises(AssertionError, match=heard):
        complaints.require_none()
    complaints.expect("")
