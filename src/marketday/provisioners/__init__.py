"""Make an environment real: processes on this machine, or Terraform; and find what is left of one."""
