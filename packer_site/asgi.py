import gc
import os
import warnings

from django.core.asgi import get_asgi_application
from django.urls import get_resolver

from packer_site.memory import keep_little

keep_little()  # before there are threads
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "packer_site.settings")
django = get_asgi_application()

from api.live import with_sockets  # noqa: E402  # models load once Django is set up
from api.streamed import streamed  # noqa: E402  # as above
from packer_site.bodies import measured  # noqa: E402  # as above

# WhiteNoise answers static files by plain iterators; they are small. Downloads have their own.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")
application = with_sockets(streamed(measured(django)))

# All views load now: a process takes requests once it can answer them.
get_resolver().url_patterns  # noqa: B018  # it loads as it is read

# What is loaded stays: looking through all of it takes 0.1 s of a request each time.
gc.collect()
gc.freeze()
