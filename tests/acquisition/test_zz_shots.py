import os
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]="1"
import pytest
from linli.acquisition import api as acquisition
from linli.groups import api as groups
from linli.kit.clock import now
from tests.groups.test_communities import FULL
from tests.sandbox.conftest import receiver
pytestmark = pytest.mark.django_db(transaction=True)

def test_shots(town, live_server, receiver):
    from playwright.sync_api import sync_playwright
    from linli.access import api as access
    from linli.groups.handlers import on_external_chat
    from linli.wecom.events import parse_event
    access.create_administrator(corp_id=town.corp_id, username="admin", password="a long pass phrase", name="周岚")
    town.stage.listen(receiver)
    town.make_codes()
    for n in range(30): town.scan("SH1" if n%3 else "SH2", n)
    town.stage.settle()
    way = groups.join_way_for(corp_id=town.corp_id, shop_id=town.shops["SH1"])
    for n in range(20):
        town.stage.act("join", config_id=way.config_id, person={"unionid": f"u{n}", "name": f"客{n}"})
    town.stage.settle()
    from linli.customers.handlers import on_external_contact
    for h in receiver.heard:
        e=parse_event(h.xml.encode())
        (on_external_contact if "contact" in e.event else on_external_chat)(e, corp_id=town.corp_id)
    acquisition.record_visits(corp_id=town.corp_id, visits=[acquisition.NewVisit(shop_id=town.shops["SH1"], outcome="nearest", simulated=n%2==0) for n in range(44)])
    sheet=groups.save_community(corp_id=town.corp_id, sheet=FULL); groups.open_community(corp_id=town.corp_id, community_id=sheet.id)
    g=[x for x in groups.groups(corp_id=town.corp_id) if x.customers][0]
    groups.assign_group(corp_id=town.corp_id, group_id=g.id, community_id=sheet.id)
    groups.save_community(corp_id=town.corp_id, sheet={"name":"超级用户群","kind":"vip","purpose":"前 10% 客户的专属福利"})
    key=acquisition.ensure_landing(corp_id=town.corp_id).key
    acquisition.describe_code(corp_id=town.corp_id, code_id=town.code("SH1").id, name="静安店", reason_to_add="加我送一张 8 元券")
    with sync_playwright() as p:
        b=p.chromium.launch(executable_path=os.environ.get("CHROME") or None, args=["--no-sandbox"])
        ctx=b.new_context(viewport={"width":1440,"height":900}, locale="zh-CN"); pg=ctx.new_page()
        errs=[]; pg.on("console", lambda m: errs.append(m.text) if m.type=="error" else None)
        pg.goto(live_server.url+"/sign-in"); pg.fill("[name=username]","admin"); pg.fill("[name=password]","a long pass phrase"); pg.click("button[type=submit], button.btn-primary")
        for name,u in {"shops":"/shops/","shop":f"/shops/{town.shops['SH1']}/","groups":"/groups/","group":f"/groups/{g.id}/","sheet":f"/groups/communities/{sheet.id}/","sheets":"/groups/communities/","welcome":"/shops/welcomes/new/","newcode":"/shops/channels/new/"}.items():
            pg.set_viewport_size({"width":1440,"height":900}); pg.goto(live_server.url+u); pg.wait_for_timeout(400); pg.screenshot(path=f"/tmp/shots/{name}.png", full_page=True)
            pg.set_viewport_size({"width":390,"height":844}); pg.wait_for_timeout(200); pg.screenshot(path=f"/tmp/shots/{name}-390.png", full_page=True)
            w=pg.evaluate("document.documentElement.scrollWidth"); print(name,w)
        m=b.new_context(viewport={"width":390,"height":844}, locale="zh-CN", geolocation={"latitude":31.2310,"longitude":121.4495}, permissions=["geolocation"]); q=m.new_page()
        q.on("console", lambda x: errs.append(x.text) if x.type=="error" else None)
        q.goto(live_server.url+f"/h/{key}/"); q.screenshot(path="/tmp/shots/h5-landing.png", full_page=True)
        q.click("form[data-place] button"); q.wait_for_selector(".h5-qr"); q.wait_for_timeout(300); q.screenshot(path="/tmp/shots/h5-shop.png", full_page=True)
        q.goto(live_server.url+f"/h/{key}/?city=上海"); q.screenshot(path="/tmp/shots/h5-city.png", full_page=True)
        q.goto(live_server.url+f"/h/g/{town.code('SH1').key}/"); q.wait_for_timeout(200); q.screenshot(path="/tmp/shots/h5-group.png", full_page=True)
        acquisition.set_shop_open(corp_id=town.corp_id, shop_id=town.shops["SH1"], is_open=False)
        q.goto(live_server.url+f"/h/{key}/s/{town.shops['SH1']}/"); q.screenshot(path="/tmp/shots/h5-closed.png", full_page=True)
        m2=b.new_context(viewport={"width":390,"height":844}, locale="zh-CN"); r=m2.new_page(); r.goto(live_server.url+f"/h/{key}/"); r.click("form[data-place] button"); r.wait_for_selector(".h5-notice"); r.screenshot(path="/tmp/shots/h5-refused.png", full_page=True)
        print(errs); b.close()
