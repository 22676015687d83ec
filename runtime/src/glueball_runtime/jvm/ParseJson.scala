package org.apache.spark.sql.glueball

import com.fasterxml.jackson.core.JsonFactory
import com.fasterxml.jackson.core.JsonParser
import com.fasterxml.jackson.core.JsonProcessingException
import org.apache.spark.sql.catalyst.expressions.Expression
import org.apache.spark.sql.catalyst.expressions.UnaryExpression
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback
import org.apache.spark.sql.types.DataType
import org.apache.spark.unsafe.types.UTF8String

/** The value of a JSON text; null when it is malformed. */
final case class ParseJson(child: Expression, kind: Kind)
    extends UnaryExpression
    with CodegenFallback {
  @transient private lazy val factory = JsonValues.factory()
  @transient private lazy val converter = Converters.of(kind)

  override def nullable: Boolean = true
  override def dataType: DataType = kind.spark
  override def prettyName: String = "glueball_json"

  override protected def nullSafeEval(value: Any): Any = {
    val bytes = value.asInstanceOf[UTF8String].getBytes
    SingleValue.read(factory, bytes)(converter(_)).getOrElse(null)
  }

  override protected def withNewChildInternal(newChild: Expression): Expression =
    copy(child = newChild)
}

/** A text that is one value. */
object SingleValue {
  def read[T](factory: JsonFactory, bytes: Array[Byte])(use: JsonParser => T): Option[T] =
    try {
      val parser = factory.createParser(bytes)
      try {
        if (parser.nextToken() == null) None
        else {
          val used =
            try use(parser)
            catch {
              case changed: ChangedSource =>
                Texts.drain(parser)
                throw new RuntimeException(changed.getMessage)
            }
          if (parser.nextToken() == null) Some(used) else None
        }
      } finally parser.close()
    } catch {
      case _: JsonProcessingException => None
    }
}

/** Finds the types of the texts of a column. */
final class ValueTypes(partition: Int) {
  private val factory = JsonValues.factory()
  private val journal = new Journal
  private val inference = new Inference("", partition.toLong, journal)
  private var texts = 0L
  val found: Found = new Found(new Shape(Place("", partition.toLong, 0)))

  def add(text: String): Unit = {
    texts += 1
    SingleValue.read(factory, text.getBytes("UTF-8"))(inference.add(found.shape, _)) match {
      case Some(_) => journal.commit()
      case None =>
        journal.rollback()
        val place = Place("", partition.toLong, texts)
        found.addMalformed(Malformed(place, "The text is not valid JSON.", text))
    }
  }
}
