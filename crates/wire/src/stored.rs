//! Wire shapes inside stored records. A resource that is shown back as it was
//! given needs no second set of types: `Stored<T>` keeps the shape in a record
//! as the JSON that AWS's own protocol has for it.

use std::ops::{Deref, DerefMut};

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::schema::Schema;
use crate::shape::Shape;
use crate::{read, write};

/// A structure that knows its own schema: what the generator makes of every structure.
pub trait Described: Shape {
    const SCHEMA: &'static Schema;
}

/// A wire shape as a part of a record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stored<T>(pub T);

impl<T> Deref for Stored<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Stored<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Described> Serialize for Stored<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = String::from_utf8(write::json(T::SCHEMA, &self.0)).map_err(S::Error::custom)?;
        RawValue::from_string(json).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de, T: Described> Deserialize<'de> for Stored<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let value = read::json(T::SCHEMA, raw.get().as_bytes()).map_err(D::Error::custom)?;
        Ok(Stored(T::decode(value)))
    }
}
