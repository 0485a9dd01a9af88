# What the stack refuses before it asks AWS anything.

mock_provider "aws" {}

mock_provider "aws" {
  alias = "recovery"
}

variables {
  region          = "ap-northeast-2"
  environment_id  = "01890000-0000-7000-8000-00003f9a1c2e"
  drop            = "tint-2026"
  expires_at      = "2126-07-05T15:00:00Z"
  room_opens_at   = "2126-07-04T09:00:00+09:00"
  closes_at       = "2126-07-04T23:00:00+09:00"
  vpc_cidr        = "10.40.0.0/16"
  other_cidrs     = ["10.20.0.0/16"]
  hostname        = "event.example.com"
  certificate_arn = "arn:aws:acm:ap-northeast-2:123456789012:certificate/00000000-0000-4000-8000-000000000000"
  alarm_topic_arn = "arn:aws:sns:ap-northeast-2:123456789012:alarms"
  evidence_bucket = "marketday-logs-123456789012-ap-northeast-2"

  images = {
    gate    = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/marketday/gate:1"
    store   = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/marketday/store:1"
    worker  = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/marketday/worker:1"
    migrate = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/marketday/migrate:1"
  }

  sizes = {
    gate          = { cpu = 1024, memory = 2048, min = 2, max = 20, requests_per_target = 3000 }
    store         = { cpu = 1024, memory = 2048, min = 2, max = 20, requests_per_target = 1500 }
    worker        = { cpu = 512, memory = 1024, min = 2, max = 2 }
    database      = { instance_class = "db.m7g.large", storage_gb = 100 }
    cache         = { node_type = "cache.m7g.large", replicas = 1 }
    stream_shards = 4
  }

  mall = {
    issuer                 = "https://mall.example.com"
    jwks                   = "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"1\",\"x\":\"AA\"}]}"
    public_url             = "https://mall.example.com"
    payment_gateway_url    = "https://pay.example.com"
    payment_key_secret_arn = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:payment-key-AbCdEf"
  }
}

run "right_values" {
  command = plan

  module {
    source = "./tests/variables"
  }

  assert {
    condition     = output.database_tls == "sslmode=require" && length(output.authorities) == 0
    error_message = "without authorities a connection should only be encrypted: ${output.database_tls}"
  }
}

run "authorities_of_the_database" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    database_ca_pem = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n"
  }

  assert {
    condition     = output.database_tls == "sslmode=verify-full"
    error_message = "the server is not checked: ${output.database_tls}"
  }

  assert {
    condition     = output.authorities["MARKETDAY_DATABASE_CA"] == var.database_ca_pem
    error_message = "a container is not given the certificates"
  }
}

run "another_region_and_range" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    region                   = "us-west-2"
    vpc_cidr                 = "172.20.16.0/22"
    certificate_arn          = "arn:aws:acm:us-west-2:123456789012:certificate/00000000-0000-4000-8000-000000000000"
    edge_key_value_store_arn = "arn:aws:cloudfront::123456789012:key-value-store/00000000-0000-4000-8000-000000000000"
  }
}

run "wrong_values" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    region          = "seoul"
    environment_id  = "3f9a1c2e"
    drop            = "Tint 2026"
    expires_at      = "2126-07-05T15:00:00+09:00"
    closes_at       = "2126-07-04T08:00:00+09:00"
    vpc_cidr        = "10.40.0.0/24"
    hostname        = "https://event.example.com"
    alarm_topic_arn = "alarms"
  }

  expect_failures = [
    var.region, var.environment_id, var.drop, var.expires_at, var.closes_at, var.vpc_cidr, var.hostname,
    var.alarm_topic_arn,
  ]
}

run "wrong_sizes" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    sizes = {
      gate          = { cpu = 1000, memory = 2048, min = 1, max = 20, requests_per_target = 3000 }
      store         = { cpu = 1024, memory = 2048, min = 30, max = 20, requests_per_target = 1500 }
      worker        = { cpu = 512, memory = 1024, min = 2, max = 2 }
      database      = { instance_class = "m7g.large", storage_gb = 100 }
      cache         = { node_type = "cache.m7g.large", replicas = 0 }
      stream_shards = 0
    }
    rate_limits        = { requests = 10, writes = 1000 }
    log_retention_days = 31
    database_version   = "9.6"
  }

  expect_failures = [var.sizes, var.rate_limits, var.log_retention_days, var.database_version]
}

run "a_secret_without_its_suffix" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    mall = {
      issuer                 = "https://mall.example.com"
      jwks                   = "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"1\",\"x\":\"AA\"}]}"
      public_url             = "https://mall.example.com"
      payment_gateway_url    = "https://pay.example.com"
      payment_key_secret_arn = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:marketday/payment-key"
    }
  }

  expect_failures = [var.mall]
}

run "a_private_key_of_the_mall" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    mall = {
      issuer                 = "https://mall.example.com"
      jwks                   = "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"1\",\"x\":\"AA\",\"d\":\"AA\"}]}"
      public_url             = "https://mall.example.com"
      payment_gateway_url    = "https://pay.example.com"
      payment_key_secret_arn = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:payment-key-AbCdEf"
    }
  }

  expect_failures = [var.mall]
}

run "no_other_range_named" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    other_cidrs = []
  }

  expect_failures = [var.other_cidrs]
}

run "a_certificate_of_another_region" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    certificate_arn          = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"
    edge_key_value_store_arn = "store"
  }

  expect_failures = [var.certificate_arn, var.edge_key_value_store_arn]
}

run "ranges_that_are_not_private" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vpc_cidr = "8.8.0.0/20"
  }

  expect_failures = [var.vpc_cidr]
}

run "a_link_local_range" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vpc_cidr = "169.254.0.0/16"
  }

  expect_failures = [var.vpc_cidr]
}

run "a_range_that_only_begins_private" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    vpc_cidr = "172.32.0.0/16"
  }

  expect_failures = [var.vpc_cidr]
}

run "an_expired_environment" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    room_opens_at = "2026-07-04T09:00:00+09:00"
    closes_at     = "2026-07-04T23:00:00+09:00"
    expires_at    = "2026-07-05T15:00:00Z"
  }

  expect_failures = [terraform_data.expiry]
}

run "an_environment_that_expires_while_it_is_open" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    expires_at = "2126-07-04T12:00:00Z"
  }

  expect_failures = [terraform_data.expiry]
}

run "a_size_that_fargate_does_not_have" {
  command = plan

  module {
    source = "./tests/variables"
  }

  # Twice the units, as the others; but with 4096 units there are 30 GiB at most, and with 8192 units only steps of 4 GiB.
  variables {
    sizes = {
      gate          = { cpu = 8192, memory = 17408, min = 2, max = 20, requests_per_target = 3000 }
      store         = { cpu = 1024, memory = 2048, min = 2, max = 20, requests_per_target = 1500 }
      worker        = { cpu = 512, memory = 1024, min = 2, max = 2 }
      database      = { instance_class = "db.m7g.large", storage_gb = 100 }
      cache         = { node_type = "cache.m7g.large", replicas = 1 }
      stream_shards = 4
    }
  }

  expect_failures = [var.sizes]
}

run "the_largest_sizes_of_fargate" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    sizes = {
      gate          = { cpu = 16384, memory = 122880, min = 2, max = 20, requests_per_target = 3000 }
      store         = { cpu = 4096, memory = 30720, min = 2, max = 20, requests_per_target = 1500 }
      worker        = { cpu = 256, memory = 512, min = 2, max = 2 }
      database      = { instance_class = "db.m7g.large", storage_gb = 100 }
      cache         = { node_type = "cache.m7g.large", replicas = 1 }
      stream_shards = 4
    }
  }
}

run "three_zones_and_a_reserve" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    zones = ["a", "b", "c"]
    sizes = {
      gate                = { cpu = 1024, memory = 2048, min = 2, max = 20, requests_per_target = 3000 }
      store               = { cpu = 1024, memory = 2048, min = 2, max = 20, requests_per_target = 1500 }
      worker              = { cpu = 512, memory = 1024, min = 2, max = 2 }
      database            = { instance_class = "db.m7g.large", storage_gb = 100 }
      cache               = { node_type = "cache.m7g.large", replicas = 1 }
      stream_shards       = 4
      load_balancer_units = 100
    }
  }
}

run "zones_and_a_reserve_that_aws_does_not_have" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    zones = ["a", "a"]
    sizes = {
      gate                = { cpu = 1024, memory = 2048, min = 2, max = 20, requests_per_target = 3000 }
      store               = { cpu = 1024, memory = 2048, min = 2, max = 20, requests_per_target = 1500 }
      worker              = { cpu = 512, memory = 1024, min = 2, max = 2 }
      database            = { instance_class = "db.m7g.large", storage_gb = 100 }
      cache               = { node_type = "cache.m7g.large", replicas = 1 }
      stream_shards       = 4
      load_balancer_units = 60
    }
  }

  expect_failures = [var.zones, var.sizes]
}
