//! Secrets, keys, images and objects.

use crate::estimate::Estimating;
use crate::prices::price;
use crate::resource::Resource;

pub fn secret(of: &mut Estimating<'_>, secret: &Resource) {
    of.line(secret, "a secret", of.prices.secret);
}

pub fn key(of: &mut Estimating<'_>, key: &Resource) {
    of.line(key, "a key", of.prices.kms_key);
}

pub fn repository(of: &mut Estimating<'_>, repository: &Resource) {
    *of.estimate.free.entry(repository.kind.clone()).or_default() += 1;
    of.assume(format!("no images: {} a GB and month", price(of.prices.ecr_gb_month)));
}

pub fn bucket(of: &mut Estimating<'_>, bucket: &Resource) {
    *of.estimate.free.entry(bucket.kind.clone()).or_default() += 1;
    of.assume(format!("no objects: {} a GB and month", price(of.prices.s3_gb_month)));
}
