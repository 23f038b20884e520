"""Lets through addresses that can be handed to a browser, and nothing else."""

from urllib.parse import urlsplit

MAX_ADDRESS = 2_048
_NEVER = frozenset('\\<>"`{}|^')


def address(sent: str) -> str | None:
    """The absolute http(s) address with a host, or `None`: for other schemes, credentials inside, over 2,048
    characters, and characters that could end an attribute or hide something."""
    text = sent.strip().replace(" ", "%20")
    if not text or len(text) > MAX_ADDRESS or not text.isprintable() or _NEVER & set(text):
        return None
    return text if _is_web(text) else None


def _is_web(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
