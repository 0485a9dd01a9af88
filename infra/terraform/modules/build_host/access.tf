# Who reaches whom: the function reaches the build host by SSH, and each reaches its own services by TLS. Nothing else.

resource "aws_security_group" "host" {
  name        = "${var.name}-host"
  description = "Build host: SSH from the private subnet, TLS out"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-host" }
}

resource "aws_vpc_security_group_ingress_rule" "ssh" {
  security_group_id = aws_security_group.host.id
  description       = "SSH from the subnet of the function"
  cidr_ipv4         = aws_subnet.private.cidr_block
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22

  tags = { Name = "${var.name}-ssh" }
}

resource "aws_vpc_security_group_egress_rule" "host_tls" {
  #checkov:skip=CKV_AWS_382: one port; the addresses of GitHub, HashiCorp and AWS change
  security_group_id = aws_security_group.host.id
  description       = "Git, packages and AWS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "${var.name}-host-tls" }
}

resource "aws_security_group" "shell" {
  #checkov:skip=CKV2_AWS_5: the function of the lifecycle module uses it
  name        = "${var.name}-shell"
  description = "Function that speaks SSH: nothing in, SSH to the build host and TLS to Secrets Manager out"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-shell" }
}

resource "aws_vpc_security_group_egress_rule" "shell_ssh" {
  security_group_id = aws_security_group.shell.id
  description       = "SSH to build hosts"
  cidr_ipv4         = local.public
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22

  tags = { Name = "${var.name}-shell-ssh" }
}

resource "aws_vpc_security_group_egress_rule" "shell_tls" {
  security_group_id = aws_security_group.shell.id
  description       = "Secrets Manager by IPv6"
  cidr_ipv6         = "::/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "${var.name}-shell-tls" }
}
