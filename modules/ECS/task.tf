# The task definition: one application container that may do as little as possible.
#
# Its root is read-only, so what it must write (writable_paths) are volumes. Fargate
# makes those as directories of root with mode 0755, and has no tmpfs. For an
# application that is not root, a first container opens them (mode 1777, as /tmp
# is anywhere else) and ends before the application starts. It is the same image,
# so there is nothing more to pull.

locals {
  # What Fargate sells: MiB of memory for each number of CPU units.
  fargate_memory = {
    256   = [512, 1024, 2048]
    512   = range(1024, 4097, 1024)
    1024  = range(2048, 8193, 1024)
    2048  = range(4096, 16385, 1024)
    4096  = range(8192, 30721, 1024)
    8192  = range(16384, 61441, 4096)
    16384 = range(32768, 122881, 8192)
  }

  image = var.container_image == null ? "${aws_ecr_repository.this.repository_url}:${var.image_tag}" : var.container_image

  volumes = { for path in var.writable_paths : trim(replace(replace(path, "/", "-"), ".", "_"), "-") => path }

  mount_points = [for name, path in local.volumes : { sourceVolume = name, containerPath = path, readOnly = false }]

  environment = merge(var.environment_variables, {
    ENV                = var.environment
    PORT               = tostring(var.container_port)
    AWS_DEFAULT_REGION = local.region
    DB_SECRET_ARN      = var.db_credentials_secret_arn
  })

  python_health_check = [
    "CMD", "python3", "-c",
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:${var.container_port}${var.health_check_path}', timeout=${var.container_health_check_timeout})",
  ]

  open_paths = var.open_writable_paths && length(var.writable_paths) > 0

  log_configuration = {
    logDriver = "awslogs"
    options = {
      awslogs-group         = aws_cloudwatch_log_group.this.name
      awslogs-region        = local.region
      awslogs-stream-prefix = "ecs"
    }
  }

  app_container = {
    name                   = var.app_name
    image                  = local.image
    essential              = true
    command                = length(var.command) > 0 ? var.command : null
    user                   = var.container_user
    readonlyRootFilesystem = var.readonly_root_filesystem
    stopTimeout            = var.stop_timeout
    environment            = [for k in sort(keys(local.environment)) : { name = k, value = local.environment[k] }]
    secrets                = length(var.secrets) > 0 ? [for k in sort(keys(var.secrets)) : { name = k, valueFrom = var.secrets[k] }] : null
    portMappings           = [{ containerPort = var.container_port, hostPort = var.container_port, protocol = "tcp" }]
    mountPoints            = local.mount_points
    volumesFrom            = []
    ulimits                = [{ name = "nofile", softLimit = var.nofile_limit, hardLimit = var.nofile_limit }]
    linuxParameters        = { capabilities = { drop = ["ALL"] }, initProcessEnabled = var.init_process_enabled }
    dependsOn              = local.open_paths ? [{ containerName = "open-writable-paths", condition = "SUCCESS" }] : null
    logConfiguration       = local.log_configuration

    healthCheck = !var.enable_container_health_check ? null : {
      command     = length(var.container_health_check_command) > 0 ? var.container_health_check_command : local.python_health_check
      interval    = var.container_health_check_interval
      timeout     = var.container_health_check_timeout
      retries     = var.container_health_check_retries
      startPeriod = var.container_health_check_start_period
    }
  }

  open_container = {
    name                   = "open-writable-paths"
    image                  = local.image
    essential              = false
    entryPoint             = ["chmod"]
    command                = concat(["1777"], var.writable_paths)
    user                   = "0"
    readonlyRootFilesystem = true
    environment            = []
    portMappings           = []
    mountPoints            = local.mount_points
    volumesFrom            = []
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    logConfiguration       = local.log_configuration
  }

  # ECS gives back a definition without what was null in it.
  container_definitions = concat(
    [jsonencode({ for k, v in local.app_container : k => v if v != null })],
    local.open_paths ? [jsonencode(local.open_container)] : [],
  )
}

resource "aws_ecs_task_definition" "this" {
  family                   = "${local.name}-task"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.task_cpu
  memory                   = var.task_memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions    = "[${join(",", local.container_definitions)}]"
  skip_destroy             = var.keep_task_definitions
  tags                     = local.tags

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.cpu_architecture
  }

  dynamic "volume" {
    for_each = local.volumes

    content {
      name = volume.key
    }
  }

  dynamic "ephemeral_storage" {
    for_each = var.ephemeral_storage_gib > 20 ? [1] : []

    content {
      size_in_gib = var.ephemeral_storage_gib
    }
  }

  # A task needs its permissions as soon as it starts.
  depends_on = [aws_iam_role_policy.execution, aws_iam_role_policy.task, aws_iam_role_policy_attachment.task]

  lifecycle {
    precondition {
      condition     = contains(local.fargate_memory[var.task_cpu], var.task_memory)
      error_message = "Fargate has no task_cpu = ${var.task_cpu} with task_memory = ${var.task_memory}: with that CPU it offers ${join(", ", local.fargate_memory[var.task_cpu])} MiB."
    }

    precondition {
      condition     = length(setintersection(keys(local.environment), keys(var.secrets))) == 0
      error_message = "These names are set both as environment and in secrets: ${join(", ", setintersection(keys(local.environment), keys(var.secrets)))}. Set each once."
    }

    precondition {
      condition     = var.container_health_check_timeout < var.container_health_check_interval
      error_message = "The container_health_check_timeout (${var.container_health_check_timeout}) must be less than container_health_check_interval (${var.container_health_check_interval})."
    }

    precondition {
      condition     = !(var.enable_execute_command && var.readonly_root_filesystem)
      error_message = "The enable_execute_command needs readonly_root_filesystem = false: the agent that AWS puts into the container writes to its root."
    }
  }
}
