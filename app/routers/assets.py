"""`/assets`: styles and scripts of the pages, the browser client, and what others have written."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.routers.page_policy import FILE_POLICY
from app.web import SCRIPTS, STYLES, VENDOR, client_scripts

ASSETS = "/assets"
_ASK_ALWAYS = "no-cache"
_NEVER_ASK = "public, max-age=31536000, immutable"

_FOLDERS: Mapping[str, tuple[Path, str]] = {
    # The names of these folders have a version in them.
    "vendor": (VENDOR, _NEVER_ASK),
    "styles": (STYLES, _ASK_ALWAYS),
    "scripts": (SCRIPTS, _ASK_ALWAYS),
    "client": (client_scripts(), _ASK_ALWAYS),
}


class PageFiles(StaticFiles):
    """The files of a folder, with an ETag, and with a word on how long they may be kept."""

    def __init__(self, directory: str | PathLike[str], caching: str) -> None:
        super().__init__(directory=directory, check_dir=False)
        self._caching = caching

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file, or that it is still the same."""
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = self._caching
        answer.headers["Content-Security-Policy"] = FILE_POLICY
        return answer


def mount_assets(app: FastAPI) -> None:
    """Serve what pages load."""
    for name, (folder, caching) in _FOLDERS.items():
        app.mount(f"{ASSETS}/{name}", PageFiles(folder, caching))
