locals {
  # DMS supports verify-full for PostgreSQL, with the certificates to trust.
  ssl_mode = var.database_ca_pem == null ? "require" : "verify-full"

  # Exactly the tables that the hand-back compares: TABLES of handback/tables.py.
  tables = jsondecode(file("${path.module}/tables.json"))

  # DMS treats text as a large object. It neither copies changes of a row with a large object in its key, nor validates that row.
  # So these are the texts that are part of keys; the longest of them has 100 characters.
  key_texts = ["slug", "drop_slug", "sku"]

  key_text_characters = 255

  # Among the other texts only an item's picture (a data: URL) and its description are large.
  lob_kb      = 64
  item_lob_kb = 2048

  selections = [
    for table in local.tables : {
      "rule-type"      = "selection"
      "rule-name"      = "copy-${table}"
      "rule-action"    = "include"
      "object-locator" = { "schema-name" = "public", "table-name" = table }
      "filters"        = []
    }
  ]

  transformations = concat(
    [{
      "rule-type"      = "transformation"
      "rule-name"      = "into-staging"
      "rule-target"    = "schema"
      "rule-action"    = "rename"
      "object-locator" = { "schema-name" = "public" }
      "value"          = var.staging_schema
    }],
    [for column in local.key_texts : {
      "rule-type"      = "transformation"
      "rule-name"      = "key-${column}"
      "rule-target"    = "column"
      "rule-action"    = "change-data-type"
      "object-locator" = { "schema-name" = "public", "table-name" = "%", "column-name" = column }
      "data-type"      = { "type" = "string", "length" = local.key_text_characters, "scale" = "" }
    }],
  )

  large_objects = [{
    "rule-type"      = "table-settings"
    "rule-name"      = "pictures"
    "object-locator" = { "schema-name" = "public", "table-name" = "items" }
    "lob-settings"   = { "mode" = "limited", "bulk-max-size" = tostring(local.item_lob_kb) }
  }]

  rules = [
    for index, rule in concat(local.selections, local.transformations, local.large_objects) :
    merge(rule, { "rule-id" = tostring(index + 1) })
  ]

  settings = {
    TargetMetadata = {
      SupportLobs        = true
      FullLobMode        = false
      LimitedSizeLobMode = true
      LobMaxSize         = local.lob_kb
      BatchApplyEnabled  = false
    }

    FullLoadSettings = {
      TargetTablePrepMode             = var.table_preparation
      CreatePkAfterFullLoad           = false
      StopTaskCachedChangesApplied    = false
      StopTaskCachedChangesNotApplied = false
      MaxFullLoadSubTasks             = 8
      TransactionConsistencyTimeout   = 600

      # DMS reserves memory for this many rows of large objects at once.
      CommitRate = 100
    }

    # DMS keeps its own tables in the staging schema, so they are removed with it.
    ControlTablesSettings = {
      ControlSchema                 = var.staging_schema
      StatusTableEnabled            = true
      SuspendedTablesTableEnabled   = true
      FullLoadExceptionTableEnabled = true
    }

    # The event plane is removed and prod stays: what is dropped or emptied in event stays in prod.
    ChangeProcessingDdlHandlingPolicy = {
      HandleSourceTableDropped   = false
      HandleSourceTableTruncated = false
      HandleSourceTableAltered   = false
    }

    ValidationSettings = {
      EnableValidation     = true
      ValidationMode       = "ROW_LEVEL"
      ThreadCount          = 5
      ValidationOnly       = false
      SkipLobColumns       = false
      TableFailureMaxCount = 1000
      FailureMaxCount      = 10000
    }

    # A row that cannot be copied ends the task; the hand-back reports it and tries again.
    ErrorBehavior = {
      FailOnNoTablesCaptured               = true
      FailOnTransactionConsistencyBreached = true
      DataErrorPolicy                      = "STOP_TASK"
      DataTruncationErrorPolicy            = "STOP_TASK"
      TableErrorPolicy                     = "STOP_TASK"
      ApplyErrorDeletePolicy               = "STOP_TASK"
      ApplyErrorInsertPolicy               = "STOP_TASK"
      ApplyErrorUpdatePolicy               = "STOP_TASK"
      FullLoadIgnoreConflicts              = false
      RecoverableErrorCount                = 10
      RecoverableErrorInterval             = 5
    }

    Logging = {
      EnableLogging = true
      LogComponents = [
        for component in ["SOURCE_UNLOAD", "SOURCE_CAPTURE", "TARGET_LOAD", "TARGET_APPLY", "TASK_MANAGER", "VALIDATOR_EXT"] :
        { Id = component, Severity = "LOGGER_SEVERITY_DEFAULT" }
      ]
    }
  }
}
