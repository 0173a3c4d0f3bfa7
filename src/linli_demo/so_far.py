"""`python -m linli_demo.so_far`: the report of a demo that is running (LINLI_DATA_DIR, LINLI_SANDBOX), as far as its story is told."""

import json
import os
import sys
from pathlib import Path

import django

from linli.project.postgres import Postgres


def main() -> int:
    """Print the report as JSON."""
    folder = Path(os.environ["LINLI_DATA_DIR"])
    os.environ.setdefault("DATABASE_URL", Postgres(folder / "postgres").url())
    os.environ.setdefault("LINLI_MASTER_KEY_FILE", str(folder / "master.key"))
    os.environ.setdefault("LINLI_CLOCK_FILE", str(folder / "clock"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.project.settings")
    django.setup()
    from linli.access import api as access
    from linli_demo import report
    from linli_demo.cast import CORP_ID
    from linli_demo.quiet import wait_until_quiet
    from linli_demo.sandbox import Sandbox

    corp_id = next(one.id for one in access.corps() if one.wecom_id == CORP_ID)
    wait_until_quiet(corp_id)
    found = report.collect(Sandbox(os.environ["LINLI_SANDBOX"]), corp_id)
    print(json.dumps(found, ensure_ascii=False, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main())
