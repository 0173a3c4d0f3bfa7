"""Who may use the rate budget first: a welcome before a person's click, that before bulk work."""

from linli.wecom.transport import Lane

# The part of a window's budget that each lane may fill. What is above is kept free for the lanes before it.
SHARE: dict[Lane, float] = {Lane.WELCOME: 1.0, Lane.HUMAN: 0.9, Lane.BULK: 0.7}

# Seconds that a call of the lane waits for room. A welcome code lives for 20 s; a page's reader loses patience.
PATIENCE: dict[Lane, float] = {Lane.WELCOME: 15.0, Lane.HUMAN: 20.0, Lane.BULK: 3700.0}
