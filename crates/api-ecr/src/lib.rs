//! Amazon ECR: a folder per resource, a file per operation; and what the
//! distribution API (`neargate-registry`) asks of the repositories.
//!
//! ```text
//! aws ecr … ───▶ operations ─┐
//! docker push ─▶ distribution ┼─▶ store (Repository, Image, Layer), blobs
//! a task's start ─▶ pull ─────┘
//! ```
//!
//! **Addresses.** A repository's URI is `127.0.0.1:<port>/<name>`: docker allows
//! plain HTTP to 127.0.0.0/8 with no configuration, and no resolver is asked, as
//! would be for any `*.localhost`. The account and region of AWS's host name are
//! in the token instead: `aws ecr get-login-password --region R` logs in to the
//! repositories of R. References in AWS's form
//! (`<account>.dkr.ecr.<region>.amazonaws.com/<name>`) mean the same repositories
//! to tasks ([`repository_of`]).

mod access;
mod address;
mod distribution;
mod expire;
mod image;
mod layer;
mod lifecycle_policy;
mod pull;
mod pulls;
mod repository;
mod scan;
mod settings;
mod token;

use neargate_api::types::ecr;
use neargate_api::{Inert, Service, Snapshot};
use neargate_blobs::Blobs;

pub use address::{Ours, registry_host, repository_of};
pub use distribution::StoredRepositories;
pub use expire::{ExpireError, Expired, expire, live_blobs};
pub use pull::{NotPulled, resolve};
pub use pulls::{OfRepository, Pulls};
pub use token::{credentials_of_url, ensure_key};

/// The service with all its operations; layers and manifests are kept in `blobs`, and what is
/// pulled is counted in `pulls`.
pub fn service(blobs: Blobs, pulls: Pulls) -> Service {
    let service = Service::new(&ecr::SERVICE).inert(inert);
    let service = repositories(service);
    let service = policies(service);
    let service = images(service, &blobs, pulls);
    let service = layers(service, &blobs);
    service
        .op::<ecr::GetAuthorizationToken, _>(token::get)
        .op::<ecr::DescribeRegistry, _>(settings::describe)
        .op::<ecr::GetRegistryScanningConfiguration, _>(settings::get_scanning)
        .op::<ecr::PutRegistryScanningConfiguration, _>(settings::put_scanning)
}

/// Registers an operation on the repository that its input names, whose policy has a say.
macro_rules! on_repository {
    ($service:expr, $operation:ident, $call:expr) => {
        $service.op_with_policy::<ecr::$operation, _>(
            |ctx, input| repository::arn(ctx, &input.repository_name),
            |ctx, input| repository::policy_of(ctx, &input.repository_name),
            $call,
        )
    };
}

fn repositories(service: Service) -> Service {
    let service = service
        .op_on::<ecr::CreateRepository, _>(
            |ctx, input| repository::arn(ctx, &input.repository_name),
            repository::create::call,
        )
        .op::<ecr::DescribeRepositories, _>(repository::describe::call)
        .op_on::<ecr::TagResource, _>(|_, input| input.resource_arn.clone(), repository::tags::tag)
        .op_on::<ecr::UntagResource, _>(
            |_, input| input.resource_arn.clone(),
            repository::tags::untag,
        )
        .op_on::<ecr::ListTagsForResource, _>(
            |_, input| input.resource_arn.clone(),
            repository::tags::list,
        );
    let service = on_repository!(service, DeleteRepository, repository::delete::call);
    let service =
        on_repository!(service, PutImageTagMutability, repository::put_tag_mutability::call);
    on_repository!(service, PutImageScanningConfiguration, repository::put_scanning::call)
}

fn policies(service: Service) -> Service {
    let service = on_repository!(service, SetRepositoryPolicy, repository::policy::set);
    let service = on_repository!(service, GetRepositoryPolicy, repository::policy::get);
    let service = on_repository!(service, DeleteRepositoryPolicy, repository::policy::delete);
    let service = on_repository!(service, PutLifecyclePolicy, lifecycle_policy::put);
    let service = on_repository!(service, GetLifecyclePolicy, lifecycle_policy::get);
    let service = on_repository!(service, DeleteLifecyclePolicy, lifecycle_policy::delete);
    let service =
        on_repository!(service, StartLifecyclePolicyPreview, lifecycle_policy::preview::start);
    on_repository!(service, GetLifecyclePolicyPreview, lifecycle_policy::preview::get)
}

fn images(service: Service, blobs: &Blobs, pulls: Pulls) -> Service {
    let service = on_repository!(service, ListImages, image::list::call);
    let service = on_repository!(service, DescribeImages, image::describe::call);
    let service = on_repository!(service, BatchDeleteImage, image::batch_delete::call);
    let service = on_repository!(service, StartImageScan, scan::start);
    let service = on_repository!(service, DescribeImageScanFindings, scan::describe_findings);
    let (put, get) = (blobs.clone(), blobs.clone());
    let service =
        on_repository!(service, PutImage, move |c, i| image::put::call(put.clone(), c, i));
    on_repository!(service, BatchGetImage, move |c, i| image::batch_get::call(
        get.clone(),
        pulls.clone(),
        c,
        i
    ))
}

fn layers(service: Service, blobs: &Blobs) -> Service {
    let service =
        on_repository!(service, BatchCheckLayerAvailability, layer::check_availability::call);
    let service = on_repository!(service, GetDownloadUrlForLayer, layer::download_url::call);
    let of = blobs.clone();
    let service = on_repository!(
        service,
        InitiateLayerUpload,
        move |c, i| layer::upload::initiate(of.clone(), c, i)
    );
    let of = blobs.clone();
    let service =
        on_repository!(service, UploadLayerPart, move |c, i| layer::upload::part(of.clone(), c, i));
    let of = blobs.clone();
    on_repository!(service, CompleteLayerUpload, move |c, i| layer::upload::complete(
        of.clone(),
        c,
        i
    ))
}

fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let mut all = scan::inert(snapshot);
    all.extend(repository::inert(snapshot));
    all
}

#[cfg(test)]
mod tests;
