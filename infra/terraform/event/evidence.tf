# What an investigator needs on the day after: the bucket of the stack permanent keeps it (modules activity, load_balancer, kept_logs),
# and RDS keeps the database's backups (module database).
module "kept_logs" {
  source = "../modules/kept_logs"

  name                     = local.name
  evidence_bucket          = var.evidence_bucket
  permissions_boundary_arn = var.permissions_boundary_arn

  log_groups = {
    database = module.database.log_group
    delivery = module.activity.log_group
    firewall = module.load_balancer.log_group
    flow     = module.network.flow_log_group
    gate     = module.gate.log_group
    store    = module.store.log_group
    worker   = module.worker.log_group
  }
}
