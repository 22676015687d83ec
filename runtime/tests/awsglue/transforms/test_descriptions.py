"""How transforms describe themselves."""

from __future__ import annotations

import pytest

from awsglue import transforms
from awsglue.transforms import GlueTransform, describe_transform, get_transform, get_transforms


def test_the_names_are_those_of_aws() -> None:
    names = (
        "ApplyMapping Coalesce DropFields DropNullFields ErrorsAsDynamicFrame Filter FlatMap Join "
        "Map MapToCollection Relationalize RenameField Repartition ResolveChoice SelectFields "
        "SelectFromCollection Spigot SplitFields SplitRows Unbox Union UnnestFrame"
    )
    assert transforms.__all__ == names.split()
    assert [transform.name() for transform in get_transforms()] == names.split()


def test_a_transform_is_found_by_its_name() -> None:
    assert get_transform("Join") is transforms.Join
    with pytest.raises(KeyError, match="Nothing"):
        get_transform("Nothing")


@pytest.mark.parametrize("transform", get_transforms(), ids=lambda one: one.name())
def test_every_transform_can_be_described(transform: type[GlueTransform]) -> None:
    described = describe_transform(transform.name())["transform"]
    assert described == {
        "name": transform.__name__,
        "args": transform.describeArgs(),
        "returns": transform.describeReturn(),
        "raises": transform.describeErrors(),
        "location": "internal",
    }
    assert transform.describeTransform().endswith(".")
    for argument in described["args"]:
        assert list(argument) == ["name", "type", "description", "optional", "defaultValue"]
    for error in described["raises"]:
        assert list(error) == ["type", "description"]


def test_arguments_with_and_without_defaults() -> None:
    arguments = {one["name"]: one for one in transforms.SplitRows.describeArgs()}
    assert arguments["frame"]["optional"] is False
    assert arguments["frame"]["defaultValue"] is None
    assert (arguments["name1"]["optional"], arguments["name1"]["defaultValue"]) == (True, "frame1")
    options = {one["name"]: one for one in transforms.Unbox.describeArgs()}["options"]
    assert (options["optional"], options["defaultValue"]) == (True, None)


def test_the_base_has_nothing_to_describe() -> None:
    for describe in (
        GlueTransform.describeArgs,
        GlueTransform.describeReturn,
        GlueTransform.describeTransform,
    ):
        with pytest.raises(NotImplementedError):
            describe()
    assert GlueTransform.describeErrors() == []
    assert transforms.Join() == transforms.Join() != transforms.Map()
