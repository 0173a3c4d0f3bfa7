// A page inside the phone. It is the real page, in a frame; signing in is answered as the one who holds the phone (who.js).
import { world } from "./api.js";
import { h, iconButton } from "./dom.js";
import { found, decodeBlob } from "./scan.js";
import { toast } from "./api.js";
import { t } from "./words.js";

// What an app's address may say of where it is opened: the page beside a chat wants to know with whom.
function filled(url, place) {
  return url.replace(/\{(userid|external_userid|chat_id)\}/g, (_, name) => encodeURIComponent(place[name] ?? ""));
}

export function openPage(phone, address, title = "", place = {}) {
  const here = { ...(phone.kind === "staff" ? { userid: phone.id } : {}), ...place };
  const url = URL.parse ? URL.parse(filled(address, here), location.href) : new URL(filled(address, here), location.href);
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    toast(t("这个地址打不开：{url}", { url: address }), true);
    return;
  }
  const frame = h("iframe.page-frame", { title: title || url.host, allow: "geolocation", referrerPolicy: "no-referrer-when-downgrade" });
  frame.setAttribute("sandbox", "allow-scripts allow-forms allow-same-origin allow-popups allow-modals allow-downloads");
  if (phone.kind === "staff") frame.dataset.userid = phone.id;
  else if (phone.data?.known) frame.dataset.external = phone.data.id;
  else frame.dataset.unionid = phone.id;
  frame.src = url.href;
  const layer = h(
    "div.layer.page",
    {},
    h(
      "div.head",
      {},
      iconButton("close", t("关上网页"), () => layer.remove()),
      h("h2.page-title", {}, title || url.host, h("span", {}, url.host)),
      h("div.head-acts", {}, iconButton("scan", t("识别页面里的二维码"), () => recognise(phone)), iconButton("outside", t("在新窗口打开"), () => window.open(url.href, "_blank", "noopener"))),
    ),
    frame,
    h("p.page-note", {}, t("页面空白？请在新窗口打开。")),
  );
  phone.over.append(layer);
}

// WeChat's long press. A page of another origin cannot be looked into, so that we look at the screen, with leave, or at a picture.
function recognise(phone) {
  const file = h("input", { type: "file", accept: "image/*", hidden: true, onchange: () => file.files[0] && settle(phone, shade, file.files[0]) });
  const canLook = Boolean(navigator.mediaDevices?.getDisplayMedia);
  const shade = phone.sheet(
    t("识别页面里的二维码"),
    canLook ? h("button.btn.btn-main", { type: "button", onclick: async () => settle(phone, shade, await shot(phone)) }, t("看一眼屏幕")) : null,
    canLook ? h("p.quiet", {}, t("浏览器会问一次：请选“此标签页”。")) : null,
    h("button.btn", { type: "button", onclick: () => file.click() }, t("上传截图")),
    file,
  );
}

async function settle(phone, shade, picture) {
  shade.remove();
  const text = picture && (await decodeBlob(picture));
  if (!text) {
    toast(t("没有看到二维码"), true);
    return;
  }
  await found(phone, text);
}

// One picture of this tab, cut to the phone.
async function shot(phone) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getDisplayMedia({ video: true, preferCurrentTab: true });
  } catch {
    return null;
  }
  const video = h("video", { srcObject: stream, muted: true });
  await video.play();
  // The frame that asks may still be on the first picture.
  await new Promise((resolve) => (video.requestVideoFrameCallback ? video.requestVideoFrameCallback(resolve) : setTimeout(resolve, 300)));
  const scale = video.videoWidth / window.innerWidth;
  const box = phone.el.getBoundingClientRect();
  const canvas = h("canvas", { width: Math.round(box.width * scale), height: Math.round(box.height * scale) });
  canvas.getContext("2d").drawImage(video, box.x * scale, box.y * scale, box.width * scale, box.height * scale, 0, 0, canvas.width, canvas.height);
  for (const track of stream.getTracks()) track.stop();
  return new Promise((resolve) => canvas.toBlob(resolve));
}

export const appsWith = (page) => (world.apps ?? []).filter((app) => app[page]);
