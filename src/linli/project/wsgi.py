"""The console's entry for granian."""

import os

from django.core.wsgi import get_wsgi_application

from linli.kit import metrics
from linli.kit.kin import follow_parent
from linli.kit.settings import read_settings
from linli.project.answering import watch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.project.settings")
os.environ["LINLI_PROCESS"] = "console"
follow_parent()
metrics.start("console")
application = get_wsgi_application()
watch(read_settings().patience_s)
