"""Hears what pages complain of: errors, warnings of the policy, and files that are not there."""

from playwright.async_api import BrowserContext, ConsoleMessage, WebError

_REPORT = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
"""
_HEARD = ("error", "warning")


class Complaints:
    """Everything that was said, but what was expected."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._expected: list[str] = []

    async def hear(self, context: BrowserContext) -> None:
        """Listen to all pages of a context, from before their first script."""
        await context.add_init_script(_REPORT)
        context.on("console", self._console)
        context.on("weberror", self._error)

    def expect(self, part: str) -> None:
        """Let complaints pass that have this text in them."""
        self._expected.append(part)

    def require_none(self) -> None:
        """Fail with all that was not expected."""
        unexpected = [text for text in self._said if not any(part in text for part in self._expected)]
        assert not unexpected, "\n".join(unexpected)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in _HEARD:
            self._said.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def _error(self, error: WebError) -> None:
        self._said.append(f"uncaught: {error.error.message}")
