"""Product albums (商品图册): what staff may show customers from the chat's toolbar (wire.md C.10)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from linli.wecom.errors import BadValue
from linli.wecom.fields import Fields
from linli.wecom.limits import at_most, between, need, within_bytes, within_characters
from linli.wecom.transport import Lane, Transport

_DESCRIPTION = 300
_SN = 128
_IMAGES = 9
# 50,000 yuan in fen.
_PRICE = 5_000_000
_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProduct:
    """A product to be shown: description up to 300 characters, price in fen up to 5,000,000, 1 to 9 pictures.

    `images` are media ids of upload_attachment for albums; `sn` holds up to 128 letters and digits.
    """

    description: str
    price: int
    images: tuple[str, ...]
    sn: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChange:
    """What is to change in a product; None leaves it."""

    description: str | None = None
    price: int | None = None
    images: tuple[str, ...] | None = None
    sn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product as WeCom has it; `created_at` is unix seconds, 0 where it is not told."""

    product_id: str
    description: str
    price: int
    created_at: int
    sn: str
    images: tuple[str, ...]


class AlbumCalls(Transport):
    """Calls about product albums; an app may change only products that it made itself."""

    def add_product(self, new: NewProduct, *, lane: Lane | None = None) -> str:
        """Put a product into the album; returns its id. After OutcomeUnknown `products` tells."""
        body = _body(ProductChange(description=new.description, price=new.price, images=new.images, sn=new.sn or None))
        return self._write("externalcontact/add_product_album", body, lane=lane).must("product_id")

    def product(self, product_id: str, *, lane: Lane | None = None) -> Product:
        """Return a product; raises ApiError 41075 for an id that never was, 41074 for one that was deleted."""
        answer = self._query("externalcontact/get_product_album", {"product_id": product_id}, lane=lane)
        return _product(answer.child("product"))

    def products(self, *, limit: int = _PAGE, lane: Lane | None = None) -> Iterator[Product]:
        """Yield all products, `limit` (up to 100) a call."""
        between("limit", limit, 1, _PAGE)
        body = {"limit": limit}
        for page in self._pages("externalcontact/get_product_album_list", body, rows="product_list", lane=lane):
            yield from page.children("product_list", _product)

    def update_product(self, product_id: str, change: ProductChange, *, lane: Lane | None = None) -> None:
        """Change what is named; after OutcomeUnknown `product` tells."""
        body = {"product_id": product_id, **_body(change)}
        self._write("externalcontact/update_product_album", body, lane=lane)

    def delete_product(self, product_id: str, *, lane: Lane | None = None) -> None:
        """Take a product out of the album; after OutcomeUnknown `product` tells (41074)."""
        self._write("externalcontact/delete_product_album", {"product_id": product_id}, lane=lane)


def _body(product: ProductChange) -> dict[str, object]:
    body: dict[str, object] = {}
    if product.description is not None:
        need("description", product.description)
        within_characters("description", product.description, _DESCRIPTION)
        body["description"] = product.description
    if product.price is not None:
        if not 0 <= product.price <= _PRICE:
            raise BadValue("price", "价格须在 0 到 50000 元之间", "a price is between 0 and 50,000 yuan")
        body["price"] = product.price
    if product.sn is not None:
        within_bytes("product_sn", product.sn, _SN)
        if product.sn and not (product.sn.isascii() and product.sn.isalnum()):
            raise BadValue("product_sn", "商品编码只能由字母和数字组成", "a product code holds letters and digits only")
        body["product_sn"] = product.sn
    if product.images is not None:
        body["attachments"] = _images(product.images)
    return body


def _images(images: Sequence[str]) -> list[dict[str, object]]:
    need("attachments", images)
    at_most("attachments", images, _IMAGES)
    for media_id in images:
        need("image.media_id", media_id)
    return [{"type": "image", "image": {"media_id": media_id}} for media_id in images]


def _product(x: Fields) -> Product:
    return Product(
        product_id=x.must("product_id"),
        description=x.text("description"),
        price=x.number("price"),
        created_at=x.number("create_time"),
        sn=x.text("product_sn"),
        images=x.children("attachments", lambda y: y.child("image").text("media_id")),
    )
