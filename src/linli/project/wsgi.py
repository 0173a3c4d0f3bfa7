"""The console's entry for granian."""

import os
import threading

from django.core.wsgi import get_wsgi_application

from linli.kit import metrics
from linli.kit.heartbeat import beat_forever
from linli.kit.kin import follow_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.project.settings")
os.environ["LINLI_PROCESS"] = "console"
follow_parent()
metrics.start("console")
application = get_wsgi_application()
threading.Thread(target=beat_forever, name="heartbeat", daemon=True).start()
