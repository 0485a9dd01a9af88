"""Build environments, by processes on this machine or by Terraform, and find what is left of one."""
