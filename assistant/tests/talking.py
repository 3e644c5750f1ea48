from collections.abc import Callable

from testing.callers import Answer

Say = Callable[..., Answer]
