# The time in which the edge sends people to this environment; before and after it they see the holding page. Each
# environment of a host has its own place, because tomorrow's environment is built before today's is removed.
resource "aws_cloudfrontkeyvaluestore_key" "host" {
  count = var.key_value_store_arn == null ? 0 : 1

  key_value_store_arn = var.key_value_store_arn
  key                 = "${var.hostname}/${var.place}"
  value               = jsonencode({ origin = var.origin, from = var.from, until = var.until, proof = var.proof })
}
