"""What can be wrong with a send."""

from django.utils.translation import gettext_lazy as _

from linli.kit.errors import BadInput, NotFound, Refused


class BadContent(BadInput):
    """The message cannot be sent as it is; the message says where and what to do."""

    def __init__(self, message: object) -> None:
        super().__init__("messaging.bad_content", message)


class NoSend(NotFound):
    """There is no such send in this corp."""

    def __init__(self) -> None:
        super().__init__("messaging.no_send", _("This send is not there. Go back to the list."))


class NoTask(NotFound):
    """There is no such task in this corp."""

    def __init__(self) -> None:
        super().__init__("messaging.no_task", _("This task is not there. Go back to the send."))


class WrongState(Refused):
    """The send is past (or before) this step."""

    def __init__(self) -> None:
        super().__init__("messaging.wrong_state", _("The send has moved on meanwhile. Look at it again first."))


class NobodyLeft(Refused):
    """Nobody would receive it."""

    def __init__(self) -> None:
        super().__init__("messaging.nobody", _("Nobody would receive this. Change whom it goes to."))


class RemindedEnough(Refused):
    """WeCom allows three reminders of a task within 24 hours."""

    def __init__(self) -> None:
        message = _("Reminded three times in 24 hours already; WeCom allows no more. Call the clerk instead.")
        super().__init__("messaging.reminded_enough", message)
