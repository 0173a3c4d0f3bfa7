// The left side: whose phone to take in the hand.
import { world } from "./api.js";
import { face, fill, h, icon, iconButton } from "./dom.js";
import { give, loadStage } from "./main.js";
import { t } from "./words.js";

const side = document.getElementById("people");
const NAMES = ["王小姐", "李先生", "陈女士", "赵大姐", "孙同学", "周阿姨", "吴先生", "郑小姐"];
let tab = "customers";
let drawn = "";

const fresh = () => crypto.getRandomValues(new Uint32Array(2)).reduce((text, one) => text + one.toString(36), "o");

export function newCustomer(name) {
  const used = (world.customers_all ?? 0) + document.querySelectorAll(".phone-customer").length;
  return give("customer", fresh(), { name: name || NAMES[used % NAMES.length], fresh: true });
}

export function drawPeople(wanted) {
  const data = JSON.stringify([world.corp, world.staff, world.customers, world.departed, tab, t("客户"), world.corps?.length]);
  if (data === drawn) return;
  drawn = data;
  const focused = document.activeElement?.id === "find";
  fill(side, true,
    h("div.side-head", {}, h("h2", {}, t("拿起谁的手机？")), iconButton("close", t("收起"), () => (document.body.dataset.sheet = ""))),
    world.corp ? adder() : null,
    world.corp ? h("div.tabs", { role: "tablist" }, tabButton("customers", t("客户"), world.customers_all), tabButton("staff", t("店员"), world.staff_all)) : null,
    world.corp ? finder(wanted) : h("p.quiet", {}, t("还没有企业：先在右边种一个小世界。")),
    world.corp ? h("ul.list", {}, tab === "customers" ? customers() : staff()) : null,
  );
  if (focused) document.getElementById("find")?.focus();
}

function adder() {
  const name = h("input", { name: "person", placeholder: t("新客户的名字"), maxLength: 20, autocomplete: "off", "aria-label": t("新客户的名字") });
  const add = (event) => {
    event.preventDefault();
    newCustomer(name.value.trim());
    name.value = "";
  };
  return h("form.adder", { onsubmit: add }, name, h("button.btn.btn-main", { title: t("新客户"), "aria-label": t("新客户") }, icon("plus")));
}

function tabButton(name, label, count) {
  const choose = () => {
    tab = name;
    drawPeople("");
  };
  return h("button.tab", { type: "button", role: "tab", "aria-selected": String(tab === name), onclick: choose }, `${label} ${count ?? 0}`);
}

function finder(wanted) {
  let timer = 0;
  const oninput = (event) => {
    clearTimeout(timer);
    timer = setTimeout(() => loadStage(event.target.value.trim()), 250);
  };
  return h("input.find", { id: "find", type: "search", value: wanted, placeholder: t("按名字找"), "aria-label": t("按名字找"), oninput });
}

function customers() {
  if (!world.customers.length) return h("li.quiet", {}, t("还没有客户。新建一位，让 TA 扫个码。"));
  return world.customers.map((one) =>
    entry(one.name, one.friends ? t("{n} 位店员好友", { n: one.friends }) : t("没有店员好友"), () => give("customer", one.id, { name: one.name })),
  );
}

function staff() {
  const gone = world.departed.map((one) => entry(one.name, t("已离职"), () => give("staff", one.userid, { name: one.name })));
  const here = world.staff.map((one) =>
    entry(one.name, [one.position, one.department, t("{n} 位客户", { n: one.customers })].filter(Boolean).join(" · "), () => give("staff", one.userid, { name: one.name })),
  );
  return [...here, ...gone];
}

function entry(name, note, onclick) {
  return h("li", {}, h("button.entry", { type: "button", onclick }, face(name, true), h("span.entry-text", {}, h("b", {}, name), h("span", {}, note))));
}

