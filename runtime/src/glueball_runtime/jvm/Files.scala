package org.apache.spark.sql.glueball

import java.io.BufferedReader
import java.io.IOException
import java.io.InputStream
import java.io.InputStreamReader
import java.io.Reader

import org.apache.hadoop.conf.Configuration
import org.apache.spark.sql.execution.datasources.CodecStreams
import org.apache.spark.sql.execution.datasources.PartitionedFile

/** The bytes and characters of a file. */
object Files {
  val MostOfRest = 1024 * 1024 // characters of a malformed text that an error shows

  def stream(file: PartitionedFile, conf: Configuration): InputStream =
    CodecStreams.createInputStreamWithCloseResource(conf, file.toPath)

  /** The characters of a file, without a byte order mark. */
  def reader(file: PartitionedFile, conf: Configuration, encoding: String): Reader = {
    val buffered = new BufferedReader(new InputStreamReader(stream(file, conf), encoding), 1 << 16)
    buffered.mark(1)
    if (buffered.read() != '\ufeff') buffered.reset()
    buffered
  }

  def skip(reader: Reader, characters: Long): Reader = {
    var left = characters
    while (left > 0) left -= math.max(reader.skip(left), 1L)
    reader
  }

  def skip(stream: InputStream, bytes: Long): InputStream = {
    stream.skipNBytes(bytes)
    stream
  }

  /** Names the file in whatever goes wrong with it.
    *
    * The driver knows no classes of a jar that was added to a running session: errors are of Java.
    */
  def naming[T](path: String)(work: => T): T =
    try work
    catch {
      case error: ChangedSource => throw new RuntimeException(s"$path: ${error.getMessage}")
      case error: IOException =>
        val said = Option(error.getMessage).getOrElse(error.getClass.getSimpleName)
        throw new IOException(s"$path cannot be read: $said", error)
    }
}
