//! `/_neargate/images`: images of other registries that are on this machine, by
//! name. GET lists them; POST takes one from a file or directory, so that tasks
//! find it without a network. As it reads files of this machine, it needs the
//! operator's token.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use http::{Method, Request, Response};
use hyper::body::Incoming;
use neargate_blobs::Blobs;
use neargate_edge::{Body, Route};
use neargate_images::{ImageReference, Named, Names, Unpacker, import};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::operator_page::{Refused, from_operator, respond};
use crate::operator_token::OperatorToken;

pub const PATH: &str = "/_neargate/images";

pub struct LoadedImages {
    pub blobs: Blobs,
    pub names: Names,
    pub unpacker: Unpacker,
    pub operator: Arc<OperatorToken>,
}

#[derive(Deserialize)]
struct Load {
    /// An OCI layout or an archive, as this process sees it.
    path: PathBuf,
    /// What to call it; what it calls itself when absent.
    name: Option<String>,
}

impl LoadedImages {
    fn list(&self) -> Value {
        let all = self.names.list().into_iter();
        let shown = all.map(|(name, named)| {
            json!({ "name": name, "digest": named.digest.to_string(), "loaded": named.loaded })
        });
        json!({ "images": shown.collect::<Vec<_>>() })
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Value, Refused> {
        match *request.method() {
            Method::GET => Ok(self.list()),
            Method::POST => self.load(request).await,
            _ => Err((405, "use GET or POST".into())),
        }
    }

    async fn load(&self, request: Request<Incoming>) -> Result<Value, Refused> {
        let wanted: Load = from_operator(&self.operator, request, "neargate image load").await?;
        let refused = |error: neargate_images::ImageError| (400, error.to_string());
        let name: Option<ImageReference> = match wanted.name {
            Some(name) => {
                Some(name.parse().map_err(|e| refused(neargate_images::ImageError::Reference(e)))?)
            }
            None => None,
        };
        let images = import(&self.blobs, &wanted.path).await.map_err(refused)?;
        if name.is_some() && images.len() != 1 {
            let why =
                format!("there are {} images in it: they cannot all have one name", images.len());
            return Err((400, why));
        }
        let mut loaded = Vec::new();
        for image in images {
            let named = name.clone().or(image.name);
            let reference =
                named.ok_or((400, "the image has no name of its own: give --tag".into()))?;
            // One that cannot run here is refused now and not with its first task, which starts at once.
            self.unpacker.prepare(&image.digest).await.map_err(refused)?;
            let names = self.names.clone();
            let kept = Named { digest: image.digest, loaded: true };
            let name = reference.to_string();
            let set = tokio::task::spawn_blocking(move || names.set(&reference, kept)).await;
            set.map_err(|error| (500, error.to_string()))?.map_err(|e| (500, e.to_string()))?;
            loaded
                .push(json!({ "name": name, "digest": image.digest.to_string(), "loaded": true }));
        }
        Ok(json!({ "images": loaded }))
    }
}

impl Route for LoadedImages {
    fn handle(
        &self,
        request: Request<Incoming>,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send + '_>> {
        Box::pin(async move { respond(self.answer(request).await) })
    }
}
