from django.urls import path

from accounts import profile_views, views
from accounts.recovery import views as recovery

urlpatterns = [
    path("auth/signup", views.SignupView.as_view()),
    path("auth/login", views.LoginView.as_view()),
    path("auth/refresh", views.RefreshView.as_view()),
    path("auth/logout", views.LogoutView.as_view()),
    path("auth/logout-all", views.LogoutAllView.as_view()),
    path("auth/me", profile_views.MeView.as_view()),
    path("auth/get-session", profile_views.MeView.as_view(http_method_names=["get", "head", "options"])),
    path("auth/password", profile_views.PasswordView.as_view()),
    path("auth/password/forgot", recovery.ForgotView.as_view()),
    path("auth/password/reset", recovery.ResetView.as_view()),
    path("auth/email", recovery.NewEmailView.as_view()),
    path("auth/email/verify", recovery.VerifyView.as_view()),
    path("auth/email/confirm", recovery.ConfirmEmailView.as_view()),
    path("auth/sessions", profile_views.SessionsView.as_view()),
    path("auth/sessions/<str:session_id>", profile_views.SessionView.as_view()),
    path("auth/tokens", profile_views.TokensView.as_view()),
    path("auth/tokens/<str:token_id>", profile_views.TokenView.as_view()),
]
