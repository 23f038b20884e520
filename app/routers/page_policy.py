"""What a page may load, and from where (Content Security Policy)."""

from collections.abc import Mapping

_OWN: Mapping[str, str] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    # Covers and songs lie wherever the catalogue says.
    "img-src": "'self' data: https:",
    "media-src": "'self' https:",
    "connect-src": "'self'",
    "font-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
_WITH_YOUTUBE: Mapping[str, str] = {
    "script-src": "'self' https://www.youtube.com https://s.ytimg.com",
    "frame-src": "https://www.youtube.com https://www.youtube-nocookie.com",
}


def _policy(directives: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def _headers(directives: Mapping[str, str], referrer: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": _policy(directives),
        "Referrer-Policy": referrer,
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-cache",
    }


PAGE_HEADERS = _headers(_OWN, "same-origin")

# YouTube plays for nobody of whom it does not learn where they are (error 153).
WATCH_HEADERS = _headers({**_OWN, **_WITH_YOUTUBE}, "strict-origin-when-cross-origin")

FILE_POLICY = "default-src 'none'"
"""For a file that is loaded by a page: opened by itself it may load nothing."""
