"""What AWS has and Terraform's states have not, and the other way round."""
