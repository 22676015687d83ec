package org.apache.spark.sql.glueball

import java.io.InputStream
import java.io.StringWriter
import java.math.BigDecimal
import java.util.Base64

import com.amazon.ion.IonException
import com.amazon.ion.IonReader
import com.amazon.ion.IonType
import com.amazon.ion.system.IonReaderBuilder
import com.fasterxml.jackson.core.JsonGenerator
import org.apache.hadoop.conf.Configuration
import org.apache.spark.sql.execution.datasources.PartitionedFile

/** Ion values, as text or binary, as records. Compiled only where Ion's library is. */
final class IonSource extends Source {
  def splits: Boolean = false

  def open(file: PartitionedFile, conf: Configuration, kind: Option[StructKind]): Cursor =
    new IonCursor(Files.stream(file, conf))
}

/** The values of an Ion file. Each goes through the same inference and conversion as JSON.
  *
  * Where a malformed one ends, nobody knows: the file ends with it.
  */
final class IonCursor(stream: InputStream) extends Cursor {
  private val values = IonReaderBuilder.standard().build(stream)
  private val factory = JsonValues.factory()
  private val reader = new TextReader(Array.empty)
  private var ended = false

  def advance(handler: Handler): Boolean = {
    if (ended) return false
    try {
      if (values.next() == null) ended = true
      else {
        val text = json()
        reader.read(factory.createParser(text), handler, text)
      }
    } catch {
      case error: IonException =>
        ended = true
        val said = String.valueOf(error.getMessage).linesIterator.take(1).mkString
        handler.malformed(s"The value is not valid Ion: ${said.stripSuffix(".")}.", "")
        handler.commit()
        return true
    }
    !ended
  }

  private def json(): String = {
    val out = new StringWriter
    val generator = factory.createGenerator(out)
    new IonJson(values, generator).value()
    generator.close()
    out.toString
  }

  def close(): Unit = {
    values.close()
    stream.close()
  }
}

/** Writes the value that a reader stands on as JSON; annotations are left out. */
final class IonJson(values: IonReader, out: JsonGenerator) {
  def value(): Unit = if (values.isNullValue) out.writeNull()
  else
    values.getType match {
      case IonType.BOOL => out.writeBoolean(values.booleanValue)
      case IonType.INT => out.writeNumber(values.bigIntegerValue)
      case IonType.FLOAT => double(values.doubleValue)
      case IonType.DECIMAL => decimal(values.bigDecimalValue)
      case IonType.STRING | IonType.SYMBOL => out.writeString(values.stringValue)
      case IonType.TIMESTAMP => out.writeString(values.timestampValue.toString)
      case IonType.BLOB | IonType.CLOB =>
        out.writeString(Base64.getEncoder.encodeToString(values.newBytes))
      case IonType.STRUCT => within(out.writeStartObject(), out.writeEndObject(), named = true)
      case _ => within(out.writeStartArray(), out.writeEndArray(), named = false)
    }

  private def within(start: => Unit, end: => Unit, named: Boolean): Unit = {
    values.stepIn()
    start
    while (values.next() != null) {
      if (named) out.writeFieldName(values.getFieldName)
      value()
    }
    end
    values.stepOut()
  }

  /** JSON has no number for what is none. */
  private def double(value: Double): Unit =
    if (value.isNaN || value.isInfinite) out.writeString(value.toString)
    else if (value.isWhole && value.abs < 1e15) out.writeRawValue(f"$value%.1f")
    else out.writeNumber(value)

  /** A decimal that a double does not hold stays a text. */
  private def decimal(value: BigDecimal): Unit = {
    val near = value.doubleValue
    val exact = !near.isInfinite && new BigDecimal(near.toString).compareTo(value) == 0
    if (exact) double(near) else out.writeString(value.toPlainString)
  }
}
