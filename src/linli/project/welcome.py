"""What the welcome process does with one due welcome: the room that knows the words, the line that carries them."""

from datetime import timedelta

from linli.acquisition import api as acquisition
from linli.connect import api as connect
from linli.kit.clock import now
from linli.ledger.api import DueWelcome, WelcomeOutcome
from linli.wecom.client import Lane
from linli.wecom.errors import ApiError, MessageError, TransportError, WelcomeDelivered, WelcomeExpired

_LIFE = timedelta(seconds=20)


def send(due: DueWelcome) -> tuple[WelcomeOutcome, str]:
    """Say welcome once. WelcomeDelivered means that we had said it before we died; an unknown outcome is looked up by
    saying it again, because WeCom lets a code work once."""
    if now() - due.event_at > _LIFE + timedelta(seconds=2):
        return WelcomeOutcome.TOO_LATE, "the code was older than 20 s when we saw it"
    words = acquisition.welcome_for(corp_id=due.corp_id, state=due.channel_state, userid=due.user_id, at=due.event_at)
    client = connect.client(corp_id=due.corp_id, lane=Lane.WELCOME)
    for attempt in (1, 2, 3):
        try:
            client.send_welcome(due.code, words.text, words.attachments)
        except WelcomeDelivered:
            return WelcomeOutcome.SENT, "" if attempt > 1 else "delivered before"
        except WelcomeExpired:
            return WelcomeOutcome.TOO_LATE, "41050"
        except (ApiError, MessageError) as error:
            return WelcomeOutcome.REFUSED, str(error.code)
        except TransportError as error:
            note = type(error).__name__
        else:
            return WelcomeOutcome.SENT, ""
    return WelcomeOutcome.REFUSED, note
