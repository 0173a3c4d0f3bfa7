// A small world by one click, made as its people would: the administrator seeds the corp and connects an app; the app, over
// the wire and with its own token, makes tags and codes; clerks open groups.
import { act, post, world } from "./api.js";

const CORP = "wwsmallworld";
const AGENT = 1000002;
const letters = (n) => [...crypto.getRandomValues(new Uint8Array(n))].map((one) => "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"[one % 56]).join("");

export async function plant() {
  const secret = letters(32);
  await post("/control/seed", {
    corp_id: CORP, corp_name: "邻里百货",
    apps: [{ agentid: AGENT, name: "示范应用", secret }],
    departments: [{ id: 1, name: "邻里百货", parentid: 0, order: 1 }, { id: 2, name: "南门店", parentid: 1, order: 2 }, { id: 3, name: "北街店", parentid: 1, order: 3 }],
    users: [
      { userid: "zhangsan", name: "张三", department: [2], position: "店长" }, { userid: "lisi", name: "李四", department: [2], position: "导购" },
      { userid: "wangwu", name: "王五", department: [3], position: "店长" }, { userid: "zhaoliu", name: "赵六", department: [3], position: "导购" },
    ],
  });
  world.corp = { corp_id: CORP };
  await post("/phones/example/join", { corp_id: CORP, agentid: AGENT });
  const group = await act("create_group", { owner: "zhangsan", name: "南门店福利群", staff: ["lisi"], members: [] });
  const { access_token: token } = await (await fetch(`/cgi-bin/gettoken?corpid=${CORP}&corpsecret=${secret}`)).json();
  const call = async (path, body) => {
    const answer = await (await fetch(`/cgi-bin/externalcontact/${path}?access_token=${encodeURIComponent(token)}`, { method: "POST", body: JSON.stringify(body) })).json();
    if (answer.errcode) throw new Error(`${path}: ${answer.errmsg}`);
    return answer;
  };
  await call("add_corp_tag", { group_name: "爱好", tag: [{ name: "咖啡" }, { name: "烘焙" }, { name: "绿植" }] });
  await call("add_corp_tag", { group_name: "身份", tag: [{ name: "老客" }, { name: "会员" }] });
  await call("groupchat/add_join_way", { scene: 2, remark: "南门店群码", auto_create_room: 1, room_base_name: "南门店福利群", room_base_id: 2, chat_id_list: [group.chat_id], state: "south-group" });
  await call("add_contact_way", { type: 2, scene: 2, remark: "北街店海报", party: [3], state: "north-poster" });
  await call("add_contact_way", { type: 1, scene: 2, remark: "南门店门口", user: ["zhangsan"], state: "south-door" });
}
