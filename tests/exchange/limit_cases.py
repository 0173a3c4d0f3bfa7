"""The limits of the wire's rows, each for both sides: what the client refuses before the call, and what the sandbox refuses by code.

docs/wecom-limits.md is made of this table (tools/wire_coverage.py); tests/exchange/test_exchange_limits.py tries it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from linli.wecom import attachments as parts
from linli.wecom.acquisition_link_calls import LinkChange, LinkPriority, LinkRange, NewLink
from linli.wecom.album_calls import NewProduct
from linli.wecom.app_message_calls import Receivers
from linli.wecom.app_messages import AppText
from linli.wecom.client import Client
from linli.wecom.contact_way_calls import MULTI, SCENE_QR, SINGLE, Conclusions, ContactWaySpec
from linli.wecom.group_welcome_calls import GroupWelcome
from linli.wecom.intercept_calls import NewInterceptRule, Scope
from linli.wecom.join_way_calls import JoinWaySpec
from linli.wecom.message_calls import ChatType, MassMessageSpec
from linli.wecom.moment_calls import MomentSpec
from linli.wecom.tag_calls import NewTag

Body = dict[str, Any]
BAD, LONG = 40058, 45002
C = "externalcontact"
DAY = 86_400
AGENT, OTHERS = 1000002, ("zhangsan", "lisi")


@dataclass(frozen=True)
class Limit:
    """`most` of `argument` (counted in `unit`) is taken, one more is not; `call` and `body` make just so many of it.

    `tune` shrinks the sandbox's setting where a body of the real size could not be (`sandbox_most` is then its limit).
    """

    chapter: str
    path: str
    argument: str
    most: int
    unit: str
    call: Callable[[Client, int], object]
    body: Callable[[int], Body]
    code: int
    tune: dict[str, int] = field(default_factory=dict)

    @property
    def sandbox_most(self) -> int:
        return next(iter(self.tune.values()), self.most)


def ch(count: int) -> str:
    return "字" * count


def by(count: int) -> str:
    return "b" * count


def ids(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


def people(count: int) -> list[str]:
    return [*OTHERS, *ids("u", count)][:count]


def relation(**more: Any) -> Body:
    return {"userid": "zhangsan", "external_userid": "CUSTOMER", **more}


def way(**more: Any) -> Body:
    return {"type": 1, "scene": 2, "user": ["lisi"], **more}


def spec(**more: Any) -> ContactWaySpec:
    return ContactWaySpec(**{"type": SINGLE, "scene": SCENE_QR, "users": ("lisi",), **more})


def temp(**conclusions: Any) -> Body:
    return way(is_temp=True, conclusions=conclusions)


def temporary(**conclusions: Any) -> ContactWaySpec:
    return spec(is_temporary=True, conclusions=Conclusions(**conclusions))


def mini(title: str) -> parts.MiniProgram:
    return parts.MiniProgram(title=title, pic_media_id="none", appid="wx", page="p")


def join(**more: Any) -> Body:
    return {"scene": 2, "chat_id_list": ["CHAT"], **more}


def joining(**more: Any) -> JoinWaySpec:
    return JoinWaySpec(**{"scene": 2, "chat_ids": ("CHAT",), **more})


def mass(**more: Any) -> Body:
    return {"chat_type": "single", "sender": "zhangsan", "text": {"content": "在"}, **more}


def massing(**more: Any) -> MassMessageSpec:
    return MassMessageSpec(**{"chat_type": ChatType.SINGLE, "sender": "zhangsan", "text": "在", **more})


def link(**more: Any) -> Body:
    return {"msgtype": "link", "link": {"title": "t", "url": "https://u.example", **more}}


def linking(**more: Any) -> parts.Link:
    return parts.Link(**{"title": "t", "url": "https://u.example", **more})


def rule(**more: Any) -> Body:
    usual = {"rule_name": "规则", "word_list": ["词"], "intercept_type": 1, "applicable_range": {"user_list": ["lisi"]}}
    return {**usual, **more}


def ruling(**more: Any) -> NewInterceptRule:
    return NewInterceptRule(**{"name": "规则", "words": ("词",), "type": 1, "scope": Scope(users=("lisi",)), **more})


def product(**more: Any) -> Body:
    return {"description": "杯", "price": 1, "attachments": [{"type": "image", "image": {"media_id": "ALBUM"}}], **more}


def goods(**more: Any) -> NewProduct:
    return NewProduct(**{"description": "杯", "price": 1, "images": ("ALBUM",), **more})


def handing(**more: Any) -> Body:
    return {"handover_userid": "zhangsan", "takeover_userid": "lisi", "external_userid": ["wmnone"], **more}


def notice(**more: Any) -> Body:
    return {"touser": "lisi", "msgtype": "text", "agentid": AGENT, "text": {"content": "早"}, **more}


PEOPLE = [
    Limit("C.1", f"{C}/batch/get_by_user", "userid_list", 100, "items", lambda c, n: list(c.customers_of(ids("u", n))), lambda n: {"userid_list": ids("u", n)}, BAD),
    Limit("C.1", f"{C}/remark", "remark", 20, "characters", lambda c, n: c.set_remark("zhangsan", "wm", remark=ch(n)), lambda n: relation(remark=ch(n)), BAD),
    Limit("C.1", f"{C}/remark", "description", 150, "characters", lambda c, n: c.set_remark("zhangsan", "wm", description=ch(n)), lambda n: relation(description=ch(n)), BAD),
    Limit("C.1", f"{C}/remark", "remark_company", 20, "characters", lambda c, n: c.set_remark("zhangsan", "wm", company=ch(n)), lambda n: relation(remark_company=ch(n)), BAD),
    Limit("C.2", f"{C}/add_contact_way", "user, one", 1, "items", lambda c, n: c.add_contact_way(spec(users=tuple(people(n)))), lambda n: way(user=people(n)), 41041),
    Limit("C.2", f"{C}/add_contact_way", "user, several", 100, "items", lambda c, n: c.add_contact_way(spec(type=MULTI, users=tuple(ids("u", n)))), lambda n: way(type=2, user=people(n)), 41041, {"way_users_most": 1}),
    Limit("C.2", f"{C}/add_contact_way", "state", 30, "characters", lambda c, n: c.add_contact_way(spec(state=by(n))), lambda n: way(state=by(n)), BAD),
    Limit("C.2", f"{C}/add_contact_way", "remark", 30, "characters", lambda c, n: c.add_contact_way(spec(remark=ch(n))), lambda n: way(remark=ch(n)), BAD),
    Limit("C.2", f"{C}/update_contact_way", "state", 30, "characters", lambda c, n: c.update_contact_way("x", spec(state=by(n))), lambda n: {"config_id": "WAY", "state": by(n)}, BAD),
    Limit("C.2", f"{C}/update_contact_way", "remark", 30, "characters", lambda c, n: c.update_contact_way("x", spec(remark=ch(n))), lambda n: {"config_id": "WAY", "remark": ch(n)}, BAD),
    Limit("C.3", f"{C}/add_corp_tag", "tag.name", 30, "characters", lambda c, n: c.add_corp_tags([NewTag(ch(n))], group_name="组"), lambda n: {"group_name": "组", "tag": [{"name": ch(n)}]}, 40072),
    Limit("C.3", f"{C}/add_corp_tag", "group_name", 30, "characters", lambda c, n: c.add_corp_tags([NewTag("一")], group_name=ch(n)), lambda n: {"group_name": ch(n), "tag": [{"name": "二"}]}, 40072),
    Limit("C.3", f"{C}/edit_corp_tag", "name", 30, "characters", lambda c, n: c.edit_corp_tag("et", name=ch(n)), lambda n: {"id": "TAG", "name": ch(n)}, 40072),
    Limit("C.5", f"{C}/transfer_customer", "external_userid", 100, "items", lambda c, n: c.transfer_customers("zhangsan", "lisi", ids("wm", n)), lambda n: handing(external_userid=ids("wm", n)), BAD),
    Limit("C.5", f"{C}/transfer_customer", "transfer_success_msg", 200, "characters", lambda c, n: c.transfer_customers("zhangsan", "lisi", ["wm"], success_message=ch(n)), lambda n: handing(transfer_success_msg=ch(n)), BAD),
    Limit("C.5", f"{C}/resigned/transfer_customer", "external_userid", 100, "items", lambda c, n: c.transfer_resigned_customers("left", "lisi", ids("wm", n)), lambda n: handing(handover_userid="LEFT", external_userid=ids("wm", n)), BAD),
    Limit("C.5", f"{C}/groupchat/transfer", "chat_id_list", 100, "items", lambda c, n: c.transfer_groups(ids("wr", n), "lisi"), lambda n: {"chat_id_list": ids("wr", n), "new_owner": "lisi"}, BAD),
    Limit("C.5", f"{C}/groupchat/onjob_transfer", "chat_id_list", 100, "items", lambda c, n: c.transfer_groups_on_the_job(ids("wr", n), "lisi"), lambda n: {"chat_id_list": ids("wr", n), "new_owner": "lisi"}, BAD),
]  # fmt: skip
GROUPS = [
    Limit("C.6", f"{C}/groupchat/list", "owner_filter", 100, "items", lambda c, n: list(c.group_chats(ids("u", n))), lambda n: {"limit": 10, "owner_filter": {"userid_list": ids("u", n)}}, BAD),
    Limit("C.6", f"{C}/groupchat/add_join_way", "chat_id_list", 5, "items", lambda c, n: c.add_join_way(joining(chat_ids=tuple(ids("wr", n)))), lambda n: join(chat_id_list=ids("wr", n)), 41091),
    Limit("C.6", f"{C}/groupchat/add_join_way", "state", 30, "characters", lambda c, n: c.add_join_way(joining(state=by(n))), lambda n: join(state=by(n)), BAD),
    Limit("C.6", f"{C}/groupchat/add_join_way", "room_base_name", 40, "characters", lambda c, n: c.add_join_way(joining(room_base_name=ch(n))), lambda n: join(room_base_name=ch(n)), BAD),
    Limit("C.7", f"{C}/add_msg_template", "external_userid", 10_000, "items", lambda c, n: c.add_mass_message(massing(external_userids=tuple(ids("wm", n)))), lambda n: mass(external_userid=ids("wm", n)), BAD),
    Limit("C.7", f"{C}/add_msg_template", "chat_id_list", 2000, "items", lambda c, n: c.add_mass_message(massing(chat_type=ChatType.GROUP, chat_ids=tuple(ids("wr", n)))), lambda n: mass(chat_type="group", chat_id_list=ids("wr", n)), BAD),
    Limit("C.7", f"{C}/add_msg_template", "tag_list", 100, "items", lambda c, n: c.add_mass_message(massing(tag_groups=(tuple(ids("et", n)),))), lambda n: mass(tag_filter={"group_list": [{"tag_list": ids("et", n)}]}), BAD),
    Limit("C.7", f"{C}/add_msg_template", "text.content", 4000, "bytes", lambda c, n: c.add_mass_message(massing(text=by(n))), lambda n: mass(text={"content": by(n)}), LONG),
    Limit("C.7", f"{C}/add_msg_template", "attachments", 9, "items", lambda c, n: c.add_mass_message(massing(attachments=(linking(),) * n)), lambda n: mass(attachments=[link()] * n), 41064),
    Limit("C.7", f"{C}/add_msg_template", "link.title", 128, "bytes", lambda c, n: c.add_mass_message(massing(attachments=(linking(title=by(n)),))), lambda n: mass(attachments=[link(title=by(n))]), LONG),
    Limit("C.7", f"{C}/add_msg_template", "link.desc", 512, "bytes", lambda c, n: c.add_mass_message(massing(attachments=(linking(desc=by(n)),))), lambda n: mass(attachments=[link(desc=by(n))]), LONG),
    Limit("C.7", f"{C}/add_msg_template", "link.url", 2048, "bytes", lambda c, n: c.add_mass_message(massing(attachments=(linking(url=by(n)),))), lambda n: mass(attachments=[link(url=by(n))]), LONG),
    Limit("C.7", f"{C}/add_msg_template", "link.picurl", 2048, "bytes", lambda c, n: c.add_mass_message(massing(attachments=(linking(picurl=by(n)),))), lambda n: mass(attachments=[link(picurl=by(n))]), LONG),
    Limit("C.8", f"{C}/send_welcome_msg", "text.content", 4000, "bytes", lambda c, n: c.send_welcome("code", by(n)), lambda n: {"welcome_code": "code", "text": {"content": by(n)}}, LONG),
    Limit("C.8", f"{C}/send_welcome_msg", "attachments", 9, "items", lambda c, n: c.send_welcome("code", "您好", (linking(),) * n), lambda n: {"welcome_code": "code", "attachments": [link()] * n}, 41064),
    Limit("C.8", f"{C}/group_welcome_template/add", "text.content", 3000, "bytes", lambda c, n: c.add_group_welcome(GroupWelcome(text=by(n))), lambda n: {"text": {"content": by(n)}}, LONG),
    Limit("C.8", f"{C}/group_welcome_template/edit", "text.content", 3000, "bytes", lambda c, n: c.edit_group_welcome("x", GroupWelcome(text=by(n))), lambda n: {"template_id": "TEMPLATE", "text": {"content": by(n)}}, LONG),
    Limit("C.9", f"{C}/get_moment_list", "days of a span", 30, "days", lambda c, n: list(c.moments(0, n * DAY)), lambda n: {"start_time": 0, "end_time": n * DAY}, BAD),
    Limit("C.9", f"{C}/add_moment_task", "text.content", 2000, "characters", lambda c, n: c.add_moment(MomentSpec(text=by(n))), lambda n: {"text": {"content": by(n)}}, LONG),
]  # fmt: skip
CHOICES = [
    Limit("C.2", f"{C}/add_contact_way", "conclusions.text", 4000, "bytes", lambda c, n: c.add_contact_way(temporary(text=by(n))), lambda n: temp(text={"content": by(n)}), BAD),
    Limit("C.2", f"{C}/add_contact_way", "conclusions.link.title", 128, "bytes", lambda c, n: c.add_contact_way(temporary(link=linking(title=by(n)))), lambda n: temp(link={"title": by(n), "url": "u"}), BAD),
    Limit("C.2", f"{C}/add_contact_way", "conclusions.link.desc", 512, "bytes", lambda c, n: c.add_contact_way(temporary(link=linking(desc=by(n)))), lambda n: temp(link={"title": "t", "url": "u", "desc": by(n)}), BAD),
    Limit("C.2", f"{C}/add_contact_way", "conclusions.miniprogram.title", 64, "bytes", lambda c, n: c.add_contact_way(temporary(mini_program=mini(by(n)))), lambda n: temp(miniprogram={"title": by(n), "pic_media_id": "none", "appid": "wx", "page": "p"}), BAD),
    Limit("C.3", f"{C}/add_strategy_tag", "tag.name", 30, "characters", lambda c, n: c.add_strategy_tags(1, [NewTag(ch(n))], group_name="组"), lambda n: {"strategy_id": "STRATEGY", "group_name": "组", "tag": [{"name": ch(n)}]}, 40072),
    Limit("C.7", f"{C}/add_msg_template", "miniprogram.title", 64, "bytes", lambda c, n: c.add_mass_message(massing(attachments=(mini(by(n)),))), lambda n: mass(attachments=[{"msgtype": "miniprogram", "miniprogram": {"title": by(n), "pic_media_id": "none", "appid": "wx", "page": "p"}}]), LONG),
    Limit("C.10", f"{C}/customer_acquisition/create_link", "priority_userid_list", 1000, "items", lambda c, n: c.create_acquisition_link(NewLink(name="链", range=LinkRange(users=("lisi",)), priority=LinkPriority(type=2, userids=tuple(ids("u", n))))), lambda n: {"link_name": "链", "range": {"user_list": ["lisi"]}, "priority_option": {"priority_type": 2, "priority_userid_list": people(n)}}, BAD, {"link_priority_most": 1}),
    Limit("D", "appchat/create", "chatid", 32, "characters", lambda c, n: c.create_app_chat(OTHERS, chat_id=by(n)), lambda n: {"userlist": [*OTHERS], "chatid": by(n)}, 86216),
    Limit("H", "kf/sync_msg", "token", 128, "bytes", lambda c, n: list(c.kf_messages("wk", token=by(n))), lambda n: {"open_kfid": "KF", "token": by(n)}, BAD),
    Limit("H", "kf/sync_msg", "cursor", 64, "bytes", lambda c, n: list(c.kf_messages("wk", cursor=by(n))), lambda n: {"open_kfid": "KF", "cursor": by(n)}, BAD),
]  # fmt: skip
THINGS = [
    Limit("C.10", f"{C}/add_product_album", "description", 300, "characters", lambda c, n: c.add_product(goods(description=ch(n))), lambda n: product(description=ch(n)), 41087),
    Limit("C.10", f"{C}/add_product_album", "price", 5_000_000, "fen", lambda c, n: c.add_product(goods(price=n)), lambda n: product(price=n), 41086),
    Limit("C.10", f"{C}/add_product_album", "product_sn", 128, "bytes", lambda c, n: c.add_product(goods(sn=by(n))), lambda n: product(product_sn=by(n)), 41085),
    Limit("C.10", f"{C}/add_product_album", "attachments", 9, "items", lambda c, n: c.add_product(goods(images=("ALBUM",) * n)), lambda n: product(attachments=product()["attachments"] * n), 41064),
    Limit("C.10", f"{C}/add_intercept_rule", "rule_name", 20, "characters", lambda c, n: c.add_intercept_rule(ruling(name=ch(n))), lambda n: rule(rule_name=ch(n)), BAD),
    Limit("C.10", f"{C}/add_intercept_rule", "word_list", 300, "items", lambda c, n: c.add_intercept_rule(ruling(words=tuple(ids("w", n)))), lambda n: rule(word_list=ids("w", n)), 41068),
    Limit("C.10", f"{C}/add_intercept_rule", "word", 32, "characters", lambda c, n: c.add_intercept_rule(ruling(words=(ch(n),))), lambda n: rule(word_list=[ch(n)]), 41083),
    Limit("C.10", f"{C}/add_intercept_rule", "user_list", 1000, "items", lambda c, n: c.add_intercept_rule(ruling(scope=Scope(users=tuple(ids("u", n))))), lambda n: rule(applicable_range={"user_list": people(n)}), 41076, {"intercept_range_most": 1}),
    Limit("C.10", f"{C}/customer_acquisition/create_link", "link_name", 30, "characters", lambda c, n: c.create_acquisition_link(NewLink(name=ch(n), range=LinkRange(users=("lisi",)))), lambda n: {"link_name": ch(n), "range": {"user_list": ["lisi"]}}, BAD),
    Limit("C.10", f"{C}/customer_acquisition/create_link", "range.user_list", 500, "items", lambda c, n: c.create_acquisition_link(NewLink(name="链", range=LinkRange(users=tuple(ids("u", n))))), lambda n: {"link_name": "链", "range": {"user_list": people(n)}}, BAD, {"link_people_most": 1}),
    Limit("C.10", f"{C}/customer_acquisition/update_link", "link_name", 30, "characters", lambda c, n: c.update_acquisition_link("x", LinkChange(name=ch(n))), lambda n: {"link_id": "LINK", "link_name": ch(n)}, BAD),
    Limit("D", "message/send", "touser", 1000, "items", lambda c, n: c.send_app_message(AGENT, Receivers(users=tuple(ids("u", n))), AppText(content="早")), lambda n: notice(touser="|".join(ids("u", n))), BAD),
    Limit("D", "message/send", "toparty", 100, "items", lambda c, n: c.send_app_message(AGENT, Receivers(departments=tuple(ids("9", n))), AppText(content="早")), lambda n: notice(touser="", toparty="|".join(ids("9", n))), 82002),
    Limit("D", "message/send", "totag", 100, "items", lambda c, n: c.send_app_message(AGENT, Receivers(tags=tuple(ids("9", n))), AppText(content="早")), lambda n: notice(touser="", totag="|".join(ids("9", n))), 82003),
    Limit("D", "message/send", "text.content", 2048, "bytes", lambda c, n: c.send_app_message(AGENT, Receivers(users=("lisi",)), AppText(content=by(n))), lambda n: notice(text={"content": by(n)}), LONG),
    Limit("D", "appchat/create", "name", 50, "characters", lambda c, n: c.create_app_chat(OTHERS, name=ch(n)), lambda n: {"userlist": [*OTHERS], "name": ch(n)}, 86004),
    Limit("D", "appchat/create", "userlist", 2000, "items", lambda c, n: c.create_app_chat(ids("u", n)), lambda n: {"userlist": ids("u", n)}, 86006),
    Limit("H", "kf/account/add", "name", 16, "characters", lambda c, n: c.add_kf_account(ch(n), "KFPIC"), lambda n: {"name": ch(n), "media_id": "KFPIC"}, 95006),
]  # fmt: skip

LIMITS = list(chain(PEOPLE, GROUPS, CHOICES, THINGS))
