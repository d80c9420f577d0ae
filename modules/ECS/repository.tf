# The private image repository, which cleans up after itself.

resource "aws_ecr_repository" "this" {
  #checkov:skip=CKV_AWS_51:Deployments push the tag latest again and again; image_tag_mutability makes tags immutable.
  name                 = "${local.name}-${var.app_name}"
  image_tag_mutability = var.image_tag_mutability
  force_delete         = var.repository_force_delete
  tags                 = local.tags

  image_scanning_configuration {
    scan_on_push = var.image_scan_on_push
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.kms_key_arn # without one, AWS's own key for ECR
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  repository = aws_ecr_repository.this.name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Images that lost their tag go after a day"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 1 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "The newest ${var.image_keep_count} images stay"
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = var.image_keep_count }
        action       = { type = "expire" }
      },
    ]
  })
}
