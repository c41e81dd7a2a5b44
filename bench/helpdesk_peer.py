"""Runs in the peer's environment: hands mails to django-helpdesk as its own `get_email` loop does, and says how fast.

The product's fetch loop without its mailbox: each mail is text in memory already. Replies to customers are rendered
and given to Django's dummy backend. "tuned" is what an administrator who knows SQLite would set.
"""

# ruff: noqa: PLC0415 (Django is imported once it is configured, and only the peer's interpreter has it.)

import json
import logging
import resource
import sys
import time
from pathlib import Path

URLS = "helpdesk_urls"


def configure(folder: Path, *, tuned: bool) -> None:
    """Set Django up on an empty database."""
    import django
    from django.conf import settings

    options = (
        {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;", "transaction_mode": "IMMEDIATE"}
        if tuned
        else {}
    )
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "helpdesk.db", "OPTIONS": options}
    (folder / f"{URLS}.py").write_text(
        "from django.urls import include, path\n"
        "urlpatterns = [path('helpdesk/', include('helpdesk.urls', namespace='helpdesk'))]\n",
        encoding="utf-8",
    )
    sys.path.insert(0, str(folder))
    contrib = ("admin", "auth", "contenttypes", "sessions", "sites", "messages", "staticfiles", "humanize")
    settings.configure(
        SECRET_KEY="benchmark",
        DEBUG=False,
        ALLOWED_HOSTS=["*"],
        DATABASES={"default": database},
        INSTALLED_APPS=[*(f"django.contrib.{name}" for name in contrib), "rest_framework", "helpdesk"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        ROOT_URLCONF=URLS,
        SITE_ID=1,
        USE_TZ=True,
        MEDIA_ROOT=str(folder / "media"),
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        HELPDESK_TEAMS_MODE_ENABLED=False,
    )
    django.setup()


def main() -> None:
    """Run, and write one line of JSON."""
    workload, folder, mode = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    configure(folder, tuned=mode == "tuned")
    from contextlib import nullcontext

    from django.core.management import call_command
    from django.db import transaction
    from helpdesk.email import extract_email_metadata
    from helpdesk.models import FollowUp, Queue, Ticket

    call_command("migrate", verbosity=0)
    queue = Queue.objects.create(
        title="Support", slug="support", email_address="support@desk.example.org", allow_email_submission=True
    )
    log = logging.getLogger("django.helpdesk.queue.support")
    log.propagate = False
    log.setLevel(logging.CRITICAL)

    def take(mails: list[str]) -> float:
        began = time.perf_counter()
        for mail in mails:
            with transaction.atomic() if mode == "tuned" else nullcontext():
                extract_email_metadata(message=mail, queue=queue, logger=log)
        return time.perf_counter() - began

    warm = read(folder / "warm")
    mails = read(workload)
    take(warm)
    before = time.process_time()
    seconds = take(mails)
    told = {
        "seconds": seconds,
        "cpu": time.process_time() - before,
        "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "tickets": Ticket.objects.count() - len(warm),
        "messages": FollowUp.objects.count() - len(warm),
    }
    print(json.dumps(told))


def read(folder: Path) -> list[str]:
    """Every mail of a folder in the order of the names, as the product's own loop reads files."""
    return [path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.glob("*.eml"))]


if __name__ == "__main__":
    main()
