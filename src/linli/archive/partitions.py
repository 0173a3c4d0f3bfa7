"""Messages, their files and the files' pieces are kept by the month in which they were sent; a month goes as it is."""

from linli.kit.partitions import Partitioned

MESSAGES, MEDIA, PIECES = (
    Partitioned(table=f"archive_{name}", moment="sent_at", kind="archive", waits="FALSE", churns=name == "media")
    for name in ("message", "media", "mediapiece")
)
PARTITIONED = (MESSAGES, MEDIA, PIECES)
