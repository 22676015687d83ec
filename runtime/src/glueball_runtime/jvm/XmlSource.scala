package org.apache.spark.sql.glueball

import java.io.IOException
import java.io.Reader
import java.io.StringReader
import java.io.StringWriter
import java.util.regex.Pattern
import java.util.{LinkedHashMap => OrderedMap}
import javax.xml.stream.XMLInputFactory
import javax.xml.stream.XMLStreamConstants._
import javax.xml.stream.XMLStreamException
import javax.xml.stream.XMLStreamReader

import com.fasterxml.jackson.core.JsonGenerator
import org.apache.hadoop.conf.Configuration
import org.apache.spark.sql.execution.datasources.PartitionedFile

import scala.collection.JavaConverters._
import scala.collection.mutable.ArrayBuffer

/** XML elements of one name as records. */
final case class XmlSource(
    rowTag: String,
    encoding: String,
    attributes: Boolean,
    emptyIsNull: Boolean,
    attributePrefix: String,
    valueTag: String,
    trims: Boolean)
    extends Source {
  def splits: Boolean = false

  /** Elements that are repeated nowhere are no arrays. */
  override def flat: Boolean = true

  def open(file: PartitionedFile, conf: Configuration, kind: Option[StructKind]): Cursor =
    new XmlCursor(Files.reader(file, conf, encoding), this, kind.map(Guide.of))
}

/** Which elements are read as arrays, and which are read at all. */
final case class Guide(array: Boolean, fields: Map[String, Guide])

object Guide {
  def of(kind: Kind): Guide = kind match {
    case ArrayKind(element) => Guide(array = true, fields(element))
    case other => Guide(array = false, fields(other))
  }

  private def fields(kind: Kind): Map[String, Guide] = kind match {
    case StructKind(all) => all.map(field => field.name -> of(field.kind)).toMap
    case ChoiceKind(members) => members.map(member => fields(member._2)).reduce(_ ++ _)
    case _ => Map.empty
  }
}

/** The rows of an XML file. Each goes through the same inference and conversion as JSON. */
final class XmlCursor(text: Reader, source: XmlSource, guide: Option[Guide]) extends Cursor {
  private val fragments = new XmlFragments(text, source.rowTag)
  private val factory = JsonValues.factory()
  private val trees = new XmlTrees(source)
  private val reader = new TextReader(Array.empty)

  def advance(handler: Handler): Boolean = fragments.next() match {
    case None => false
    case Some(fragment) =>
      try reader.read(factory.createParser(json(trees.parse(fragment))), handler, fragment)
      catch {
        case error: XMLStreamException =>
          handler.malformed(XmlCursor.reason(error), fragment.take(Files.MostOfRest))
          handler.commit()
      }
      true
  }

  private def json(row: XmlElement): String = {
    val out = new StringWriter
    val generator = factory.createGenerator(out)
    new XmlJson(source, generator).record(row, guide)
    generator.close()
    out.toString
  }

  def close(): Unit = text.close()
}

object XmlCursor {

  /** In the search for types each element is two levels of JSON: an object in an array. */
  val MostDepth: Int = JsonValues.MostDepth / 2 - 2

  def reason(error: XMLStreamException): String = {
    val said = String.valueOf(error.getMessage).linesIterator.toSeq.lastOption.getOrElse("")
    s"The text is not valid XML: ${said.stripPrefix("Message: ").stripSuffix(".")}."
  }
}

/** Cuts the elements of one name out of a text, without looking into them.
  *
  * What is malformed in one does not reach the next.
  */
final class XmlFragments(text: Reader, tag: String) {
  private val row = new StringBuilder
  private val markup = new StringBuilder

  /** Returns the next element as it is written; the last may lack its end. */
  def next(): Option[String] = {
    row.clear()
    var depth = 0
    var c = text.read()
    while (c >= 0) {
      if (c == '<') {
        readMarkup()
        if (depth > 0) row ++= markup
        if (isTag) {
          if (depth == 0 && !isEnd) row ++= markup
          if (isEnd) depth = math.max(depth - 1, 0) else if (!isEmpty) depth += 1
          if (depth == 0 && row.nonEmpty) return Some(row.toString)
        }
      } else if (depth > 0) row += c.toChar
      if (row.length > XmlFragments.MostCharacters)
        throw new IOException(s"<$tag> has more than ${XmlFragments.MostCharacters} characters")
      c = text.read()
    }
    if (row.isEmpty) None else Some(row.toString)
  }

  private def isEnd = markup.length > 1 && markup(1) == '/'
  private def isEmpty = markup.endsWith("/>")

  private def isTag: Boolean = {
    val start = if (isEnd) 2 else 1
    val end = start + tag.length
    markup.length > end && markup.startsWith(tag, start) &&
    (markup(end) == '>' || markup(end) == '/' || Character.isWhitespace(markup(end)))
  }

  private def readMarkup(): Unit = {
    markup.clear()
    markup += '<'
    var quote = 0
    var brackets = 0
    var c = text.read()
    while (c >= 0) {
      markup += c.toChar
      if (markup.startsWith("<!--")) { if (ends("-->", 7)) return }
      else if (markup.startsWith("<![CDATA[")) { if (ends("]]>", 12)) return }
      else if (markup.startsWith("<?")) { if (ends("?>", 4)) return }
      else if (quote != 0) { if (c == quote) quote = 0 }
      else if (c == '"' || c == '\'') quote = c
      else if (c == '[') brackets += 1
      else if (c == ']') brackets -= 1
      else if (c == '>' && brackets <= 0) return
      c = text.read()
    }
  }

  private def ends(end: String, least: Int): Boolean =
    markup.length >= least && markup.endsWith(end)
}

object XmlFragments {

  /** A row that never ends must not fill the memory. */
  val MostCharacters: Int = 256 * 1024 * 1024
}

/** An element: its text, and what it holds by name, in order. */
final class XmlElement {
  val inner = new OrderedMap[String, ArrayBuffer[XmlElement]]
  val text = new StringBuilder

  def add(name: String): XmlElement = {
    val child = new XmlElement
    inner.computeIfAbsent(name, _ => ArrayBuffer.empty) += child
    child
  }
}

final class XmlTrees(source: XmlSource) {
  private val factory = XMLInputFactory.newDefaultFactory()
  // Nothing outside the text is ever read, and no entity of its own is expanded.
  factory.setProperty(XMLInputFactory.SUPPORT_DTD, false)
  factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false)
  // A row may use prefixes that elements around it declare.
  factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, false)

  def parse(text: String): XmlElement = {
    val reader = factory.createXMLStreamReader(new StringReader(text))
    val open = ArrayBuffer(new XmlElement)
    while (reader.hasNext) reader.next() match {
      case START_ELEMENT =>
        if (open.length > XmlCursor.MostDepth)
          throw new XMLStreamException(s"more than ${XmlCursor.MostDepth} levels of elements")
        open += start(reader, open.last)
      case END_ELEMENT => open.remove(open.length - 1)
      case CHARACTERS | CDATA | SPACE => open.last.text ++= reader.getText
      case ENTITY_REFERENCE =>
        throw new XMLStreamException(s"unknown entity ${reader.getLocalName}")
      case _ =>
    }
    open.head.inner.values.iterator.next().head
  }

  private def start(reader: XMLStreamReader, parent: XmlElement): XmlElement = {
    val element = parent.add(reader.getLocalName)
    if (source.attributes) (0 until reader.getAttributeCount).foreach { at =>
      val name = source.attributePrefix + reader.getAttributeLocalName(at)
      element.add(name).text ++= reader.getAttributeValue(at)
    }
    element
  }
}

/** Writes elements as JSON: in arrays where the guide says so, without one always. */
final class XmlJson(source: XmlSource, out: JsonGenerator) {
  def record(row: XmlElement, guide: Option[Guide]): Unit = {
    out.writeStartObject()
    row.inner.asScala.foreach { case (name, elements) => field(name, elements, guide) }
    val text = row.text.toString
    if (!isBlank(text)) value(text, guide)
    out.writeEndObject()
  }

  /** Text beside elements or attributes is a field of its own. */
  private def value(text: String, guide: Option[Guide]): Unit = {
    val element = new XmlElement
    element.text ++= text
    field(source.valueTag, ArrayBuffer(element), guide)
  }

  private def field(name: String, elements: ArrayBuffer[XmlElement], guide: Option[Guide]): Unit = {
    val known = guide.map(_.fields.get(name))
    if (!known.contains(None)) {
      val inner = known.flatten
      out.writeFieldName(name)
      if (inner.forall(_.array) || elements.length > 1) {
        out.writeStartArray()
        elements.foreach(write(_, inner))
        out.writeEndArray()
      } else write(elements.head, inner)
    }
  }

  private def write(element: XmlElement, guide: Option[Guide]): Unit =
    if (element.inner.isEmpty) atom(element.text.toString) else record(element, guide)

  private def atom(text: String): Unit = {
    val value = if (source.trims) text.trim else text
    if (source.emptyIsNull && isBlank(value)) out.writeNull()
    else if (value == "true" || value == "false") out.writeBoolean(value == "true")
    else if (XmlJson.Number.matcher(value).matches) out.writeRawValue(value)
    else out.writeString(value)
  }

  private def isBlank(text: String): Boolean = text.trim.isEmpty
}

object XmlJson {

  /** As JSON writes numbers: 007 and +1 are texts, of which nothing gets lost. */
  private val Number: Pattern =
    Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")
}
