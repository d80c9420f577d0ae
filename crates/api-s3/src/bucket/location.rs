//! GetBucketLocation: nothing for us-east-1, as it was the only region once.

use neargate_api::AwsError;

use crate::answer::{self, Answer};
use crate::service::Call;
use crate::xml::NAMESPACE;

pub async fn call(call: &Call) -> Result<Answer, AwsError> {
    let bucket = call.permit("s3:GetBucketLocation")?;
    let region = if bucket.region == "us-east-1" { "" } else { &bucket.region };
    Ok(answer::xml(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <LocationConstraint xmlns=\"{NAMESPACE}\">{region}</LocationConstraint>"
    )))
}
