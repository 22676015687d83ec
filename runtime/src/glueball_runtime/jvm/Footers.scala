package org.apache.spark.sql.glueball

import java.io.IOException
import java.util.concurrent.ConcurrentHashMap

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.FileStatus
import org.apache.hadoop.fs.Path
import org.apache.parquet.HadoopReadOptions
import org.apache.parquet.format.converter.ParquetMetadataConverter.SKIP_ROW_GROUPS
import org.apache.parquet.hadoop.Footer
import org.apache.parquet.hadoop.ParquetFileReader
import org.apache.parquet.hadoop.util.HadoopInputFile
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.execution.datasources.orc.OrcUtils
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat
import org.apache.spark.sql.execution.datasources.parquet.ParquetToSparkSchemaConverter
import org.apache.spark.sql.types.StructType
import org.apache.spark.util.ThreadUtils

import scala.collection.JavaConverters._
import scala.util.control.NonFatal

/** What the ends of Parquet and ORC files say of their columns. */
object Footers {
  private val Threads = 8
  private val mapper = new ObjectMapper()

  /** Returns the schemas that there are, and the number of each file's, as JSON.
    *
    * @param files path and size of each, as JSON
    */
  def schemas(spark: SparkSession, format: String, files: String): String = {
    val read = reader(spark, format)
    val known = new ConcurrentHashMap[StructType, StructType]
    val wanted = mapper.readTree(files).asScala.map(status).toVector
    val found = ThreadUtils.parmap(wanted, "glueball-footers", Threads) { file =>
      val schema = naming(file.getPath)(read(file)).asNullable
      Option(known.putIfAbsent(schema, schema)).getOrElse(schema)
    }
    toJson(found)
  }

  private def status(node: JsonNode): FileStatus =
    new FileStatus(node.get(1).asLong, false, 1, 0L, 0L, new Path(node.get(0).asText))

  private def reader(spark: SparkSession, format: String): FileStatus => StructType = {
    val conf = spark.sessionState.newHadoopConf()
    if (format == "orc") orc(_, conf)
    else {
      val converter = new ParquetToSparkSchemaConverter(spark.sessionState.conf)
      parquet(_, conf, converter)
    }
  }

  private def parquet(
      file: FileStatus,
      conf: Configuration,
      converter: ParquetToSparkSchemaConverter): StructType = {
    val options = HadoopReadOptions.builder(conf).withMetadataFilter(SKIP_ROW_GROUPS).build()
    val open = ParquetFileReader.open(HadoopInputFile.fromStatus(file, conf), options)
    try ParquetFileFormat.readSchemaFromFooter(new Footer(file.getPath, open.getFooter), converter)
    finally open.close()
  }

  /** A file without columns has no schema. */
  private def orc(file: FileStatus, conf: Configuration): StructType =
    OrcUtils.readSchema(file.getPath, conf, ignoreCorruptFiles = false) match {
      case Some(schema) => OrcUtils.toCatalystSchema(schema)
      case None => new StructType
    }

  /** Parquet says by other errors than those of files that one is none of its own. */
  private def naming[T](path: Path)(work: => T): T =
    Files.naming(path.toString) {
      try work
      catch { case NonFatal(error) => throw new IOException(reason(error), error) }
    }

  private def reason(error: Throwable): String = {
    val first = Iterator.iterate(error)(_.getCause).takeWhile(_ != null).toSeq.last
    val said = Option(first.getMessage).getOrElse(first.getClass.getSimpleName)
    said.linesIterator.toSeq.headOption.getOrElse(said).stripSuffix(".")
  }

  private def toJson(found: Seq[StructType]): String = {
    val numbers = found.distinct.zipWithIndex.toMap
    val all = mapper.createObjectNode()
    val schemas = all.putArray("schemas")
    found.distinct.foreach(schema => schemas.add(mapper.readTree(schema.json)))
    val files = all.putArray("files")
    found.foreach(schema => files.add(numbers(schema)))
    mapper.writeValueAsString(all)
  }
}
