"""The WSGI application that gunicorn serves."""

import os

from django.core import signals
from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries

from core.rest.bodies import BufferedBody

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
# Of what Django does with each request: only DEBUG keeps queries, connections are given back when a request has ended,
# no cache of ours has anything to close, and no request has routes of its own.
signals.request_started.disconnect(reset_queries)
signals.request_started.disconnect(close_old_connections)
signals.request_finished.disconnect(close_caches)
signals.request_finished.disconnect(reset_urlconf)
application = BufferedBody(get_wsgi_application())
