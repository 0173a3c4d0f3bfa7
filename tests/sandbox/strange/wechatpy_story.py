"""wechatpy 2.0.0a26's wechatpy.work against a sandbox: run by an interpreter that has it, and that has no Linli.

`python wechatpy_story.py BASE CORP SECRET AGENT`; prints as JSON which methods were called well, and which there are.
Nothing of the client is changed but its base address; three of its methods hold theirs in their code, and get it here too.
"""

import inspect
import io
import json
import sys
import time
from collections import Counter
from typing import Any

import requests
from ears import Ears
from wechatpy.client.api.base import BaseWeChatAPI
from wechatpy.exceptions import WeChatClientException
from wechatpy.work import WeChatClient

BASE, CORP, SECRET, AGENT = *sys.argv[1:4], int(sys.argv[4])
OFFICIAL = "https://qyapi.weixin.qq.com/cgi-bin/"
DAY = 86_400


class Client(WeChatClient):
    API_BASE_URL = f"{BASE}/cgi-bin/"

    def _fetch_access_token(self, url: str, params: dict[str, str]) -> Any:
        return super()._fetch_access_token(url.replace(OFFICIAL, self.API_BASE_URL), params)


class Noted:
    """One API of the client; each method that answers is noted."""

    def __init__(self, name: str, api: Any, done: Counter[str]) -> None:
        self._name, self._api, self._done = name, api, done

    def __getattr__(self, method: str) -> Any:
        real = getattr(self._api, method)

        def call(*args: Any, **named: Any) -> Any:
            answer = real(*args, **named)
            self._done[f"{self._name}.{method}"] += 1
            return answer

        return call


def offered(client: WeChatClient) -> dict[str, Any]:
    return dict(inspect.getmembers(client, lambda one: isinstance(one, BaseWeChatAPI)))


def methods(apis: dict[str, Any]) -> list[str]:
    found = []
    for name, api in apis.items():
        own = [
            one
            for cls in type(api).__mro__
            if issubclass(cls, BaseWeChatAPI) and cls is not BaseWeChatAPI
            for one in vars(cls)
        ]
        found += [f"{name}.{one}" for one in own if not one.startswith("_") and callable(getattr(api, one))]
    return sorted(set(found))


def act(kind: str, **wishes: Any) -> dict[str, Any]:
    answer = requests.post(f"{BASE}/control/act", json={"kind": kind, **wishes}, timeout=10).json()
    assert answer["ok"], answer
    return answer


def refused(code: int, call: Any, *args: Any, **named: Any) -> None:
    try:
        call(*args, **named)
    except WeChatClientException as error:
        assert error.errcode == code, error
    else:
        raise AssertionError(f"not refused with {code}")


class Story:
    """What a program on wechatpy would do in a day."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.ears = Ears(CORP)
        where = {
            "corp_id": CORP,
            "agentid": AGENT,
            "url": self.ears.url,
            "token": self.ears.token,
            "aes_key": self.ears.key,
        }
        assert requests.post(f"{BASE}/control/callback", json={**where, "verify": True}, timeout=10).json()["verified"]
        self.client = Client(CORP, SECRET)
        self.apis = offered(self.client)
        for name, api in self.apis.items():
            setattr(self, name, Noted(name, api, self.done))

    def token(self) -> None:
        assert len(self.client.access_token) <= 512
        self.done["client.access_token"] += 1
        refused(40001, Client(CORP, "wrong").fetch_access_token)
        old = self.client.access_token
        requests.post(f"{BASE}/control/faults", json={"rules": [{"fault": "42001", "counts": [1, 1]}]}, timeout=10)
        self.department.list()  # the token ends in it, and the client takes another by itself
        assert self.client.session.get(self.client.access_token_key) != old
        requests.post(f"{BASE}/control/faults", json={"rules": []}, timeout=10)
        assert self.misc.get_wechat_ips()

    def contacts(self) -> None:
        departments = self.department.list()
        assert {one["id"] for one in departments} == {1, 2, 3}
        assert {one["id"] for one in self.department.list(2)} == {2, 3}
        assert [set(one) for one in self.department.simple_list()] == [{"id", "parentid", "order"}] * 3
        assert self.department.get(3)["name"] == "一店"
        assert {one["userid"] for one in self.department.get_users(2, fetch_child=1)} == {"zhangsan", "lisi", "wangwu"}
        assert self.department.get_map_users(3)["张三"] == "zhangsan"
        assert self.user.get("zhangsan")["position"] == "店长"
        assert {one["name"] for one in self.user.list(3)} == {"张三", "李四"}
        assert self.user.getuserid("13800000000") == "zhangsan"
        openid = self.user.convert_to_openid("zhangsan")["openid"]
        assert openid.startswith("o")
        refused(60111, self.user.get, "nobody")

    def staff_tags(self) -> None:
        made = self.tag.create("值班")
        self.tag.add_users(made["tagid"], ["zhangsan"], [2])
        assert self.tag.get_users(made["tagid"])["userlist"][0]["userid"] == "zhangsan"
        assert [one["tagname"] for one in self.tag.list()] == ["值班"]
        self.tag.update(made["tagid"], "晚班")
        self.tag.delete_users(made["tagid"], ["zhangsan"], [2])
        self.tag.delete(made["tagid"])
        assert self.tag.list() == []

    def friends(self) -> None:
        contact = self.external_contact
        assert set(contact.get_follow_user_list()["follow_user"]) == {"zhangsan", "lisi", "wangwu"}
        refused(84061, contact.list, "zhangsan")
        way = contact.add_contact_way(type=1, scene=2, user=["zhangsan"], state="door", remark="门口")
        assert way["qr_code"].startswith(BASE)
        contact.update_contact_way(way["config_id"], "大门口", state="gate", user=["zhangsan"])
        assert contact.get_contact_way(way["config_id"])["contact_way"]["state"] == "gate"
        self.people = []
        for number in range(3):
            person = {"unionid": f"o-strange-{number}", "name": f"客{number}"}
            added = act("scan", state="gate", person=person)
            self.people.append(added["external_userid"])
            if number == 0:
                heard = self.ears.wait("change_external_contact", ExternalUserID=added["external_userid"])
                assert heard["State"] == "gate"
                template = {"welcome_code": heard["WelcomeCode"], "text": {"content": "您好，欢迎光临"}}
                contact.send_welcome_msg(template)
                refused(41051, contact.send_welcome_msg, template)
        assert contact.list("zhangsan")["external_userid"] == self.people
        one = contact.get(self.people[0])
        assert (one["external_contact"]["name"], one["follow_user"][0]["state"]) == ("客0", "gate")
        assert len(contact.batch_get_by_user("zhangsan", limit=2)["external_contact_list"]) == 2
        shown = [row["external_contact"]["external_userid"] for row in contact.gen_all_by_user("zhangsan", 2)]
        assert shown == self.people
        contact.del_contact_way(way["config_id"])
        refused(41044, contact.get_contact_way, way["config_id"])

    def customer_tags(self) -> None:
        contact = self.external_contact
        group = contact.add_corp_tag(None, "等级", 1, [{"name": "金"}, {"name": "银"}])["tag_group"]
        gold, silver = (tag["id"] for tag in group["tag"])
        contact.mark_tag("zhangsan", self.people[0], add_tag=[gold, silver])
        contact.mark_tag("zhangsan", self.people[0], remove_tag=[silver])
        tags = contact.get(self.people[0])["follow_user"][0]["tags"]
        assert [tag["tag_name"] for tag in tags] == ["金"]
        contact.edit_corp_tag(gold, name="白金")
        contact.del_corp_tag(tag_id=[silver])
        listed = contact.get_corp_tag_list()["tag_group"]
        assert [tag["name"] for tag in listed[0]["tag"]] == ["白金"]

    def groups(self) -> None:
        contact, chats = self.external_contact, self.external_contact_group_chat
        chat_id = act("create_group", owner="zhangsan", name="福利群", members=self.people[:2])["chat_id"]
        assert contact.get_group_chat_list(10)["group_chat_list"][0]["chat_id"] == chat_id
        assert len(contact.get_group_chat_info(chat_id)["group_chat"]["member_list"]) == 3
        assert chats.list(limit=10)["group_chat_list"] == chats.list_all()
        assert chats.list_all(owner_userid_list=["lisi"]) == []
        assert chats.get(chat_id)["group_chat"]["owner"] == "zhangsan"
        now = requests.get(f"{BASE}/control/clock", timeout=10).json()["now"]
        requests.post(f"{BASE}/control/clock", json={"advance": DAY, "force": True}, timeout=10)
        figures = chats.statistic(int(now), owner_userid_list=["zhangsan"])
        assert figures["items"][0]["data"]["new_chat_cnt"] == 1
        behavior = contact.get_user_behavior_data(["zhangsan"], int(now), int(now))["behavior_data"]
        assert behavior[0]["new_contact_cnt"] == 3
        template = {"text": {"content": "%NICKNAME% 欢迎"}}
        made = contact.add_group_welcome_template(template, AGENT)["template_id"]
        contact.update_group_welcome_template({"text": {"content": "欢迎"}}, made, AGENT)
        assert contact.get_group_welcome_template(made)["text"]["content"] == "欢迎"
        contact.del_group_welcome_template(made, AGENT)

    def mass(self) -> None:
        contact = self.external_contact
        template = {
            "chat_type": "single",
            "external_userid": self.people,
            "sender": "zhangsan",
            "text": {"content": "上新了"},
        }
        made = contact.add_msg_template(template)
        assert made["fail_list"] == []
        act("confirm", msgid=made["msgid"], userid="zhangsan")
        result = contact.get_group_msg_result(made["msgid"])
        assert {row["status"] for row in result["detail_list"]} == {1}

    def leaving(self) -> None:
        act("staff_leaves", userid="zhangsan")
        waiting = self.external_contact.get_unassigned_list()
        assert {row["external_userid"] for row in waiting["info"]} == set(self.people)

    def files(self) -> None:
        png, amr, mp4 = (bytes.fromhex(one) for one in FILES)
        ids = {}
        for kind, name, data in (
            ("image", "a.png", png),
            ("voice", "a.amr", amr),
            ("video", "a.mp4", mp4),
            ("file", "a.txt", b"hello there"),
        ):
            stream = io.BytesIO(data)
            stream.name = name
            ids[kind] = self.media.upload(kind, stream)["media_id"]
        picture = io.BytesIO(png)
        picture.name = "b.png"
        assert self.media.upload_img(picture)["url"].startswith(BASE)
        got = requests.get(self.media.get_url(ids["file"]).replace(OFFICIAL, Client.API_BASE_URL), timeout=10)
        assert got.content == b"hello there"
        voice = act("record_voice", userid="lisi")["media_id"]
        fine = requests.get(self.media.get_jssdk_url(voice).replace(OFFICIAL, Client.API_BASE_URL), timeout=10)
        assert fine.headers["content-type"] == "voice/speex"
        requests_get, requests.get = (
            requests.get,
            lambda url: requests_get(url.replace(OFFICIAL, Client.API_BASE_URL), timeout=10),
        )
        assert self.media.download(ids["file"]).content == b"hello there"
        requests.get = requests_get
        self.ids = ids

    def messages(self) -> None:
        message, to = self.message, ["lisi", "nobody"]
        sent = message.send_text(AGENT, to, "开会了")
        assert sent["invaliduser"] == "nobody"
        message.send(AGENT, "lisi", msg={"msgtype": "text", "text": {"content": "又开会了"}})
        message.send_text_card(AGENT, "lisi", "领奖", "请于今日领取", "https://example.com")
        for kind in ("image", "voice", "video", "file"):
            getattr(message, f"send_{kind}")(AGENT, "lisi", self.ids[kind])
        article = {
            "title": "新品",
            "description": "到店",
            "url": "https://example.com",
            "image": "https://example.com/a.png",
        }
        message.send_articles(AGENT, "lisi", [article])
        page = {
            "thumb_media_id": self.ids["image"],
            "author": "店",
            "title": "新品",
            "content": "<p>到店</p>",
            "content_source_url": "",
            "digest": "",
            "show_cover_pic": 1,
        }
        message.send_mp_articles(AGENT, "lisi", [page])
        message.send_markdown(AGENT, "lisi", "**今天** 打烊早")
        refused(81013, message.send_text, AGENT, "nobody", "?")
        refused(40007, message.send_image, AGENT, "lisi", "no-such-media")
        seen = requests.get(f"{BASE}/control/staff/lisi/messages", timeout=10).json()["messages"]
        assert len(seen) == 10

    def chats(self) -> None:
        chat = self.appchat.create(None, "店长群", "lisi", ["lisi", "wangwu"])["chatid"]
        self.appchat.update(chat, name="店长大群")
        assert self.appchat.get(chat)["name"] == "店长大群"
        self.appchat.send_text(chat, "大家好")
        self.appchat.send(chat, "markdown", content="**好**")

    def customer_service(self) -> None:
        made = self.client.post("kf/account/add", data={"name": "客服", "media_id": self.ids["image"]})["open_kfid"]
        assert [one["open_kfid"] for one in self.kf.get_account_list()["account_list"]] == [made]
        assert self.kf.add_contact_way(made, "door")["url"]
        self.kf.add_servicer(made, "lisi")
        assert self.kf.get_servicer_list(made)["servicer_list"][0]["userid"] == "lisi"
        entered = act("kf_enter", open_kfid=made, person={"unionid": "o-strange-0", "name": "客0"}, scene="door")
        who = entered["external_userid"]
        synced = self.client.post("kf/sync_msg", data={"open_kfid": made})["msg_list"]
        code = next(row["event"]["welcome_code"] for row in synced if "welcome_code" in row.get("event", {}))
        self.kf.send_msg_on_event(code, "text", {"text": {"content": "您好"}})
        act("kf_write", open_kfid=made, external_userid=who, text="在吗")
        assert self.kf.get_service_state(made, who)["service_state"] == 0
        for send, what in (
            ("send_text", ("在的",)), ("send_image", (self.ids["image"],)), ("send_file", (self.ids["file"],)),
            ("send_msgmenu", ("请选", [{"type": "click", "click": {"id": "1", "content": "退货"}}], "谢谢")),
        ):  # fmt: skip
            getattr(self.kf_message, send)(who, made, *what)
        self.kf_message.send(who, made, msg={"msgtype": "text", "text": {"content": "请稍候"}})
        refused(95001, self.kf_message.send_text, who, made, "第六条")
        for send in ("send_voice", "send_video"):
            act("kf_write", open_kfid=made, external_userid=who, text="?")
            getattr(self.kf_message, send)(who, made, self.ids[send.removeprefix("send_")])
        assert self.kf.batchget_customer(who)["customer_list"][0]["external_userid"] == who
        self.kf.trans_service_state(made, who, 3, "lisi")
        self.kf.del_servicer(made, "lisi")
        told = self.ears.wait("kf_msg_or_event", OpenKfId=made)
        assert self.kf.sync_msg(told["Token"])["msg_list"]

    def pages(self) -> None:
        assert self.oauth.authorize_url("https://example.com/h5", "s").startswith("https://open.weixin.qq.com/")
        page = f"{BASE}/connect/oauth2/authorize?appid={CORP}&redirect_uri=https%3A%2F%2Fexample.com%2Fh5&response_type=code&scope=snsapi_base&state=s&userid=lisi"
        back = requests.get(page, allow_redirects=False, timeout=10).headers["location"]
        code = back.split("code=")[1].split("&")[0]
        assert self.oauth.get_user_info(code)["UserId"] == "lisi"
        ticket = self.jsapi.get_ticket()["ticket"]
        assert self.jsapi.get_jsapi_ticket() == ticket
        assert self.jsapi.get_agent_ticket()["ticket"] == self.jsapi.get_agent_jsapi_ticket()
        assert len(self.jsapi.get_jsapi_signature("n", ticket, int(time.time()), "https://example.com")) == 40


FILES = sys.argv[5:8]


def main() -> None:
    story = Story()
    for chapter in (
        story.token, story.contacts, story.staff_tags, story.friends, story.customer_tags, story.groups, story.mass,
        story.files, story.messages, story.chats, story.customer_service, story.pages, story.leaving,
    ):  # fmt: skip
        chapter()
    story.ears.close()
    print(json.dumps({"done": sorted(story.done), "offered": methods(story.apis)}))


if __name__ == "__main__":
    main()
