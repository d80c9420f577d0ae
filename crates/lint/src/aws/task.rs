//! Task definitions with their containers, which are a text of JSON.

use serde_json::Value as Json;

use crate::seen::{Object, Resource, Seen};

pub struct Task<'a> {
    pub resource: &'a Resource<'a>,
    pub containers: Vec<Json>,
}

/// Those whose containers are known.
pub fn all<'a>(seen: &'a Seen<'a>) -> Vec<Task<'a>> {
    seen.of("aws_ecs_task_definition").filter_map(Task::of).collect()
}

impl<'a> Task<'a> {
    fn of(resource: &'a Resource<'a>) -> Option<Task<'a>> {
        let text = resource.text("container_definitions")?;
        let containers: Vec<Json> = serde_json::from_str(text).ok()?;
        Some(Task { resource, containers })
    }

    /// The one that a service runs.
    pub fn of_service(seen: &'a Seen<'a>, service: &Resource<'_>) -> Option<Task<'a>> {
        let named = service.text("task_definition")?;
        let mut all = seen.of("aws_ecs_task_definition");
        let found = all.find(|task| {
            let names = ["arn", "arn_without_revision", "family", "id"];
            names.iter().any(|name| task.text(name) == Some(named))
        });
        Task::of(found?)
    }

    /// For Fargate: by itself, or because a service runs it there.
    pub fn is_for_fargate(&self) -> bool {
        let needs = self.resource.texts("requires_compatibilities").unwrap_or_default();
        needs.contains(&"FARGATE")
    }

    pub fn container(&self, name: &str) -> Option<&Json> {
        self.containers.iter().find(|container| container["name"] == name)
    }

    /// The role that ECS starts it with, if it is made here.
    pub fn execution_role(&self, seen: &'a Seen<'a>) -> Option<&'a Resource<'a>> {
        seen.find("aws_iam_role", "arn", self.resource.text("execution_role_arn")?)
    }

    /// Whether its lines go to CloudWatch.
    pub fn logs(&self) -> bool {
        self.containers.iter().any(|one| one["logConfiguration"]["logDriver"] == "awslogs")
    }

    pub fn images(&self) -> impl Iterator<Item = &str> {
        self.containers.iter().filter_map(|container| container["image"].as_str())
    }

    /// What its containers get out of secrets and parameters: container, name, `valueFrom`.
    pub fn secrets(&self) -> Vec<(&str, &str, &str)> {
        let mut found = Vec::new();
        for container in &self.containers {
            let name = container["name"].as_str().unwrap_or_default();
            for secret in container["secrets"].as_array().into_iter().flatten() {
                if let (Some(of), Some(from)) =
                    (secret["name"].as_str(), secret["valueFrom"].as_str())
                {
                    found.push((name, of, from));
                }
            }
        }
        found
    }
}

/// Whether an image is in a registry of ECR's own, and not its public one.
pub fn is_in_ecr(image: &str) -> bool {
    image.split('/').next().is_some_and(|host| host.contains(".dkr.ecr."))
}

/// The words of a container's `command`, `entryPoint`, or of its health check's command.
pub fn words(list: &Json) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Json::as_str).collect()
}
