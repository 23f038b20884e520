"""Pages, styles and scripts for a browser, and where they lie."""

from pathlib import Path

_HERE = Path(__file__).parent

PAGES = _HERE / "pages"
STYLES = _HERE / "styles"
SCRIPTS = _HERE / "scripts"
VENDOR = _HERE / "vendor"


def client_scripts() -> Path:
    """The browser client: beside `app` in the repository, and inside of it when it was installed from a wheel."""
    packaged = _HERE / "client"
    return packaged if packaged.is_dir() else _HERE.parents[1] / "clients" / "js" / "src"
