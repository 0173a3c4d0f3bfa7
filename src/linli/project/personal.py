"""Personal data → the room that keeps them; and every table that looks as if it did, but does not, with the reason.

`tests/privacy` introspects the models: a new column that may lead to a person must be listed in one of the two.
The order is that of an erasure: who must still find the person by a relation comes before the relation goes.
"""

from linli.archive.personal import PERSONAL as ARCHIVE
from linli.commerce.personal import PERSONAL as COMMERCE
from linli.customers.personal import PERSONAL as CUSTOMERS
from linli.groups.personal import PERSONAL as GROUPS
from linli.handover.personal import PERSONAL as HANDOVER
from linli.ledger.personal import PERSONAL as LEDGER
from linli.messaging.personal import PERSONAL as MESSAGING
from linli.privacy.personal import PERSONAL as PRIVACY
from linli.segments.personal import PERSONAL as SEGMENTS

PARTS = (*MESSAGING, *HANDOVER, *ARCHIVE, *GROUPS, *COMMERCE, *SEGMENTS, *LEDGER, *PRIVACY, *CUSTOMERS)

# table.column: why an erasure need not look there.
NOT_PERSONAL = {
    "access_secret.sealed": "secrets of the corp",
    "access_audit.before": "ids and words of the house; people's words stand as keyed fingerprints (access/audit.py)",
    "access_audit.after": "as before",
    "access_audit_begun.row": "route, address and ids of a request under way; no values of it",
    "access_audit_seal.leaves": "digests of audit rows",
    "access_audit_seal.previous": "as leaves",
    "access_audit_seal.digest": "as leaves",
    "access_audit_seal.key": "which key sealed, as a fingerprint of it",
    "access_audit_seal.mac": "as leaves",
    "access_recoverycode.digest": "a fingerprint of a code of an account",
    "access_apikey.digest": "a fingerprint of a key",
    "access_apikey.scopes": "what a key may do",
    "connect_callbackline.token_sealed": "secrets of the corp",
    "connect_callbackline.aes_key_sealed": "secrets of the corp",
    "connect_apptoken.value_sealed": "a token of the corp",
    "archive_archivekey.private_sealed": "secrets of the corp",
    "archive_audience.digest": "a SHA-256 by which the same people are known again; leads to no id",
    "archive_unopened.message": "as WeCom encrypted it; nobody can tell whose it is, and on opening who is held back is not kept",
    "connect_syncrun.cursor": "a place in WeCom's pages, gone with the run",
    "connect_syncrun.missing": "names staff, groups, codes and moments, not customers",
    "connect_reconciliation.only": "as a run's missing",
    "connect_syncrun.found": "names of callbacks and facts, with counts",
    "directory_shop.address": "where a shop is",
    "ledger_inbox.payload_hash": "a SHA-256 by which a double is known; leads to no text",
    "commerce_importrun.files": "names of files; the files go when the run ends, drafts by retention",
    "commerce_importrun.mapping": "which column means what",
    "commerce_importrun.header": "names of columns",
    "segments_segment.definition": "conditions over tags, shops, sums; names nobody",
    "segments_segmentversion.definition": "as the segment's",
    "messaging_send.definition": "as the segment's",
    "messaging_moment.parts": "how many pictures, which link: the same for everybody",
    "messaging_send.content": "the text for everybody of the task",
    "messaging_stafftask.attachments": "the same for everybody of the task",
    "handover_handover.wish": "ids of staff and tags; names no customer",
    "handover_reading.able": "userids of staff",
    "acquisition_welcome.attachments": "the same for everybody",
    "acquisition_livecodechange.detail": "staff of a code",
    **dict.fromkeys(
        (
            f"acquisition_{table}.{column}"
            for table in ("othercode", "otherlink")
            for column in ("userids", "departments")
        ),
        "staff of a code or link",
    ),
    "acquisition_othercode.remark": "what somebody wrote about a code",
    "customers_suppression.token": "an HMAC: its purpose is to name nobody",
    "privacy_erasure.customer_id": "the proof: a number without a person",
    "privacy_erasure.subject_sealed": "sealed, and emptied when the erasure ends",
    "privacy_erasure.left": "names of tables",
    "privacy_reveal.customer_id": "who looked: a number without a person",
    "privacy_sweeprun.counts": "figures",
}
