"""Which kind of archived message has which body (wire.md G.2)."""

from linli.wecom import archive_bodies as bodies
from linli.wecom.archive_bodies import Body

# msgtype → the key under which its body stands, and the body. Seven kinds share `info`, two share `redpacket`.
KINDS: dict[str, tuple[str, type[Body]]] = {
    "text": ("text", bodies.Text),
    "image": ("image", bodies.Image),
    "revoke": ("revoke", bodies.Revoke),
    "agree": ("agree", bodies.Agree),
    "disagree": ("disagree", bodies.Disagree),
    "voice": ("voice", bodies.Voice),
    "video": ("video", bodies.Video),
    "card": ("card", bodies.Card),
    "location": ("location", bodies.Location),
    "emotion": ("emotion", bodies.Emotion),
    "file": ("file", bodies.File),
    "link": ("link", bodies.Link),
    "weapp": ("weapp", bodies.Weapp),
    "chatrecord": ("chatrecord", bodies.ChatRecord),
    "todo": ("todo", bodies.Todo),
    "vote": ("vote", bodies.Vote),
    "collect": ("collect", bodies.Collect),
    "redpacket": ("redpacket", bodies.RedPacket),
    "external_redpacket": ("redpacket", bodies.RedPacket),
    "meeting": ("meeting", bodies.Meeting),
    "meeting_notification": ("info", bodies.MeetingNotification),
    "docmsg": ("doc", bodies.Document),
    "markdown": ("info", bodies.Markdown),
    "news": ("info", bodies.News),
    "calendar": ("calendar", bodies.Calendar),
    "mixed": ("mixed", bodies.Mixed),
    "meeting_voice_call": ("meeting_voice_call", bodies.VoiceCall),
    "voip_doc_share": ("voip_doc_share", bodies.VoipDocument),
    "sphfeed": ("sphfeed", bodies.ChannelFeed),
    "voiptext": ("info", bodies.VoipText),
    "qydiskfile": ("info", bodies.DiskFile),
    "solitaire": ("info", bodies.Solitaire),
    "note": ("info", bodies.Note),
}
# The ids of calls that stand beside the body.
CALLS = {"meeting_voice_call": "voiceid", "voip_doc_share": "voipid"}
