// The bar above: what time it is here, time that can be moved, what goes wrong on purpose, and the language.
import { now, post, Refused, toast, world } from "./api.js";
import { button, clockTime, day, fill, h, icon, iconButton } from "./dom.js";
import { chooseCorp, loadStage, redraw } from "./main.js";
import { openTour } from "./tour.js";
import { language, setLanguage, t } from "./words.js";

const bar = document.getElementById("bar");
const HOUR = 3600;
const FAULTS = [
  ["drop", "回调丢了", "三分之一的回调送不到"], ["double", "回调重复", "三分之一的回调来两次"], ["reorder", "回调乱序", "三分之一的回调晚到"],
  ["45009", "接口太频繁", "三分之一的调用答 45009"], ["-1", "系统繁忙", "三分之一的调用答 -1"], ["answer_lost", "应答丢了", "事办成了，答复没回来"],
];
const ODDS = 0.34;
const time = h("time.now");
let drawn = "";

export function tick() {
  time.replaceChildren(h("b", {}, clockTime(now())), h("span", {}, day(now())));
}

export function drawBar() {
  const data = JSON.stringify([world.corps, world.corp, world.faults, language()]);
  tick();
  if (data === drawn) return;
  drawn = data;
  const wrong = world.faults?.length ?? 0;
  fill(bar, true,
    h("a.brand", { href: "/", title: t("沙箱首页") }, h("img", { src: "/phones/static/mark.svg", alt: "" }), h("b", {}, t("手机")), world.corps?.length > 1 ? null : h("span", {}, world.corp?.name ?? "")),
    world.corps?.length > 1 ? corps() : null,
    h("div.clock", {}, icon("clock"), time, h("button.btn.btn-small", { type: "button", onclick: () => move(HOUR) }, t("+1 小时")), h("button.btn.btn-small", { type: "button", onclick: () => move(24 * HOUR) }, t("+1 天"))),
    h("div.bar-acts", {},
      h("button.btn.btn-small.only-small", { type: "button", onclick: () => flip("people") }, icon("people"), t("人")),
      h(wrong ? "button.btn.btn-small.btn-warn" : "button.btn.btn-small", { type: "button", "aria-haspopup": "dialog", data: { faults: "" }, onclick: faults }, icon("bolt"), wrong ? t("故障 {n}", { n: wrong }) : t("故障")),
      h("button.btn.btn-small", { type: "button", onclick: () => flip("wire") }, icon("wire"), t("线上")),
      h("button.btn.btn-small", { type: "button", onclick: swap }, language() === "zh" ? "EN" : "中文"),
      iconButton("help", t("带我走一遍"), openTour),
    ),
  );
}

function flip(name) {
  if (name === "wire" && matchMedia("(min-width: 1100px)").matches) {
    document.body.classList.toggle("no-wire");
    return;
  }
  document.body.dataset.sheet = document.body.dataset.sheet === name ? "" : name;
}

function swap() {
  setLanguage(language() === "zh" ? "en" : "zh");
  localStorage.setItem("phones.lang", language());
  redraw();
}

function corps() {
  return h("select.corps", { "aria-label": t("企业"), onchange: (event) => chooseCorp(event.target.value) }, world.corps.map((one) => h("option", { value: one.corp_id, selected: one.corp_id === world.corp?.corp_id }, one.name)));
}

async function move(seconds, force = false) {
  try {
    await post("/control/clock", { advance: seconds, force });
    toast(seconds === HOUR ? t("过了一小时") : t("过了一天"));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (/welcome/.test(error.message) && confirm(t("还有欢迎语没发出，拨了时间就作废。还要拨吗？"))) await move(seconds, true);
  }
}

function faults() {
  const old = document.querySelector(".faults");
  if (old) return old.remove();
  const mine = new Map((world.faults ?? []).filter(simple).map((rule) => [String(rule.fault), rule]));
  const strange = (world.faults ?? []).filter((rule) => !simple(rule)).length;
  const change = async () => {
    const on = [...panel.querySelectorAll("input:checked")].map((one) => [one.value, ODDS]);
    await post("/control/faults", Object.fromEntries(on));
    await loadStage();
  };
  const panel = h("div.faults", { role: "dialog", "aria-label": t("故障开关") },
    h("h3", {}, t("故障开关")), h("p.quiet", {}, t("真的线上会出的事，在这里想让它出就出。")),
    strange ? h("p.due", {}, t("正在演一份写好的故障单（{n} 条），改开关会换掉它。", { n: strange })) : null,
    FAULTS.map(([name, label, words]) => h("label.fault", {}, h("input", { type: "checkbox", value: name, checked: mine.has(name), onchange: change }), h("span", {}, h("b", {}, t(label)), h("span.quiet", {}, t(words))))),
    button(t("全部关掉"), async () => { await post("/control/faults", { rules: [] }); panel.remove(); await loadStage(); }, "btn-plain"));
  document.body.append(panel);
  const away = (event) => {
    if (panel.contains(event.target) || event.target.closest("[data-faults]")) return;
    panel.remove();
    document.removeEventListener("pointerdown", away);
  };
  document.addEventListener("pointerdown", away);
  return panel;
}

const simple = (rule) => rule.odds === ODDS && Object.keys(rule).every((name) => ["fault", "odds", "seconds"].includes(name) || rule[name] === null || rule[name]?.length === 0);
