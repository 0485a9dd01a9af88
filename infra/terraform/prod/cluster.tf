# Kubernetes. Terraform ends at the API of EKS: what runs inside comes from infra/kubernetes.

locals {
  cluster = { name = module.cluster.name, arn = module.cluster.arn }

  # Security groups for pods, more addresses on each node, and NetworkPolicy, which nothing enforces otherwise. Without EXTERNALSNAT
  # a packet that leaves the network, also to a peered one, would have the node's address and its security group: a link, which lets
  # in the controller's group alone, would let in nobody. Nodes have NAT gateways.
  network_settings = jsonencode({
    enableNetworkPolicy = "true"
    env = {
      AWS_VPC_K8S_CNI_EXTERNALSNAT      = "true"
      ENABLE_POD_ENI                    = "true"
      ENABLE_PREFIX_DELEGATION          = "true"
      POD_SECURITY_GROUP_ENFORCING_MODE = "standard"
    }
  })

  on_system_nodes = [{ key = "CriticalAddonsOnly", operator = "Exists" }]
}

module "cluster" {
  source = "../modules/cluster"

  name               = var.name
  kubernetes_version = var.kubernetes_version
  vpc_id             = module.network.vpc_id
  subnet_ids         = module.network.app_subnet_ids
  service_cidr       = var.service_cidr
  key_arn            = aws_kms_key.this.arn
  log_retention_days = var.log_retention_days
  admin_role_arns    = var.admin_role_arns
}

module "pod_addresses" {
  source = "../modules/pod_role"

  name            = "${var.name}-vpc-cni"
  description     = "Gives the pods of ${var.name} their addresses"
  cluster         = local.cluster
  namespace       = "kube-system"
  service_account = "aws-node"
  by_addon        = true
  policy_arns     = { addresses = "arn:${data.aws_partition.this.partition}:iam::aws:policy/AmazonEKS_CNI_Policy" }
}

# What each node needs is there before the first node, and what needs a node comes after.
module "node_addons" {
  source = "../modules/addons"

  cluster_name = module.cluster.name
  addons = {
    "vpc-cni"                = { version = var.addon_versions.vpc_cni, settings = local.network_settings, roles = { "aws-node" = module.pod_addresses.arn } }
    "kube-proxy"             = { version = var.addon_versions.kube_proxy }
    "eks-pod-identity-agent" = { version = var.addon_versions.pod_identity_agent }
  }
}

module "system_nodes" {
  source = "../modules/system_nodes"

  cluster_name       = module.node_addons.cluster_name
  kubernetes_version = module.cluster.version
  subnet_ids         = module.network.app_subnet_ids
  size               = var.system_nodes
}

module "cluster_addons" {
  source = "../modules/addons"

  cluster_name = module.system_nodes.cluster_name
  addons = {
    "coredns"        = { version = var.addon_versions.coredns, settings = jsonencode({ tolerations = local.on_system_nodes }) }
    "metrics-server" = { version = var.addon_versions.metrics_server, settings = jsonencode({ tolerations = local.on_system_nodes }) }
  }
}

module "karpenter" {
  source = "../modules/karpenter"

  cluster           = local.cluster
  subnet_ids        = concat(module.network.app_subnet_ids, module.network.controller_subnet_ids)
  security_group_id = module.cluster.security_group_id
}
