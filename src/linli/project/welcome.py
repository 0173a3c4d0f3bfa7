"""What the welcome process does with one due welcome: the room that knows the words, the line that carries them."""

from datetime import timedelta
from time import sleep

from linli.acquisition import api as acquisition
from linli.connect import api as connect
from linli.kit.clock import now
from linli.kit.errors import LinliError, Unavailable
from linli.ledger.api import DueWelcome, WelcomeOutcome
from linli.wecom.client import Lane
from linli.wecom.errors import ApiError, MessageError, TransportError, WelcomeDelivered, WelcomeExpired

_LIFE = timedelta(seconds=20)
_GRACE = timedelta(seconds=2)  # WeCom decides at the edge, not our clock
_PAUSE_S = 0.3


def send(due: DueWelcome) -> tuple[WelcomeOutcome, str]:
    """Say welcome once. WelcomeDelivered means that we had said it before we died; an unknown outcome is looked up by
    saying it again, because WeCom lets a code work once."""
    deadline = due.event_at + _LIFE
    note = "the code was older than 20 s when we saw it"
    again = due.again
    while again or now() < deadline + _GRACE:
        again = False  # what we may have said before we died is asked once, however late: WeCom then says that it was
        try:
            _say(due)
        except WelcomeDelivered:
            return WelcomeOutcome.SENT, "delivered before"
        except WelcomeExpired:
            return WelcomeOutcome.TOO_LATE, "41050"
        except TransportError as error:
            note = type(error).__name__
        except Unavailable as error:
            note = error.code
        except (ApiError, MessageError, LinliError) as error:
            return WelcomeOutcome.REFUSED, str(error.code)
        else:
            return WelcomeOutcome.SENT, ""
        sleep(_PAUSE_S)
    return WelcomeOutcome.TOO_LATE, note


def _say(due: DueWelcome) -> None:
    words = acquisition.welcome_for(corp_id=due.corp_id, state=due.channel_state, userid=due.user_id, at=due.event_at)
    client = connect.client(corp_id=due.corp_id, lane=Lane.WELCOME)
    client.send_welcome(due.code, words.text, words.attachments)
