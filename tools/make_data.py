"""Makes data/ from its sources: `python tools/make_data.py <onlineretail.csv.gz> <city-geo_data.json>`. Run once, kept for the record."""

import csv
import gzip
import json
import lzma
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"
CITIES = {
    "上海市": 12, "北京市": 8, "杭州市": 6, "苏州市": 5, "南京市": 5, "成都市": 5, "广州市": 5, "深圳市": 4,
    "武汉市": 4, "重庆市": 3, "西安市": 2, "长沙市": 1,
}  # fmt: skip


def retail(source: Path) -> None:
    """The file by columns (each column's values joined by newlines, columns by NUL), xz: a third smaller than rows."""
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    if any("\n" in value or "\0" in value for row in rows for value in row):
        raise SystemExit("a value holds a separator")
    columns = ["\n".join([name, *(row[at] for row in rows)]) for at, name in enumerate(head)]
    (DATA / "online_retail.xz").write_bytes(lzma.compress("\0".join(columns).encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(rows)} lines, {(DATA / 'online_retail.xz').stat().st_size} bytes")


def shops(source: Path) -> None:
    """Sixty invented shops at real places: the first districts of twelve cities."""
    places = json.loads(source.read_text(encoding="utf-8"))
    found = []
    for city, wanted in CITIES.items():
        districts = [
            place for place in places
            if place["area"].endswith("区") and not place["area"].startswith(("市辖", "浦东"))
            and city in {place["province"], place["city"]}
        ][:wanted]  # fmt: skip
        for place in districts:
            found.append(
                {
                    "code": f"S{len(found) + 1:02d}", "name": f"邻里·{place['area'].removesuffix('区')}店", "city": city.removesuffix("市"),
                    "district": place["area"], "address": "演示地址",
                    "lat": round(float(place["lat"]), 6), "lng": round(float(place["lng"]), 6),
                }
            )  # fmt: skip
    note = "Invented shops at the centres of real districts; coordinates in Baidu's system (BD-09)."
    text = json.dumps({"note": note, "shops": found}, ensure_ascii=False, indent=1)
    (DATA / "shops.json").write_text(text + "\n", encoding="utf-8")
    print(f"{len(found)} shops")


if __name__ == "__main__":
    retail(Path(sys.argv[1]))
    shops(Path(sys.argv[2]))
