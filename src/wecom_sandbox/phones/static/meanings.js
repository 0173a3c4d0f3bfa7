// What acts, events and calls mean, in a newcomer's words. What is not named here is shown by its own name.
export const ACTS = {
  scan: "客户扫码，加了店员", join: "客户扫群码，进了群", leave: "客户退群", kick: "群主移出一位客户", invite: "店员邀请客户进群",
  customer_deletes: "客户删除了店员", staff_deletes: "店员删除了客户", staff_tags: "店员改了客户的标签", staff_remarks: "店员改了备注",
  create_group: "店员建了客户群", dismiss_group: "群主解散了群", confirm: "店员点了发送，群发才出去", publish_moment: "店员发表了朋友圈",
  post_moment: "店员发了自己的朋友圈", like_moment: "有人点了赞", comment_moment: "有人评论了", press_card: "店员按了卡片上的按钮",
  staff_leaves: "店员离职，客户等着分配", staff_stays_away: "店员一年没登录", customer_writes: "客户说了一句话", staff_writes: "店员说了一句话",
  customer_refuses_transfer: "客户拒绝了接替的同事", opens_link: "客户打开了获客链接", pick_group_welcome: "群主选了入群欢迎语",
  admin_creates_tags: "管理员建了标签",
};
export const EVENTS = {
  "change_external_contact.add_external_contact": "有人加了店员；附一张 20 秒内有效的欢迎语凭证",
  "change_external_contact.edit_external_contact": "店员改了客户的备注或标签",
  "change_external_contact.del_external_contact": "店员删除了客户", "change_external_contact.del_follow_user": "客户删除了店员",
  "change_external_contact.transfer_fail": "客户没能交接成", "change_external_chat.create": "有了一个新群",
  "change_external_chat.update": "群里有人进出，或群主、群名变了", "change_external_chat.dismiss": "群解散了",
  "change_external_tag.create": "建了标签", "change_external_tag.update": "标签改了", "change_external_tag.delete": "标签删了",
  template_card_event: "店员按了应用的卡片", kf_msg_or_event: "微信客服有新消息", upload_media_job_finish: "按网址上传的文件好了",
};
export const CALLS = {
  gettoken: "应用凭密钥换取通行证", "externalcontact/send_welcome_msg": "应用发欢迎语：20 秒内，只此一次", "externalcontact/get": "应用问：这位客户是谁",
  "externalcontact/batch/get_by_user": "应用成批读客户", "externalcontact/list": "应用问：这位店员有哪些客户", "externalcontact/mark_tag": "应用给客户打标签",
  "externalcontact/add_contact_way": "应用做一个加好友的码", "externalcontact/groupchat/add_join_way": "应用做一个进群的码",
  "externalcontact/groupchat/get": "应用问：这个群里有谁", "externalcontact/groupchat/list": "应用问：有哪些客户群",
  "externalcontact/add_msg_template": "应用建群发任务，等店员点发送", "externalcontact/get_groupmsg_task": "应用问：哪些店员发了",
  "externalcontact/get_groupmsg_send_result": "应用问：哪些客户收到了", "externalcontact/remind_groupmsg_send": "应用提醒店员去发",
  "externalcontact/add_moment_task": "应用请店员发朋友圈", "externalcontact/get_moment_comments": "应用问：谁赞了、评了",
  "externalcontact/add_corp_tag": "应用建企业标签", "externalcontact/get_corp_tag_list": "应用问：有哪些企业标签", "externalcontact/remark": "应用改客户备注",
  "externalcontact/resigned/transfer_customer": "应用把离职店员的客户分给同事", "externalcontact/get_unassigned_list": "应用问：哪些客户没人管",
  "message/send": "应用给店员发消息", "message/update_template_card": "应用改了卡片上的字", "auth/getuserinfo": "应用凭 code 问：是谁打开了网页",
  "department/list": "应用问：有哪些部门", "user/list": "应用问：部门里有谁", "media/upload": "应用上传文件",
};
