mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { name = "ap-northeast-1" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/marketday-prod" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:ap-northeast-1:123456789012:log-group:marketday-prod" }
  }

  mock_resource "aws_db_instance" {
    defaults = {
      address            = "marketday-prod.example.internal"
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:rds" }]
    }
  }
}

variables {
  region   = "ap-northeast-1"
  vpc_cidr = "172.20.0.0/16"
}

run "the_database_is_not_public" {
  assert {
    condition     = !aws_db_instance.this.publicly_accessible
    error_message = "The database has no public address."
  }

  assert {
    condition     = toset(aws_db_subnet_group.this.subnet_ids) == toset(module.network.database_subnet_ids)
    error_message = "The database is only in the database subnets."
  }

  assert {
    condition     = aws_db_instance.this.vpc_security_group_ids == toset([aws_security_group.database.id])
    error_message = "The database has only its own security group."
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.endpoints_from_database : rule.to_port == 443 && contains(module.network.database_subnet_cidrs, rule.cidr_ipv4)])
    error_message = "Only the database subnets may connect by address, and only to the endpoint of Secrets Manager."
  }
}

run "everything_is_encrypted" {
  assert {
    condition     = aws_db_instance.this.storage_encrypted && aws_db_instance.this.kms_key_id == aws_kms_key.this.arn && aws_db_instance.this.performance_insights_kms_key_id == aws_kms_key.this.arn
    error_message = "The database is encrypted with the plane's own key."
  }

  assert {
    condition     = { for parameter in aws_db_parameter_group.this.parameter : parameter.name => parameter.value }["rds.force_ssl"] == "1"
    error_message = "TLS is forced."
  }

  assert {
    condition     = { for parameter in aws_db_parameter_group.this.parameter : parameter.name => parameter.value }["rds.logical_replication"] == "1"
    error_message = "Logical replication is allowed."
  }

  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.database : group.kms_key_id == aws_kms_key.this.arn])
    error_message = "The database's logs are encrypted with the plane's own key."
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation
    error_message = "The key is rotated."
  }

  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null
    error_message = "The password is made and kept by Secrets Manager."
  }
}

run "two_zones_carry_the_database" {
  assert {
    condition     = module.network.availability_zones == tolist(["ap-northeast-1a", "ap-northeast-1c"])
    error_message = "The network is in the two named zones."
  }

  assert {
    condition     = aws_db_instance.this.multi_az && length(output.database.subnet_ids) == 2
    error_message = "The database has a standby in the other zone."
  }
}

run "the_data_outlives_a_mistake" {
  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && aws_db_instance.this.backup_retention_period == 7
    error_message = "By default the database cannot be deleted, leaves a snapshot, and is kept for seven days."
  }

  assert {
    condition     = startswith(aws_db_instance.this.final_snapshot_identifier, "marketday-prod-final-")
    error_message = "The last snapshot has a name."
  }
}

run "the_roles_of_dms_are_made_here" {
  assert {
    condition     = toset([for role in aws_iam_role.dms : role.name]) == toset(["dms-vpc-role", "dms-cloudwatch-logs-role"])
    error_message = "DMS finds its two roles by these names."
  }

  assert {
    condition     = aws_iam_role_policy_attachment.dms["dms-vpc-role"].policy_arn == "arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole"
    error_message = "AWS says what the role of DMS may do."
  }
}

run "an_account_that_has_the_roles_of_dms_keeps_them" {
  variables {
    dms_service_roles_exist = true
  }

  assert {
    condition     = length(aws_iam_role.dms) == 0 && length(aws_iam_role_policy_attachment.dms) == 0
    error_message = "Existing roles are not changed."
  }
}

run "the_link_learns_what_it_needs" {
  assert {
    condition = alltrue([
      output.database.security_group_id == aws_security_group.database.id,
      output.database.subnet_cidrs == module.network.database_subnet_cidrs,
      output.database.route_table_ids == module.network.database_route_table_ids,
      output.database.kms_key_arn == aws_kms_key.this.arn,
      output.database.secret_arn == "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:rds",
      output.database.name == "mall" && output.database.port == 5432,
      output.vpc_cidr == "172.20.0.0/16",
    ])
    error_message = "The outputs are what the link reads."
  }
}

run "one_zone_is_refused" {
  command = plan

  variables {
    zones = ["a", "a"]
  }

  expect_failures = [var.zones]
}

run "a_storage_that_cannot_grow_is_refused" {
  command = plan

  variables {
    database = { instance_class = "db.m7g.large", storage_gb = 100, max_storage_gb = 105 }
  }

  expect_failures = [var.database]
}
