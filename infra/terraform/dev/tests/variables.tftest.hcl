# What the stack's variables refuse.

variables {
  region           = "ap-northeast-2"
  vpc_cidr         = "10.40.0.0/20"
  zones            = ["a", "b"]
  people_cidrs     = ["203.0.113.0/24"]
  hostnames        = { jenkins = "jenkins.example.com", sonarqube = "sonarqube.example.com", webhook = "hooks.example.com" }
  certificate_arn  = "arn:aws:acm:ap-northeast-2:210987654321:certificate/7ad2d2b1-0000-4000-8000-000000000000"
  repository       = { owner = "example", name = "marketday", url = "https://github.com/example/marketday.git", commit = "0123456789abcdef0123456789abcdef01234567" }
  sign_in          = { configuration_url = "https://id.example.com/.well-known/openid-configuration", operators = "operators", developers = "developers" }
  delivery         = { repository = "https://github.com/example/deployment.git", smoke_url = "https://mall.example.com" }
  jenkins          = { version = "2.555.1", plugin_manager = "2.13.2", plugin_manager_sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  sonarqube        = { version = "26.4.0.1", sha256 = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" }
  agents           = { image = "ami-0123456789abcdef0" }
  agent_public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA jenkins"
}

run "refuses_the_world" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    people_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.people_cidrs]
}

run "refuses_the_world_as_github" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    github_cidrs = ["0.0.0.0/1", "128.0.0.0/1"]
  }

  expect_failures = [var.github_cidrs]
}

run "refuses_one_name_for_two" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    hostnames = { jenkins = "a.example.com", sonarqube = "b.example.com", webhook = "a.example.com" }
  }

  expect_failures = [var.hostnames]
}

run "refuses_an_unpinned_archive" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    sonarqube = { version = "latest", sha256 = "b" }
  }

  expect_failures = [var.sonarqube]
}
