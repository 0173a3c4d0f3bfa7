// A customer's phone: chats, contacts, what there is to discover, and oneself.
import { act, toast, world } from "./api.js";
import { button, face, h, icon, iconButton } from "./dom.js";
import { feed } from "./moments.js";
import { head, tabs } from "./phone.js";
import { openScan } from "./scan.js";
import { chatList, composer, threadView, title } from "./thread.js";
import { t } from "./words.js";

const BAR = (phone) => {
  const waiting = phone.data.chats.filter((chat) => phone.unread(chat)).length;
  return tabs(phone, [["chats", icon("chat"), t("聊天"), waiting], ["contacts", icon("people"), t("通讯录")], ["discover", icon("compass"), t("发现")], ["me", icon("me"), t("我")]]);
};

const HOME = {
  chats: (phone) => [head(phone, t("聊天"), iconButton("scan", t("扫一扫"), () => openScan(phone))), chatList(phone)],
  contacts: (phone) => [head(phone, t("通讯录")), contacts(phone)],
  discover: (phone) => [
    head(phone, t("发现")),
    h("div.scroll", {}, entry("moments", t("朋友圈"), () => phone.go("moments")), entry("scan", t("扫一扫"), () => openScan(phone))),
  ],
  me: (phone) => [
    head(phone, t("我")),
    h("div.scroll", {}, h("div.me-card", {}, face(phone.name), h("div", {}, h("b", {}, phone.name), h("span.quiet", {}, phone.data.known ? phone.data.id : t("企业还不认识 TA")))), transfers(phone), button(t("放下这部手机"), () => phone.close(), "btn-plain")),
  ],
};

export const SCREENS = {
  home: (phone, { tab }) => [...HOME[tab](phone), BAR(phone)],
  chat: (phone, { key }) => {
    const chat = phone.data.chats.find((one) => one.key === key) ?? { key, title: "" };
    const name = key.startsWith("g:") ? title(phone, chat) : h("span", {}, chat.title, h("i.corp-name", {}, ` @${world.corp.name}`));
    return [head(phone, name, iconButton("more", t("聊天信息"), () => phone.go(key.startsWith("g:") ? "group" : "friend", { about: key }))), threadView(phone), composer(phone, key)];
  },
  friend: (phone, { about }) => {
    const chat = phone.data.chats.find((one) => one.key === about);
    const remove = () => phone.confirm(t("删除联系人"), t("对方不会收到通知；企业微信会告诉应用（del_follow_user）。"), t("删除"), async () => {
      if (await act("customer_deletes", { ...phone.self, userid: about.slice(2) })) phone.tab("chats");
      await phone.refresh();
    });
    return [head(phone, t("聊天信息")), h("div.scroll", {}, h("div.me-card", {}, face(chat?.title), h("div", {}, h("b", {}, chat?.title ?? ""), h("span.corp-name", {}, `@${world.corp.name}`))), chat?.gone ? h("p.quiet.pad", {}, t("你们已不是好友")) : button(t("删除联系人"), remove, "btn-danger"))];
  },
  group: (phone, { about }) => {
    const group = phone.data.thread?.group;
    const leave = () => phone.confirm(t("退出群聊"), t("企业微信会告诉应用谁退了群。"), t("退出"), async () => {
      if (await act("leave", { ...phone.self, chat_id: about.slice(2) })) phone.tab("chats");
      await phone.refresh();
    });
    return [
      head(phone, t("聊天信息")),
      h("div.scroll", {}, group ? members(group) : h("p.quiet.pad", {}, t("这个群已经解散")), group?.notice ? h("p.pad", {}, group.notice) : null, group && phone.data.thread.inside ? button(t("退出群聊"), leave, "btn-danger") : null),
    ];
  },
  moments: (phone) => [head(phone, t("朋友圈")), feed(phone)],
};

export function members(group, extra = () => null) {
  return h("div.members", {}, group.members.map((one) => h("div.member", {}, face(one.name, false), h("span", {}, one.name), one.owner ? h("i", {}, t("群主")) : one.type === 1 ? h("i", {}, t("店员")) : null, extra(one))));
}

export function entry(picture, label, onclick, count = 0, note = "") {
  return h("button.line", { type: "button", onclick }, icon(picture), h("span", {}, label, note ? h("small", {}, note) : null), count ? h("i.badge", {}, String(count)) : null, h("span.line-end", {}, "›"));
}

function contacts(phone) {
  const friends = phone.data.friends;
  if (!friends.length) return h("div.scroll.empty", {}, h("p", {}, t("通讯录里还没有店员。")));
  return h("div.scroll", {}, friends.map((one) =>
    h("button.chat-row", { type: "button", onclick: () => phone.chat(`u:${one.userid}`) }, face(one.name), h("span.chat-text", {}, h("b", {}, one.name), h("span.corp-name", {}, `@${world.corp.name}`)))));
}

// A colleague takes over: for a day the customer may refuse.
function transfers(phone) {
  return (phone.data.transfers ?? []).map((one) =>
    h("div.card-note", {}, h("p", {}, t("{from} 的同事 {to} 将接替服务，24 小时后自动成为你的好友。", one)), button(t("拒绝接替"), async () => {
      if (await act("customer_refuses_transfer", { ...phone.self, userid: one.userid })) toast(t("已拒绝"));
      await phone.refresh();
    })),
  );
}
