"""The OpenAPI document that is committed: ``openapi.json``, and what a change of it may break.

``python -m testing.contract write`` writes it; ``breaking`` compares it with that of the last release.
"""
