"""A caller with a key, as a till has one."""

import json
from types import SimpleNamespace

from django.test import Client

from linli.access import api as access


class Caller:
    """Posts and gets with its key; `said` is the body of an answer."""

    def __init__(self, corp, scopes, language="zh-Hans"):
        self.corp = corp
        self.client = Client()
        key = access.create_api_key(corp_id=corp.id, name="till", scopes=scopes)
        self.headers = {"Authorization": f"Bearer {key}", "Accept-Language": language}

    def post(self, path, body, **headers):
        text = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return self._said(
            self.client.post(f"/api/v1/{path}", text, content_type="application/json", headers=self.headers | headers)
        )

    def get(self, path):
        return self._said(self.client.get(f"/api/v1/{path}", headers=self.headers))

    def _said(self, response):
        return SimpleNamespace(status=response.status_code, said=json.loads(response.content))


def order(number="1", **changes):
    lines = [{"sku": "A", "description": "马克杯", "quantity": 2, "unit_price": "25.50"}]
    return {"number": number, "paid_at": "2026-03-08T09:30:00+08:00", "buyer_ref": "17850", "lines": lines} | changes
