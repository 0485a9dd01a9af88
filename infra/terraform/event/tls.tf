# How clients check the identity of the drop database: with the certificates of RDS's authorities, if the operator gave them.

locals {
  ca_file     = "/dev/shm/database-ca.pem" # each container has its own, and can write only there
  authorities = var.database_ca_pem == null ? {} : { MARKETDAY_DATABASE_CA = var.database_ca_pem }
  with_ca     = var.database_ca_pem == null ? "" : "printf %s \"$MARKETDAY_DATABASE_CA\" > ${local.ca_file} && "

  database_tls = var.database_ca_pem == null ? "sslmode=require" : "sslmode=verify-full&sslrootcert=${local.ca_file}"
}
