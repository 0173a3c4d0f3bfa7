// Chats: the list of them, one of them, and everything that can stand in a bubble.
import { act, now, world } from "./api.js";
import { openPage } from "./browser.js";
import { clockTime, day, face, h, icon, when } from "./dom.js";
import { t } from "./words.js";

const TAGS = { welcome: "欢迎语", mass: "群发", group_welcome: "入群欢迎语", transfer: "接替", conclusion: "结束语" };
const GAP = 600;

export function chatList(phone) {
  const chats = phone.data.chats;
  if (!chats.length) return h("div.scroll.empty", {}, h("p", {}, phone.kind === "customer" ? t("还没有聊天。点右上角，扫一个码。") : t("还没有客户加这位店员。")));
  return h(
    "div.scroll",
    {},
    chats.map((chat) =>
      h(
        "button.chat-row",
        { type: "button", onclick: () => phone.go("chat", { key: chat.key }) },
        chat.key.startsWith("g:") ? h("span.face.face-group", {}, icon("group")) : chat.key.startsWith("a:") ? h("span.face.face-app", {}, icon("grid")) : face(chat.name ?? chat.title),
        h("span.chat-text", {}, h("b", {}, title(phone, chat)), h("span", {}, preview(chat))),
        h("span.chat-end", {}, h("time", {}, when(chat.at, now())), phone.unread(chat) ? h("i.dot", { title: t("未读") }) : null),
      ),
    ),
  );
}

export function title(phone, chat) {
  if (chat.key.startsWith("g:")) return `${chat.title || t("群聊")}${chat.count ? `(${chat.count})` : ""}`;
  return chat.title;
}

function preview(chat) {
  const last = chat.last;
  if (!last) return chat.key.startsWith("g:") ? "" : t("你们已是好友");
  if (last.kind === "notice") return noticePreview(last.notice);
  const words = system(last, (id) => (id === last.by ? chat.by : "…")) ?? (last.text || last.attachments.map(kindOf).join(" "));
  return chat.key.startsWith("g:") && chat.by && !system(last, () => "") ? `${chat.by}: ${words}` : words;
}

export function noticePreview(notice) {
  const body = notice.content;
  return (body.content ?? body.title ?? body.main_title?.title ?? body.articles?.[0]?.title ?? `[${notice.msgtype}]`).replace(/<[^>]+>/g, "");
}

function kindOf(part) {
  return { image: t("[图片]"), link: t("[链接]"), miniprogram: t("[小程序]"), video: t("[视频]"), file: t("[文件]") }[part.msgtype] ?? `[${part.msgtype}]`;
}

// What happened rather than was said; null for words.
function system(line, name) {
  const who = (line.who ?? []).map(name).join("、");
  switch (line.kind) {
    case "opened": return t("{by} 建了这个群", { by: name(line.by) });
    case "joined": return line.by ? t("{by} 邀请 {who} 加入了群聊", { by: name(line.by), who }) : t("{who} 扫码加入了群聊", { who });
    case "left": return t("{by} 退出了群聊", { by: name(line.by) });
    case "removed": return t("{by} 被移出了群聊", { by: name(line.by) });
    default: return null;
  }
}

export function threadView(phone) {
  const { thread, data } = { thread: phone.data.thread, data: phone.data };
  if (!thread || thread.key !== phone.top.key) return h("div.scroll", { "data-stick": "" });
  const me = data.id ?? phone.id;
  const inGroup = thread.key.startsWith("g:");
  const name = (id) => (id === me ? t("你") : (thread.names[id] ?? id));
  const rows = [];
  let last = 0;
  for (const line of thread.lines) {
    if (line.at - last > GAP) rows.push(h("p.said-at", {}, when(line.at, now()) === clockTime(line.at) ? clockTime(line.at) : `${day(line.at)} ${clockTime(line.at)}`));
    last = line.at;
    if (line.kind === "added") rows.push(h("p.said-system", {}, phone.kind === "customer" ? t("你已添加对方为好友，可以聊天了") : t("{who} 添加了你为好友", { who: thread.names[line.by] ?? "" })));
    else rows.push(bubble(phone, line, { mine: line.by === me, name, inGroup }));
  }
  if (thread.inside === false) rows.push(h("p.said-system.said-end", {}, inGroup ? t("你已不在这个群里") : t("你们已不是好友，消息发不出去")));
  return h("div.scroll.thread", { "data-stick": "" }, rows);
}

function bubble(phone, line, { mine, name, inGroup }) {
  const happened = system(line, name);
  if (happened) return h("p.said-system", {}, happened);
  const parts = [];
  if (line.text) parts.push(h("div.bubble", {}, linked(phone, line.text)));
  parts.push(...line.attachments.map((part) => attachment(phone, part)));
  if (!parts.length) parts.push(h("div.bubble.quiet", {}, t("（没有内容）")));
  const speaker = phone.data.thread.names[line.by] ?? line.by;
  return h(
    mine ? "div.said.said-mine" : "div.said",
    { data: { kind: line.kind } },
    face(speaker, true),
    h("div.said-parts", {}, inGroup && !mine ? h("span.said-name", {}, speaker) : null, parts, TAGS[line.kind] ? h("span.said-tag", {}, t(TAGS[line.kind])) : null),
  );
}

// Words with their links, which open inside the phone.
export function linked(phone, text) {
  return text.split(/(https?:\/\/[^\s，。；）)]+)/).map((part, n) =>
    n % 2 ? h("a", { href: part, onclick: (event) => (event.preventDefault(), openPage(phone, part)) }, part) : part,
  );
}

export const mediaUrl = (id) => `/phones/media/${encodeURIComponent(world.corp.corp_id)}/${encodeURIComponent(id)}`;

export function attachment(phone, part) {
  const body = part[part.msgtype] ?? {};
  const picture = body.pic_url || (body.media_id ? mediaUrl(body.media_id) : body.key ? `/media/picture/${encodeURIComponent(body.key)}` : "");
  switch (part.msgtype) {
    case "image": return h("img.bubble-picture", { src: picture, alt: t("图片"), loading: "lazy" });
    case "video": return h("video.bubble-picture", { src: mediaUrl(body.media_id), controls: true, preload: "metadata" });
    case "file": return h("a.card-link", { href: mediaUrl(body.media_id), download: "" }, h("b", {}, t("文件")), h("span", {}, t("点这里取下")));
    case "link": return h("button.card-link", { type: "button", onclick: () => openPage(phone, body.url, body.title) }, h("b", {}, body.title), h("span.card-body", {}, h("span", {}, body.desc || hostOf(body.url)), thumb(body.picurl || (body.media_id && mediaUrl(body.media_id)), "link")));
    case "miniprogram": return h("button.card-link.card-mini", { type: "button", onclick: () => phone.sheet(body.title, h("p.quiet", {}, t("小程序要在真的微信里打开：{appid} 的 {page}", { appid: body.appid, page: body.page }))) }, h("b", {}, body.title), thumb(body.pic_media_id && mediaUrl(body.pic_media_id), "grid"), h("span.card-foot", {}, t("小程序")));
    default: return h("div.bubble", {}, `[${part.msgtype}]`);
  }
}

const hostOf = (url) => URL.parse?.(url)?.host ?? url;

function thumb(src, instead) {
  return src ? h("img.thumb", { src, alt: "", loading: "lazy" }) : h("span.thumb", {}, icon(instead));
}

export function composer(phone, key) {
  const thread = phone.data.thread;
  const input = h("input", { "data-draft": `say:${key}`, placeholder: t("说点什么"), maxLength: 1000, autocomplete: "off", "aria-label": t("说点什么"), enterKeyHint: "send", disabled: thread?.inside === false });
  const say = async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    const to = key.startsWith("g:") ? { chat_id: key.slice(2) } : phone.kind === "customer" ? { userid: key.slice(2) } : { external_userid: key.slice(2) };
    const done = await act(phone.kind === "customer" ? "customer_writes" : "staff_writes", { ...phone.self, ...to, text });
    if (!done) return;
    delete phone.drafts[`say:${key}`];
    input.value = "";
    if (done.intercepted) warned(phone, done.intercepted.type);
    await phone.refresh();
  };
  return h("form.composer", { onsubmit: say }, input, h("button.btn.btn-send", { disabled: thread?.inside === false }, t("发送")));
}

function warned(phone, kind) {
  phone.sheet(t("敏感词提醒"), h("p", {}, kind === 1 ? t("这句话碰到了公司的敏感词规则，没有发出去。") : t("这句话碰到了公司的敏感词规则，已提醒，仍发出去了。")));
}
