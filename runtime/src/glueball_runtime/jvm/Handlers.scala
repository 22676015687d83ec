package org.apache.spark.sql.glueball

import com.fasterxml.jackson.core.JsonParser
import org.apache.spark.sql.catalyst.InternalRow
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow
import org.apache.spark.unsafe.types.UTF8String

import scala.collection.mutable

/** What is done with the records of a text; all of a text count, or none. */
trait Handler {

  /** Takes a record; the parser stands on its beginning and is left on its end. */
  def record(parser: JsonParser): Unit
  def malformed(reason: String, input: String): Unit
  def commit(): Unit
  def rollback(): Unit
}

/** A handler that makes rows. */
abstract class Rowing extends Handler {
  private val rows = mutable.ArrayBuffer.empty[InternalRow]
  private var committed = 0
  private var given = 0

  protected def add(row: InternalRow): Unit = rows += row
  def commit(): Unit = committed = rows.length
  def rollback(): Unit = rows.remove(committed, rows.length - committed)

  /** Returns the next row that counts, or null. */
  def poll(): InternalRow =
    if (given < committed) {
      given += 1
      rows(given - 1)
    } else {
      rows.clear()
      committed = 0
      given = 0
      null
    }
}

final class Rows(path: String, cursor: Cursor, handler: Rowing) extends Iterator[InternalRow] {
  private var row: InternalRow = _
  private val one = () => cursor.advance(handler)

  def hasNext: Boolean = {
    if (row == null) row = handler.poll()
    while (row == null && Files.naming(path)(one())) row = handler.poll()
    if (row == null) row = handler.poll() // what the last text of the file held
    row != null
  }

  def next(): InternalRow = {
    if (!hasNext) throw new NoSuchElementException
    val ready = row
    row = null
    ready
  }
}

final class RowHandler(columns: Seq[ColumnKind]) extends Rowing {
  private val converter = new StructConverter(columns)

  def record(parser: JsonParser): Unit = add(converter.record(parser))
  def malformed(reason: String, input: String): Unit = ()
}

final class ErrorHandler(path: String, columns: Array[Int]) extends Rowing {
  def record(parser: JsonParser): Unit = parser.skipChildren()

  def malformed(reason: String, input: String): Unit = {
    val values = Array(reason, input, path).map(UTF8String.fromString)
    add(new GenericInternalRow(columns.map(at => values(at): Any)))
  }
}

final class TypeHandler(path: String, start: Long) extends Handler {
  private val journal = new Journal
  private val inference = new Inference(path, start, journal)
  private val pending = mutable.ArrayBuffer.empty[Malformed]
  private var texts = 0L
  val found: Found = new Found(new Shape(Place(path, start, 0)))

  def record(parser: JsonParser): Unit = inference.addObject(found.shape, parser)

  def malformed(reason: String, input: String): Unit = {
    texts += 1
    pending += Malformed(Place(path, start, texts), reason, input)
  }

  def commit(): Unit = {
    journal.commit()
    flush()
  }

  def rollback(): Unit = {
    journal.rollback()
    pending.clear()
  }

  private def flush(): Unit = if (pending.nonEmpty) {
    pending.foreach(found.addMalformed)
    pending.clear()
  }
}
