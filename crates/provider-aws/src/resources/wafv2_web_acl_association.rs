//! `aws_wafv2_web_acl_association`: which web ACL guards a resource. Its id is both
//! ARNs, with a comma between.

use async_trait::async_trait;
use neargate_api_types::wafv2 as api;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource, found};

pub struct WebAclAssociation;

const MISSING: [&str; 1] = ["WAFNonexistentItemException"];

#[async_trait]
impl Resource for WebAclAssociation {
    fn facts(&self) -> &'static Facts {
        &Facts { replaced_by: &["resource_arn", "web_acl_arn"], ..Facts::NONE }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let (resource_arn, web_acl_arn) =
            (planned.required("resource_arn"), planned.required("web_acl_arn"));
        let id = format!("{web_acl_arn},{resource_arn}");
        let input = api::AssociateWebACLRequest { resource_arn, web_acl_arn };
        cloud.call::<api::AssociateWebACL>(&input).await?;
        Ok(id)
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let resource_arn = known.required("resource_arn");
        let input = api::GetWebACLForResourceRequest { resource_arn };
        let got = found(cloud.call::<api::GetWebACLForResource>(&input).await, &MISSING)?;
        let Some(acl) = got.and_then(|output| output.web_acl) else { return Ok(None) };
        known.set("web_acl_arn", acl.arn);
        Ok(Some(known))
    }

    async fn update(&self, _: &Cloud, _: &Attributes, _: &Attributes) -> Result<(), Failure> {
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = api::DisassociateWebACLRequest { resource_arn: prior.required("resource_arn") };
        found(cloud.call::<api::DisassociateWebACL>(&input).await, &MISSING)?;
        Ok(())
    }

    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        match id.split_once(',') {
            Some((acl, resource)) => Ok(Attributes::from(
                json!({ "id": id, "resource_arn": resource, "web_acl_arn": acl }),
            )),
            None => Err(Failure::told(format!("{id} is not of the form WEB-ACL-ARN,RESOURCE-ARN"))),
        }
    }
}
