from django.urls import path

from accounts import admin_views, me_views, views

urlpatterns = [
    path("auth/signup", views.SignupView.as_view()),
    path("auth/login", views.LoginView.as_view()),
    path("auth/refresh", views.RefreshView.as_view()),
    path("auth/logout", views.LogoutView.as_view()),
    path("auth/logout-all", views.LogoutAllView.as_view()),
    path("auth/me", me_views.MeView.as_view()),
    path("auth/get-session", me_views.MeView.as_view(http_method_names=["get", "head", "options"])),
    path("auth/password", me_views.PasswordView.as_view()),
    path("auth/sessions", me_views.SessionsView.as_view()),
    path("auth/sessions/<str:session>", me_views.SessionView.as_view()),
    path("admin/users", admin_views.UsersView.as_view()),
    path("admin/users/<str:user_id>", admin_views.UserView.as_view()),
    path("admin/auth-events", admin_views.AuthEventsView.as_view()),
]
