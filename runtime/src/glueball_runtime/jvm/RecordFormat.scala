package org.apache.spark.sql.glueball

import java.io.InputStreamReader
import java.nio.charset.Charset
import java.nio.charset.StandardCharsets.UTF_8

import com.fasterxml.jackson.core.JsonParser
import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.FileStatus
import org.apache.hadoop.fs.Path
import org.apache.hadoop.mapreduce.Job
import org.apache.spark.TaskContext
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.InternalRow
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow
import org.apache.spark.sql.execution.datasources.OutputWriterFactory
import org.apache.spark.sql.execution.datasources.PartitionedFile
import org.apache.spark.sql.execution.datasources.TextBasedFileFormat
import org.apache.spark.sql.sources.Filter
import org.apache.spark.sql.types._
import org.apache.spark.unsafe.types.UTF8String
import org.apache.spark.util.SerializableConfiguration

import scala.collection.mutable

/** How the texts of files are told apart and read. */
trait Source extends Serializable {

  /** Whether an array of one value is no array. */
  def flat: Boolean = false

  def splits: Boolean

  /** @param kind what is to be read, once that is known */
  def open(file: PartitionedFile, conf: Configuration, kind: Option[StructKind]): Cursor
}

final case class JsonSource(multiline: Boolean, steps: Seq[Step], encoding: String) extends Source {
  private def utf8 = Charset.forName(encoding) == UTF_8
  def splits: Boolean = !multiline && utf8

  def open(file: PartitionedFile, conf: Configuration, kind: Option[StructKind]): Cursor =
    if (splits) new LineCursor(file, conf, steps.toArray)
    else if (!multiline) new DecodedLineCursor(Files.reader(file, conf, encoding), steps.toArray)
    else if (utf8) bytes(file, conf)
    else characters(file, conf)

  private def bytes(file: PartitionedFile, conf: Configuration): Cursor =
    new StreamCursor(
      _.createParser(Files.stream(file, conf)),
      offset => new InputStreamReader(Files.skip(Files.stream(file, conf), offset), UTF_8),
      steps.toArray)

  private def characters(file: PartitionedFile, conf: Configuration): Cursor =
    new StreamCursor(
      _.createParser(Files.reader(file, conf, encoding)),
      offset => Files.skip(Files.reader(file, conf, encoding), offset),
      steps.toArray)
}

/** What is made of the texts. */
sealed trait Purpose extends Serializable
final case class ReadRecords(kind: StructKind) extends Purpose
case object FindTypes extends Purpose
case object ReadErrors extends Purpose

object Purpose {
  val Types: StructType = StructType(Seq(StructField("found", BinaryType)))
  val Errors: StructType =
    StructType(Seq("msg", "input", "source").map(StructField(_, StringType)))
}

/** Files as a source of rows for Spark, which prunes columns, splits and packs files as ever. */
final case class RecordFormat(source: Source, purpose: Purpose) extends TextBasedFileFormat {
  override def toString: String = "Glueball"

  override def isSplitable(
      spark: SparkSession,
      options: Map[String, String],
      path: Path): Boolean = source.splits && super.isSplitable(spark, options, path)

  def inferSchema(
      spark: SparkSession,
      options: Map[String, String],
      files: Seq[FileStatus]): Option[StructType] = None

  def prepareWrite(
      spark: SparkSession,
      job: Job,
      options: Map[String, String],
      schema: StructType): OutputWriterFactory =
    throw new UnsupportedOperationException("This source is only read.")

  override def supportDataType(dataType: DataType): Boolean = true

  override def buildReader(
      spark: SparkSession,
      dataSchema: StructType,
      partitionSchema: StructType,
      requiredSchema: StructType,
      filters: Seq[Filter],
      options: Map[String, String],
      hadoopConf: Configuration): PartitionedFile => Iterator[InternalRow] = {
    val conf = spark.sparkContext.broadcast(new SerializableConfiguration(hadoopConf))
    val texts = source
    val wanted = purpose match {
      case ReadRecords(kind) => ReadRecords(RecordFormat.pruned(kind, dataSchema, requiredSchema))
      case other => other
    }
    val columns = requiredSchema.fieldNames.map(Purpose.Errors.fieldNames.indexOf(_))
    file => RecordFormat.rows(texts, wanted, columns, file, conf.value.value)
  }
}

object RecordFormat {

  /** Names may differ in case only, and may be changed for Spark: places tell fields apart. */
  private def pruned(kind: StructKind, data: StructType, required: StructType): StructKind = {
    val places = data.fieldNames.zipWithIndex.toMap
    StructKind(required.fieldNames.toList.map(name => kind.fields(places(name))))
  }

  private def rows(
      source: Source,
      purpose: Purpose,
      columns: Array[Int],
      file: PartitionedFile,
      conf: Configuration): Iterator[InternalRow] = {
    val path = file.toPath.toString
    val kind = Some(purpose).collect { case ReadRecords(wanted) => wanted }
    val cursor = Files.naming(path)(source.open(file, conf, kind))
    Option(TaskContext.get()).foreach(_.addTaskCompletionListener[Unit](_ => cursor.close()))
    purpose match {
      case ReadRecords(kind) => new Rows(path, cursor, new RowHandler(kind))
      case ReadErrors => new Rows(path, cursor, new ErrorHandler(path, columns))
      case FindTypes =>
        val handler = new TypeHandler(path, file.start)
        Files.naming(path)(while (cursor.advance(handler)) {})
        Iterator(InternalRow(handler.found.toBytes))
    }
  }
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

final class RowHandler(kind: StructKind) extends Rowing {
  private val converter = new StructConverter(kind.fields)

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
