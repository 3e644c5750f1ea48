"""The service's, for instances that tests sign up at: a hash takes a millisecond, as in the tests' own process."""

from django.contrib.auth.hashers import BCryptSHA256PasswordHasher

from todo_project.settings import *  # noqa: F403 - settings are all of a module's names

BCryptSHA256PasswordHasher.rounds = 4
