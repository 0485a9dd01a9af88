# Who connects to whom inside the plane. What is not here is closed.

locals {
  ports = { jenkins = 8080, webhook = 8090, sonarqube = 9000, database = 5432, ssh = 22 }

  groups = {
    balancer  = module.balancer.security_group_id
    jenkins   = module.jenkins.security_group_id
    agents    = module.agents.security_group.id
    sonarqube = module.sonarqube.security_group_id
    database  = module.database.security_group_id
  }

  ways = {
    balancer-jenkins   = { from = "balancer", to = "jenkins", port = local.ports.jenkins, description = "Pages of Jenkins" }
    balancer-webhook   = { from = "balancer", to = "jenkins", port = local.ports.webhook, description = "Webhooks of GitHub" }
    balancer-sonarqube = { from = "balancer", to = "sonarqube", port = local.ports.sonarqube, description = "Pages of SonarQube" }
    jenkins-agents     = { from = "jenkins", to = "agents", port = local.ports.ssh, description = "Jenkins starts its agent" }
    agents-sonarqube   = { from = "agents", to = "sonarqube", port = local.ports.sonarqube, description = "Analyses" }
    sonarqube-database = { from = "sonarqube", to = "database", port = local.ports.database, description = "SonarQube and its database" }
  }
}

resource "aws_vpc_security_group_ingress_rule" "way" {
  #checkov:skip=CKV_AWS_24: each way comes from a group, never from a range
  for_each = local.ways

  security_group_id            = local.groups[each.value.to]
  referenced_security_group_id = local.groups[each.value.from]
  description                  = each.value.description
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_security_group_egress_rule" "way" {
  for_each = local.ways

  security_group_id            = local.groups[each.value.from]
  referenced_security_group_id = local.groups[each.value.to]
  description                  = each.value.description
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port

  tags = { Name = "${var.name}-${each.key}" }
}
