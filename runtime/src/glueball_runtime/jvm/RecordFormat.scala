package org.apache.spark.sql.glueball

import java.io.InputStreamReader
import java.nio.charset.Charset
import java.nio.charset.StandardCharsets.UTF_8

import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.FileStatus
import org.apache.hadoop.fs.Path
import org.apache.hadoop.mapreduce.Job
import org.apache.spark.TaskContext
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.InternalRow
import org.apache.spark.sql.execution.datasources.OutputWriterFactory
import org.apache.spark.sql.execution.datasources.PartitionedFile
import org.apache.spark.sql.execution.datasources.TextBasedFileFormat
import org.apache.spark.sql.sources.Filter
import org.apache.spark.sql.types._
import org.apache.spark.util.SerializableConfiguration

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
final case class ReadRecords(columns: Seq[ColumnKind]) extends Purpose {
  def kind: StructKind = StructKind(columns.map(_.field).distinct)
}
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
      case ReadRecords(all) => ReadRecords(RecordFormat.pruned(all, dataSchema, requiredSchema))
      case other => other
    }
    val columns = requiredSchema.fieldNames.map(Purpose.Errors.fieldNames.indexOf(_))
    file => RecordFormat.rows(texts, wanted, columns, file, conf.value.value)
  }
}

object RecordFormat {

  /** Names may differ in case only, and may be changed for Spark: places tell fields apart. */
  private def pruned(
      columns: Seq[ColumnKind],
      data: StructType,
      required: StructType): Seq[ColumnKind] = {
    val places = data.fieldNames.zipWithIndex.toMap
    required.fieldNames.toList.map(name => columns(places(name)))
  }

  private def rows(
      source: Source,
      purpose: Purpose,
      columns: Array[Int],
      file: PartitionedFile,
      conf: Configuration): Iterator[InternalRow] = {
    val path = file.toPath.toString
    val kind = Some(purpose).collect { case wanted: ReadRecords => wanted.kind }
    val cursor = Files.naming(path)(source.open(file, conf, kind))
    Option(TaskContext.get()).foreach(_.addTaskCompletionListener[Unit](_ => cursor.close()))
    purpose match {
      case ReadRecords(wanted) => new Rows(path, cursor, new RowHandler(wanted))
      case ReadErrors => new Rows(path, cursor, new ErrorHandler(path, columns))
      case FindTypes =>
        val handler = new TypeHandler(path, file.start)
        Files.naming(path)(while (cursor.advance(handler)) {})
        Iterator(InternalRow(handler.found.toBytes))
    }
  }
}
