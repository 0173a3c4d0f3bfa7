"""A corp of Linli whose archive is the sandbox's, with people who talk there."""

import base64
from dataclasses import dataclass
from typing import Any

from linli.archive import api as archive
from linli.archive.models import ArchiveLine, Message
from linli.wecom.archive_messages import build_message
from tests.archive.sealing import pem, public_pem
from tests.connect.staged import befriend, seed
from tests.sandbox.stage import Stage

SECRET, CLERK = "the-archive", "clerk0-0"


def world() -> dict[str, Any]:
    """The sandbox's corp with an archive's secret beside its app."""
    whole = seed()
    app = {"agentid": 2000004, "name": "会话存档", "secret": SECRET, "archive": True}
    return {**whole, "apps": [*whole["apps"], app]}


@dataclass
class Town:
    """The sandbox, Linli's corp, and a customer who agreed."""

    stage: Stage
    corp_id: int
    customer: str = ""

    def begin(self) -> None:
        """Buy the archive, set its key, choose it in Linli, and let a customer agree (the first message)."""
        self.stage.act("admin_sets_archive", userids=[CLERK])
        self.stage.act("admin_sets_archive_key", public_key=public_pem(1))
        self.choose()
        archive.add_key(corp_id=self.corp_id, version=1, private_key=pem(1), author="管理员")
        self.customer = befriend(self.stage, 1, CLERK)
        self.stage.act("agree_to_archive", **self.pair)

    def choose(self, back: str = archive.SANDBOX, **more: Any) -> None:
        given = {"secret": SECRET, "proxy": "", "proxy_password": "", "timeout_s": 10, "author": "管理员"}
        archive.choose(corp_id=self.corp_id, back=back, **{**given, **more})

    @property
    def pair(self) -> dict[str, str]:
        return {"userid": CLERK, "external_userid": self.customer}

    def says(self, text: str = "在吗", who: str = "customer", **wishes: Any) -> str:
        return str(self.stage.act(f"{who}_writes", **{**self.pair, "text": text, **wishes})["msgid"])

    def sends(self, kind: str, data: bytes, **body: Any) -> str:
        """A file of this kind."""
        return self.says(content={"msgtype": kind, kind: body}, file=base64.b64encode(data).decode())

    def pull(self) -> archive.Pulled:
        return archive.pull(corp_id=self.corp_id)

    def kinds(self) -> list[str]:
        return list(Message.objects.filter(corp_id=self.corp_id).order_by("seq").values_list("kind", flat=True))

    def read(self, msgid: str) -> dict[str, Any]:
        found = archive.message(corp_id=self.corp_id, msgid=msgid)
        assert found is not None
        return build_message(found)

    @property
    def line(self) -> ArchiveLine:
        return ArchiveLine.objects.get(corp_id=self.corp_id)
