"""Three shops: two in Shanghai 1.1 km apart, one in Hangzhou; two clerks in each; a group in each."""

from dataclasses import dataclass, field

from linli.acquisition import api as acquisition
from linli.customers.handlers import on_external_contact
from linli.directory import api as directory
from linli.groups import api as groups
from linli.wecom.events import parse_event
from tests.connect.staged import SHOPS
from tests.sandbox.stage import Receiver, Stage

# BD-09, as Baidu gives them.
PLACES = [
    {"department": "100", "code": "SH1", "name": "静安店", "city": "上海", "lat": "31.2350", "lng": "121.4600"},
    {"department": "101", "code": "SH2", "name": "黄浦店", "city": "上海", "lat": "31.2350", "lng": "121.4715"},
    {"department": "102", "code": "HZ1", "name": "西湖店", "city": "杭州", "lat": "30.2600", "lng": "120.1500"},
]


@dataclass
class Town:
    """The sandbox, Linli's corp, and the ids of its shops by code."""

    stage: Stage
    corp_id: int
    shops: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        directory.sync(corp_id=self.corp_id)
        directory.choose_shop_parent(corp_id=self.corp_id, parent_wecom_id=SHOPS)
        found = directory.import_shops(corp_id=self.corp_id, rows=PLACES)
        assert not found.bad
        self.shops = {one.code: one.id for one in directory.shops(corp_id=self.corp_id)}

    def open_groups(self) -> None:
        for number, code in enumerate(("SH1", "SH2", "HZ1")):
            self.stage.act("create_group", owner=f"clerk{number}-0", name=f"{code} 福利群1")
        groups.sync(corp_id=self.corp_id)

    def make_codes(self) -> None:
        self.open_groups()
        acquisition.ensure_shop_codes(corp_id=self.corp_id)
        acquisition.forget()

    def code(self, shop: str) -> acquisition.CodeInfo:
        found = acquisition.shop_code(corp_id=self.corp_id, shop_id=self.shops[shop])
        assert found is not None
        return found

    def scan(self, shop: str, number: int) -> dict[str, str]:
        person = {"unionid": f"u{number}", "name": f"客{number}"}
        return self.stage.act("scan", state=self.code(shop).state, person=person)

    def apply_contacts(self, receiver: Receiver) -> None:
        self.stage.settle()
        for heard in receiver.heard:
            if "change_external_contact" in heard.xml:
                on_external_contact(parse_event(heard.xml.encode()), corp_id=self.corp_id)
        receiver.heard.clear()

    def calls(self, api: str) -> int:
        return int(self.stage.control("counters")["api_calls"].get(f"externalcontact/{api}", 0))
