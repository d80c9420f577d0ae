//! Schemas: which attributes and blocks a resource type, data source or provider has.
//!
//! Those of AWS's provider are in `schema/aws.txt`, one a line (`cargo xtask schemas` writes it); a
//! line is read when its type is first asked for. `schema::decode` makes values of bodies by them.

pub mod decode;
mod dynamic;
mod line;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use neargate_hcl::{Type, Value};

use crate::address::Mode;

/// Of a resource type or data source.
#[derive(Clone, Debug)]
pub struct Schema {
    /// Of the attributes in the state: an older one is upgraded.
    pub version: u64,
    pub block: BlockSchema,
}

/// What a block may have, and the type of its value.
#[derive(Clone, Debug, Default)]
pub struct BlockSchema {
    pub attributes: BTreeMap<String, AttributeSchema>,
    pub blocks: BTreeMap<String, NestedBlock>,
}

#[derive(Clone, Debug)]
pub struct AttributeSchema {
    pub ty: Type,
    pub required: bool,
    pub optional: bool,
    /// The provider gives it a value where the configuration gives none.
    pub computed: bool,
    pub sensitive: bool,
    /// Given to the provider, and never kept.
    pub write_only: bool,
}

#[derive(Clone, Debug)]
pub struct NestedBlock {
    pub nesting: Nesting,
    pub min: usize,
    /// 0: any number.
    pub max: usize,
    pub block: BlockSchema,
}

/// What blocks of a kind become: one object, or a list or set of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    Single,
    List,
    Set,
}

impl BlockSchema {
    /// An object with all attributes and blocks.
    pub fn ty(&self) -> Type {
        let attributes = self.attributes.iter().map(|(name, a)| (name.clone(), a.ty.clone()));
        let blocks = self.blocks.iter().map(|(name, nested)| (name.clone(), nested.ty()));
        Type::object(attributes.chain(blocks))
    }

    /// The object with nothing in it: attributes null, no blocks.
    pub fn empty(&self) -> Value {
        let attributes =
            self.attributes.iter().map(|(name, a)| (name.clone(), Value::null(a.ty.clone())));
        let blocks = self.blocks.iter().map(|(name, nested)| (name.clone(), nested.empty()));
        Value::object(attributes.chain(blocks))
    }
}

impl NestedBlock {
    /// The blocks that a list or set of objects may be written as; none for other types.
    pub fn of_objects(ty: &Type) -> Option<NestedBlock> {
        let nesting = match ty {
            Type::List(_) => Nesting::List,
            Type::Set(_) => Nesting::Set,
            _ => return None,
        };
        let optional = |ty: &Type| AttributeSchema {
            ty: ty.clone(),
            required: false,
            optional: true,
            computed: false,
            sensitive: false,
            write_only: false,
        };
        let attributes = ty.element()?.attributes()?.iter();
        let attributes = attributes.map(|(name, a)| (name.clone(), optional(&a.ty))).collect();
        let block = BlockSchema { attributes, blocks: BTreeMap::new() };
        Some(NestedBlock { nesting, min: 0, max: 0, block })
    }

    pub fn ty(&self) -> Type {
        let inner = self.block.ty();
        match self.nesting {
            Nesting::Single => inner,
            Nesting::List => Type::list(inner),
            Nesting::Set => Type::set(inner),
        }
    }

    pub fn empty(&self) -> Value {
        match self.nesting {
            Nesting::Single => Value::null(self.block.ty()),
            Nesting::List => Value::list(self.block.ty(), Vec::new()),
            Nesting::Set => Value::set(self.block.ty(), Vec::new()),
        }
    }

    /// A value of as many objects as there are.
    pub fn of(&self, mut objects: Vec<Value>) -> Value {
        match self.nesting {
            Nesting::Single => objects.pop().unwrap_or_else(|| self.empty()),
            Nesting::List => Value::list(self.block.ty(), objects),
            Nesting::Set => Value::set(self.block.ty(), objects),
        }
    }
}

/// All schemas of a file such as `aws.txt`.
pub struct Schemas {
    managed: BTreeMap<&'static str, &'static str>,
    data: BTreeMap<&'static str, &'static str>,
    provider: Arc<Schema>,
    read: Mutex<HashMap<(Mode, &'static str), Arc<Schema>>>,
}

static AWS: LazyLock<Schemas> = LazyLock::new(|| Schemas::index(include_str!("schema/aws.txt")));

/// Those of AWS's provider.
pub fn aws() -> &'static Schemas {
    &AWS
}

impl Schemas {
    fn index(text: &'static str) -> Schemas {
        let (mut managed, mut data) = (BTreeMap::new(), BTreeMap::new());
        let mut provider = Schema { version: 0, block: BlockSchema::default() };
        for line in text.lines() {
            let mut parts = line.splitn(3, ' ');
            let (Some(kind), Some(name), Some(json)) = (parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            match kind {
                "provider" => provider = line::read(json),
                "data" => drop(data.insert(name, json)),
                _ => drop(managed.insert(name, json)),
            }
        }
        Schemas { managed, data, provider: Arc::new(provider), read: Mutex::default() }
    }

    pub fn provider(&self) -> Arc<Schema> {
        self.provider.clone()
    }

    pub fn get(&self, mode: Mode, name: &str) -> Option<Arc<Schema>> {
        let (&name, json) = self.lines(mode).get_key_value(name)?;
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        Some(read.entry((mode, name)).or_insert_with(|| Arc::new(line::read(json))).clone())
    }

    pub fn names(&self, mode: Mode) -> impl Iterator<Item = &'static str> {
        self.lines(mode).keys().copied()
    }

    fn lines(&self, mode: Mode) -> &BTreeMap<&'static str, &'static str> {
        match mode {
            Mode::Managed => &self.managed,
            Mode::Data => &self.data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_reads_as_a_schema() {
        for mode in [Mode::Managed, Mode::Data] {
            for name in aws().names(mode) {
                let schema = aws().get(mode, name).unwrap();
                assert!(!schema.block.attributes.is_empty(), "{name} has attributes");
            }
        }
        assert!(aws().provider().block.blocks.contains_key("default_tags"));
    }

    #[test]
    fn a_schema_has_types_and_nested_blocks() {
        let service = aws().get(Mode::Managed, "aws_ecs_service").unwrap();
        let name = &service.block.attributes["name"];
        assert!(name.required && !name.computed && name.ty == Type::String);
        let network = &service.block.blocks["network_configuration"];
        assert_eq!((network.nesting, network.min, network.max), (Nesting::List, 0, 1));
        assert!(network.block.attributes["subnets"].required);
    }
}
