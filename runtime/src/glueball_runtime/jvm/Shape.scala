package org.apache.spark.sql.glueball

import java.io.DataInputStream
import java.io.DataOutputStream
import java.nio.charset.StandardCharsets.UTF_8
import java.util.{HashMap => JavaMap}

import scala.collection.mutable.ArrayBuffer

/** Where a field or a malformed text was first seen: the smallest place decides the order. */
final case class Place(path: String, start: Long, number: Long) extends Ordered[Place] {
  def compare(other: Place): Int = {
    val paths = path.compareTo(other.path)
    if (paths != 0) return paths
    val starts = java.lang.Long.compare(start, other.start)
    if (starts != 0) starts else java.lang.Long.compare(number, other.number)
  }
}

/** Takes back what a record noted before it turned out to be malformed. */
final class Journal {
  private val undo = ArrayBuffer.empty[() => Unit]

  def note(back: () => Unit): Unit = undo += back

  def commit(): Unit = if (undo.nonEmpty) undo.clear()

  def rollback(): Unit = {
    undo.reverseIterator.foreach(_.apply())
    undo.clear()
  }
}

/** Everything that the values of one field were, over any number of records. */
final class Shape(var place: Place) {
  import Shape._

  private[glueball] var kinds = 0
  private[glueball] var digits = 0 // of the longest whole number beyond 64 bits
  private[glueball] var longest = 0 // elements of the longest array
  private[glueball] var element: Shape = _
  private[glueball] val names = ArrayBuffer.empty[String]
  private[glueball] val shapes = ArrayBuffer.empty[Shape]
  private val index = new JavaMap[String, Integer]
  private[glueball] var optional = false // some record, or struct, lacks this field
  private[glueball] var stamp = 0L // the last struct in which it was seen while it was required
  private[glueball] var required = 0 // how many fields no struct has lacked so far

  private def isStruct: Boolean = (kinds & Struct) != 0

  def add(kind: Int, journal: Journal): Unit =
    if ((kinds & kind) == 0) {
      val before = kinds
      journal.note(() => kinds = before)
      kinds |= kind
    }

  def addWhole(length: Int, journal: Journal): Unit = {
    add(Big, journal)
    if (length > digits) {
      val before = digits
      journal.note(() => digits = before)
      digits = length
    }
  }

  def addLength(length: Int, journal: Journal): Unit =
    if (length > longest) {
      val before = longest
      journal.note(() => longest = before)
      longest = length
    }

  def elements(journal: Journal): Shape = {
    if (element == null) {
      journal.note(() => element = null)
      element = new Shape(place)
    }
    element
  }

  /** Returns the position of a field, or -1. */
  def find(name: String): Int = {
    val found = index.get(name)
    if (found == null) -1 else found.intValue
  }

  /** Adds a field; structs that came before its first one lack it.
    *
    * @param later whether there were any
    */
  def addField(name: String, shape: Shape, later: Boolean, journal: Journal): Int = {
    val position = append(name, shape)
    shape.optional = later
    if (!later) required += 1
    journal.note(() => {
      if (!shape.optional) required -= 1
      index.remove(name)
      names.remove(position)
      shapes.remove(position)
    })
    position
  }

  /** Notes that a struct lacks the fields without its stamp. */
  def addStruct(struct: Long, journal: Journal): Unit =
    shapes.foreach { field =>
      if (!field.optional && field.stamp != struct) {
        journal.note(() => {
          field.optional = false
          required += 1
        })
        field.optional = true
        required -= 1
      }
    }

  private def append(name: String, shape: Shape): Int = {
    index.put(name, names.length)
    names += name
    shapes += shape
    names.length - 1
  }

  def merge(other: Shape): Unit = {
    if (other.place < place) place = other.place
    optional ||= other.optional
    if (isStruct && other.isStruct) {
      lackedBy(other).foreach(_.optional = true)
      other.lackedBy(this).foreach(_.optional = true)
    }
    kinds |= other.kinds
    digits = math.max(digits, other.digits)
    longest = math.max(longest, other.longest)
    if (element == null) element = other.element
    else if (other.element != null) element.merge(other.element)
    var i = 0
    while (i < other.names.length) {
      val known = find(other.names(i))
      if (known < 0) append(other.names(i), other.shapes(i))
      else shapes(known).merge(other.shapes(i))
      i += 1
    }
  }

  private def lackedBy(other: Shape): Iterable[Shape] =
    names.indices.filter(i => other.find(names(i)) < 0).map(shapes(_))

  /** Whether some value is null; `flat` as for `kind`. */
  private def nullable(flat: Boolean): Boolean =
    (kinds & Null) != 0 || (flat && longest <= 1 && element != null && element.nullable(flat))

  /** The type that holds every value.
    *
    * @param flat whether an array that never has several elements is only its element
    */
  def kind(flat: Boolean): Kind = {
    val atoms = Atoms.collect { case (bit, kind) if (kinds & bit) != 0 => kind }
    val whole = if ((kinds & Big) != 0) Seq(DecimalKind(digits)) else Nil
    val records = if ((kinds & Struct) != 0) Seq(record(flat)) else Nil
    val inner = if (element == null) Kinds.Null else element.kind(flat)
    val arrays = if ((kinds & Array) == 0) Nil
    else Seq(if (flat && longest <= 1) inner else ArrayKind(inner))
    atoms ++ whole ++ records ++ arrays match {
      case Seq() => Kinds.Null
      case Seq(only) => only
      case several => ChoiceKind(several.map(kind => kind.name -> kind).sortBy(_._1))
    }
  }

  def record(flat: Boolean): StructKind =
    StructKind(
      names.indices
        .sortBy(shapes(_).place)
        .map { i =>
          val shape = shapes(i)
          FieldKind(names(i), shape.kind(flat), shape.optional, shape.nullable(flat))
        }
        .toList)

  def write(out: DataOutputStream, places: Place => Int): Unit = {
    out.writeInt(places(place))
    out.writeInt(kinds)
    out.writeInt(digits)
    out.writeInt(longest)
    out.writeBoolean(optional)
    out.writeBoolean(element != null)
    if (element != null) element.write(out, places)
    out.writeInt(names.length)
    names.indices.foreach { i =>
      writeText(out, names(i))
      shapes(i).write(out, places)
    }
  }
}

object Shape {
  val Bool = 1
  val Int = 2
  val Long = 4
  val Double = 8
  val Text = 16
  val Big = 32
  val Struct = 64
  val Array = 128
  val Null = 256

  private val Atoms = List(
    Bool -> Kinds.Bool,
    Int -> Kinds.Integer,
    Long -> Kinds.Long,
    Double -> Kinds.Double,
    Text -> Kinds.Text)

  def read(in: DataInputStream, places: Int => Place): Shape = {
    val shape = new Shape(places(in.readInt()))
    shape.kinds = in.readInt()
    shape.digits = in.readInt()
    shape.longest = in.readInt()
    shape.optional = in.readBoolean()
    if (in.readBoolean()) shape.element = read(in, places)
    (0 until in.readInt()).foreach(_ => shape.append(readText(in), read(in, places)))
    shape
  }

  def writeText(out: DataOutputStream, text: String): Unit = {
    val bytes = text.getBytes(UTF_8)
    out.writeInt(bytes.length)
    out.write(bytes)
  }

  def readText(in: DataInputStream): String = {
    val bytes = new Array[Byte](in.readInt())
    in.readFully(bytes)
    new String(bytes, UTF_8)
  }
}
