"""The provisioner that makes an environment from processes on this machine."""
