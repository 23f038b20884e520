"""`python -m reference`: writes the pages; with `--check` it only says whether they are up to date."""

import sys
from pathlib import Path

from app.logs import configure_logs
from reference import http, socketio
from reference.application import openapi_document

FOLDER = Path(__file__).parents[1] / "docs" / "reference"


def pages() -> dict[Path, str]:
    """Every page of the reference, as it should be."""
    return {FOLDER / "http.md": http.page(openapi_document()), FOLDER / "socketio.md": socketio.page()}


def main(arguments: list[str]) -> int:
    """Write, or compare; the exit code is 1 when a page is out of date."""
    configure_logs(as_json=False, level="warning")
    outdated = [path for path, text in pages().items() if not path.exists() or path.read_text() != text]
    if "--check" in arguments:
        for path in outdated:
            print(f"{path.name} is out of date; say: make docs")
        return int(bool(outdated))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in pages().items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
