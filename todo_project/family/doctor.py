"""Reads a frontend's sources for what it asks of its backend, and says what of that works here.

It finds texts, not meanings: an address that is put together from variables, or a field behind a name of its own, is
not seen, and what could not be read is listed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.urls import Resolver404, resolve

from tasks.representation import FIELDS
from todo_project.family.fields import DESCRIBED
from todo_project.family.paths import usual

SOURCES: Final = frozenset({".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte"})
NOT_ITS_OWN: Final = frozenset({"node_modules", ".next", ".git", "dist", "build", "out", "coverage", ".venv", "public"})
MAX_BYTES: Final = 500_000
# A text that ends in a path of the API: after a base address, or from its root.
ADDRESS: Final = re.compile(
    r"""["'`](?:https?://[^"'`/\s]+|\$\{[^}`]*\})?"""
    r"""((?:/api)?/(?:v1/|auth/|tasks|chat|conversations|users/|admin/|register|signup|login|signin|\$\{)[^"'`\s]*)["'`]"""
)
METHOD: Final = re.compile(r"""method:\s*["'`](GET|POST|PUT|PATCH|DELETE)["'`]""", re.IGNORECASE)
CALLED: Final = re.compile(r"""\.(get|post|put|patch|delete)\s*(?:<[^>()]*>)?\s*\(\s*$""", re.IGNORECASE)
# How far from an address its method may stand.
NEAR: Final = 250
TASK_TYPE: Final = re.compile(
    r"\b(?:interface|type)\s+(I?(?:Task|Todo)(?:Create|Update|Input|Item|Data|Base|Response|Request)?)\b[^{;]*\{([^}]*)\}"
)
MEMBER: Final = re.compile(r"(?:^|[;,])\s*(?:readonly\s+)?(\w+)\??\s*:", re.MULTILINE)
# What Better Auth's own client asks of Better Auth, not of us.
BETTER_AUTH: Final = re.compile(r"/api/auth/(?:sign-(?:up|in|out)|get-session|token|jwks|ok|\[\.\.\.all\])")
KNOWN_IN_BODIES: Final = {"dueDate": "", "tags": ""}
# What is read in answers -> the setting that has it there; none: always there.
READ: Final[dict[str, tuple[str, str]]] = {
    "data.tasks of a list": (r"\.data\??\.tasks\b", "LIST_ENVELOPE=data.tasks"),
    "tasks and total of a list": (r"(?<!\.data)(?<!\.data\?)\.tasks\b(?=[\s\S]*\.total\b)", "LIST_ENVELOPE=tasks"),
    "a list as a bare array": (r"Promise<(?:Task|Todo)\[\]>", "LIST_ENVELOPE=false"),
    "status of a task": (r"\b(?:task|todo|t)\??\.status\b", "TASK_ALIASES=true"),
    "due_date of a task": (r"\b(?:task|todo|t)\??\.due_date\b", "TASK_ALIASES=true"),
    "token of a login": (r"\b(?:data|res|result|response|json)\??\.token\b", ""),
    "message of an error": (r"\b(?:error|err|data|body)\??\.message\b", ""),
    "detail of an error": (r"\b(?:error|err|data|body)\??\.detail\b", ""),
    "response_text of a turn": (r"\.response_text\b", ""),
    "tool_invocations of a turn": (r"\.tool_invocations\b", ""),
    "the session's own token": (r"\bsession\??\.token\b", "BETTER_AUTH_DATABASE_URL=…"),
}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    what: str
    where: str
    works: bool
    # A setting, or why it does not.
    note: str = ""


@dataclass(slots=True)
class Diagnosis:
    findings: list[Finding] = field(default_factory=list)
    files: int = 0
    unread: list[str] = field(default_factory=list)


def examine(directory: Path) -> Diagnosis:
    diagnosis, found = Diagnosis(), dict[str, Finding]()
    for path in _sources(directory):
        name = str(path.relative_to(directory))
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            text = ""
        if not text or len(text) > MAX_BYTES:
            diagnosis.unread += [name] if path.stat().st_size else []
            continue
        diagnosis.files += 1
        for finding in _examine(text, name):
            # The first place says enough.
            found.setdefault(finding.what, finding)
    diagnosis.findings = sorted(found.values())
    return diagnosis


def _sources(directory: Path) -> Iterator[Path]:
    for path in sorted(directory.rglob("*")):
        inside = path.relative_to(directory).parts
        if path.suffix in SOURCES and not NOT_ITS_OWN.intersection(inside) and path.is_file():
            yield path


def _examine(text: str, name: str) -> Iterator[Finding]:
    for match in ADDRESS.finditer(text):
        yield _call(match[1], _method(text, match), f"{name}:{_line(text, match.start())}")
    for match in TASK_TYPE.finditer(text):
        for member in MEMBER.findall(match[2]):
            yield _field(member, f"{name}:{_line(text, match.start())}")
    for what, (pattern, setting) in READ.items():
        if read := re.search(pattern, text):
            yield Finding(f"reads {what}", f"{name}:{_line(text, read.start())}", works=True, note=setting)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _method(text: str, match: re.Match[str]) -> str:
    if called := CALLED.search(text[max(0, match.start() - NEAR) : match.start()]):
        return called[1].upper()
    after = text[match.end() : match.end() + NEAR]
    # Not that of the next call.
    given = METHOD.search(after.partition("fetch(")[0])
    return given[1].upper() if given else "GET"


def _call(address: str, method: str, where: str) -> Finding:
    path = re.sub(r"\$\{[^}]*\}", "{}", address.partition("?")[0]).removesuffix("{}" if "?" in address else "\0")
    path = path if path.startswith("/api/") else f"/api{path}"
    what = f"{method} {path.rstrip('/')}"
    if BETTER_AUTH.match(path):
        return Finding(what, where, works=True, note="Better Auth's own, at its own origin")
    allowed = _methods(path)
    if method in allowed:
        return Finding(what, where, works=True)
    return Finding(what, where, works=False, note=f"allowed: {', '.join(allowed)}" if allowed else "no such path here")


def _methods(path: str) -> list[str]:
    """What may be asked of a path, with an id in the place of each ``{}``."""
    sample = usual(path.replace("{}", "0197a3f0-5f6e-7c31-9f0e-2b1c8f0a4d11").rstrip("/"))
    try:
        view: Any = resolve(sample).func
    except Resolver404:
        return []
    handled = getattr(view, "actions", None) or [name for name in ("get", "post", "put", "patch", "delete")
                                                 if hasattr(view.cls, name)]  # fmt: skip
    permitted = view.initkwargs.get("http_method_names", view.cls.http_method_names)
    return [name.upper() for name in handled if name in permitted and name != "head"]


def _field(name: str, where: str) -> Finding:
    what = f"field {name} of a task"
    if name in {known for known, _, _ in FIELDS} | KNOWN_IN_BODIES.keys():
        return Finding(what, where, works=True)
    if name in DESCRIBED:
        return Finding(what, where, works=True, note="TASK_ALIASES=true")
    return Finding(what, where, works=False, note="not known here: it is not kept")
