package org.apache.spark.sql.glueball

import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.DataInputStream
import java.io.DataOutputStream

import scala.collection.mutable

import com.fasterxml.jackson.databind.ObjectMapper

/** A text that is no record. */
final case class Malformed(place: Place, reason: String, input: String)

/** What one pass over texts found: the types of all records, and what is malformed.
  *
  * It travels as bytes: the classes of a jar that was added to a running session are others in a
  * task than in the driver.
  */
final class Found(val shape: Shape) {
  var malformed = 0L
  private var samples = Vector.empty[Malformed]
  private var sampled = 0 // characters

  /** Whether every malformed text is among the samples. */
  def complete: Boolean = samples.length == malformed

  def addMalformed(one: Malformed): Unit = {
    malformed += 1
    if (samples.length < Found.MostSamples && sampled + one.input.length <= Found.MostCharacters)
      addSample(one)
  }

  private def addSample(one: Malformed): Unit = {
    samples :+= one
    sampled += one.input.length
  }

  def merge(other: Found): Unit = {
    shape.merge(other.shape)
    malformed += other.malformed
    val all = (samples ++ other.samples).sortBy(_.place).take(Found.MostSamples)
    samples = Vector.empty
    sampled = 0
    all.foreach(one => if (sampled + one.input.length <= Found.MostCharacters) addSample(one))
  }

  def toBytes: Array[Byte] = {
    val places = mutable.LinkedHashMap.empty[Place, Int]
    val body = new ByteArrayOutputStream
    val out = new DataOutputStream(body)
    shape.write(out, place => places.getOrElseUpdate(place, places.size))
    out.writeLong(malformed)
    out.writeInt(samples.length)
    samples.foreach { one =>
      Found.writePlace(out, one.place)
      Shape.writeText(out, one.reason)
      Shape.writeText(out, one.input)
    }
    val whole = new ByteArrayOutputStream
    val head = new DataOutputStream(whole)
    head.writeInt(places.size)
    places.keys.foreach(Found.writePlace(head, _))
    body.writeTo(head)
    whole.toByteArray
  }

  /** What Python reads: the type, the number of malformed texts and, if few, the texts. */
  def toJson(kind: Kind): String = {
    val mapper = new ObjectMapper()
    val node = mapper.createObjectNode()
    node.set[com.fasterxml.jackson.databind.JsonNode]("type", Kinds.node(kind))
    node.put("malformed", malformed)
    node.put("complete", complete)
    val list = node.putArray("samples")
    if (complete) samples.foreach { one =>
      list.addArray().add(one.reason).add(one.input).add(one.place.path)
    }
    mapper.writeValueAsString(node)
  }
}

object Found {
  val MostSamples = 100
  val MostCharacters = 256 * 1024

  def fromBytes(bytes: Array[Byte]): Found = {
    val in = new DataInputStream(new ByteArrayInputStream(bytes))
    val places = Array.fill(in.readInt())(readPlace(in))
    val found = new Found(Shape.read(in, places))
    found.malformed = in.readLong()
    (0 until in.readInt()).foreach { _ =>
      found.addSample(Malformed(readPlace(in), Shape.readText(in), Shape.readText(in)))
    }
    found
  }

  /** Returns what several passes found together, or none. */
  def merged(parts: Iterator[Array[Byte]]): Option[Array[Byte]] =
    parts.map(fromBytes).reduceOption { (one, other) => one.merge(other); one }.map(_.toBytes)

  private def writePlace(out: DataOutputStream, place: Place): Unit = {
    Shape.writeText(out, place.path)
    out.writeLong(place.start)
    out.writeLong(place.number)
  }

  private def readPlace(in: DataInputStream): Place =
    Place(Shape.readText(in), in.readLong(), in.readLong())
}
