"""What the control plane may turn: limits, lags and lives."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from wecom_sandbox.errors import ControlError
from wecom_sandbox.limit_tunables import LimitTunables

MB = 1024 * 1024
ENDED_MEDIA_CODES = (40007, 40145)
MASS_PERIODS = ("month", "week", "day")
CHARGES = ("add", "chat")


@dataclass
class Tunables(LimitTunables):
    """Figures that WeCom changes by date or does not publish; the defaults are wire.md's."""

    rate_per_minute: int = 10_000
    token_life_s: float = 7200
    group_lag_s: float = 0.0
    dispatch_s: float = 0.0
    welcome_life_s: float = 20.0
    welcome_waits_for_consent: bool = False
    mass_period: str = "month"
    customer_cap: int = 5000
    room_qr_limit: int = 200
    callback_timeout_s: float = 5.0
    callback_backoff_s: float = 0.2
    reorder_silence_s: float = 0.3
    one_way_after_customer_deletes: bool = False
    half_friends_since_scan: bool = False
    private_fields: bool = False
    helper_reads_details: bool = True
    user_list_most: int = 0
    transfer_s: float = 86_400
    transfers_per_window: int = 2
    transfer_window_days: int = 90
    transfer_keeps_marks: bool = True
    room_transfer_s: float = 0.0
    room_transfers_a_day: int = 300
    login_days: int = 365
    room_member_limit: int = 500
    temp_ways_a_day: int = 100_000
    contact_list_cursor_s: float = 14_400
    developer_bound: bool = True
    media_life_s: float = 3 * 86_400.0
    ended_media_code: int = 40145
    image_most_bytes: int = 10 * MB
    voice_most_bytes: int = 2 * MB
    voice_most_s: float = 60.0
    video_most_bytes: int = 10 * MB
    file_most_bytes: int = 20 * MB
    range_most_bytes: int = 20 * MB
    picture_most_bytes: int = 2 * MB
    pictures_per_day: int = 1000
    pictures_per_month: int = 3000
    url_media_most_bytes: int = 200 * MB
    url_job_life_s: float = 3600.0
    url_name_most_bytes: int = 128
    url_most_bytes: int = 1024
    moment_long_side: int = 10_800
    moment_short_side: int = 1_080
    moment_video_most_s: float = 30.0
    moments_enabled: bool = True
    moments_per_minute: int = 10
    moments_per_month: int = 100_000
    moment_jobs_most: int = 100
    moment_job_s: float = 0.0
    moment_job_life_s: float = 86_400.0
    moments_a_customer_a_day: int = 3
    moment_text_most_characters: int = 2000
    moment_text_most_bytes: int = 4000
    moment_images_most: int = 9
    moment_senders_most: int = 100_000
    moment_title_most_bytes: int = 64
    moment_link_most_bytes: int = 2048
    moment_list_most_s: float = 30 * 86_400.0
    welcome_templates_most: int = 100
    welcome_template_most_bytes: int = 3000
    user_ticket_life_s: float = 1800.0
    js_ticket_life_s: float = 7200.0
    js_tickets_per_hour_corp: int = 400
    js_tickets_per_hour_app: int = 100
    account_cap: int = 200
    notices_per_account_a_day: int = 200
    notices_per_minute: int = 30
    notices_per_hour: int = 1000
    recall_s: float = 86_400.0
    card_code_life_s: float = 72 * 3600.0
    app_chats_a_day: int = 1000
    app_chat_updates_an_hour: int = 1000
    app_chat_pushes_a_minute: int = 20_000
    app_chat_pushes_an_hour: int = 300_000
    app_chat_per_minute: int = 200
    app_chat_per_day: int = 10_000
    archive_silence_agrees: bool = False
    archive_window_s: float = 5 * 86_400.0
    archive_page_most: int = 1000
    archive_piece_bytes: int = 512 * 1024
    archive_chatdata_per_minute: int = 4000
    archive_media_per_minute: int = 25_000
    archive_old_seq_refused: bool = False
    robot_infos_per_minute: int = 600
    kf_accounts_most: int = 5000
    kf_syncs_without_token_a_minute: int = 60
    kf_answer_s: float = 48 * 3600.0
    kf_code_life_s: float = 20.0
    # Forms that WeCom's pages no longer show and that older clients still send.
    old_forms: bool = True

    def change(self, wishes: dict[str, Any]) -> None:
        """Take the named values, all or none."""
        kinds = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        for name, value in wishes.items():
            kind = kinds.get(name)
            if kind is None:
                raise ControlError(400, f"unknown tunable {name!r}")
            numeric = kind in (int, float) and isinstance(value, int | float) and not isinstance(value, bool)
            if not numeric and not isinstance(value, kind):
                raise ControlError(400, f"tunable {name!r} takes a {kind.__name__}")
            if numeric and value < 0:
                raise ControlError(400, f"tunable {name!r} cannot be negative")
        if wishes.get("quota_charges", self.quota_charges) not in CHARGES:
            raise ControlError(400, f"quota_charges is one of {', '.join(CHARGES)}")
        if wishes.get("mass_period", self.mass_period) not in MASS_PERIODS:
            raise ControlError(400, f"mass_period is one of {', '.join(MASS_PERIODS)}")
        if wishes.get("ended_media_code", self.ended_media_code) not in ENDED_MEDIA_CODES:
            raise ControlError(400, "ended_media_code is 40007 or 40145")
        for name, value in wishes.items():
            setattr(self, name, kinds[name](value))

    def describe(self) -> dict[str, Any]:
        """Every value by name."""
        return asdict(self)
