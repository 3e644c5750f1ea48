"""Whether this process serves requests. A command keeps no pool, and its statements may take their time."""

is_command: bool = False
