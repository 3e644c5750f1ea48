from django.http import QueryDict
from rest_framework.exceptions import ValidationError


def bad_parameter(name: str, detail: str, code: str = "invalid") -> ValidationError:
    """``422``, naming the parameter of the URL."""
    return ValidationError({name: [detail]}, code=code)


def single(query: QueryDict, name: str) -> str | None:
    """Raises ``ValidationError`` for a parameter that is given twice, of which one would be ignored."""
    values = query.getlist(name)
    if len(values) > 1:
        raise bad_parameter(name, "Must be given once.")
    return values[0] if values else None


def read_boolean(query: QueryDict, name: str) -> bool:
    """Absent: false. Raises ``ValidationError`` for what is neither."""
    value = single(query, name)
    if value not in (None, "true", "false"):
        raise bad_parameter(name, "Must be true or false.")
    return value == "true"
