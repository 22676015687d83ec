package org.apache.spark.sql.glueball

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper

import scala.collection.JavaConverters._

/** Sources as Python writes them. */
object Sources {
  def parse(json: String): Source = {
    val node = new ObjectMapper().readTree(json)
    node.get("format").asText match {
      case "xml" => xml(node)
      case "ion" => ion()
      case _ => this.json(node)
    }
  }

  /** By its name: it is there only where Ion's library is. */
  private def ion(): Source =
    Class
      .forName("org.apache.spark.sql.glueball.IonSource", true, getClass.getClassLoader)
      .getDeclaredConstructor()
      .newInstance()
      .asInstanceOf[Source]

  private def json(node: JsonNode): Source =
    JsonSource(
      multiline = node.get("multiline").asBoolean,
      steps = node.get("steps").asScala.map(step).toList,
      encoding = node.get("encoding").asText)

  private def xml(node: JsonNode): Source =
    XmlSource(
      rowTag = node.get("rowTag").asText,
      encoding = node.get("encoding").asText,
      attributes = node.get("attributes").asBoolean,
      emptyIsNull = node.get("emptyIsNull").asBoolean,
      attributePrefix = node.get("attributePrefix").asText,
      valueTag = node.get("valueTag").asText,
      trims = node.get("trims").asBoolean)

  private def step(node: JsonNode): Step =
    if (node.has("index")) IndexStep(node.get("index").asInt)
    else if (node.has("names")) NamesStep(node.get("names").asScala.map(_.asText).toSet)
    else AnyStep
}
