"""Which other origins may call."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from app.errors import ErrorCode
from app.routers.error_handlers import error_response

_REFUSED = 400


class Cors(CORSMiddleware):
    """Starlette's, with the one error shape for a preflight that is refused."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Say what is allowed, or that this is not."""
        answer = super().preflight_response(request_headers)
        if answer.status_code != _REFUSED:
            return answer
        return error_response(_REFUSED, bytes(answer.body).decode(), ErrorCode.VALIDATION_ERROR)
