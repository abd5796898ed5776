"""maillog import, follow, find: the logs of our mail servers."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime

from complaints import clock
from complaints.intake import maillog
from complaints.intake.maillog import Imported, Reading
from complaints.maillog import message_id
from complaints.maillog.archive import UnreadableLog
from complaints.maillog.dialects import DIALECTS, NotAMailLog, Tally
from complaints.maillog.framing import SLACK
from complaints.models import LogSource, MailHost, Organisation, RelayedMessage

FOLLOW_EVERY_SECONDS = 0.5
MOST_FOUND = 200
ONE_SECOND = timedelta(seconds=1)


class Command(BaseCommand):
    """Read mail logs, follow them, and look messages up."""

    help = "Read mail logs. Example: ./manage.py maillog import /var/log/mail.log*"
    # The checks load every screen, which takes as long as a hundred thousand lines.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """import PATH..., follow PATH..., find."""
        acts = parser.add_subparsers(dest="act", required=True)
        read = acts.add_parser("import", help="read log files, plain or compressed, in any order")
        follow = acts.add_parser("follow", help="follow growing logs through rotation")
        for act in (read, follow):
            act.add_argument("paths", nargs="+", type=Path)
            act.add_argument("--host", help="name of the mail host the files are of")
            act.add_argument("--dialect", default="auto", choices=["auto", *DIALECTS])
        read.add_argument(
            "--year",
            type=int,
            choices=range(1980, 2100),
            metavar="YEAR",
            help="year of the last line, for yearless stamps",
        )
        read.add_argument("--timezone", help="zone of the log, as Asia/Tokyo")
        read.add_argument("--json", action="store_true")
        find = acts.add_parser("find", help="find messages, with their raw lines")
        for name in ("message-id", "queue-id", "client-ip", "sender", "recipient", "from", "to"):
            find.add_argument(f"--{name}", dest=name.replace("-", "_"))
        find.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say in one sentence why not."""
        act = {"import": self._import, "follow": self._follow, "find": self._find}
        try:
            act[options["act"]](options)
        except (UnreadableLog, NotAMailLog) as problem:
            raise CommandError(str(problem)) from problem

    def _import(self, options: dict[str, Any]) -> None:
        started = time.monotonic()
        total = Imported()
        for host, paths in self._by_host(options["paths"], options["host"]).items():
            reading = self._reading(options, host)
            imported = maillog.import_logs(paths, host, reading, progress=self._show_progress)
            total.add(imported)
            total.tally.add(imported.tally)
        self._report(total, time.monotonic() - started, as_json=options["json"])

    def _reading(self, options: dict[str, Any], host: MailHost) -> Reading:
        """No line is later than --year, the time the organisation names, or its own file."""
        organisation = Organisation.objects.first()
        taken_at = organisation.logs_taken_at if organisation else None
        zone = self._zone(options["timezone"], host)
        if options["year"]:
            taken_at = datetime(options["year"] + 1, 1, 1, tzinfo=zone) - SLACK - ONE_SECOND
        return Reading(
            zone=zone,
            not_after=taken_at or clock.now(),
            by_file_time=taken_at is None,
            dialect=options["dialect"],
        )

    def _show_progress(self, tally: Tally) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{tally.read:>12} lines read", ending="")
            self.stderr.flush()

    def _report(self, total: Imported, seconds: float, *, as_json: bool) -> None:
        figures = {
            "lines": total.tally.read,
            "understood": total.tally.understood,
            "unknown": dict(total.tally.unknown.most_common(20)),
            "messages": total.messages,
            "relayed": total.relayed,
            "refused": total.refused,
            "seconds": round(seconds, 2),
            "lines_per_second": round(total.tally.read / seconds) if seconds else 0,
        }
        if as_json:
            self.stdout.write(json.dumps(figures))
            return
        for name, value in figures.items():
            if not isinstance(value, dict):
                self.stdout.write(f"{name.replace('_', ' '):18}{value:>12}")
        for shape, count in total.tally.unknown.most_common(20):
            self.stdout.write(f"  not understood {count:>8}  {shape}")
            self.stdout.write(f"  for instance  {total.tally.samples.get(shape, '')}")

    def _follow(self, options: dict[str, Any]) -> None:
        from complaints.linking import link  # of half of the program: only this act needs it

        sources = [
            LogSource.objects.get_or_create(
                path=str(path.resolve()), defaults={"host": host, "dialect": options["dialect"]}
            )[0]
            for host, paths in self._by_host(options["paths"], options["host"]).items()
            for path in paths
        ]
        try:
            while True:
                read = sum(
                    maillog.read_new_lines(source, now=clock.now()).tally.read for source in sources
                )
                if read:
                    link.relink_waiting(now=clock.now())
                time.sleep(FOLLOW_EVERY_SECONDS)
        except KeyboardInterrupt:
            return

    def _find(self, options: dict[str, Any]) -> None:
        rows = self._matching(options)
        if rows is None:
            raise CommandError("Name what to look for: --message-id, --queue-id, --client-ip, …")
        found = (
            rows.select_related("host")
            .prefetch_related("deliveries", "log_block")
            .order_by("queued_at")
        )
        for row in found[:MOST_FOUND]:
            if options["json"]:
                self.stdout.write(json.dumps(_as_json(row)))
                continue
            self.stdout.write(
                f"{row.queued_at:%Y-%m-%d %H:%M:%S} UTC  {row.host.name}  {row.queue_id}  "
                f"{row.get_direction_display()}  <{row.sender}>"
            )
            self.stdout.write("".join(f"    {line}\n" for line in row.lines()))
            if row.log_block:
                self.stdout.write(f"    in {_place(row)}")
        if more := max(0, rows.count() - MOST_FOUND):
            self.stderr.write(f"{more} more are not shown: narrow it with --from and --to.")

    def _matching(self, options: dict[str, Any]) -> Any:
        wanted: dict[str, Any] = {
            "message_id_sha256__in": options["message_id"]
            and message_id.digests(options["message_id"]),
            "queue_id": options["queue_id"],
            "client_ip": options["client_ip"],
            "sender": options["sender"] and options["sender"].lower(),
            "deliveries__recipient": options["recipient"] and options["recipient"].lower(),
            "queued_at__gte": _moment(options["from"]),
            "queued_at__lte": _moment(options["to"]),
        }
        given = {name: value for name, value in wanted.items() if value}
        return RelayedMessage.objects.filter(**given).distinct() if given else None

    def _by_host(self, paths: list[Path], name: str | None) -> dict[MailHost, list[Path]]:
        hosts = list(MailHost.objects.all())
        found: dict[MailHost, list[Path]] = {}
        for path in paths:
            for file in sorted(_files(path)):
                host = self._host_of(file, hosts, name)
                found.setdefault(host, []).append(file)
        return found

    def _host_of(self, file: Path, hosts: list[MailHost], name: str | None) -> MailHost:
        matching = [
            host
            for host in hosts
            if (
                host.name == name if name else host.log_files and fnmatch(file.name, host.log_files)
            )
        ]
        if not matching and len(hosts) == 1 and not name:
            return hosts[0]
        if len(matching) != 1:
            known = ", ".join(host.name for host in hosts) or "none yet: organisation import FILE"
            raise CommandError(f"{file}: of which mail host? Name it with --host. Known: {known}.")
        return matching[0]

    def _zone(self, name: str | None, host: MailHost) -> tzinfo:
        if not name:
            return maillog.zone_of(host)
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as problem:
            raise CommandError(f"{name} is not a time zone, as Asia/Tokyo is.") from problem


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (file for file in path.iterdir() if file.is_file())
    else:
        yield path


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = parse_datetime(text) or parse_datetime(f"{text} 00:00")
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"{text} is not a time, as 2026-01-31T12:00 is.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _place(row: RelayedMessage) -> str:
    """Where its first line stands in the log, and by what to tell whether it still does."""
    block = row.log_block
    if block is None:
        return ""
    first = int(row.log_places.split()[0])
    size = f"{block.size_bytes} bytes from {block.offset} on"
    state = f"SHA-256 {block.sha256}" if block.is_intact else "which were changed since"
    return f"{block.path} at byte {block.offset_of(first)} ({size}, {state})"


def _as_json(row: RelayedMessage) -> dict[str, Any]:
    return {
        "host": row.host.name,
        "queue_id": row.queue_id,
        "queued_at": row.queued_at.isoformat(),
        "message_id": row.message_id,
        "sender": row.sender,
        "client_ip": row.client_ip,
        "client_name": row.client_name,
        "direction": row.direction,
        "recipients": {item.recipient: item.status for item in row.deliveries.all()},
        "lines": row.lines(),
        "in": _place(row),
    }
