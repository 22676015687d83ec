package org.apache.spark.sql.glueball

import com.fasterxml.jackson.core.JsonParser
import com.fasterxml.jackson.core.JsonParser.NumberType
import com.fasterxml.jackson.core.JsonTokenId._

/** Notes the types of values in a shape. The parser stands on a value's first token. */
final class Inference(path: String, start: Long, journal: Journal) {
  private var seen = 0L
  private var structs = 0L

  def add(shape: Shape, parser: JsonParser): Unit = parser.currentTokenId match {
    case ID_STRING => shape.add(Shape.Text, journal)
    case ID_NUMBER_INT => addWhole(shape, parser)
    case ID_NUMBER_FLOAT =>
      shape.add(if (Numbers.isFinite(parser)) Shape.Double else Shape.Text, journal)
    case ID_TRUE | ID_FALSE => shape.add(Shape.Bool, journal)
    case ID_START_OBJECT => addObject(shape, parser)
    case ID_START_ARRAY => addArray(shape, parser)
    case ID_NULL => shape.add(Shape.Null, journal)
    case _ =>
  }

  private def addWhole(shape: Shape, parser: JsonParser): Unit =
    if (parser.getTextLength <= Numbers.SurelyInt) shape.add(Shape.Int, journal)
    else parser.getNumberType match {
      case NumberType.INT => shape.add(Shape.Int, journal)
      case NumberType.LONG => shape.add(Shape.Long, journal)
      case _ =>
        val digits = Numbers.digits(parser)
        if (digits <= Numbers.MostDigits) shape.addWhole(digits, journal)
        else shape.add(Shape.Text, journal)
    }

  def addObject(shape: Shape, parser: JsonParser): Unit = {
    val later = (shape.kinds & Shape.Struct) != 0
    shape.add(Shape.Struct, journal)
    structs += 1
    val struct = structs
    var required = 0 // fields of this struct that no other lacks
    val names = shape.names
    var expected = 0 // most records have their fields in the same order
    var name = parser.nextFieldName()
    while (name != null) {
      val at =
        if (expected < names.length && (names(expected) eq name)) expected
        else position(shape, name, later)
      parser.nextToken()
      val field = shape.shapes(at)
      if (!field.optional && field.stamp != struct) {
        field.stamp = struct
        required += 1
      }
      add(field, parser)
      expected = at + 1
      name = parser.nextFieldName()
    }
    if (required < shape.required) shape.addStruct(struct, journal)
  }

  private def position(shape: Shape, name: String, later: Boolean): Int = {
    val known = shape.find(name)
    if (known >= 0) return known
    seen += 1
    shape.addField(name, new Shape(Place(path, start, seen)), later, journal)
  }

  private def addArray(shape: Shape, parser: JsonParser): Unit = {
    shape.add(Shape.Array, journal)
    var length = 0
    var element: Shape = null
    while (parser.nextToken() != com.fasterxml.jackson.core.JsonToken.END_ARRAY) {
      if (element == null) element = shape.elements(journal)
      add(element, parser)
      length += 1
    }
    shape.addLength(length, journal)
  }
}

/** What inference and reading must decide alike about numbers. */
object Numbers {
  val MostDigits = 38 // of Spark's decimals
  val SurelyInt = 9 // so many characters fit 32 bits
  private val NeverInfinite = 300 // so many digits without an exponent fit a double

  def digits(parser: JsonParser): Int = {
    val negative = parser.getTextCharacters()(parser.getTextOffset) == '-'
    parser.getTextLength - (if (negative) 1 else 0)
  }

  /** Whether a double can hold a number at all; 1e400 is beyond. */
  def isFinite(parser: JsonParser): Boolean = {
    val length = parser.getTextLength
    if (length <= NeverInfinite && !hasExponent(parser, length)) true
    else !java.lang.Double.isInfinite(java.lang.Double.parseDouble(parser.getText))
  }

  private def hasExponent(parser: JsonParser, length: Int): Boolean = {
    val text = parser.getTextCharacters
    val end = parser.getTextOffset + length
    var i = parser.getTextOffset
    while (i < end) {
      if ((text(i) | 0x20) == 'e') return true
      i += 1
    }
    false
  }
}
