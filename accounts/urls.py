from django.urls import path

from accounts import views

urlpatterns = [
    path("auth/signup", views.SignupView.as_view()),
    path("auth/login", views.LoginView.as_view()),
    path("auth/refresh", views.RefreshView.as_view()),
    path("auth/me", views.MeView.as_view()),
    path("auth/get-session", views.MeView.as_view(http_method_names=["get", "head", "options"])),
]
