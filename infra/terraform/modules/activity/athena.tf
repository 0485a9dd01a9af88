locals {
  queries = {
    arrivals-per-minute = {
      description = "How many people arrived in each minute"
      sql         = <<-SQL
        SELECT date_trunc('minute', at) AS minute, count(*) AS arrivals
        FROM activity
        WHERE kind = 'arrived'
        GROUP BY 1
        ORDER BY 1
      SQL
    }
    reservations-per-second = {
      description = "How many reservations were made in each second, and how many units"
      sql         = <<-SQL
        SELECT date_trunc('second', at) AS second, count(*) AS reservations, sum(units) AS units
        FROM activity
        WHERE kind = 'reserved'
        GROUP BY 1
        ORDER BY 1
      SQL
    }
    refused-by-reason = {
      description = "How many requests were refused, and why"
      sql         = <<-SQL
        SELECT service, reason, count(*) AS refused
        FROM activity
        WHERE kind = 'refused'
        GROUP BY 1, 2
        ORDER BY 3 DESC
      SQL
    }
    p95-latencies = {
      description = "The p50 and p95 of the answers, by service, kind and minute"
      sql         = <<-SQL
        SELECT
          service, kind, date_trunc('minute', at) AS minute, count(*) AS answers,
          approx_percentile(milliseconds, 0.50) AS p50_milliseconds,
          approx_percentile(milliseconds, 0.95) AS p95_milliseconds
        FROM activity
        WHERE milliseconds IS NOT NULL
        GROUP BY 1, 2, 3
        ORDER BY 3, 1, 2
      SQL
    }
  }
}

resource "aws_athena_workgroup" "this" {
  name          = var.name
  description   = "Queries about the activity of ${var.name}"
  force_destroy = true

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = 100 * 1024 * 1024 * 1024 # a query that reads more is a mistake

    result_configuration {
      output_location = "s3://${var.evidence_bucket}/${local.folder}/results/"

      encryption_configuration {
        encryption_option = "SSE_S3"
      }
    }
  }

  tags = { Name = var.name }
}

resource "aws_athena_named_query" "this" {
  for_each = local.queries

  name        = "${var.name}-${each.key}"
  description = each.value.description
  workgroup   = aws_athena_workgroup.this.id
  database    = aws_glue_catalog_database.this.name
  query       = each.value.sql
}
