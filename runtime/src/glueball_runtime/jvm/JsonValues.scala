package org.apache.spark.sql.glueball

import com.fasterxml.jackson.core.JsonFactory
import com.fasterxml.jackson.core.JsonFactoryBuilder
import com.fasterxml.jackson.core.JsonParser
import com.fasterxml.jackson.core.JsonToken
import com.fasterxml.jackson.core.StreamReadConstraints
import com.fasterxml.jackson.core.StreamReadFeature

import scala.collection.mutable.ArrayBuffer

/** One step of a JSON path, from a value to some of those in it. */
sealed trait Step extends Serializable
case object AnyStep extends Step
final case class NamesStep(names: Set[String]) extends Step
final case class IndexStep(index: Int) extends Step

/** Finds the records among the values that a parser reads, without keeping any of them.
  *
  * A record is an object at the path, or in an array there.
  */
final class JsonValues(steps: Array[Step]) {
  private var parser: JsonParser = _
  private val depths = ArrayBuffer.empty[Int] // of each open value: the step that leads into it
  private val indices = ArrayBuffer.empty[Int] // the position in it; -1 in an object

  def reset(newParser: JsonParser): Unit = {
    parser = newParser
    depths.clear()
    indices.clear()
  }

  /** Moves on to the next value at the path; false at the end. It is an object or no record. */
  def next(): Boolean = {
    var token = parser.nextToken()
    while (token != null) {
      if (token.isStructEnd) close()
      else {
        val depth = depthOf(token)
        if (depth < 0) parser.skipChildren()
        else if (opens(parser.currentToken, depth)) open(depth)
        else if (depth == steps.length) return true
        else parser.skipChildren()
      }
      token = parser.nextToken()
    }
    false
  }

  /** Returns how many steps lead to the value here, -1 for off the path. */
  private def depthOf(token: JsonToken): Int =
    if (depths.isEmpty) 0
    else {
      val last = depths.length - 1
      val depth = depths(last)
      if (token == JsonToken.FIELD_NAME) {
        val name = parser.currentName()
        parser.nextToken()
        if (takes(depth, name)) depth + 1 else -1
      } else {
        indices(last) += 1
        if (depth == steps.length) depth
        else if (takes(depth, indices(last))) depth + 1 else -1
      }
    }

  private def takes(depth: Int, name: String): Boolean = steps(depth) match {
    case AnyStep => true
    case NamesStep(names) => names.contains(name)
    case _ => false
  }

  private def takes(depth: Int, index: Int): Boolean = steps(depth) match {
    case AnyStep => true
    case IndexStep(wanted) => wanted == index
    case _ => false
  }

  private def opens(token: JsonToken, depth: Int): Boolean =
    token == JsonToken.START_ARRAY || (token == JsonToken.START_OBJECT && depth < steps.length)

  private def open(depth: Int): Unit = {
    depths += depth
    indices += -1
  }

  private def close(): Unit = {
    depths.remove(depths.length - 1)
    indices.remove(indices.length - 1)
  }
}

object JsonValues {

  /** How deep objects and arrays may lie in each other: Spark's own code for types recurses. */
  val MostDepth = 200

  def factory(): JsonFactory =
    new JsonFactoryBuilder()
      .streamReadConstraints(
        StreamReadConstraints
          .builder()
          .maxNestingDepth(MostDepth)
          .maxNumberLength(Int.MaxValue)
          .maxStringLength(Int.MaxValue)
          .build())
      .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
      .build()
}
