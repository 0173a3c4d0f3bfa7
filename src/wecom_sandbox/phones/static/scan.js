// 扫一扫: a code that hangs somewhere in the corp, a picture of one, or an address.
import { act, get, toast, world } from "./api.js";
import { openPage } from "./browser.js";
import { button, h, icon, iconButton } from "./dom.js";
import { t } from "./words.js";

const WIDEST = 1600;

// Read the QR in a picture; "" where there is none. The reader is fetched when it is first needed.
export async function decodeBlob(blob) {
  const { decodeQR } = await import("./vendor/qr/decode.js");
  const picture = new Image();
  picture.src = URL.createObjectURL(blob);
  try {
    await picture.decode();
  } catch {
    return "";
  }
  for (const share of [1, 0.5, 2]) {
    const scale = Math.min(1, WIDEST / Math.max(picture.naturalWidth, picture.naturalHeight)) * share;
    const [width, height] = [Math.round(picture.naturalWidth * scale), Math.round(picture.naturalHeight * scale)];
    if (width < 20 || height < 20) continue;
    const canvas = h("canvas", { width, height });
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, width, height);
    pen.drawImage(picture, 0, 0, width, height);
    try {
      return decodeQR(pen.getImageData(0, 0, width, height));
    } catch {
      // not at this size
    }
  }
  return "";
}

export function openScan(phone) {
  const list = h("ul.code-list");
  const layer = h("div.layer.scan", {});
  const take = async (blob) => {
    const text = await decodeBlob(blob);
    if (!text) return toast(t("没有看到二维码"), true);
    layer.remove();
    return found(phone, text);
  };
  const file = h("input", { type: "file", accept: "image/*", hidden: true, name: "picture", onchange: () => file.files[0] && take(file.files[0]) });
  let asked = "";
  const fill = async (q) => {
    asked = q;
    const { codes } = await get("stage", { q });
    if (asked !== q) return; // somebody typed on
    const usable = codes.filter((code) => phone.kind === "customer" || code.kind === "page");
    list.replaceChildren(...(usable.length ? usable.map((code) => codeRow(phone, layer, code)) : [h("li.quiet", {}, q ? t("没有这样的码") : t("企业还没有做过码：要由应用来做（add_contact_way）。"))]));
  };
  const address = h("input", { placeholder: t("或粘贴网址、获客链接"), "aria-label": t("或粘贴网址、获客链接"), autocomplete: "off" });
  layer.append(
    h("div.head.head-dark", {}, iconButton("close", t("关上"), () => layer.remove()), h("h2", {}, t("扫一扫")), h("div.head-acts")),
    h(
      "div.finder",
      { ondragover: (event) => event.preventDefault(), ondrop: (event) => (event.preventDefault(), event.dataTransfer.files[0] && take(event.dataTransfer.files[0])) },
      h("span.finder-line"),
      h("button.btn.btn-glass", { type: "button", onclick: () => file.click() }, icon("picture"), t("从相册选一张码")),
      file,
    ),
    h("div.scan-sheet", {}, h("input.find", { type: "search", placeholder: t("店里、海报上的码"), "aria-label": t("店里、海报上的码"), oninput: (event) => fill(event.target.value.trim()) }), list,
      h("form.adder", { onsubmit: (event) => (event.preventDefault(), address.value.trim() && (layer.remove(), found(phone, address.value.trim()))) }, address, h("button.btn", {}, t("打开")))),
  );
  layer.tabIndex = -1;
  layer.addEventListener("paste", (event) => event.clipboardData.files[0] && take(event.clipboardData.files[0]));
  phone.over.append(layer);
  layer.focus();
  return fill("");
}

const KINDS = { contact: ["加好友", "people"], join: ["进群", "group"], link: ["获客链接", "link"] };

function codeRow(phone, layer, code) {
  const [label, picture] = KINDS[code.kind];
  return h(
    "li",
    {},
    h(
      "button.entry",
      { type: "button", data: { state: code.state }, onclick: () => (layer.remove(), meet(phone, code)) },
      h("span.face.face-code", {}, icon(picture)),
      h("span.entry-text", {}, h("b", {}, code.title || code.state), h("span", {}, [t(label), code.state, code.people.join("、")].filter(Boolean).join(" · "))),
    ),
  );
}

// A text was read from a code: a code of this corp, a page, or words.
export async function found(phone, text) {
  const code = await get("code", { text });
  if (code.kind === "page") return openPage(phone, code.url);
  if (code.kind === "void") return toast(t("这个码已经失效"), true);
  if (code.kind === "words") return phone.sheet(t("码里写着"), h("p", {}, code.text));
  return meet(phone, code);
}

function meet(phone, code) {
  if (phone.kind !== "customer") return toast(t("这个码是给客户扫的"), true);
  const [, picture] = KINDS[code.kind];
  const layer = h("div.layer.meet", {});
  const people = code.people.join("、") + (code.count > code.people.length ? ` ${t("等 {n} 人", { n: code.count })}` : "");
  const label = code.kind === "join" ? t("加入该群聊") : t("添加到通讯录");
  layer.append(
    h("div.head", {}, iconButton("back", t("返回"), () => layer.remove()), h("h2", {}, ""), h("div.head-acts")),
    h("div.meet-card", {}, h("span.face.face-big", {}, icon(picture)), h("h3", {}, people || code.title), h("p.corp-name", {}, `@${world.corp.name}`), code.state ? h("p.quiet", {}, t("渠道：{state}", { state: code.state })) : null,
      code.count > 1 ? h("p.quiet", {}, t("这个码后面有 {n} 位店员，会分给客户最少的一位。", { n: code.count })) : null),
    button(label, () => enter(phone, code, layer), "btn-wechat"),
  );
  phone.over.append(layer);
  return layer;
}

async function enter(phone, code, layer) {
  const done =
    code.kind === "join" ? await act("join", { ...phone.self, config_id: code.config_id })
    : code.kind === "link" ? await act("opens_link", { ...phone.self, url: code.url })
    : await act("scan", { ...phone.self, config_id: code.config_id });
  if (!done) return;
  layer.remove();
  if (done.already) toast(code.kind === "join" ? t("早就在群里了") : t("早就是好友了"));
  await phone.refresh();
  await phone.chat(code.kind === "join" ? `g:${done.chat_id}` : `u:${done.userid}`);
}
