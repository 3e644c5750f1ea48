"""What holds for a turn whoever answers it."""

from typing import Final

# A message that asks for more is told so; a model gets no more.
MAX_TOOL_CALLS: Final = 20
