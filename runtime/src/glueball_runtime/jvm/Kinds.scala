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

final case class StructKind(fields: Seq[FieldKind]) extends Kind {
  def name: String = "struct"
  def spark: StructType = StructType(columns.map(_.spark))

  /** The fields, then the marks of those that have one. */
  def columns: Seq[ColumnKind] = fields.map(ValueColumn) ++ fields.filter(_.marked).map(MarkColumn)
}

/** A field of records.
  *
  * @param optional whether some records lack it
  * @param nullable whether it is null in some records that have it
  */
final case class FieldKind(name: String, kind: Kind, optional: Boolean, nullable: Boolean) {

  /** Whether null alone does not tell which records lack it. */
  def marked: Boolean = optional && nullable
}

/** What Spark holds of a field: its value, or whether the record lacks it. */
sealed trait ColumnKind extends Serializable {
  def field: FieldKind
  def spark: StructField
}

final case class ValueColumn(field: FieldKind) extends ColumnKind {
  def spark: StructField = StructField(field.name, field.kind.spark)
}

/** Named as `mark_of` of `awsglue._types` names it. */
final case class MarkColumn(field: FieldKind) extends ColumnKind {
  def spark: StructField = StructField(field.name + "\u001fabsent", BooleanType)
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
        FieldKind(
          field.get("name").asText,
          fromNode(field.get("container")),
          optional = field.path("optional").asBoolean(false),
          nullable = field.path("nullable").asBoolean(true))
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
        fields.foreach { one =>
          val field = list.addObject()
          field.put("name", one.name)
          field.set[ObjectNode]("container", node(one.kind))
          field.set[ObjectNode]("properties", nodes.objectNode())
          field.put("optional", one.optional)
          field.put("nullable", one.nullable)
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
