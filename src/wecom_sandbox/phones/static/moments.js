// 朋友圈: what a customer sees of their clerks', and what a clerk publishes.
import { act, now, toast } from "./api.js";
import { button, face, h, icon, when } from "./dom.js";
import { attachment, linked } from "./thread.js";
import { t } from "./words.js";

export function feed(phone) {
  const seen = phone.data.moments.filter((one) => !one.open);
  if (!seen.length) return h("div.scroll.empty", {}, h("p", {}, phone.kind === "customer" ? t("还没有朋友圈。店员发表后，好友才看得到（一天最多三条）。") : t("还没有发表过朋友圈。")));
  return h("div.scroll", {}, seen.map((one) => moment(phone, one)));
}

function moment(phone, one) {
  const by = phone.kind === "customer" ? { ...phone.self, userid: one.userid } : { by: phone.id, userid: one.userid };
  const about = { moment_id: one.moment_id, ...by };
  const words = h("input", { "data-draft": `says:${one.moment_id}:${one.userid}`, placeholder: t("评论"), "aria-label": t("评论"), maxLength: 200, autocomplete: "off" });
  const like = async () => (await act("like_moment", about)) && phone.refresh();
  const say = async (event) => {
    event.preventDefault();
    if (!words.value.trim() || !(await act("comment_moment", { ...about, says: words.value.trim() }))) return;
    delete phone.drafts[words.dataset.draft];
    words.value = "";
    await phone.refresh();
  };
  return h(
    "article.moment",
    {},
    face(one.name, true),
    h(
      "div",
      {},
      h("b.moment-name", {}, one.name),
      one.text ? h("p", {}, linked(phone, one.text)) : null,
      h("div.moment-parts", {}, one.attachments.map((part) => attachment(phone, part))),
      h("div.moment-foot", {}, h("time", {}, when(one.at, now())), one.seen !== undefined ? h("span", {}, t("{n} 位客户看得到", { n: one.seen })) : null, one.cancelled ? h("span", {}, t("已取消")) : h("button.icon-btn.like", { type: "button", "aria-pressed": String(one.liked), "aria-label": t("赞"), title: t("赞"), onclick: like }, icon("heart"))),
      one.likes.length || one.comments.length
        ? h("div.moment-said", {}, one.likes.length ? h("p.likes", {}, icon("heart"), one.likes.join("、")) : null, one.comments.map((comment) => h("p", {}, h("b", {}, comment.name), `：${comment.says}`)))
        : null,
      one.cancelled ? null : h("form.moment-say", { onsubmit: say }, words, h("button.btn.btn-small", {}, t("发"))),
    ),
  );
}

// Moments of the corp that this clerk has not published yet, and a place for one of their own.
export function publishing(phone) {
  const open = phone.data.moments.filter((one) => one.open);
  const text = h("textarea", { "data-draft": "own-moment", rows: 2, placeholder: t("发一条自己的朋友圈"), "aria-label": t("发一条自己的朋友圈"), maxLength: 500 });
  const post = async () => {
    if (!text.value.trim()) return;
    const done = await act("post_moment", { userid: phone.id, text: text.value.trim() });
    if (!done) return;
    delete phone.drafts["own-moment"];
    text.value = "";
    toast(t("发表了，{n} 位客户看得到", { n: done.seen }));
    await phone.refresh();
  };
  return [
    open.map((one) =>
      h("div.task", {}, h("p.task-from", {}, t("{app} 请你发表朋友圈", { app: one.app })), one.text ? h("p", {}, one.text) : null, h("div.moment-parts", {}, one.attachments.map((part) => attachment(phone, part))), button(t("发表"), async () => {
        const done = await act("publish_moment", { moment_id: one.moment_id, userid: phone.id });
        if (done) toast(t("发表了，{n} 位客户看得到", { n: done.seen }));
        await phone.refresh();
      }, "btn-wecom")),
    ),
    h("div.task", {}, text, button(t("发表"), post)),
  ];
}
