//! `environmentFiles`: objects of S3 with a `NAME=value` in each line, read as
//! Docker reads an env-file: no quotes, no escapes.

use neargate_api::types::ecs::EnvironmentFile;
use neargate_api::{AwsError, Ctx};

use crate::task::facts::{Facts, NotStarted};

/// The variables of all files, in the order of the files; the first of a name wins.
pub async fn of(
    facts: &Facts,
    ctx: &Ctx,
    files: &[EnvironmentFile],
) -> Result<Vec<(String, String)>, NotStarted> {
    let mut variables: Vec<(String, String)> = Vec::new();
    for file in files {
        let path = file.value.strip_prefix("arn:aws:s3:::").unwrap_or(&file.value);
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let read = facts.hands.objects.read(ctx.clone(), bucket.into(), key.into()).await;
        let bytes = read.map_err(|error| failed(&file.value, &error))?;
        for (name, value) in parse(&String::from_utf8_lossy(&bytes)) {
            if !variables.iter().any(|(known, _)| *known == name) {
                variables.push((name, value));
            }
        }
    }
    Ok(variables)
}

fn failed(arn: &str, error: &AwsError) -> NotStarted {
    NotStarted::Failed(format!(
        "ResourceInitializationError: failed to download env files: file download command: non empty error stream: {}: {} \
         ({arn})",
        error.code, error.message
    ))
}

fn parse(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().map(str::trim_start).filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once('='))
        .filter(|(name, _)| !name.is_empty())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn lines_of_a_file() {
        let text = "# a comment\nA=1\n\n  B=\"two = 2\"\r\nnothing\n=x\nC=\n";
        let pairs = super::parse(text);
        let shown: Vec<String> = pairs.iter().map(|(n, v)| format!("{n}->{v}")).collect();
        assert_eq!(shown, ["A->1", "B->\"two = 2\"", "C->"]);
    }
}
