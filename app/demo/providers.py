"""The music providers of the demo: a sandbox as our child, and six set-ups that point at it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from app.models.licensing.licences import LicenceTerms, TermsDraft
from app.models.licensing.provider_setups import ProviderChange
from app.models.licensing.providers import ProviderName, ProviderSetup
from app.parent import PARENT

DEMO_ADMIN = "demo"
_LOOPBACK = "127.0.0.1"
_PATIENCE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class DemoProvider:
    """Where one provider of the sandbox is, and what opens it."""

    base_url: str
    credentials: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DemoSandbox:
    """A sandbox that runs."""

    address: str
    providers: Mapping[ProviderName, DemoProvider]


class SandboxFailed(Exception):
    """The sandbox did not start; it has said why on standard error."""


class Setups(Protocol):
    """Where providers are set up."""

    async def get(self, name: ProviderName) -> ProviderSetup:
        """The set-up of one."""
        ...

    async def change(self, name: ProviderName, change: ProviderChange, by: str) -> ProviderSetup:
        """Change what is named and leave the rest."""
        ...


class Terms(Protocol):
    """The terms of contracts with providers."""

    async def current(self, provider: ProviderName, tenant_id: str | None) -> LicenceTerms | None:
        """The terms in force for everybody (`None`), if there are any."""
        ...

    async def set(self, provider: ProviderName, tenant_id: str | None, draft: TermsDraft, by: str) -> LicenceTerms:
        """Put terms in force for everybody (`None`) from now on."""
        ...


@contextmanager
def demo_sandbox() -> Iterator[DemoSandbox]:
    """Run a sandbox on a free port of the loopback; it ends here, and when we are killed.

    Raises:
        SandboxFailed: it did not start.
    """
    # In a session of its own, so that Ctrl-C reaches us alone, and it still answers while we finish.
    sandbox = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "app.sandbox", "--host", _LOOPBACK],
        env=os.environ | {PARENT: str(os.getpid())},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield _announced(sandbox)
    finally:
        _end(sandbox)


async def set_up_demo_providers(
    setups: Setups, terms: Terms, sandbox: DemoSandbox, now: datetime
) -> Sequence[ProviderName]:
    """Point every provider at the sandbox that no admin has set up, and give the paid ones terms; the new ones.

    Set-ups of an earlier demo follow the sandbox to its new port, and stay as an admin has left them otherwise.
    """
    new = []
    for name, offered in sandbox.providers.items():
        setup = await setups.get(name)
        if setup.version == 0:
            new.append(name)
            change = ProviderChange(True, offered.base_url, dict(offered.credentials))
            await setups.change(name, change, DEMO_ADMIN)
            await _agree_on_terms(terms, name, now)
        elif _is_of_a_demo(setup, offered):
            await setups.change(name, ProviderChange(None, offered.base_url, dict(offered.credentials)), DEMO_ADMIN)
    return new


async def _agree_on_terms(terms: Terms, name: ProviderName, now: datetime) -> None:
    draft = _terms(now).get(name)
    if draft is not None and await terms.current(name, None) is None:
        await terms.set(name, None, draft, DEMO_ADMIN)


def _terms(now: datetime) -> Mapping[ProviderName, TermsDraft]:
    """Of each kind one: without an end, for a year, and one that is about to expire."""
    return {
        ProviderName.SOUNDSTRIPE: TermsDraft("subscription", uses=("youtube", "podcast", "social"), valid_from=now),
        ProviderName.ARTLIST: TermsDraft("enterprise", valid_from=now, expires_at=now + timedelta(days=365)),
        ProviderName.HOOKSOUNDS: TermsDraft(
            "single-project",
            uses=("youtube",),
            territories=("AT", "CH", "DE"),
            valid_from=now,
            expires_at=now + timedelta(days=20),
            attribution="Music by HookSounds",
        ),
    }


def _is_of_a_demo(setup: ProviderSetup, offered: DemoProvider) -> bool:
    was, will_be = urlsplit(setup.base_url), urlsplit(offered.base_url)
    return was != will_be and (was.hostname, was.path) == (_LOOPBACK, will_be.path)


def _announced(sandbox: "subprocess.Popen[bytes]") -> DemoSandbox:
    line = sandbox.stdout.readline() if sandbox.stdout else b""
    if not line:
        raise SandboxFailed
    said = json.loads(line)
    providers = {
        ProviderName(name): DemoProvider(one["baseUrl"], one["credentials"]) for name, one in said["providers"].items()
    }
    return DemoSandbox(said["address"], providers)


def _end(sandbox: "subprocess.Popen[bytes]") -> None:
    sandbox.terminate()
    try:
        sandbox.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        sandbox.kill()
        sandbox.wait()
    finally:
        if sandbox.stdout:
            sandbox.stdout.close()
