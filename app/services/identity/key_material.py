"""Tells keys of the public-key kind from shared secrets: a public key used as a secret lets anyone sign."""

import base64
import binascii
from collections.abc import Callable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key
from cryptography.x509 import load_der_x509_certificate

_TEXT_MARKS = (b"-----BEGIN ", b"---- BEGIN ", b'"kty"', b"ssh-rsa ", b"ssh-ed25519 ", b"ecdsa-sha2-")


def looks_like_key_material(secret: bytes) -> bool:
    """Whether this is a certificate, a public or a private key: PEM, SSH, JWK, DER, or DER in base64.

    jose knows some PEM headings only and takes any DER as a secret (CVE-2026-85394), so DER is told here, by parsing.
    """
    return any(mark in secret for mark in _TEXT_MARKS) or _is_der(secret) or _is_der(_unarmoured(secret))


def _unarmoured(secret: bytes) -> bytes:
    try:
        return base64.b64decode(secret)
    except binascii.Error:
        return b""


def _is_der(data: bytes) -> bool:
    return any(_loads(load, data) for load in (load_der_public_key, _load_private_key, load_der_x509_certificate))


def _load_private_key(data: bytes) -> object:
    return load_der_private_key(data, password=None)


def _loads(load: Callable[[bytes], object], data: bytes) -> bool:
    try:
        load(data)
    except TypeError:  # it is a private key under a password
        return True
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True
