"""All settings, from the environment. A wrong or missing value fails at start with its name.

`docs/deploy.md` lists every variable. `manage.py up` sets what it embeds (stores, secret, data folder).
"""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from contactcenter.environment import Environment
from contactcenter.unfold import UNFOLD  # noqa: F401 the admin's look is a setting of its own file

env = Environment()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- the process -------------------------------------------------------------------------------
# web: pooled connections, many threads. worker and command: one persistent connection a thread.
PROCESS = env.str("CC_PROCESS", default="command")
DEBUG = env.switch("CC_DEBUG")
DATA_DIR = Path(env.str("CC_DATA", default=str(BASE_DIR / "var"))).resolve()


def _running() -> dict[str, str]:
    """Stores and address of the `manage.py up` that runs on this data folder, for commands run by hand."""
    try:
        found: dict[str, str] = json.loads((DATA_DIR / "running.json").read_text())
    except (OSError, json.JSONDecodeError):
        return {}
    return found


RUNNING = _running()
PORT = env.whole("PORT", 8000, least=0)
BASE_URL = (
    env.str("CC_BASE_URL", default="" if "PORT" in env.ENVIRON else RUNNING.get("CC_BASE_URL", "")).rstrip("/")
    or f"http://127.0.0.1:{PORT}"
)


def _secret_key() -> str:
    """CC_SECRET_KEY, or one made once and kept in the data folder, readable by its owner only."""
    if key := env.str("CC_SECRET_KEY", default=""):
        return key
    kept = DATA_DIR / "secret-key"
    if not kept.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_suffix(f".{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50))
        with suppress(FileExistsError):  # atomic: of two first starts, one wins and both read it
            kept.hardlink_to(fresh)
        fresh.unlink()
    return kept.read_text().strip()


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = env.list("CC_SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("CC_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", urlsplit(BASE_URL).hostname])
CSRF_TRUSTED_ORIGINS = env.list("CC_TRUSTED_ORIGINS", default=[BASE_URL])
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.switch("CC_BEHIND_PROXY") else None
HTTPS = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SESSION_COOKIE_HTTPONLY = True
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # Redis may be emptied; nobody is logged out
SECURE_REFERRER_POLICY = "same-origin"

INSTALLED_APPS = [
    "contactcenter.apps.ContactCentreConfig",
    "agents",
    "agents.desktop.apps.DesktopConfig",
    "channels_app",
    "channels_app.messenger.apps.MessengerConfig",
    "routing",
    "reporting",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "channels",
    "django_htmx",
    "axes",
    "csp",
]
if DEBUG:
    INSTALLED_APPS.insert(0, "daphne")  # its `runserver` serves sockets too

MIDDLEWARE = [
    "contactcenter.kernel.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "contactcenter.static_files.StaticFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "contactcenter.admin_policy.AdminPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "contactcenter.language.LanguageOfUser",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
CC_METRICS_TOKEN = env.token("CC_METRICS_TOKEN")
if CC_METRICS_TOKEN:
    MIDDLEWARE.insert(1, "contactcenter.metrics.MetricsMiddleware")
ROOT_URLCONF = "contactcenter.urls"
ASGI_APPLICATION = "contactcenter.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    }
]

# --- stores ------------------------------------------------------------------------------------


def _database(url: str) -> dict[str, object]:
    """Django's settings for a libpq URL (a unix socket by `?host=/folder`)."""
    parts = conninfo_to_dict(url)
    base: dict[str, object] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "contactcenter"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_HEALTH_CHECKS": True,
    }
    options: dict[str, object] = {**parts}
    if PROCESS == "web":  # the pool is a process's own: its size times processes < max_connections
        base["CONN_MAX_AGE"] = 0
        options["pool"] = {"min_size": 2, "max_size": env.whole("CC_DB_POOL", 16, least=2), "timeout": 5}
    else:
        base["CONN_MAX_AGE"] = None
    return base | {"OPTIONS": options}


def _broker(url: str) -> str:
    """Celery's spelling of a Redis URL."""
    return "redis+socket://" + url.removeprefix("unix://") if url.startswith("unix://") else url


DATABASE_URL = env.str("DATABASE_URL", default=RUNNING.get("DATABASE_URL", "postgresql:///contactcenter"))
REDIS_URL = env.str("REDIS_URL", default=RUNNING.get("REDIS_URL", "redis://127.0.0.1:6379/0"))
try:
    DATABASES = {"default": _database(DATABASE_URL)}
except Exception as error:  # a named edge: whatever is wrong with it, the start names the variable
    raise ImproperlyConfigured(f"DATABASE_URL is not a PostgreSQL URL: {error}") from error
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "contactcenter.kernel.cache.FailOpenRedisCache", "LOCATION": REDIS_URL}}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "contactcenter.kernel.live.StreamLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL}], "prefix": "cc"},
    }
}

# --- Celery ------------------------------------------------------------------------------------
CELERY_BROKER_URL = _broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "routing"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    # without these, kombu retries for seconds in the process that only wanted to nudge
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_DB_REUSE_MAX = 1000  # else Celery closes the connection around every task
CELERY_TASK_ROUTES = {
    "routing.react": {"queue": "routing"},
    "routing.wake_parked": {"queue": "routing"},
    "routing.*": {"queue": "timers"},
    "channels.send_due": {"queue": "outbound"},
    "channels.fetch_due": {"queue": "outbound"},
    "channels.look_after": {"queue": "outbound"},
    "channels.profile": {"queue": "outbound"},
    "channels.signal": {"queue": "outbound"},
    "messenger.notify": {"queue": "outbound"},
    "channels.*": {"queue": "timers"},
    "messenger.*": {"queue": "timers"},
    "reporting.*": {"queue": "reports"},
}
CELERY_TASK_PUBLISH_RETRY = False  # a nudge is lost, not waited for: the sweep finds its work
CELERY_TIMEZONE = "UTC"

# --- people ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "agents.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600 * env.whole("CC_LOG_IN_LINK_HOURS", 72)  # seconds that a log-in link works
LOGIN_URL = "agents:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "agents:login"
AXES_USERNAME_FORM_FIELD = "username"  # the form's field; axes would take the model's, and count nobody
AXES_FAILURE_LIMIT = env.whole("CC_LOGIN_FAILURES", 8)
AXES_COOLOFF_TIME = timedelta(minutes=10)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "agents/locked_out.html"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- language, time, files -----------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]  # catalogues: contactcenter/locale
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "contactcenter.formats"
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True


def _files() -> dict[str, Any]:
    """Where files lie: below the data folder, or in a bucket."""
    if not (bucket := env.str("CC_FILES_S3_BUCKET", default="")):
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    if find_spec("storages") is None:
        raise ImproperlyConfigured("CC_FILES_S3_BUCKET must be left empty without the packages of requirements-s3.txt.")
    endpoint = env.str("CC_FILES_S3_ENDPOINT", default="")
    if endpoint and urlsplit(endpoint).scheme not in ("http", "https"):
        raise ImproperlyConfigured(f"CC_FILES_S3_ENDPOINT must be an http(s) address, not {endpoint!r}.")
    access, secret = env.str("CC_FILES_S3_ACCESS_KEY", default=""), env.str("CC_FILES_S3_SECRET_KEY", default="")
    if bool(access) != bool(secret):
        raise ImproperlyConfigured("CC_FILES_S3_ACCESS_KEY must be set together with CC_FILES_S3_SECRET_KEY.")
    options = {
        "bucket_name": bucket,
        "endpoint_url": endpoint or None,
        "region_name": env.str("CC_FILES_S3_REGION", default="") or None,
        "access_key": access or None,
        "secret_key": secret or None,
    }
    return {"BACKEND": "channels_app.files.s3.PrivateFiles", "OPTIONS": options}


STORAGES = {
    "default": _files(),
    "staticfiles": {"BACKEND": "contactcenter.static_files.VersionedStorage"},
}
MEDIA_ROOT = DATA_DIR / "media"  # private: only signed links lead to it
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700

# --- browser policy ------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ("/admin/",),  # contactcenter.admin_policy
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, "'unsafe-inline'"],  # avatars set their hue by a style attribute
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    },
}

# --- contact centre defaults (each channel, queue or deployment can set its own) -------------------
CC_CLOCK_FILE = env.str("CC_CLOCK_FILE", default="")  # tests: a file with seconds to add to now
CC_ATTACHMENT_MAX_BYTES = env.whole("CC_ATTACHMENT_MAX_BYTES", 10 * 1024 * 1024)
CC_LOGGED_OUT_AFTER = timedelta(seconds=env.whole("CC_SOCKET_GONE_SECONDS", 60))
CC_SOCKET_THREADS = env.whole("CC_SOCKET_THREADS", 8)
CC_LOG_RETENTION_MONTHS = env.whole("CC_LOG_RETENTION_MONTHS", 24, least=0)  # of events, before this month; 0: all
CC_LIVE_BACKLOG = env.whole("CC_LIVE_BACKLOG", 10_000)
CC_HEADS_SECONDS = env.decimal("CC_HEADS_SECONDS", 3.0, least=0.1)
# limits of the guest protocol (docs/guest-protocol.md): a rate refuses with 429, 0 switches it off
CC_GUEST_MESSAGES_PER_SECOND = env.rate("CC_GUEST_MESSAGES_PER_SECOND", 5)  # of a session
CC_GUEST_REQUESTS_PER_MINUTE = env.rate("CC_GUEST_REQUESTS_PER_MINUTE", 600)  # of a connection
CC_GUEST_HEALTH_CHECKS_PER_MINUTE = env.rate("CC_GUEST_HEALTH_CHECKS_PER_MINUTE", 60)  # of a connection
CC_GUEST_CONFIGURES_PER_MINUTE = env.rate("CC_GUEST_CONFIGURES_PER_MINUTE", 60)  # of a session
CC_GUEST_CONNECTIONS_PER_MINUTE = env.rate("CC_GUEST_CONNECTIONS_PER_MINUTE", 6_000)  # of a deployment
CC_GUEST_ADDRESS_PER_MINUTE = env.rate("CC_GUEST_ADDRESS_PER_MINUTE", 300)  # connections of a public address
CC_GUEST_HISTORY_PER_MINUTE = env.rate("CC_GUEST_HISTORY_PER_MINUTE", 60)  # of a session
CC_GUEST_TOKENS_PER_MINUTE = env.rate("CC_GUEST_TOKENS_PER_MINUTE", 60)  # sign-ins of a public address
CC_GUEST_TYPING_PER_MINUTE = env.rate("CC_GUEST_TYPING_PER_MINUTE", 12)  # of agents, to a connection
CC_GUEST_SOCKETS = env.whole("CC_GUEST_SOCKETS", 3)  # of a session; the oldest is closed for one more
CC_GUEST_TEXT_BYTES = env.whole("CC_GUEST_TEXT_BYTES", 4096)
CC_GUEST_ATTRIBUTES_BYTES = env.whole("CC_GUEST_ATTRIBUTES_BYTES", 2048)
CC_GUEST_SIGN_IN_DAYS = env.whole("CC_GUEST_SIGN_IN_DAYS", 30)  # how long a refresh token lives unused
CC_GUEST_CHALLENGE = env.str("CC_GUEST_CHALLENGE", default="")  # dotted path of a function, see messenger.policy
CC_BEHIND_PROXY = env.switch("CC_BEHIND_PROXY")  # then X-Forwarded-For says who asks
CC_OUTBOUND_PRIVATE_HOSTS = env.list("CC_OUTBOUND_PRIVATE_HOSTS", default=[])  # may be asked though not public

# --- push to phones: without credentials a notification is only written to the log ------------------
CC_PUSH_SENDER = env.str("CC_PUSH_SENDER", default="channels_app.messenger.push.senders.by_provider")
CC_PUSH_FCM_ACCOUNT = env.str("CC_PUSH_FCM_ACCOUNT", default="")  # path of a service account's JSON
CC_PUSH_APNS_KEY = env.str("CC_PUSH_APNS_KEY", default="")  # path of a .p8 key
CC_PUSH_APNS_KEY_ID = env.str("CC_PUSH_APNS_KEY_ID", default="")
CC_PUSH_APNS_TEAM = env.str("CC_PUSH_APNS_TEAM", default="")
CC_PUSH_APNS_TOPIC = env.str("CC_PUSH_APNS_TOPIC", default="")  # the app's bundle id
CC_PUSH_APNS_HOST = env.str("CC_PUSH_APNS_HOST", default="api.push.apple.com")

# --- logs: one line an event on standard output, for the supervisor or the platform to keep --------
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "contactcenter.kernel.logs.formatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("CC_LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "uvicorn": {"handlers": [], "propagate": True},  # what a socket raises: in our shape, and where errors go
        "uvicorn.access": {"level": "WARNING"},
        "uvicorn.error": {"level": "WARNING"},  # it reports each socket that opens
        "httpx": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
    },
}

# --- errors to a tracker: off, and its library not loaded, without an address ----------------------
CC_SENTRY_DSN = env.str("CC_SENTRY_DSN", default="")
if CC_SENTRY_DSN:
    from contactcenter.kernel.error_tracking import check_dsn

    try:
        check_dsn(CC_SENTRY_DSN)
    except ValueError as error:
        raise ImproperlyConfigured(f"CC_SENTRY_DSN must be a tracker's DSN: {error}") from None
    tracker = {"()": "contactcenter.kernel.error_tracking.ErrorTracker", "dsn": CC_SENTRY_DSN, "process": PROCESS}
    LOGGING["handlers"]["tracker"] = tracker
    LOGGING["root"]["handlers"].append("tracker")
