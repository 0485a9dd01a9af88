"""The provisioner that makes an environment on AWS by Terraform, wherever Terraform runs."""
