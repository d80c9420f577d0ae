# Two roles, neither of which may do what the other does:
#
#   execution   ECS itself, before the container runs: pull this image, fetch the
#               secrets named in the task definition, write to this log group
#   task        the application: read the database's secret, and what the caller adds

locals {
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:ecs:${local.region}:${local.account_id}:*" }
      }
    }]
  })

  # A secret may be followed by :json-key:version-stage:version-id.
  execution_secret_arns = distinct([
    for arn in values(var.secrets) : join(":", slice(split(":", arn), 0, 7)) if can(regex("^arn:[^:]+:secretsmanager:", arn))
  ])
  execution_parameter_arns = distinct([
    for arn in values(var.secrets) : arn if can(regex("^arn:[^:]+:ssm:", arn))
  ])

  decrypt_statement = {
    Sid      = "DecryptSecrets"
    Effect   = "Allow"
    Action   = ["kms:Decrypt"]
    Resource = var.secrets_kms_key_arns
    Condition = {
      StringEquals = { "kms:ViaService" = ["secretsmanager.${local.region}.amazonaws.com", "ssm.${local.region}.amazonaws.com"] }
    }
  }

  execution_statements = concat(
    [
      {
        Sid      = "LogIntoRegistry"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"] # the action knows no resources
      },
      {
        Sid      = "PullImage"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = concat([aws_ecr_repository.this.arn], var.image_repository_arns)
      },
      {
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${aws_cloudwatch_log_group.this.arn}:*"]
      },
    ],
    length(local.execution_secret_arns) == 0 ? [] : [{
      Sid      = "FetchSecrets"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = local.execution_secret_arns
    }],
    length(local.execution_parameter_arns) == 0 ? [] : [{
      Sid      = "FetchParameters"
      Effect   = "Allow"
      Action   = ["ssm:GetParameters"]
      Resource = local.execution_parameter_arns
    }],
  )

  task_statements = concat(
    [{
      Sid      = "ReadDatabaseSecret"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = [var.db_credentials_secret_arn]
    }],
    !var.enable_execute_command ? [] : [{
      Sid      = "OpenExecChannels"
      Effect   = "Allow"
      Action   = ["ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"]
      Resource = ["*"] # the actions know no resources
    }],
    !var.enable_execute_command ? [] : [{
      Sid      = "FindExecLog"
      Effect   = "Allow"
      Action   = ["logs:DescribeLogGroups"]
      Resource = ["*"] # the action knows no resources
    }],
    !var.enable_execute_command ? [] : [{
      Sid      = "WriteExecLog"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = ["${aws_cloudwatch_log_group.this.arn}:*"]
    }],
  )
}

resource "aws_iam_role" "execution" {
  name               = "${local.name}-ecs-execution"
  description        = "ECS starts the tasks of ${local.service_name}"
  assume_role_policy = local.assume_role_policy
  tags               = local.tags
}

resource "aws_iam_role_policy" "execution" {
  #checkov:skip=CKV_AWS_355:Only ecr:GetAuthorizationToken is allowed on every resource: it knows none.
  name = "start-tasks"
  role = aws_iam_role.execution.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.execution_statements, length(var.secrets_kms_key_arns) == 0 ? [] : [local.decrypt_statement])
  })
}

resource "aws_iam_role" "task" {
  name               = "${local.name}-ecs-task"
  description        = "The application in the tasks of ${local.service_name}"
  assume_role_policy = local.assume_role_policy
  tags               = local.tags
}

resource "aws_iam_role_policy" "task" {
  #checkov:skip=CKV_AWS_355:Only the actions of ECS Exec, where it is switched on, are allowed on every resource: they know none.
  name = "run-application"
  role = aws_iam_role.task.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.task_statements, length(var.secrets_kms_key_arns) == 0 ? [] : [local.decrypt_statement])
  })
}

resource "aws_iam_role_policy_attachment" "task" {
  for_each = var.task_role_policy_arns

  role       = aws_iam_role.task.name
  policy_arn = each.value
}
