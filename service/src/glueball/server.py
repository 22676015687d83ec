"""The composition: the only place where the parts are wired."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from botocore import xform_name

from glueball.api import cloudtrail, crawl_reads, logs, runtime, sts
from glueball.api.context import Context
from glueball.api.events import entries as event_entries
from glueball.api.events import rules as event_rules
from glueball.api.events import tags as event_tags
from glueball.api.events import targets as event_targets
from glueball.api.glue import (
    bookmarks,
    catalogs,
    column_statistics,
    connections,
    crawler_schedules,
    crawlers,
    crawls,
    databases,
    functions,
    jobs,
    partition_indexes,
    partitions,
    runs,
    table_versions,
    tables,
    tags,
    triggers,
    workflow_runs,
    workflows,
)
from glueball.api.glue.runs import log_group
from glueball.api.iam import policies as iam_policies
from glueball.api.iam import roles as iam_roles
from glueball.api.iam import users as iam_users
from glueball.api.s3 import (
    bucket_settings,
    buckets,
    copies,
    listing,
    multipart,
    notifications,
    tagging,
    upload_listing,
)
from glueball.api.s3 import objects as s3_objects
from glueball.core.clock import Clock, SystemClock
from glueball.core.crawls import LOG_GROUP, crawler_of, memory_name
from glueball.core.errors import AccessDenied, ConfigurationError
from glueball.core.flex import FixedReserve, Reserve
from glueball.core.maintenance import longest_seconds
from glueball.core.permissions import is_permitted
from glueball.core.pool import Pool
from glueball.core.runs import Run, WaitingRun
from glueball.credentials import load_or_create
from glueball.engine.bell import Bell
from glueball.engine.loop import Engine
from glueball.engine.resources import Machine, cores_of, heap_mb, pool_of
from glueball.launchers.launch import Launch
from glueball.launchers.local import LocalLauncher
from glueball.launchers.runtimes import Runtimes
from glueball.orchestration.account import Account
from glueball.orchestration.crawls import last_crawl_started
from glueball.orchestration.workflow_runs import script_arguments
from glueball.settings import Settings
from glueball.stores import crawlers as crawler_store
from glueball.stores import runs as stored_runs
from glueball.stores.catalog.schema import catalog_metadata
from glueball.stores.damage import describe_file_damage, keep_copy
from glueball.stores.database import Database, translate
from glueball.stores.logs import LogStore
from glueball.stores.object_metadata import ObjectMetadata
from glueball.stores.object_tables import objects_metadata
from glueball.stores.objects import ObjectStore
from glueball.stores.role_tables import roles_metadata
from glueball.stores.sealing import Sealer
from glueball.wire.call import Call, Caller
from glueball.wire.credentials import Credential
from glueball.wire.gateway import Gateway, Service
from glueball.wire.models import long_operations, operation_names
from glueball.wire.session_tokens import Opened, ended_token, issue, issue_for_role, open_token

_log = logging.getLogger(__name__)

#: temporary credentials of a run outlive its timeout by this much, for its last requests
_CREDENTIALS_GRACE_SECONDS = 3600.0

_MODULES: Mapping[str, tuple[ModuleType, ...]] = {
    "glue": (
        jobs,
        runs,
        bookmarks,
        tags,
        triggers,
        workflows,
        workflow_runs,
        crawlers,
        crawls,
        crawler_schedules,
        catalogs,
        databases,
        tables,
        table_versions,
        partitions,
        partition_indexes,
        column_statistics,
        functions,
        connections,
    ),
    "glueball-runtime": (runtime,),
    "glueball-crawl": (crawl_reads,),
    "s3": (
        buckets,
        bucket_settings,
        s3_objects,
        copies,
        listing,
        multipart,
        upload_listing,
        tagging,
        notifications,
    ),
    "logs": (logs,),
    "cloudtrail": (cloudtrail,),
    "events": (event_rules, event_targets, event_entries, event_tags),
    "iam": (iam_roles, iam_users, iam_policies),
    "sts": (sts,),
}
#: mostly sub-millisecond work on SQLite: a thread would cost more than it gives
_INLINE = frozenset({"glue", "glueball-runtime", "cloudtrail", "events", "iam", "sts"})


class Server:
    """Everything that one `glueball up` consists of.

    Args:
        settings: how it is set up; the home directory is made if it is missing.
        clock: where time comes from.

    Raises:
        ConfigurationError: the home directory cannot be used, or another service uses it.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        with _usable(settings.home):
            self._lock = lock_home(settings.home)
            self.credentials = load_or_create(settings.home)
            self.database = Database(
                settings.home / "glueball.db",
                extra=(objects_metadata, roles_metadata, catalog_metadata),
                sealer=Sealer(self.credentials.data_key),
            )
            for warning in self.database.warnings:
                _log.error("%s", warning)
            self.objects = ObjectStore(settings.home / "objects", ObjectMetadata(self.database))
            self.objects.sweep()
            self.logs = LogStore(settings.home / "logs", self.clock)
            self.bell = Bell(settings.home / "engine.fifo")
        self._static_keys = {
            **settings.further_keys,
            self.credentials.access_key: self.credentials.secret_key,
        }
        self.machine = Machine.here(settings.memory_gb)
        self.pool: Pool = pool_of(self.machine, settings.pool_dpus)
        self.account = Account(
            account_id=settings.account_id,
            region=settings.region,
            new_id=_new_id,
            max_concurrent_runs=settings.max_concurrent_runs or None,
            max_dpus=settings.max_dpus or None,
            allow_unsafe_connections=settings.allow_unsafe_connections,
        )
        self.endpoint_url = f"http://{settings.host}:{settings.port}"
        self._runtimes = Runtimes(settings.runtimes_directory)
        self.launcher = LocalLauncher(
            settings.home, self._runtimes, grace_seconds=settings.grace_seconds
        )
        self.engine = Engine(
            database=self.database,
            launcher=self.launcher,
            clock=self.clock,
            bell=self.bell,
            pool=self.pool,
            reserve=_reserve(settings),
            flex_max_wait_seconds=settings.flex_max_wait_minutes * 60,
            remarks=self._remarks,
            prepare=self._launch,
            account=self.account,
            catch_up_seconds=settings.catch_up_hours * 3600,
        )
        self.gateway = self._gateway()

    def start(self, endpoint_url: str) -> None:
        """Begin to run jobs; they will find the service at `endpoint_url`."""
        self.endpoint_url = endpoint_url
        self.database.start_checkpoints()
        threading.Thread(target=self._check_database, name="check", daemon=True).start()
        self.engine.start()

    def _check_database(self) -> None:
        """Tell of damage of the database itself; reading all of it takes a second a gigabyte."""
        if problems := self.database.check():
            _log.error("%s", describe_file_damage(problems, keep_copy(self.database.path)))

    def close(self) -> None:
        """End the engine and close the files; running jobs go on."""
        self.engine.stop()
        self.bell.close()
        self.database.close()
        self._lock.close()

    def reset(self) -> None:
        """Empty the account: forget every job, object, log and role, and end every run."""
        with self.engine.paused():  # or it would launch a run that is forgotten meanwhile
            self.database.clear()
            self.launcher.sweep(set())
            self.objects.clear()
            self.logs.clear()
            self.engine.forget()

    async def _answer_reset(self, _scope: Any, _receive: Any, send: Any) -> None:
        """`POST /_glueball/reset`; not signed, so that any test suite can use it."""
        await asyncio.get_running_loop().run_in_executor(None, self.reset)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def _gateway(self) -> Gateway:
        make_context = partial(
            Context,
            account=self.account,
            clock=self.clock,
            database=self.database,
            objects=self.objects,
            logs=self.logs,
            wake=self.bell.ring,
            issue_for_role=partial(issue_for_role, self.credentials.run_key),
        )
        return Gateway(
            services={
                name: Service(
                    name=name,
                    operations=operations(name, modules, make_context, self._authorize),
                    inline=name in _INLINE,
                    long=long_operations(name),
                )
                for name, modules in _MODULES.items()
            },
            credentials=self._credential,
            clock=self.clock,
            allowed_hosts=self.settings.host_names,
            spool_directory=self.objects.incoming,
            extra_routes=(
                {("POST", "/_glueball/reset"): self._answer_reset} if self.settings.testing else {}
            ),
            translate=translate,
            settle=self.database.journal.settled,
            requests_per_second=self.settings.throttle_requests_per_second,
        )

    def _credential(self, access_key: str, session_token: str | None) -> Credential | None:
        account = self.settings.account_id
        if session_token is None:
            secret_key = self._static_keys.get(access_key)
            if secret_key is None:
                return None
            arn = f"arn:aws:iam::{account}:root"
            caller = Caller(access_key=access_key, account_id=account, arn=arn)
            return Credential(secret_key=secret_key, caller=caller)
        opened = open_token(self.credentials.run_key, access_key, session_token, self.clock.now())
        if opened.run_id and not self._is_active(opened):
            raise ended_token(opened.run_id)
        session = opened.assumed_role or f"glueball-job/{opened.run_id}"
        caller = Caller(
            access_key=access_key,
            account_id=account,
            arn=f"arn:aws:sts::{account}:assumed-role/{session}",
            run_id=opened.run_id or None,
        )
        return Credential(secret_key=opened.secret_key, caller=caller)

    def _is_active(self, opened: Opened) -> bool:
        """Whether the run that credentials belong to goes on; a role's outlive no run either."""
        with self.database.read() as connection:
            if opened.assumed_role:
                return stored_runs.is_active(connection, opened.run_id)
            return stored_runs.is_active_attempt(connection, opened.run_id, opened.fencing_token)

    def _authorize(self, call: Call) -> None:
        """Refuse what the setting `run_permissions` keeps the credentials of runs from.

        Raises:
            AccessDenied: the caller is a run and may not call this.
        """
        setting = self.settings.run_permissions
        if call.caller.run_id and not is_permitted(setting, call.service, call.operation):
            raise AccessDenied(
                f"User: {call.caller.arn} is not authorized to perform: "
                f"{call.service}:{call.operation}, because the setting run_permissions of this "
                f"service is {setting!r}."
            )

    def _remarks(self, run: WaitingRun) -> tuple[str, ...]:
        return self._runtimes.remarks(
            run.command, run.glue_version or "", run.python_version or "3"
        )

    def _launch(self, run: Run) -> Launch:
        crawler, (output, error) = self._crawler(run), self._streams(run)
        return Launch(
            run_id=run.id,
            token=run.token,
            job_name=run.job_name,
            command=run.command,
            script_location=run.script_location,
            arguments=self._script_arguments(run),
            glue_version=run.glue_version or "",
            python_version=run.python_version or "3",
            cores=cores_of(run, self.pool, self.machine),
            memory_mb=heap_mb(run),
            worker_type=run.document.get("WorkerType", ""),
            number_of_workers=run.document.get("NumberOfWorkers", 0),
            output_path=output,
            error_path=error,
            endpoint_url=self.endpoint_url,
            region=self.settings.region,
            account_id=self.settings.account_id,
            environment=self._run_environment(run),
            objects_root=self.objects.root,
            notes=() if run.state_detail is None else (run.state_detail,),
            crawler=crawler,
            allow_unsafe_connections=self.settings.allow_unsafe_connections,
        )

    def _streams(self, run: Run) -> tuple[Path, Path]:
        """Return where what a run prints goes, and all else: of a crawl, both into its crawler's
        stream."""
        crawler = crawler_of(run)
        if crawler is not None:
            stream = self.logs.stream_path(LOG_GROUP, crawler)
            return stream, stream
        group = log_group(run.command)
        return (
            self.logs.stream_path(f"{group}/output", run.id),
            self.logs.stream_path(f"{group}/error", run.id),
        )

    def _crawler(self, run: Run) -> Mapping[str, Any] | None:
        """Return what a crawl has to know; None for the run of a job."""
        name = crawler_of(run)
        if name is None:
            return None
        with self.database.read() as connection:
            last = last_crawl_started(connection, name)
            crawler = crawler_store.get(connection, name)  # may be deleted meanwhile
        return {
            **run.document["Crawler"],
            "Name": name,
            "LastCrawlStarted": last,
            "Created": crawler.created if crawler else None,
            "Memory": str(self.settings.home / "crawls" / memory_name(name)),
        }

    def _script_arguments(self, run: Run) -> Mapping[str, str]:
        with self.database.read() as connection:
            return script_arguments(connection, run)

    def _run_environment(self, run: Run) -> dict[str, str]:
        issued = issue(
            self.credentials.run_key,
            run_id=run.id,
            fencing_token=run.token,
            expires=self.clock.now() + longest_seconds(run) + _CREDENTIALS_GRACE_SECONDS,
        )
        return {
            "AWS_ACCESS_KEY_ID": issued.access_key,
            "AWS_SECRET_ACCESS_KEY": issued.secret_key,
            "AWS_SESSION_TOKEN": issued.session_token,
        }


def operations(
    service: str,
    modules: tuple[ModuleType, ...],
    make_context: Callable[..., Context],
    authorize: Callable[[Call], None] = lambda call: None,
) -> dict[str, Callable[[Call, dict[str, Any]], Any]]:
    """Find the operations of a service: functions named after those of its model.

    Args:
        authorize: raises what a caller sees who may not call the operation.
    """
    found = {}
    for name in operation_names(service):
        for module in modules:
            function = vars(module).get(xform_name(name))
            if function is not None:
                found[name] = _bind(function, make_context, authorize)
    return found


def _bind(
    function: Callable[[Context, Any], Any],
    make_context: Callable[..., Context],
    authorize: Callable[[Call], None],
) -> Callable[[Call, dict[str, Any]], Any]:
    def operation(call: Call, request: dict[str, Any]) -> Any:
        authorize(call)
        return function(make_context(call=call), request)

    return operation


def _reserve(settings: Settings) -> Reserve | None:
    """Return what is kept for STANDARD where the settings name a share; None: the forecast."""
    share = settings.fixed_flex_reserve
    return None if share is None else FixedReserve(share=share)


def _new_id() -> str:
    return secrets.token_hex(32)


@contextmanager
def _usable(home: Path) -> Iterator[None]:
    """Say in a sentence what the machine refuses to a service that starts."""
    try:
        yield
    except OSError as error:
        raise ConfigurationError(
            f"The home directory {home} cannot be used: {error.strerror} ({error.filename}). Mend "
            "that, or name another one with --home."
        ) from error


def lock_home(home: Path) -> IO[str]:
    """Make the home directory and hold it alone, until the file that is returned is closed.

    Raises:
        ConfigurationError: a service uses it.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(PermissionError):  # a volume of somebody else's: its owner decides
        home.chmod(0o700)
    lock = open(home / "lock", "a+")  # noqa: SIM115 - held until the service ends
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise ConfigurationError(
            f"Another service uses {home}. Stop it, or name another directory with --home."
        ) from error
    return lock
