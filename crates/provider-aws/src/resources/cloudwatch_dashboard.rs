//! `aws_cloudwatch_dashboard`.

use async_trait::async_trait;
use neargate_api_types::cloudwatch;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::policy;
use crate::resource::{Facts, Failure, Resource, found};

pub struct CloudwatchDashboard;

const MISSING: [&str; 2] = ["ResourceNotFound", "DashboardNotFoundError"];

#[async_trait]
impl Resource for CloudwatchDashboard {
    fn facts(&self) -> &'static Facts {
        &Facts { replaced_by: &["dashboard_name"], json: &["dashboard_body"], ..Facts::NONE }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        put(cloud, planned).await?;
        Ok(planned.required("dashboard_name"))
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let input = cloudwatch::GetDashboardInput { dashboard_name: known.id() };
        let got = found(cloud.call::<cloudwatch::GetDashboard>(&input).await, &MISSING)?;
        let Some(dashboard) = got else { return Ok(None) };
        let body = dashboard.dashboard_body.unwrap_or_default();
        let body = policy::kept(known.text("dashboard_body"), &body);
        known.extend(json!({
            "dashboard_arn": dashboard.dashboard_arn,
            "dashboard_body": body,
            "dashboard_name": dashboard.dashboard_name,
        }));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        put(cloud, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = cloudwatch::DeleteDashboardsInput { dashboard_names: vec![prior.id()] };
        found(cloud.call::<cloudwatch::DeleteDashboards>(&input).await, &MISSING)?;
        Ok(())
    }
}

async fn put(cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
    let input = cloudwatch::PutDashboardInput {
        dashboard_body: planned.required("dashboard_body"),
        dashboard_name: planned.required("dashboard_name"),
        ..Default::default()
    };
    cloud.call::<cloudwatch::PutDashboard>(&input).await?;
    Ok(())
}
