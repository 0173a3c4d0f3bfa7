"""Sends and clerks for the tests: short words for what is done often."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import httpx

from linli.messaging import api
from linli.messaging.models import Recipient, StaffTask
from linli.segments.definition import Everyone
from tests.sandbox.stage import Stage

TEXT = "好久没见你来{shop}坐坐啦。"


@dataclass
class Chain:
    """A corp of Linli, its sandbox, and the customers there."""

    corp_id: int
    stage: Stage
    people: list[str]

    def draft(self, text: str = TEXT, **more: Any) -> int:
        values = {"definition": Everyone(), "holdout_percent": 0, "name": "唤醒沉睡客", **more}
        draft = api.Draft(content=api.Content(text, values.pop("attachments", ())), **values)
        return api.create(corp_id=self.corp_id, draft=draft, author="周岚").id

    def approved(self, text: str = TEXT, **more: Any) -> int:
        send_id = self.draft(text, **more)
        api.plan(corp_id=self.corp_id, send_id=send_id, author="周岚")
        api.approve(corp_id=self.corp_id, send_id=send_id, author="周岚")
        return send_id

    def launched(self, text: str = TEXT, **more: Any) -> int:
        send_id = self.approved(text, **more)
        assert api.launch(corp_id=self.corp_id, send_id=send_id)
        return send_id

    def funnel(self, send_id: int) -> api.Funnel:
        return api.funnel(corp_id=self.corp_id, send_id=send_id)

    def pull(self, send_id: int) -> bool:
        return api.pull_results(corp_id=self.corp_id, send_id=send_id)

    def tasks(self, send_id: int) -> list[StaffTask]:
        return list(StaffTask.objects.filter(send_id=send_id).order_by("id"))

    def states(self, send_id: int) -> Counter[str]:
        return Counter(Recipient.objects.filter(send_id=send_id).values_list("state", flat=True))

    def confirm(self, task: StaffTask) -> None:
        self.stage.act("confirm", msgid=task.msgid, userid=task.userid)

    def theirs(self) -> list[dict[str, Any]]:
        """All tasks that the sandbox holds, per clerk."""
        found: list[dict[str, Any]] = self.stage.control("tasks?status=all")["tasks"]
        return found


class Line(httpx.BaseTransport):
    """The real line to the sandbox, which can be cut: before a call arrives, or after it was done and before the answer."""

    def __init__(self, api_name: str, *, after: bool, times: int = 1, error: Any = None) -> None:
        self.real = httpx.HTTPTransport()
        self.api_name, self.after, self.times = api_name, after, times
        self.error = error or httpx.ReadTimeout("cut")

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        cut = self.times > 0 and request.url.path.endswith(self.api_name)
        if not cut:
            return self.real.handle_request(request)
        self.times -= 1
        if self.after:
            self.real.handle_request(request).read()
        raise self.error


def cut_line(monkeypatch: Any, line: Line) -> None:
    """From now on Linli speaks over this line."""
    monkeypatch.setattr("linli.connect.line.shared_http", lambda: httpx.Client(transport=line))
