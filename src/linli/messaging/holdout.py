"""Who is left without the message so that its effect can be told: drawn last, by hash, the same at every look."""

import hashlib


def size(eligible: int, percent: int) -> int:
    """How many are held out: percent of the eligible, rounded half up."""
    return (eligible * percent + 50) // 100


def draw(send_id: int, seed: str, customer_ids: list[int], percent: int) -> set[int]:
    """The held-out customers: those whose hash with this send's seed is smallest."""
    prefix = f"{send_id}:{seed}:".encode()
    order = sorted(customer_ids, key=lambda one: (hashlib.sha256(prefix + str(one).encode()).digest(), one))
    return set(order[: size(len(customer_ids), percent)])
