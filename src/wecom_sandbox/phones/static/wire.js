// What travelled over the wire: who did what, what apps heard of it, what they asked for, and what they were answered.
import { post, toast, world } from "./api.js";
import { clockTime, fill, h, iconButton } from "./dom.js";
import { loadStage } from "./main.js";
import { ACTS, CALLS, EVENTS } from "./meanings.js";
import { t } from "./words.js";

const side = document.getElementById("wire");
const list = h("ol.wire-list");
const ears = h("p.quiet");
const MOST = 150;
let kept = [];
let only = "";

export function heard(entries, missed) {
  kept = [...kept, ...(missed > 0 ? [{ way: "gap", n: entries[0]?.n ?? 0, missed }] : []), ...entries].slice(-MOST);
  const end = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  list.append(...entries.filter(shows).map(row));
  while (list.children.length > MOST) list.firstChild.remove();
  list.querySelector(".wire-empty")?.remove();
  if (end) list.scrollTop = list.scrollHeight;
}

const shows = (one) => !only || one.way === only || (only === "wrong" && one.code !== 0);

export function drawWire() {
  const pick = (name, label) => h("button.tab", { type: "button", "aria-selected": String(only === name), role: "tab", onclick: () => ((only = name), drawWire()) }, label);
  list.replaceChildren(...kept.filter(shows).map(row));
  if (!list.children.length) list.append(h("li.wire-empty.quiet", {}, t("还没有动静。在手机上做点什么，看看应用听到了什么。")));
  fill(side, true,
    h("div.side-head", {}, h("h2", {}, t("线上在走什么")), iconButton("close", t("收起"), () => (document.body.dataset.sheet = ""))),
    ears,
    h("div.tabs", { role: "tablist" }, pick("", t("全部")), pick("event", t("回调")), pick("call", t("接口")), pick("wrong", t("出错"))),
    list,
  );
  list.scrollTop = list.scrollHeight;
  drawEars();
}

// Who listens; said anew whenever the stage is.
export function drawEars() {
  const listening = (world.apps ?? []).filter((app) => app.listening).map((app) => app.name);
  fill(ears, true, listening.length ? t("在听的应用：{names}", { names: listening.join("、") }) : t("还没有应用在听回调，欢迎语不会来。"), " ", exampleButton());
}

// Where nobody listens, the example app may take the place of the corp's first app.
export function exampleButton() {
  const app = (world.apps ?? []).find((one) => !one.archive);
  if (!app || world.apps.some((one) => one.listening)) return null;
  const go = async () => {
    await post("/phones/example/join", { corp_id: world.corp.corp_id, agentid: app.agentid });
    toast(t("示范应用在听了：再加一位店员试试"));
    await loadStage();
  };
  return h("button.btn.btn-small", { type: "button", onclick: go }, t("让示范应用来听"));
}

const WAYS = {
  act: ["人做的", (one) => ACTS[one.name] ?? one.name],
  event: ["企业微信 → {app}", (one) => EVENTS[one.name] ?? one.name],
  call: ["{app} → 企业微信", (one) => CALLS[one.name] ?? one.name],
  clock: ["时间", () => "时间往前拨了"],
  faults: ["故障", () => "故障开关改了"],
};

function row(one) {
  if (one.way === "gap") return h("li.wire-gap.quiet", {}, t("……太快了，略过 {n} 条", { n: one.missed }));
  const [way, meaning] = WAYS[one.way];
  const said = meaning(one);
  const detail = one.said || one.answered;
  const item = h(
    `li.wire-${one.way}`,
    { data: { name: one.name } },
    h("div.wire-head", {}, h("time", {}, clockTime(one.at)), h("span", {}, t(way, { app: one.app || t("应用") })), h(one.code === 0 ? "i.code" : "i.code.code-bad", {}, verdict(one))),
    h("p", {}, t(said)),
    h("div.wire-foot", {}, h("code", {}, said === one.name ? "" : one.way === "clock" ? `+${one.name} s` : one.name)),
  );
  if (!detail) return item;
  const show = h("button.wire-more", { type: "button", onclick: () => {
    const old = item.querySelector("pre");
    if (old) return old.remove();
    return item.append(h("pre", {}, [one.said, one.answered].filter(Boolean).join("\n\n→\n")));
  } }, t("看原文"));
  item.lastChild.append(show);
  return item;
}

function verdict(one) {
  if (one.way === "act") return one.code === 0 ? "✓" : t("没成");
  if (one.way === "event") return one.code === 0 ? t("听到了") : { dropped: t("丢了"), "given up": t("送不到") }[one.code] ?? `HTTP ${one.code}`;
  if (one.way === "call") return one.code === "answer lost" ? t("应答丢了") : `errcode ${one.code}`;
  return "✓";
}
