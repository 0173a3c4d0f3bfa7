"""What can be wrong with a question."""

from django.utils.translation import gettext_lazy as _

from linli.kit.errors import BadInput, NotFound, Refused


class BadDefinition(BadInput):
    """The JSON is not a definition; the message names the place and what is wanted there."""

    def __init__(self, path: str, message: object) -> None:
        super().__init__("segments.bad_definition", message)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class NoSegment(NotFound):
    """There is no such segment in this corp."""

    def __init__(self) -> None:
        super().__init__("segments.no_segment", _("This segment is not there any more. Go back to the list."))


class NameTaken(Refused):
    """Another segment has this name."""

    def __init__(self, name: str) -> None:
        message = _("There is already a segment called “%(name)s”. Choose another name.") % {"name": name}
        super().__init__("segments.name_taken", message)


class InUse(Refused):
    """Another segment asks for this one."""

    def __init__(self, names: str) -> None:
        message = _("It is used by %(names)s. Change that first.") % {"names": names}
        super().__init__("segments.in_use", message)
