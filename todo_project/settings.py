"""Django's settings, derived from ``env/values.py``; nothing here reads the environment itself."""

from datetime import timedelta
from typing import Any

from core import logs
from todo_project import rest, staff_site
from todo_project.env import caches, cors, databases, values
from todo_project.env.mail import NO_MAIL
from todo_project.env.values import BASE_DIR

ENV = values.load()
ENV_WARNINGS = ENV.warnings

# --- Core ---------------------------------------------------------------------------------------

SECRET_KEY = ENV.secret_key
# What these have signed counts too.
SECRET_KEY_FALLBACKS = list(ENV.secret_key_fallbacks)
# Never: a debug page would show tokens and task texts. Errors are problem documents and a log line.
DEBUG = False
ALLOWED_HOSTS = list(ENV.allowed_hosts)
ROOT_URLCONF = "todo_project.urls"
WSGI_APPLICATION = "todo_project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
# On the staff site; times say their zone.
FORMAT_MODULE_PATH = "staff.formats"
# Paths are normalised by a middleware instead, so no client is ever redirected.
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

INSTALLED_APPS = [
    "core",
    "accounts",
    "tasks",
    "assistant",
    *staff_site.APPS,
    "todo_project.apps.TodoProjectConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "core.rest.middleware.RequestIdMiddleware",
    "core.rest.middleware.RowOwnerMiddleware",
    "core.rest.middleware.LengthMiddleware",
    "core.rest.origins.OriginMiddleware",
    # Above everything that looks at the Host header: a probe may send any.
    "todo_project.health.ProbeMiddleware",
    "core.rest.middleware.ProblemMiddleware",
    "core.rest.middleware.BodyMiddleware",
    "core.rest.middleware.OptionsMiddleware",
    "core.rest.middleware.TrailingSlashMiddleware",
    "todo_project.family.paths.SpellingMiddleware",
    "accounts.middleware.RateLimitMiddleware",
    "staff.middleware.PolicyMiddleware",
    "core.rest.middleware.FixedHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.rest.middleware.HostMiddleware",
    "staff.middleware.StaffSessionMiddleware",
    "staff.middleware.StaffCsrfMiddleware",
    "staff.middleware.StaffAuthenticationMiddleware",
    "staff.middleware.StaffMessageMiddleware",
    "staff.middleware.AllRowsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- Database and cache -------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = databases.own(ENV, BASE_DIR)
# What a request's statements may take together before it is answered 503: less than one may by the server's own limit.
DATABASE_SECONDS = ENV.db_statement_timeout_ms * 0.8 / 1000
CACHES: dict[str, dict[str, Any]] = {"default": caches.shared(ENV.redis_url)}

# --- Accounts -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "admin:login"
# Where a login leads whose "next" leads out of here; Django's own is a page that we have not.
LOGIN_REDIRECT_URL = "admin:index"
AUTHENTICATION_BACKENDS = ["staff.login.LocalAccountBackend"]
OLD_HASHERS = (
    "OldBCrypt PasslibBCryptSHA256 PlainPBKDF2SHA1 PlainPBKDF2SHA256 PlainPBKDF2SHA512 BetterAuthScrypt"
    " DjangoPBKDF2 DjangoPBKDF2SHA1"
)
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    *(f"accounts.old_hashes.verifiers.{name}" for name in OLD_HASHERS.split()),
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "accounts.validators.MaximumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email"]},
    },
]
ADMIN_USER_ID = ENV.admin_user_id
ADMIN_REQUIRE_TOTP = ENV.admin_require_totp
REFRESH_TOKEN_EXPIRE_DAYS = ENV.refresh_token_days
BETTER_AUTH_SECRET = ENV.better_auth_secret
BETTER_AUTH_ORIGIN = ENV.better_auth_origin
BETTER_AUTH_DATABASE = ENV.better_auth_database and databases.foreign(ENV.better_auth_database, BASE_DIR)
JWKS_URL = ENV.jwks_url
JWT_ISSUER = ENV.jwt_issuer
JWT_AUDIENCE = ENV.jwt_audience
# Only what was set itself: the origin of BETTER_AUTH_URL stands in for the key set alone.
SHARED_ISSUER = ENV.shared_issuer
SHARED_AUDIENCE = ENV.shared_audience
AUTH_EVENT_DAYS = ENV.auth_event_days
JOURNAL_DAYS = ENV.journal_days
TRASH_DAYS = ENV.trash_days
MAX_TASKS = ENV.max_tasks
MAX_CONVERSATIONS = ENV.max_conversations
MAX_MESSAGES = ENV.max_messages
MAX_SESSIONS = ENV.max_sessions
# What `manage.py prune` calls, each app's own: (now) -> how many rows of what are gone.
PRUNERS = [
    "accounts.pruning.prune",
    "core.idempotency.claims.prune",
    "tasks.pruning.prune",
    "core.mail.delivery.prune",
    "assistant.pruning.prune",
    "staff.pruning.prune",
]
# What the staff site asks about conversations.
CONVERSATIONS = "assistant.for_staff"
# What it shows of the service's health.
HEALTH = "todo_project.staff_health.look"
PRUNE_AT = ENV.prune_at
DRAIN_SECONDS = ENV.drain_seconds
REDIS_URL = ENV.redis_url
REDIS_SECONDS = caches.REDIS_SECONDS
TRUSTED_PROXIES = ENV.trusted_proxies
AUTH_RATE_LIMIT = ENV.auth_rate_limit
API_RATE_LIMIT = ENV.api_rate_limit
CHAT_RATE_LIMIT = ENV.chat_rate_limit
DATE_ORDER = ENV.date_order
SIMPLE_JWT = {
    "ALGORITHM": ENV.algorithm,
    "SIGNING_KEY": SECRET_KEY,
    "ISSUER": "todo-backend",
    "ACCESS_TOKEN_LIFETIME": timedelta(seconds=ENV.access_token_seconds),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=ENV.refresh_token_days),
    "USER_ID_CLAIM": "user_id",
}

# --- Mail ---------------------------------------------------------------------------------------

MAIL_IS_ON = ENV.mail is not None
MAIL = ENV.mail or NO_MAIL
EMAIL_BACKEND = MAIL.backend
EMAIL_HOST = MAIL.host
EMAIL_PORT = MAIL.port
EMAIL_HOST_USER = MAIL.user
EMAIL_HOST_PASSWORD = MAIL.password
EMAIL_USE_TLS = MAIL.encryption == "starttls"
EMAIL_USE_SSL = MAIL.encryption == "tls"
# Seconds, of each step of the dialogue.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = MAIL.sender
PUBLIC_URL = MAIL.public_url
# Who writes a mail of that purpose, just before it is sent: (outgoing mail) -> letter, or None.
MAIL_WRITERS = {
    purpose: f"accounts.recovery.letters.{purpose}"
    for purpose in ("password_reset", "password_changed", "email_confirmation", "email_change", "email_changed")
}

# --- API ----------------------------------------------------------------------------------------

COMPATIBLE_WITH = ENV.compatible_with
# Where more fields of a task are listed, as tasks.representation lists its own.
ADDED_TASK_FIELDS = "todo_project.family.fields.ADDED" if ENV.task_aliases else ""
CHAT_TOOL_CALLS = ENV.chat_tool_calls
LIST_ENVELOPE = ENV.list_envelope
COMPLETE_WITHOUT_BODY = ENV.complete_without_body
PAGE_SIZE = ENV.page_size
LANGUAGE_MODEL = ENV.language_model
LLM_FIRST_BYTE_SECONDS = ENV.llm_first_byte_seconds
LLM_DAILY_TOKENS = ENV.llm_daily_tokens
WORKER_THREADS = values.WORKER_THREADS
REST_FRAMEWORK = rest.SETTINGS
SPECTACULAR_SETTINGS = rest.DOCUMENT
UNFOLD = staff_site.UNFOLD

# --- Browsers -----------------------------------------------------------------------------------

CORS_ALLOW_ALL_ORIGINS, CORS_ALLOW_CREDENTIALS, CORS_ALLOWED_ORIGIN_REGEXES = cors.read(ENV.allowed_origins)
# The staff site is nobody else's: its session cookie also goes along from another host of the same site.
CORS_URLS_REGEX = r"^/(?!admin(/|$))"
CORS_ALLOW_HEADERS = list(cors.SENT)
CORS_EXPOSE_HEADERS = list(cors.READ)
CSRF_TRUSTED_ORIGINS = list(ENV.csrf_trusted_origins)
# Of the staff site, in seconds: eight hours from the last page on.
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.is_production
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.trusted_proxies else None
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    # Ours stand in MIDDLEWARE for what these look for by name (todo_project/tests/test_send_headers.py). HSTS and the
    # redirect to https belong to whoever terminates TLS.
    "security.W001",
    "security.W002",
    "security.W003",
    # Emails are unique among local accounts only, and the one backend looks only there.
    "auth.W004",
]

# --- Static files -------------------------------------------------------------------------------

STATIC_URL = "/static/"
# Development serves from the packages; the image collects at build time.
STATIC_ROOT = BASE_DIR / "staticfiles" if ENV.is_production else None
WHITENOISE_USE_FINDERS = not ENV.is_production
STORAGES = {
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    if ENV.is_production
    else {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}

# --- What is told -------------------------------------------------------------------------------

LOGGING = logs.configuration(ENV.log_level, ENV.telemetry.log_format)
METRICS_TOKEN = ENV.telemetry.metrics_token
METRICS_ARE_ON = ENV.telemetry.has_metrics
COMMIT = ENV.telemetry.commit
