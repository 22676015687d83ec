package org.apache.spark.sql.glueball

import java.util.{HashMap => JavaMap}

import com.fasterxml.jackson.core.JsonParser
import com.fasterxml.jackson.core.JsonParser.NumberType
import com.fasterxml.jackson.core.JsonToken
import com.fasterxml.jackson.core.JsonTokenId._
import org.apache.spark.sql.catalyst.InternalRow
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow
import org.apache.spark.sql.catalyst.util.GenericArrayData
import org.apache.spark.sql.types.Decimal
import org.apache.spark.unsafe.types.UTF8String

import scala.collection.mutable.ArrayBuffer

/** A value is of a type that nothing was when the types were found. */
final class ChangedSource(token: JsonToken, kind: String)
    extends RuntimeException(
      s"A value is $token where only $kind was found before: the source has changed since then. " +
        "Read it again.")

/** Makes Spark's own form of a value. The parser stands on its first token, then on its last. */
abstract class Converter {
  def apply(parser: JsonParser): Any
}

object Converters {
  def of(kind: Kind): Converter = kind match {
    case struct: StructKind => new StructConverter(struct.columns)
    case ArrayKind(element) => new ArrayConverter(of(element))
    case choice: ChoiceKind => new ChoiceConverter(choice)
    case DecimalKind(precision) => new DecimalConverter(precision)
    case Kinds.Null => NullConverter
    case Kinds.Bool => BoolConverter
    case Kinds.Integer => IntConverter
    case Kinds.Long => LongConverter
    case Kinds.Double => DoubleConverter
    case _ => TextConverter
  }

  /** Returns null for null; all else should not be there. */
  def unexpected(parser: JsonParser, kind: String): Any =
    if (parser.currentTokenId == ID_NULL) null
    else throw new ChangedSource(parser.currentToken, kind)
}

/** Of a field of which only is asked whether it is there. */
object SkippingConverter extends Converter {
  def apply(parser: JsonParser): Any = {
    parser.skipChildren()
    null
  }
}

object NullConverter extends Converter {
  def apply(parser: JsonParser): Any = Converters.unexpected(parser, "null")
}

object BoolConverter extends Converter {
  def apply(parser: JsonParser): Any = parser.currentTokenId match {
    case ID_TRUE => true
    case ID_FALSE => false
    case _ => Converters.unexpected(parser, "boolean")
  }
}

object IntConverter extends Converter {
  def apply(parser: JsonParser): Any =
    if (parser.currentTokenId == ID_NUMBER_INT && parser.getNumberType == NumberType.INT)
      parser.getIntValue
    else Converters.unexpected(parser, "int")
}

object LongConverter extends Converter {
  def apply(parser: JsonParser): Any =
    if (parser.currentTokenId == ID_NUMBER_INT && parser.getNumberType == NumberType.LONG)
      parser.getLongValue
    else Converters.unexpected(parser, "long")
}

object DoubleConverter extends Converter {
  def apply(parser: JsonParser): Any =
    if (parser.currentTokenId == ID_NUMBER_FLOAT) parser.getDoubleValue
    else Converters.unexpected(parser, "double")
}

/** Texts, and numbers that no other type can hold. */
object TextConverter extends Converter {
  def apply(parser: JsonParser): Any = parser.currentTokenId match {
    case ID_STRING | ID_NUMBER_INT | ID_NUMBER_FLOAT => UTF8String.fromString(parser.getText)
    case _ => Converters.unexpected(parser, "string")
  }
}

final class DecimalConverter(precision: Int) extends Converter {
  def apply(parser: JsonParser): Any =
    if (parser.currentTokenId == ID_NUMBER_INT && Numbers.digits(parser) <= precision)
      Decimal(new java.math.BigDecimal(parser.getText), precision, 0)
    else Converters.unexpected(parser, "decimal")
}

final class ArrayConverter(element: Converter) extends Converter {
  def apply(parser: JsonParser): Any = {
    if (parser.currentTokenId != ID_START_ARRAY) return Converters.unexpected(parser, "array")
    val values = new ArrayBuffer[Any]
    while (parser.nextToken() != JsonToken.END_ARRAY) values += element(parser)
    new GenericArrayData(values.toArray[Any])
  }
}

/** Records with these columns; other fields are passed over. */
final class StructConverter(columns: Seq[ColumnKind]) extends Converter {
  private val fields = columns.map(_.field).distinct
  private val names = fields.map(_.name.intern).toArray // the parser interns its names too
  private val values = fields.map(field => columns.indexOf(ValueColumn(field))).toArray
  private val marks = fields.map(field => columns.indexOf(MarkColumn(field))).toArray
  private val converters = fields.zip(values).map { case (field, at) =>
    if (at < 0) SkippingConverter else Converters.of(field.kind)
  }.toArray
  private val marked = marks.exists(_ >= 0)
  private val lacksAll: Array[Any] = columns.map {
    case MarkColumn(_) => true
    case _ => null
  }.toArray
  private val index = new JavaMap[String, Integer]
  names.indices.foreach(i => index.put(names(i), i))

  def apply(parser: JsonParser): Any =
    if (parser.currentTokenId == ID_START_OBJECT) record(parser)
    else Converters.unexpected(parser, "struct")

  def record(parser: JsonParser): InternalRow = {
    val row = if (marked) lacksAll.clone() else new Array[Any](lacksAll.length)
    var expected = 0
    var name = parser.nextFieldName()
    while (name != null) {
      val at = if (expected < names.length && (names(expected) eq name)) expected else find(name)
      parser.nextToken()
      if (at >= 0) {
        val value = converters(at)(parser)
        if (values(at) >= 0) row(values(at)) = value
        if (marks(at) >= 0) row(marks(at)) = false
        expected = at + 1
      } else parser.skipChildren()
      name = parser.nextFieldName()
    }
    new GenericInternalRow(row)
  }

  private def find(name: String): Int = {
    val found = index.get(name)
    if (found == null) -1 else found.intValue
  }
}

final class ChoiceConverter(choice: ChoiceKind) extends Converter {
  private val size = choice.members.length
  private val converters = choice.members.map(member => Converters.of(member._2)).toArray
  private val names = choice.members.map(_._1)
  private val bool = names.indexOf("boolean")
  private val int = names.indexOf("int")
  private val long = names.indexOf("long")
  private val double = names.indexOf("double")
  private val decimal = names.indexOf("decimal")
  private val text = names.indexOf("string")
  private val struct = names.indexOf("struct")
  private val array = names.indexOf("array")

  def apply(parser: JsonParser): Any = {
    if (parser.currentTokenId == ID_NULL) return null
    val at = member(parser)
    if (at < 0) throw new ChangedSource(parser.currentToken, names.mkString(", "))
    val values = new Array[Any](size)
    values(at) = converters(at)(parser)
    new GenericInternalRow(values)
  }

  private def member(parser: JsonParser): Int = parser.currentTokenId match {
    case ID_STRING => text
    case ID_TRUE | ID_FALSE => bool
    case ID_START_OBJECT => struct
    case ID_START_ARRAY => array
    case ID_NUMBER_FLOAT => if (Numbers.isFinite(parser)) double else text
    case _ => whole(parser)
  }

  private def whole(parser: JsonParser): Int =
    if (parser.getTextLength <= Numbers.SurelyInt) int
    else parser.getNumberType match {
      case NumberType.INT => int
      case NumberType.LONG => long
      case _ => if (Numbers.digits(parser) <= Numbers.MostDigits) decimal else text
    }
}
