"""The language: what is DQDL, what is not, and what is said of it then."""

from __future__ import annotations

import pytest

from awsgluedq._dqdl.model import Check, Composite
from awsgluedq._dqdl.parser import parse
from awsgluedq._dqdl.rule_types import RULE_TYPES
from awsgluedq._errors import DataQualityError, RulesetSyntaxError

#: One rule of each type and form, as results write it.
CANONICAL = [
    "RowCount = 100",
    "RowCount != 100",
    "RowCount > -100",
    'RowCount = 100 where "a > 100"',
    "RowCount between (0.9 * avg(last(10))) and 1.1 * avg(last(10))",
    "RowCount not between 1 and 2",
    "RowCount > index(last(3), 1)",
    "RowCount > abs(last())",
    'RowCountMatch "reference" >= 0.95',
    'Completeness "col_1" between 0.5 and 0.8',
    "Completeness of col_1 between 0.5 and 0.8",
    'Completeness "c" > 0.5 where "d = \'x\'"',
    'IsComplete "col 1"',
    'IsPrimaryKey "a" "b" "c"',
    'IsPrimaryKey a "b"',
    'IsUnique "a" where "b > 1"',
    'ColumnDataType "a" = "Integer" with threshold between 0.4 and 0.8',
    'ColumnDataType "a" != "Date" with format = "dd/MM/yyyy"',
    'ColumnNamesMatchPattern "aws_.*_[a-zA-Z0-9]+"',
    'ColumnExists "a"',
    "ColumnCount >= 100",
    "ColumnCount = avg(last(10)) + std(last(10)) / 2",
    'ColumnCorrelation "a" "b" between -0.4 and 0.8',
    'ColumnCorrelation of a and "b c" between 0.4 and 0.8',
    'Uniqueness "a" "b" > 0.5',
    'ColumnValues "a" between "2022-06-01" and "2022-06-30"',
    'ColumnValues "a" > (now() - 1 days)',
    'ColumnValues "a" in [now(),(now() - 3 hours)]',
    'ColumnValues "a" in [1,-2,3.5]',
    'ColumnValues "a" not in ["1","2",NULL,EMPTY,WHITESPACES_ONLY]',
    'ColumnValues "a" = NULL',
    'ColumnValues "a" matches "[a-z]\\.csv$" with threshold <= 0.4',
    'ColumnValues "a" not matches "[a-z]*"',
    'ColumnValues "a" in ["A"] where "b is not null" with threshold not between 0.1 and 0.2',
    'ColumnLength "a" = 5',
    'DataFreshness "a" between 2 days and 5 days',
    'DataFreshness "a" <= 90 minutes',
    'ReferentialIntegrity "a,b" "ref.{c,d}" = 0.99',
    'DatasetMatch "ref" "a->b,c" "d->e" >= 0.9',
    'SchemaMatch "ref" = 1.0',
    'AggregateMatch "sum(a)" "sum(ref.a)" > 0.1',
    'CustomSql "select count(*) from primary" > 0',
    'CustomSql "select a from primary" with threshold > 0.5',
    'Mean "a" > 1',
    'Sum "a" > 1000',
    'StandardDeviation "a" <= 1.5',
    'Entropy "a" > 1',
    'DistinctValuesCount "a" < 4',
    'UniqueValueRatio "a" >= 0.5',
    'DetectAnomalies "RowCount"',
    'DetectAnomalies of Completeness of "a"',
    'FileFreshness "s3://b/p" between (now() - 45 minutes) and now()',
    'FileFreshness > "9:30 AM" with timeZone = "America/New_York"',
    'FileFreshness > (now() - 1 days) with recentFiles = 1 with uriRegex = "x" '
    'with filterOrder = ["uriRegex","recentFiles"]',
    'FileMatch "s3://b/p" in ["abc"] with hashAlgorithm = "MD5"',
    'FileMatch "s3://b/one" "s3://b/two"',
    "FileSize between 1 B and 1 GB with threshold > 0.7",
    "FileSize > 5",
    "FileUniqueness > 0.5",
    '(RowCount > 0) AND (IsComplete "a") AND (IsUnique "a")',
    '(RowCount > 0) OR ((IsComplete "a") AND (IsUnique "a"))',
    'FileSize < 5 B labels=["k"="v", "l"=""]',
    '((RowCount > 0) OR (IsUnique "a")) labels=["k"="v"]',
    'ColumnValues "the \\"name\\"" = "a\\"b"',
]


@pytest.mark.parametrize("rule", CANONICAL, ids=CANONICAL)
def test_a_rule_is_written_as_it_was_read(rule: str) -> None:
    (read,) = parse(f"Rules = [ {rule} ]").rules
    assert str(read) == rule


def test_every_rule_type_is_read() -> None:
    read = {check.type for rule in CANONICAL for check in parse(f"Rules=[{rule}]").checks()}
    assert read == {name for name, known in RULE_TYPES.items() if known.rule}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('(IsComplete "a") and (IsUnique "a")', id="small letters"),
        pytest.param('IsComplete "a" and IsUnique "a"', id="no parentheses"),
        pytest.param('((IsComplete "a")) AND ((IsUnique "a"))', id="too many"),
        pytest.param('(IsComplete "a" # why\n) and // how\n (IsUnique "a")', id="comments"),
    ],
)
def test_forms_of_a_composite_rule(text: str) -> None:
    (rule,) = parse(f"Rules = [{text}]").rules
    assert str(rule) == '(IsComplete "a") AND (IsUnique "a")'


def test_and_binds_tighter_than_or() -> None:
    (rule,) = parse("Rules=[(RowCount > 1) or (RowCount > 2) and (RowCount > 3)]").rules
    assert str(rule) == "(RowCount > 1) OR ((RowCount > 2) AND (RowCount > 3))"
    assert isinstance(rule.expression, Composite)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        pytest.param(
            'ColumnValues "a" in [null, empty]', 'ColumnValues "a" in [NULL,EMPTY]', id="keywords"
        ),
        pytest.param(
            'CustomSQL "select 1" > 0', 'CustomSql "select 1" > 0', id="AWS's other spelling"
        ),
        pytest.param(
            'Completeness "a" = "1.0"', 'Completeness "a" = "1.0"', id="a number in quotes"
        ),
        pytest.param('RowCount "id" > 100', 'RowCount "id" > 100', id="as in AWS's example"),
        pytest.param("RowCount>1", "RowCount > 1", id="no spaces"),
        pytest.param('ColumnValues "a"\n  > 1', 'ColumnValues "a" > 1', id="two lines"),
        pytest.param(
            'IsComplete "in between, and # not //"',
            'IsComplete "in between, and # not //"',
            id="words in names",
        ),
    ],
)
def test_other_forms(text: str, canonical: str) -> None:
    assert [str(rule) for rule in parse(f"Rules=[{text}]").rules] == [canonical]


def test_sections() -> None:
    ruleset = parse(
        """
        Metadata = { "Version": "1.0" }
        DataSources = { "Primary": "a", "AdditionalDataSources": ["b", "c"] }
        DefaultLabels = ["team"="sales", "often"="daily"]
        mySql = "select count(*) from primary"
        states = ["NY", "CA"]
        limit = 10
        Rules = [
            CustomSql $mySql between 0 and $limit,
            ColumnValues "state" in $states labels=["often"="hourly", "x"="y"]
        ]
        Analyzers = [
            Distribution "a" with bins = 10, rebin = false,
            Distribution AllColumns, ColumnLength "b" where "c > 1"
        ]
        """
    )
    sql, states = ruleset.rules
    assert str(sql) == 'CustomSql "select count(*) from primary" between 0 and 10'
    assert sql.labels == {"team": "sales", "often": "daily"}
    assert str(states.expression) == 'ColumnValues "state" in ["NY","CA"]'
    assert states.labels == {"team": "sales", "often": "hourly", "x": "y"}
    assert [str(one) for one in ruleset.analyzers] == [
        'Distribution "a" with bins = 10 with rebin = false',
        "Distribution AllColumns",
        'ColumnLength "b" where "c > 1"',
    ]


def test_analyzers_need_no_rules() -> None:
    assert parse('Analyzers = [Mean "a"]').rules == ()


def test_equal_rules_are_equal_wherever_they_stand() -> None:
    one, other = parse('Rules=[IsUnique "a",\n IsUnique "a"]').checks()
    assert isinstance(one, Check)
    assert one == other
    assert hash(one) == hash(other)
    assert (one.line, one.column, other.line, other.column) == (1, 8, 2, 2)


@pytest.mark.parametrize(
    ("text", "line", "column", "expected"),
    [
        pytest.param("Rules = [ RowCount > ]", 1, 22, "a number", id="no operand"),
        pytest.param("Rules = [\n  RowCount > 3", 2, 15, "']'", id="not closed"),
        pytest.param("Rules = [ RowCount > 3, ]", 1, 25, "a name", id="a comma too many"),
        pytest.param("rules = [ RowCount > 3 ]", 1, 1, "'Rules'", id="a small letter"),
        pytest.param("\n rules=[ RowCount > 3 ]", 2, 2, "'Rules'", id="in the second line"),
        pytest.param('rules=["a"] Rules=[ RowCount > ]', 1, 32, "a number", id="a constant"),
        pytest.param("", 1, 1, "'Rules'", id="nothing"),
        pytest.param(
            "Rules = [ ColumnValues \"a\" = 'x' ]", 1, 30, "double quotes", id="single quotes"
        ),
        pytest.param('Rules = [ IsComplete "a ]', 1, 22, "double quotes", id="quote not closed"),
        pytest.param('Rules = [ ColumnValues "a" in [] ]', 1, 32, "a number", id="empty list"),
        pytest.param('Rules = [ (IsComplete "a" ]', 1, 27, "')'", id="parenthesis not closed"),
        pytest.param('Rules = [ IsComplete "a" ] x', 1, 29, "'='", id="more behind the rules"),
        pytest.param("Rules = [ RowCount > 3 x ]", 1, 24, "'with'", id="a word too many"),
        pytest.param(
            'Rules = [ (IsUnique "a" labels=["k"="v"]) and (RowCount > 0) ]',
            1,
            25,
            "')'",
            id="labels inside",
        ),
    ],
)
def test_what_is_no_dqdl(text: str, line: int, column: int, expected: str) -> None:
    with pytest.raises(RulesetSyntaxError) as caught:
        parse(text)
    error = caught.value
    assert (error.line, error.column) == (line, column)
    assert any(expected in name for name in error.expected), error.expected
    assert str(error).startswith(f"Line {line}, column {column} of the ruleset: unexpected ")


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        pytest.param("", "There is no rule. Write Rules = [ RowCount > 0 ].", id="no rules"),
        pytest.param(
            'IsComplet "a"', "no rule type IsComplet. Did you mean IsComplete?", id="unknown type"
        ),
        pytest.param('isUnique "a"', "Did you mean IsUnique?", id="the case counts"),
        pytest.param('Nonsense "a"', "There are: AggregateMatch,", id="nothing near"),
        pytest.param(
            'IsComplete "a" IsUnique "b"', "A comma is missing before IsUnique.", id="no comma"
        ),
        pytest.param("Mean > 3", "Mean takes 1 parameter(s), and has 0.", id="no column"),
        pytest.param(
            "IsUnique", "IsUnique takes at least 1 parameter(s), and has 0.", id="no columns"
        ),
        pytest.param('DatasetMatch "a" > 1', "takes 2 to 3 parameter(s), and has 1.", id="too few"),
        pytest.param('Mean "a"', 'Mean needs a condition, as in: Mean "a" > 0.', id="no condition"),
        pytest.param(
            'IsComplete "a" > 0.5', "takes no condition; remove '> 0.5'.", id="a condition"
        ),
        pytest.param('Mean "a" > "b"', 'compared with a number; "b" is a text.', id="a text"),
        pytest.param('Mean "a" > now()', "compared with a number; now() is a date.", id="a date"),
        pytest.param(
            'DataFreshness "a" > 3', "with a length of time; 3 is a number.", id="no unit"
        ),
        pytest.param('DataFreshness "a" > 3 MB', "3 MB is a size.", id="a wrong unit"),
        pytest.param('Mean "a" = NULL', "NULL is for ColumnValues only.", id="a keyword"),
        pytest.param('Mean "a" matches "x"', "Mean does not know 'matches'.", id="a pattern"),
        pytest.param('ColumnDataType "a" in ["Date"]', "does not know 'in'.", id="types in a list"),
        pytest.param(
            'Mean "a" > 1 with threshold > 0.5', "Mean takes no threshold.", id="a threshold"
        ),
        pytest.param(
            'ColumnValues "a" > 1 with threshold > "x"', "is a text.", id="threshold of text"
        ),
        pytest.param('CustomSql "s" > 1 with threshold > 0.5', "not both.", id="both"),
        pytest.param(
            "RowCount > percentile(last(3))", "no function percentile.", id="unknown function"
        ),
        pytest.param("RowCount > now(3)", "now() takes nothing.", id="now of something"),
        pytest.param(
            'ColumnValues "a" > now() - 3', "cannot be calculated.", id="date minus number"
        ),
        pytest.param(
            'AllStatistics "a"', "is an analyzer. Write it in Analyzers = [ ].", id="an analyzer"
        ),
        pytest.param(
            'DetectAnomalies "IsUnique" "a"', "DetectAnomalies watches one of", id="not watched"
        ),
        pytest.param(
            'DetectAnomalies "Mean"', "Mean needs its own parameters behind", id="watched column"
        ),
        pytest.param(
            "CustomSql $x > 1", '$x is not defined. Write x = "…" before', id="no constant"
        ),
        pytest.param(
            '(IsUnique "a") and (RowCount > 0) labels=["k"="v"]',
            "Put it in parentheses",
            id="labels of what?",
        ),
        pytest.param(
            f'RowCount > 0 labels=["k"="{"v" * 257}"]', "values of up to 256", id="long label"
        ),
        pytest.param('RowCount > 0 labels=[""="v"]', "keys of 1 to 128", id="empty key"),
        pytest.param(
            "RowCount > 0 labels=[" + ",".join(f'"{n}"="v"' for n in range(11)) + "]",
            "at most 10 labels",
            id="many labels",
        ),
    ],
)
def test_what_no_rule_can_mean(rules: str, reason: str) -> None:
    with pytest.raises(DataQualityError) as caught:
        parse(f"Rules = [ {rules} ]")
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param('Analyzers=[IsUnique "a"]', "IsUnique is a rule.", id="a rule"),
        pytest.param("Analyzers=[Mean]", "Mean takes 1 parameter(s)", id="no column"),
        pytest.param('x=["a"] Rules=[CustomSql $x > 1]', "$x is not a text.", id="list for a text"),
        pytest.param(
            'x=["a"] Rules=[ColumnValues "a" = $x]', "$x is a list.", id="list for a value"
        ),
    ],
)
def test_what_no_document_can_mean(text: str, reason: str) -> None:
    with pytest.raises(DataQualityError) as caught:
        parse(text)
    assert reason in str(caught.value)
