from django.urls import path

from assistant.doors.mcp import views

urlpatterns = [
    path("mcp", views.McpView.as_view()),
    path(views.METADATA.removeprefix("/"), views.ResourceView.as_view()),
    path(".well-known/oauth-protected-resource", views.RootResourceView.as_view()),
]
