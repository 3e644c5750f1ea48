"""What the service loads from others at its start, whatever its settings are."""

from typing import Final

# With what each of them loads itself. Not here: what asks for Django's settings as it is loaded (rest_framework,
# unfold), or for the environment (gunicorn.config, opentelemetry, prometheus_client), which is each start's own.
LIBRARIES: Final = (
    *("asyncio", "bcrypt", "django.contrib.admin.options", "django.contrib.messages.storage", "django.core.mail"),
    *("django.contrib.sessions.backends.base", "django.core.management.commands.check", "django.core.servers.basehttp"),
    *("django.core.management.commands.migrate", "django.core.serializers.json", "django.db.backends.postgresql.base"),
    *("django.db.backends.sqlite3.base", "django.db.migrations.executor", "django.forms", "django.test.client"),
    *("django.template.backends.django", "django.template.loader_tags", "django.views.debug", "django.views.generic"),
    *("cryptography.hazmat.primitives.asymmetric.ec", "cryptography.hazmat.primitives.asymmetric.rsa"),
    *("cryptography.hazmat.primitives.serialization.ssh", "cryptography.x509", "email.mime.text", "html.parser"),
    *("http.server", "inflection", "jsonschema", "jwt", "orjson", "psycopg.types.json", "psycopg_pool"),
    *("pygments.formatters.html", "pygments.lexers", "requests", "segno", "smtplib", "sqlparse", "unittest.mock"),
    *("uritemplate", "whitenoise", "xml.etree.ElementTree", "yaml", "zoneinfo"),
)
