"""What a call's failure is called, and said to be: sentences of our own, without addresses, which hold credentials."""

from datetime import timedelta

import httpx

from app.errors import QuotaExceeded
from app.models.licensing.provider_calls import CallFault
from app.models.licensing.providers import ProviderSetup
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.providers.outbound_guard import PrivateAddress

_UNAUTHORIZED = (401, 403)
_SENTENCES = {
    CallFault.UNREACHABLE: "cannot be reached",
    CallFault.CUT_OFF: "cut its answer off",
    CallFault.TIMEOUT: "did not answer in time",
    CallFault.REDIRECT: "redirects to another place, which is not followed",
    CallFault.TOO_LARGE: "sent more than is read",
    CallFault.BROKEN: "sent something that is not HTTP, or broken",
}
_OF_THE_PROVIDER = frozenset(CallFault) - {CallFault.CLIENT_ERROR, CallFault.RATE_LIMITED}
_MAY_PASS = {CallFault.UNREACHABLE, CallFault.CUT_OFF, CallFault.TIMEOUT, CallFault.SERVER_ERROR}


class CallFailed(ProviderFailed):
    """A call that was made, or could not be, and gave nothing; `fault` is why."""

    def __init__(
        self,
        setup: ProviderSetup,
        fault: CallFault,
        message: str | None = None,
        *,
        status: int | None = None,
        retry_after: timedelta | None = None,
        is_final: bool = False,
    ) -> None:
        sentence = f"{setup.policy.title} {message or _SENTENCES[fault]}"
        super().__init__(setup.name, sentence, status=status, retry_after=retry_after)
        self.fault = fault
        self._is_final = is_final

    def may_be_repeated(self, *, is_safe: bool) -> bool:
        """Whether the same call may work in a moment; one that is not safe must not have arrived already."""
        return not self._is_final and (self.fault in _MAY_PASS if is_safe else self.fault is CallFault.UNREACHABLE)


class SaidLater(QuotaExceeded):
    """The provider has answered 429."""

    fault = CallFault.RATE_LIMITED

    def __init__(self, setup: ProviderSetup, wait: timedelta) -> None:
        super().__init__(f"{setup.policy.title} says that its quota is used up", wait)


def is_failure_of_provider(error: Exception) -> bool:
    """Whether a breaker counts it: not what we asked wrongly or too often."""
    return isinstance(error, CallFailed) and error.fault in _OF_THE_PROVIDER


def failed_with_status(setup: ProviderSetup, status: int, retry_after: timedelta | None) -> CallFailed:
    """An answer with an error status other than 429."""
    if status in _UNAUTHORIZED:
        message = f"refused the call (status {status}); its credentials may be wrong or may have expired"
    else:
        message = f"answered with status {status}"
    fault = CallFault.CLIENT_ERROR if status < httpx.codes.INTERNAL_SERVER_ERROR else CallFault.SERVER_ERROR
    return CallFailed(setup, fault, message, status=status, retry_after=retry_after)


def failed_without_answer(setup: ProviderSetup, error: Exception) -> CallFailed:
    """No answer, or only a part of one."""
    if isinstance(error.__cause__, PrivateAddress):
        message = "has a name that leads to a private address, which is not allowed here"
        return CallFailed(setup, CallFault.UNREACHABLE, message, is_final=True)
    return CallFailed(setup, _fault_of(error))


def _fault_of(error: Exception) -> CallFault:
    # A call that got no connection was not made, in time or not.
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return CallFault.UNREACHABLE
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return CallFault.TIMEOUT
    if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
        return CallFault.CUT_OFF
    return CallFault.BROKEN
