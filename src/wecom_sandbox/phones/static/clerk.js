// A clerk's phone: chats with customers, groups and apps, customers, the workbench, and oneself.
import { act, toast, world } from "./api.js";
import { appsWith, openPage } from "./browser.js";
import { entry } from "./customer.js";
import { button, face, h, icon, iconButton } from "./dom.js";
import { feed, publishing } from "./moments.js";
import { head, tabs } from "./phone.js";
import { customers, groupPage, newGroup, profile } from "./profile.js";
import { masses, notices } from "./tasks.js";
import { chatList, composer, threadView, title } from "./thread.js";
import { t } from "./words.js";

const open = (phone) => ({
  masses: phone.data.tasks.filter((one) => !one.done && !one.cancelled).length,
  moments: phone.data.moments.filter((one) => one.open).length,
});

const BAR = (phone) => {
  const waiting = phone.data.chats.filter((chat) => phone.unread(chat)).length;
  const { masses: first, moments: second } = open(phone);
  return tabs(phone, [["chats", icon("chat"), t("消息"), waiting], ["customers", icon("people"), t("客户")], ["work", icon("grid"), t("工作台"), first + second], ["me", icon("me"), t("我")]]);
};

const HOME = {
  chats: (phone) => [head(phone, t("消息"), iconButton("plus", t("建一个客户群"), () => phone.go("new-group"))), chatList(phone)],
  customers: (phone) => [head(phone, t("我的客户")), customers(phone)],
  work: (phone) => [head(phone, t("工作台")), work(phone)],
  me: (phone) => [head(phone, t("我")), me(phone)],
};

export const SCREENS = {
  home: (phone, { tab }) => (phone.data.departed ? gone(phone) : [...HOME[tab](phone), BAR(phone)]),
  chat: (phone, { key }) => {
    const chat = phone.data.chats.find((one) => one.key === key) ?? { key, title: phone.data.thread?.names?.[key.slice(2)] ?? "" };
    if (key.startsWith("a:")) return [head(phone, chat.title), notices(phone)];
    const more = () => phone.go(key.startsWith("g:") ? "group" : "profile", { about: key });
    const wechat = key.startsWith("c:") ? h("span", {}, chat.title, h("i.from-wechat", {}, t(" @微信"))) : title(phone, chat);
    return [head(phone, wechat, iconButton("side", t("聊天工具栏"), () => sidebar(phone, key)), iconButton("more", t("详情"), more)), threadView(phone), composer(phone, key)];
  },
  profile: (phone, { about }) => [head(phone, t("客户详情")), profile(phone, about.slice(2))],
  group: (phone, { about }) => [head(phone, t("群信息")), groupPage(phone, about.slice(2))],
  "new-group": (phone) => [head(phone, t("建一个客户群")), newGroup(phone)],
  masses: (phone) => [head(phone, t("群发任务")), masses(phone)],
  publishing: (phone) => [head(phone, t("客户朋友圈")), h("div.scroll", {}, publishing(phone), entry("moments", t("发表过的"), () => phone.go("moments")))],
  moments: (phone) => [head(phone, t("发表过的")), feed(phone)],
};

function work(phone) {
  const { masses: first, moments: second } = open(phone);
  return h(
    "div.scroll",
    {},
    entry("task", t("群发任务"), () => phone.go("masses"), first, t("点了发送，客户才收得到")),
    entry("moments", t("客户朋友圈"), () => phone.go("publishing"), second),
    entry("group", t("建一个客户群"), () => phone.go("new-group")),
    h("h3.section", {}, t("应用")),
    (world.apps ?? []).filter((app) => !app.archive).map((app) =>
      h("div.app", {}, h("span.face.face-app", {}, icon("grid")), h("b", {}, app.name), app.home ? button(t("打开"), () => openPage(phone, app.home, app.name)) : null, button(t("设置页面"), () => pages(phone, app), "btn-plain")),
    ),
  );
}

// The two pages of an app, as its developer names them in the admin console.
function pages(phone, app) {
  const home = h("input", { value: app.home, placeholder: "https://…", "aria-label": t("应用主页") });
  const side = h("input", { value: app.sidebar, placeholder: "https://…?to={external_userid}", "aria-label": t("聊天工具栏页面") });
  const keep = async (event) => {
    event.preventDefault();
    const answer = await fetch("/phones/api/app", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ corp_id: world.corp.corp_id, agentid: app.agentid, home: home.value.trim(), sidebar: side.value.trim() }) });
    if (!answer.ok) return toast(t("地址要以 http 开头"), true);
    Object.assign(app, { home: home.value.trim(), sidebar: side.value.trim() });
    shade.remove();
    phone.draw();
  };
  const shade = phone.sheet(app.name, h("form.fields", { onsubmit: keep }, h("label", {}, t("应用主页"), home), h("label", {}, t("聊天工具栏页面"), side), h("p.quiet", {}, t("地址里可以写 {userid}、{external_userid}、{chat_id}，打开时换成真的。", { userid: "{userid}", external_userid: "{external_userid}", chat_id: "{chat_id}" })), h("button.btn.btn-wecom", {}, t("保存"))));
}

function sidebar(phone, key) {
  const place = key.startsWith("g:") ? { chat_id: key.slice(2) } : { external_userid: key.slice(2) };
  const apps = appsWith("sidebar");
  if (apps.length === 1) return openPage(phone, apps[0].sidebar, apps[0].name, place);
  if (apps.length) return phone.sheet(t("聊天工具栏"), apps.map((app) => button(app.name, () => openPage(phone, app.sidebar, app.name, place))));
  const all = (world.apps ?? []).filter((app) => !app.archive);
  return phone.sheet(t("聊天工具栏"), h("p.quiet", {}, t("还没有应用设置工具栏页面。给哪个应用设置？")), all.map((app) => button(app.name, () => pages(phone, app))));
}

function me(phone) {
  const away = phone.data.away_since > 0;
  const leave = () => phone.confirm(t("办理离职"), t("TA 的客户变成“待分配”，可以由应用分给同事；自己建的群还挂在 TA 名下。"), t("离职"), async () => {
    const done = await act("staff_leaves", { userid: phone.id });
    if (done) toast(t("{name} 离职了：{n} 位客户、{groups} 个群等着接手", { name: phone.name, n: done.customers, groups: done.groups }));
    await phone.refresh();
  });
  const stayAway = async () => {
    await act("staff_stays_away", { userid: phone.id, days: 366 });
    await phone.refresh();
  };
  return h(
    "div.scroll",
    {},
    h("div.me-card", {}, face(phone.name), h("div", {}, h("b", {}, phone.name), h("span.quiet", {}, [phone.data.corp, phone.data.position].filter(Boolean).join(" · ")))),
    h("p.pad.quiet", {}, t("{n} 位客户", { n: phone.data.customers_all })),
    away ? h("p.card-note", {}, t("很久没登录了；再做点什么就回来了。")) : button(t("不在岗（一年没登录）"), stayAway, "btn-plain"),
    button(t("离职"), leave, "btn-danger"),
  );
}

function gone(phone) {
  return [
    head(phone, t("已离职")),
    h("div.scroll.empty", {}, h("p", {}, t("{name} 已离职，企业微信退出登录了。", { name: phone.name })), h("p", {}, phone.data.waiting ? t("还有 {n} 位客户等着分给同事。", { n: phone.data.waiting }) : t("没有客户等着接手。"))),
  ];
}
