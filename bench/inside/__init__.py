"""Programs that run inside the service's own code: Django is set up before they import it."""

import django

django.setup()
