//! `import` blocks: which instances they name, and the objects that these become.

use std::collections::BTreeSet;
use std::sync::Arc;

use neargate_hcl::{Diagnostic, Kind, Type, Value, convert};

use super::Planner;
use crate::address::{ConfigResource, Key, ModuleInstance, ResourceInstance};
use crate::config::syntax::Expr;
use crate::config::{Destination, Import, ResourceDecl};
use crate::eval::world::{Expansion, Repetition};
use crate::objects;
use crate::provider::{Configured, Object};
use crate::run::ProviderAddress;
use crate::schema::Schema;
use crate::state::InstanceState;

impl Planner<'_> {
    /// Notes the instances of a resource that are to be imported. One that there is not is an error: what
    /// it means would be made a second time.
    pub(super) fn name_imports(
        &self,
        at: &ConfigResource,
        expanded: &[(ModuleInstance, Expansion)],
    ) -> Result<(), ()> {
        let blocks = self.imports();
        if blocks.iter().all(|import| import.to.resource != *at) {
            return Ok(());
        }
        let of_module = |(module, expansion): &(ModuleInstance, Expansion)| {
            let (module, resource) = (module.clone(), at.resource.clone());
            expansion.instances().into_iter().map(move |(key, _)| ResourceInstance {
                module: module.clone(),
                resource: resource.clone(),
                key,
            })
        };
        let there: BTreeSet<ResourceInstance> = expanded.iter().flat_map(of_module).collect();
        let mut all = Ok(());
        for (index, import) in blocks.iter().enumerate().filter(|(_, of)| of.to.resource == *at) {
            for named in self.named(import) {
                let problem = match named {
                    Ok((address, repetition)) if there.contains(&address) => {
                        self.done().imports.entry(address).or_insert((index, repetition));
                        continue;
                    }
                    Ok((address, _)) => import.to.expr.error(
                        "Configuration for import target does not exist",
                        format!("The configuration for the given import {address} does not exist. All target instances must have an associated configuration to be imported."),
                    ),
                    Err(problem) => problem,
                };
                self.run.tell([problem]);
                all = Err(());
            }
        }
        all
    }

    fn imports(&self) -> &[Import] {
        let root = self.run.stack.config.modules.get(&Default::default());
        root.map_or(&[], |module| &module.imports)
    }

    /// The instances that a block names.
    fn named(&self, import: &Import) -> Vec<Result<(ResourceInstance, Repetition), Diagnostic>> {
        let repetitions = match &import.for_each {
            None => Ok(vec![Repetition::None]),
            Some(expr) => self.repetitions(expr),
        };
        match repetitions {
            Ok(all) => all
                .into_iter()
                .map(|each| self.instance_named(&import.to, &each).map(|named| (named, each)))
                .collect(),
            Err(problem) => vec![Err(problem)],
        }
    }

    /// `for_each` of a block takes more than that of a resource: sequences, and what is sensitive.
    fn repetitions(&self, expr: &Expr) -> Result<Vec<Repetition>, Diagnostic> {
        let wrong = |detail: &str| Err(expr.error("Invalid for_each argument", detail));
        let given = self.run.evaluator.value(expr, &Default::default(), &Repetition::None, None)?;
        let value = given.unmark().0;
        if let Kind::Map(_, entries) | Kind::Object(entries) = value.kind() {
            let each = |(key, value): (&String, &Value)| {
                Repetition::Each(Value::string(key.as_str()), value.clone())
            };
            return Ok(entries.iter().map(each).collect());
        }
        let unknown = "The \"for_each\" expression includes values derived from other resource attributes that cannot be determined until apply, and so Terraform cannot determine the full set of values that might be used to import this resource.";
        match value.elements() {
            Some(elements) if elements.iter().any(|element| !element.is_known()) => wrong(unknown),
            Some(elements) => {
                let is_set = matches!(value.ty(), Type::Set(_));
                let each = |(index, element): (usize, &Value)| {
                    let key = if is_set { element.clone() } else { Value::number(index as i64) };
                    Repetition::Each(key, element.clone())
                };
                Ok(elements.iter().enumerate().map(each).collect())
            }
            None if value.is_null() => Ok(Vec::new()),
            None if !value.is_known() => wrong(unknown),
            None => wrong("The \"for_each\" expression must be a collection."),
        }
    }

    fn instance_named(
        &self,
        to: &Destination,
        repetition: &Repetition,
    ) -> Result<ResourceInstance, Diagnostic> {
        let mut module = ModuleInstance::default();
        for (name, key) in to.resource.module.0.iter().zip(&to.module_keys) {
            module = module.child(name, self.key(key.as_ref(), repetition)?);
        }
        let key = self.key(to.key.as_ref(), repetition)?;
        Ok(ResourceInstance { module, resource: to.resource.resource.clone(), key })
    }

    fn key(&self, expr: Option<&Expr>, repetition: &Repetition) -> Result<Key, Diagnostic> {
        let Some(expr) = expr else { return Ok(Key::None) };
        let value = self.run.evaluator.value(expr, &Default::default(), repetition, None)?;
        let value = value.unmark().0;
        let index = value.as_number().and_then(|number| u64::try_from(number.to_i64()?).ok());
        let key = value.as_str().map(|name| Key::Name(name.to_owned())).or(index.map(Key::Index));
        key.ok_or_else(|| {
            let summary = "Import block 'to' address contains an invalid key";
            let detail = if !value.is_known() {
                "Import block contained a resource address using an index key that will only be known after apply. Please ensure to use expressions that are known at plan time for the index of an import target address."
            } else if value.is_null() {
                "Import block contained a resource address using an index key which is null. Please ensure the expression for the index is not null."
            } else {
                "Import block contained a resource address using an index key which is neither a text nor a whole number."
            };
            expr.error(summary, detail)
        })
    }

    /// The object that an `import` block names for an instance that the state does not have.
    pub(super) async fn import(
        &self,
        address: &ResourceInstance,
        decl: &ResourceDecl,
        place: &ProviderAddress,
        schema: &Arc<Schema>,
        provider: &Arc<dyn Configured>,
    ) -> Result<Option<(String, Object)>, ()> {
        let Some((index, repetition)) = self.done().imports.get(address).cloned() else {
            return Ok(None);
        };
        let Some(import) = self.imports().get(index) else { return Ok(None) };
        let id = self.import_id(&import.id, &repetition).map_err(|problem| {
            self.run.tell([problem]);
        })?;
        let of_type = &address.resource.of_type;
        let told = |problems| self.run.fail(address, Some(decl), problems);
        let found = provider.import(of_type, &id).await.map_err(told)?;
        let Some(object) = provider.read(of_type, found).await.map_err(told)? else {
            let detail = format!(
                "While attempting to import an existing object to {address:?}, the provider detected that no object exists with the given id. Only pre-existing objects can be imported; check that the id {id:?} is correct and that it is associated with the provider's configured region or endpoint, or use a new resource without an import block to create it.",
                address = address.to_string()
            );
            told(vec![Diagnostic::error("Cannot import non-existent remote object", detail)]);
            return Err(());
        };
        let value = objects::with_schema_marks(object.value, &schema.block);
        let mut instance =
            InstanceState { private: object.private.clone(), ..InstanceState::default() };
        objects::into_state(&mut instance, &value, schema);
        self.run.state().put(address, &place.to_string(), instance);
        Ok(Some((id, Object { value, private: object.private })))
    }

    fn import_id(&self, expr: &Expr, repetition: &Repetition) -> Result<String, Diagnostic> {
        let given = self.run.evaluator.value(expr, &Default::default(), repetition, None)?;
        let wrong = |detail: &str| expr.error("Invalid import id argument", detail);
        let text = convert(&given.unmark().0, &Type::String)
            .map_err(|_| wrong("The import ID must be a text."))?;
        match text.as_str() {
            Some("") => Err(wrong(
                "The import ID value evaluates to an empty string, please provide a non-empty value.",
            )),
            Some(id) => Ok(id.to_owned()),
            None if text.is_null() => Err(wrong("The import ID cannot be null.")),
            None => Err(wrong(
                "The import block \"id\" argument depends on resource attributes that cannot be determined until apply, so Terraform cannot plan to import this resource.",
            )),
        }
    }
}
