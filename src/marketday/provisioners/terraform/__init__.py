"""The provisioner that makes an environment on AWS with Terraform; Terraform may run on this or another machine."""
