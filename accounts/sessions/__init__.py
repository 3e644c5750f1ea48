"""Sessions of people who log in here: a row each, so that ending one bites on the next request."""
