package org.apache.spark.sql.glueball

import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.ArrayNode
import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.FileSystem
import org.apache.hadoop.fs.Path

/** The files below a directory in one answer: to ask for each of them takes minutes. */
object Listing {
  private val mapper = new ObjectMapper()

  /** Returns path, size and modification time of every visible file, as JSON, sorted by path. */
  def below(directory: String, conf: Configuration): String = {
    val place = new Path(directory)
    val files = mapper.createArrayNode()
    walk(place.getFileSystem(conf), place, files)
    mapper.writeValueAsString(files)
  }

  private def walk(system: FileSystem, directory: Path, files: ArrayNode): Unit =
    system.listStatus(directory).sortBy(_.getPath.toString).foreach { found =>
      if (isVisible(found.getPath.getName)) {
        if (found.isDirectory) walk(system, found.getPath, files)
        else
          files.addArray()
            .add(found.getPath.toString)
            .add(found.getLen)
            .add(found.getModificationTime)
      }
    }

  /** Whether Spark reads a file or directory of this name. */
  private def isVisible(name: String): Boolean = {
    val hidden = (name.startsWith("_") || name.startsWith(".")) && !name.contains("=")
    // Hadoop's old S3 clients marked a folder by an empty object of this name.
    !hidden && !name.endsWith("_$folder$") && !name.endsWith("._COPYING_")
  }
}
