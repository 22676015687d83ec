package org.apache.spark.sql.glueball

import com.fasterxml.jackson.databind.ObjectMapper
import org.apache.hadoop.fs.Path
import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.execution.datasources.FileFormat
import org.apache.spark.sql.execution.datasources.HadoopFsRelation
import org.apache.spark.sql.execution.datasources.InMemoryFileIndex
import org.apache.spark.sql.execution.datasources.PartitionSpec
import org.apache.spark.sql.types.StringType
import org.apache.spark.sql.types.StructField
import org.apache.spark.sql.types.StructType

import scala.collection.JavaConverters._

/** Files that are read together. */
final class FileSet(spark: SparkSession, json: String) {
  private val node = new ObjectMapper().readTree(json)
  private val paths = node.get("paths").asScala.map(path => new Path(path.asText)).toList
  val partitions: List[String] = node.get("partitions").asScala.map(_.asText).toList

  def load(format: FileFormat, schema: StructType, partitioned: List[String]): DataFrame = {
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
