package org.apache.spark.sql.glueball

import java.util.{List => JavaList}
import java.util.{Map => JavaMap}

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import org.apache.hadoop.fs.Path
import org.apache.spark.TaskContext
import org.apache.spark.rdd.RDD
import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.execution.datasources.HadoopFsRelation
import org.apache.spark.sql.execution.datasources.InMemoryFileIndex
import org.apache.spark.sql.execution.datasources.PartitionSpec
import org.apache.spark.sql.types.StringType
import org.apache.spark.sql.types.StructField
import org.apache.spark.sql.types.StructType

import scala.collection.JavaConverters._

/** What Python calls. Structured arguments and answers are JSON texts. */
final class Reading {

  /** Finds the types of the records of files; see `Found.toJson`. */
  def types(spark: SparkSession, files: String, source: String): String = {
    val parsed = Sources.parse(source)
    val frame = new FileSet(spark, files).load(RecordFormat(parsed, FindTypes), Purpose.Types, Nil)
    val found = Passes.run(frame.rdd.map(_.getAs[Array[Byte]](0)))
    found.toJson(found.shape.record(parsed.flat))
  }

  /** Returns the records of files, of a type that was found in them. */
  def records(spark: SparkSession, files: String, source: String, kind: String): DataFrame = {
    val set = new FileSet(spark, files)
    val StructKind(all) = Kinds.parse(kind)
    val record = StructKind(all.filterNot(field => set.partitions.contains(field._1)))
    val fields = record.spark.fields
    val unique = Columns.unique(fields.map(_.name).toSeq, set.partitions)
    val columns = fields.zip(unique).map { case (field, name) => field.copy(name = name) }
    val purpose = ReadRecords(record)
    val frame = set.load(RecordFormat(Sources.parse(source), purpose), StructType(columns), set.partitions)
    frame.toDF(fields.map(_.name).toSeq ++ set.partitions: _*)
  }

  /** Returns the malformed texts of files: why, the text, the file. */
  def errors(spark: SparkSession, files: String, source: String): DataFrame =
    new FileSet(spark, files).load(RecordFormat(Sources.parse(source), ReadErrors), Purpose.Errors, Nil)

  /** Returns the records of csv files, all read alike. */
  def csv(
      spark: SparkSession,
      schema: String,
      options: JavaMap[String, String],
      paths: JavaList[String]): DataFrame = {
    val thread = Thread.currentThread
    val before = thread.getContextClassLoader
    thread.setContextClassLoader(getClass.getClassLoader) // Spark looks the format up by its name
    try
      spark.read
        .format(classOf[NamingCsv].getName)
        .schema(schema)
        .options(options)
        .load(paths.asScala.toSeq: _*)
    finally thread.setContextClassLoader(before)
  }

  /** Lists what is below a directory; see `Listing.below`. */
  def below(spark: SparkSession, directory: String): String =
    Listing.below(directory, spark.sessionState.newHadoopConf())

  /** Finds the type of the values of a column of JSON texts; see `Found.toJson`. */
  def columnTypes(texts: DataFrame): String = {
    val parts = texts.rdd.mapPartitionsWithIndex { (number, rows) =>
      val handler = new ValueTypes(number)
      rows.foreach(row => if (!row.isNullAt(0)) handler.add(row.getString(0)))
      Iterator(handler.found.toBytes)
    }
    val found = Passes.run(parts)
    found.toJson(found.shape.kind(flat = false))
  }

  /** Makes a SQL function of a session that parses a JSON text; null when it is malformed.
    *
    * @return its name
    */
  def function(spark: SparkSession, kind: String): String = {
    val name = "glueball_json_" + Integer.toHexString(kind.hashCode) + "_" + kind.length
    val parsed = Kinds.parse(kind)
    spark.sessionState.functionRegistry
      .createOrReplaceTempFunction(name, arguments => ParseJson(arguments.head, parsed), "scala_udf")
    name
  }
}

/** Names for Spark, which takes those that differ in case only for the same. */
object Columns {
  def unique(names: Seq[String], others: Seq[String]): Seq[String] = {
    val taken = scala.collection.mutable.Set(others.map(_.toLowerCase): _*)
    names.map { name =>
      val free = Iterator(name) ++ Iterator.from(2).map(number => s"$name $number")
      val chosen = free.find(one => !taken.contains(one.toLowerCase)).get
      taken += chosen.toLowerCase
      chosen
    }
  }
}

/** One look at all texts. */
object Passes {

  /** Brings together what the tasks found, as they end: their order does not matter. */
  def run(parts: RDD[Array[Byte]]): Found = {
    val merged = parts.mapPartitions(bytes => Found.merged(bytes).iterator)
    val all = new Found(new Shape(Place("\uffff", Long.MaxValue, Long.MaxValue)))
    val take = (_: TaskContext, bytes: Iterator[Array[Byte]]) =>
      if (bytes.hasNext) bytes.next() else null
    merged.sparkContext.runJob(
      merged,
      take,
      merged.partitions.indices,
      (_: Int, bytes: Array[Byte]) =>
        if (bytes != null) all.synchronized(all.merge(Found.fromBytes(bytes))))
    all
  }
}

/** Files that are read together. */
final class FileSet(spark: SparkSession, json: String) {
  private val node = new ObjectMapper().readTree(json)
  private val paths = node.get("paths").asScala.map(path => new Path(path.asText)).toList
  val partitions: List[String] = node.get("partitions").asScala.map(_.asText).toList

  def load(format: RecordFormat, schema: StructType, partitioned: List[String]): DataFrame = {
    val texts = StructType(partitioned.map(StructField(_, StringType)))
    val index =
      if (partitioned.isEmpty)
        new InMemoryFileIndex(
          spark, paths, Map.empty, None, userSpecifiedPartitionSpec = Some(PartitionSpec.emptySpec))
      else
        new InMemoryFileIndex(
          spark, paths, Map("basePath" -> node.get("base").asText), Some(texts))
    val relation = HadoopFsRelation(index, texts, schema, None, format, Map.empty)(spark)
    spark.baseRelationToDataFrame(relation)
  }
}

/** Sources as Python writes them. */
object Sources {
  def parse(json: String): Source = {
    val node = new ObjectMapper().readTree(json)
    node.get("format").asText match {
      case "xml" => xml(node)
      case "ion" => ion()
      case _ => this.json(node)
    }
  }

  /** By its name: it is there only where Ion's library is. */
  private def ion(): Source =
    Class
      .forName("org.apache.spark.sql.glueball.IonSource", true, getClass.getClassLoader)
      .getDeclaredConstructor()
      .newInstance()
      .asInstanceOf[Source]

  private def json(node: JsonNode): Source =
    JsonSource(
      multiline = node.get("multiline").asBoolean,
      steps = node.get("steps").asScala.map(step).toList,
      encoding = node.get("encoding").asText)

  private def xml(node: JsonNode): Source =
    XmlSource(
      rowTag = node.get("rowTag").asText,
      encoding = node.get("encoding").asText,
      attributes = node.get("attributes").asBoolean,
      emptyIsNull = node.get("emptyIsNull").asBoolean,
      attributePrefix = node.get("attributePrefix").asText,
      valueTag = node.get("valueTag").asText,
      trims = node.get("trims").asBoolean)

  private def step(node: JsonNode): Step =
    if (node.has("index")) IndexStep(node.get("index").asInt)
    else if (node.has("names")) NamesStep(node.get("names").asScala.map(_.asText).toSet)
    else AnyStep
}
