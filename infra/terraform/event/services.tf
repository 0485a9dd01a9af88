# Otherwise Container Insights makes this group itself, and it stays for ever. It is made before the cluster, and removed
# after it.
resource "aws_cloudwatch_log_group" "insights" {
  #checkov:skip=CKV_AWS_338: the log is of one drop; the variable log_retention_days sets how long it is kept
  name              = "/aws/ecs/containerinsights/${local.name}/performance"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.this.arn

  tags = { Name = "/aws/ecs/containerinsights/${local.name}/performance" }
}

resource "aws_ecs_cluster" "this" {
  name = local.name

  setting {
    name  = "containerInsights"
    value = "enabled"
  }

  tags = { Name = local.name }

  depends_on = [aws_cloudwatch_log_group.insights]
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]
}

locals {
  cluster = { arn = aws_ecs_cluster.this.arn, name = aws_ecs_cluster_capacity_providers.this.cluster_name }

  public_url = "https://${var.hostname}"

  identity = {
    MARKETDAY_JWKS       = jsonencode(merge(jsondecode(var.mall.jwks), { issuer = var.mall.issuer }))
    MARKETDAY_PUBLIC_URL = local.public_url
    MARKETDAY_MALL_URL   = var.mall.public_url
  }

  admission = { MARKETDAY_ADMISSION_KEY = module.admission_key.arn }
  gateway   = { MARKETDAY_GATEWAY_KEY = var.mall.payment_key_secret_arn }
  memory    = { MARKETDAY_VALKEY_URL = module.cache_url.arn }

  database_urls = {
    for role, url in module.database_url : role => url.arn
  }
}

module "gate" {
  source = "../modules/service"

  name        = local.name
  service     = "gate"
  cluster     = local.cluster
  image       = var.images.gate
  command     = ["marketday.apps.gate"]
  environment = local.identity
  secrets     = merge(local.admission, local.memory)
  port        = local.port
  size        = var.sizes.gate
  spot_weight = 3

  balanced = {
    target_group_arn    = module.load_balancer.target_groups["gate"].arn
    resource_label      = module.load_balancer.target_groups["gate"].resource_label
    requests_per_target = var.sizes.gate.requests_per_target
  }

  subnet_ids               = module.network.app_subnet_ids
  security_group_id        = module.security_groups.ids["gate"]
  stream                   = module.activity.stream
  key_arn                  = aws_kms_key.this.arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
}

module "store" {
  source = "../modules/service"

  name        = local.name
  service     = "store"
  cluster     = local.cluster
  image       = var.images.store
  command     = ["marketday.apps.store"]
  environment = merge(local.identity, local.authorities, { MARKETDAY_GATEWAY_URL = var.mall.payment_gateway_url })
  secrets     = merge(local.admission, local.gateway, { MARKETDAY_DATABASE_URL = local.database_urls.store })
  port        = local.port
  size        = var.sizes.store
  spot_weight = 3

  # Migrates the database as its owner, before the store starts; the store itself never has the owner's password. It runs with
  # every task, so it leaves out what would disturb tasks of the version before (docs/migrations.md).
  first = {
    name    = "migrate"
    image   = var.images.migrate
    command = ["marketday.apps.migrate", "--phase", "expand"]
    environment = merge(local.authorities, {
      MARKETDAY_DATABASE_HOST = module.database.host
      MARKETDAY_DATABASE_PORT = tostring(module.database.port)
      MARKETDAY_DATABASE_NAME = module.database.name
    })
    secrets = {
      MARKETDAY_OWNER_SECRET        = module.database.secret_arn
      MARKETDAY_STORE_DATABASE_URL  = local.database_urls.store
      MARKETDAY_WORKER_DATABASE_URL = local.database_urls.worker
    }
  }

  balanced = {
    target_group_arn    = module.load_balancer.target_groups["store"].arn
    resource_label      = module.load_balancer.target_groups["store"].resource_label
    requests_per_target = var.sizes.store.requests_per_target
  }

  subnet_ids               = module.network.app_subnet_ids
  security_group_id        = module.security_groups.ids["store"]
  stream                   = module.activity.stream
  key_arn                  = aws_kms_key.this.arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
}

# Only on demand, never spot: it moves the serving number, and everybody waits while it does not run.
module "worker" {
  source = "../modules/service"

  name        = local.name
  service     = "worker"
  cluster     = local.cluster
  image       = var.images.worker
  command     = ["marketday.apps.worker"]
  environment = merge(local.authorities, { MARKETDAY_GATEWAY_URL = var.mall.payment_gateway_url })
  secrets     = merge(local.gateway, local.memory, { MARKETDAY_DATABASE_URL = local.database_urls.worker })
  port        = local.port
  size        = var.sizes.worker

  subnet_ids               = module.network.app_subnet_ids
  security_group_id        = module.security_groups.ids["worker"]
  stream                   = module.activity.stream
  key_arn                  = aws_kms_key.this.arn
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
}
