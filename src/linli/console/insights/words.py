"""What the figures are called and how they are reached."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

METRICS = {
    "added": (_("Customers added"), _("People whose first relation with any clerk began that day.")),
    "kept": (_("Still friends"), _("Of those added that day, people who have a living relation now.")),
    "lost": (_("Customers lost"), _("People whose last relation ended that day and who have not come back.")),
    "joins": (_("Joined a group"), _("Stays in groups that began that day, clerks not counted.")),
    "leaves": (_("Left a group"), _("Stays in groups that ended that day, clerks not counted.")),
    "net_joins": (_("Net group joins"), _("Joined less left.")),
    "orders": (_("Orders"), _("Orders paid that day, refunds not taken off.")),
    "payers": (_("Paying customers"), _("Different known customers among them.")),
    "spend": (_("Sales"), _("Sum of the orders paid that day, in the main currency, before refunds.")),
    "known_share": (_("Private-domain share"), _("Spend of known customers ÷ spend of all orders of the day.")),
    "refunded": (_("Refunded"), _("Sum of refunds of that day, in the main currency.")),
}
USUAL = _(
    "Usual is the 10th to 90th percentile of the same weekday over the 8 weeks before; with fewer than 4 such days none is shown."
)
WORKING = {
    "added": (_("Customers newly added"), _("Customers whom these members added that day, as WeCom counts.")),
    "applied": (_("Requests made"), _("Friend requests that members made themselves.")),
    "chats": (_("Talks"), _("Customers with whom a member wrote that day, one to one.")),
    "messages": (_("Messages by staff"), _("What members wrote one to one.")),
    "replied": (
        _("Answered"),
        _("Share of the talks begun by customers that were answered; several members weighed by their talks."),
    ),
    "minutes": (_("Minutes to the answer"), _("Mean time to the first answer, weighed by talks.")),
    "rejected": (_("Deleted or blocked us"), _("Customers who deleted or blocked a member that day.")),
    "groups": (_("Groups"), _("Groups that these members own, at the day’s end.")),
    "members": (_("Members of groups"), _("Their members, staff among them, at the day’s end.")),
    "joined": (_("Joined a group"), _("New members of these groups.")),
    "spoke": (_("Spoke in a group"), _("Members who wrote in these groups that day.")),
    "group_messages": (_("Messages in groups"), _("What was written in these groups.")),
    "moments": (_("Moments published"), _("Copies that members published, by the day the moment was made.")),
    "seen": (_("Moments shown to"), _("Customers to whom WeCom shows these copies.")),
    "likes": (_("Likes"), _("On these copies, by customers and colleagues.")),
    "comments": (_("Comments"), _("On these copies; WeCom does not tell the words.")),
}
RFM = {
    "champions": (_("Champions"), _("bought just now, buy often")),
    "loyal_customers": (_("Loyal customers"), _("buy often")),
    "potential_loyalists": (_("Potential loyalists"), _("recent, may become regulars")),
    "new_customers": (_("New customers"), _("bought just now for the first time")),
    "promising": (_("Promising"), _("recent, only once or twice")),
    "need_attention": (_("Need attention"), _("middling in both")),
    "about_to_sleep": (_("About to sleep"), _("seldom, and not lately")),
    "at_risk": (_("At risk"), _("bought fairly often, not for long")),
    "cant_lose": (_("Can't lose"), _("bought very often, not for long")),
    "hibernating": (_("Hibernating"), _("seldom, and not for long")),
}
METHODS = {
    "default": (
        _("Linli's method"),
        _("R whole days since the last order, F orders, M spend less refunds; each cut into fifths."),
    ),
    "published": (
        _("Published method"),
        _(
            "R whole days since the last order, F order lines, M spend before refunds; each cut into fifths (for checking)."
        ),
    ),
}
MEASURES = {
    "often": (_("Orders in 30 days"), _("Orders ÷ days × 30, everyone comparable."), "decimal"),
    "active": (
        _("Orders per active month"),
        _("Orders ÷ 30-day blocks with an order; people who bought on both sides."),
        "decimal",
    ),
    "spend": (_("Spend per order"), _("Mean of a person's orders; people who bought on both sides."), "money"),
    "week": (
        _("Bought again within a week"),
        _("Orders followed by another of the same person within 7 days ÷ orders; people who bought on both sides."),
        "share",
    ),
}
EFFECTS = {
    "orders": (_("Orders in the days after"), _("Orders after the day of the first purchase, per person."), "decimal"),
    "spend": (_("Spend in the days after"), _("Spend after the day of the first purchase, per person."), "money"),
    "again": (_("Bought again"), _("People with another order in these days ÷ people."), "share"),
    "week": (_("Bought again within 7 days"), _("People with another order within 7 days ÷ people."), "share"),
}
VERDICTS = {
    "none": _("No holdout was drawn, so the effect cannot be told."),
    "early": _("Too early: the days are not over. What you see may still turn."),
    "few": _("Who bought: too few people to tell."),
    "no_effect": _("Who bought: no effect shown, the interval covers 0."),
    "more": _("Who bought: more of those assigned the message, the interval leaves out 0."),
    "less": _("Who bought: fewer of those assigned the message, the interval leaves out 0."),
}
SPENT_VERDICTS = {
    "none": VERDICTS["none"],
    "early": VERDICTS["early"],
    "few": _("Spend per head: too few people to tell."),
    "no_effect": _("Spend per head: no effect shown, the interval covers 0."),
    "more": _("Spend per head: more among those assigned the message, the interval leaves out 0."),
    "less": _("Spend per head: less among those assigned the message, the interval leaves out 0."),
}
VERDICT_TONES = {"none": "off", "early": "watch", "few": "off", "no_effect": "plain", "more": "well", "less": "act"}
TABS = (
    ("index", pgettext_lazy("insights", "Daily")),
    ("working", _("Staff and groups")),
    ("rfm", _("RFM")),
    ("visitors", _("From visit to group")),
    ("repurchase", _("Repurchase")),
    ("joining", _("Joining groups")),
    ("sends", _("Effect of sends")),
)
SEND_STATES = {
    "draft": _("Draft"),
    "planned": _("Planned"),
    "approved": _("Approved"),
    "creating": _("Making tasks"),
    "tasked": _("With the clerks"),
    "done": _("Done"),
    "cancelled": _("Cancelled"),
}
