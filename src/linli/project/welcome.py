"""What the welcome process does with one due welcome: the room that knows the words, the line that carries them."""

from datetime import timedelta
from time import sleep

from linli.acquisition import api as acquisition
from linli.connect import api as connect
from linli.kit.clock import now
from linli.kit.errors import LinliError, Unavailable
from linli.ledger.api import DueWelcome, WelcomeOutcome
from linli.wecom.catalogue import Retry
from linli.wecom.client import Lane
from linli.wecom.errors import (
    ApiError,
    MessageError,
    OutcomeUnknown,
    TransportError,
    WelcomeDelivered,
    WelcomeExpired,
)

_LIFE = timedelta(seconds=20)
_GRACE = timedelta(seconds=2)  # WeCom decides at the edge, not our clock
_PAUSE_S = 0.3
_LOOKS = 30  # how often an unknown outcome is asked for when its time is over


def send(due: DueWelcome) -> tuple[WelcomeOutcome, str]:
    """Say welcome once. WelcomeDelivered means that we had said it before we died; an unknown outcome is looked up by
    saying it again, because WeCom lets a code work once, and answers for it also after the 20 seconds."""
    deadline, unknown = due.event_at + _LIFE, int(due.again)
    note = "the code was older than 20 s when we saw it"
    while now() < deadline + _GRACE or 0 < unknown <= _LOOKS:
        try:
            _say(due)
        except WelcomeDelivered:
            return WelcomeOutcome.SENT, "delivered before"
        except WelcomeExpired:
            return WelcomeOutcome.TOO_LATE, "41050"
        except OutcomeUnknown as error:
            note, unknown = type(error).__name__, unknown + 1
        except TransportError as error:
            note, unknown = type(error).__name__, unknown + bool(unknown)
        except Unavailable as error:
            note, unknown = error.code, unknown + bool(unknown)
        except ApiError as error:
            if error.meaning.retry is Retry.NEVER:
                return WelcomeOutcome.REFUSED, str(error.code)
            note, unknown = str(error.code), unknown + bool(unknown)  # busy, or a token that ended twice in one call
        except (MessageError, LinliError) as error:
            return WelcomeOutcome.REFUSED, str(error.code)
        else:
            return WelcomeOutcome.SENT, ""
        sleep(_PAUSE_S)
    return WelcomeOutcome.TOO_LATE, note


def _say(due: DueWelcome) -> None:
    words = acquisition.welcome_for(corp_id=due.corp_id, state=due.channel_state, userid=due.user_id, at=due.event_at)
    client = connect.client(corp_id=due.corp_id, lane=Lane.WELCOME)
    client.send_welcome(due.code, words.text, words.attachments)
