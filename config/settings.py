"""Every setting of Meyasu, read through `config.env`; docs/operate.md lists them with units."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent

# Everything the system writes: database, raw mail, embedded Redis, generated keys.
MEYASU_DATA_DIR = env.folder("MEYASU_DATA_DIR", BASE_DIR / "var")

DEBUG = env.flag("MEYASU_DEBUG")
SECRET_KEY = env.secret("SECRET_KEY", kept_in=MEYASU_DATA_DIR / "secret-key")
ALLOWED_HOSTS = env.words("MEYASU_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("MEYASU_ORIGINS")
# How the outside reaches us, for links in letters and the feed; no slash at the end.
MEYASU_PUBLIC_URL = env.text("MEYASU_PUBLIC_URL", "http://127.0.0.1:8000")
MEYASU_BIND = env.text("MEYASU_BIND", "127.0.0.1:8000")
# Only for the demo: a file whose time stands for the present (complaints.clock).
MEYASU_CLOCK_FILE = env.text("MEYASU_CLOCK_FILE")
# Probing our own mail hosts (incidents.verification); off stops every probe at once.
MEYASU_PROBE = env.flag("MEYASU_PROBE", default=True)
# A mailbox of the desk, used for nothing else, at a domain that none of our hosts serves.
MEYASU_PROBE_RECIPIENT = env.text("MEYASU_PROBE_RECIPIENT")
# A domain of the desk for made-up senders; it must exist, and none of our hosts may serve it.
MEYASU_PROBE_SENDER_DOMAIN = env.text("MEYASU_PROBE_SENDER_DOMAIN")
# The name we greet with, best one under which a web page explains the probes.
MEYASU_PROBE_HELO = env.text("MEYASU_PROBE_HELO", "localhost")
# Where a recipient is accepted, at most three marked messages go to the mailbox above; off: none.
MEYASU_PROBE_SEND = env.flag("MEYASU_PROBE_SEND", default=True)
# Dialogues a minute at most.
MEYASU_PROBE_PER_MINUTE = env.number("MEYASU_PROBE_PER_MINUTE", 30)
# The address of this machine to probe from: one outside of the networks that are relayed for.
MEYASU_PROBE_SOURCE = env.text("MEYASU_PROBE_SOURCE")
# An account of the desk on our mail hosts, to see that users who sign in can send.
MEYASU_PROBE_USER = env.text("MEYASU_PROBE_USER")
MEYASU_PROBE_PASSWORD = env.text("MEYASU_PROBE_PASSWORD")
# DNS block lists that are asked whether an address of ours is on them; empty: none is asked.
MEYASU_DNSBL_ZONES = env.words("MEYASU_DNSBL_ZONES")
# Only for tests and the demo: all probes go to 127.0.0.1, at the port of the host's row.
MEYASU_PROBE_LOOPBACK = env.flag("MEYASU_PROBE_LOOPBACK")

INSTALLED_APPS = [
    "unfold",
    "config.adminsite.LateAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "ninja",  # its page of the API's description comes with its scripts
    "complaints",
    "incidents",
    "config",  # the commands that run the whole system: serve, demo
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.headers.security_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.zones.viewers_zone",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.insert(0, "django.forms")


def _database() -> dict[str, Any]:
    """PostgreSQL where DATABASE_URL names one; else SQLite in WAL mode in the data folder."""
    if named := env.database("DATABASE_URL"):
        if named["ENGINE"].endswith("sqlite3"):
            return named | {"OPTIONS": SQLITE_OPTIONS}
        return named | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": MEYASU_DATA_DIR / "meyasu.sqlite3",
        "OPTIONS": SQLITE_OPTIONS,
        # A file, not memory: tests start other processes that work on the same tables.
        "TEST": {"NAME": MEYASU_DATA_DIR / "test.sqlite3"},
    }


SQLITE_OPTIONS = {
    # A writer takes its lock at BEGIN, so that two never deadlock on the way up.
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,  # seconds a writer waits for another (busy_timeout)
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
}
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTHENTICATION_BACKENDS = ["config.permissions.OneQueryBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = reverse_lazy("login")
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = reverse_lazy("login")

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ja", _("Japanese"))]
# The words of the templates and of config are in the first one, with those of incidents.
LOCALE_PATHS = [BASE_DIR / "incidents" / "locale", BASE_DIR / "complaints" / "locale"]
USE_I18N = True
USE_TZ = True
# The zone in which times are shown, always with the zone written; inside all times are UTC.
TIME_ZONE = env.zone("MEYASU_DISPLAY_ZONE", "UTC")

STATIC_URL = "/static/"
STATIC_ROOT = MEYASU_DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Outgoing mail.
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("MEYASU_SMTP_HOST", "localhost")
EMAIL_PORT = env.number("MEYASU_SMTP_PORT", 25)
EMAIL_HOST_USER = env.text("MEYASU_SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("MEYASU_SMTP_PASSWORD")
EMAIL_USE_TLS = env.flag("MEYASU_SMTP_STARTTLS")
EMAIL_USE_SSL = env.flag("MEYASU_SMTP_TLS")
EMAIL_TIMEOUT = env.number("MEYASU_SMTP_TIMEOUT", 30)
DEFAULT_FROM_EMAIL = env.text("MEYASU_FROM", "abuse@localhost")
# A TrueType font with Japanese, embedded in PDFs; empty: one that is usually found, if any.
MEYASU_PAPER_FONT = env.text("MEYASU_PAPER_FONT")
# How many letters leave at most, so that a mistake is seen before everybody has it.
MEYASU_LETTERS_AN_HOUR = env.number("MEYASU_LETTERS_AN_HOUR", 200)
MEYASU_LETTERS_TO_ONE_A_DAY = env.number("MEYASU_LETTERS_TO_ONE_A_DAY", 20)

# Looking up whom to write to: off until it is said where the lists of registries are.
MEYASU_RDAP_LISTS = env.text("MEYASU_RDAP_LISTS")
MEYASU_RDAP_HOSTS = env.words(
    "MEYASU_RDAP_HOSTS",
    "data.iana.org,rdap.afrinic.net,rdap.apnic.net,rdap.arin.net,rdap.db.ripe.net,"
    "rdap.lacnic.net,rdap.registro.br",
)
MEYASU_CONTACT_ZONES = env.words("MEYASU_CONTACT_ZONES")
MEYASU_DNS_SERVERS = env.words("MEYASU_DNS_SERVERS")
MEYASU_LOOKUP_TIMEOUT = env.seconds("MEYASU_LOOKUP_TIMEOUT", 10)
MEYASU_LOOKUP_KEEP = timedelta(days=env.number("MEYASU_LOOKUP_KEEP_DAYS", 30))

# Celery is only a doorbell: everything that waits is a row (docs/architecture.md).
REDIS_URL = env.text("REDIS_URL")
MEYASU_REDIS_SOCKET = MEYASU_DATA_DIR / "redis" / "redis.sock"
MEYASU_POLL_EVERY = env.seconds("MEYASU_POLL_EVERY", 30)
# How long a poller holds a mailbox without a sign of life; renewed with each portion.
MEYASU_POLL_LEASE = env.seconds("MEYASU_POLL_LEASE", 180)
MEYASU_SWEEP_EVERY = env.seconds("MEYASU_SWEEP_EVERY", 5)
MEYASU_DETECT_EVERY = env.seconds("MEYASU_DETECT_EVERY", 60)
MEYASU_NETWORK_TABLE = env.file("MEYASU_NETWORK_TABLE")
# How long a worker may be silent over one complaint before another one takes it.
MEYASU_KEEP_MAIL_LOG = timedelta(days=env.number("MEYASU_KEEP_MAIL_LOG_DAYS", 0))
MEYASU_LEASE = env.seconds("MEYASU_LEASE", 300)
MEYASU_WORKERS = env.number("MEYASU_WORKERS", 2)
MEYASU_WEB_WORKERS = env.number("MEYASU_WEB_WORKERS", 2)

# Where the mail server beside us hands mail over by LMTP: a socket's path, or ADDRESS:PORT.
MEYASU_LMTP = env.text("MEYASU_LMTP")
# Proxies of ours, by address, whose X-Forwarded-For is believed (complaints.limits).
MEYASU_PROXIES = env.words("MEYASU_PROXIES")
# Hosts of token servers for mailboxes (complaints.intake.oauth), beside Google's and Microsoft's.
MEYASU_TOKEN_HOSTS = env.words("MEYASU_TOKEN_HOSTS")

# Content Security Policy: no inline script or style; the admin's relaxation is in config.headers.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
SECURE = env.flag("MEYASU_HTTPS")  # the site is reached over HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
# Not "no-referrer": browsers then send `Origin: null` with a form, and the CSRF check refuses it.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 35 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.log_level("MEYASU_LOG_LEVEL", "INFO")},
    # It logs whole header fields of strangers' mail.
    "loggers": {"mailparser": {"level": "CRITICAL"}},
}
UNFOLD = {
    "SITE_TITLE": "Meyasu",
    "SITE_HEADER": "Meyasu",
    "SITE_URL": "/",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": f"{STATIC_URL}incidents/mark.svg"}
    ],
    "STYLES": [lambda _request: static("incidents/admin.css")],
    "DASHBOARD_CALLBACK": "incidents.admin.dashboard",
}
os.environ.setdefault("PGCLIENTENCODING", "UTF8")
