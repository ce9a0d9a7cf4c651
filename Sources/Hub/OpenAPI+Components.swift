extension OpenAPI {
  /// The parts that the paths refer to.
  static let components = """
    {
      "parameters": {
        "site": {
          "name": "site", "in": "path", "required": true,
          "description": "The site as the county registers it.",
          "schema": {"type": "string", "pattern": "^[A-Z0-9]{2,12}$"}
        },
        "Yizhan-Epoch": {
          "name": "Yizhan-Epoch", "in": "header", "required": true,
          "description": "The number of the ledger's life.",
          "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"}
        },
        "Yizhan-Lane": {
          "name": "Yizhan-Lane", "in": "header", "required": true,
          "schema": {"type": "string", "enum": ["records", "telemetry"]}
        },
        "Yizhan-Oldest": {
          "name": "Yizhan-Oldest", "in": "header", "required": true,
          "description": "The first sequence that the station still keeps.",
          "schema": {"type": "string", "pattern": "^[1-9][0-9]*$"}
        },
        "Yizhan-Key": {
          "name": "Yizhan-Key", "in": "header", "required": true,
          "description": "The station's public key, base64 of 32 bytes.",
          "schema": {"type": "string", "pattern": "^ed25519:[A-Za-z0-9+/]{43}=$"}
        },
        "Yizhan-Signature": {
          "name": "Yizhan-Signature", "in": "header", "required": true,
          "description": "Base64 of 64 bytes.",
          "schema": {"type": "string", "pattern": "^[A-Za-z0-9+/]{86}==$"}
        }
      },
      "responses": {
        "Problem": {
          "description": "No, and what to do about it.",
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        },
        "Later": {
          "description": "Not now: the hub is behind, full, or at its limit for this site.",
          "headers": {"Retry-After": {
            "description": "Seconds to wait.", "required": true,
            "schema": {"type": "string", "pattern": "^[0-9]+$"}
          }},
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        }
      },
      "schemas": {
        "Problem": {
          "type": "object", "required": ["error", "remedy"], "additionalProperties": false,
          "properties": {"error": {"type": "string"}, "remedy": {"type": "string"}}
        },
        "Receipt": {
          "type": "object", "additionalProperties": false,
          "required": ["lane", "epoch", "durableUpTo", "quarantined", "conflicts", "time"],
          "properties": {
            "lane": {"type": "string", "enum": ["records", "telemetry"]},
            "epoch": {"type": "string"},
            "durableUpTo": {
              "type": "integer", "minimum": 0,
              "description": "Where it is lower than before, the station sends again from there."
            },
            "quarantined": {
              "type": "array", "items": {"type": "integer"},
              "description": "Rows of this batch that are kept but could not be read."
            },
            "conflicts": {
              "type": "array", "items": {"type": "integer"},
              "description": "Rows under whose sequence another event is held; both are kept."
            },
            "time": {"type": "string", "description": "The hub's time, RFC 3339."}
          }
        },
        "Event": {
          "type": "object",
          "description": "A CloudEvent 1.0; a row that is none is set aside and named.",
          "required": ["specversion", "id", "source", "type", "time", "epoch", "lane", "sequence",
            "bootid", "monotonic", "clock"],
          "properties": {
            "specversion": {"type": "string", "enum": ["1.0"]},
            "id": {"type": "string", "description": "site/epoch/lane/sequence"},
            "source": {"type": "string", "description": "/sites/ and the site"},
            "type": {"type": "string", "pattern": "^cn[.]yizhan[.]"},
            "time": {"type": "string"},
            "datacontenttype": {"type": "string"},
            "epoch": {"type": "string"},
            "lane": {"type": "string", "enum": ["records", "telemetry"]},
            "sequence": {"type": "string"},
            "chain": {
              "type": "string", "pattern": "^[0-9a-f]{64}$",
              "description": "SHA-256 over the chain of the event before and this event."
            },
            "bootid": {"type": "string"},
            "monotonic": {"type": "string", "description": "Nanoseconds since that boot."},
            "clock": {"type": "string", "enum": ["none", "rtc", "ntp", "hub"]},
            "data": {"description": "JSON of objects, arrays, strings, whole numbers, booleans."},
            "data_base64": {"type": "string"}
          }
        },
        "Traffic": {
          "type": "object", "required": ["parcels", "grams"], "additionalProperties": false,
          "properties": {"parcels": {"type": "integer"}, "grams": {"type": "integer"}}
        },
        "Lane": {
          "type": "object", "additionalProperties": false,
          "required": ["epoch", "lane", "durableUpTo", "conflicts", "quarantined",
            "chainBreaks", "missing", "types"],
          "properties": {
            "epoch": {"type": "string"},
            "lane": {"type": "string", "enum": ["records", "telemetry"]},
            "durableUpTo": {"type": "integer", "minimum": 0},
            "conflicts": {"type": "integer", "minimum": 0},
            "quarantined": {"type": "integer", "minimum": 0},
            "chainBreaks": {"type": "integer", "minimum": 0},
            "missing": {"type": "integer", "minimum": 0},
            "types": {"type": "object", "description": "How many events of each type."}
          }
        },
        "Site": {
          "type": "object", "additionalProperties": false,
          "required": ["site", "lastSeen", "up", "down", "lanes"],
          "properties": {
            "site": {"type": "string"},
            "lastSeen": {"type": "string"},
            "up": {"$ref": "#/components/schemas/Traffic"},
            "down": {"$ref": "#/components/schemas/Traffic"},
            "lanes": {"type": "array", "items": {"$ref": "#/components/schemas/Lane"}}
          }
        },
        "Parcel": {
          "type": "object", "additionalProperties": false,
          "required": ["parcel", "state", "grams", "direction", "stage", "time"],
          "properties": {
            "parcel": {"type": "string"},
            "state": {"type": "string", "enum": ["done", "voided"]},
            "grams": {"type": "integer"},
            "direction": {"type": ["string", "null"]},
            "stage": {"type": ["string", "null"]},
            "time": {"type": "string"}
          }
        }
      }
    }
    """
}
