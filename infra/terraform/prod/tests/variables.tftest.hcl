# What the stack refuses before it asks AWS anything.

mock_provider "aws" {}

mock_provider "aws" {
  alias = "recovery"
}

variables {
  region          = "ap-northeast-2"
  vpc_cidr        = "10.0.0.0/16"
  admin_role_arns = ["arn:aws:iam::123456789012:role/administrators"]
}

run "the_defaults" {
  command = plan

  module {
    source = "./tests/variables"
  }

  assert {
    condition     = output.zones == tolist(["a", "b", "c"]) && output.system_nodes.min == 2
    error_message = "by default there are three zones and two system nodes"
  }
}

run "one_zone_is_refused" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    zones = ["a", "a"]
  }

  expect_failures = [var.zones]
}

run "four_zones_are_refused" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    zones = ["a", "b", "c", "d"]
  }

  expect_failures = [var.zones]
}

run "a_storage_that_cannot_grow_is_refused" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    database = { instance_class = "db.m7g.large", storage_gb = 100, max_storage_gb = 105 }
  }

  expect_failures = [var.database]
}

run "a_name_of_54_characters_is_refused" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    name = "marketday-prod-of-a-company-whose-name-is-rather-long2"
  }

  expect_failures = [var.name]
}

run "a_public_range_is_refused" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vpc_cidr = "8.8.0.0/16"
  }

  expect_failures = [var.vpc_cidr]
}

run "a_link_local_range_is_refused" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vpc_cidr = "169.254.0.0/16"
  }

  expect_failures = [var.vpc_cidr]
}

run "a_range_without_room_for_pods_is_refused" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vpc_cidr = "10.0.0.0/22"
  }

  expect_failures = [var.vpc_cidr]
}

run "public_addresses_of_services_are_refused" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service_cidr = "100.64.0.0/16"
  }

  expect_failures = [var.service_cidr]
}

run "a_cluster_that_nobody_could_enter_is_refused" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    admin_role_arns = []
  }

  expect_failures = [var.admin_role_arns]
}

run "a_session_instead_of_a_role_is_refused" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    admin_role_arns = ["arn:aws:sts::123456789012:assumed-role/administrators/kim"]
  }

  expect_failures = [var.admin_role_arns]
}

run "add_ons_of_another_version_are_refused" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    kubernetes_version = "1.36"
  }

  expect_failures = [var.addon_versions]
}

run "one_system_node_is_refused" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    system_nodes = { min = 1 }
  }

  expect_failures = [var.system_nodes]
}

run "system_nodes_of_another_processor_are_refused" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    system_nodes = { instance_types = ["t3.medium"] }
  }

  expect_failures = [var.system_nodes]
}

run "a_public_range_of_event_planes_is_refused" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    event_pool = "8.8.0.0/12"
  }

  expect_failures = [var.event_pool]
}
