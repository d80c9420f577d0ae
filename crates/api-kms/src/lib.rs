//! AWS KMS: symmetric keys that truly encrypt, with aliases, policies, grants and rotation.
//! A folder per subject, a file per operation.
//!
//! ```text
//!   plaintext ── AES-256-GCM, bound to the encryption context ──▶ key id ‖ material id ‖ ciphertext
//!   Key ── materials, each sealed by the instance's vault ──┘
//! ```
//!
//! Operations that name a key are open at the edge: who may is decided here ([`access`]), by
//! the key's policy, the caller's policies and the key's grants together.

pub mod access;
mod alias;
mod crypto;
mod grant;
mod key;
mod policy;
mod rotation;
mod tags;

use neargate_api::Service;
use neargate_api::types::kms;

/// The service with all its operations.
pub fn service() -> Service {
    let service = keys(Service::new(&kms::SERVICE));
    let service = cryptography(service);
    service
        .op_open::<kms::GetKeyPolicy, _>(policy::get::call)
        .op_open::<kms::PutKeyPolicy, _>(policy::put::call)
        .op_open::<kms::ListKeyPolicies, _>(policy::list::call)
        .op_open::<kms::CreateAlias, _>(alias::create::call)
        .op_open::<kms::DeleteAlias, _>(alias::delete::call)
        .op_open::<kms::UpdateAlias, _>(alias::update::call)
        .op::<kms::ListAliases, _>(alias::list::call)
        .op_open::<kms::CreateGrant, _>(grant::create::call)
        .op_open::<kms::ListGrants, _>(grant::list::call)
        .op_open::<kms::RevokeGrant, _>(grant::revoke::call)
        .op_open::<kms::RetireGrant, _>(grant::retire::call)
        .op_open::<kms::TagResource, _>(tags::tag)
        .op_open::<kms::UntagResource, _>(tags::untag)
        .op_open::<kms::ListResourceTags, _>(tags::list)
}

fn keys(service: Service) -> Service {
    service
        .op::<kms::CreateKey, _>(key::create::call)
        .op::<kms::ListKeys, _>(key::list::call)
        .op_open::<kms::DescribeKey, _>(key::describe::call)
        .op_open::<kms::UpdateKeyDescription, _>(key::update_description::call)
        .op_open::<kms::EnableKey, _>(key::enable::call)
        .op_open::<kms::DisableKey, _>(key::disable::call)
        .op_open::<kms::ScheduleKeyDeletion, _>(key::schedule_deletion::call)
        .op_open::<kms::CancelKeyDeletion, _>(key::cancel_deletion::call)
        .op_open::<kms::EnableKeyRotation, _>(rotation::enable)
        .op_open::<kms::DisableKeyRotation, _>(rotation::disable)
        .op_open::<kms::GetKeyRotationStatus, _>(rotation::status)
}

fn cryptography(service: Service) -> Service {
    service
        .op_open::<kms::Encrypt, _>(crypto::encrypt::call)
        .op_open::<kms::Decrypt, _>(crypto::decrypt::call)
        .op_open::<kms::ReEncrypt, _>(crypto::re_encrypt::call)
        .op_open::<kms::GenerateDataKey, _>(crypto::data_key::call)
        .op_open::<kms::GenerateDataKeyWithoutPlaintext, _>(crypto::data_key::without_plaintext)
        .op::<kms::GenerateRandom, _>(crypto::random::call)
}

#[cfg(test)]
mod tests;
