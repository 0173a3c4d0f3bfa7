"""The limits of tags, rule groups, albums, intercept rules and acquisition links, as the wire has them today."""

from dataclasses import dataclass


@dataclass
class ShelfTunables:
    """Lengths count characters unless they say bytes; a cap of 0 is none, because WeCom does not publish its own."""

    tags_most: int = 10_000
    strategy_s: float = 0.0
    strategy_admins_most: int = 20
    strategy_nodes_a_call: int = 100
    strategy_nodes_most: int = 3000
    strategy_levels_most: int = 5
    products_most: int = 0
    product_description_most: int = 300
    # In fen: 50,000 yuan.
    product_price_most: int = 5_000_000
    product_sn_most_bytes: int = 128
    product_images_most: int = 9
    intercept_rules_most: int = 100
    intercept_name_most: int = 20
    intercept_words_most: int = 300
    intercept_word_most: int = 32
    intercept_range_most: int = 1000
    intercept_people_most: int = 10_000
    links_most: int = 0
    link_name_most: int = 30
    link_people_most: int = 500
    link_priority_most: int = 1000
    link_channel_most_bytes: int = 64
    link_statistic_days: int = 30
    link_statistic_back_days: int = 180
    chat_key_life_s: float = 1800.0
    quota_low: int = 20
    # When somebody who comes by a link uses the quota up: `add` or `chat`, the first message.
    quota_charges: str = "add"
    # Some industries hear open_profile and friend_request.
    link_profile_events: bool = False
