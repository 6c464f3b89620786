"""Who vouches for customers in tests: the company's own key, and an OpenID Connect provider on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from channels_app.messenger.models import Deployment, IdentityKey, IdentityProvider
from contactcenter.kernel import clock

SECRET = "a secret of the company, at least 32 bytes long"
CLIENT_ID = "messenger"


def own_key(deployment: Deployment, name: str = "k1", secret: str = SECRET, **fields: Any) -> IdentityKey:
    return IdentityKey.objects.create(deployment=deployment, name=name, secrets={"secret": secret}, **fields)


def own_token(
    subject: str = "4711", *, secret: str = SECRET, kid: str = "k1", seconds: int = 300, **claims: Any
) -> str:
    """As a company's server signs it (docs/guest-protocol.md)."""
    said = {"sub": subject, "exp": int(clock.now().timestamp()) + seconds} | claims
    return jwt.encode(said, secret, algorithm="HS256", headers={"kid": kid})


@dataclass
class Oidc:
    """A provider: its keys, and what it was asked."""

    url: str = ""
    key: Any = field(default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048))
    kid: str = "2026-1"
    codes: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    fetched: int = 0

    def jwks(self) -> dict[str, Any]:
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [public | {"kid": self.kid, "use": "sig", "alg": "RS256"}]}

    def token(self, subject: str = "abc", **claims: Any) -> str:
        moment = int(clock.now().timestamp())
        said = {"iss": self.url, "aud": CLIENT_ID, "sub": subject, "iat": moment, "exp": moment + 300} | claims
        return jwt.encode(said, self.key, algorithm="RS256", headers={"kid": self.kid})

    def rotate(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.kid = "2026-2"

    def provider(self, deployment: Deployment) -> IdentityProvider:
        return IdentityProvider.objects.create(
            deployment=deployment,
            issuer=self.url,
            audience=CLIENT_ID,
            jwks_url=f"{self.url}/jwks",
            token_url=f"{self.url}/token",
            secrets={"client_secret": "shh"},
        )


@contextmanager
def oidc() -> Iterator[Oidc]:
    """A provider that really answers."""
    found = Oidc()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.fetched += 1
            self._answer(200, found.jwks())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked = {name: values[0] for name, values in parse_qs(body).items()}
            found.asked.append(asked)
            token = found.codes.get(asked.get("code", ""))
            self._answer(200 if token else 400, {"id_token": token} if token else {"error": "invalid_grant"})

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
