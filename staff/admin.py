"""Has Django find the pages of the staff site. They follow the same rules as the API, through the same services."""

from staff.pages import events, sessions, tasks, users

__all__ = ["events", "sessions", "tasks", "users"]
