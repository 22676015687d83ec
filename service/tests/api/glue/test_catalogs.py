from __future__ import annotations

import pytest

from glueball.api.context import Context
from glueball.api.glue import catalogs
from glueball.core.errors import EntityNotFound
from support.contexts import ACCOUNT

_OWN = {
    "CatalogId": ACCOUNT,
    "Name": ACCOUNT,
    "ResourceArn": f"arn:aws:glue:us-east-1:{ACCOUNT}:catalog",
}


def test_there_is_the_accounts_own_catalog(context: Context) -> None:
    assert catalogs.get_catalog(context, {"CatalogId": ACCOUNT}) == {"Catalog": _OWN}
    assert catalogs.get_catalogs(context, {}) == {"CatalogList": []}
    assert catalogs.get_catalogs(context, {"IncludeRoot": True}) == {"CatalogList": [_OWN]}
    with pytest.raises(EntityNotFound, match="Catalog other not found"):
        catalogs.get_catalog(context, {"CatalogId": "other"})
    with pytest.raises(EntityNotFound, match="Catalog other not found"):
        catalogs.get_catalogs(context, {"ParentCatalogId": "other"})


def test_nothing_is_encrypted(context: Context) -> None:
    assert catalogs.get_data_catalog_encryption_settings(context, {}) == {
        "DataCatalogEncryptionSettings": {
            "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
            "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False},
        }
    }
