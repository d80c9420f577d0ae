//! `aws_codedeploy_app`. Its id is CodeDeploy's own and its name: `uuid:name`.

use async_trait::async_trait;
use neargate_api_types::codedeploy as api;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::resources::codedeploy;

pub struct App;

const MISSING: [&str; 1] = ["ApplicationDoesNotExistException"];

#[async_trait]
impl Resource for App {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["compute_platform"],
            defaults: &[("compute_platform", Fallback::Text("Server"))],
            unsettles: &[("name", "arn")],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let name = planned.required("name");
        let input = api::CreateApplicationInput {
            application_name: name.clone(),
            compute_platform: planned.string("compute_platform"),
            tags: codedeploy::new_tags(planned),
        };
        let id = cloud.call::<api::CreateApplication>(&input).await?.application_id;
        Ok(format!("{}:{name}", id.unwrap_or_default()))
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        // An import has its name alone.
        let name = match known.string("name") {
            Some(name) => name,
            None => known.id().rsplit(':').next().unwrap_or_default().to_owned(),
        };
        let input = api::GetApplicationInput { application_name: name };
        let got = found(cloud.call::<api::GetApplication>(&input).await, &MISSING)?;
        let Some(app) = got.and_then(|output| output.application) else { return Ok(None) };
        let name = app.application_name.unwrap_or_default();
        known.extend(json!({
            "application_id": app.application_id,
            "arn": cloud.arn("codedeploy", &format!("application:{name}")),
            "compute_platform": app.compute_platform,
            "github_account_name": app.git_hub_account_name.unwrap_or_default(),
            "id": format!("{}:{name}", app.application_id.unwrap_or_default()),
            "linked_to_github": app.linked_to_git_hub.unwrap_or(false),
            "name": name,
        }));
        codedeploy::read_tags(cloud, &mut known).await?;
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        // While it still has the name that its ARN says.
        codedeploy::update_tags(cloud, prior, planned).await?;
        if prior.differs(planned, "name") {
            let input = api::UpdateApplicationInput {
                application_name: prior.string("name"),
                new_application_name: planned.string("name"),
            };
            cloud.call::<api::UpdateApplication>(&input).await?;
        }
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = api::DeleteApplicationInput { application_name: prior.required("name") };
        found(cloud.call::<api::DeleteApplication>(&input).await, &MISSING)?;
        Ok(())
    }
}
