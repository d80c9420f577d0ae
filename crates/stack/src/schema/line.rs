//! One line of a file of schemas: JSON as `xtask/src/schemas.rs` writes it.

use neargate_hcl::json::type_from_json;
use serde_json::Value as Json;

use super::{AttributeSchema, BlockSchema, NestedBlock, Nesting, Schema};

/// The files are part of the program, and a test reads every line of them.
pub fn read(json: &str) -> Schema {
    let json: Json = serde_json::from_str(json).expect("a line of schemas is JSON");
    Schema { version: json["version"].as_u64().unwrap_or(0), block: block(&json) }
}

fn block(json: &Json) -> BlockSchema {
    let mut found = BlockSchema::default();
    for (name, told) in json["attributes"].as_object().into_iter().flatten() {
        let flags = told[0].as_str().unwrap_or_default();
        let attribute = AttributeSchema {
            ty: type_from_json(&told[1]).expect("an attribute's type is one of Terraform's"),
            required: flags.contains('r'),
            optional: flags.contains('o'),
            computed: flags.contains('c'),
            sensitive: flags.contains('s'),
            write_only: flags.contains('w'),
        };
        found.attributes.insert(name.clone(), attribute);
    }
    for (name, told) in json["blocks"].as_object().into_iter().flatten() {
        let nesting = match told[0].as_str() {
            Some("set") => Nesting::Set,
            Some("single") => Nesting::Single,
            _ => Nesting::List,
        };
        let number = |at: usize| told[at].as_u64().unwrap_or(0) as usize;
        let nested =
            NestedBlock { nesting, min: number(1), max: number(2), block: block(&told[3]) };
        found.blocks.insert(name.clone(), nested);
    }
    found
}
