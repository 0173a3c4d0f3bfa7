"""Template cards of app messages and what they hold (wire.md D); limits are checked while a card goes to the wire."""

import re
from dataclasses import dataclass, field

from linli.wecom.bodies import Wire, given
from linli.wecom.errors import MessageError
from linli.wecom.limits import at_most, need, within_bytes, within_characters

_ROWS, _JUMPS, _PARAGRAPHS = 6, 3, 4
_SUB_TITLE = 112
_BUTTONS, _VOTES, _SELECTS, _OPTIONS, _MENU = 6, 20, 3, 10, 3
_KEY, _TASK_ID = 1024, 128
_TASK_LETTERS = re.compile(r"[0-9A-Za-z_@-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardTarget:
    """Where a press leads: type 1 a URL, 2 a mini-program's page; in rows 2 is a file and 3 a member, 0 nothing."""

    type: int | None = None
    url: str = ""
    appid: str = ""
    pagepath: str = ""
    media_id: str = ""
    userid: str = ""

    def wire(self) -> Wire:
        """Return it as WeCom reads it."""
        return given(
            type=self.type, url=self.url, appid=self.appid, pagepath=self.pagepath,
            media_id=self.media_id, userid=self.userid,
        )  # fmt: skip


NOWHERE = CardTarget()


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSource:
    """Who speaks; `color` 0 grey, 1 black, 2 red, 3 green."""

    icon_url: str = ""
    desc: str = ""
    color: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardTitle:
    """A title (26 characters advised) and a line below it."""

    title: str = ""
    desc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardChoice:
    """Something to press or choose: `key` (up to 1024 bytes) comes back in the event; `style` is a button's."""

    key: str
    text: str
    style: int | None = None
    checked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CardMenu:
    """The menu in the corner: 1 to 3 items."""

    desc: str
    items: tuple[CardChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardQuote:
    """A quoted text."""

    title: str = ""
    text: str = ""
    target: CardTarget = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRow:
    """A name and its value."""

    name: str
    value: str = ""
    target: CardTarget = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class CardJump:
    """A line that leads somewhere."""

    title: str
    target: CardTarget = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPicture:
    """The picture of a news card; `aspect_ratio` 1.3 to 2.25."""

    url: str
    aspect_ratio: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSelect:
    """A drop-down list of 1 to 10 options."""

    question_key: str
    options: tuple[CardChoice, ...]
    title: str = ""
    selected: str = ""
    disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCard:
    """What all cards share: up to 6 rows; `task_id` (128 bytes of digits, letters, _-@) is unique in the app."""

    title: CardTitle = CardTitle()
    source: CardSource | None = None
    menu: CardMenu | None = None
    quote: CardQuote | None = None
    rows: tuple[CardRow, ...] = ()
    action: CardTarget | None = None
    task_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextNotice(TemplateCard):
    """Text; needs an `action` of type 1 or 2, and a title or a `sub_title` of up to 112 characters; 3 jumps."""

    emphasis: CardTitle | None = None
    sub_title: str = ""
    jumps: tuple[CardJump, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsNotice(TemplateCard):
    """A picture and up to 4 paragraphs; needs an `action` of type 1 or 2 and a title; 3 jumps."""

    picture: CardPicture | None = None
    paragraphs: tuple[CardTitle, ...] = ()
    jumps: tuple[CardJump, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonCard(TemplateCard):
    """1 to 6 buttons; needs a `task_id` and a title."""

    buttons: tuple[CardChoice, ...]
    select: CardSelect | None = None
    sub_title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteCard(TemplateCard):
    """A vote over 1 to 20 options; needs a `task_id` and a title."""

    question_key: str
    options: tuple[CardChoice, ...]
    submit: CardChoice
    several: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCard(TemplateCard):
    """1 to 3 drop-down lists; needs a `task_id` and a title."""

    selects: tuple[CardSelect, ...] = field(default=())
    submit: CardChoice


AnyCard = TextNotice | NewsNotice | ButtonCard | VoteCard | FormCard


def card_wire(card: AnyCard) -> Wire:
    """Return the card as WeCom reads it; raises MessageError where WeCom would refuse it."""
    _check(card)
    match card:
        case TextNotice():
            within_characters("sub_title_text", card.sub_title, _SUB_TITLE)
            own = given(
                emphasis_content=_title(card.emphasis), sub_title_text=card.sub_title, jump_list=_jumps(card.jumps)
            )
            return {"card_type": "text_notice", **_shared(card), **own}
        case NewsNotice():
            at_most("vertical_content_list", card.paragraphs, _PARAGRAPHS)
            picture = card.picture and given(url=card.picture.url, aspect_ratio=card.picture.aspect_ratio)
            paragraphs = [_title(one) for one in card.paragraphs]
            own = given(card_image=picture, vertical_content_list=paragraphs, jump_list=_jumps(card.jumps))
            return {"card_type": "news_notice", **_shared(card), **own}
        case ButtonCard():
            within_characters("sub_title_text", card.sub_title, _SUB_TITLE)
            buttons = _choices("button_list", card.buttons, _BUTTONS, id_name="key")
            selection = card.select and _select(card.select)
            own = given(sub_title_text=card.sub_title, button_selection=selection, button_list=buttons)
            return {"card_type": "button_interaction", **_shared(card), **own}
        case VoteCard():
            options = _choices("option_list", card.options, _VOTES, id_name="id", checked=True)
            box: Wire = {"question_key": card.question_key, "option_list": options, "mode": int(card.several)}
            if card.disabled:
                box["disable"] = True
            return {"card_type": "vote_interaction", **_shared(card), "checkbox": box, **_submit(card.submit)}
        case FormCard():
            need("select_list", card.selects)
            at_most("select_list", card.selects, _SELECTS)
            selects = [_select(one) for one in card.selects]
            return {
                "card_type": "multiple_interaction",
                **_shared(card),
                "select_list": selects,
                **_submit(card.submit),
            }


def _check(card: AnyCard) -> None:
    at_most("horizontal_content_list", card.rows, _ROWS)
    within_bytes("task_id", card.task_id, _TASK_ID)
    if not _TASK_LETTERS.fullmatch(card.task_id):
        raise MessageError("task_id", "task_id 只能由数字、字母和 _-@ 组成", "task_id holds only digits, letters, _-@")
    if isinstance(card, TextNotice | NewsNotice):
        # Only these two lead somewhere as a whole, and must.
        need("card_action", card.action)
        if card.action is not None and card.action.type not in (1, 2):
            raise MessageError("card_action.type", "card_action.type 只能是 1 或 2", "card_action.type is 1 or 2")
    else:
        need("task_id", card.task_id)
    if isinstance(card, TextNotice):
        need("main_title.title", card.title.title or card.sub_title)
    else:
        need("main_title.title", card.title.title)
    if card.menu is not None:
        need("task_id", card.task_id)


def _shared(card: TemplateCard) -> Wire:
    source, quote, menu = card.source, card.quote, card.menu
    return given(
        source=source and given(icon_url=source.icon_url, desc=source.desc, desc_color=source.color),
        action_menu=menu
        and given(desc=menu.desc, action_list=_choices("action_list", menu.items, _MENU, id_name="key")),
        task_id=card.task_id,
        main_title=_title(card.title),
        quote_area=quote and given(title=quote.title, quote_text=quote.text, **quote.target.wire()),
        horizontal_content_list=[given(keyname=row.name, value=row.value, **row.target.wire()) for row in card.rows],
        card_action=card.action and card.action.wire(),
    )


def _title(title: CardTitle | None) -> Wire | None:
    return given(title=title.title, desc=title.desc) if title else None


def _jumps(jumps: tuple[CardJump, ...]) -> list[Wire]:
    at_most("jump_list", jumps, _JUMPS)
    return [given(title=jump.title, **jump.target.wire()) for jump in jumps]


def _choices(
    name: str, choices: tuple[CardChoice, ...], most: int, *, id_name: str, checked: bool = False
) -> list[Wire]:
    need(name, choices)
    at_most(name, choices, most)
    rows = []
    for choice in choices:
        need(f"{name}.{id_name}", choice.key)
        need(f"{name}.text", choice.text)
        within_bytes(f"{name}.{id_name}", choice.key, _KEY)
        row = {id_name: choice.key, **given(text=choice.text, style=choice.style)}
        rows.append({**row, "is_checked": choice.checked} if checked else row)
    return rows


def _select(select: CardSelect) -> Wire:
    need("question_key", select.question_key)
    options = _choices("option_list", select.options, _OPTIONS, id_name="id")
    body = given(question_key=select.question_key, title=select.title, option_list=options, selected_id=select.selected)
    return {**body, "disable": True} if select.disabled else body


def _submit(submit: CardChoice) -> Wire:
    return {"submit_button": {"text": submit.text, "key": submit.key}}
