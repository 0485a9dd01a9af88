# How clients check the identity of the drop database: with the certificates of RDS's authorities, if the operator gave them.

locals {
  authorities  = var.database_ca_pem == null ? {} : { MARKETDAY_DATABASE_CA = var.database_ca_pem }
  database_tls = var.database_ca_pem == null ? "sslmode=require" : "sslmode=verify-full"
}
