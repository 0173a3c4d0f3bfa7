"""Product albums (wire.md C.10); only the app that made a product may change or delete it."""

from dataclasses import replace

from wecom_sandbox.errors import WireError
from wecom_sandbox.library import ALBUM
from wecom_sandbox.records import Json
from wecom_sandbox.shelf import Product
from wecom_sandbox.wire.call import Call, cursor_at
from wecom_sandbox.wire.media_use import usable

NEEDED = ("description", "price", "attachments")


def add(call: Call) -> Json:
    """Answer add_product_album."""
    cap = call.world.tunables.products_most
    if cap and len(call.corp.shelf.alive) >= cap:
        raise WireError(41202)
    seq = call.corp.next_seq()
    draft = Product(seq, "", call.app.agentid, call.world.now())
    product = _settle(call, draft, NEEDED)
    product.product_id = call.corp.new_id("pd")
    call.corp.shelf.add(product)
    return {"product_id": product.product_id}


def get(call: Call) -> Json:
    """Answer get_product_album."""
    return {"product": _describe(_find(call))}


def get_list(call: Call) -> Json:
    """Answer get_product_album_list."""
    limit = call.limit(50, 100)
    place, _ = call.cursor("product")
    found = call.corp.shelf.alive.after(place, limit + 1)
    page = found[:limit]
    return {
        "product_list": [_describe(product) for product in page],
        "next_cursor": cursor_at("product", page[-1].seq) if len(found) > limit else "",
    }


def update(call: Call) -> Json:
    """Answer update_product_album: what is not named stays."""
    product = _own(call)
    vars(product).update(vars(_settle(call, replace(product), ())))
    return {}


def delete(call: Call) -> Json:
    """Answer delete_product_album."""
    call.corp.shelf.remove(_own(call))
    return {}


def _find(call: Call) -> Product:
    product = call.corp.shelf.products.get(call.text("product_id", missing=41075))
    if product is None:
        raise WireError(41075)
    if product.deleted:
        raise WireError(41074)
    return product


def _own(call: Call) -> Product:
    product = _find(call)
    if product.agentid != call.app.agentid:
        raise WireError(60011)
    return product


def _settle(call: Call, product: Product, needed: tuple[str, ...]) -> Product:
    limits = call.world.tunables
    if "description" in call.args or "description" in needed:
        product.description = call.text("description")
        if not 1 <= len(product.description) <= limits.product_description_most:
            raise WireError(41087)
    if "price" in call.args or "price" in needed:
        product.price = call.integer("price", missing=41086)
        if not 0 <= product.price <= limits.product_price_most:
            raise WireError(41086)
    if "product_sn" in call.args:
        product.product_sn = sn = call.text("product_sn")
        if sn and (len(sn) > limits.product_sn_most_bytes or not (sn.isascii() and sn.isalnum())):
            raise WireError(41085)
    if "attachments" in call.args or "attachments" in needed:
        product.images = _images(call)
    return product


def _images(call: Call) -> list[str]:
    rows = call.args.get("attachments")
    if not isinstance(rows, list) or not rows:
        raise WireError(41088)
    if len(rows) > call.world.tunables.product_images_most:
        raise WireError(41064)
    images = []
    for row in rows:
        image = row.get("image") if isinstance(row, dict) and row.get("type") == "image" else None
        if not isinstance(image, dict):
            raise WireError(41065)
        images.append(usable(call, image.get("media_id"), "image", ALBUM).media_id)
    return images


def _describe(product: Product) -> Json:
    return {
        "product_id": product.product_id,
        "description": product.description,
        "price": product.price,
        "create_time": product.create_time,
        "product_sn": product.product_sn,
        "attachments": [{"type": "image", "image": {"media_id": one}} for one in product.images or ()],
    }
