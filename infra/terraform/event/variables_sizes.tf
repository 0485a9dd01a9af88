variable "images" {
  description = "The image of each service in ECR, and of the migration that runs before the store."
  type        = object({ gate = string, store = string, worker = string, migrate = string })
}

variable "sizes" {
  description = "The sizes of the capacity plan: CPU units, MiB and numbers of tasks; requests_per_target is for each minute, load_balancer_units is the capacity that the load balancer has from the start (0: as AWS gives it)."
  type = object({
    gate          = object({ cpu = number, memory = number, min = number, max = number, requests_per_target = number })
    store         = object({ cpu = number, memory = number, min = number, max = number, requests_per_target = number })
    worker        = object({ cpu = number, memory = number, min = number, max = number })
    database      = object({ instance_class = string, storage_gb = number })
    cache         = object({ node_type = string, replicas = number })
    stream_shards = number

    load_balancer_units = optional(number, 0)
  })

  validation {
    condition     = var.sizes.load_balancer_units == 0 || (var.sizes.load_balancer_units >= 100 && floor(var.sizes.load_balancer_units) == var.sizes.load_balancer_units)
    error_message = "sizes.load_balancer_units is ${var.sizes.load_balancer_units}; expected 0, or a whole number from 100, the least that AWS reserves."
  }

  validation {
    condition     = alltrue([for service in [var.sizes.gate, var.sizes.store, var.sizes.worker] : service.min <= service.max])
    error_message = "sizes ask for at least ${var.sizes.gate.min}, ${var.sizes.store.min}, ${var.sizes.worker.min} and at most ${var.sizes.gate.max}, ${var.sizes.store.max}, ${var.sizes.worker.max} tasks of gate, store and worker; expected no minimum above its maximum."
  }

  validation {
    condition     = var.sizes.gate.min >= 2 && var.sizes.store.min >= 2 && var.sizes.worker.min >= 1
    error_message = "sizes ask for at least ${var.sizes.gate.min} gate, ${var.sizes.store.min} store and ${var.sizes.worker.min} worker tasks; expected at least two gate and store tasks, one in each zone, and one worker."
  }

  validation {
    condition = alltrue([
      for service in [var.sizes.gate, var.sizes.store, var.sizes.worker] : contains(lookup({
        "256"   = [512, 1024, 2048]
        "512"   = range(1024, 4096 + 1, 1024)
        "1024"  = range(2048, 8192 + 1, 1024)
        "2048"  = range(4096, 16384 + 1, 1024)
        "4096"  = range(8192, 30720 + 1, 1024)
        "8192"  = range(16384, 61440 + 1, 4096)
        "16384" = range(32768, 122880 + 1, 8192)
      }, tostring(service.cpu), []), service.memory)
    ])
    error_message = "sizes ask for ${var.sizes.gate.cpu}/${var.sizes.gate.memory}, ${var.sizes.store.cpu}/${var.sizes.store.memory} and ${var.sizes.worker.cpu}/${var.sizes.worker.memory} CPU/memory; expected pairs that Fargate has, such as 512/1024: docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html"
  }

  validation {
    condition     = var.sizes.cache.replicas >= 1 && var.sizes.cache.replicas <= 5
    error_message = "sizes.cache.replicas is ${var.sizes.cache.replicas}; expected 1 to 5: without a replica there is no failover."
  }

  validation {
    condition     = var.sizes.database.storage_gb >= 20 && startswith(var.sizes.database.instance_class, "db.")
    error_message = "sizes.database is ${jsonencode(var.sizes.database)}; expected a class such as db.m7g.large and 20 GiB or more."
  }

  validation {
    condition     = startswith(var.sizes.cache.node_type, "cache.") && var.sizes.stream_shards >= 1
    error_message = "sizes ask for the node type ${var.sizes.cache.node_type} and ${var.sizes.stream_shards} shards; expected a type such as cache.m7g.large, and at least one shard."
  }
}

variable "rate_limits" {
  description = "How many requests one address may send in five minutes before it gets 429: all requests, and those that write. A school or a mobile network is one address: with the default about five hundred people behind it can wait and buy."
  type        = object({ requests = number, writes = number })
  default     = { requests = 50000, writes = 5000 }

  validation {
    condition     = var.rate_limits.writes >= 100 && var.rate_limits.requests >= var.rate_limits.writes
    error_message = "rate_limits are ${jsonencode(var.rate_limits)}; expected 100 or more writes, and no fewer requests than writes."
  }
}

variable "database_version" {
  description = "PostgreSQL's version. DMS, which copies for the hand-back, supports new versions later than RDS: 17 works with both."
  type        = string
  default     = "17"

  validation {
    condition     = can(regex("^1[6-9](\\.[0-9]+)?$", var.database_version))
    error_message = "database_version is ${var.database_version}; expected 16 or later, such as 17 or 17.5."
  }
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the database. Off: an environment is made to be removed, and its lifecycle checks the receipt first."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "How many days logs are kept, if the environment exists that long."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365], var.log_retention_days)
    error_message = "log_retention_days is ${var.log_retention_days}; expected a value of CloudWatch: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180 or 365."
  }
}
