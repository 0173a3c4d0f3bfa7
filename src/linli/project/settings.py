"""Django's settings, made from Linli's own typed ones (kit/settings.py)."""

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from linli.kit import logs
from linli.kit.settings import read_settings

LINLI = read_settings()
os.environ.setdefault("LINLI_MASTER_KEY_FILE", str(LINLI.master_key_file))
SOURCE = Path(__file__).resolve().parent.parent


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url or "postgresql://linli@127.0.0.1/linli")
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    if os.environ.get("LINLI_PROCESS") == "console":  # a page that waits for ever holds one of few threads
        options["options"] = f"{options.get('options', '')} -c statement_timeout={LINLI.patience_s}s"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


# `linli up` and `linli migrate` keep one in the data directory; before them a process gets a key that nobody knows.
_KEY_FILE = LINLI.data_dir / "django.key"
SECRET_KEY = LINLI.secret_key or (_KEY_FILE.read_text() if _KEY_FILE.exists() else secrets.token_urlsafe(48))
DEBUG = LINLI.debug
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver", urlsplit(LINLI.public_url).hostname or ""]
CSRF_TRUSTED_ORIGINS = [LINLI.public_url]
ROOT_URLCONF = "linli.project.urls"
WSGI_APPLICATION = "linli.project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": _database(LINLI.database_url)}
ROOMS = (
    "access", "ledger", "connect", "directory", "customers", "groups", "commerce", "archive", "handover", "segments", "messaging",
    "acquisition", "insights", "privacy",
)  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "procrastinate.contrib.django",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    *(f"linli.{room}" for room in ROOMS),
    "linli.console",
    "linli.h5",
    "linli.api",
]
MIDDLEWARE = [
    "linli.project.middleware.request_line",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "linli.project.middleware.content_security",
    "linli.project.audit.AuditTrail",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "linli.project.middleware.ExpectedErrors",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "linli.console.context.shell",
            ],
        },
    }
]
STATIC_URL = "/static/"
COTTON_ISOLATE_BY_DEFAULT = True
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
AUTH_USER_MODEL = "access.Account"
LOGIN_URL = "/sign-in"
AUTHENTICATION_BACKENDS = [f"linli.access.backends.{way}" for way in ("Password", "SecondStep", "WeCom")]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
_RULES = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS: list[dict[str, object]] = [
    # From nine characters on Django's list of common passwords holds 3,849: ASVS 5.0 6.2.4 asks for 3,000 of the allowed length.
    {"NAME": _RULES + "MinimumLengthValidator", "OPTIONS": {"min_length": 9}},
    {"NAME": _RULES + "CommonPasswordValidator"},
    {"NAME": _RULES + "UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ("username", "name")}},
]
SESSION_ENGINE = "linli.access.sessions"
SESSION_COOKIE_AGE = 7 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
_HTTPS = LINLI.public_url.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
# __Host-: the browser itself holds the cookie to this host, https and the whole path.
SESSION_COOKIE_NAME = "__Host-linli_session" if _HTTPS else "linli_session"
CSRF_COOKIE_NAME = "__Host-csrftoken" if _HTTPS else "csrftoken"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _HTTPS else 0
# A proxy ends TLS and says so; without https in LINLI_PUBLIC_URL the header of a stranger means nothing.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
USE_TZ = True
TIME_ZONE = LINLI.zone
USE_I18N = True
LANGUAGE_CODE = LINLI.language
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = sorted(path for path in (SOURCE / "locale").iterdir() if path.is_dir())
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
LINLI_PERSONAL_PARTS = "linli.project.personal.PARTS"
LINLI_CONDITION_PROVIDERS = "linli.project.conditions.PROVIDERS"
LINLI_SUBSCRIPTIONS = "linli.project.subscriptions.SUBSCRIPTIONS"
LINLI_DOCTOR = "linli.project.doctor.examine"
LOGGING = logs.config()
