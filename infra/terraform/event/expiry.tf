# An environment that has expired is not built or changed, only destroyed: Terraform checks this when it plans to make something.
resource "terraform_data" "expiry" {
  input = var.expires_at

  lifecycle {
    precondition {
      condition     = timecmp(var.expires_at, plantimestamp()) > 0 && timecmp(var.expires_at, var.closes_at) > 0
      error_message = "expires_at is ${var.expires_at}; expected a time after now, ${plantimestamp()}, and after closes_at, ${var.closes_at}."
    }
  }
}
