"""The built-in classifiers, asked in AWS's order: the first that recognises a file decides.

https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html. Those for binary JSON, XML, Ion and
logs are not there yet: such files are UNKNOWN, and the reason says so.
"""

from __future__ import annotations

from typing import Final

from glueball.crawl.classifiers import avro_files, column_files, csv_files, json_files
from glueball.crawl.classifiers.texts import text_of
from glueball.crawl.kinds import UNKNOWN, Classified, Kind
from glueball.crawl.samples import Sample

_CLASSIFIERS: Final = (
    avro_files.recognise,
    column_files.recognise_orc,
    column_files.recognise_parquet,
    json_files.recognise,
    csv_files.recognise,
)
#: what files begin with that nothing here reads
_OTHERS: Final = {
    b"Obj\x01": "it is a damaged Avro file",
    b"ORC": "it is a damaged ORC file",
    b"PAR1": "it is a damaged Parquet file",
    b"PARE": "it is a Parquet file with an encrypted footer",
    b"PK\x03\x04": "it is a ZIP archive; unpack it, or pack it with gzip",
    b"\x28\xb5\x2f\xfd": "it is packed with zstd; only gzip and bzip2 can be read",
    b"\xfd7zXZ": "it is packed with xz; only gzip and bzip2 can be read",
    b"\x04\x22\x4d\x18": "it is packed with LZ4; only gzip and bzip2 can be read",
    b"\xff\x06\x00\x00sNaPpY": "it is packed with Snappy; only gzip and bzip2 can be read",
    b"\xe0\x01\x00\xea": "Ion is not read yet",
}


def classify(sample: Sample) -> Classified:
    """Return what a file is.

    Raises:
        ObjectGone: it is no longer there.
    """
    for recognise in _CLASSIFIERS:
        found = recognise(sample)
        if found is not None:
            return found
    return Classified(
        kind=Kind(classification=UNKNOWN, compression=sample.compression), reason=_reason(sample)
    )


def _reason(sample: Sample) -> str:
    for magic, reason in _OTHERS.items():
        if sample.magic.startswith(magic):
            return reason
    beginning = sample.beginning()
    text = text_of(beginning)
    if not beginning.data:
        return "it holds nothing, or is damaged"
    if text is None:
        return "it is neither text in UTF-8 nor of a format that is known"
    if text.lstrip().startswith("<"):
        return "XML is not read yet"
    if text.lstrip().startswith(("{", "[")):
        return "it begins as JSON does, but is damaged, or no record ends in its first 10 MB"
    return "it is text, but neither JSON nor csv with two columns and two rows"
