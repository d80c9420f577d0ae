//! What AWS has at a port: its API calls, ECR's registry, and S3. The operator's
//! port and the one inside of VPCs are both made of these.

use std::sync::Arc;

use neargate_api::{Cloud, Services};
use neargate_api_cloudtrail::Recorder;
use neargate_api_ecr::Pulls;
use neargate_api_s3::S3;
use neargate_blobs::Blobs;
use neargate_edge::{AwsApi, Edge};

use crate::registry::{self, RegistryRoute};
use crate::s3::{self, S3Route, Signatures};

pub struct AwsPort {
    pub cloud: Arc<Cloud>,
    pub services: Arc<Services>,
    /// Layers and manifests.
    pub blobs: Blobs,
    pub pulls: Pulls,
    /// The bytes of S3's objects.
    pub objects: Blobs,
    pub recorder: Arc<Recorder>,
}

impl AwsPort {
    /// The API calls, and S3 that checks signatures as they do. Without `refused_key`:
    /// a default that everybody knows is no proof where strangers' programs run.
    pub fn open(&self, refused_key: Option<&'static str>) -> (Arc<AwsApi>, S3) {
        let mut aws = AwsApi::new(self.cloud.clone(), self.services.clone());
        if let Some(key) = refused_key {
            aws = aws.without_key(key);
        }
        let aws = Arc::new(aws);
        let signatures = Arc::new(Signatures(aws.clone()));
        (aws, S3::new(self.cloud.clone(), self.objects.clone(), signatures))
    }

    /// Adds the registry and S3 to what `edge` answers already.
    pub fn route(&self, edge: Edge, s3: &S3) -> Edge {
        let registry = RegistryRoute {
            cloud: self.cloud.clone(),
            blobs: self.blobs.clone(),
            pulls: self.pulls.clone(),
        };
        let s3 = S3Route { s3: s3.clone(), recorder: self.recorder.clone() };
        edge.route(registry::is_for, Arc::new(registry)).route(s3::is_for, Arc::new(s3))
    }
}
