"""How other todo backends' clients speak, translated here into the one API behind it and back.

| module | what it translates |
|---|---|
| ``presets`` | ``COMPATIBLE_WITH``: which settings go together |
| ``paths`` | other spellings of a path |
| ``urls`` | the API's routes with what this folder adds; those without a user id |

Nothing outside but the settings and the URL configuration names this folder: without it the service speaks its
own language alone.
"""
