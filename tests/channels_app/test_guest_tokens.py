"""Who vouches for a customer, and the REST endpoints that the Transport SDK asks for it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from channels_app.messenger.actions.identity import do_authenticate, do_prune_sign_ins
from channels_app.messenger.actions.sessions import Downgrade, do_configure
from channels_app.messenger.identity import tokens
from channels_app.messenger.models import Deployment, SignIn
from channels_app.models import Address, Channel
from contactcenter.kernel import clock, outbound
from tests import factories
from tests.channels_app import vouchers
from tests.channels_app.vouchers import Oidc, own_key, own_token

PATH = "/api/v2/webdeployments/token"
Answer = Any


HEADER_AND_CLAIMS = ({"alg": "HS256", "typ": "JWT", "kid": "2026-1"}, {"sub": "abc", "exp": 4_000_000_000})


@pytest.fixture
def deployment(db: None) -> Deployment:
    cache.clear()
    return factories.deployment()


@pytest.fixture
def exchange(client: Client, deployment: Deployment) -> Callable[..., Answer]:
    """POST to the exchange, as the SDK does."""

    def ask(**oauth: str) -> Answer:
        body = {"deploymentId": str(deployment.id), "oauth": oauth}
        return client.post(f"{PATH}/oauthcodegrantjwtexchange", json.dumps(body), content_type="application/json")

    return ask


@pytest.fixture
def provider(settings: Settings) -> Iterator[Oidc]:
    settings.CC_OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1"]
    with vouchers.oidc() as found:
        yield found


def test_the_companys_own_token_makes_a_known_customer(deployment: Deployment, exchange: Callable[..., Answer]) -> None:
    own_key(deployment)
    answer = exchange(idToken=own_token(name="Jonas Weber", email="jonas@example.com", attributes={"plan": "gold"}))
    assert answer.status_code == 200
    assert set(answer.json()) == {"jwt", "refreshToken"}
    assert answer["Cache-Control"] == "no-store"
    known = Address.objects.get()
    assert (known.kind, known.external_id, known.verified) == ("customer", "4711", True)
    assert known.contact.name == "Jonas Weber"
    assert known.contact.attributes == {"email": "jonas@example.com", "plan": "gold"}


def test_the_same_customer_twice_is_one_with_the_newer_name(
    deployment: Deployment, exchange: Callable[..., Answer]
) -> None:
    own_key(deployment)
    exchange(idToken=own_token(name="Jonas"))
    exchange(idToken=own_token(name="Jonas Weber"))
    exchange(idToken=own_token())
    assert Address.objects.get().contact.name == "Jonas Weber"
    assert SignIn.objects.count() == 3


FORGED: dict[str, Callable[[], str]] = {
    "another key": lambda: own_token(secret="another secret that is also 32 bytes long"),
    "over": lambda: own_token(seconds=-120),
    "without an end": lambda: jwt.encode({"sub": "4711"}, vouchers.SECRET, algorithm="HS256"),
    "not yet": lambda: own_token(nbf=int(clock.now().timestamp()) + 600),
    "no subject": lambda: jwt.encode({"exp": 4e9}, vouchers.SECRET, algorithm="HS256"),
    "empty subject": lambda: own_token(" "),
    "subject isn't text": lambda: own_token(4711),  # type: ignore[arg-type]
    "for another deployment": lambda: own_token(aud=str(uuid.uuid4())),
    "no signature": lambda: jwt.encode({"sub": "4711", "exp": 4e9}, None, algorithm="none"),  # type: ignore[arg-type]
    "another algorithm": lambda: jwt.encode({"sub": "4711", "exp": 4e9}, vouchers.SECRET * 2, algorithm="HS512"),
    "end isn't a number": lambda: jwt.encode({"sub": "1", "exp": 4e9}, "x" * 32, algorithm="HS256")[:-3] + "abc",
    "garbage": lambda: "abc",
    "three dots": lambda: "a.b.c",
    "not a text of a token": lambda: base64.b64encode(b"\xff" * 90).decode(),
}


@pytest.mark.parametrize("case", FORGED)
def test_a_token_that_isnt_valid_is_refused_and_nobody_is_made(
    deployment: Deployment, exchange: Callable[..., Answer], case: str
) -> None:
    own_key(deployment)
    answer = exchange(idToken=FORGED[case]())
    assert answer.status_code == 401
    assert answer.json()["code"] == "not.authorized"
    assert not Address.objects.exists()


def test_keys_are_rotated_without_a_gap(deployment: Deployment, exchange: Callable[..., Answer]) -> None:
    newer = "the next secret, it is 32 bytes long too"
    old = own_key(deployment, "k1")
    own_key(deployment, "k2", newer)
    assert exchange(idToken=own_token()).status_code == 200
    assert exchange(idToken=own_token(secret=newer, kid="k2")).status_code == 200
    assert exchange(idToken=own_token(secret=newer, kid="unknown")).status_code == 200
    old.active = False
    old.save()
    assert exchange(idToken=own_token()).status_code == 401
    assert exchange(idToken=own_token(secret=newer)).status_code == 200


def test_a_key_is_of_one_deployment(deployment: Deployment, exchange: Callable[..., Answer]) -> None:
    own_key(factories.deployment())
    answer = exchange(idToken=own_token())
    assert (answer.status_code, answer.json()["code"]) == (403, "feature.disabled")


def test_a_secret_isnt_readable_in_the_database(deployment: Deployment) -> None:
    from django.db import connection

    own_key(deployment)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secrets FROM messenger_identitykey")
        assert vouchers.SECRET not in cursor.fetchone()[0]


def test_a_nonce_must_be_the_tokens(deployment: Deployment, exchange: Callable[..., Answer]) -> None:
    own_key(deployment)
    token = own_token(nonce="n-1")
    assert exchange(idToken=token, nonce="n-1").status_code == 200
    assert exchange(idToken=token, nonce="n-2").status_code == 401
    assert exchange(idToken=token).status_code == 401


# --- OpenID Connect ----------------------------------------------------------------------------


def test_an_id_token_of_the_provider_names_the_customer(
    deployment: Deployment, exchange: Callable[..., Answer], provider: Oidc
) -> None:
    provider.provider(deployment)
    answer = exchange(idToken=provider.token(given_name="Jonas", family_name="Weber", nonce="n"), nonce="n")
    assert answer.status_code == 200, answer.content
    known = Address.objects.get()
    assert (known.kind, known.external_id) == ("oidc", f"{provider.url}#abc")
    assert known.contact.name == "Jonas Weber"


def test_a_code_is_exchanged_at_the_provider(
    deployment: Deployment, exchange: Callable[..., Answer], provider: Oidc
) -> None:
    provider.provider(deployment)
    provider.codes["c-1"] = provider.token()
    answer = exchange(code="c-1", redirectUri="https://shop.example/back", codeVerifier="v" * 43)
    assert answer.status_code == 200, answer.content
    assert provider.asked == [
        {
            "grant_type": "authorization_code",
            "code": "c-1",
            "client_id": "messenger",
            "client_secret": "shh",
            "redirect_uri": "https://shop.example/back",
            "code_verifier": "v" * 43,
        }
    ]
    assert exchange(code="c-2", redirectUri="https://shop.example/back").status_code == 401


@pytest.mark.parametrize(
    "claims", [{"iss": "https://evil.example"}, {"aud": "another"}, {"exp": 1_000_000}], ids=["iss", "aud", "exp"]
)
def test_a_token_for_or_of_somebody_else_is_refused(
    deployment: Deployment, exchange: Callable[..., Answer], provider: Oidc, claims: dict[str, Any]
) -> None:
    provider.provider(deployment)
    assert exchange(idToken=provider.token(**claims)).status_code == 401


def test_the_providers_public_key_is_no_secret_of_ours(
    deployment: Deployment, exchange: Callable[..., Answer], provider: Oidc
) -> None:
    """The classic confusion: an HS256 token signed with the text of the public key."""
    provider.provider(deployment)
    public = provider.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in HEADER_AND_CLAIMS]
    mark = hmac.new(public, b".".join(parts), hashlib.sha256).digest()
    forged = b".".join([*parts, base64.urlsafe_b64encode(mark).rstrip(b"=")]).decode()
    assert exchange(idToken=forged).status_code == 401


def test_a_providers_new_key_is_fetched_once_and_guesses_dont_make_us_ask(
    deployment: Deployment, exchange: Callable[..., Answer], provider: Oidc
) -> None:
    provider.provider(deployment)
    assert exchange(idToken=provider.token()).status_code == 200
    provider.rotate()
    assert exchange(idToken=provider.token()).status_code == 200
    assert provider.fetched == 2
    provider.kid = "guess"
    for _ in range(3):
        assert exchange(idToken=provider.token()).status_code == 401
    assert provider.fetched == 2


def test_a_provider_that_is_away_is_said_so(
    deployment: Deployment, exchange: Callable[..., Answer], settings: Settings
) -> None:
    settings.CC_OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1"]
    with vouchers.oidc() as gone:
        gone.provider(deployment)
        token = gone.token()
    assert exchange(idToken=token).status_code == 503


# --- addresses that we ask -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/jwks",
        "https://127.0.0.1/jwks",
        "https://localhost/jwks",
        "https://10.1.2.3/jwks",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/jwks",
        "https://[::ffff:127.0.0.1]/jwks",
        "https://0.0.0.0/jwks",
        "https://224.0.0.1/jwks",
        "https://user@127.0.0.1/jwks",
        "file:///etc/passwd",
        "https:///jwks",
    ],
)
def test_an_address_that_isnt_public_is_never_asked(url: str) -> None:
    with pytest.raises(outbound.OutboundRefused):
        outbound.get_json(url)


def test_a_public_address_is_connected_to_as_it_was_judged() -> None:
    assert outbound.judged("https://1.1.1.1/jwks") == ("1.1.1.1", "1.1.1.1")


def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(0, 0, 0, "", ("93.184.216.34", 443)), (0, 0, 0, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(outbound.socket, "getaddrinfo", lambda *_args, **_kwargs: found)
    with pytest.raises(outbound.OutboundRefused):
        outbound.judged("https://rebinding.example/jwks")


# --- refresh, revoke, refusals -------------------------------------------------------------------


def signed_in(exchange: Callable[..., Answer], deployment: Deployment) -> dict[str, str]:
    own_key(deployment)
    found: dict[str, str] = exchange(idToken=own_token()).json()
    return found


def post(client: Client, path: str, body: Any) -> Answer:
    return client.post(f"{PATH}/{path}", json.dumps(body), content_type="application/json")


def test_a_refresh_token_renews_the_jwt_and_stays_the_same(
    client: Client, deployment: Deployment, exchange: Callable[..., Answer]
) -> None:
    first = signed_in(exchange, deployment)
    with clock.at(clock.now() + timedelta(minutes=61)):
        renewed = post(client, "refresh", {"refreshToken": first["refreshToken"]})
        assert renewed.status_code == 200
        assert renewed.json()["refreshToken"] == first["refreshToken"]
        tokens.read("customer", renewed.json()["jwt"], now=clock.now())
        with pytest.raises(tokens.BadToken):
            tokens.read("customer", first["jwt"], now=clock.now())


def test_a_refresh_token_that_lies_unused_ends_and_an_unknown_one_never_worked(
    client: Client, deployment: Deployment, exchange: Callable[..., Answer]
) -> None:
    first = signed_in(exchange, deployment)
    assert post(client, "refresh", {"refreshToken": "x"}).status_code == 401
    assert post(client, "refresh", {}).status_code == 400
    with clock.at(clock.now() + timedelta(days=31)):
        assert post(client, "refresh", {"refreshToken": first["refreshToken"]}).status_code == 401


def test_signing_out_ends_the_sessions_and_the_refresh_token(
    client: Client, deployment: Deployment, exchange: Callable[..., Answer]
) -> None:
    found = signed_in(exchange, deployment)
    session = do_authenticate(deployment, "tok", SignIn.objects.get().id).session
    answer = client.delete(f"{PATH}/revoke", headers={"Authorization": f"bearer {found['jwt']}"})
    assert answer.status_code == 204
    session.refresh_from_db()
    assert session.expires_at <= clock.now()
    assert post(client, "refresh", {"refreshToken": found["refreshToken"]}).status_code == 401
    again = client.delete(f"{PATH}/revoke", headers={"Authorization": f"bearer {found['jwt']}"})
    assert again.status_code == 401


def test_sign_ins_that_are_over_are_deleted_but_never_from_under_a_living_session(
    deployment: Deployment, exchange: Callable[..., Answer]
) -> None:
    signed_in(exchange, deployment)
    exchange(idToken=own_token("4712"))
    Deployment.objects.update(session_duration=timedelta(days=60))
    deployment.refresh_from_db()
    session = do_authenticate(deployment, "tok", SignIn.objects.order_by("created_at").first().id).session
    assert do_prune_sign_ins() == 0
    with clock.at(clock.now() + timedelta(days=31)):
        assert do_prune_sign_ins() == 1
        assert SignIn.objects.get() == session.sign_in
        with pytest.raises(Downgrade):
            do_configure(deployment, "tok")
    with clock.at(clock.now() + timedelta(days=61)):
        assert do_prune_sign_ins() == 1


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_without_a_valid_jwt_nobody_is_signed_out(client: Client, db: None, token: str) -> None:
    assert client.delete(f"{PATH}/revoke", headers={"Authorization": f"bearer {token}"}).status_code == 401


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"oauth": 3}', '{"oauth": {}}', '{"oauth": {"idToken": 5}}'])
def test_a_body_that_isnt_what_it_should_be_is_refused(client: Client, deployment: Deployment, body: str) -> None:
    answer = client.post(f"{PATH}/oauthcodegrantjwtexchange", body, content_type="application/json")
    assert answer.status_code == 400
    assert set(answer.json()) == {"message", "code", "status", "contextId", "details"}


def test_an_unknown_deployment_is_not_found(client: Client, db: None) -> None:
    body = {"deploymentId": str(uuid.uuid4()), "oauth": {"idToken": "x"}}
    assert post(client, "oauthcodegrantjwtexchange", body).status_code == 404


def test_a_browser_on_a_listed_site_may_read_the_answer_and_on_another_may_not_ask(
    client: Client, exchange: Callable[..., Answer], deployment: Deployment
) -> None:
    deployment.allowed_domains = ["shop.example"]
    deployment.save()
    own_key(deployment)
    body = json.dumps({"deploymentId": str(deployment.id), "oauth": {"idToken": own_token()}})
    path = f"{PATH}/oauthcodegrantjwtexchange"
    good = {"Origin": "https://shop.example"}
    answer = client.post(path, body, content_type="application/json", headers=good)
    assert answer["Access-Control-Allow-Origin"] == "https://shop.example"
    preflight = client.options(path, headers=good)
    assert (preflight.status_code, preflight["Access-Control-Allow-Methods"]) == (204, "POST, OPTIONS")
    evil = {"Origin": "https://evil.example"}
    assert client.post(path, body, content_type="application/json", headers=evil).status_code == 403


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ("authorization,x-journey-session-id", "authorization,x-journey-session-id"),
        ("", "authorization, content-type"),
        ("a\tb", "authorization, content-type"),
        ("x" * 9 + ", ", "authorization, content-type"),
    ],
)
def test_a_page_may_send_the_headers_that_its_client_asks_for(client: Client, asked: str, allowed: str) -> None:
    headers = {"Origin": "https://shop.example", "Access-Control-Request-Headers": asked}
    answer = client.options(f"{PATH}/revoke", headers=headers)
    assert (answer.status_code, answer["Access-Control-Allow-Headers"]) == (204, allowed)


def test_too_many_tries_of_one_public_address_are_refused(
    client: Client, deployment: Deployment, settings: Settings
) -> None:
    settings.CC_GUEST_TOKENS_PER_MINUTE = 3
    codes = [client.post(f"{PATH}/refresh", "{}", content_type="application/json", REMOTE_ADDR="8.8.8.8").status_code
             for _ in range(5)]  # fmt: skip
    assert codes == [400, 400, 400, 429, 429]
    inside = client.post(f"{PATH}/refresh", "{}", content_type="application/json", REMOTE_ADDR="10.0.0.1")
    assert inside.status_code == 400


def test_a_token_of_ours_is_of_one_kind_and_survives_a_new_secret_key(settings: Settings) -> None:
    claims = tokens.Claims(uuid.uuid4(), uuid.uuid4())
    now = clock.now()
    made = tokens.make("history", claims, now=now, until=now + timedelta(hours=1))
    assert tokens.read("history", made, now=now) == claims
    with pytest.raises(tokens.BadToken):
        tokens.read("customer", made, now=now)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "x" * 50
    assert tokens.read("history", made, now=now) == claims
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(tokens.BadToken):
        tokens.read("history", made, now=now)


def test_a_known_customer_is_of_one_channel(deployment: Deployment, exchange: Callable[..., Answer]) -> None:
    own_key(deployment)
    exchange(idToken=own_token())
    assert Channel.objects.get(id=deployment.channel_id).addresses.count() == 1
