"""Functions of the rooms' doors that write, call WeCom or build a tool: the walk of getters leaves them out, by name."""

WRITERS = {
    *(f"access.api.{name}" for name in (
        "assign_corp", "bind", "close_for_staff", "rename_staff", "create_administrator", "disable", "enable", "invite", "regrant",
        "reset_password", "reset_second_step", "create_api_key", "revoke_api_key", "open_secret", "seal_secret",
        "secret_key", "system_act",
    )),
    *(f"ledger.api.{name}" for name in ("publish", "publish_many", "drop", "set_going", "forget_welcome_codes")),
    *(f"connect.api.{name}" for name in (
        "build_client", "check_line", "connect_corp", "make_callback", "start_reconciliation", "cancel_reconciliation", "try_again",
        "reconcile_if_due", "reconcile_room", "stop_run", "run", "sign_in_address",
        "who_signed_in", "client", "contacts_client", "callback_settings",
    )),
    *(f"directory.api.{name}" for name in (
        "apply_shop_rule", "choose_shop_parent", "confirm_left", "import_shops", "import_shops_csv", "set_open", "sync", "ensure_staff",
        "reconcile", "join", "say_left",
    )),
    *(f"customers.api.{name}" for name in (
        "reconcile", "sync", "ensure_member", "ensure_members", "ensure_tags", "sync_tags", "tag_follow", "set_consent",
        "begin_erasure", "came_back", "lift_suppression", "end_unlisted", "look_after", "remarked", "write_takeovers",
    )),
    *(f"groups.api.{name}" for name in (
        "assign_group", "close_community", "open_community", "save_community", "open_join_way", "sync", "reconcile", "reread",
    )),
    *(f"commerce.api.{name}" for name in (
        "record_orders", "attach_buyer", "upload", "start_import", "import_file", "cancel_import", "recompute_rfm",
        "forget_drafts", "forget_problems",
    )),
    *(f"handover.api.{name}" for name in (
        "start", "dismiss", "cancel", "set_rule", "carry_out", "read_soon", "reconcile", "sync_soon", "tick",
    )),
    *(f"segments.api.{name}" for name in (
        "create", "change", "duplicate", "delete", "restore", "recount", "recompute_super_users", "tick",
    )),
    *(f"messaging.api.{name}" for name in (
        "create", "change", "discard", "plan", "approve", "reopen", "launch", "tell", "pull_results", "pull_soon", "remind",
        "remind_all", "cancel", "tick", "set_cap", "set_quiet_hours", "take_back_rule", "send_to_self", "reconcile",
    )),
    *(f"acquisition.api.{name}" for name in (
        "ensure_shop_codes", "start_shop_codes", "ensure_landing", "record_visits", "retire_welcome", "save_welcome",
        "make_channel_code", "finish_code", "repoint", "pause_code", "close_code", "describe_code", "set_shop_open",
        "set_rule", "visited", "reconcile",
    )),
    *(f"privacy.api.{name}" for name in (
        "ask_export", "ask_erasure", "cancel_export", "cancel_erasure", "erase_again", "hide", "reveal", "set_retention", "let_in_again",
    )),
    *(f"archive.api.{name}" for name in ("add_key", "choose", "fetch", "open_kept", "pull", "read_on", "tick")),
    "insights.api.note_story",
}  # fmt: skip

# What these give names what they were asked with; such echoes are no rows.
NO_ROWS: set[str] = {"customers.api.within_sql"}
