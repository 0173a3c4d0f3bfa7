"""The limits of customer contact (wire.md I.1, C.1–C.8) and of calls (A.4), as the wire has them today."""

from dataclasses import dataclass

from wecom_sandbox.shelf_tunables import ShelfTunables


@dataclass
class LimitTunables(ShelfTunables):
    """Lengths count characters unless they say bytes; where 0 is no limit, WeCom publishes none or expands it on request."""

    # How often, in real time: a corp and one API, an address and one API, calls with debug=1, wrong secrets of an address.
    rate_per_hour: int = 150_000
    address_rate_per_minute: int = 20_000
    address_rate_per_hour: int = 600_000
    debug_per_minute: int = 5
    wrong_secrets_per_hour: int = 2000
    # How many calls of one API a corp may have under way (45033), and whether two writes of one relation clash (45035).
    concurrent_most: int = 0
    clashing_writes: bool = True
    # The header that names a caller's address, for tests of trusted addresses; "" is the connection's.
    address_header: str = ""
    ways_most: int = 500_000
    way_users_most: int = 100
    way_state_most: int = 30
    way_remark_most: int = 30
    way_life_most_s: float = 14 * 86_400.0
    join_way_rooms_most: int = 5
    join_way_name_most: int = 40
    remark_most: int = 20
    description_most: int = 150
    company_most: int = 20
    tag_name_most: int = 30
    relation_tags_most: int = 3000
    followers_a_page: int = 500
    relations_a_page: int = 100
    groups_a_page: int = 1000
    groups_without_filter: int = 1000
    group_names_most: int = 100
    wechat_people_most: int = 40
    inner_members_most: int = 2000
    corp_customers_most: int = 0
    text_most_bytes: int = 4000
    attachments_most: int = 9
    mass_customers_most: int = 10_000
    mass_groups_most: int = 2000
    mass_tags_most: int = 100
    mass_per_month: int = 0
    mass_per_week: int = 7
    mass_per_day: int = 1
    mass_list_days: int = 31
    reminders_most: int = 3
    reminders_within_s: float = 86_400.0
    transfer_ids_most: int = 100
    transfer_words_most: int = 200
    statistic_days: int = 30
    statistic_back_days: int = 180
    statistic_names_most: int = 100
    message_users_most: int = 1000
    message_parties_most: int = 100
    kf_replies_most: int = 5
    kf_kept_s: float = 3 * 86_400.0
    oauth_code_life_s: float = 300.0
