"""The console's entry for granian."""

import os

from django.core.wsgi import get_wsgi_application

from linli.kit import metrics

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.project.settings")
os.environ["LINLI_PROCESS"] = "console"
metrics.start("console")
application = get_wsgi_application()
