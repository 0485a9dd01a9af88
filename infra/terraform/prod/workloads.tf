# What the pods of the plane may reach, and what they may do in AWS. mall, console and migrate have no role in AWS at all.

module "pod_groups" {
  source = "../modules/pod_groups"

  name                      = var.name
  vpc_id                    = module.network.vpc_id
  port                      = 8080
  servers                   = { database = module.database.security_group_id, cache = aws_security_group.cache.id }
  cluster_security_group_id = module.cluster.security_group_id
  event_pool                = var.event_pool
}

module "controller_role" {
  source = "../modules/pod_role"

  name            = "${var.name}-controller"
  description     = "The controller of ${var.name}: the lifecycle of event environments"
  cluster         = local.cluster
  namespace       = "marketday"
  service_account = "controller"
  policy_arns     = var.controller_policy_arns
}

module "load_balancer_controller" {
  source = "../modules/load_balancer_controller"

  cluster = local.cluster
}

module "secrets_reader" {
  source = "../modules/secrets_reader"

  cluster     = local.cluster
  secret_arns = values(local.secret_arns)
  key_arn     = aws_kms_key.this.arn
}

# Argo Rollouts asks CloudWatch how many of the mall's answers are errors (infra/kubernetes/base/analysis.yaml).
data "aws_iam_policy_document" "error_rate" {
  #checkov:skip=CKV_AWS_356: AWS supports no resource for it
  statement {
    actions   = ["cloudwatch:GetMetricData"]
    resources = ["*"] # AWS supports no resource for it: all metrics, or none
  }
}

module "rollouts" {
  source = "../modules/pod_role"

  name            = "${var.name}-rollouts"
  description     = "Argo Rollouts of ${var.name}: reads the error rate of a new version"
  cluster         = local.cluster
  namespace       = "argo-rollouts"
  service_account = "argo-rollouts"
  policies        = { error-rate = data.aws_iam_policy_document.error_rate.json }
}

# Sigstore's policy-controller asks the registry for the signatures of images (infra/argocd/base/signatures.yaml).
data "aws_iam_policy_document" "signatures" {
  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"] # AWS supports no resource for it: it says who asks
  }

  statement {
    actions   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = ["arn:${data.aws_partition.this.partition}:ecr:${var.region}:${data.aws_caller_identity.this.account_id}:repository/marketday/*"]
  }
}

module "signatures" {
  source = "../modules/pod_role"

  name            = "${var.name}-signatures"
  description     = "policy-controller of ${var.name}: reads the signatures of images"
  cluster         = local.cluster
  namespace       = "cosign-system"
  service_account = "policy-controller-webhook"
  policies        = { read = data.aws_iam_policy_document.signatures.json }
}
