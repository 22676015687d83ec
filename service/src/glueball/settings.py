"""Configuration: one TOML file, overridden by `GLUEBALL_*` variables, overridden by options.

Every key is a field of `Settings`; docs/configuration.md is checked against this list by a test.
"""

from __future__ import annotations

import ipaddress
import math
import os
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from glueball.core.errors import ConfigurationError
from glueball.core.permissions import RUN_PERMISSIONS
from glueball.core.pricing import PRICE_NAMES, PriceBook, list_prices, with_own

FILE_NAME = "glueball.toml"
#: of `flex_reserve`: what is foreseen
FORECAST = "forecast"
#: access key id and secret of a service for tests, the ones that clients of other emulators have
TEST_KEY = "test"
#: an id as credential scopes have it, and a secret
_KEY = re.compile(r"[\w.@-]{1,128}:[^\s:,]{1,128}", re.ASCII)
_PREFIX = "GLUEBALL_"
_PRICES = "prices"
#: a run that is asked to end shall end
_MAX_GRACE_SECONDS = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """How this service is set up."""

    #: where everything is kept; deleting it is a complete uninstall
    home: Path
    #: address to listen on
    host: str = "127.0.0.1"
    #: TCP port; 0 takes a free one
    port: int = 4566
    #: the region of runs and events, and of clients that name none
    region: str = "us-east-1"
    #: the account that ARNs name
    account_id: str = "123456789012"
    #: DPUs that this machine offers to runs
    pool_dpus: float = 100.0
    #: GB of memory for all runs together; 0: three quarters of what this machine has
    memory_gb: float = 0.0
    #: what FLEX leaves free for STANDARD: a share of the pool (0 to 1), or what is foreseen
    flex_reserve: str = FORECAST
    #: minutes after which a FLEX run that waits fails; 0: never
    flex_max_wait_minutes: float = 0.0
    #: job runs that may be active in the account at once; 0: any number
    max_concurrent_runs: int = 0
    #: DPUs that active job runs may ask for in all; 0: any number
    max_dpus: float = 0.0
    #: requests a second that each operation may have, S3 excepted; 0: any number
    throttle_requests_per_second: float = 0.0
    #: hours that a schedule may have been missed by and still fires when the service is back
    catch_up_hours: float = 24.0
    #: seconds between asking a run's processes to end and ending them
    grace_seconds: float = 5.0
    #: further host names that requests may name, separated by commas
    allowed_hosts: str = ""
    #: further access keys of the account, each as ID:SECRET, separated by commas
    access_keys: str = field(default="", repr=False)
    #: what the credentials of runs may do: all, or data
    run_permissions: str = "all"
    #: take connections whose driver options read files or run code, or whose host is link-local
    allow_unsafe_connections: bool = False
    #: where runtimes are installed; by default `runtimes` in the home directory
    runtimes: str = ""
    #: listen beyond this machine, although scripts that clients send are executed
    allow_remote: bool = False
    #: open POST /_glueball/reset, which empties the account, and take the key test with secret test
    #: where the host is a loopback address
    testing: bool = False
    #: the table [prices]: one's own, in the place of AWS's list prices for the region
    prices: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def price_book(self) -> PriceBook:
        """What runs cost: AWS's list prices of the region, and one's own."""
        return with_own(list_prices(self.region), self.prices)

    @property
    def fixed_flex_reserve(self) -> float | None:
        """The share of the pool that is kept for STANDARD; None: as much as is foreseen."""
        return None if self.flex_reserve == FORECAST else float(self.flex_reserve)

    @property
    def further_keys(self) -> Mapping[str, str]:
        """Secrets of the access keys beside the one in the home directory, by access key id.

        The key that everybody knows is taken only where no other machine reaches the service.
        """
        keys = {TEST_KEY: TEST_KEY} if self.testing and _is_loopback(self.host) else {}
        return keys | dict(key.split(":", 1) for key in _listed(self.access_keys))

    @property
    def runtimes_directory(self) -> Path:
        return Path(self.runtimes) if self.runtimes else self.home / "runtimes"

    @property
    def host_names(self) -> frozenset[str]:
        return frozenset(_listed(self.allowed_hosts))


def default_home(environment: Mapping[str, str]) -> Path:
    """Return `GLUEBALL_HOME`, or `~/.glueball`."""
    return Path(environment.get("GLUEBALL_HOME") or Path.home() / ".glueball")


def load(home: Path, environment: Mapping[str, str], options: Mapping[str, Any]) -> Settings:
    """Read the settings of a home directory.

    Args:
        environment: usually `os.environ`.
        options: from the command line; None values say nothing.

    Raises:
        ConfigurationError: a key is unknown or a value cannot be used.
    """
    known = {field.name: field.type for field in fields(Settings) if field.name != "home"}
    values: dict[str, Any] = dict(_from_file(home / FILE_NAME, known.keys()))
    values[_PRICES] = _own_prices(home / FILE_NAME, values.get(_PRICES, {}), environment)
    for name in known.keys() - {_PRICES}:
        text = environment.get(_PREFIX + name.upper())
        if text is not None:
            values[name] = text
    values.update({name: value for name, value in options.items() if value is not None})
    typed = {name: _typed(name, str(known[name]), value) for name, value in values.items()}
    settings = Settings(home=Path(os.path.abspath(home)), **typed)
    _check(settings)
    return settings


def _from_file(path: Path, known: Collection[str]) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        values = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}") from error
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
    _check_known(path, "", values, known)
    return values


def _check_known(path: Path, table: str, found: Collection[str], known: Collection[str]) -> None:
    for name in found:
        if name not in known:
            raise ConfigurationError(
                f"{path} has the unknown key {table + name!r}; known are: "
                f"{', '.join(sorted(known))}."
            )


def _own_prices(path: Path, table: Any, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the table [prices], overridden by variables such as GLUEBALL_PRICES_FLEX."""
    if not isinstance(table, dict):
        raise ConfigurationError(
            f"{path}: prices is a table. Write [prices], and below it flex = 0.2, say."
        )
    _check_known(path, f"{_PRICES}.", table, PRICE_NAMES)
    variables = {name: f"{_PREFIX}{_PRICES}_{name}".upper() for name in PRICE_NAMES}
    named = {name: environment[key] for name, key in variables.items() if key in environment}
    return {**table, **named}


def _price(name: str, value: Any) -> Decimal:
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        price = Decimal("NaN")
    if not (price.is_finite() and price >= 0):
        raise ConfigurationError(f"The price {name} must be a number from 0 on; it is {value!r}.")
    return price


def _typed(name: str, kind: str, value: Any) -> Any:
    if name == _PRICES:
        return {price: _price(price, amount) for price, amount in value.items()}
    try:
        if kind == "bool":
            return _truth(value)
        return {"int": int, "float": float, "str": str}[kind](value)
    except (ValueError, TypeError, OverflowError) as error:
        raise ConfigurationError(f"The setting {name} cannot be {value!r}: {error}.") from error


def _listed(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _truth(value: Any) -> bool:
    if str(value).lower() in ("1", "true", "yes"):
        return True
    if str(value).lower() in ("0", "false", "no", ""):
        return False
    raise ValueError("use true or false")


def _check(settings: Settings) -> None:
    if not 0 < settings.pool_dpus < math.inf:
        raise ConfigurationError("pool_dpus must be a number greater than 0.")
    if not 0 <= settings.memory_gb < math.inf:
        raise ConfigurationError("memory_gb must be a number of GB, 0 or more.")
    _check_flex(settings)
    if not 0 <= settings.grace_seconds <= _MAX_GRACE_SECONDS:
        raise ConfigurationError(f"grace_seconds must be from 0 to {_MAX_GRACE_SECONDS:g}.")
    if settings.max_concurrent_runs < 0 or not 0 <= settings.max_dpus < math.inf:
        raise ConfigurationError("max_concurrent_runs and max_dpus cannot be negative.")
    if not 0 <= settings.throttle_requests_per_second < math.inf:
        raise ConfigurationError("throttle_requests_per_second must be a number, 0 or more.")
    if not 0 <= settings.catch_up_hours < math.inf:
        raise ConfigurationError("catch_up_hours must be a number of hours, 0 or more.")
    if not all(map(_KEY.fullmatch, _listed(settings.access_keys))):
        raise ConfigurationError("access_keys must read ID:SECRET, with commas between several.")
    if settings.run_permissions not in RUN_PERMISSIONS:
        raise ConfigurationError(
            f"run_permissions is one of {', '.join(RUN_PERMISSIONS)}; it is "
            f"{settings.run_permissions!r}."
        )
    if not 0 <= settings.port <= 65535:
        raise ConfigurationError(f"The port must be from 0 to 65535; it is {settings.port}.")
    if not settings.allow_remote and not _is_loopback(settings.host):
        raise ConfigurationError(
            f"{settings.host} is reachable from other machines, and this service executes the "
            "scripts that clients send. If that is what you want, say --allow-remote."
        )


def _check_flex(settings: Settings) -> None:
    try:
        share = settings.fixed_flex_reserve
    except ValueError:
        share = math.nan
    if share is not None and not 0 <= share <= 1:
        raise ConfigurationError(
            f"flex_reserve is {FORECAST!r} or a share of the pool, from 0 to 1."
        )
    if not 0 <= settings.flex_max_wait_minutes < math.inf:
        raise ConfigurationError("flex_max_wait_minutes must be a number, 0 or greater.")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
