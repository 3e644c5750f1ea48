from django.contrib import admin
from django.urls import include, path

from todo_project import docs, health
from todo_project.family.urls import urlpatterns as api_paths

urlpatterns = [
    # Without the family's conventions: the urls of tasks, assistant, accounts and staff. Not by ``include``: Django
    # would look in two lists for each request.
    *(path(f"api/{one.pattern}", one.callback, one.default_args, one.name) for one in api_paths),
    path("", include("assistant.doors.mcp.urls")),
    path("", health.WelcomeView.as_view()),
    path("health", health.HealthView.as_view()),
    path("health/ready", health.ReadyView.as_view()),
    path("openapi.json", docs.openapi),
    path("docs", docs.swagger),
    path("redoc", docs.redoc),
    path("admin/", admin.site.urls),
]

handler400 = "core.rest.problems.on_400"
handler403 = "core.rest.problems.on_403"
handler404 = "core.rest.problems.on_404"
handler500 = "core.rest.problems.on_500"
