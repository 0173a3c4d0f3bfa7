// What a clerk does with customers and groups: remarks, tags, inviting, removing.
import { act, toast } from "./api.js";
import { members } from "./customer.js";
import { button, day, face, h } from "./dom.js";
import { t } from "./words.js";

export function customers(phone) {
  let timer = 0;
  const oninput = (event) => {
    clearTimeout(timer);
    phone.wanted = event.target.value.trim();
    timer = setTimeout(() => phone.refresh(), 250);
  };
  const rows = phone.data.customers;
  return h(
    "div.scroll",
    {},
    h("input.find", { type: "search", "data-draft": "find", placeholder: t("按名字或备注找"), "aria-label": t("按名字或备注找"), oninput }),
    rows.length ? null : h("p.quiet.pad", {}, t("没有这样的客户")),
    rows.map((one) =>
      h("button.chat-row", { type: "button", onclick: () => phone.go("profile", { about: `c:${one.external_userid}`, key: `c:${one.external_userid}` }) }, face(one.name),
        h("span.chat-text", {}, h("b", {}, one.remark || one.name, h("i.from-wechat", {}, t(" @微信"))), h("span", {}, one.tags.map((tag) => tag.name).join(" · ") || one.description || t("没有标签")))),
    ),
  );
}

export function profile(phone, external) {
  const one = phone.data.thread?.relation ?? phone.data.customers.find((row) => row.external_userid === external);
  if (!one) return h("div.scroll.empty", {}, h("p", {}, t("你们已不是好友")));
  const about = { userid: phone.id, external_userid: external };
  const draft = (name) => `${name}:${external}`;
  const remark = h("input", { "data-draft": draft("remark"), value: one.remark, maxLength: 20, "aria-label": t("备注"), placeholder: one.name });
  const words = h("textarea", { "data-draft": draft("description"), value: one.description, rows: 2, maxLength: 150, "aria-label": t("描述") });
  const phones = h("input", { "data-draft": draft("mobiles"), value: one.remark_mobiles.join(" "), "aria-label": t("手机号"), inputMode: "tel" });
  const keep = async (event) => {
    event.preventDefault();
    const done = await act("staff_remarks", { ...about, remark: remark.value, description: words.value, remark_mobiles: phones.value.split(/\s+/).filter(Boolean) });
    if (!done) return;
    for (const name of ["remark", "description", "mobiles"]) delete phone.drafts[draft(name)];
    toast(t("记下了，应用会听到（edit_external_contact）"));
    await phone.refresh();
  };
  const remove = () => phone.confirm(t("删除客户"), t("对方那边还留着你，但你们不再是好友。"), t("删除"), async () => {
    if (await act("staff_deletes", about)) phone.tab("customers");
    await phone.refresh();
  });
  return h(
    "div.scroll",
    {},
    h("div.me-card", {}, face(one.name), h("div", {}, h("b", {}, one.name), h("span.quiet", {}, [one.state && t("渠道：{state}", { state: one.state }), t("{day} 添加", { day: day(one.createtime) })].filter(Boolean).join(" · ")))),
    h("form.fields", { onsubmit: keep }, h("label", {}, t("备注"), remark), h("label", {}, t("描述"), words), h("label", {}, t("手机号"), phones), h("button.btn.btn-wecom", {}, t("保存"))),
    h("h3.section", {}, t("企业标签")),
    tags(phone, one, about),
    h("div.two", {}, button(t("发消息"), () => phone.chat(`c:${external}`), "btn-wecom"), button(t("删除客户"), remove, "btn-danger")),
  );
}

function tags(phone, one, about) {
  const groups = phone.data.tag_groups;
  if (!groups.length) return h("p.quiet.pad", {}, t("企业还没有标签：由应用或管理员来建。"));
  const has = new Set(one.tags.map((tag) => tag.id));
  const flip = async (tag) => {
    await act("staff_tags", { ...about, [has.has(tag.id) ? "remove" : "add"]: [tag.id] });
    await phone.refresh();
  };
  return groups.map((group) =>
    h("div.tag-group", {}, h("span.quiet", {}, group.name), h("div.tags", {}, group.tags.map((tag) => h("button.tag", { type: "button", "aria-pressed": String(has.has(tag.id)), onclick: () => flip(tag) }, tag.name)))),
  );
}

function picker(phone, name, people) {
  return h("div.picker", {}, people.map((one) => h("label.pick", {}, h("input", { type: "checkbox", value: one.external_userid, "data-draft": `${name}:${one.external_userid}` }), face(one.name, true), h("span", {}, one.remark || one.name))));
}

const picked = (root) => [...root.querySelectorAll("input:checked")].map((one) => one.value);

function forget(phone, name) {
  for (const key of Object.keys(phone.drafts)) if (key.startsWith(`${name}:`)) delete phone.drafts[key];
}

export function newGroup(phone) {
  const name = h("input", { "data-draft": "group-name", placeholder: t("群名"), "aria-label": t("群名"), maxLength: 30 });
  const list = picker(phone, "group", phone.data.customers);
  const make = async (event) => {
    event.preventDefault();
    const done = await act("create_group", { owner: phone.id, name: name.value.trim() || t("客户群"), members: picked(list) });
    if (!done) return;
    forget(phone, "group");
    delete phone.drafts["group-name"];
    await phone.chat(`g:${done.chat_id}`);
  };
  return h("form.scroll.fields", { onsubmit: make }, h("label", {}, t("群名"), name), h("p.quiet", {}, t("拉哪些客户进来")), list, h("button.btn.btn-wecom", {}, t("建群")));
}

export function groupPage(phone, chatId) {
  const group = phone.data.thread?.group;
  if (!group) return h("div.scroll.empty", {}, h("p", {}, t("这个群已经解散")));
  const mine = group.owner === phone.id;
  const outside = phone.data.customers.filter((one) => !group.members.some((member) => member.id === one.external_userid));
  const list = picker(phone, "invite", outside);
  const invite = async () => {
    const done = await act("invite", { chat_id: chatId, userid: phone.id, external_userids: picked(list) });
    if (!done) return;
    forget(phone, "invite");
    toast(t("{n} 位进群了", { n: done.added.length }));
    await phone.refresh();
  };
  const kick = (one) => phone.confirm(t("把 {name} 移出群", { name: one.name }), "", t("移出"), async () => {
    await act("kick", { chat_id: chatId, external_userid: one.id });
    await phone.refresh();
  });
  const dismiss = () => phone.confirm(t("解散群"), t("群里的人都会离开，群码也不再通向这里。"), t("解散"), async () => {
    if (await act("dismiss_group", { chat_id: chatId })) phone.tab("chats");
    await phone.refresh();
  });
  return h(
    "div.scroll",
    {},
    h("h3.section", {}, `${group.name || t("群聊")} · ${t("{n} 人", { n: group.members.length })}`),
    members(group, (one) => (mine && one.type === 2 ? h("button.kick", { type: "button", onclick: () => kick(one) }, t("移出")) : null)),
    phone.data.templates.length && mine ? welcome(phone, group) : null,
    outside.length ? [h("h3.section", {}, t("邀请客户")), list, button(t("邀请进群"), invite, "btn-wecom")] : null,
    mine ? button(t("解散群"), dismiss, "btn-danger") : null,
  );
}

function welcome(phone, group) {
  const choose = async (event) => {
    await act("pick_group_welcome", { chat_id: group.chat_id, template_id: event.target.value });
    await phone.refresh();
  };
  const select = h("select", { onchange: choose, "aria-label": t("入群欢迎语") }, h("option", { value: "" }, t("不用")), phone.data.templates.map((one) => h("option", { value: one.id, selected: one.id === group.welcome_template }, one.text || one.id)));
  return h("label.fields", {}, t("入群欢迎语"), select);
}
