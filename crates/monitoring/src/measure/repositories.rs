//! The metric of `AWS/ECR`: how often images of a repository were pulled in a minute, by docker
//! or for a task. Pure.
//!
//! Source: "Amazon ECR repository metrics" in the ECR guide.

use std::collections::HashMap;

use neargate_api_ecr::OfRepository;
use neargate_series::{Metric, StatisticSet, Unit};

use crate::told::Told;

/// Tells all repositories that were pulled from.
pub fn tell(pulls: &HashMap<OfRepository, u64>, told: &mut Told) {
    for ((region, repository), count) in pulls {
        let dimensions = [("RepositoryName", repository.as_str())];
        let metric = Metric::new(region, "AWS/ECR", "RepositoryPullCount", dimensions);
        told.count(metric, Unit::COUNT, StatisticSet::of(*count as f64));
    }
}
