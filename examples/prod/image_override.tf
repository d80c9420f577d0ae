# Terraform merges files named *_override.tf into the blocks of the same name: this
# adds two inputs to `module "ecs"`, whose block in main.tf stays the plain usage.

module "ecs" {
  image_tag       = var.image_tag
  container_image = var.container_image
}
