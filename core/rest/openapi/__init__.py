"""What the OpenAPI document says beyond what drf-spectacular sees by itself.

| module | what it knows |
|---|---|
| ``declaring`` | how an endpoint declares itself: ``@operation``, ``refuses``, ``component`` |
| ``headers`` | the headers that answers carry |
| ``refusals`` | the answer to each error: its status and the codes that can occur |
| ``schema`` | drf-spectacular's view inspector, which puts all that together |
| ``document`` | what concerns the whole document |
"""
