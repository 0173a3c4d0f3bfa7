"""Uploads by URL: the file is fetched in ranges, checked, and the app that asked hears of the end (wire.md D)."""

import asyncio
import hashlib
import re

import httpx

from wecom_sandbox.callbacks.events import upload_event
from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import WireError
from wecom_sandbox.library import DONE, FAILED, RUNNING, URL, MediaFile, UrlJob
from wecom_sandbox.mediaprobe import probe
from wecom_sandbox.world import World

PIECE = 1024 * 1024
TIMEOUT_S = 10.0
_SPAN = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class Downloads:
    """The fetches that are under way; those that a stop cut begin again at the next start."""

    def __init__(self, world: World) -> None:
        """Nothing moves before start()."""
        self.world = world
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None

    def start(self) -> None:
        """Open the client, and take up what was cut."""
        self._client = httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False)
        for corp in self.world.corps.values():
            for job in corp.library.jobs.values():
                if job.status == RUNNING:
                    self.fetch(corp, job)

    async def stop(self) -> None:
        """Leave everything as it is."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def fetch(self, corp: Corp, job: UrlJob) -> None:
        """Begin a download; it goes on beside everything else."""
        if self._client is None:
            return
        task = asyncio.create_task(self._run(self._client, corp, job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, client: httpx.AsyncClient, corp: Corp, job: UrlJob) -> None:
        try:
            data = await _download(client, job.url, self.world.tunables.url_media_most_bytes)
            self._take(corp, job, data)
        except WireError as error:
            job.status, job.errcode = FAILED, error.code
        except (httpx.HTTPError, httpx.InvalidURL):
            job.status, job.errcode = FAILED, 830003
        if self.world.corps.get(corp.corp_id) is corp:
            self.world.tell(corp, job.agentid, upload_event(job.jobid))

    def _take(self, corp: Corp, job: UrlJob, data: bytes) -> None:
        if hashlib.md5(data, usedforsecurity=False).hexdigest() != job.md5:
            raise WireError(301019)
        found = probe(data)
        if job.type == "video" and found.kind != "video":
            raise WireError(40004)
        now = self.world.now()
        # Ids of this way look like WeCom's own: 3*1*… (wire.md's sample).
        media_id = "3*1*" + corp.digest(f"media/{corp.next_seq()}")
        corp.library.files[media_id] = MediaFile(
            media_id=media_id,
            kind=job.type,
            origin=URL,
            name=job.filename,
            content_type=found.content_type,
            digest=self.world.vault.put(data),
            size=len(data),
            created_at=now,
            ends_at=now + int(self.world.tunables.media_life_s),
        )
        job.status, job.media_id, job.media_created_at = DONE, media_id, now


async def _download(client: httpx.AsyncClient, url: str, most: int) -> bytes:
    data, total = bytearray(), 1
    while len(data) < total:
        span = {"Range": f"bytes={len(data)}-{len(data) + PIECE - 1}"}
        # The head tells whether ranges are known; a body without them is not worth its time.
        async with client.stream("GET", url, headers=span) as answer:
            if answer.status_code == httpx.codes.OK:
                raise WireError(830001)
            place = _SPAN.fullmatch(answer.headers.get("content-range", ""))
            if answer.status_code != httpx.codes.PARTIAL_CONTENT or place is None or int(place[1]) != len(data):
                raise WireError(830003)
            total = int(place[3])
            if total > most:
                raise WireError(45001)
            piece = await answer.aread()
            if not piece:
                raise WireError(830003)
            data += piece
    return bytes(data)
