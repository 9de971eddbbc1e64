"""What `packer web` tells gunicorn, in gunicorn's own words."""

import os
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from prometheus_client.multiprocess import mark_process_dead

METRICS_DIR = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus_client looks for the folder in which processes add up what they count."""
MEMORY = "/dev/shm"  # noqa: S108  # of the kernel: heartbeats must not wait for a disk

worker_class = "packer_site.web_worker.Worker"
keepalive = 5
backlog = 2048
worker_tmp_dir = MEMORY if os.access(MEMORY, os.W_OK) else None
control_socket_disable = True
logconfig_dict = settings.LOGGING


def child_exit(server: Any, worker: Any) -> None:
    """Forget the gauges of a process that ended; its counters stay counted."""
    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # of prometheus_client


def on_exit(server: Any) -> None:
    shutil.rmtree(Path(os.environ[METRICS_DIR]), ignore_errors=True)
