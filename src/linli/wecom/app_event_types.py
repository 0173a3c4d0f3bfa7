"""Events about the acquisition assistant, the app itself and its jobs (wire.md F.4)."""

from dataclasses import dataclass

from linli.wecom.event_types import Event, object_key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquisitionBalanceLow(Event):
    """Fewer than 20 uses of acquisition links are left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquisitionBalanceExhausted(Event):
    """No use of acquisition links is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquisitionBalanceIncreased(Event):
    """The balance rose above zero again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquisitionQuotaExpiring(Event):
    """`expiring_count` uses end at `expires_at` (unix seconds); told 14, 7, 3, 2 and 1 days before."""

    expires_at: int
    expiring_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquisitionLinkUnavailable(Event):
    """A link can no longer be used."""

    link_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquisitionLinkDeleted(Event):
    """A link was deleted by a person."""

    link_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquisitionProfileOpened(Event):
    """A visitor opened the profile behind a link."""

    link_id: str
    state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquisitionFriendRequested(Event):
    """A visitor asked to be added by way of a link."""

    link_id: str
    state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquisitionChatStarted(Event):
    """A customer who came by a link wrote for the first time."""

    user_id: str
    external_user_id: str
    link_id: str

    @property
    def object_key(self) -> str:
        """The customer."""
        return object_key_of(self.event, self.external_user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquisitionMessageReceived(Event):
    """A customer's 3rd, 5th or 10th message; since 2024-12-19 only `chat_key` (30 minutes) tells who wrote."""

    link_id: str
    chat_key: str
    user_id: str | None = None
    external_user_id: str | None = None
    chat_seq: int | None = None

    @property
    def object_key(self) -> str:
        """The customer where WeCom still names one, else the family."""
        return object_key_of(self.event, self.external_user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchJobFinished(Event):
    """An import job of the address book ended; `job_type` is sync_user, replace_user, invite_user or replace_party."""

    job_id: str
    job_type: str
    error_code: int
    error_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaUploadFinished(Event):
    """An upload by URL ended; its result must be fetched."""

    job_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveNotified(Event):
    """The archive holds at least one new message."""

    agent_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceMessageArrived(Event):
    """The customer-service channel has something to fetch with `token`."""

    token: str
    open_kfid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppEvent(Event):
    """Base of what a staff member does inside the app."""

    user_id: str
    agent_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSubscribed(AppEvent):
    """A staff member came into the app's visible range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppUnsubscribed(AppEvent):
    """A staff member left the app's visible range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppEntered(AppEvent):
    """A staff member opened the app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuClicked(AppEvent):
    """A staff member pressed a button of the app's menu."""

    event_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedItem:
    """What was chosen for one question of a card."""

    question_key: str
    option_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPressed(AppEvent):
    """A staff member pressed a template card; `response_code` updates that card once, within 72 hours."""

    event_key: str
    task_id: str
    card_type: str
    response_code: str
    selected_items: tuple[SelectedItem, ...] = ()
