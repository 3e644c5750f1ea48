"""What a command begins with, as parts of patterns."""

from typing import Final

CHANGING: Final = (
    r"(?:complete|finish|mark|check off|tick off|check|tick|delete|remove|erase|get rid of|throw away|drop|cancel"
    r"|rename|change|set|make|move|postpone"
    r"|reschedule|push|tag|untag|label|reopen|re-open|undo|uncheck|untick|update|edit|prioriti[sz]e|describe"
    r"|i (?:have )?(?:finished|completed|did)|i['’]ve (?:finished|completed|done)|clear)"
)
ADDING: Final = r"(?:add|create|remind me|put|new task|don['’]?t forget|do not forget)"
REFUSING: Final = r"(?:do not|don['’]?t|never ?mind|never|no need to)"
