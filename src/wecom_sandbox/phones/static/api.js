// Speaking with the sandbox. Whatever a hand does here is an act of /control/act, so that apps hear of it over the wire.
import { h } from "./dom.js";
import { t } from "./words.js";

export const world = { corp: null, corps: [], apps: [], now: 0, skew: 0, codes: [] };

export class Refused extends Error {}

async function read(answer) {
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok || body.ok === false) throw new Refused(body.error ?? `HTTP ${answer.status}`);
  return body;
}

export async function get(path, query = {}) {
  const asked = new URLSearchParams({ ...(world.corp ? { corp_id: world.corp.corp_id } : {}), ...query });
  return read(await fetch(`/phones/api/${path}?${asked}`));
}

export async function post(path, body) {
  return read(await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }));
}

// Do something as a person; a refusal is said in the words of the sandbox, and gives null.
export async function act(kind, wishes) {
  try {
    return await post("/control/act", { kind, corp_id: world.corp?.corp_id, ...wishes });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    toast(t("没做成：{why}", { why: told(error.message) }), true);
    return null;
  }
}

const KNOWN = [
  [/^full: every member/, "这个码背后的店员好友都满了"], [/^full: every room/, "这个码的群都满了"], [/^they are not friends/, "你们现在不是好友"],
  [/^not a member of this group/, "已不在这个群里"], [/^already confirmed/, "已经发过了"], [/^the task was cancelled/, "任务已取消"],
  [/^no such contact way|^no such join way/, "这个码已经失效"], [/welcome\(s\) still open/, "还有欢迎语没发出，稍等几秒再拨时间"],
  [/quota of acquisition links/, "获客助手的额度用完了"], [/^this link does not work/, "这个获客链接已失效"], [/^already published/, "已经发表过了"],
  [/^the moment was cancelled/, "这条朋友圈已取消"], [/^no member/, "这位店员已经离职"], [/^every room of this join way is dismissed/, "这个码的群都解散了"],
];

function told(reason) {
  const known = KNOWN.find(([pattern]) => pattern.test(reason));
  return known ? t(known[1]) : reason;
}

export function toast(text, bad = false) {
  const el = h(bad ? "div.toast.toast-bad" : "div.toast", {}, text);
  document.getElementById("toasts").append(el);
  setTimeout(() => el.remove(), bad ? 6000 : 3200);
}

// The sandbox's time now: its clock runs on between two answers.
export const now = () => Date.now() / 1000 + world.skew;

export function setClock(at) {
  world.skew = at - Date.now() / 1000;
}
