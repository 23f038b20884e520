"""uvicorn's HTTP connection, which lets an answer end it at any moment."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.sandbox.answers import ABORT


class AbortableHttp(HttpToolsProtocol):
    """One connection."""

    def on_headers_complete(self) -> None:
        """Give the application the means before it begins."""
        self.scope["extensions"] = {ABORT: {"now": self.transport.abort}}
        super().on_headers_complete()
