package import Domain

/// The whole HTTP interface of the hub, as OpenAPI 3.1.
package enum OpenAPI {
  /// The document as it is served.
  package static let document: JSON = {
    guard let document = try? JSON(parsing: Array(text.utf8)) else {
      preconditionFailure("the description of the interface is no JSON")
    }
    return document
  }()

  private static let text = """
    {
      "openapi": "3.1.0",
      "info": {
        "title": "Yizhan hub (驿站县级接收端)",
        "version": "1",
        "description": \(signing)
      },
      "paths": {
        "/v1/sites/{site}/events": {
          "parameters": [{"$ref": "#/components/parameters/site"}],
          "post": {
            "operationId": "deliver",
            "summary": "Deliver a batch of one lane of one ledger; again changes nothing.",
            "parameters": [
              {"$ref": "#/components/parameters/Yizhan-Epoch"},
              {"$ref": "#/components/parameters/Yizhan-Lane"},
              {"$ref": "#/components/parameters/Yizhan-Oldest"},
              {"$ref": "#/components/parameters/Yizhan-Key"},
              {"$ref": "#/components/parameters/Yizhan-Signature"}
            ],
            "requestBody": {
              "required": true,
              "description": "At most 1 MiB, with gzip 4 MiB inflated, and 1000 events; none at all asks where the lane stands.",
              "content": {
                "application/cloudevents-batch+json": {
                  "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}
                }
              }
            },
            "responses": {
              "200": {
                "description": "Everything up to durableUpTo is committed.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Receipt"}}}
              },
              "400": {"$ref": "#/components/responses/Problem"},
              "401": {"$ref": "#/components/responses/Problem"},
              "403": {"$ref": "#/components/responses/Problem"},
              "408": {"$ref": "#/components/responses/Problem"},
              "413": {"$ref": "#/components/responses/Problem"},
              "415": {"$ref": "#/components/responses/Problem"},
              "429": {"$ref": "#/components/responses/Later"},
              "503": {"$ref": "#/components/responses/Later"}
            }
          }
        },
        "/v1/sites": {
          "get": {
            "operationId": "sites",
            "summary": "Every site that ever delivered.",
            "responses": {
              "200": {
                "description": "The sites, by name.",
                "content": {"application/json": {"schema": {
                  "type": "object", "required": ["sites"], "additionalProperties": false,
                  "properties": {"sites": {
                    "type": "array", "items": {"$ref": "#/components/schemas/Site"}
                  }}
                }}}
              },
              "503": {"$ref": "#/components/responses/Later"}
            }
          }
        },
        "/v1/sites/{site}": {
          "parameters": [{"$ref": "#/components/parameters/site"}],
          "get": {
            "operationId": "site",
            "summary": "One site.",
            "responses": {
              "200": {
                "description": "The site.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Site"}}}
              },
              "400": {"$ref": "#/components/responses/Problem"},
              "404": {"$ref": "#/components/responses/Problem"},
              "503": {"$ref": "#/components/responses/Later"}
            }
          }
        },
        "/v1/sites/{site}/parcels": {
          "parameters": [{"$ref": "#/components/parameters/site"}],
          "get": {
            "operationId": "parcels",
            "summary": "The parcels that a site delivered last, newest first.",
            "parameters": [{
              "name": "limit", "in": "query",
              "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
            }],
            "responses": {
              "200": {
                "description": "The parcels.",
                "content": {"application/json": {"schema": {
                  "type": "object", "required": ["parcels"], "additionalProperties": false,
                  "properties": {"parcels": {
                    "type": "array", "items": {"$ref": "#/components/schemas/Parcel"}
                  }}
                }}}
              },
              "400": {"$ref": "#/components/responses/Problem"},
              "503": {"$ref": "#/components/responses/Later"}
            }
          }
        },
        "/healthz": {
          "get": {
            "operationId": "health",
            "summary": "Whether the store can be read.",
            "responses": {
              "200": {
                "description": "It can.",
                "content": {"application/json": {"schema": {
                  "type": "object", "required": ["status"], "additionalProperties": false,
                  "properties": {"status": {"type": "string", "enum": ["ok"]}}
                }}}
              },
              "503": {"$ref": "#/components/responses/Later"}
            }
          }
        },
        "/openapi.json": {
          "get": {
            "operationId": "interface",
            "summary": "This document.",
            "responses": {
              "200": {
                "description": "OpenAPI 3.1.",
                "content": {"application/json": {"schema": {
                  "type": "object", "required": ["openapi", "info", "paths", "components"]
                }}}
              }
            }
          }
        }
      },
      "components": \(OpenAPI.components)
    }
    """

  private static let signing = """
    "A batch is signed with the station's Ed25519 key (RFC 8032) over this text, each line with a \
    line feed, followed by the body exactly as sent (compressed, if it is): \
    `yizhan-batch 1`, `site: SM017`, `epoch: …`, `lane: …`, `oldest: …`, \
    `content-type: application/cloudevents-batch+json`, `content-encoding: gzip` (or `identity`), \
    and an empty line. A file of the courier is two lines, `key: …` and `signature: …`, before \
    that same text and body. Errors carry error and remedy in JSON."
    """
}
