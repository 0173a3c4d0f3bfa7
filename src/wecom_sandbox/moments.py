"""A corp's moments (客户朋友圈): the jobs that make them, and what each member publishes of them (wire.md C.9)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from wecom_sandbox.records import Json
from wecom_sandbox.seqindex import SeqIndex


@dataclass
class Reaction:
    """A like or a comment, by a customer or a colleague; what is said never reaches the API."""

    external_userid: str
    userid: str
    create_time: int
    says: str = ""


@dataclass
class Copy:
    """One member's part: published at 0 means not yet; `chosen` may see it, `seen` are those it reached."""

    userid: str
    published_at: int = 0
    chosen: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    comments: list[Reaction] = field(default_factory=list)
    likes: list[Reaction] = field(default_factory=list)


@dataclass
class Moment:
    """A moment; `creator` is "" where an app made it, `readable_at` when its tasks have been handed out."""

    seq: int
    moment_id: str
    creator: str
    agentid: int
    create_time: int
    readable_at: float
    text: Json
    shown: Json
    attachments: list[Json]
    tags: list[str]
    copies: dict[str, Copy]
    location: Json = field(default_factory=dict)
    cancelled: bool = False
    deleted: bool = False


@dataclass
class MomentJob:
    """The making of a moment: until `done_at` nobody sees what will come of it."""

    jobid: str
    created_at: float
    done_at: float
    moment_id: str
    errcode: int
    invalid_users: list[str]
    invalid_departments: list[int]
    invalid_tags: list[str]


class MomentBook:
    """The moments of one corp, in the order of their making."""

    def __init__(self) -> None:
        """Start empty."""
        self.moments: dict[str, Moment] = {}
        self.list: SeqIndex[Moment] = SeqIndex()
        self.jobs: dict[str, MomentJob] = {}
        self.receipts: defaultdict[str, list[int]] = defaultdict(list)

    def __iter__(self) -> Iterator[Moment]:
        """Walk all moments, oldest first."""
        return iter(self.list)

    def add(self, moment: Moment) -> None:
        """Take a moment in."""
        self.moments[moment.moment_id] = moment
        self.list.add(moment.seq, moment)

    def freeze(self) -> Json:
        """Write everything down."""
        return {"moments": list(self.list), "jobs": list(self.jobs.values()), "receipts": self.receipts}

    def thaw(self, rows: Json) -> None:
        """Take everything in again."""
        for row in rows.get("moments", []):
            copies = {userid: _copy(copy) for userid, copy in row["copies"].items()}
            self.add(Moment(**{**row, "copies": copies}))
        self.jobs = {row["jobid"]: MomentJob(**row) for row in rows.get("jobs", [])}
        self.receipts.update(rows.get("receipts", {}))


def _copy(row: Json) -> Copy:
    reactions = {name: [Reaction(**one) for one in row[name]] for name in ("comments", "likes")}
    return Copy(**{**row, **reactions})
