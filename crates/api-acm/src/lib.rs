//! AWS Certificate Manager: certificates that are imported, which load balancers serve,
//! and certificates that are requested, which wait for their validation: no public
//! authority issues to this machine, and a request says so under `inert`.

mod certificate;
mod inert;
mod tags;

use neargate_api::Service;
use neargate_api::types::acm;

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&acm::SERVICE)
        .inert(inert::inert)
        .op_on::<acm::ImportCertificate, _>(
            |ctx, i| {
                let anything = || ctx.arn("acm", "certificate/*");
                i.certificate_arn.clone().unwrap_or_else(anything)
            },
            certificate::import::call,
        )
        .op::<acm::RequestCertificate, _>(certificate::request::call)
        .op::<acm::ListCertificates, _>(certificate::list::call)
        .op_on::<acm::DescribeCertificate, _>(
            |_, i| i.certificate_arn.clone(),
            certificate::describe::call,
        )
        .op_on::<acm::GetCertificate, _>(|_, i| i.certificate_arn.clone(), certificate::get::call)
        .op_on::<acm::DeleteCertificate, _>(
            |_, i| i.certificate_arn.clone(),
            certificate::delete::call,
        )
        .op_on::<acm::UpdateCertificateOptions, _>(
            |_, i| i.certificate_arn.clone(),
            certificate::update_options::call,
        )
        .op_on::<acm::AddTagsToCertificate, _>(|_, i| i.certificate_arn.clone(), tags::add)
        .op_on::<acm::RemoveTagsFromCertificate, _>(|_, i| i.certificate_arn.clone(), tags::remove)
        .op_on::<acm::ListTagsForCertificate, _>(|_, i| i.certificate_arn.clone(), tags::list)
}

#[cfg(test)]
mod tests;
