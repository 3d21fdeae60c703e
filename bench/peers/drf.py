"""djangorestframework-api-key on SQLite behind gunicorn, two workers of four threads.

Arguments: a file to write keys to, a file for the database.
"""

import os
import socket
import sys

OUT, FILE = sys.argv[1], sys.argv[2]
KEYS = 1000

for ending in ("", "-wal", "-shm"):
    if os.path.exists(FILE + ending):
        os.remove(FILE + ending)

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="bench",
    DEBUG=False,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "rest_framework",
        "rest_framework_api_key",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": FILE,
            "CONN_MAX_AGE": None,
            "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"},
        }
    },
    # Without it an answer has no length.
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    REST_FRAMEWORK={
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_AUTHENTICATION_CLASSES": [],
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import path
from gunicorn.app.base import BaseApplication
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_api_key.models import APIKey
from rest_framework_api_key.permissions import HasAPIKey


class Permitted(APIView):
    """What its manual shows: the key is looked up once, by the permission."""

    permission_classes = [HasAPIKey]

    def get(self, request):
        return Response({"valid": True})


urlpatterns = [path("", Permitted.as_view())]


class Served(BaseApplication):
    def load_config(self):
        for name, value in {
            "bind": ADDRESS,
            "workers": 2,
            "worker_class": "gthread",
            "threads": 4,
            "keepalive": 60,
            "worker_connections": 1000,
            "loglevel": "error",
            "when_ready": lambda server: print(f"listening on http://{ADDRESS}", flush=True),
        }.items():
            self.cfg.set(name, value)

    def load(self):
        return get_wsgi_application()


call_command("migrate", verbosity=0)
keys = [APIKey.objects.create_key(name=f"key-{n}")[1] for n in range(KEYS)]
with open(OUT, "w") as out:
    out.write("\n".join(keys))
django.db.connections.close_all()
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    ADDRESS = f"127.0.0.1:{free.getsockname()[1]}"
Served().run()
