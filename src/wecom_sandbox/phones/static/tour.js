// The first five minutes: one step after the other, each ticked off when it has really happened, whoever did it.
import { toast, world } from "./api.js";
import { button, fill, h, icon, iconButton } from "./dom.js";
import { give, loadStage, phones } from "./main.js";
import { newCustomer } from "./people.js";
import { openScan } from "./scan.js";
import { plant } from "./seed.js";
import { exampleButton } from "./wire.js";
import { t } from "./words.js";

const KEY = "phones.tour";
let done = new Set();
let of = "";
let closed = localStorage.getItem(KEY) === "closed";
let drawn = "";

const customers = () => phones.filter((one) => one.kind === "customer" && one.data);
const clerks = () => phones.filter((one) => one.kind === "staff" && one.data);
const chats = (list) => list.flatMap((phone) => phone.data.chats ?? []);
const first = () => customers()[0] ?? newCustomer("");
const friend = () => customers().flatMap((one) => one.data.friends)[0];

const STEPS = [
  { name: "pick", words: "新建一位客户，拿起 TA 的手机", does: "拿起客户的手机", is: () => customers().length > 0, go: () => newCustomer("") },
  { name: "add", words: "让 TA 扫一个码，加店员为好友", does: "扫一扫", is: () => Boolean(friend()), go: () => openScan(first()) },
  { name: "welcome", words: "欢迎语自己到了：应用听到回调，20 秒内发出，只此一次", is: () => customers().some((one) => one.data.welcomed) },
  { name: "reply", words: "回店员一句话", does: "打开聊天", is: () => customers().some((one) => one.data.spoke), go: () => friend() && customers().find((one) => one.data.friends.length).chat(`u:${friend().userid}`) },
  { name: "clerk", words: "拿起店员的手机，看看 TA 收到了什么", does: "拿起店员的手机", is: () => clerks().length > 0, go: () => friend() && give("staff", friend().userid, { name: friend().name }) },
  { name: "answer", words: "店员答一句", does: "打开聊天", is: () => chats(clerks()).some((one) => one.last?.kind === "chat" && one.key.startsWith("c:")), go: () => clerks()[0]?.chat(clerks()[0].data.chats.find((one) => one.key.startsWith("c:"))?.key) },
  { name: "group", words: "客户再扫一个群码，进群", does: "扫群码", is: () => chats(customers()).some((one) => one.key.startsWith("g:")), go: () => openScan(first()) },
  { name: "mass", words: "应用建的群发，店员在工作台点“发送”，客户才收到", does: "打开店员的工作台", is: () => chats(customers()).some((one) => one.last?.kind === "mass"), go: () => clerks()[0]?.tab("work") },
];

export function openTour() {
  closed = false;
  done.clear();
  localStorage.removeItem(KEY);
  drawn = "";
  drawTour();
}

function close() {
  closed = true;
  localStorage.setItem(KEY, "closed");
  drawn = "";
  drawTour();
}

export function drawTour() {
  const place = document.getElementById("tour");
  if (!place) return;
  if (world.corp && of !== world.corp.corp_id) {
    of = world.corp.corp_id;
    done = new Set(JSON.parse(localStorage.getItem(`${KEY}.${of}`) ?? "[]"));
  }
  for (const step of STEPS) {
    if (!done.has(step.name) && step.is()) {
      done.add(step.name);
      localStorage.setItem(`${KEY}.${of}`, JSON.stringify([...done]));
    }
  }
  const empty = !world.corp;
  const data = JSON.stringify([empty, closed, [...done], phones.length, world.apps?.some((one) => one.listening), t("扫一扫")]);
  if (data === drawn) return;
  drawn = data;
  place.hidden = closed && !empty;
  place.classList.toggle("tour-empty", empty);
  fill(place, true, empty ? emptyWorld() : steps());
}

function emptyWorld() {
  const go = async (event) => {
    event.target.disabled = true;
    try {
      await plant();
      toast(t("种好了：一家企业、四位店员、三个码，还有一个会发欢迎语的示范应用"));
      drawn = "";
      await loadStage();
    } catch (error) {
      event.target.disabled = false;
      toast(t("没做成：{why}", { why: error.message }), true);
    }
  };
  return [h("div.tour-text", {}, h("h1", {}, t("这里还没有人")), h("p", {}, t("种一个小世界：一家有四位店员的店、门口的码、一个会发欢迎语的示范应用。也可以接上你自己的应用再来。"))), button(t("种一个小世界"), go, "btn-main")];
}

function steps() {
  const now = STEPS.findIndex((step) => !done.has(step.name));
  const at = now === -1 ? STEPS.length : now;
  const step = STEPS[at];
  const quiet = !(world.apps ?? []).some((one) => one.listening);
  return [
    h("ol.steps", { "aria-label": t("带我走一遍") }, STEPS.map((one, n) => h("li", { "aria-current": n === at ? "step" : null, data: { done: done.has(one.name) ? "" : undefined }, title: t(one.words) }, done.has(one.name) ? icon("task") : String(n + 1)))),
    step
      ? h("div.tour-text", {}, h("p", {}, h("b", {}, `${at + 1}. `), t(step.words)), at < 3 && quiet ? h("p.due", {}, t("没有应用在听回调，所以欢迎语来不了。"), " ", exampleButton()) : null)
      : h("div.tour-text", {}, h("p", {}, t("走完了。右边“线上在走什么”里，每一步都真的走过线：回调、接口、错误码。接下来随便玩：朋友圈、离职、删好友、故障。"))),
    step?.go ? button(t(step.does), () => step.go(), "btn-main") : null,
    iconButton("close", t("不用带了"), close),
  ];
}

