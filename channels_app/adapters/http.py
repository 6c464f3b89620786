"""What adapters ask their providers by: the pooled client, the vocabulary of `errors`, and a log of each call.

The log is kept beside the message (or channel) that a call was for, without what must not be seen: it answers "why did
this send fail?". Values of the account's secrets and credentials are taken out wherever they stand.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from channels_app.adapters.errors import FetchFailed, OutcomeUnknown, Unavailable
from contactcenter.kernel import clock, outbound

SECONDS = 10.0  # of a whole request
MOST_BYTES = 1_048_576  # of an answer
SHOWN = 4000  # characters of a body that the log keeps
REDACTED = "[redacted]"
#: the connection wasn't there: nothing was sent
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Call:
    """One request and what came back, fit to be read by an admin. `status` 0: no answer, `error` says why."""

    method: str
    url: str
    request: str
    status: int
    response: str
    error: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """The body as an object; empty, if it is anything else."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def retry_after(self) -> float | None:
        """The seconds after which to try again (RFC 9110, 10.2.3: seconds or a date). None: it doesn't say."""
        given = self.headers.get("retry-after", "").strip()
        if given.isdecimal():
            return float(given)
        try:
            return max(0.0, (parsedate_to_datetime(given) - clock.now()).total_seconds())
        except (ValueError, TypeError):
            return None


@dataclass(slots=True)
class Http:
    """The client for one task: its `calls` are what it did. `secrets`: texts that its log must not hold."""

    secrets: Sequence[str] = ()
    calls: list[Call] = field(default_factory=list)

    def request(self, method: str, url: str, *, safe: bool = False, seconds: float = SECONDS, **how: Any) -> Answer:
        """Ask and read the whole answer. `how` is httpx's: headers, params, json, data, files, content.

        `safe`: it may be repeated, so that no outcome of it is unknown; GET always is.

        :raises Unavailable: the provider has nothing of it. :raises OutcomeUnknown: it may have.
        """
        began = time.monotonic()
        answer: Answer | None = None
        error = ""
        try:
            with outbound.streamed(method, url, deadline=seconds, **how) as found:
                body = b"".join(outbound.bounded(found, most=MOST_BYTES))
                answer = Answer(found.status_code, found.headers, body)
            return answer
        except outbound.OutboundRefused as refused:
            error = "this address may not be asked"
            raise Unavailable(error) from refused
        except (httpx.HTTPError, httpx.InvalidURL, outbound.OutboundFailed) as failed:
            error = f"{type(failed).__name__}: {failed}"
            nothing_sent = isinstance(failed, (*_NOT_SENT, httpx.InvalidURL)) or getattr(failed, "status", None) == 0
            if safe or method == "GET" or nothing_sent:
                raise Unavailable(error) from failed
            raise OutcomeUnknown(error) from failed
        finally:
            self._note(method, url, how, answer, error=error, seconds=time.monotonic() - began)

    def download(self, url: str, *, most: int, seconds: float = 60.0, **how: Any) -> Iterator[bytes]:
        """The bytes of a file, as they come. :raises FetchFailed:"""
        began = time.monotonic()
        error, status = "", 0
        try:
            with outbound.streamed("GET", url, deadline=seconds, **how) as found:
                status = found.status_code
                if status != httpx.codes.OK:
                    raise FetchFailed(f"the provider answered {status}", retry=status >= 500 or status == 429)
                yield from outbound.bounded(found, most=most)
        except outbound.OutboundRefused:
            error = "this address may not be asked"
            raise FetchFailed(error, retry=False) from None
        except (httpx.HTTPError, httpx.InvalidURL, outbound.OutboundFailed) as failed:
            error = f"{type(failed).__name__}: {failed}"
            raise FetchFailed(error, retry=not isinstance(failed, httpx.InvalidURL)) from None
        finally:
            answer = Answer(status, {}, b"(a file)") if status else None
            self._note("GET", url, how, answer, error=error, seconds=time.monotonic() - began)

    def _note(
        self, method: str, url: str, how: Mapping[str, Any], answer: Answer | None, *, error: str, seconds: float
    ) -> None:
        """Headers aren't kept at all: that is where credentials travel."""
        sent = {name: how[name] for name in ("params", "json", "data") if how.get(name)}
        if isinstance(content := how.get("content"), bytes):
            sent["content"] = content.decode(errors="replace")
        request = sent["content"] if list(sent) == ["content"] else json.dumps(sent, default=str) if sent else ""
        self.calls.append(
            Call(
                method,
                self._clean(url)[:500],
                self._clean(request),
                answer.status if answer else 0,
                self._clean(answer.body.decode(errors="replace")) if answer else "",
                self._clean(error)[:500],
                round(seconds, 3),
            )
        )

    def cleaned(self) -> list[Call]:
        """The calls without secrets that were learned since they were made."""
        return [
            replace(one, url=self._clean(one.url), request=self._clean(one.request), response=self._clean(one.response))
            for one in self.calls
        ]

    def _clean(self, text: str) -> str:
        """Without secrets, cut after they were taken out: half a secret would be left otherwise."""
        for secret in self.secrets:
            text = text.replace(secret, REDACTED)
        return text.replace("\x00", "")[:SHOWN]
