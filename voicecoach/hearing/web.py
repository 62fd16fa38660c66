"""Speaks to a web server, and says in plain words why it could not.

Rule: only http(s), only to the address that was asked for and to where that sends on openly; nothing is trusted here.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from voicecoach import __version__
from voicecoach.hearing.catalogue import ModelError

if TYPE_CHECKING:
    import http.client
    from http.client import HTTPMessage

TIMEOUT = 30.0
"""Seconds without a byte after which a connection counts as cut."""
OFFLINE = "check the network, or fetch the zip on another machine and run: voicecoach model get --from-zip FILE"


def web_request(url: str) -> urllib.request.Request:
    """Return a request for an http(s) address. Raises ``ModelError`` (wrong) for any other."""
    try:
        parts = urlsplit(url)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        port_is_right = False
    if not port_is_right or parts.scheme not in {"http", "https"} or not parts.hostname or not url.isprintable():
        raise ModelError(f'"{url}" is no http or https address.', mend="give one: --url https://…", wrong=True)
    headers = {"User-Agent": f"voicecoach/{__version__}", "Accept-Encoding": "identity"}
    return urllib.request.Request(url, headers=headers)  # noqa: S310 - the scheme is checked above


def open_url(request: urllib.request.Request) -> http.client.HTTPResponse:
    """Send a request. Raises what urllib raises, and ``ModelError`` for a redirect that is not followed."""
    answer: http.client.HTTPResponse = _OPENER.open(request, timeout=TIMEOUT)
    return answer


def reason(error: BaseException) -> str:
    """Return why a connection failed, for people."""
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answers {error.code} {error.reason}"
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(inner, TimeoutError):
        return "the server does not answer"
    if isinstance(inner, OSError) and inner.strerror:
        return inner.strerror
    return str(inner) or type(inner).__name__


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a server to other http(s) addresses only, and never from a protected to an open one."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        scheme = urlsplit(newurl).scheme
        if scheme not in {"http", "https"} or (req.type, scheme) == ("https", "http"):
            fp.close()
            raise ModelError(f"The server sends on to {newurl}, which is not followed.", mend=OFFLINE)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


_OPENER = urllib.request.build_opener(_Redirects)
