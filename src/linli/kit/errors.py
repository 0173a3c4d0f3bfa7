"""The tree of expected errors.

LinliError
├── BadInput        what a person or a program gave cannot be taken; says what to do
├── NotFound        it is not there, or not for you
├── Refused         known, but not allowed now
└── Unavailable     the world outside does not answer; nothing is lost, try again
Unexpected errors are never swallowed.
"""


class LinliError(Exception):
    """An expected error: `code` for programs, `message` (a lazily translated sentence that says what to do) for people."""

    def __init__(self, code: str, message: object) -> None:
        super().__init__(code)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class BadInput(LinliError):
    """What was given cannot be taken."""


class NotFound(LinliError):
    """It is not there, or not for you: the two are not told apart."""


class Refused(LinliError):
    """Understood, but not allowed now."""


class Unavailable(LinliError):
    """The world outside does not answer; nothing is lost."""
