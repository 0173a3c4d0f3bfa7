"""The corp's product album (wire.md C.10)."""

from dataclasses import dataclass

from wecom_sandbox.records import Json
from wecom_sandbox.seqindex import SeqIndex


@dataclass
class Product:
    """A product; a deleted one is remembered, because WeCom tells it from one that never was."""

    seq: int
    product_id: str
    agentid: int
    create_time: int
    description: str = ""
    price: int = 0
    product_sn: str = ""
    images: list[str] | None = None
    deleted: bool = False


class Shelf:
    """A corp's products, in order of arrival."""

    def __init__(self) -> None:
        """Start empty."""
        self.products: dict[str, Product] = {}
        self.alive: SeqIndex[Product] = SeqIndex()

    def add(self, product: Product) -> None:
        """Take a product in."""
        self.products[product.product_id] = product
        if not product.deleted:
            self.alive.add(product.seq, product)

    def remove(self, product: Product) -> None:
        """Take a product out."""
        product.deleted = True
        self.alive.remove(product.seq)

    def freeze(self) -> Json:
        """Write everything that is kept."""
        return {"products": list(self.products.values())}

    def thaw(self, row: Json) -> None:
        """Read it back."""
        for product in row.get("products", ()):
            self.add(Product(**product))
