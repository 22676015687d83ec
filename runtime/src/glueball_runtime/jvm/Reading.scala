package org.apache.spark.sql.glueball

import java.nio.charset.StandardCharsets.UTF_8
import java.util.UUID
import java.util.{List => JavaList}
import java.util.{Map => JavaMap}

import org.apache.spark.TaskContext
import org.apache.spark.rdd.RDD
import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.InternalRow
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
    val record = StructKind(all.filterNot(field => set.partitions.contains(field.name)))
    val fields = record.spark.fields
    val unique = Columns.unique(fields.map(_.name).toSeq, set.partitions)
    val columns = fields.zip(unique).map { case (field, name) => field.copy(name = name) }
    val format = RecordFormat(Sources.parse(source), ReadRecords(record.columns))
    val frame = set.load(format, StructType(columns), set.partitions)
    frame.toDF(fields.map(_.name).toSeq ++ set.partitions: _*)
  }

  /** Returns the malformed texts of files: why, the text, the file. */
  def errors(spark: SparkSession, files: String, source: String): DataFrame =
    new FileSet(spark, files)
      .load(RecordFormat(Sources.parse(source), ReadErrors), Purpose.Errors, Nil)

  /** Returns the schemas of Parquet or ORC files; see `Footers.schemas`. */
  def schemas(spark: SparkSession, format: String, files: String): String =
    Footers.schemas(spark, format, files)

  /** Returns the records of csv files, all read alike.
    *
    * `GlueCsv.StandIn` is in the place of a separator of several characters within values.
    */
  def csv(
      spark: SparkSession,
      schema: String,
      options: JavaMap[String, String],
      paths: JavaList[String]): DataFrame =
    load(classOf[NamingCsv], spark, schema, options, paths)

  /** Returns the lines of files. */
  def text(
      spark: SparkSession,
      schema: String,
      options: JavaMap[String, String],
      paths: JavaList[String]): DataFrame =
    load(classOf[NamingText], spark, schema, options, paths)

  private def load(
      format: Class[_],
      spark: SparkSession,
      schema: String,
      options: JavaMap[String, String],
      paths: JavaList[String]): DataFrame = {
    val thread = Thread.currentThread
    val before = thread.getContextClassLoader
    thread.setContextClassLoader(getClass.getClassLoader) // Spark looks the format up by its name
    try
      spark.read
        .format(format.getName)
        .schema(schema)
        .options(options)
        .load(paths.asScala.toSeq: _*)
    finally thread.setContextClassLoader(before)
  }

  /** Lists what is below a directory; see `Listing.below`. */
  def below(spark: SparkSession, directory: String): String =
    Listing.below(directory, spark.sessionState.newHadoopConf())

  /** Returns the rows that a plan gives as a source; see `Settled`. */
  def settled(spark: SparkSession, rows: RDD[InternalRow]): RDD[InternalRow] = Settled(spark, rows)

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
    val digest = UUID.nameUUIDFromBytes(kind.getBytes(UTF_8)).toString.replace("-", "")
    val name = s"glueball_json_$digest"
    val parsed = Kinds.parse(kind)
    spark.sessionState.functionRegistry.createOrReplaceTempFunction(
      name,
      arguments => ParseJson(arguments.head, parsed),
      "scala_udf")
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
  private val FewestTasks = 64
  private val TasksPerCore = 8

  /** Brings together what the tasks found, as they end: their order does not matter. */
  def run(parts: RDD[Array[Byte]]): Found = {
    // Of many small files, a task for every few would take longer than their texts.
    val tasks = math.max(FewestTasks, TasksPerCore * parts.sparkContext.defaultParallelism)
    val merged = parts.coalesce(tasks).mapPartitions(bytes => Found.merged(bytes).iterator)
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
