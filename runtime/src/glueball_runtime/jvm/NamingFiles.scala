package org.apache.spark.sql.glueball

import org.apache.hadoop.conf.Configuration
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.InternalRow
import org.apache.spark.sql.execution.datasources.FileFormat
import org.apache.spark.sql.execution.datasources.PartitionedFile
import org.apache.spark.sql.execution.datasources.text.TextFileFormat
import org.apache.spark.sql.sources.Filter
import org.apache.spark.sql.types.StructType

/** Spark's readers of texts, which do not say themselves in which file they failed. */
trait NamingFiles extends FileFormat {
  override def buildReader(
      spark: SparkSession,
      dataSchema: StructType,
      partitionSchema: StructType,
      requiredSchema: StructType,
      filters: Seq[Filter],
      options: Map[String, String],
      hadoopConf: Configuration): PartitionedFile => Iterator[InternalRow] = {
    val read = super.buildReader(
      spark, dataSchema, partitionSchema, requiredSchema, filters, options, hadoopConf)
    file => {
      val path = file.toPath.toString
      val rows = Files.naming(path)(read(file))
      new Iterator[InternalRow] {
        def hasNext: Boolean = Files.naming(path)(rows.hasNext)
        def next(): InternalRow = Files.naming(path)(rows.next())
      }
    }
  }
}

class NamingCsv extends GlueCsv with NamingFiles
class NamingText extends TextFileFormat with NamingFiles
