package org.apache.spark.sql.glueball

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.JsonNodeFactory
import com.fasterxml.jackson.databind.node.ObjectNode
import org.apache.spark.sql.types._

import scala.collection.JavaConverters._

/** The type of a field, as a DynamicFrame knows it. */
sealed trait Kind extends Serializable {

  /** The name of the type, and of its member in a choice. */
  def name: String

  /** What Spark holds its values as. */
  def spark: DataType
}

/** A type without parts. */
final case class AtomicKind(name: String) extends Kind {
  def spark: DataType = Kinds.atomic(name)
}

/** A whole number that 64 bits cannot hold. */
final case class DecimalKind(precision: Int) extends Kind {
  def name: String = "decimal"
  def spark: DataType = DecimalType(precision, 0)
}

final case class ArrayKind(element: Kind) extends Kind {
  def name: String = "array"
  def spark: DataType = ArrayType(element.spark)
}

final case class StructKind(fields: Seq[(String, Kind)]) extends Kind {
  def name: String = "struct"
  def spark: StructType = Kinds.struct(fields)
}

/** Several types, by name: a struct of which one field is not null. */
final case class ChoiceKind(members: Seq[(String, Kind)]) extends Kind {
  def name: String = "choice"
  def spark: DataType = Kinds.struct(members)
}

/** Types from and to the JSON that `awsglue.gluetypes` reads and writes. */
object Kinds {
  val Null: Kind = AtomicKind("null")
  val Bool: Kind = AtomicKind("boolean")
  val Integer: Kind = AtomicKind("int")
  val Long: Kind = AtomicKind("long")
  val Double: Kind = AtomicKind("double")
  val Text: Kind = AtomicKind("string")

  private val mapper = new ObjectMapper()
  private val nodes = JsonNodeFactory.instance

  def atomic(name: String): DataType = name match {
    case "null" => NullType
    case "boolean" => BooleanType
    case "int" => IntegerType
    case "long" => LongType
    case "double" => DoubleType
    case _ => StringType
  }

  def struct(fields: Seq[(String, Kind)]): StructType =
    StructType(fields.map { case (name, kind) => StructField(name, kind.spark) })

  def parse(json: String): Kind = fromNode(mapper.readTree(json))

  private def fromNode(node: JsonNode): Kind = node.get("dataType").asText match {
    case "struct" =>
      StructKind(node.get("fields").asScala.toList.map { field =>
        field.get("name").asText -> fromNode(field.get("container"))
      })
    case "choice" =>
      val members = node.get("choices").asScala.toList.map(fromNode)
      ChoiceKind(members.map(kind => kind.name -> kind).sortBy(_._1))
    case "array" => ArrayKind(fromNode(node.get("elementType")))
    case "decimal" => DecimalKind(node.get("precision").asInt)
    case name => AtomicKind(name)
  }

  def node(kind: Kind): ObjectNode = {
    val made = nodes.objectNode()
    made.put("dataType", kind.name)
    made.set[ObjectNode]("properties", nodes.objectNode())
    kind match {
      case StructKind(fields) =>
        val list = made.putArray("fields")
        fields.foreach { case (name, inner) =>
          val field = list.addObject()
          field.put("name", name)
          field.set[ObjectNode]("container", node(inner))
          field.set[ObjectNode]("properties", nodes.objectNode())
        }
      case ChoiceKind(members) =>
        val list = made.putArray("choices")
        members.foreach { case (_, inner) => list.add(node(inner)) }
      case ArrayKind(element) => made.set[ObjectNode]("elementType", node(element))
      case DecimalKind(precision) =>
        made.put("precision", precision)
        made.put("scale", 0)
      case AtomicKind(_) =>
    }
    made
  }
}
