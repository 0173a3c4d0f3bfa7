"""What acquisition says. `data` is plain JSON; ids are Linli's."""

CODE_MADE = "acquisition.code_made"  # {code, kind, shop, state, channel}
CODE_REPOINTED = "acquisition.code_repointed"  # {code, staff: [id], by}
CODE_PAUSED = "acquisition.code_paused"  # {code, by}
CODE_RESUMED = "acquisition.code_resumed"  # {code, by}
CODE_CLOSED = "acquisition.code_closed"  # {code, by}
