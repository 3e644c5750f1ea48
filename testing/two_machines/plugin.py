"""Named to pytest (``-p``), it has every request of a test go to two instances of the service, by turns."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    # Here, for they need Django's settings; and after all other plugins, for their fixtures take the place of theirs.
    from testing.two_machines import inside, suite

    for module in (suite, inside):
        config.pluginmanager.register(module, module.__name__)
