# Who reaches the load balancer.

resource "aws_security_group" "balancer" {
  #checkov:skip=CKV2_AWS_5: the load balancer uses it
  name        = "${var.name}-balancer"
  description = "The load balancer of ${var.name}: people and GitHub"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-balancer" }
}

resource "aws_vpc_security_group_ingress_rule" "balancer" {
  for_each = toset(concat(var.people_cidrs, var.github_cidrs))

  security_group_id = aws_security_group.balancer.id
  description       = contains(var.people_cidrs, each.key) ? "People" : "Webhooks of GitHub"
  cidr_ipv4         = each.key
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "${var.name}-balancer-${replace(each.key, "/", "-")}" }
}
