package org.apache.spark.sql.glueball

import java.io.BufferedReader
import java.io.Closeable
import java.io.Reader
import java.nio.charset.StandardCharsets.UTF_8

import com.fasterxml.jackson.core.JsonFactory
import com.fasterxml.jackson.core.JsonParser
import com.fasterxml.jackson.core.JsonProcessingException
import com.fasterxml.jackson.core.JsonStreamContext
import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.io.Text
import org.apache.spark.sql.execution.datasources.HadoopFileLinesReader
import org.apache.spark.sql.execution.datasources.PartitionedFile

/** Goes through the texts of a file. */
trait Cursor extends Closeable {

  /** Hands on one more text; false when there is none. */
  def advance(handler: Handler): Boolean
}

/** Reads the records of one text with a parser that knows no more than that text. */
final class TextReader(steps: Array[Step]) {
  private val values = new JsonValues(steps)

  def read(parser: JsonParser, handler: Handler, text: => String): Unit =
    try {
      values.reset(parser)
      try while (values.next()) Texts.hand(parser, handler)
      catch { case changed: ChangedSource => Texts.drain(parser); throw changed }
      handler.commit()
    } catch {
      case error: JsonProcessingException =>
        handler.rollback()
        handler.malformed(Texts.reason(error), text)
        handler.commit()
    } finally parser.close()
}

object Texts {
  def hand(parser: JsonParser, handler: Handler): Unit =
    if (parser.currentToken.isStructStart) handler.record(parser)
    else handler.malformed("The value is not a JSON object.", parser.getText)

  /** Reads on, as a text whose types were never found may also be malformed further on. */
  def drain(parser: JsonParser, until: JsonStreamContext = null): Unit =
    while ((until == null || (parser.getParsingContext ne until)) && parser.nextToken() != null) {}

  def reason(error: JsonProcessingException): String = {
    val said = String.valueOf(error.getOriginalMessage)
    if (said.contains("nesting depth"))
      s"The record is nested more than ${JsonValues.MostDepth} levels deep."
    else s"The text is not valid JSON: ${said.linesIterator.take(1).mkString.take(300)}."
  }
}

/** The lines of a part of a file. */
final class LineCursor(file: PartitionedFile, conf: Configuration, steps: Array[Step])
    extends Cursor {
  private val lines = new HadoopFileLinesReader(file, None, conf)
  private val factory = JsonValues.factory()
  private val reader = new TextReader(steps)

  def advance(handler: Handler): Boolean = {
    if (!lines.hasNext) return false
    val line: Text = lines.next()
    val bytes = line.getBytes
    val end = Lines.end(bytes, line.getLength)
    val start = Lines.start(bytes, end)
    if (start < end && !Lines.isBracket(bytes, start, end))
      reader.read(
        factory.createParser(bytes, start, end - start),
        handler,
        new String(bytes, 0, line.getLength, UTF_8))
    true
  }

  def close(): Unit = lines.close()
}

/** Where the JSON of a line is. An array with a record in each line may stand in a file, too. */
object Lines {
  def end(bytes: Array[Byte], length: Int): Int = {
    var end = length
    while (end > 0 && isBlank(bytes(end - 1))) end -= 1
    if (end > 0 && bytes(end - 1) == ',') end -= 1
    end
  }

  def start(bytes: Array[Byte], end: Int): Int = {
    var start = 0
    while (start < end && isBlank(bytes(start))) start += 1
    start
  }

  def isBracket(bytes: Array[Byte], start: Int, end: Int): Boolean =
    end - start == 1 && (bytes(start) == '[' || bytes(start) == ']')

  private def isBlank(byte: Byte): Boolean = byte >= 0 && byte <= ' '
}

/** The lines of a whole file that is not UTF-8. */
final class DecodedLineCursor(text: Reader, steps: Array[Step]) extends Cursor {
  private val lines = new BufferedReader(text)
  private val factory = JsonValues.factory()
  private val reader = new TextReader(steps)

  def advance(handler: Handler): Boolean = {
    val line = lines.readLine()
    if (line == null) return false
    val text = line.trim.stripSuffix(",")
    if (text.nonEmpty && text != "[" && text != "]")
      reader.read(factory.createParser(text), handler, text)
    true
  }

  def close(): Unit = lines.close()
}

/** The values of a whole file, wherever its lines end. After a malformed one it ends. */
final class StreamCursor(
    open: JsonFactory => JsonParser,
    readFrom: Long => Reader,
    steps: Array[Step])
    extends Cursor {
  private val parser = open(JsonValues.factory())
  private val values = new JsonValues(steps)
  private var done = 0L // bytes, or characters, up to the end of the last good record
  private var ended = false
  values.reset(parser)

  def advance(handler: Handler): Boolean = {
    if (ended) return false
    try {
      if (values.next()) {
        val outer = parser.getParsingContext.getParent
        try Texts.hand(parser, handler)
        catch { case changed: ChangedSource => Texts.drain(parser, outer); throw changed }
        handler.commit()
        val place = parser.currentLocation()
        done = math.max(place.getByteOffset, place.getCharOffset)
      } else ended = true
    } catch {
      case error: JsonProcessingException =>
        ended = true
        handler.rollback()
        handler.malformed(Texts.reason(error), rest())
        handler.commit()
    }
    !ended
  }

  /** Where the malformed value ends, nobody knows: all that follows the last good one. */
  private def rest(): String = {
    val again = readFrom(done)
    try {
      val text = new Array[Char](Files.MostOfRest)
      var read = 0
      var more = again.read(text, 0, text.length)
      while (more > 0) {
        read += more
        more = again.read(text, read, text.length - read)
      }
      new String(text, 0, read).dropWhile(one => one <= ' ' || one == ',' || one == '\ufeff')
    } finally again.close()
  }

  def close(): Unit = parser.close()
}
