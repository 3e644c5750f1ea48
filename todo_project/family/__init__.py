"""How other todo backends' clients speak, translated here into the one API behind it and back.

| module | what it translates |
|---|---|
| ``presets`` | ``COMPATIBLE_WITH``: which settings go together |
| ``paths`` | other spellings of a path |
| ``own_paths`` | paths without a user id |
| ``bodies``, ``parsers`` | names and words in the body of a task, and where bodies are read |
| ``parameters`` | names and words in the URL of a list |
| ``shapes`` | what a list stands in: ``LIST_ENVELOPE`` |
| ``fields`` | what ``TASK_ALIASES`` adds to a task |
| ``answers`` | what is said besides, for those who read it there; ``CHAT_TOOL_CALLS`` |
| ``conversations``, ``admin_paths`` | endpoints that only others have |
| ``views``, ``urls`` | the API's views and routes, each with what is added to it |
| ``doctor`` | reads a frontend's sources for what it needs |
| ``schema`` | what the OpenAPI document says of all that |

Nothing outside but the settings and the URL configuration names this folder: without it the service speaks its
own language alone.
"""
