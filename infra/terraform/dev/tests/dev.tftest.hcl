# Who reaches the dev plane, what agents may do, and when nothing runs: module by module.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "210987654321" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { name = "ap-northeast-2" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_data "aws_ssm_parameter" {
    defaults = { insecure_value = "ami-0123456789abcdef0" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::210987654321:role/marketday-dev" }
  }

  mock_resource "aws_iam_instance_profile" {
    defaults = { arn = "arn:aws:iam::210987654321:instance-profile/marketday-dev-agents" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:ap-northeast-2:210987654321:key/7ad2d2b1-0000-4000-8000-000000000000" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:ap-northeast-2:210987654321:log-group:marketday-dev/log" }
  }

  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:ap-northeast-2:210987654321:secret:marketday-dev-a" } #checkov:skip=CKV_SECRET_6: the name of a secret, not its value
  }

  mock_resource "aws_secretsmanager_secret_version" {
    defaults = { arn = "arn:aws:secretsmanager:ap-northeast-2:210987654321:secret:marketday-dev-a" } #checkov:skip=CKV_SECRET_6: the name of a secret, not its value
  }

  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:ap-northeast-2:210987654321:loadbalancer/app/marketday-dev/0123456789abcdef", zone_id = "ZWKZPGTI48KDX" }
  }

  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:ap-northeast-2:210987654321:targetgroup/marketday-dev/0123456789abcdef" }
  }

  mock_resource "aws_lb_listener" {
    defaults = { arn = "arn:aws:elasticloadbalancing:ap-northeast-2:210987654321:listener/app/marketday-dev/0123456789abcdef/0123456789abcdef" }
  }
}

variables {
  name                = "marketday-dev"
  vpc_id              = "vpc-0a"
  subnet_ids          = ["subnet-0a", "subnet-0b"]
  key_arn             = "arn:aws:kms:ap-northeast-2:210987654321:key/7ad2d2b1-0000-4000-8000-000000000000"
  people_cidrs        = ["203.0.113.0/24"]
  github_cidrs        = ["140.82.112.0/20", "192.30.252.0/22"]
  hostnames           = { jenkins = "jenkins.example.com", sonarqube = "sonarqube.example.com", webhook = "hooks.example.com" }
  certificate_arn     = "arn:aws:acm:ap-northeast-2:210987654321:certificate/7ad2d2b1-0000-4000-8000-000000000000"
  zone_id             = "Z0123456789"
  log_retention_days  = 365
  deletion_protection = true
  targets             = { jenkins = { instance = "i-0a", port = 8080 }, sonarqube = { instance = "i-0b", port = 9000 }, webhook = { instance = "i-0a", port = 8090 } }
  image               = "ami-0123456789abcdef0"
  instance_type       = "c7g.xlarge"
  public_key          = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA jenkins"
  cluster             = "marketday-prod"
  machines            = [{ id = "i-0a", arn = "arn:aws:ec2:ap-northeast-2:210987654321:instance/i-0a" }]
  database            = "marketday-dev"
  hours               = { start = "cron(0 8 ? * MON-FRI *)", stop = "cron(0 21 ? * MON-FRI *)", zone = "Asia/Seoul" }
}

run "balancer" {
  command = plan

  module {
    source = "../modules/dev_balancer"
  }

  assert {
    condition     = sort([for rule in aws_vpc_security_group_ingress_rule.balancer : "${rule.cidr_ipv4}:${rule.from_port}"]) == tolist(["140.82.112.0/20:443", "192.30.252.0/22:443", "203.0.113.0/24:443"])
    error_message = "Others than people and GitHub reach the load balancer."
  }

  # GitHub's own ranges reach the receiver of webhooks, and no page; people reach pages, and not the receiver.
  assert {
    condition = jsonencode({ for name, rule in aws_lb_listener_rule.this : name => join(",", sort(flatten([for condition in rule.condition : [for ip in condition.source_ip : tolist(ip.values)]]))) }) == jsonencode({
      jenkins   = "203.0.113.0/24"
      sonarqube = "203.0.113.0/24"
      webhook   = "140.82.112.0/20,192.30.252.0/22"
    })
    error_message = "GitHub reaches a page, or somebody else the receiver."
  }

  assert {
    condition     = aws_lb_listener.https.default_action[0].type == "fixed-response"
    error_message = "What has no rule is answered."
  }
}

run "agents" {
  command = plan

  module {
    source = "../modules/build_agents"
  }

  assert {
    condition     = length([for statement in data.aws_iam_policy_document.agents_by_jenkins.statement : statement if contains(statement.actions, "ec2:RunInstances") && length(statement.condition) == 3]) == 1
    error_message = "Jenkins starts others than its agents."
  }

  assert {
    condition     = !anytrue([for action in flatten(data.aws_iam_policy_document.agents.statement[*].actions) : can(regex("Delete|iam:|\\*", action))])
    error_message = "An agent may remove images, or more."
  }
}

run "at_night" {
  command = plan

  module {
    source = "../modules/working_hours"
  }

  assert {
    condition     = sort([for schedule in aws_scheduler_schedule.hours : "${schedule.schedule_expression} ${reverse(split(":", schedule.target[0].arn))[0]}"]) == tolist(["cron(0 21 ? * MON-FRI *) stopDBInstance", "cron(0 21 ? * MON-FRI *) stopInstances", "cron(0 8 ? * MON-FRI *) startDBInstance", "cron(0 8 ? * MON-FRI *) startInstances"])
    error_message = "Something runs at night."
  }
}

run "always" {
  command = plan

  variables {
    hours = null
  }

  module {
    source = "../modules/working_hours"
  }

  assert {
    condition     = length(aws_scheduler_schedule.hours) == 0
    error_message = "The switch does not work."
  }
}

run "machines" {
  command = plan

  variables {
    subnet_id   = "subnet-0a"
    disk_gb     = 20
    user_data   = "#cloud-config"
    secret_arns = ["arn:aws:secretsmanager:ap-northeast-2:210987654321:secret:a"]
  }

  module {
    source = "../modules/tool_server"
  }

  assert {
    condition     = aws_instance.this.metadata_options[0].http_tokens == "required"
    error_message = "A machine gives its credentials to anybody who asks."
  }
}
