//! What a shape looks like on the wire: static data that the generator writes
//! from AWS's models, and that every codec and the validation are driven by.

/// Any shape.
#[derive(Debug)]
pub enum Schema {
    String(StringSchema),
    /// 32-bit integers and shorter; bounds are inclusive.
    Integer {
        min: Option<i64>,
        max: Option<i64>,
    },
    /// 64-bit integers; bounds are inclusive.
    Long {
        min: Option<i64>,
        max: Option<i64>,
    },
    /// Single and double precision; AWS publishes whole-number bounds only.
    Double {
        min: Option<i64>,
        max: Option<i64>,
    },
    Boolean,
    /// Lengths are in bytes.
    Blob {
        min: Option<usize>,
        max: Option<usize>,
    },
    /// `None`: the protocol's own default format.
    Timestamp(Option<TimestampFormat>),
    List(ListSchema),
    Map(MapSchema),
    Struct(StructSchema),
}

/// How a model may ask for a timestamp to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampFormat {
    Iso8601,
    Unix,
    Rfc822,
}

/// A string; lengths are in characters, `enum_values` is empty where any value goes.
#[derive(Debug)]
pub struct StringSchema {
    pub min: Option<usize>,
    pub max: Option<usize>,
    pub pattern: Option<&'static str>,
    pub enum_values: &'static [&'static str],
}

/// A list.
#[derive(Debug)]
pub struct ListSchema {
    pub member: &'static Schema,
    /// The element's name in XML and query (`member`, `item`, or its own).
    pub member_name: &'static str,
    /// Whether XML and query repeat the element without a wrapper.
    pub flattened: bool,
    pub min: Option<usize>,
    pub max: Option<usize>,
}

/// A map with string keys.
#[derive(Debug)]
pub struct MapSchema {
    pub key: &'static Schema,
    pub value: &'static Schema,
    pub key_name: &'static str,
    pub value_name: &'static str,
    pub flattened: bool,
}

/// A structure; the order of members is that of the generated struct's fields.
#[derive(Debug)]
pub struct StructSchema {
    pub name: &'static str,
    pub members: &'static [Member],
}

/// One member of a structure.
#[derive(Debug)]
pub struct Member {
    /// Its name in JSON, CBOR and XML, and in messages.
    pub name: &'static str,
    /// Its name in query and EC2-query input.
    pub query_name: &'static str,
    pub required: bool,
    pub schema: &'static Schema,
}

impl Schema {
    /// The structure, which every input and output is.
    pub fn as_struct(&'static self) -> Option<&'static StructSchema> {
        match self {
            Schema::Struct(schema) => Some(schema),
            _ => None,
        }
    }
}
