// What the firm asks of a clerk: mass messages to confirm, and what apps wrote, cards with buttons included.
import { act, now, toast } from "./api.js";
import { openPage } from "./browser.js";
import { button, h, when } from "./dom.js";
import { attachment, linked, mediaUrl } from "./thread.js";
import { t } from "./words.js";

export function masses(phone) {
  const tasks = phone.data.tasks;
  if (!tasks.length) return h("div.scroll.empty", {}, h("p", {}, t("没有群发任务。应用建了任务，就会出现在这里。")));
  return h("div.scroll", {}, tasks.map((one) => mass(phone, one)));
}

function mass(phone, one) {
  const send = async () => {
    const done = await act("confirm", { msgid: one.msgid, userid: phone.id });
    if (done) toast(result(done));
    await phone.refresh();
  };
  const whom = one.group ? t("发到 {n} 个群：{names}", { n: one.count, names: names(one) }) : t("发给 {n} 位客户：{names}", { n: one.count, names: names(one) });
  return h(
    "div.task",
    {},
    h("p.task-from", {}, t("{app} 请你群发", { app: one.app }), " · ", when(one.at, now()), one.reminded ? h("b.due", {}, t(" 催过 {n} 次", { n: one.reminded })) : null),
    one.text ? h("p", {}, linked(phone, one.text)) : null,
    one.attachments.map((part) => attachment(phone, part)),
    h("p.quiet", {}, whom),
    one.cancelled ? h("p.quiet", {}, t("任务已取消")) : one.done ? h("p.done", {}, t("已发送：{sent} / {count} 收到", one)) : button(t("发送"), send, "btn-wecom"),
  );
}

const names = (one) => one.to.slice(0, 6).join("、") + (one.count > 6 ? "…" : "");

function result(done) {
  const parts = [t("发出 {n} 条", { n: done.sent })];
  if (done.over_cap) parts.push(t("{n} 位这个月收满了", { n: done.over_cap }));
  if (done.not_friend) parts.push(t("{n} 位已不是好友", { n: done.not_friend }));
  return parts.join("，");
}

export function notices(phone) {
  const rows = phone.data.thread?.key === phone.top.key ? phone.data.thread.notices : [];
  return h("div.scroll", { "data-stick": "" }, rows.map((one) => h("div.notice", {}, h("p.said-at", {}, when(one.time, now())), one.recalled ? h("p.said-system", {}, t("应用撤回了一条消息")) : shown(phone, one))));
}

const plain = (text) => (text ?? "").replace(/<br\s*\/?>/g, "\n").replace(/<\/div>/g, "\n").replace(/<[^>]+>/g, "").trim();

// In a text an app may write <a href>; nothing else of HTML is read.
function text(phone, words) {
  return words.split(/(<a\s[^>]*>.*?<\/a>)/s).map((part) => {
    const [, href, label] = part.match(/<a\s[^>]*href=["']?([^"'\s>]+)["']?[^>]*>(.*?)<\/a>/s) ?? [];
    return href ? h("a", { href, onclick: (event) => (event.preventDefault(), openPage(phone, href)) }, plain(label)) : linked(phone, part);
  });
}

function shown(phone, one) {
  const body = one.content;
  const card = (title, words, url, label) => h("button.card-link.notice-card", { type: "button", onclick: () => url && openPage(phone, url, title) }, h("b", {}, title), h("span.pre", {}, plain(words)), url ? h("span.card-foot", {}, label || t("详情")) : null);
  switch (one.msgtype) {
    case "text": return h("div.bubble.pre", {}, text(phone, body.content));
    case "markdown": return h("div.bubble.pre", {}, plain(body.content));
    case "textcard": return card(body.title, body.description, body.url, body.btntxt);
    case "news": case "mpnews": return body.articles.map((row) => card(row.title, row.description ?? row.digest, row.url));
    case "image": case "video": case "file": return attachment(phone, { msgtype: one.msgtype, [one.msgtype]: body });
    case "voice": return h("audio", { src: mediaUrl(body.media_id), controls: true });
    case "miniprogram_notice": return card(body.title, [body.description, ...(body.content_item ?? []).map((row) => `${row.key} ${row.value}`)].filter(Boolean).join("\n"));
    case "template_card": return templateCard(phone, one);
    case "group_welcome_template": return h("p.said-system", {}, t("管理员配了入群欢迎语，在群信息里选用"));
    default: return h("div.bubble", {}, `[${one.msgtype}]`);
  }
}

function templateCard(phone, one) {
  const card = one.content;
  const chosen = h("div.card-ask", {}, questions(card));
  const press = async (key) => {
    const answers = {};
    for (const box of chosen.querySelectorAll("[data-question]")) {
      const ids = box.tagName === "SELECT" ? [box.value] : box.checked ? [box.value] : [];
      (answers[box.dataset.question] ??= []).push(...ids);
    }
    if (await act("press_card", { userid: phone.id, msgid: one.msgid, key, chosen: answers })) toast(t("按下了，应用会听到（template_card_event）"));
    await phone.refresh();
  };
  const buttons = [...(card.button_list ?? []), ...(card.submit_button ? [card.submit_button] : []), ...(card.action_menu?.action_list ?? [])];
  const jumps = [...(card.jump_list ?? []), ...(card.card_action?.url ? [{ title: t("详情"), url: card.card_action.url }] : [])];
  return h(
    "div.task.template-card",
    {},
    h("b", {}, card.main_title?.title ?? card.sub_title_text),
    card.main_title?.desc ? h("p.quiet", {}, card.main_title.desc) : null,
    card.emphasis_content ? h("p.emphasis", {}, card.emphasis_content.title, h("small", {}, card.emphasis_content.desc)) : null,
    card.sub_title_text && card.main_title?.title ? h("p", {}, card.sub_title_text) : null,
    (card.horizontal_content_list ?? []).map((row) => h("p.pair", {}, h("span.quiet", {}, row.keyname), h("span", {}, row.value ?? ""))),
    chosen,
    jumps.filter((row) => row.url).map((row) => h("a.pad-link", { href: row.url, onclick: (event) => (event.preventDefault(), openPage(phone, row.url, row.title)) }, row.title)),
    card.replaced ? h("p.done", {}, card.replaced) : h("div.two", {}, buttons.map((row) => button(row.text, () => press(row.key), row.style === 2 || row.style === 3 ? "btn-danger" : "btn-wecom"))),
  );
}

function questions(card) {
  const many = card.checkbox ? [h("div", {}, card.checkbox.option_list.map((option) => h("label.pick", {}, h("input", { type: card.checkbox.mode === 1 ? "checkbox" : "radio", name: card.checkbox.question_key, value: option.id, checked: option.is_checked, data: { question: card.checkbox.question_key } }), option.text)))] : [];
  const lists = [...(card.select_list ?? []), ...(card.button_selection ? [card.button_selection] : [])].map((one) =>
    h("label.fields", {}, one.title ?? "", h("select", { data: { question: one.question_key } }, one.option_list.map((option) => h("option", { value: option.id, selected: option.id === one.selected_id }, option.text)))),
  );
  return [...many, ...lists];
}
