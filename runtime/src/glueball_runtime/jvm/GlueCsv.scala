package org.apache.spark.sql.glueball

import java.io.PushbackReader
import java.io.Reader
import java.nio.charset.StandardCharsets.UTF_8

import com.univocity.parsers.csv.CsvParserSettings
import org.apache.commons.io.input.ReaderInputStream
import org.apache.hadoop.conf.Configuration
import org.apache.spark.TaskContext
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.InternalRow
import org.apache.spark.sql.catalyst.csv.CSVHeaderChecker
import org.apache.spark.sql.catalyst.csv.CSVOptions
import org.apache.spark.sql.catalyst.csv.UnivocityParser
import org.apache.spark.sql.execution.datasources.HadoopFileLinesReader
import org.apache.spark.sql.execution.datasources.PartitionedFile
import org.apache.spark.sql.execution.datasources.csv.CSVDataSource
import org.apache.spark.sql.execution.datasources.csv.CSVFileFormat
import org.apache.spark.sql.sources.Filter
import org.apache.spark.sql.types.StructType
import org.apache.spark.util.SerializableConfiguration

/** Csv as Glue reads it: what is empty is an empty text, and what a short row lacks is null.
  *
  * Spark takes both for null, and does not even know how long a row is when it parses some of its
  * columns only: so all are parsed.
  *
  * Where a separator has several characters, Spark's parser adds a quote to a last value that ends
  * with one. So a character that no text holds stands for the separator, also in what is read:
  * whoever asked puts it back.
  */
class GlueCsv extends CSVFileFormat {
  override def buildReader(
      spark: SparkSession,
      dataSchema: StructType,
      partitionSchema: StructType,
      requiredSchema: StructType,
      filters: Seq[Filter],
      options: Map[String, String],
      hadoopConf: Configuration): PartitionedFile => Iterator[InternalRow] = {
    val conf = spark.sparkContext.broadcast(new SerializableConfiguration(hadoopConf))
    val zone = spark.sessionState.conf.sessionLocalTimeZone
    val format = GlueCsv.Format(options, zone, dataSchema, requiredSchema)
    file => format.rows(file, conf.value.value)
  }
}

object GlueCsv {

  /** A code point that Unicode keeps out of texts. */
  val StandIn: Char = '\ufdd0'

  /** `nullValue` remains the text that stands for null: one that no field has. */
  final class Options(given: Map[String, String], prunes: Boolean, zone: String)
      extends CSVOptions(given, prunes, zone) {
    override def asParserSettings: CsvParserSettings = {
      val settings = super.asParserSettings
      settings.setNullValue("")
      settings
    }
  }

  final case class Format(
      given: Map[String, String],
      zone: String,
      data: StructType,
      required: StructType) {
    private val separator = given("sep")

    def rows(file: PartitionedFile, conf: Configuration): Iterator[InternalRow] = {
      val asked = changed(Map.empty)
      if (separator.length == 1)
        CSVDataSource(asked).readFile(conf, file, parser(asked), header(asked, file), required)
      else if (asked.multiLine) stream(file, conf, asked)
      else lines(file, conf, asked)
    }

    private def lines(file: PartitionedFile, conf: Configuration, options: Options) = {
      val reader = new HadoopFileLinesReader(file, options.lineSeparatorInRead, conf)
      Option(TaskContext.get()).foreach(_.addTaskCompletionListener[Unit](_ => reader.close()))
      val texts = reader.map(line => new String(line.getBytes, 0, line.getLength, options.charset))
      UnivocityParser.parseIterator(
        texts.map(_.replace(separator, StandIn.toString)),
        parser(options),
        header(options, file),
        required)
    }

    private def stream(file: PartitionedFile, conf: Configuration, asked: Options) = {
      val text = new Separated(Files.reader(file, conf, asked.charset), separator)
      Option(TaskContext.get()).foreach(_.addTaskCompletionListener[Unit](_ => text.close()))
      val options = changed(Map("encoding" -> UTF_8.name))
      UnivocityParser.parseStream(
        new ReaderInputStream(text, UTF_8), parser(options), header(options, file), required)
    }

    private def changed(more: Map[String, String]): Options = {
      val one = if (separator.length == 1) separator else StandIn.toString
      new Options(given - "sep" + ("sep" -> one) ++ more, prunes, zone)
    }

    /** Rows that are only counted need no parser. */
    private def prunes = required.isEmpty

    private def own(schema: StructType) =
      StructType(schema.filterNot(_.name == given("columnNameOfCorruptRecord")))

    private def parser(options: Options) =
      new UnivocityParser(own(data), own(required), options)

    private def header(options: Options, file: PartitionedFile) =
      new CSVHeaderChecker(
        own(if (prunes) required else data), options, file.toPath.toString, file.start == 0)
  }
}

/** A text with one character in the place of a separator of several. */
final class Separated(text: Reader, separator: String) extends Reader {
  private val in = new PushbackReader(text, separator.length)
  private val rest = new Array[Char](separator.length - 1)

  override def read(): Int = {
    val first = in.read()
    if (first != separator.charAt(0)) return first
    var found = 0
    var next = 0
    while (found < rest.length && next >= 0) {
      next = in.read()
      if (next >= 0) {
        rest(found) = next.toChar
        found += 1
      }
    }
    if (found == rest.length && separator.endsWith(new String(rest))) return GlueCsv.StandIn
    in.unread(rest, 0, found)
    first
  }

  def read(into: Array[Char], offset: Int, length: Int): Int = {
    var count = 0
    while (count < length) {
      val c = read()
      if (c < 0) return if (count == 0) -1 else count
      into(offset + count) = c.toChar
      count += 1
    }
    count
  }

  def close(): Unit = in.close()
}
