locals {
  # What happened, without personal data: no person, no address, no token.
  columns = {
    at           = "timestamp" # UTC
    service      = "string"    # gate, store, worker
    drop_slug    = "string"
    kind         = "string" # arrived, joined, admitted, reserved, refused, ordered, paid, expired
    reason       = "string" # for a refusal, the slug of the problem
    region       = "string"
    sku          = "string"
    units        = "int"
    status       = "int"
    milliseconds = "double"
  }
}

resource "aws_glue_catalog_database" "this" {
  name        = replace(var.name, "-", "_") # Athena does not allow hyphens
  description = "The activity of ${var.name}"

  tags = { Name = var.name }
}

# Partitions are computed from the query, so no crawler and no repair is needed.
resource "aws_glue_catalog_table" "activity" {
  name          = "activity"
  database_name = aws_glue_catalog_database.this.name
  description   = "One row for each thing that happened"
  table_type    = "EXTERNAL_TABLE"

  parameters = {
    "classification"            = "parquet"
    "EXTERNAL"                  = "TRUE"
    "projection.enabled"        = "true"
    "projection.dt.type"        = "date"
    "projection.dt.format"      = "yyyy-MM-dd"
    "projection.dt.range"       = "${var.first_day},NOW"
    "projection.hour.type"      = "integer"
    "projection.hour.range"     = "0,23"
    "projection.hour.digits"    = "2"
    "storage.location.template" = "s3://${var.evidence_bucket}/${local.folder}/activity/dt=$${dt}/hour=$${hour}"
  }

  partition_keys {
    name = "dt"
    type = "string"
  }

  partition_keys {
    name = "hour"
    type = "string"
  }

  storage_descriptor {
    location      = "s3://${var.evidence_bucket}/${local.folder}/activity"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }

    dynamic "columns" {
      for_each = local.columns

      content {
        name = columns.key
        type = columns.value
      }
    }
  }
}
