"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from core.rest.bodies import BufferedBody

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
application = BufferedBody(get_wsgi_application())
