"""A database as the JVM reaches it: its driver, and what Spark's own reader cannot ask.

Every error that leaves this module is told without secrets.
"""

from __future__ import annotations

import atexit
import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from py4j.java_gateway import is_instance_of
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from awsglue._errors import (
    DatabaseAccessError,
    DatabaseError,
    DatabaseUnreachableError,
    MissingJarError,
)
from awsglue._jdbc.database import Database
from awsglue._jdbc.vendors import Vendor
from awsglue._jvm import FileSystem

#: what the beginning of an SQLSTATE means; 42501 is PostgreSQL's for a lack of rights
_STATES = (
    ("08", DatabaseUnreachableError),
    ("28", DatabaseAccessError),
    ("42501", DatabaseAccessError),
)
_PARTS = re.compile(r'"((?:[^"]|"")+)"|`((?:[^`]|``)+)`|\[([^\]]+)\]|([^."`\[\]]+)')


class JdbcSession:
    """The driver of a database, loaded into a Spark session.

    Args:
        spark: the session.
        database: the database.

    Raises:
        MissingJarError: there is no such driver.
        PathNotFoundError: there is nothing at the driver's path.
    """

    def __init__(self, spark: SparkSession, database: Database) -> None:
        self._spark = spark
        self._database = database
        self._jvm: Any = spark.sparkContext._jvm
        if database.driver_path:
            self._bring_driver()
        self._driver = self._load_driver()

    @property
    def vendor(self) -> Vendor:
        """Whose SQL the database speaks."""
        return self._database.vendor

    def _bring_driver(self) -> None:
        session: Any = self._spark._jsparkSession
        path = self._database.driver_path
        # by the path, so that a script that reads ten tables brings one jar
        name = f"driver-{hashlib.sha256(path.encode()).hexdigest()[:16]}.jar"
        jar = _drivers() / name
        if not jar.exists():
            FileSystem(self._spark).copy_here(path, jar)
        session.sessionState().resourceLoader().addJar(str(jar))

    def _load_driver(self) -> Any:
        session: Any = self._spark._jsparkSession
        loader = session.sharedState().jarClassLoader()
        # Spark looks a driver up by this thread's loader.
        self._jvm.java.lang.Thread.currentThread().setContextClassLoader(loader)
        try:
            return self._jvm.java.lang.Class.forName(self._database.driver, True, loader)
        except Py4JJavaError as error:
            vendor = self._database.vendor
            own = self._database.driver == vendor.driver and bool(vendor.feature)
            raise MissingJarError(
                f"A connection to {vendor.name}", self._database.driver, own
            ) from error

    @contextmanager
    def told(self, what: str) -> Iterator[None]:
        """Tell errors of Java's that occur meanwhile as errors of this database.

        Args:
            what: what is asked, as the subject of a sentence.

        Raises:
            DatabaseError: in the place of Java's error.
        """
        try:
            yield
        except (Py4JJavaError, PySparkException) as error:
            reason = self._database.without_secrets(_reason(error))
            url = self._database.without_secrets(self._database.url)
            kind = self._kind_of(error)
        else:
            return
        # outside of the handler, so that Java's own text is not told as the cause
        raise kind(url, what, reason)

    def _kind_of(self, error: Py4JJavaError | PySparkException) -> type[DatabaseError]:
        """Judge an error by the SQLSTATE in its chain of causes (ISO/IEC 9075-2, 24.1)."""
        java: Any = getattr(error, "java_exception", None)
        while java is not None:
            if is_instance_of(self._spark.sparkContext._gateway, java, "java.sql.SQLException"):
                state = str(java.getSQLState())
                kinds = (kind for start, kind in _STATES if state.startswith(start))
                return next(kinds, DatabaseError)
            java = java.getCause()
        return DatabaseError

    @contextmanager
    def _connected(self, what: str) -> Iterator[Any]:
        with self.told(what):
            login = self._jvm.java.util.Properties()
            for name, value in self._database.login.items():
                login.setProperty(name, value)
            connection = self._driver.newInstance().connect(self._database.url, login)
        if connection is None:
            raise DatabaseError(
                self._database.without_secrets(self._database.url),
                what,
                f"the driver {self._database.driver} does not take this URL.",
            )
        try:
            with self.told(what):
                yield connection
        finally:
            connection.close()

    def primary_key(self, table: str) -> list[str]:
        """Return the columns of a table's primary key, in its order; [] when it has none."""
        with self._connected("Asking for the primary key") as connection:
            data = connection.getMetaData()
            *before, name = (_folded(data, part) for part in parts_of(table))
            schema = before[-1] if before else connection.getSchema()
            catalog = before[0] if len(before) > 1 else connection.getCatalog()
            rows = data.getPrimaryKeys(catalog, schema, name)
            columns = {}
            while rows.next():
                columns[rows.getShort("KEY_SEQ")] = rows.getString("COLUMN_NAME")
        return [columns[number] for number in sorted(columns)]

    def first_row(self, query: str, width: int) -> tuple[str, ...] | None:
        """Return the first row of a query as texts; None when it has no rows."""
        with self._connected("Asking for the newest keys") as connection:
            rows = connection.createStatement().executeQuery(query)
            if not rows.next():
                return None
            return tuple(str(rows.getString(number + 1)) for number in range(width))

    def execute(self, statements: str, what: str) -> None:
        """Run SQL that gives no rows, all of it in one transaction.

        Args:
            statements: one, or several with semicolons between them.
            what: the option that holds them.
        """
        with self._connected(f"Running {what}") as connection:
            connection.setAutoCommit(False)
            connection.createStatement().execute(statements)
            connection.commit()


@lru_cache(maxsize=1)
def _drivers() -> Path:
    """Return a directory of ours alone for drivers, which goes with this process."""
    place = tempfile.mkdtemp(prefix="glueball-drivers-")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return Path(place)


def parts_of(table: str) -> Sequence[tuple[str, bool]]:
    """Return the parts of a table's name, and whether each is in quotes: `a."B"` is a, B."""
    parts = []
    for found in _PARTS.finditer(table):
        double, back, bracket, bare = found.groups()
        if bare is not None:
            parts.append((bare.strip(), False))
        else:
            text = double or back or bracket
            parts.append((text.replace('""', '"').replace("``", "`"), True))
    return parts


def _folded(data: Any, part: tuple[str, bool]) -> str:
    """Return a name as the database keeps it: without quotes, many change its case."""
    name, quoted = part
    if not quoted and data.storesLowerCaseIdentifiers():
        return name.lower()
    if not quoted and data.storesUpperCaseIdentifiers():
        return name.upper()
    return name


def _reason(error: Py4JJavaError | PySparkException) -> str:
    """Return what an error says, on one line; of Java's errors the last cause."""
    if isinstance(error, PySparkException):
        return " ".join(str(error).split())
    java: Any = error.java_exception
    while java.getCause() is not None and java.getCause() is not java:
        java = java.getCause()
    text = str(java.getMessage() or java.toString())
    return " ".join(text.split())
