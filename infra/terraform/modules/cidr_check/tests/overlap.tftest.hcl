variables {
  cidr = "10.20.0.0/16"
}

run "disjoint" {
  command = plan

  variables {
    others = ["10.30.0.0/16", "192.168.0.0/24", "172.16.0.0/12"]
  }

  assert {
    condition     = length(output.overlapping) == 0
    error_message = "ranges far apart were called overlapping: ${jsonencode(output.overlapping)}"
  }
}

run "touching" {
  command = plan

  variables {
    others = ["10.19.0.0/16", "10.21.0.0/16", "10.19.255.0/24", "10.21.0.0/32", "10.16.0.0/14", "10.22.0.0/15"]
  }

  assert {
    condition     = length(output.overlapping) == 0
    error_message = "ranges that end just before it or begin just after it were called overlapping: ${jsonencode(output.overlapping)}"
  }
}

run "containing" {
  command = plan

  variables {
    others = ["10.0.0.0/8", "0.0.0.0/0", "10.20.0.0/15"]
  }

  assert {
    condition     = length(output.overlapping) == 3
    error_message = "a wider range around it was not seen: ${jsonencode(output.overlapping)}"
  }
}

run "contained" {
  command = plan

  variables {
    others = ["10.20.0.0/32", "10.20.255.255/32", "10.20.128.0/17"]
  }

  assert {
    condition     = length(output.overlapping) == 3
    error_message = "a narrower range inside it was not seen: ${jsonencode(output.overlapping)}"
  }
}

run "equal" {
  command = plan

  variables {
    others = ["10.20.0.0/16"]
  }

  assert {
    condition     = output.overlapping == tolist(["10.20.0.0/16"])
    error_message = "the same range was not seen"
  }
}

run "none" {
  command = plan

  variables {
    others = []
  }

  assert {
    condition     = length(output.overlapping) == 0
    error_message = "nothing overlaps with nothing"
  }
}

run "no_range" {
  command = plan

  variables {
    cidr   = "10.20.0.1/16"
    others = ["10.30.0.0"]
  }

  expect_failures = [var.cidr, var.others]
}
