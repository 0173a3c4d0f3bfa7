"""What acquisition says. `data` is plain JSON; ids are Linli's.

`cause` "changed_elsewhere": somebody changed it at WeCom itself, which fires no callback; a reconciliation found it.
"""

CODE_MADE = "acquisition.code_made"  # {code, kind, shop, state, channel}
CODE_REPOINTED = "acquisition.code_repointed"  # {code, staff: [id], by, cause?}
CODE_PAUSED = "acquisition.code_paused"  # {code, by}
CODE_RESUMED = "acquisition.code_resumed"  # {code, by}
CODE_CLOSED = "acquisition.code_closed"  # {code, by}
CODE_GONE = "acquisition.code_gone"  # {code, config_id, cause}: WeCom has it no more; printed pictures of it are dead
CODE_STATE_LOST = "acquisition.code_state_lost"  # {code, state, cause}: at WeCom it carries another state (channel) now
