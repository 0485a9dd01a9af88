# How whoever connects to the drop database knows that it is the one: by RDS's authorities, where the operator gave them.

locals {
  ca_file     = "/dev/shm/database-ca.pem" # each container's own, and the one place that it can write to
  authorities = var.database_ca_pem == null ? {} : { MARKETDAY_DATABASE_CA = var.database_ca_pem }
  with_ca     = var.database_ca_pem == null ? "" : "printf %s \"$MARKETDAY_DATABASE_CA\" > ${local.ca_file} && "

  database_tls = var.database_ca_pem == null ? "sslmode=require" : "sslmode=verify-full&sslrootcert=${local.ca_file}"
}
