//! `neargate import`: an object that is there already comes into the state, for a resource that the
//! configuration declares.

use neargate_hcl::Diagnostic;

use crate::address::{Mode, ResourceInstance};
use crate::config::ResourceDecl;
use crate::eval::Purpose;
use crate::objects;
use crate::provider::Object;
use crate::run::{Event, Observer, ProviderAddress, Run, Stack, Stop, id_of};
use crate::schema::Schema;
use crate::state::{InstanceState, State};

/// The state with the object that has `id`.
pub async fn import(
    stack: &Stack,
    state: State,
    address: &ResourceInstance,
    id: &str,
    observer: &dyn Observer,
) -> Result<State, Vec<Diagnostic>> {
    let run = Run::new(stack, Purpose::Validate, state, 1, observer, Stop::default());
    let one = |problem| vec![problem];
    let decl = declared(stack, address).map_err(one)?;
    run.know().await;
    exists(&run, address, decl).map_err(one)?;
    if run.state().get(address).is_some() {
        let detail = format!(
            "Neargate is already managing a remote object for {address}. To import to this address you must first remove the existing object from the state."
        );
        return Err(one(Diagnostic::error("Resource already managed by Neargate", detail)));
    }
    let place = stack.provider_of(&address.config(), decl);
    let schema = stack.schema(&place, &address.resource)?;
    let object = found(&run, address, id, &place).await?;
    put(&run, address, &place, &schema, object);
    Ok(run.state().clone())
}

fn declared<'a>(
    stack: &'a Stack,
    address: &ResourceInstance,
) -> Result<&'a ResourceDecl, Diagnostic> {
    if address.resource.mode == Mode::Data {
        return Err(Diagnostic::error(
            "A managed resource address is required",
            "Importing into a data resource is not allowed.",
        ));
    }
    let config = address.config();
    let Some(module) = stack.config.modules.get(&config.module) else {
        let detail = format!(
            "{} is not defined in the configuration. Please add configuration for this module before importing into it.",
            address.module
        );
        return Err(Diagnostic::error("Import to non-existent module", detail));
    };
    module.resources.get(&config.resource).ok_or_else(|| {
        let resource = &address.resource;
        let place = match address.module.is_root() {
            true => "the root module".to_owned(),
            false => address.module.to_string(),
        };
        Diagnostic::error(
            format!("resource address {:?} does not exist in the configuration.", address.to_string()),
            format!(
                "Before importing this resource, please create its configuration in {place}. For example:\n\nresource {:?} {:?} {{\n  # (resource arguments)\n}}",
                resource.of_type, resource.name
            ),
        )
    })
}

/// Whether the instance is one of those that the configuration makes.
fn exists(
    run: &Run<'_>,
    address: &ResourceInstance,
    decl: &ResourceDecl,
) -> Result<(), Diagnostic> {
    let modules = run.evaluator.world().instances(&address.module.path());
    let module = modules.iter().any(|(module, _)| *module == address.module);
    let (count, each) = (decl.count.as_ref(), decl.for_each.as_ref());
    let expansion = run.evaluator.expansion(count, each, &address.module)?;
    if module && expansion.instances().iter().any(|(key, _)| *key == address.key) {
        return Ok(());
    }
    let detail = format!(
        "The configuration for the given import {address} does not exist. All target instances must have an associated configuration to be imported."
    );
    Err(Diagnostic::error("Configuration for import target does not exist", detail))
}

/// The object as it is.
async fn found(
    run: &Run<'_>,
    address: &ResourceInstance,
    id: &str,
    place: &ProviderAddress,
) -> Result<Object, Vec<Diagnostic>> {
    let told = |problems: Vec<Diagnostic>| -> Vec<Diagnostic> {
        problems.into_iter().map(|problem| problem.of(address.to_string())).collect()
    };
    let of_type = &address.resource.of_type;
    let provider = run.configured(place).await.map_err(told)?;
    let named = provider.import(of_type, id).await.map_err(told)?;
    let seen = id_of(&named.value);
    run.observer.event(Event::Refreshing { at: address.clone(), id: seen.clone() });
    let read = provider.read(of_type, named).await.map_err(told)?;
    run.observer.event(Event::Refreshed { at: address.clone(), id: seen });
    read.ok_or_else(|| {
        let detail = format!(
            "While attempting to import an existing object to {:?}, the provider detected that no object exists with the given id. Only pre-existing objects can be imported; check that the id is correct and that it is associated with the provider's configured region or endpoint, or use \"neargate apply\" to create a new remote object for this resource.",
            address.to_string()
        );
        vec![Diagnostic::error("Cannot import non-existent remote object", detail)]
    })
}

fn put(
    run: &Run<'_>,
    address: &ResourceInstance,
    place: &ProviderAddress,
    schema: &Schema,
    object: Object,
) {
    let mut instance = InstanceState { private: object.private, ..InstanceState::default() };
    let value = objects::with_schema_marks(object.value, &schema.block);
    objects::into_state(&mut instance, &value, schema);
    run.state().put(address, &place.to_string(), instance);
}
