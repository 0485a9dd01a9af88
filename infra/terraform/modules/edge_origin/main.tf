# From when to when the edge sends people to this environment; before and after they see the holding page.
resource "aws_cloudfrontkeyvaluestore_key" "host" {
  count = var.key_value_store_arn == null ? 0 : 1

  key_value_store_arn = var.key_value_store_arn
  key                 = var.hostname
  value               = jsonencode({ origin = var.origin, from = var.from, until = var.until })
}
